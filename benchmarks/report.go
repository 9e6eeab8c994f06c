package main

import (
	"fmt"
	"io"
	"strings"
)

// report is what goes into RESULTS.md.
type report struct {
	summary  string // what it means to a user
	findings []*finding
	tables   []*table
	machine  machine
	quick    bool
}

// finding is a goal, and how far it is reached.
type finding struct {
	what, goal, measured string
	met                  bool
	why                  string // it is not met
}

func (r *report) finding(what, goal, measured string, met bool) *finding {
	f := &finding{what: what, goal: goal, measured: measured, met: met}
	r.findings = append(r.findings, f)
	return f
}

// table is a section of its own.
type table struct {
	title, intro string
	columns      []string
	rows         [][]string
}

func (r *report) table(title, intro string, columns ...string) *table {
	t := &table{title: title, intro: intro, columns: columns}
	r.tables = append(r.tables, t)
	return t
}

func (t *table) row(cells ...string) {
	t.rows = append(t.rows, cells)
}

// writeTo writes the report as Markdown.
func (r *report) writeTo(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Results\n\nWritten by `go run ./benchmarks`; do not edit.\n\n")
	if r.quick {
		b.WriteString("**Measured with -quick: nothing here can be relied on.**\n\n")
	}
	if r.summary != "" {
		b.WriteString(r.summary + "\n\n")
	}
	b.WriteString(r.machine.String())
	b.WriteString("\nEvery ratio is the median of the ratios of many short rounds, in each of which all that is compared " +
		"had a turn, in random order: it holds on a machine whose speed drifts, as single figures do not. Figures in nanoseconds " +
		"are the medians of the same rounds. Requests are parsed from bytes by the server's own parser; the response is reset " +
		"before each call of the handler, as a server does, and so is what fasthttp remembers of a preflight's header." +
		"\n\nThe *floor* is what the same response costs without any middleware: a " +
		"handler sets its headers itself, with fasthttp's cheapest calls, and reads and decides nothing.\n\n## Goals\n\n")
	goals := &table{columns: []string{"case", "goal", "measured", "met"}}
	for _, f := range r.findings {
		met := "yes"
		if !f.met {
			met = "**no**"
		}
		goals.row(f.what, f.goal, f.measured, met)
	}
	goals.write(&b)
	b.WriteString("\nCharts: [actual request](actual.svg), [preflight](preflight.svg), [number of origins](origins.svg), " +
		"[preflights for 20 requests](preflights.svg).\n")
	r.writeUnmet(&b)
	for _, t := range r.tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", t.title, t.intro)
		t.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeUnmet says why goals are not met.
func (r *report) writeUnmet(b *strings.Builder) {
	title := "\n## Goals that are not met\n"
	for _, f := range r.findings {
		if !f.met && f.why != "" {
			fmt.Fprintf(b, "%s\n- **%s** (%s, measured %s): %s", title, f.what, f.goal, f.measured, f.why)
			title = ""
		}
	}
	b.WriteString("\n")
}

func (t *table) write(b *strings.Builder) {
	if len(t.columns) > 0 {
		writeRow(b, t.columns)
		rule := make([]string, len(t.columns))
		for i := range rule {
			rule[i] = "---"
		}
		writeRow(b, rule)
	}
	for _, row := range t.rows {
		writeRow(b, row)
	}
}

func writeRow(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// ns writes nanoseconds with the digits that mean something.
func ns(v float64) string {
	switch {
	case v < 9.95:
		return fmt.Sprintf("%.1f ns", v)
	case v < 9995:
		return fmt.Sprintf("%.0f ns", v)
	case v < 9_995_000:
		return fmt.Sprintf("%.1f µs", v/1e3)
	}
	return fmt.Sprintf("%.1f ms", v/1e6)
}

// times writes a ratio.
func times(v float64) string {
	if v >= 9.995 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func allocs(v float64) string {
	return fmt.Sprintf("%g", v)
}

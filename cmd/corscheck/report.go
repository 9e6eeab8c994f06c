package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
)

// What fits on a screen. -verbose shows the rest.
const (
	maxLines = 16  // of a head
	maxWidth = 200 // of a line, in bytes
	maxHops  = 4
)

// text is the report for people: the exchange, then the verdict.
func (o *options) text(report *diagnose.Report, engines []diagnose.EngineVerdict) string {
	var b strings.Builder
	if o.assumed != "" {
		fmt.Fprintf(&b, "%s\n\n", corstest.Visible(o.assumed, false))
	}
	o.writeHops(&b, report.Result.Hops)
	if o.config != "" {
		b.WriteString("(no server was asked: this is what the configuration makes of it, with a handler that answers 200)\n\n")
	}
	verdict := report.String()
	b.WriteString(o.colored(report.Verdict, verdict))
	writeEngines(&b, o, report, engines)
	return b.String()
}

// colored gives the verdict's first word a color.
func (o *options) colored(verdict diagnose.Verdict, text string) string {
	word, rest, found := strings.Cut(text, ":")
	if !found || o.noColor || os.Getenv("NO_COLOR") != "" || !isTerminal() {
		return text
	}
	color := "31" // red
	if verdict == diagnose.Allowed {
		color = "32" // green
	}
	return "\x1b[1;" + color + "m" + word + "\x1b[0m:" + rest
}

// isTerminal tells whether somebody looks at standard output.
func isTerminal() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// writeHops shows each distinct hop once: a loop of redirects says nothing new.
func (o *options) writeHops(b *strings.Builder, hops []corstest.Hop) {
	seen := make(map[string]int)
	shown, repeated := 0, 0
	for _, hop := range hops {
		key := hop.URL
		if hop.Actual != nil {
			key = hop.Actual.Method + " " + key + " " + hop.Actual.RequestHeader.Get("Origin")
		}
		seen[key]++
		switch {
		case seen[key] > 1:
			repeated++
		case shown >= maxHops && !o.verbose:
			shown++
		default:
			shown++
			o.writeHop(b, hop)
		}
	}
	if shown > maxHops && !o.verbose {
		fmt.Fprintf(b, "(%d more redirects: -verbose shows them)\n\n", shown-maxHops)
	}
	if repeated > 0 {
		fmt.Fprintf(b, "(then %d times more the same: the redirects go round in a circle)\n\n", repeated)
	}
}

func (o *options) writeHop(b *strings.Builder, hop corstest.Hop) {
	switch {
	case hop.SameOrigin:
		b.WriteString("the page's own origin: CORS does not apply\n")
	case hop.PreflightExchange != nil:
		b.WriteString("preflight\n")
		o.writeExchange(b, hop.PreflightExchange)
	case hop.Preflight == corstest.PreflightCached:
		b.WriteString("preflight answered from the cache\n")
	default:
		b.WriteString("no preflight needed\n")
	}
	if hop.Actual != nil {
		b.WriteString("\nactual request\n")
		o.writeExchange(b, hop.Actual)
	}
	b.WriteString("\n")
}

// writeExchange marks what was sent with ">" and what was received with "<".
func (o *options) writeExchange(b *strings.Builder, x *corstest.Exchange) {
	o.writeLine(b, ">", x.Method+" "+x.URL)
	o.writeHead(b, ">", x.RequestHeader)
	if x.Status != 0 {
		status := fmt.Sprintf("%d %s", x.Status, x.StatusText)
		if x.Proto != "" {
			status = x.Proto + " " + status
		}
		o.writeLine(b, "<", strings.TrimSpace(status))
		o.writeHead(b, "<", x.ResponseHeader)
	}
	if x.Err != nil {
		o.writeLine(b, "!", x.Err.Error())
	}
}

// writeHead shows the lines that matter, and others as long as there is room.
func (o *options) writeHead(b *strings.Builder, mark string, h corstest.Header) {
	room, hidden := maxLines, 0
	for _, line := range h {
		if decides(line[0]) {
			room--
		}
	}
	decisive := maxLines
	for _, line := range h {
		left := &room
		if decides(line[0]) {
			left = &decisive
		}
		if *left--; *left < 0 && !o.verbose {
			hidden++
			continue
		}
		o.writeLine(b, mark, line[0]+": "+line[1])
	}
	if hidden > 0 {
		fmt.Fprintf(b, "%s (%d more lines: -verbose shows them)\n", mark, hidden)
	}
}

// decides tells whether a header has something to do with what a browser decides.
func decides(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "vary", "origin", "location", "allow", "set-cookie", "age", "cross-origin-resource-policy", "host":
		return true
	default:
		return strings.HasPrefix(lower, "access-control-")
	}
}

func (o *options) writeLine(b *strings.Builder, mark, line string) {
	if len(line) > maxWidth && !o.verbose {
		line = fmt.Sprintf("%s... (%d bytes more)", strings.ToValidUTF8(line[:maxWidth], ""), len(line)-maxWidth)
	}
	fmt.Fprintf(b, "%s %s\n", mark, corstest.Visible(line, false))
}

// writeEngines tells where engines do not agree.
func writeEngines(b *strings.Builder, o *options, report *diagnose.Report, engines []diagnose.EngineVerdict) {
	if !diagnose.Differ(engines) {
		if o.allEngines {
			b.WriteString("engines: all agree\n")
		}
		return
	}
	b.WriteString("engines do not agree:\n")
	for _, e := range engines {
		line := string(e.Verdict)
		if e.Message != "" {
			line += ": " + e.Message
		}
		fmt.Fprintf(b, "  %-10s %s\n", e.Engine, corstest.Visible(line, false))
	}
}

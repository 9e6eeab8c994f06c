package browsertest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

const resultsFile = "RESULTS.md"

var update = flag.Bool("update", false, "write "+resultsFile+" and docs/browser-says.md anew")

// results are the scores of a run.
type results struct {
	versions map[corstest.Engine]string // of the engines that ran
	scores   map[corstest.Engine]map[string]*score
}

// score counts the cells of one test in one engine. It may be used by several goroutines at once.
type score struct {
	mu                                    sync.Mutex
	cells, allowed, departed, disagreeing int
}

// count counts a cell: whether script read a response, whether the engine departed from the standard as declared, and whether anything
// came out otherwise than was predicted.
func (s *score) count(allowed, departed, disagreeing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cells++
	for counter, counts := range map[*int]bool{&s.allowed: allowed, &s.departed: departed, &s.disagreeing: disagreeing} {
		if counts {
			*counter++
		}
	}
}

func newResults() *results {
	return &results{versions: make(map[corstest.Engine]string), scores: make(map[corstest.Engine]map[string]*score)}
}

func (r *results) scoreOf(as corstest.Engine, test string) *score {
	if r.scores[as] == nil {
		r.scores[as] = make(map[string]*score)
	}
	s := &score{}
	r.scores[as][test] = s
	return s
}

func (r *results) ran(as corstest.Engine, version string) { r.versions[as] = version }

// check prints the results and, where everything ran in all engines, holds the file to them.
func (r *results) check(t *testing.T) {
	text := r.String()
	fmt.Print(text)
	if t.Failed() || len(r.versions) < len(engines) || !r.complete() {
		return
	}
	if *update {
		require.NoError(t, os.WriteFile(resultsFile, []byte(text), 0o644))
		return
	}
	written, err := os.ReadFile(resultsFile)
	require.NoError(t, err)
	require.Equal(t, withoutVersions(text), withoutVersions(string(written)),
		"%s is not what comes out: run go test ./browsertest -update", resultsFile)
}

// complete tells whether no test was left out.
func (r *results) complete() bool {
	for _, as := range engines {
		for _, test := range tests {
			if r.scores[as][test.name] == nil {
				return false
			}
		}
	}
	return true
}

func (r *results) String() string {
	var b strings.Builder
	b.WriteString(`# What the browsers said

A cell is one request of a page, whose outcome is predicted from the policy and by corstest, and then seen in a real browser.
Departures are cells where an engine does something else than the Fetch standard says, as these tests declare and
corstest predicts. Disagreements are all others. ` + "`go test ./browsertest -update`" + ` writes this file, and without the flag the
tests fail where it is out of date.

| engine | version | cells | script may read | departures | disagreements |
| --- | --- | ---: | ---: | ---: | ---: |
`)
	for _, as := range engines {
		var sum score
		for _, s := range r.scores[as] {
			sum.cells += s.cells
			sum.allowed += s.allowed
			sum.departed += s.departed
			sum.disagreeing += s.disagreeing
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d |\n", as, r.versions[as], sum.cells, sum.allowed, sum.departed, sum.disagreeing)
	}
	b.WriteString("\nCells, and departures where there are any:\n\n| test |")
	for _, as := range engines {
		fmt.Fprintf(&b, " %s |", as)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(engines)) + "\n")
	for _, test := range tests {
		fmt.Fprintf(&b, "| %s |", test.name)
		for _, as := range engines {
			s := r.scores[as][test.name]
			switch {
			case s == nil:
				b.WriteString(" not run |")
			case s.departed > 0:
				fmt.Fprintf(&b, " %d, %d |", s.cells, s.departed)
			default:
				fmt.Fprintf(&b, " %d |", s.cells)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// withoutVersions leaves out the engines' versions, which differ from machine to machine.
func withoutVersions(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if columns := strings.Split(line, "|"); len(columns) == 8 {
			columns[2] = ""
			lines[i] = strings.Join(columns, "|")
		}
	}
	return strings.Join(lines, "\n")
}

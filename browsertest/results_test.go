package browsertest

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

const resultsFile = "RESULTS.md"

var update = flag.Bool("update", false, "write what comes out into "+resultsFile+" and docs/browser-says.md")

// results are the scores of tests, by engine and name of the test.
type results struct {
	versions map[corstest.Engine]string
	scores   map[corstest.Engine]map[string]*score
}

// score counts the cells of one test in one engine.
type score struct {
	mu                                    sync.Mutex
	cells, allowed, departed, disagreeing int
}

// count counts a cell: whether script read a response, whether the engine departed from the standard as declared, and
// whether anything came out otherwise than was predicted.
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

func (s *score) String() string { return fmt.Sprintf("%d, %d, %d", s.cells, s.allowed, s.departed) }

// like tells whether two runs came to the same. How often Chromium repeats a request depends on its connections, and what
// is cached for five seconds on the machine, so that departures are no fixed number where there are any.
func (s *score) like(other *score) bool {
	return s.cells == other.cells && s.allowed == other.allowed && (s.departed > 0) == (other.departed > 0)
}

func newResults() *results {
	return &results{versions: make(map[corstest.Engine]string), scores: make(map[corstest.Engine]map[string]*score)}
}

// scoreOf returns a new score for a test.
func (r *results) scoreOf(as corstest.Engine, test string) *score {
	if r.scores[as] == nil {
		r.scores[as] = make(map[string]*score)
	}
	s := &score{}
	r.scores[as][test] = s
	return s
}

// check prints the results, and holds the file to those of the tests that ran. With -update, it writes them there.
func (r *results) check(t *testing.T) {
	written, err := os.ReadFile(resultsFile)
	if err != nil && !*update {
		require.NoError(t, err)
	}
	known := readResults(string(written))
	held := !*update && os.Getenv(walkSeedVariable) == "" // another walk comes to other numbers
	for as, scores := range r.scores {
		known.versions[as] = r.versions[as]
		for test, got := range scores {
			if want := known.scores[as][test]; held && (want == nil || !want.like(got)) {
				t.Errorf("%s: cells, responses read and departures of %s in %s are not %v, but %v: run go test ./browsertest -update",
					resultsFile, test, as, want, got)
			}
			*known.scoreOf(as, test) = score{cells: got.cells, allowed: got.allowed, departed: got.departed, disagreeing: got.disagreeing}
		}
	}
	text := known.String()
	fmt.Print(text)
	switch {
	case t.Failed():
	case *update:
		require.NoError(t, os.WriteFile(resultsFile, []byte(text), 0o644))
	default:
		require.Equal(t, withoutNumbers(text), withoutNumbers(string(written)), "%s: run go test ./browsertest -update", resultsFile)
	}
}

// readResults reads what String has written.
func readResults(text string) *results {
	r := newResults()
	for line := range strings.SplitSeq(text, "\n") {
		columns := strings.Split(strings.Trim(line, "| "), " | ")
		for i, as := range engines {
			var s score
			if len(columns) == 6 && columns[0] == as.String() {
				r.versions[as] = columns[1]
			}
			if len(columns) != len(engines)+1 {
				continue
			}
			if n, _ := fmt.Sscanf(columns[i+1], "%d, %d, %d", &s.cells, &s.allowed, &s.departed); n == 3 {
				got := r.scoreOf(as, columns[0])
				got.cells, got.allowed, got.departed = s.cells, s.allowed, s.departed
			}
		}
	}
	return r
}

func (r *results) String() string {
	var b strings.Builder
	b.WriteString(`# What the browsers said

A cell is one request of a page, whose outcome is predicted from the policy and by corstest, and then seen in a real browser.
Departures are cells where an engine does something else than the Fetch standard says, as these tests declare and corstest predicts.
Disagreements are all others. ` + "`go test ./browsertest -update`" + ` writes this file; without the flag, the tests fail where they
come to other numbers.

| engine | version | cells | script may read | departures | disagreements |
| --- | --- | ---: | ---: | ---: | ---: |
`)
	for _, as := range engines {
		var sum score
		for _, test := range tests {
			if s := r.scores[as][test.name]; s != nil {
				sum.cells += s.cells
				sum.allowed += s.allowed
				sum.departed += s.departed
				sum.disagreeing += s.disagreeing
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d |\n", as, r.versions[as], sum.cells, sum.allowed, sum.departed, sum.disagreeing)
	}
	b.WriteString("\nCells, those of which script may read the response, and departures, by test:\n\n| test |")
	for _, as := range engines {
		fmt.Fprintf(&b, " %s |", as)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(engines)) + "\n")
	for _, test := range tests {
		fmt.Fprintf(&b, "| %s |", test.name)
		for _, as := range engines {
			if s := r.scores[as][test.name]; s != nil {
				fmt.Fprintf(&b, " %s |", s)
			} else {
				b.WriteString(" not run |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// withoutNumbers leaves what does not differ from run to run and from machine to machine.
func withoutNumbers(text string) string {
	return regexp.MustCompile(`[\d.]+`).ReplaceAllString(text, "N")
}

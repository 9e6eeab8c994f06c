package corswatch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong with a document. Set.Load joins all of them, with errors.Join.
type Mistake struct {
	Line   int    // in the document, from 1; 0 where it cannot be told
	Policy string // its name; "" for the document as a whole, and where there is only one policy
	Field  string // as documents write it, such as "allowOrigins[2]" or "shadow.maxAge"; may be ""
	Err    error  // what is wrong: a *cors.ConfigError, if a policy was read and is refused

	reason string // goes on where the field stops
}

// Error returns a sentence that says what is wrong and where.
func (m *Mistake) Error() string {
	var b strings.Builder
	if m.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", m.Line)
	}
	if m.Policy != "" {
		fmt.Fprintf(&b, "policy %q: ", m.Policy)
	}
	if m.Field != "" {
		b.WriteString(m.Field + ": ")
	}
	b.WriteString(m.reason)
	return b.String()
}

// Unwrap returns Err.
func (m *Mistake) Unwrap() error { return m.Err }

// mistakes collects what is wrong with a document.
type mistakes struct {
	all []*Mistake
}

func (ms *mistakes) add(m *Mistake) {
	if m.Err == nil {
		m.Err = errors.New(m.reason)
	}
	ms.all = append(ms.all, m)
}

// mostMistakes is how many are reported, since a document may be nothing else.
const mostMistakes = 100

// err returns the mistakes in the order of their lines.
func (ms *mistakes) err() error {
	slices.SortStableFunc(ms.all, func(a, b *Mistake) int { return a.Line - b.Line })
	var joined []error
	for i, m := range ms.all {
		if i == mostMistakes {
			joined = append(joined, &Mistake{reason: fmt.Sprintf("%d more mistakes", len(ms.all)-i)})
			break
		}
		joined = append(joined, m)
	}
	return errors.Join(joined...)
}

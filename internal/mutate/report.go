package main

import (
	"fmt"
	"sync"
)

type verdict int

const (
	killed   verdict = iota // a test fails
	survived                // none does
	invalid                 // the compiler does
)

// report counts what became of the mutants, by kind.
type report struct {
	mu          sync.Mutex
	verdicts    map[kind]*[3]int
	equivalents map[kind]int
	stale       []equivalent // that are no mutants any more
}

func newReport() *report {
	r := &report{verdicts: map[kind]*[3]int{}, equivalents: map[kind]int{}}
	for _, k := range kinds {
		r.verdicts[k] = new([3]int)
	}
	return r
}

func (r *report) count(m *mutant, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verdicts[m.kind][v]++
	if v == survived {
		fmt.Println("survived:", m)
	}
}

func (r *report) print() {
	fmt.Printf("%-12s %7s %7s %9s %11s %15s\n", "", "tested", "killed", "survived", "equivalent", "do not compile")
	var sum [3]int
	equivalents := 0
	line := func(name string, v [3]int, equivalents int) {
		fmt.Printf("%-12s %7d %7d %9d %11d %15d\n", name, v[killed]+v[survived], v[killed], v[survived], equivalents, v[invalid])
	}
	for _, k := range kinds {
		v := *r.verdicts[k]
		line(string(k), v, r.equivalents[k])
		for i := range sum {
			sum[i] += v[i]
		}
		equivalents += r.equivalents[k]
	}
	line("all", sum, equivalents)
	r.printStale()
}

func (r *report) printStale() {
	for _, e := range r.stale {
		fmt.Printf("no mutant any more, in equivalent.txt: %s: %s: %s\n", e.file, e.change, e.source)
	}
}

// Mutate tests the tests: it makes small changes to the package, one at a time, and runs the package's tests
// against each. A change that no test notices survives, and is printed.
//
//	go run ./internal/mutate                              all files, which takes a while
//	go run ./internal/mutate vary.go cors.go:120          a file, a line of another
//	go run ./internal/mutate -kind call,order cors.go     changes of these kinds only
//
// Changes that make no difference to anybody are in equivalent.txt, with the reason, and are left out. So are
// functions with type parameters.
//
// There are kept tools for this. go-gremlins v0.6.0, with all its operators, was given the same two files, request.go and
// decide.go, the same six minutes and one processor, after two files of tests had been taken away, so that there was
// something to find. It made 47 changes and was through with them in time; none survived, and it named two lines that
// no test reached. This came to 91 of its 341, and printed ten that no test had noticed. Among those that go-gremlins
// does not make are a removed or moved statement, a call of another function or one that is not deferred, a part of a
// condition that is forgotten, an early return, and a constant that is off by one. It builds the tests again for each
// change, and this once for all.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const packageName = "cors"

// undecided are files that have nothing to change but names and generated tables.
var undecided = []string{"doc.go", "headers_gen.go"}

func main() {
	o := options{}
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many mutants are tested at a time")
	flag.DurationVar(&o.timeout, "timeout", 2*time.Minute, "after which tests that hang count as failed")
	flag.BoolVar(&o.list, "list", false, "list the mutants instead of testing them")
	flag.StringVar(&o.skip, "skip", "Escape|Inlined", "tests that ask the compiler about the files as they are")
	flag.StringVar(&o.alone, "alone", "Alloc|MemoryStaysFlat", "tests that fail when many mutants are built together")
	only := flag.String("kind", "", "kinds of changes, with commas between them, instead of all")
	flag.Parse()
	if *only != "" {
		for name := range strings.SplitSeq(*only, ",") {
			o.kinds = append(o.kinds, kind(name))
		}
	}
	if err := run(flag.Args(), o); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

type options struct {
	workers int
	timeout time.Duration
	list    bool
	skip    string
	alone   string
	kinds   []kind // nil: all
}

func run(args []string, o options) error {
	for _, k := range o.kinds {
		if !slices.Contains(kinds, k) {
			return fmt.Errorf("no kind %q: there are %q", k, kinds)
		}
	}
	known, err := readEquivalents(equivalentText)
	if err != nil {
		return err
	}
	sources, twins, err := readPackage()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		for name := range sources {
			if !slices.Contains(undecided, name) {
				args = append(args, name)
			}
		}
		slices.Sort(args)
	}
	var mutants []*mutant
	r := newReport()
	of := map[string][]mutant{}
	for _, arg := range args {
		name, line, _ := strings.Cut(arg, ":")
		if sources[name] == nil {
			return fmt.Errorf("no file %s (run this in the directory of the package)", name)
		}
		if of[name] == nil {
			if of[name], err = mutantsOf(name, sources[name], twins); err != nil {
				return err
			}
		}
		all := of[name]
		if line == "" {
			r.stale = append(r.stale, stale(known, name, all)...)
		}
		for i := range all {
			m := &all[i]
			switch {
			case line != "" && line != strconv.Itoa(m.line):
			case o.kinds != nil && !slices.Contains(o.kinds, m.kind):
			case known[equivalent{m.file, m.change, m.source}]:
				r.equivalents[m.kind]++
			default:
				mutants = append(mutants, m)
				m.id = len(mutants)
			}
		}
	}
	if o.list {
		for _, m := range mutants {
			fmt.Printf("%-10s %s\n", m.kind, m)
		}
		r.printStale()
		return nil
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t := &tester{builder: builder{dir: dir, sources: sources, report: r}, options: o}
	if err := t.testAll(mutants); err != nil {
		return err
	}
	r.print()
	return nil
}

// readPackage reads the files of the package in this directory, without its tests.
func readPackage() (sources map[string][]byte, t twins, err error) {
	sources, t = map[string][]byte{}, twins{map[string][]string{}, map[string][]string{}}
	names, err := filepath.Glob("*.go")
	if err != nil {
		return nil, t, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if sources[name], err = os.ReadFile(name); err != nil {
			return nil, t, err
		}
		if err := t.add(sources[name]); err != nil {
			return nil, t, err
		}
	}
	return sources, t, nil
}

// Command benchmarks compares github.com/bytecors/cors with what it is measured by: its floor, other libraries,
// and a server without it. It writes RESULTS.md and charts.
//
//	go run ./benchmarks         from the root of the repository: some minutes
//	go run ./benchmarks -quick  with too few rounds to rely on: seconds
//	go run ./benchmarks -only floors   one step, printed
//	go run ./benchmarks -instructions  counts instructions alone, and records them for the test that guards them
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// plan is how much is measured.
type plan struct {
	quick     bool
	directory string
	only      string

	floors, matrix, sizes effort
	million               int // listed origins, where many are meant
	news                  int // how often New is measured
	loopbackRounds        int
	loopbackTurn          time.Duration
	parallelPairs         int
	parallelRounds        int
	parallelTurn          time.Duration
	reconfigureTurn       time.Duration
	profileTurn           time.Duration
}

func fullPlan(directory string) plan {
	return plan{
		directory:       directory,
		floors:          effort{1001, 300 * time.Microsecond},
		matrix:          effort{201, 200 * time.Microsecond},
		sizes:           effort{801, 300 * time.Microsecond},
		million:         1_000_000,
		news:            3,
		loopbackRounds:  800,
		loopbackTurn:    30 * time.Millisecond,
		parallelPairs:   15,
		parallelRounds:  11,
		parallelTurn:    10 * time.Millisecond,
		reconfigureTurn: 8 * time.Second,
		profileTurn:     5 * time.Second,
	}
}

func quickPlan(directory string) plan {
	return plan{
		quick:           true,
		directory:       directory,
		floors:          effort{11, 200 * time.Microsecond},
		matrix:          effort{3, 100 * time.Microsecond},
		sizes:           effort{5, 200 * time.Microsecond},
		million:         10_000,
		news:            1,
		loopbackRounds:  2,
		loopbackTurn:    20 * time.Millisecond,
		parallelPairs:   2,
		parallelRounds:  2,
		parallelTurn:    time.Millisecond,
		reconfigureTurn: 200 * time.Millisecond,
		profileTurn:     200 * time.Millisecond,
	}
}

func main() {
	if os.Getenv(countedEnvironment) != "" {
		answerCounted()
		return
	}
	if os.Getenv(generatorEnvironment) != "" {
		exitOn(generate(os.Stdin, os.Stdout))
		return
	}
	quick := flag.Bool("quick", false, "measure too little to rely on, to see that everything works")
	onlyInstructions := flag.Bool("instructions", false, "count instructions anew, and record them")
	only := flag.String("only", "", "print what one `step` measures, such as floors, and write nothing")
	out := flag.String("out", "", "`directory` to write to (default: the benchmarks directory)")
	flag.Parse()
	if *out == "" {
		*out = defaultDirectory()
	}
	if *onlyInstructions {
		counted, err := countInstructions()
		if err == nil {
			err = writeRecorded(*out, counted)
		}
		exitOn(err)
		return
	}
	p := fullPlan(*out)
	if *quick {
		p = quickPlan(*out)
	}
	p.only = *only
	exitOn(p.run())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// defaultDirectory is where this program's source is, seen from the root of the repository or from itself.
func defaultDirectory() string {
	if _, err := os.Stat("benchmarks/go.mod"); err == nil {
		return "benchmarks"
	}
	return "."
}

// A step measures one thing, and reports it.
type step struct {
	name string
	run  func() error
}

func names(steps []step) (names []string) {
	for _, s := range steps {
		names = append(names, s.name)
	}
	return names
}

// run measures everything, and writes it.
func (p plan) run() error {
	r := &report{machine: thisMachine(), quick: p.quick}
	var d charted
	steps := []step{
		{"floors", func() error { measureFloors(r, p.floors); return nil }},
		{"served", func() error { measureServed(r, p.sizes); return nil }},
		{"profiles", func() error { return measureProfiles(r, p.profileTurn) }},
		{"large policies", func() error { measureSizes(r, p.sizes, p.million); return nil }},
		{"hostile requests", func() error { measureHostile(r, p.sizes, p.million); return nil }},
		{"upstreams", func() error { measureUpstreams(r, p.matrix); return nil }},
		{"libraries", func() error { d.actual, d.preflight = measureMatrix(r, p.matrix); return nil }},
		{"Fiber", func() error { measureAdapters(r, p.sizes); return nil }},
		{"number of origins", func() error { d.sizes, d.costs = measureOrigins(r, p.matrix, p.million); return nil }},
		{"preflights", func() error { d.counted, d.counts = measurePreflights(r); return nil }},
		{"server", func() error { return measureLoopback(r, p.loopbackRounds, p.loopbackTurn) }},
		{"processors", func() error { measureParallel(r, p.parallelPairs, p.parallelRounds, p.parallelTurn); return nil }},
		{"instructions", func() error { return measureInstructions(r) }},
		{"New", func() error { measureNew(r, p.million, p.news); return nil }},
		{"Reconfigure", func() error { measureReconfigure(r, p.million, p.reconfigureTurn); return nil }},
	}
	if p.only != "" && !slices.ContainsFunc(steps, func(s step) bool { return s.name == p.only }) {
		return fmt.Errorf("no step %q: there are %q", p.only, names(steps))
	}
	for _, step := range steps {
		if p.only != "" && p.only != step.name {
			continue
		}
		start := time.Now()
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(os.Stderr, "%-20s %5.1f s\n", step.name, time.Since(start).Seconds())
	}
	if p.only != "" {
		return r.writeTo(os.Stdout)
	}
	if err := drawCharts(p.directory, d); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(p.directory, "RESULTS.md"))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := r.writeTo(file); err != nil {
		return err
	}
	return file.Close()
}

// Mutate tests the tests: it makes small changes to the package, one at a time, and runs the package's tests
// against each. A change that no test notices survives, and is printed.
//
//	go run ./internal/mutate                 all files, which takes a while
//	go run ./internal/mutate vary.go cors.go:120    a file, a line of another
//
// Changes that make no difference to anybody are in equivalent.txt, with the reason, and are left out.
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// defaultFiles are those that decide. The rest are types, names and generated tables.
var defaultFiles = []string{
	"byte_table.go", "config.go", "config_check.go", "cors.go", "decision.go", "match_bytes.go", "origin.go", "origin_ip.go",
	"origin_pattern.go", "policy.go", "request.go", "response.go", "vary.go",
}

//go:embed equivalent.txt
var equivalentText string

func main() {
	workers := flag.Int("workers", runtime.NumCPU(), "how many mutants are tested at a time")
	timeout := flag.Duration("timeout", 2*time.Minute, "after which tests that hang count as failed")
	list := flag.Bool("list", false, "list the mutants instead of testing them")
	flag.Parse()
	files := flag.Args()
	if len(files) == 0 {
		files = defaultFiles
	}
	if err := run(files, *workers, *timeout, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(files []string, workers int, timeout time.Duration, list bool) error {
	known, err := readEquivalents(equivalentText)
	if err != nil {
		return err
	}
	var mutants []mutant
	sources := map[string][]byte{}
	equivalents := 0
	for _, arg := range files {
		name, line, _ := strings.Cut(arg, ":")
		source, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("%w (run this in the directory of the package)", err)
		}
		all, err := mutantsOf(name, source)
		if err != nil {
			return err
		}
		sources[name] = source
		for _, m := range all {
			if line != "" && line != fmt.Sprint(m.line) {
				continue
			}
			if known[equivalent{m.file, m.change, m.source}] {
				equivalents++
				continue
			}
			mutants = append(mutants, m)
		}
	}
	if list {
		for i := range mutants {
			fmt.Println(&mutants[i])
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	t := &tester{dir: dir, sources: sources, timeout: timeout}
	if verdict, err := t.test("unchanged", nil); err != nil || verdict != survived {
		return fmt.Errorf("the tests fail without any change (%v)", err)
	}
	counts, err := t.testAll(mutants, workers)
	if err != nil {
		return err
	}
	tested := counts[killed] + counts[survived]
	fmt.Printf("%d mutants: %d killed, %d survived (%.1f %% killed); %d more do not compile, %d are equivalent\n", tested,
		counts[killed], counts[survived], 100*float64(counts[killed])/float64(max(tested, 1)), counts[invalid], equivalents)
	return nil
}

type verdict int

const (
	killed   verdict = iota // a test fails
	survived                // none does
	invalid                 // the compiler does
)

type tester struct {
	dir     string
	sources map[string][]byte
	timeout time.Duration
}

func (t *tester) testAll(mutants []mutant, workers int) (map[verdict]int, error) {
	type job struct {
		id int
		m  *mutant
	}
	jobs := make(chan job)
	var mu sync.Mutex
	var group sync.WaitGroup
	counts := map[verdict]int{}
	var failure error
	for range workers {
		group.Go(func() {
			for j := range jobs {
				v, err := t.test(fmt.Sprint(j.id), j.m)
				mu.Lock()
				counts[v]++
				failure = errors.Join(failure, err)
				if v == survived {
					fmt.Println("survived:", j.m)
				}
				if j.id%50 == 49 {
					fmt.Fprintf(os.Stderr, "%d of %d\n", j.id+1, len(mutants))
				}
				mu.Unlock()
			}
		})
	}
	for id := range mutants {
		jobs <- job{id, &mutants[id]}
	}
	close(jobs)
	group.Wait()
	return counts, failure
}

// test builds the tests with the change in place of the file, and runs them.
func (t *tester) test(id string, m *mutant) (verdict, error) {
	replace := map[string]string{}
	if m != nil {
		path, err := filepath.Abs(m.file)
		if err != nil {
			return invalid, err
		}
		changed := filepath.Join(t.dir, id+".go")
		if err := os.WriteFile(changed, m.apply(t.sources[m.file]), 0o600); err != nil {
			return invalid, err
		}
		defer os.Remove(changed)
		replace[path] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return invalid, err
	}
	overlayFile, binary := filepath.Join(t.dir, id+".json"), filepath.Join(t.dir, id+".test")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return invalid, err
	}
	defer os.Remove(overlayFile)
	defer os.Remove(binary)

	build := exec.Command("go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlayFile, "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		if m == nil {
			return invalid, fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
		}
		return invalid, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), t.timeout)
	defer cancel()
	// Some mutants would allocate until the machine has no memory left, or never end. The tests take three seconds
	// of processor time.
	tests := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 6000000; ulimit -t 20; exec "$0" -test.failfast`, binary)
	tests.WaitDelay = time.Second
	err = tests.Run()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return survived, nil
	case ctx.Err() != nil || errors.As(err, &failed):
		return killed, nil
	}
	return invalid, err
}

// equivalent names a mutant by what it looks like rather than by its line, which changes.
type equivalent struct{ file, change, source string }

// readEquivalents reads blocks of three lines: the file and the change; the line of source; and the reason. Blocks
// are divided by empty lines, and what begins with # is left out.
func readEquivalents(text string) (map[equivalent]bool, error) {
	known := map[equivalent]bool{}
	var block []string
	finish := func() error {
		if len(block) == 0 {
			return nil
		}
		if len(block) != 3 {
			return fmt.Errorf("equivalent.txt: a block of %d lines: %q", len(block), block[0])
		}
		file, change, found := strings.Cut(block[0], ": ")
		if !found {
			return fmt.Errorf("equivalent.txt: %q has no file and change", block[0])
		}
		known[equivalent{file, change, block[1]}] = true
		block = nil
		return nil
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if err := finish(); err != nil {
				return nil, err
			}
		default:
			block = append(block, line)
		}
	}
	return known, finish()
}

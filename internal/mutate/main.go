// Mutate tests the tests: it makes small changes to the package, one at a time, and runs the package's tests
// against each. A change that no test notices survives, and is printed.
//
//	go run ./internal/mutate                         all files, which takes a while
//	go run ./internal/mutate vary.go cors.go:120     a file, a line of another
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
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const packageName = "cors"

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
	var mutants []*mutant
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
		for i := range all {
			m := &all[i]
			switch {
			case line != "" && line != strconv.Itoa(m.line):
			case known[equivalent{m.file, m.change, m.source}]:
				equivalents++
			default:
				mutants = append(mutants, m)
				m.id = len(mutants)
			}
		}
	}
	if list {
		for _, m := range mutants {
			fmt.Println(m)
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	t := &tester{dir: dir, sources: sources, timeout: timeout, verdicts: map[verdict]int{}}
	if err := t.testAll(mutants, workers); err != nil {
		return err
	}
	tested := t.verdicts[killed] + t.verdicts[survived]
	fmt.Printf("%d mutants: %d killed, %d survived (%.1f %% killed); %d more do not compile, %d are equivalent\n", tested,
		t.verdicts[killed], t.verdicts[survived], 100*float64(t.verdicts[killed])/float64(max(tested, 1)), t.verdicts[invalid], equivalents)
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

	mu       sync.Mutex
	verdicts map[verdict]int
	failure  error
}

// testAll builds the mutants that are in functions together, and the few others each for itself.
func (t *tester) testAll(mutants []*mutant, workers int) error {
	var inside, outside []*mutant
	for _, m := range mutants {
		if m.function != nil {
			inside = append(inside, m)
		} else {
			outside = append(outside, m)
		}
	}
	together, inside, err := t.buildTogether(inside)
	if err != nil {
		return err
	}
	if v, err := t.test(together, 0); v != survived {
		return fmt.Errorf("the tests fail without any change (%v)", err)
	}
	jobs := make(chan func() (verdict, *mutant, error))
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for job := range jobs {
				t.count(job())
			}
		})
	}
	for i, m := range inside {
		if i%100 == 99 {
			fmt.Fprintf(os.Stderr, "%d of %d\n", i+1, len(mutants))
		}
		jobs <- func() (verdict, *mutant, error) {
			v, err := t.test(together, m.id)
			return v, m, err
		}
	}
	for _, m := range outside {
		jobs <- func() (verdict, *mutant, error) {
			binary, out, err := t.build(fmt.Sprint("alone", m.id), map[string][]byte{m.file: m.apply(t.sources[m.file])})
			if err != nil || out != "" {
				return invalid, m, err
			}
			defer os.Remove(binary)
			v, err := t.test(binary, 0)
			return v, m, err
		}
	}
	close(jobs)
	group.Wait()
	return t.failure
}

func (t *tester) count(v verdict, m *mutant, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.verdicts[v]++
	t.failure = errors.Join(t.failure, err)
	if v == survived {
		fmt.Println("survived:", m)
	}
}

var mutantInMessage = regexp.MustCompile(`mutant_([0-9]+):[0-9]+`)

// buildTogether builds all mutants in functions, but for those of which the compiler says that they are none.
func (t *tester) buildTogether(mutants []*mutant) (binary string, valid []*mutant, err error) {
	for {
		files := map[string][]byte{"mutant_chooser.go": fmt.Appendf(nil, chooser, packageName)}
		of := map[string][]*mutant{}
		for _, m := range mutants {
			of[m.file] = append(of[m.file], m)
		}
		for name, mutants := range of {
			files[name] = combine(t.sources[name], mutants)
		}
		binary, messages, err := t.build("together", files)
		if err != nil || messages == "" {
			return binary, mutants, err
		}
		bad := map[string]bool{}
		for _, match := range mutantInMessage.FindAllStringSubmatch(messages, -1) {
			bad[match[1]] = true
		}
		valid = nil
		for _, m := range mutants {
			if bad[strconv.Itoa(m.id)] {
				t.verdicts[invalid]++
			} else {
				valid = append(valid, m)
			}
		}
		if len(valid) == len(mutants) {
			return "", nil, fmt.Errorf("building the tests: %s", messages)
		}
		mutants = valid
	}
}

// build builds the tests with other contents of some files. It returns the compiler's messages where it fails.
func (t *tester) build(name string, files map[string][]byte) (binary, messages string, err error) {
	replace := map[string]string{}
	for file, content := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return "", "", err
		}
		replace[path] = filepath.Join(t.dir, name+"_"+file)
		if err := os.WriteFile(replace[path], content, 0o600); err != nil {
			return "", "", err
		}
		defer os.Remove(replace[path])
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", "", err
	}
	overlayFile := filepath.Join(t.dir, name+".json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return "", "", err
	}
	defer os.Remove(overlayFile)
	binary = filepath.Join(t.dir, name+".test")
	build := exec.Command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-ldflags=-s -w", "-overlay", overlayFile, "-o", binary, ".")
	out, err := build.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", string(bytes.TrimSpace(out)), nil
	}
	return binary, "", err
}

// test runs the tests against a mutant.
func (t *tester) test(binary string, id int) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.timeout)
	defer cancel()
	// Some mutants would allocate until the machine has no memory left, or never end. The tests take three seconds
	// of processor time.
	tests := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 6000000; ulimit -t 8; exec "$0" -test.failfast`, binary)
	tests.Env = append(os.Environ(), fmt.Sprint("MUTANT=", id))
	tests.WaitDelay = time.Second
	err := tests.Run()
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

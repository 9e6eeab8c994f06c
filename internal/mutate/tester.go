package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// turn is a part of the tests. The quickest tests come first, and notice most mutants.
type turn struct {
	args  []string
	limit int // seconds of processor time, after which a mutant does not come to an end
}

// tester runs the tests against mutants.
type tester struct {
	builder
	options options
	turns   []turn

	mu      sync.Mutex
	failure error
}

// testAll builds the mutants that are in functions together, and the few others each for itself. So are those that
// survive: compiled together, one of them makes the whole allocate.
func (t *tester) testAll(mutants []*mutant) error {
	var inside, outside []*mutant
	for _, m := range mutants {
		if m.function != nil {
			inside = append(inside, m)
		} else {
			outside = append(outside, m)
		}
	}
	together, inside, err := t.together(inside)
	if err != nil {
		return err
	}
	if err := t.measure(together); err != nil {
		return err
	}
	jobs := make(chan func())
	var group sync.WaitGroup
	for range t.options.workers {
		group.Go(func() {
			for job := range jobs {
				job()
			}
		})
	}
	for i, m := range slices.Concat(inside, outside) {
		if i%100 == 99 {
			fmt.Fprintf(os.Stderr, "%d of %d\n", i+1, len(inside)+len(outside))
		}
		jobs <- func() {
			v, err := t.judge(m, together)
			if err != nil {
				t.fail(err)
				return
			}
			t.report.count(m, v)
		}
	}
	close(jobs)
	group.Wait()
	return t.failure
}

func (t *tester) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = errors.Join(t.failure, err)
}

// none is a pattern that no test matches.
const none = "^$"

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: \S+`)

var timeOfTest = regexp.MustCompile(`(?m)^--- PASS: (\S+) \(([0-9.]+)s\)$`)

// measure runs the tests without any change, and finds out what they take. Of several times, the shortest says most:
// the machine may be doing something else.
func (t *tester) measure(binary string) error {
	times := map[string]float64{}
	var used time.Duration
	for range 3 {
		command := exec.Command(binary, "-test.v", "-test.skip", t.options.skip+"|"+t.options.alone)
		out, err := command.CombinedOutput()
		if err != nil {
			return fmt.Errorf("tests fail without any change: %w: %s", err, bytes.Join(failedTest.FindAll(out, -1), []byte(" ")))
		}
		for _, m := range timeOfTest.FindAllSubmatch(out, -1) {
			seconds, err := strconv.ParseFloat(string(m[2]), 64)
			if err != nil {
				return err
			}
			if known, ok := times[string(m[1])]; !ok || seconds < known {
				times[string(m[1])] = seconds
			}
		}
		used = max(used, command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	}
	var quickest, quick []string
	for name, seconds := range times {
		switch {
		case seconds < 0.005:
			quickest = append(quickest, name)
		case seconds < 0.05:
			quick = append(quick, name)
		}
	}
	t.turns = []turn{
		{[]string{"-test.run", "^(" + strings.Join(quickest, "|") + ")$"}, 2},
		{[]string{"-test.run", "^(" + strings.Join(quick, "|") + ")$"}, 2},
		{[]string{"-test.skip", "^(" + strings.Join(slices.Concat(quickest, quick), "|") + ")$|" + t.options.skip + "|" + t.options.alone}, int(3*used.Seconds()) + 3},
	}
	return nil
}

// judge runs the tests against a mutant, until one notices it.
func (t *tester) judge(m *mutant, together string) (verdict, error) {
	if m.function != nil {
		if v, err := t.takeTurns(together, m, t.turns); v == killed || err != nil || t.options.alone == none {
			return v, err
		}
	}
	binary, messages, err := t.alone(m)
	if err != nil || messages != "" {
		return invalid, err
	}
	defer os.Remove(binary)
	turns := []turn{{[]string{"-test.run", t.options.alone}, t.turns[2].limit}}
	if m.function == nil {
		turns = append(slices.Clone(t.turns), turns...)
	}
	return t.takeTurns(binary, m, turns)
}

func (t *tester) takeTurns(binary string, m *mutant, turns []turn) (verdict, error) {
	for _, turn := range turns {
		if v, err := t.test(binary, m.id, turn); v == killed || err != nil {
			return v, err
		}
	}
	return survived, nil
}

func (t *tester) test(binary string, id int, turn turn) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.options.timeout)
	defer cancel()
	// Some mutants would allocate until the machine has no memory left, or never end.
	limits := fmt.Sprintf(`ulimit -v 6000000; ulimit -t %d; exec "$0" "$@"`, turn.limit)
	tests := exec.CommandContext(ctx, "sh", append([]string{"-c", limits, binary, "-test.failfast"}, turn.args...)...)
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
	return survived, err
}

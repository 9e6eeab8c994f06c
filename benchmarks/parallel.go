package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
)

// measureParallel compares the throughput of two processors with that of one, all of them with the same
// policy. The floor, which shares nothing at all, shows how far the machine itself goes.
func measureParallel(r *report, pairs, rounds int, turn time.Duration) {
	t := r.table("Two processors",
		"Two goroutines with one handler and one policy, with GOMAXPROCS at 2 and at 1, in turn. What two processors gain is twice the "+
			"time that the same work takes of one processor, divided by what it takes of two together: whatever they have to wait for each other, "+
			"such as for memory that both write to, makes the latter longer. That is processor time, which other work on the machine does not "+
			"count for. The two processors of a virtual machine can be two threads of one core for seconds, in which nothing scales: so it is the "+
			"value that a quarter of the rounds reaches, and the median stands beside it. The floor shares nothing between requests.",
		"request", "middleware, 2 / 1", "floor, 2 / 1", "medians", "medians by the clock", "goal")
	const goal = 1.9
	for _, row := range []struct {
		name       string
		wire       wire
		middleware fasthttp.RequestHandler
		floor      fasthttp.RequestHandler
	}{
		{"actual, one origin", get(browserHead, page), allow(page).bytecors(), floor.Allowed},
		{"actual, 1000 origins", get(browserHead, page), allow(append(numberedOrigins(999), page)...).bytecors(), floor.Allowed},
		{"preflight", ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with"), allow(page).bytecors(), floor.Preflight},
	} {
		var middleware, floor scaled
		for range pairs {
			middleware.measure(newPair(row.wire, row.middleware, turn), rounds)
			floor.measure(newPair(row.wire, row.floor, turn), rounds)
		}
		ratio := middleware.scaling()
		t.row(row.name, times(ratio), times(floor.scaling()), times(median(middleware.ratios))+", "+times(median(floor.ratios)), times(median(middleware.clock))+", "+times(median(floor.clock)), "≥ "+times(goal))
		f := r.finding("2 processors / 1, policy shared, "+row.name, "≥ "+times(goal),
			fmt.Sprintf("%s (floor: %s)", times(ratio), times(floor.scaling())), ratio >= goal)
		f.why = fmt.Sprintf("the floor, which has nothing to share, comes to %s.", times(floor.scaling()))
	}
}

// scaled is what pairs have been measured to do.
type scaled struct {
	ratios []float64 // of processor time, one by two
	clock  []float64 // of time by the clock
}

func (s *scaled) measure(p *pair, rounds int) {
	for range rounds {
		var used, took [2]time.Duration
		for _, i := range rand.Perm(len(used)) {
			used[i], took[i] = p.run(i + 1)
		}
		s.ratios = append(s.ratios, 2*float64(used[0])/float64(used[1]))
		s.clock = append(s.clock, float64(took[0])/float64(took[1]))
	}
}

// scaling returns how much more two processors do than one.
func (s *scaled) scaling() float64 {
	return quantile(s.ratios, 0.75)
}

// pair is two goroutines' work with one handler.
type pair struct {
	subjects [2]subject
	requests int // of each in a turn
	between  []any
}

// spacing fills the memory next to what was allocated last, so that what is allocated next is not in the same
// cache lines, nor in those that a processor fetches ahead: two contexts side by side make two processors slower
// than one, whatever is done with them.
func spacing() (objects []any) {
	for range 64 {
		objects = append(objects, new(fasthttp.RequestCtx))
		for size := 8; size <= 1024; size += 8 {
			objects = append(objects, make([]byte, size), make([]*byte, size/8)) // which are kept apart
		}
	}
	return objects
}

func newPair(w wire, handler fasthttp.RequestHandler, turn time.Duration) *pair {
	p := &pair{between: spacing()}
	for i := range p.subjects {
		p.subjects[i] = onFasthttp("", w, handler)
		p.subjects[i].answer(1) // makes its buffers
		p.between = append(p.between, spacing()...)
	}
	p.requests = fit(p.subjects[0], turn)
	return p
}

// run returns the processor time and the time by the clock of one turn of both goroutines.
func (p *pair) run(processors int) (used, took time.Duration) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	var done sync.WaitGroup
	start, before := time.Now(), processorTime()
	for _, s := range p.subjects {
		done.Go(func() { s.answer(p.requests) })
	}
	done.Wait()
	return processorTime() - before, time.Since(start)
}

// processorTime returns what this process has used so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

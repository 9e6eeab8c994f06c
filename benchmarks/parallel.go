package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// measureParallel compares the throughput of two processors with that of one, all of them with the same
// policy. The floor, which shares nothing at all, shows how far the machine itself goes.
func measureParallel(r *report, rounds int, turn time.Duration) {
	t := r.table("Two processors",
		"Requests per second of two goroutines with one handler and one policy, with GOMAXPROCS at 2 and at 1, in turn. Other "+
			"work on the machine takes more from two processors than from one; so here the fastest rounds of each are compared, and the "+
			"median of the ratios stands beside that. The floor shares nothing between requests: what it lacks to 2 is the machine's doing.",
		"request", "middleware, 2 / 1", "floor, 2 / 1", "medians", "goal")
	const goal = 1.9
	for _, row := range []struct {
		name       string
		wire       wire
		middleware fasthttp.RequestHandler
		floor      fasthttp.RequestHandler
	}{
		{"actual, one origin", get(browserHead, page), allow(page).bytecors(), floorAllowed},
		{"actual, 1000 origins", get(browserHead, page), allow(append(numberedOrigins(999), page)...).bytecors(), floorAllowed},
		{"preflight", ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with"), allow(page).bytecors(), floorPreflight},
	} {
		middleware := newPair(row.wire, row.middleware, turn)
		floor := newPair(row.wire, row.floor, turn)
		for range rounds {
			middleware.round()
			floor.round()
		}
		ratio := middleware.scaling()
		t.row(row.name, times(ratio), times(floor.scaling()), times(median(middleware.ratios))+", "+times(median(floor.ratios)), "≥ "+times(goal))
		f := r.finding("2 processors / 1, policy shared, "+row.name, "≥ "+times(goal),
			fmt.Sprintf("%s (floor: %s)", times(ratio), times(floor.scaling())), ratio >= goal)
		f.why = fmt.Sprintf("the floor, which has nothing to share, comes to %s on this machine at this time.", times(floor.scaling()))
	}
}

// pair is two goroutines' work with one handler.
type pair struct {
	subjects [2]subject
	requests int // of each in a turn
	between  [][]byte
	fastest  [2]time.Duration // with one processor, and with two
	ratios   []float64
}

// smallObjects fills what is left of the memory that small objects are made of, so that buffers of two goroutines
// have no cache line in common.
func smallObjects() (objects [][]byte) {
	for size := 8; size <= 512; size *= 2 {
		for range 64 {
			objects = append(objects, make([]byte, size))
		}
	}
	return objects
}

func newPair(w wire, handler fasthttp.RequestHandler, turn time.Duration) *pair {
	p := new(pair)
	for i := range p.subjects {
		p.subjects[i] = onFasthttp("", w, handler)
		p.subjects[i].answer(1) // makes its buffers
		p.between = append(p.between, smallObjects()...)
	}
	p.requests = fit(p.subjects[0], turn)
	return p
}

// round measures once with one processor and once with two.
func (p *pair) round() {
	var took [2]time.Duration
	for _, i := range rand.Perm(len(took)) {
		took[i] = p.run(i + 1)
		if p.fastest[i] == 0 || took[i] < p.fastest[i] {
			p.fastest[i] = took[i]
		}
	}
	p.ratios = append(p.ratios, float64(took[0])/float64(took[1]))
}

// scaling returns how much faster two processors are than one.
func (p *pair) scaling() float64 {
	return float64(p.fastest[0]) / float64(p.fastest[1])
}

func (p *pair) run(processors int) time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	var done sync.WaitGroup
	start := time.Now()
	for _, s := range p.subjects {
		done.Go(func() { s.answer(p.requests) })
	}
	done.Wait()
	return time.Since(start)
}

package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/internal/floor"
)

// measureNew measures what a policy of n origins costs.
func measureNew(r *report, n, runs int) {
	config := allow(numberedOrigins(n)...).config()
	t := r.table("A policy of many origins",
		"`New`, and the heap after it, above what it was with the list of origins alone.",
		"origins", "time", "heap for each origin")
	var took, heap []float64
	for range runs {
		before := liveHeap()
		start := time.Now()
		m := cors.MustNew(config)
		took = append(took, float64(time.Since(start)))
		heap = append(heap, float64(liveHeap()-before)/float64(n))
		runtime.KeepAlive(m)
	}
	t.row(fmt.Sprint(n), ns(median(took)), fmt.Sprintf("%.0f bytes", median(heap)))
	r.finding(fmt.Sprintf("`New` with %d origins", n), "< 2 s", ns(median(took)), median(took) < 2e9)
	r.finding("Memory of a policy above the strings, for each origin", "< 150 bytes", fmt.Sprintf("%.0f bytes", median(heap)), median(heap) < 150)
	runtime.KeepAlive(config)
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // what finalizers have kept in the first
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// measureReconfigure measures how long requests take while policies of n origins come and go.
func measureReconfigure(r *report, n int, turn time.Duration) {
	config := allow(append(numberedOrigins(n), page)...).config()
	m, other := cors.MustNew(config), cors.MustNew(config)
	t := r.table("Reconfiguration under load",
		fmt.Sprintf("Each request of one goroutine is timed, for %v, while another does nothing, calls `Reconfigure` of another middleware (the "+
			"same work for processor and garbage collector, without any effect on the requests), or calls `Reconfigure` of the one that "+
			"answers the requests; always with %d origins. What the second has and the first has not is the scheduler's and the garbage "+
			"collector's; what the third has and the second has not would be the middleware's.", turn, n+1),
		"meanwhile", "reconfigurations", "requests", "median", "99.9 %", "99.99 %", "longest")
	w := get(browserHead, page)
	var results [3]*latencies
	for i, row := range []struct {
		name       string
		middleware *cors.Middleware // that is reconfigured
	}{{"nothing", nil}, {"`Reconfigure` of another", other}, {"`Reconfigure`", m}} {
		s := onFasthttp("", w, m.Wrap(floor.Bare))
		s.answer(1000)
		runtime.GC()
		var stop atomic.Bool
		done := make(chan int)
		go func() {
			n := 0
			for ; row.middleware != nil && !stop.Load(); n++ {
				if err := row.middleware.Reconfigure(config); err != nil {
					panic(err)
				}
			}
			done <- n
		}()
		l := new(latencies)
		for start, last := time.Now(), time.Duration(0); last < turn; {
			s.answer(1)
			now := time.Since(start)
			l.add(now - last)
			last = now
		}
		stop.Store(true)
		reconfigured := <-done
		results[i] = l
		t.row(row.name, fmt.Sprint(reconfigured), fmt.Sprint(l.total), ns(l.quantile(0.5)), ns(l.quantile(0.999)), ns(l.quantile(0.9999)), ns(float64(l.longest)))
	}
	control, reconfigured := results[1], results[2]
	r.finding("`Reconfigure` under load, 99.9 % of requests (beside the same work of another middleware)", "no pause: ≤ 1.50 of the other",
		fmt.Sprintf("%s (%s); longest %s (%s)", ns(reconfigured.quantile(0.999)), ns(control.quantile(0.999)), ns(float64(reconfigured.longest)), ns(float64(control.longest))),
		reconfigured.quantile(0.999) <= 1.5*control.quantile(0.999))
}

// latencies counts requests by how long they took.
type latencies struct {
	counts  [1 << 17]int // by nanoseconds; the last one has all that are longer
	total   int
	longest time.Duration
}

func (l *latencies) add(took time.Duration) {
	l.counts[min(int(took), len(l.counts)-1)]++
	l.total++
	l.longest = max(l.longest, took)
}

func (l *latencies) quantile(q float64) float64 {
	left := int(q * float64(l.total))
	for took, n := range l.counts {
		if left -= n; left < 0 && took < len(l.counts)-1 {
			return float64(took)
		}
	}
	return float64(l.longest)
}

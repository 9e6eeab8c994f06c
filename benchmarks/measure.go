package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// A subject answers one request, again and again.
type subject struct {
	name   string
	answer func(n int) // n times
}

// effort is how long a comparison takes: its rounds, and a turn of one subject in a round.
type effort struct {
	rounds int
	turn   time.Duration
}

// comparison has what subjects took, in rounds in which each had a turn.
//
// A machine that others use too, or that changes its clock rate, is slower in one minute than in another by
// more than the differences that matter here. Turns of a round are a few milliseconds apart, so that each
// ratio is taken under the same conditions, and the median of all rounds leaves out those that something
// has disturbed.
type comparison struct {
	subjects []subject
	ns       [][]float64 // for each round, per subject: nanoseconds per request
	allocs   []float64
}

// compare lets the subjects take turns.
func (e effort) compare(subjects ...subject) *comparison {
	c := &comparison{subjects: subjects}
	turns := make([]int, len(subjects))
	for i, s := range subjects {
		turns[i] = fit(s, e.turn)
		c.allocs = append(c.allocs, testing.AllocsPerRun(100, func() { s.answer(1) }))
	}
	order := make([]int, len(subjects))
	for i := range order {
		order[i] = i
	}
	runtime.GC()
	for range e.rounds {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		round := make([]float64, len(subjects))
		for _, i := range order {
			start := time.Now()
			subjects[i].answer(turns[i])
			round[i] = float64(time.Since(start).Nanoseconds()) / float64(turns[i])
		}
		c.ns = append(c.ns, round)
	}
	return c
}

// fit returns how many requests fill a turn.
func fit(s subject, turn time.Duration) int {
	s.answer(10)
	for n := 10; ; n *= 2 {
		start := time.Now()
		s.answer(n)
		if took := time.Since(start); took >= turn/4 {
			return max(1, int(float64(n)*float64(turn)/float64(took)))
		}
	}
}

// of returns the median over all rounds of what f makes of a round's nanoseconds.
func (c *comparison) of(f func(ns []float64) float64) float64 {
	values := make([]float64, len(c.ns))
	for i, round := range c.ns {
		values[i] = f(round)
	}
	return median(values)
}

// median returns the median nanoseconds of a subject.
func (c *comparison) median(i int) float64 {
	return c.of(func(ns []float64) float64 { return ns[i] })
}

// ratio returns the median of the ratios of two subjects.
func (c *comparison) ratio(i, j int) float64 {
	return c.of(func(ns []float64) float64 { return ns[i] / ns[j] })
}

func median(values []float64) float64 {
	return quantile(values, 0.5)
}

// quantile returns the value that a share q of the values does not pass.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// medianInterval returns the 95 % confidence interval of the median, which assumes nothing of how the values are
// distributed: it lies between two of them, by the binomial distribution of how many are below it.
func medianInterval(values []float64) (low, high float64) {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := float64(len(sorted))
	apart := 1.96 * math.Sqrt(n) / 2
	return sorted[max(0, int(n/2-apart))], sorted[min(len(sorted)-1, int(math.Ceil(n/2+apart)))]
}

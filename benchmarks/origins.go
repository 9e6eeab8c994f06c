package main

import (
	"runtime"
)

// measureOrigins measures what an actual request costs, by the number of exact origins that are listed. The
// request's own is the last of them.
func measureOrigins(r *report, e effort, most int) (sizes []float64, costs [libraries][]float64) {
	t := r.table("Cost against the number of origins",
		"Nanoseconds for an actual request from Chromium, whose origin is the last in the list; Fiber without its routing.",
		append([]string{"origins"}, libraryNames[:]...)...)
	for n := 1; n <= most; n *= 10 {
		row := matrixRow{"", allow(append(numberedOrigins(n-1), page)...), get(browserHead, page)}
		c := e.compare(row.subjects()...)
		cells := []string{count(n)}
		for library := range libraries {
			of := c.of(func(ns []float64) float64 { return cost(ns, library) })
			costs[library] = append(costs[library], of)
			cells = append(cells, ns(of))
		}
		sizes = append(sizes, float64(n))
		t.row(cells...)
		runtime.GC()
	}
	return sizes, costs
}

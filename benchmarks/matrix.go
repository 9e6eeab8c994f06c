package main

import (
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"
)

// matrixRow is one request to one policy, given to every library.
type matrixRow struct {
	name   string
	policy policy
	wire   wire
}

func matrixRows() []matrixRow {
	const (
		stranger = "https://app.example.org"
		names    = "content-type,x-requested-with"
	)
	several := append(numberedOrigins(8), "https://*.preview.example.com", page)
	sets := []struct {
		name    string
		origins []string
	}{
		{"one origin", []string{page}},
		{"two origins", []string{"https://www.example.com", page}},
		{"several origins (10)", several},
		{"many origins (1000)", append(numberedOrigins(999), page)},
		{"all origins", []string{"*"}},
	}
	preflight := func(origin, method string, values ...string) wire {
		return ask(browserPreflightHead, origin, method, values...)
	}
	var rows []matrixRow
	for _, set := range sets {
		p, all := allow(set.origins...), set.origins[0] == "*"
		add := func(name string, w wire) { rows = append(rows, matrixRow{set.name + ": " + name, p, w}) }
		add("actual, allowed", get(browserHead, page))
		if !all {
			add("actual, refused", get(browserHead, stranger))
		}
		add("actual, no `Origin`", get(browserHead, ""))
		add("preflight, allowed", preflight(page, "PUT", names))
		if !all {
			add("preflight, refused origin", preflight(stranger, "PUT", names))
		}
		add("preflight, refused method", preflight(page, "PATCH", names))
		add("preflight, refused header", preflight(page, "PUT", "content-type,x-token"))
		add("preflight, 8000 commas", preflight(page, "PUT", strings.Repeat(",", 8000)))
	}
	one := allow(page)
	hundred := one
	hundred.headers = numberedHeaders(100)
	return append(rows,
		matrixRow{"subdomains: actual, allowed", allow("https://*.example.com"), get(browserHead, page)},
		matrixRow{"subdomains: actual, refused", allow("https://*.example.com"), get(browserHead, stranger)},
		matrixRow{"subdomains: actual, 120 labels deep", allow("https://*.example.com"), get(browserHead, "https://"+strings.Repeat("a.", 120)+"example.com")},
		matrixRow{"subdomains: actual, 8000 bytes of origin", allow("https://*.example.com"), get(browserHead, "https://"+strings.Repeat("a", 8000)+".example.com")},
		matrixRow{"one origin: preflight, no headers", one, preflight(page, "PUT")},
		matrixRow{"one origin: preflight, one header", one, preflight(page, "PUT", "content-type")},
		matrixRow{"one origin: preflight, white space and upper case", one, preflight(page, "PUT", "Content-Type, X-Requested-With")},
		matrixRow{"one origin: preflight, 8000 spaces", one, preflight(page, "PUT", "content-type,"+strings.Repeat(" ", 8000)+"x-requested-with")},
		matrixRow{"one origin: preflight, name of 8000 letters", one, preflight(page, "PUT", strings.Repeat("x", 8000))},
		matrixRow{"one origin: preflight, 1000 names", one, preflight(page, "PUT", strings.Repeat("x-token,", 1000))},
		matrixRow{"one origin, 100 headers: preflight, 10 headers", hundred, preflight(page, "PUT", strings.Join(every(hundred.headers, 10), ","))},
	)
}

// The subjects of a row: the libraries, and what is needed to subtract Fiber's routing.
const (
	bytecorsColumn = iota
	lab259Column
	rsColumn
	fiberv2Column
	fiberv3Column
	libraries

	bareColumn = iota - 1
	fiberv2RoutingColumn
	fiberv3RoutingColumn
)

var libraryNames = [libraries]string{"bytecors/cors", "lab259/cors", "rs/cors (net/http)", "Fiber v2", "Fiber v3"}

func (row *matrixRow) subjects() []subject {
	w, p := row.wire, row.policy
	return []subject{
		bytecorsColumn:       onFasthttp("", w, p.bytecors()),
		lab259Column:         onFasthttp("", w, p.lab259()),
		rsColumn:             onNetHTTP("", w, p.rs()),
		fiberv2Column:        onFasthttp("", w, fiberv2App(p.fiberv2())),
		fiberv3Column:        onFasthttp("", w, fiberv3App(p.fiberv3())),
		bareColumn:           onFasthttp("", w, withoutRouting(w)),
		fiberv2RoutingColumn: onFasthttp("", w, fiberv2Routing(w)),
		fiberv3RoutingColumn: onFasthttp("", w, fiberv3Routing(w)),
	}
}

// cost returns what a library takes for the whole request in one round, Fiber's routing subtracted.
func cost(ns []float64, library int) float64 {
	switch library {
	case fiberv2Column:
		return ns[library] - (ns[fiberv2RoutingColumn] - ns[bareColumn])
	case fiberv3Column:
		return ns[library] - (ns[fiberv3RoutingColumn] - ns[bareColumn])
	}
	return ns[library]
}

// measureMatrix compares the libraries, and returns the nanoseconds of each in the rows that the charts show.
func measureMatrix(r *report, e effort) (actual, preflight [libraries]float64) {
	columns := append([]string{"request"}, libraryNames[:]...)
	t := r.table("Against other libraries",
		"Nanoseconds for a request from Chromium, the bare handler included, and allocations in parentheses; Fiber without its "+
			"routing (its row without CORS, minus the bare handler). rs/cors runs on net/http, with a response whose header map is reused "+
			"between requests; what net/http spent on a map of the request's headers before, which makes looking for one of them cheap, is not "+
			"counted. \"Next\" is how much longer the fastest of the others takes; a row that is in *italics* is no CORS request. Not all do the "+
			"same: Fiber answers every preflight with yes or with what the browser takes for a no, without looking at the requested headers; rs/cors "+
			"refuses headers that are not in lower case and sorted, with little work, which bytecors/cors allows.",
		append(columns, "next")...)
	const margin = 1.03
	var slower, least []string
	var allowed []float64 // how much longer the next one takes for actual requests that are allowed
	allocated, compared := 0.0, 0
	closest, closestRow := 0.0, ""
	for _, row := range matrixRows() {
		c := e.compare(row.subjects()...)
		cells, next := []string{row.name}, 0.0
		for library := range libraries {
			of := c.of(func(ns []float64) float64 { return cost(ns, library) })
			cells = append(cells, fmt.Sprintf("%s (%s)", ns(of), allocs(c.allocs[library])))
			ratio := c.of(func(ns []float64) float64 { return cost(ns, library) / ns[bytecorsColumn] })
			if library != bytecorsColumn && (next == 0 || ratio < next) {
				next = ratio
			}
			switch row.name {
			case "one origin: actual, allowed":
				actual[library] = of
			case "one origin: preflight, allowed":
				preflight[library] = of
			}
		}
		compared++
		if next <= margin {
			slower = append(slower, fmt.Sprintf("%s (× %s)", row.name, times(next)))
			if !row.wire.isCORS() {
				least = append(least, "× "+times(row.leastWithoutOrigin(e)))
			}
		}
		if strings.HasSuffix(row.name, "actual, allowed") && row.policy.origins[0] != "*" && next > margin {
			allowed = append(allowed, next)
		}
		if closest == 0 || next < closest {
			closest, closestRow = next, row.name
		}
		if !row.wire.isCORS() {
			cells[0] = "*" + row.name + "*"
		}
		allocated = max(allocated, c.allocs[bytecorsColumn])
		t.row(append(cells, "× "+times(next))...)
	}
	f := r.finding(fmt.Sprintf("%d kinds of request, against lab259/cors, rs/cors, Fiber v2 and Fiber v3", compared), "faster in every row, by 3 %, 0 allocations",
		fmt.Sprintf("in %d of them; closest: × %s (%s); %s allocations", compared-len(slower), times(closest), closestRow, allocs(allocated)),
		len(slower) == 0 && allocated == 0)
	f.why = fmt.Sprintf("another is faster, or less than 3 %% slower, in: %s.", strings.Join(slower, "; "))
	if len(least) > 0 {
		first := lookFirst(e)
		lost := 0
		for _, next := range allowed {
			if next/first <= margin {
				lost++
			}
		}
		f.why += fmt.Sprintf(" In net/http's map, one look tells that a request has no `Origin`, where fasthttp has to go through all its headers: "+
			"a handler that is tailored to it (below) would come to %s against rs/cors there. It looks with `PeekCanonical`, which is faster than "+
			"`PeekAll`, and would make a request that has an `Origin` take × %s, since both are needed then: that would lose %d other rows.",
			strings.Join(least, ", "), times(first), lost)
	}
	return actual, preflight
}

// leastWithoutOrigin returns how much longer rs/cors takes for a request without an Origin than a tailored handler.
func (row *matrixRow) leastWithoutOrigin(e effort) float64 {
	return e.compare(onNetHTTP("", row.wire, row.policy.rs()), onFasthttp("", row.wire, row.policy.tailored(row.wire))).ratio(0, 1)
}

// lookFirst returns how much longer a request with an Origin takes where one is looked for with PeekCanonical first.
func lookFirst(e effort) float64 {
	w, handler := get(browserHead, page), allow(page).bytecors()
	return e.compare(onFasthttp("", w, handler), onFasthttp("", w, func(ctx *fasthttp.RequestCtx) {
		readSink += len(ctx.Request.Header.PeekCanonical(nameOrigin))
		handler(ctx)
	})).ratio(1, 0)
}

// measureAdapters compares Fiber's own middleware with ours, in the same app.
func measureAdapters(r *report, e effort) {
	t := r.table("In Fiber",
		"One origin, a request from Chromium, in an app of one middleware and one route. *Routing* is the same app with a middleware "+
			"that does nothing in the place of CORS, *tailored* one with a tailored handler (above). The ratio is that of what each middleware adds to it.",
		"request", "routing", "Fiber's own", "tailored", "adapter", "own / adapter, routing subtracted", "goal", "own / tailored", "allocations own, adapter")
	for _, request := range []struct {
		name   string
		wire   wire
		v3, v2 float64 // goals
	}{
		{"actual", get(browserHead, page), 3, 4},
		{"preflight", ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with"), 7, 7},
	} {
		w, p := request.wire, allow(page)
		for _, version := range []struct {
			name                            string
			goal                            float64
			routing, own, adapter, tailored fasthttp.RequestHandler
		}{
			{"Fiber v3", request.v3, fiberv3Routing(w), fiberv3App(p.fiberv3()), fiberv3App(p.bytecorsFiberv3()), fiberv3App(p.tailoredFiberv3(w))},
			{"Fiber v2", request.v2, fiberv2Routing(w), fiberv2App(p.fiberv2()), fiberv2App(p.bytecorsFiberv2()), fiberv2App(p.tailoredFiberv2(w))},
		} {
			const routing, own, adapter, tailored = 0, 1, 2, 3
			for _, handler := range []fasthttp.RequestHandler{version.adapter, version.tailored} {
				if err := sameResponse(w, handler, p.bytecors()); err != nil {
					panic(fmt.Errorf("%s, %s: %w", version.name, request.name, err))
				}
			}
			c := e.compare(onFasthttp("", w, version.routing), onFasthttp("", w, version.own), onFasthttp("", w, version.adapter), onFasthttp("", w, version.tailored))
			added := func(i int) float64 { return c.of(func(ns []float64) float64 { return ns[i] - ns[routing] }) }
			timesOwn := func(i int) float64 {
				return c.of(func(ns []float64) float64 { return (ns[own] - ns[routing]) / (ns[i] - ns[routing]) })
			}
			ratio, most := timesOwn(adapter), timesOwn(tailored)
			t.row(version.name+", "+request.name, ns(c.median(routing)), ns(c.median(own)), ns(c.median(tailored)), ns(c.median(adapter)), times(ratio),
				"≥ "+times(version.goal), times(most), allocs(c.allocs[own])+", "+allocs(c.allocs[adapter]))
			f := r.finding(version.name+"'s own middleware / adapter, "+request.name+", routing subtracted", "≥ "+times(version.goal),
				times(ratio), ratio >= version.goal && c.allocs[adapter] == 0)
			f.why = fmt.Sprintf("the adapter adds %s to a routing of %s. A tailored handler in its place adds %s, and comes to %s", ns(added(adapter)),
				ns(c.median(routing)), ns(added(tailored)), times(most))
			if most < version.goal {
				f.why += ": the goal is out of reach of whoever promises the same."
			} else {
				f.why += "."
			}
		}
	}
}

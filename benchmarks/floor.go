package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/internal/floor"
)

// floorRow is a request, and the floor of its response.
type floorRow struct {
	name, request string
	policy        policy
	wire          wire
	floor         fasthttp.RequestHandler
	goal          float64 // of middleware / floor
	readingGoal   float64 // of middleware / reading floor; 0: none
}

func floorRows() []floorRow {
	const asked = "content-type,x-requested-with"
	one, subdomains, all := allow(page), allow("https://*.example.com"), allow("*")
	return []floorRow{
		{"Actual request, one exact origin", "minimal", one, get(minimalHead, page), floor.Allowed, 1.20, 1.10},
		{"Actual request, one exact origin", "browser", one, get(browserHead, page), floor.Allowed, 1.20, 1.10},
		{"Actual request, subdomain pattern", "minimal", subdomains, get(minimalHead, page), floor.Allowed, 1.45, 0},
		{"Actual request, subdomain pattern", "browser", subdomains, get(browserHead, page), floor.Allowed, 1.45, 0},
		{"Actual request, no `Origin`", "minimal", one, get(minimalHead, ""), floor.Varies, 1.30, 0},
		{"Actual request, no `Origin`", "browser", one, get(browserHead, ""), floor.Varies, 1.50, 0},
		{"Preflight, 2 headers, max-age", "minimal", one, ask(minimalHead, page, "PUT", asked), floor.Preflight, 1.00, 0},
		{"Preflight, 2 headers, max-age", "browser", one, ask(browserPreflightHead, page, "PUT", asked), floor.Preflight, 1.15, 0},
		{"Actual request, all origins", "minimal", all, get(minimalHead, page), floor.Any, 1.10, 0},
		{"Actual request, all origins", "browser", all, get(browserHead, page), floor.Any, 1.10, 0},
	}
}

// check tells whether all that is compared sends the same response.
func (r floorRow) check() error {
	for _, handler := range []fasthttp.RequestHandler{r.policy.bytecors(), r.policy.tailored(r.wire), readingFloor(r.wire, r.floor)} {
		if err := sameResponse(r.wire, handler, r.floor); err != nil {
			return fmt.Errorf("%s, %s request: %w", r.name, r.request, err)
		}
	}
	return nil
}

// measureFloors compares with the floor; with the floor of those who have to read the request: one that also looks for
// its Origin lines, with the least calls of fasthttp that find out whether there are several, and that looks through the
// headers of the response, since a handler may have left one there that must not go out; and with what a handler takes
// that is written for the one policy, and keeps the middleware's promises.
func measureFloors(r *report, e effort) {
	t := r.table("Against the floor",
		"The floor sets the same response headers by hand and decides nothing. The *reading floor* does that too, but first "+
			"looks at the request with the calls of fasthttp that cannot be done without (`PeekCanonical`, and `PeekAll` where that finds "+
			"something: nothing cheaper tells whether there are several lines), and at the names of the response's headers "+
			"(`ResponseHeader.All`: what a handler or an upstream has left there must not go out beside the middleware's own). A preflight "+
			"it reads in one walk (`RequestHeader.All`, once `PeekAll` has said that there are no cookies, which that would parse), and its "+
			"answer it copies as a whole (`CopyTo`), which takes half as long as to set its headers. It still decides "+
			"nothing. A *tailored* handler decides: it is written for this one policy, keeps what the middleware promises of requests and "+
			"responses (`internal/floor/tailored.go`), and can be configured no more than the floor can. What the middleware takes beyond that "+
			"is the price of being one. A *minimal* request has a `Host` and the headers of CORS; a *browser*'s has the 11 to 13 others that "+
			"Chromium sends.",
		"case", "request", "floor", "reading floor", "tailored", "middleware", "middleware / floor", "goal", "tailored / floor",
		"middleware / reading floor", "goal", "tailored / reading floor", "middleware / tailored", "allocations")
	for _, row := range floorRows() {
		if err := row.check(); err != nil {
			panic(err)
		}
		c := e.compare(row.subjects()...)
		time := func(i int) string { return ns(c.median(i)) }
		ratio := func(i, j int) string { return times(c.ratio(i, j)) }
		readingGoal := "—"
		if row.readingGoal > 0 {
			readingGoal = "≤ " + times(row.readingGoal)
			row.finding(r, e, c, "reading floor", readingColumn, row.readingGoal)
		}
		row.finding(r, e, c, "floor", floorColumn, row.goal)
		t.row(row.name, row.request, time(floorColumn), time(readingColumn), time(tailoredColumn), time(middlewareColumn),
			ratio(middlewareColumn, floorColumn), "≤ "+times(row.goal), ratio(tailoredColumn, floorColumn),
			ratio(middlewareColumn, readingColumn), readingGoal, ratio(tailoredColumn, readingColumn),
			ratio(middlewareColumn, tailoredColumn), allocs(c.allocs[middlewareColumn]))
	}
}

// The subjects of a row.
const (
	floorColumn = iota
	readingColumn
	tailoredColumn
	middlewareColumn
)

func (r floorRow) subjects() []subject {
	return []subject{
		floorColumn:      onFasthttp("floor", r.wire, r.floor),
		readingColumn:    onFasthttp("reading floor", r.wire, readingFloor(r.wire, r.floor)),
		tailoredColumn:   onFasthttp("tailored", r.wire, r.policy.tailored(r.wire)),
		middlewareColumn: onFasthttp("middleware", r.wire, r.policy.bytecors()),
	}
}

// finding compares the middleware with a floor, and says of a goal that is missed whether the tailored handler misses
// it, too.
func (r floorRow) finding(to *report, e effort, c *comparison, name string, floor int, goal float64) {
	ratio, least := c.ratio(middlewareColumn, floor), c.ratio(tailoredColumn, floor)
	f := to.finding(r.name+" / "+name+", "+r.request+" request", "≤ "+times(goal), times(ratio), ratio <= goal && c.allocs[middlewareColumn] == 0)
	f.why = fmt.Sprintf("a handler that is tailored to this policy (below), and promises the same, comes to %s", times(least))
	switch {
	case least > goal:
		f.why += ": the goal is out of reach of whoever promises that."
	case !r.wire.isCORS() && !f.met:
		f.why += fmt.Sprintf(", as it looks for an `Origin` with `PeekCanonical`. The middleware does with `PeekAll`, since it has to know of several lines: "+
			"the other call before it would make a request that has an `Origin` take × %s.", times(lookFirst(e)))
	default:
		f.why += fmt.Sprintf("; the middleware takes %s of that, for what can be configured.", times(c.ratio(middlewareColumn, tailoredColumn)))
	}
}

//lint:ignore U1000 keeps the compiler from leaving out what has no effect
var readSink int

// readingFloor is floor with what it takes to know what is asked, and what is there already. A preflight's answer is
// copied as a whole, which takes less than to set its headers one by one.
func readingFloor(w wire, floor fasthttp.RequestHandler) fasthttp.RequestHandler {
	if w.isPreflight() {
		ctx, answer := w.fasthttp(), new(fasthttp.ResponseHeader)
		floor(ctx)
		ctx.Response.Header.CopyTo(answer)
		return func(ctx *fasthttp.RequestCtx) {
			h := &ctx.Request.Header
			h.DisableNormalizing() // makes PeekAll cheaper
			readSink += len(h.PeekAll(fasthttp.HeaderCookie))
			h.EnableNormalizing()
			for name := range h.All() {
				readSink += len(name)
			}
			readNames(&ctx.Response.Header)
			answer.CopyTo(&ctx.Response.Header)
		}
	}
	return func(ctx *fasthttp.RequestCtx) {
		h := &ctx.Request.Header
		if len(h.PeekCanonical(nameOrigin)) > 0 {
			h.DisableNormalizing()
			readSink += len(h.PeekAll(fasthttp.HeaderOrigin))
			h.EnableNormalizing()
		}
		floor(ctx)
		readNames(&ctx.Response.Header)
	}
}

var nameOrigin = []byte(fasthttp.HeaderOrigin)

// readNames must not become a part of its callers, whose frames it would make so large that it costs 20 ns.
//
//go:noinline
func readNames(h *fasthttp.ResponseHeader) {
	h.All()(func(name, _ []byte) bool {
		readSink += len(name)
		return true
	})
}

// sameResponse checks that two handlers answer alike, without which one is not the other's floor.
func sameResponse(w wire, a, b fasthttp.RequestHandler) error {
	lines := func(handler fasthttp.RequestHandler) []string {
		ctx := w.fasthttp()
		handler(ctx)
		lines := []string{fmt.Sprint(ctx.Response.StatusCode())}
		for name, value := range ctx.Response.Header.All() {
			lines = append(lines, string(name)+": "+string(value))
		}
		slices.Sort(lines)
		return lines
	}
	if x, y := lines(a), lines(b); !slices.Equal(x, y) {
		return fmt.Errorf("responses differ:\n%s\n\n%s", strings.Join(x, "\n"), strings.Join(y, "\n"))
	}
	return nil
}

// measureSizes compares large policies with small ones.
func measureSizes(r *report, e effort, million int) {
	t := r.table("Large policies",
		"The same request to a small and to a large policy. For allowed headers, a value of 10 names of 100 is compared with one of "+
			"2 of 2, both 5 bytes longer than their names would need to be, so that neither is simply equal to the whole list.",
		"case", "small", "large", "large / small", "goal", "allocations")
	list := append(numberedOrigins(million), page)
	large, small := allow(list...), allow(page)
	// The handlers are kept for all three: a million origins are made once.
	largeHandler, smallHandler := large.bytecors(), small.bytecors()
	runtime.GC()
	for _, row := range []struct {
		name   string
		origin string
	}{
		{"hit", page},
		{"miss", "https://app.example.org"},
		{"near miss: one letter of a listed origin differs", list[million/2][:len(list[0])-1] + "n"},
	} {
		w := get(browserHead, row.origin)
		c := e.compare(onFasthttp("small", w, smallHandler), onFasthttp("large", w, largeHandler))
		t.row(fmt.Sprintf("%d origins / 1, %s", million+1, row.name), ns(c.median(0)), ns(c.median(1)),
			times(c.ratio(1, 0)), "≤ 1.30", allocs(c.allocs[1]))
		r.finding(fmt.Sprintf("%d listed origins / 1 origin, %s", million+1, row.name), "≤ 1.30", times(c.ratio(1, 0)),
			c.ratio(1, 0) <= 1.3 && c.allocs[1] == 0)
	}

	two, hundred := allow(page), allow(page)
	two.headers, hundred.headers = numberedHeaders(2), numberedHeaders(100)
	asksTwo := ask(browserPreflightHead, page, "PUT", strings.Join(two.headers, ",")+",")
	asksTen := ask(browserPreflightHead, page, "PUT", strings.Join(every(hundred.headers, 10), ",")+",")
	asksNone := ask(browserPreflightHead, page, "PUT")
	c := e.compare(
		onFasthttp("two", asksTwo, two.bytecors()),
		onFasthttp("ten of a hundred", asksTen, hundred.bytecors()),
		onFasthttp("two, none asked", asksNone, two.bytecors()),
		onFasthttp("hundred, none asked", asksNone, hundred.bytecors()),
	)
	// What is not in proportion to the names asked for is what the policy's size costs: the longer
	// Access-Control-Allow-Headers that is written is in it too.
	perName := c.of(func(ns []float64) float64 { return (ns[1] - ns[3]) / 10 / ((ns[0] - ns[2]) / 2) })
	total := c.ratio(1, 0)
	t.row("100 allowed headers, 10 asked for / 2 allowed, 2 asked for", ns(c.median(0)), ns(c.median(1)),
		times(total), "≤ 5", allocs(c.allocs[1]))
	t.row("the same, for each name asked for, above a preflight that asks for none",
		ns(c.of(func(ns []float64) float64 { return (ns[0] - ns[2]) / 2 })),
		ns(c.of(func(ns []float64) float64 { return (ns[1] - ns[3]) / 10 })), times(perName), "≤ 1.50", "")
	r.finding("100 allowed headers, ACRH of 10 / 2 allowed headers, ACRH of 2", "in proportion to the 10: ≤ 5 in all, ≤ 1.50 for each name",
		fmt.Sprintf("%s in all, %s for each name", times(total), times(perName)), total <= 5 && perName <= 1.5 && c.allocs[1] == 0)
}

// every returns each n-th of names.
func every(names []string, n int) []string {
	var some []string
	for i := n / 2; i < len(names); i += n {
		some = append(some, names[i])
	}
	return some
}

// Both are allowed, so that all of them has to be looked at and written into the response.
const (
	deepSubdomain = "a subdomain 120 labels deep"
	longLabels    = "a label of 63 letters, four times"
)

// hostileRow is a request made by hand to be expensive, and one that a browser might send in its place.
type hostileRow struct {
	name           string
	policy         policy
	hostile, plain wire
}

func hostileRows(million int) []hostileRow {
	headers := func(values ...string) wire { return ask(browserPreflightHead, page, "PUT", values...) }
	const names = "content-type,x-requested-with"
	one, subdomains := allow(page), allow("https://*.example.com")
	lines := make([]string, 100)
	for i := range lines {
		lines[i] = "x-requested-with"
	}
	with := func(line string, w wire) wire { return wire(strings.TrimSuffix(string(w), "\r\n") + line + "\r\n\r\n") }
	// The longest value of each kind that is still looked at.
	fits := func(s string) string { return strings.Repeat(s, 500)[:500] }
	return []hostileRow{
		{"8000 commas", one, headers(strings.Repeat(",", 8000)), headers(names)},
		{"8000 spaces between two names", one, headers("content-type," + strings.Repeat(" ", 8000) + "x-requested-with"), headers(names)},
		{"8000 tabs between two names", one, headers("content-type," + strings.Repeat("\t", 8000) + "x-requested-with"), headers(names)},
		{"a name of 8000 letters", one, headers(strings.Repeat("x", 8000)), headers(names)},
		{"1000 names", one, headers(strings.Repeat("x-token,", 1000)), headers(names)},
		{"500 commas, few enough to be looked at", one, headers(fits(",")), headers(names)},
		{"commas and spaces, few enough to be looked at", one, headers(fits(", ")), headers(names)},
		{"100 lines of ACRH", one, headers(lines...), with(strings.Repeat("X-More: x-requested-with\r\n", 98)+"X-More: x-requested-with", headers(names))},
		{"cookies of 8000 bytes", one, with("Cookie: "+strings.Repeat("a=b; ", 1600), headers(names)), headers(names)},
		{"1600 lines of cookies", one, with(strings.Repeat("Cookie: a\r\n", 1599)+"Cookie: a", headers(names)),
			with(strings.Repeat("X-More: a\r\n", 1599)+"X-More: a", headers(names))},
		{"600 empty lines of ACRH", one, headers(make([]string, 600)...), with(strings.Repeat("X-More:\r\n", 599)+"X-More:", headers(names))},
		{"an origin of 8000 letters", subdomains, get(browserHead, "https://"+strings.Repeat("a", 8000)+".example.com"), get(browserHead, page)},
		{deepSubdomain, subdomains, get(browserHead, "https://"+strings.Repeat("a.", 120)+"example.com"), get(browserHead, page)},
		{longLabels, subdomains, get(browserHead, "https://"+strings.Repeat(strings.Repeat("a", 63)+".", 3)+strings.Repeat("a", 48)+".example.com"), get(browserHead, page)},
		{fmt.Sprintf("an origin that %d listed ones resemble", million), allow(append(numberedOrigins(million), page)...),
			get(browserHead, "https://tenant-"+strings.Repeat("0", 7)+".example.con"), get(browserHead, page)},
	}
}

func measureHostile(r *report, e effort, million int) {
	t := r.table("Hostile requests",
		"A request that was written to cost much, and a browser's to the same policy, with as many lines. The two differ in nothing else.",
		"request", "plain", "hostile", "hostile / plain", "goal", "allocations")
	worst, allocated := 0.0, 0.0
	var worstName string
	above, rows := 0, hostileRows(million)
	for _, row := range rows {
		handler := cors.MustNew(row.policy.config()).Wrap(floor.Bare)
		c := e.compare(onFasthttp("plain", row.plain, handler), onFasthttp("hostile", row.hostile, handler))
		ratio := c.ratio(1, 0)
		goal := 1.5
		if row.name == deepSubdomain || row.name == longLabels {
			goal = 1.8
		}
		t.row(row.name, ns(c.median(0)), ns(c.median(1)), times(ratio), "≤ "+times(goal), allocs(c.allocs[1]))
		if ratio > goal {
			above++
		}
		if ratio > worst {
			worst, worstName = ratio, row.name
		}
		allocated = max(allocated, c.allocs[1])
	}
	f := r.finding("Hostile requests / plain ones, the worst", "≤ 1.50, deep subdomains ≤ 1.80, 0 allocations",
		fmt.Sprintf("%s (%s), %s allocations", times(worst), worstName, allocs(allocated)), above == 0 && allocated == 0)
	f.why = fmt.Sprintf("%d of %d kinds miss it. A subdomain has to be looked at as a whole, up to the 253 bytes that a host may have, and "+
		"one that is well formed is allowed, and so written into the response; the cost is linear in a length that is capped, at less than half a "+
		"nanosecond for each byte. What is longer costs less than a plain request.", above, len(rows))
}

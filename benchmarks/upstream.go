package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// upstreamRow is a response of an upstream that was made to be expensive for whoever has to merge or to remove
// something in it.
type upstreamRow struct {
	name string
	fill func(h *fasthttp.ResponseHeader)
}

func upstreamRows() (rows []upstreamRow) {
	for _, n := range []int{40, 3900, 16000} {
		rows = append(rows, upstreamRow{fmt.Sprintf("%d names in Vary", n), func(h *fasthttp.ResponseHeader) {
			var names strings.Builder
			for i := range n {
				fmt.Fprintf(&names, "x%d,", i)
			}
			h.Set("Vary", names.String())
		}})
	}
	for _, n := range []int{10, 1000, 10000} {
		rows = append(rows, upstreamRow{fmt.Sprintf("%d Access-Control lines among as many others", n), func(h *fasthttp.ResponseHeader) {
			for range n {
				h.Add("Access-Control-Allow-Origin", "*")
				h.Add("Link", "</x>; rel=next")
			}
		}})
	}
	return rows
}

// proxying is a handler that parses the upstream's response, and copies it.
func proxying(text []byte) fasthttp.RequestHandler {
	var upstream fasthttp.ResponseHeader
	source := bytes.NewReader(nil)
	reader := bufio.NewReaderSize(source, len(text)+1)
	return func(ctx *fasthttp.RequestCtx) {
		source.Reset(text)
		reader.Reset(source)
		if err := upstream.Read(reader); err != nil {
			panic(err)
		}
		upstream.CopyTo(&ctx.Response.Header)
	}
}

// measureUpstreams compares a proxy with and without the middleware around it.
func measureUpstreams(r *report, e effort) {
	t := r.table("An upstream's response",
		"A handler that parses the response of an upstream and copies it, in a server on a connection in memory; alone, and behind the middleware, which "+
			"merges `Vary` and removes the upstream's CORS headers without moving the others.",
		"response", "alone", "with", "with / alone", "goal", "allocations")
	worst, allocated := 0.0, 0.0
	w, m := get(browserHead, page), cors.MustNew(allow(page).config())
	for _, row := range upstreamRows() {
		var upstream fasthttp.ResponseHeader
		upstream.SetContentLength(0) // or fasthttp would close the connection
		row.fill(&upstream)
		handler := proxying([]byte(upstream.String()))
		c := e.compare(
			served(w, func() fasthttp.RequestHandler { return handler }),
			served(w, func() fasthttp.RequestHandler { return m.Wrap(handler) }))
		ratio, more := c.ratio(1, 0), c.allocs[1]-c.allocs[0]
		worst, allocated = max(worst, ratio), max(allocated, more)
		t.row(row.name, ns(c.median(0)), ns(c.median(1)), times(ratio), "≤ 3", allocs(more))
	}
	r.finding("An upstream's response with thousands of names or lines, with / alone", "≤ 3, no allocations",
		fmt.Sprintf("%s, %s", times(worst), allocs(allocated)), worst <= 3 && allocated <= 0)
}

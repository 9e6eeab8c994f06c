package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
	"github.com/bytecors/cors/internal/requesthead"
)

// Requests are bytes as they come over the wire, parsed by the server's own parser. They are built once: what
// is measured begins where a server calls its handler.

const page = floor.Origin

const (
	minimalHead          = requesthead.Minimal
	browserHead          = requesthead.Chromium
	browserPreflightHead = requesthead.ChromiumPreflight
)

// wire is a request without a body.
type wire []byte

// get is an actual request from a page, or, where origin is "", one that is not subject to CORS.
func get(head, origin string) wire { return newWire(requesthead.Actual(head, origin)) }

// ask is a preflight, with a line of Access-Control-Request-Headers for each of the values.
func ask(head, origin, method string, headers ...string) wire {
	return newWire(requesthead.Preflight(head, origin, method, headers...))
}

func newWire(lines string) wire {
	return wire(strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n")
}

func (w wire) isPreflight() bool {
	return strings.HasPrefix(string(w), fasthttp.MethodOptions)
}

// isCORS tells whether it has an Origin.
func (w wire) isCORS() bool {
	return bytes.Contains(w, []byte("\r\nOrigin: "))
}

// fasthttp returns the context in which a fasthttp server calls its handler.
func (w wire) fasthttp() *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Init2(nil, nil, false)
	if err := ctx.Request.Header.Read(w.reader()); err != nil {
		panic(fmt.Errorf("request %.200q: %w", w, err))
	}
	return ctx
}

// nethttp returns the request with which a net/http server calls its handler.
func (w wire) nethttp() *http.Request {
	r, err := http.ReadRequest(w.reader())
	if err != nil {
		panic(fmt.Errorf("request %.200q: %w", w, err))
	}
	return r
}

func (w wire) reader() *bufio.Reader {
	return bufio.NewReaderSize(strings.NewReader(string(w)), len(w))
}

// numberedOrigins returns n origins, none of which is page.
func numberedOrigins(n int) []string {
	origins := make([]string, n, n+1)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://tenant-%07d.example.com", i)
	}
	return origins
}

// numberedHeaders returns n names in the order in which a browser asks for them.
func numberedHeaders(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x-header-%03d", i)
	}
	return names
}

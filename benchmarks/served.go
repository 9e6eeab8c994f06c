package main

import (
	"fmt"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
)

// served is a subject that answers requests as a whole server does: it reads and parses them from a connection that is
// kept alive, calls the handler, and writes the responses. The connection is in memory, so that the system's calls are
// not counted, which are most of a request's time.
//
// Where in memory a server's buffers come to lie can make it a quarter slower for all its life, whatever it does: several
// servers, each with a handler of its own, take turns.
func served(w wire, newHandler func() fasthttp.RequestHandler) subject {
	conns := make([]*memoryConn, 8)
	for i := range conns {
		conns[i] = &memoryConn{request: w, turns: make(chan int)}
		listener := make(memoryListener, 1)
		listener <- conns[i]
		server := &fasthttp.Server{Handler: newHandler()}
		go func() { panic(server.Serve(listener)) }() // which accepts until the program ends
		conns[i].answer(100)
	}
	next := 0
	return subject{"", func(n int) {
		conns[next%len(conns)].answer(n)
		next++
	}}
}

// memoryListener accepts the connections that are put into it.
type memoryListener chan *memoryConn

func (l memoryListener) Accept() (net.Conn, error) { return <-l, nil }
func (l memoryListener) Close() error              { return nil }
func (l memoryListener) Addr() net.Addr            { return &net.TCPAddr{} }

// memoryConn is a connection on which a client sends the same request again and again, and drops what it gets.
type memoryConn struct {
	request wire
	at      int
	left    int // bytes
	turns   chan int
}

// answer returns when n requests have been answered.
func (c *memoryConn) answer(n int) {
	c.turns <- n
	c.turns <- 0 // is read when there is nothing left to answer
}

func (c *memoryConn) Read(p []byte) (int, error) {
	for c.left == 0 {
		c.left = <-c.turns * len(c.request)
	}
	n := copy(p[:min(len(p), c.left)], c.request[c.at:])
	c.at, c.left = (c.at+n)%len(c.request), c.left-n
	return n, nil
}

func (c *memoryConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *memoryConn) Close() error                     { return nil }
func (c *memoryConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *memoryConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

// measureServed says what the middleware adds to a request, in what a server spends on it.
func measureServed(r *report, e effort) {
	t := r.table("Inside a server",
		"Fasthttp servers on connections in memory, which take turns: each reads and parses requests from Chromium, one after the other, answers, and writes. *Added* is what "+
			"the middleware takes beyond the same headers set by hand. On a real connection, the system's calls come on top.",
		"request", "without", "headers by hand", "tailored", "with", "added", "by hand / with", "goal", "by hand / tailored")
	for _, row := range []struct {
		name           string
		policy         policy
		wire           wire
		without, floor fasthttp.RequestHandler
		goal           float64
	}{
		{"actual, one origin", allow(page), get(browserHead, page), floor.Bare, floor.Allowed, 0.93},
		{"actual, subdomain pattern", allow("https://*.example.com"), get(browserHead, page), floor.Bare, floor.Allowed, 0.91},
		{"actual, no `Origin`", allow(page), get(browserHead, ""), floor.Bare, floor.Varies, 0.96},
		{"preflight, 2 headers, max-age", allow(page), ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with"), floor.BareNoContent, floor.Preflight, 0.88},
	} {
		c := e.compare(
			served(row.wire, func() fasthttp.RequestHandler { return row.without }),
			served(row.wire, func() fasthttp.RequestHandler { return row.floor }),
			served(row.wire, row.policy.bytecors),
			served(row.wire, func() fasthttp.RequestHandler { return row.policy.tailored(row.wire) }))
		added := c.of(func(ns []float64) float64 { return ns[2] - ns[1] })
		t.row(row.name, ns(c.median(0)), ns(c.median(1)), ns(c.median(3)), ns(c.median(2)), ns(added), times(c.ratio(1, 2)), "≥ "+times(row.goal), times(c.ratio(1, 3)))
		f := r.finding("In a server: the same headers by hand / with, "+row.name, "≥ "+times(row.goal), times(c.ratio(1, 2)), c.ratio(1, 2) >= row.goal)
		f.why = fmt.Sprintf("it adds %s. A tailored handler (below) comes to %s.", ns(added), times(c.ratio(1, 3)))
		if r.summary == "" {
			r.summary = fmt.Sprintf("**What this adds to a request from a browser: %s of the %s that a fasthttp server spends on one, system calls not counted** "+
				"(an actual request from one listed origin; of the %s, the headers themselves take %s).",
				ns(c.median(2)-c.median(0)), ns(c.median(2)), ns(c.median(2)-c.median(0)), ns(c.median(1)-c.median(0)))
		}
	}
}

package main

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
)

// served is a subject that answers requests as a whole server does: it reads and parses them from a connection, calls
// the handler, and writes the responses. The connection is in memory, so that the system's calls are not counted,
// which are most of a request's time.
func served(w wire, handler fasthttp.RequestHandler) subject {
	server := &fasthttp.Server{Handler: handler}
	return subject{"", func(n int) {
		if err := server.ServeConn(&memoryConn{request: w, left: n * len(w)}); err != nil {
			panic(err)
		}
	}}
}

// memoryConn is a connection on which a client sends the same request again and again, and drops what it gets.
type memoryConn struct {
	request wire
	at      int
	left    int // bytes
}

func (c *memoryConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
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
		"A fasthttp server on a connection in memory: it reads and parses requests from Chromium, one after the other, answers, and writes. *Added* is what "+
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
		c := e.compare(served(row.wire, row.without), served(row.wire, row.floor), served(row.wire, row.policy.bytecors()), served(row.wire, row.policy.tailored(row.wire)))
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

package cors_test

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// run is one connection's worth of requests to a server, and what became of each.
type run struct {
	script     script
	config     cors.Config
	middleware *cors.Middleware
	forBrowser bool // which follows redirects, and fails where a body is missing

	answers  []*answer
	gate     chan struct{} // closed when the connection is: handlers that have timed out go on then
	late     sync.WaitGroup
	lateTurn sync.Mutex // two late handlers of one request would race with each other
}

// scriptServer is a fasthttp server for any number of runs, one after the other.
type scriptServer struct {
	server *fasthttp.Server
	conns  chan net.Conn
	run    *run
}

var scriptServers = map[[3]bool]*scriptServer{}

// scriptServerFor returns a server with these settings. It serves as long as the process lives.
func scriptServerFor(noNormalizing, stream, reduceMemory bool) *scriptServer {
	key := [3]bool{noNormalizing, stream, reduceMemory}
	if s := scriptServers[key]; s != nil {
		return s
	}
	s := &scriptServer{conns: make(chan net.Conn)}
	scriptServers[key] = s
	s.server = &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) { s.run.serve(ctx) },
		ErrorHandler: func(ctx *fasthttp.RequestCtx, err error) {
			r := s.run
			r.begin(ctx).failed = true
			r.middleware.WrapErrorHandler(nil)(ctx, err)
		},
		DisableHeaderNamesNormalizing: noNormalizing,
		StreamRequestBody:             stream,
		ReduceMemoryUsage:             reduceMemory,
		MaxRequestBodySize:            64,
		ReadBufferSize:                4096,
		Logger:                        discard{},
	}
	go func() { panic(s.server.Serve(s)) }()
	return s
}

// Accept, Close and Addr make a listener of the channel.
func (s *scriptServer) Accept() (net.Conn, error) { return <-s.conns, nil }
func (s *scriptServer) Close() error              { return nil }
func (s *scriptServer) Addr() net.Addr            { return &net.TCPAddr{} }

// scriptConn is a connection whose client has sent all that it will send, and reads when all is over.
type scriptConn struct {
	net.Conn
	in     *bytes.Reader
	atOnce int // bytes per read
	out    bytes.Buffer
	done   chan struct{}
}

func (c *scriptConn) Read(p []byte) (int, error)         { return c.in.Read(p[:min(len(p), c.atOnce)]) }
func (c *scriptConn) Write(p []byte) (int, error)        { return c.out.Write(p) }
func (c *scriptConn) Close() error                       { close(c.done); return nil }
func (c *scriptConn) LocalAddr() net.Addr                { return &net.TCPAddr{} }
func (c *scriptConn) RemoteAddr() net.Addr               { return &net.TCPAddr{} }
func (c *scriptConn) SetDeadline(time.Time) error        { return nil }
func (c *scriptConn) SetReadDeadline(t time.Time) error  { return nil }
func (c *scriptConn) SetWriteDeadline(t time.Time) error { return nil }

// serveBytes has the server read raw, and returns what it writes.
func (s *scriptServer) serveBytes(r *run, raw []byte, atOnce int) []byte {
	s.run, r.gate = r, make(chan struct{})
	conn := &scriptConn{in: bytes.NewReader(raw), atOnce: atOnce, done: make(chan struct{})}
	s.conns <- conn
	<-conn.done
	close(r.gate)
	r.late.Wait()
	return conn.out.Bytes()
}

// begin notes a request as it came.
func (r *run) begin(ctx *fasthttp.RequestCtx) *answer {
	a := &answer{config: r.config, debug: r.middleware.Debug()}
	var h fasthttp.RequestHeader
	ctx.Request.Header.CopyTo(&h)
	a.request.method = string(h.Method())
	for name, value := range h.All() {
		switch strings.ToLower(string(name)) {
		case "origin":
			a.request.origins = append(a.request.origins, string(value))
		case "access-control-request-method":
			a.request.requestMethods = append(a.request.requestMethods, string(value))
		case "access-control-request-headers":
			a.request.requestHeaders = append(a.request.requestHeaders, string(value))
		case "access-control-request-private-network":
			a.request.privateNetwork = string(value) == "true"
		}
	}
	r.answers = append(r.answers, a)
	return a
}

// serve is the server's handler: an outer middleware, the middleware, and a handler that misbehaves.
func (r *run) serve(ctx *fasthttp.RequestCtx) {
	a := r.begin(ctx)
	a.unframed = ctx.IsHead()
	if r.script.choose(4) == 3 {
		r.misbehaveBefore(&ctx.Response.Header)
	}
	a.vary = varyElements(&ctx.Response.Header)
	defer func() { _ = recover() }()
	r.middleware.Wrap(func(ctx *fasthttp.RequestCtx) {
		a.handlerRan = true
		ctx.SetBodyString("body")
		defer func() {
			h := &ctx.Response.Header
			if late := ctx.LastTimeoutErrorResponse(); late != nil {
				h = &late.Header
			}
			a.vary = varyElements(h)
		}()
		for range r.script.choose(5) {
			misbehaviours[r.script.choose(len(misbehaviours))](r, ctx)
		}
	})(ctx)
}

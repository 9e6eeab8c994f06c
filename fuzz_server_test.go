package cors_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// script hands out the bytes of a fuzz input as choices. At its end, every choice is the first.
type script []byte

func (s *script) choose(n int) int {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return int(b) % n
}

func (s *script) flip() bool { return s.choose(2) == 1 }

func pick[T any](s *script, from []T) T { return from[s.choose(len(from))] }

var (
	scriptOrigins = [][]string{
		{"https://example.com"},
		{"*"},
		{"null", "https://*.example.com"},
		{"https://example.com", "https://*.example.com:*", "app://obsidian.md", "http://localhost:*"},
		{"*", "*"},
		append([]string{"https://example.com", "https://*.example.com:8443"}, fillerPatterns...),
		nil, // an AllowOriginFunc in their place
	}
	scriptMethods = [][]string{nil, {"PUT", "patch", "PUT"}, {"*"}, {"DELETE", "PUT", "PATCH"}, {"PUT", "*"}}
	scriptHeaders = [][]string{nil, {"X-Pingother", "Content-Type"}, {"*"}, {"*", "Authorization"}, {"authorization", "x-a", "X-A"}}
	scriptExposed = [][]string{nil, {"X-Request-Id", "x-other", "X-Other"}, {"*"}}
	scriptMaxAges = []int{0, -1, 600, 86400}
	scriptStatus  = []int{0, 200, 299}

	// Those that pages of the browser in FuzzWholeRequest come from.
	scriptPages = []string{
		"https://example.com", "https://a.example.com", "https://a.b.example.com:8443", "null", "app://obsidian.md",
		"http://localhost:3000", "https://evil.example", "https://example.com.evil.example", "filler://x",
	}
)

// scriptPolicy makes a Config that New accepts.
func scriptPolicy(s *script) (cors.Config, *cors.Middleware) {
	c := cors.Config{
		AllowOrigins:        pick(s, scriptOrigins),
		AllowMethods:        pick(s, scriptMethods),
		AllowHeaders:        pick(s, scriptHeaders),
		ExposeHeaders:       pick(s, scriptExposed),
		MaxAge:              pick(s, scriptMaxAges),
		PreflightStatus:     pick(s, scriptStatus),
		AllowPrivateNetwork: s.flip(),
		AllowCredentials:    s.flip(),

		DangerouslyAllowInsecureOrigins:             true,
		DangerouslyAllowPrivateNetworkFromAnyOrigin: true,
	}
	if c.AllowOrigins == nil {
		c.AllowOriginFunc = func(_ *fasthttp.RequestCtx, origin []byte) bool { return len(origin)%2 == 0 }
	}
	m, err := cors.New(c)
	if err != nil {
		c.AllowCredentials = false
		m = cors.MustNew(c)
	}
	return c, m
}

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

// answer is what is known of a response before it is read.
type answer struct {
	request    naiveRequest
	config     cors.Config
	debug      bool
	handlerRan bool
	failed     bool     // the server could not read the request to its end
	vary       []string // elements that were there before the middleware wrote

	// Whether the body may be missing, or be there although it should not: fasthttp sends one with a timeout's response
	// to HEAD, and none of a stream that a handler wants skipped. What follows cannot be read then.
	unframed bool
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

func varyElements(h *fasthttp.ResponseHeader) []string {
	var lines []string
	for name, value := range h.All() {
		if strings.EqualFold(string(name), "Vary") {
			lines = append(lines, strings.ToLower(string(value)))
		}
	}
	return naiveElements(lines)
}

// misbehaveBefore is what an outer middleware leaves behind.
func (r *run) misbehaveBefore(h *fasthttp.ResponseHeader) {
	h.Set("Vary", "Accept-Encoding")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Add("Access-Control-Allow-Headers", "everything")
	h.SetCanonical([]byte("access-control-allow-credentials"), []byte("true"))
}

// misbehaviours are what handlers do to requests and responses.
var misbehaviours = []func(r *run, ctx *fasthttp.RequestCtx){
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Reset() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Error("no", 500) },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.NotFound() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.NotModified() },
	func(r *run, ctx *fasthttp.RequestCtx) {
		if !r.forBrowser {
			ctx.Redirect("/elsewhere", 302)
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.TimeoutError("late") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.TimeoutErrorWithCode("late", 503) },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var response fasthttp.Response
		response.SetStatusCode(504)
		response.Header.Add("Access-Control-Allow-Origin", "https://late.example")
		response.Header.Add("Access-Control-Allow-Origin", "*")
		response.Header.Add("Vary", "Accept")
		response.Header.Add("Vary", "accept-ENCODING,,origin")
		ctx.TimeoutErrorWithResponse(&response)
	},
	func(r *run, ctx *fasthttp.RequestCtx) {
		gate := r.gate
		r.late.Add(1)
		fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
			defer r.late.Done()
			<-gate
			r.lateTurn.Lock()
			defer r.lateTurn.Unlock()
			ctx.Request.Header.Set("Origin", "https://late.example")
			ctx.Response.Reset()
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "*")
		}, time.Microsecond, "late")(ctx)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Request.Reset() },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Set("Origin", "https://other.example")
		ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Request.Header.Del("Origin") },
	func(_ *run, ctx *fasthttp.RequestCtx) { // fills the request's buffers anew
		ctx.Request.Header.Reset()
		for i := range 8 {
			ctx.Request.Header.Set(fmt.Sprint("X-Fill-", i), strings.Repeat("https://fill.example ", 4))
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://handler.example")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		for _, name := range naiveOwned {
			ctx.Response.Header.Add(name, "*")
			ctx.Response.Header.Add(strings.ToUpper(name), "true")
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		for i, name := range naiveOwned {
			odd := []byte(name)
			odd[(i*3)%len(odd)] &^= 0x20
			ctx.Response.Header.SetCanonical(bytes.ReplaceAll(odd, []byte{'-' &^ 0x20}, []byte{'-'}), []byte("odd"))
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var upstream fasthttp.Response
		upstream.Header.DisableNormalizing()
		upstream.Header.Add("access-control-allow-origin", "https://upstream.example")
		upstream.Header.Add("access-control-allow-credentials", "true")
		upstream.Header.Add("access-control-MAX-age", "5")
		upstream.Header.Add("vary", "Accept-Language, origin")
		upstream.Header.Add("VARY", "X-Origin-Country")
		upstream.SetBodyString("upstream")
		upstream.CopyTo(&ctx.Response)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(200) // fasthttp loses count where a status has no body
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(200)
		ctx.Response.SetBodyStream(strings.NewReader("streamed"), len("streamed"))
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { // headers behind the body
		_ = ctx.Response.Header.SetTrailer("X-Checksum, Vary, Access-Control-Allow-Origin")
		ctx.Response.Header.Set("X-Checksum", "1")
		ctx.SetStatusCode(200) // fasthttp loses count where a status has no body
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { panic("handler") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.DisableNormalizing() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", "Accept-Encoding") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Add("Vary", "*") },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Vary", " , oRiGiN ,\tX-Origin-Country,")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Add("Vary", "") },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.SetCanonical([]byte("vArY"), []byte("X-Odd, access-control-request-method"))
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var cookie fasthttp.Cookie
		cookie.SetKey("session")
		cookie.SetValue("1")
		ctx.Response.Header.SetCookie(&cookie)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		if !ctx.Response.IsBodyStream() {
			ctx.SetStatusCode(204)
		}
	},
	func(r *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.SkipBody = !r.forBrowser
		r.answers[len(r.answers)-1].unframed = true
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.ImmediateHeaderFlush = true },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		if !ctx.Response.IsBodyStream() { // whose length would be lost, so that there is no response at all
			ctx.Response.Header.Reset()
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.SetConnectionClose() },
}

// check reads one response from br and holds it to the policy.
func (a *answer) check(t *testing.T, br *bufio.Reader) {
	response, err := http.ReadResponse(br, &http.Request{Method: a.request.method})
	for err == nil && response.StatusCode == 100 {
		response, err = http.ReadResponse(br, &http.Request{Method: a.request.method})
	}
	require.NoError(t, err, "response to %+v", a.request)
	if !a.unframed {
		_, err = io.ReadAll(response.Body)
		require.NoError(t, err, "body of the response to %+v", a.request)
	}

	lines := map[string][]string{}
	for name, values := range response.Header {
		lines[strings.ToLower(name)] = values
	}
	context := fmt.Sprintf("policy %+v, debug %v, request %+v, response %d %v", a.config, a.debug, a.request, response.StatusCode, lines)

	outcome := naiveVerdict(&a.config, &a.request)
	if !a.failed {
		require.Equal(t, !outcome.IsPreflight(), a.handlerRan, context)
	} else if outcome.IsPreflight() {
		// It is not the middleware that answers it, and no browser takes it for a yes.
		require.GreaterOrEqual(t, response.StatusCode, 400, context)
		for _, name := range naiveOwned {
			require.LessOrEqual(t, len(lines[name]), 1, context)
		}
		return
	}
	if len(a.request.requestMethods) > 1 && outcome.IsPreflight() {
		// No browser sent it. It is refused, but which of its faults is found first does not matter.
		require.Empty(t, lines["access-control-allow-headers"], context)
		return
	}
	want, vary := naiveHeaders(&a.config, a.debug, &a.request)
	got := map[string]string{}
	for _, name := range naiveOwned {
		require.LessOrEqual(t, len(lines[name]), 1, "%s: %s", name, context)
		if len(lines[name]) == 0 {
			continue
		}
		got[name] = lines[name][0]
		switch name {
		case "access-control-allow-headers", "access-control-expose-headers":
			got[name] = naiveListForm(naiveElements([]string{naiveASCIILower(lines[name][0])}))
		case "access-control-allow-methods":
			got[name] = naiveListForm(naiveElements(lines[name]))
		}
	}
	require.Equal(t, want, got, context)
	a.checkVary(t, lines["vary"], vary, context)
	a.checkBrowser(t, lines, response.StatusCode, outcome, context)
}

// checkVary: the names are added to what was there, none is lost or listed twice, and "*" stays.
func (a *answer) checkVary(t *testing.T, lines, names []string, context string) {
	got := naiveElements(lines)
	for i := range got {
		got[i] = strings.ToLower(got[i])
	}
	want := append(slices.Clone(a.vary), names...)
	slices.Sort(want)
	want = slices.Compact(want)
	slices.Sort(got)
	switch {
	case slices.Contains(a.vary, "*"):
		require.Contains(t, got, "*", context)
	case len(names) == 0: // is the handler's own affair
		require.Equal(t, want, append([]string(nil), slices.Compact(got)...), context)
	default:
		require.Len(t, lines, 1, context)
		require.Equal(t, want, got, context)
	}
}

// checkBrowser: a browser that had sent this request would let it pass exactly if the policy means so.
func (a *answer) checkBrowser(t *testing.T, lines map[string][]string, status int, outcome cors.Outcome, context string) {
	r := &a.request
	if len(r.origins) != 1 || !naiveMayBeOrigin(r.origins[0]) {
		return // was not sent by a browser
	}
	credentials := a.config.AllowCredentials
	if !outcome.IsPreflight() {
		for _, include := range []bool{false, true} {
			want := outcome == cors.ActualAllowed && (credentials || !include)
			require.Equal(t, want, naiveCORSCheck(lines, r.origins[0], include), "include %v: %s", include, context)
		}
		return
	}
	if a.debug || status < 300 {
		require.Equal(t, naiveStatus(&a.config, a.debug, outcome), status, context)
	}
	if len(r.requestMethods) != 1 || !naiveTokenForm.MatchString(r.requestMethods[0]) || len(r.requestHeaders) > 1 {
		return
	}
	names := naiveElements(r.requestHeaders)
	if len(r.requestHeaders) == 1 && r.requestHeaders[0] != strings.Join(naiveNames(names), ",") {
		return
	}
	for _, include := range []bool{false, true} {
		want := outcome == cors.PreflightAllowed && (credentials || !include)
		got := naivePreflightCheck(lines, status, r.origins[0], r.requestMethods[0], names, include)
		require.Equal(t, want, got, "include %v: %s", include, context)
	}
}

// browserRequests are what the pages in FuzzWholeRequest ask for, and what a preflight says of it.
var browserRequests = []struct {
	request corstest.Request
	unsafe  []string
}{
	{corstest.Request{Method: "GET"}, nil},
	{corstest.Request{Method: "POST", Body: "a=1"}, nil},
	{corstest.Request{Method: "HEAD", Header: corstest.Header{{"Accept-Language", "de"}}}, nil},
	{corstest.Request{Method: "put"}, nil},
	{corstest.Request{Method: "patch", Header: corstest.Header{{"X-Pingother", "1"}}}, []string{"x-pingother"}},
	{corstest.Request{Method: "PATCH", Header: corstest.Header{{"Content-Type", "application/json"}}, Body: "{}"}, []string{"content-type"}},
	{corstest.Request{Method: "GET", Header: corstest.Header{{"Authorization", "Bearer 1"}}}, []string{"authorization"}},
	{corstest.Request{Method: "DELETE", Header: corstest.Header{{"X-A", "1"}, {"X-B", "2"}}}, []string{"x-a", "x-b"}},
	{corstest.Request{Method: "POST", Header: corstest.Header{{"x-pingother", "1"}, {"Content-Type", "text/xml"}}, Body: "<a/>"},
		[]string{"content-type", "x-pingother"}},
}

// checkPage has a page in a browser fetch from the server, and compares what becomes of it with the policy.
func checkPage(t *testing.T, s *scriptServer, r *run) {
	origin := pick(&r.script, scriptPages)
	ask := pick(&r.script, browserRequests)
	request := ask.request
	request.URL = "https://api.test/items"
	if r.script.flip() {
		request.Credentials = corstest.Include
	}
	r.forBrowser = true

	listed := naiveMatchesAny(r.config.AllowOrigins, origin) || r.config.AllowOriginFunc != nil && r.config.AllowOriginFunc(nil, []byte(origin))
	want := listed && (request.Credentials != corstest.Include || r.config.AllowCredentials)
	method := strings.ToUpper(request.Method)
	if request.Method == "patch" {
		method = "patch"
	}
	if len(ask.unsafe) > 0 || !naiveMethodOK(nil, method) {
		_, headersOK := naiveHeadersOK(r.config.AllowHeaders, []string{strings.Join(ask.unsafe, ",")})
		want = want && naiveMethodOK(r.config.AllowMethods, method) && headersOK
	}

	page := corstest.NewLiveBrowser(origin)
	page.Dial = func(context.Context, string, bool) (net.Conn, error) {
		return &pageConn{server: s, run: r, answered: make(chan struct{})}, nil
	}
	result := page.Fetch(request)
	require.Equal(t, want, result.Allowed, "policy %+v, debug %v\n%s", r.config, r.middleware.Debug(), result)
}

// pageConn is a connection for one exchange. The server gets the request when the client begins to wait for
// the response, and by then has sent it whole.
type pageConn struct {
	scriptConn
	server *scriptServer
	run    *run

	answered chan struct{} // closed when there is a response
	response *bytes.Reader
}

func (c *pageConn) Write(p []byte) (int, error) {
	c.response = bytes.NewReader(c.server.serveBytes(c.run, p, len(p)))
	close(c.answered)
	return len(p), nil
}

func (c *pageConn) Read(p []byte) (int, error) {
	<-c.answered
	return c.response.Read(p)
}

func (c *pageConn) Close() error { return nil }

// FuzzWholeRequest sends raw bytes through a server, with any policy and a handler that misbehaves in any way.
// Each response parses and carries exactly the CORS headers that the policy means, once; a browser lets it
// pass exactly if the policy does; and so does a whole browser that comes afterwards.
func FuzzWholeRequest(f *testing.F) {
	head := func(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }
	seeds := []string{
		head("GET /resources/public-data/ HTTP/1.1", "Host: bar.other", "Origin: https://example.com"),
		head("OPTIONS /doc HTTP/1.1", "Host: bar.other", "Origin: https://example.com", "Access-Control-Request-Method: POST",
			"Access-Control-Request-Headers: content-type,x-pingother"),
		head("GET /credentialed HTTP/1.1", "Host: bar.other", "Origin: https://a.example.com", "Cookie: pageAccess=2"),
		head("GET / HTTP/1.1", "Host: bar.other"),
		head("GET / HTTP/1.1", "Host: bar.other", "Origin: https://example.com", "origin: https://evil.example"),
		head("OPTIONS / HTTP/1.1", "Host: h", "origin: https://example.com", "access-control-request-method: PUT",
			"ACCESS-CONTROL-REQUEST-HEADERS: x-a", "Access-Control-Request-Headers: \tContent-Type , ,x-pingother"),
		head("OPTIONS * HTTP/1.1", "Host: h", "Origin: null", "Access-Control-Request-Method:"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: DELETE",
			"Access-Control-Request-Method: PUT", "Access-Control-Request-Private-Network: true"),
		head("OPTIONS / HTTP/1.0", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: authorization", "Cookie: a=1; b=2", "Connection: keep-alive"),
		head("HEAD / HTTP/1.1", "Host: h", "Origin:https://example.com", "Accept: */*"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Content-Length: 3") + "abc" +
			head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Transfer-Encoding: chunked", "Trailer: X-Sum") +
			"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n" + head("GET / HTTP/1.1", "Host: h", "Origin: https://evil.example"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Expect: 100-continue", "Content-Length: 3") + "abc",
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Content-Length: 100000"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com", " folded"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: x-a,", "\tx-pingother", "Access-Control-Request-Headers: content-type", "Trailer: X-Sum"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: "+strings.Repeat(",", 3000)),
		head("CONNECT example.com:443 HTTP/1.1", "Host: h", "Origin: https://example.com"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com\x00"),
		head("GET / HTTP/1.1", "Origin: https://example.com", strings.Repeat("X-Many: 1\r\n", 200)+"X-Last: 1", "Host: h"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com", "X-Long: "+strings.Repeat("a", 5000)),
		head("get / HTTP/1.1", "Host: h", "Origin: https://example.com") + "rest",
		head("options / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT"),
	}
	for i, raw := range seeds {
		for policy := range scriptOrigins {
			n := i + policy*5
			choices := []byte{byte(n), byte(n / 2), byte(n / 4), byte(policy), byte(n), byte(n / 3), byte(n), byte(n), byte(n),
				byte(n), byte(n / 2), byte(n / 5), byte(n), 4, byte(n), byte(n + 7), byte(n * 3), byte(n * 5), byte(n), 3, byte(n * 7), byte(n + 3), byte(n + 9)}
			f.Add([]byte(raw), choices)
		}
	}
	for i := range misbehaviours {
		f.Add([]byte(seeds[2]), []byte{0, 0, 0, 3, 1, 1, 1, 2, 0, 0, 1, 0, 0, 1, byte(i)})
		f.Add([]byte(seeds[4]), []byte{1, 0, 0, 3, 1, 1, 1, 2, 0, 0, 1, 0, 0, 2, 22, byte(i)})
	}
	f.Fuzz(func(t *testing.T, raw, choices []byte) {
		r := &run{script: choices}
		s := scriptServerFor(r.script.flip(), r.script.flip(), r.script.flip())
		r.config, r.middleware = scriptPolicy(&r.script)
		r.middleware.SetDebug(r.script.flip())
		atOnce := max(pick(&r.script, []int{1 << 20, 1, 7, 100}), len(raw)/20) // fasthttp begins anew with each part of a head

		br := bufio.NewReader(bytes.NewReader(s.serveBytes(r, raw, atOnce)))
		whole := true
		for _, a := range r.answers {
			if whole {
				a.check(t, br)
				whole = !a.unframed && !a.failed
			}
		}
		if whole {
			_, err := br.ReadByte()
			require.Equal(t, io.EOF, err, "more responses than requests")
		}
		checkPage(t, s, r)
	})
}

// FuzzReconfigure runs a program of requests, reconfigurations and switches of debug mode, also from within
// handlers and from within decisions. Each response belongs wholly to the policy that was in force when
// its request came.
func FuzzReconfigure(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3})
	f.Add([]byte("reconfigure between and within requests"))
	f.Add(bytes.Repeat([]byte{4, 1, 0, 3, 2, 5, 1}, 12))
	for i := range 12 {
		f.Add(bytes.Repeat([]byte{byte(i), byte(i * 5), 3, byte(7 * i), 1, 2}, 8))
	}
	origins := []string{"https://example.com", "https://a.example.com", "null", "https://evil.example"}
	f.Fuzz(func(t *testing.T, program []byte) {
		s := script(program)
		m := new(cors.Middleware)
		var policies []cors.Config
		for i := range 3 {
			c, _ := scriptPolicy(&s)
			// No two of them can be taken for each other.
			c.ExposeHeaders = []string{fmt.Sprint("X-Policy-", i)}
			c.AllowHeaders = append(slices.Clone(c.AllowHeaders), fmt.Sprint("X-Policy-", i))
			c.MaxAge = 100 + i
			policies = append(policies, c)
		}
		inForce, debug := 0, false
		reconfigure := func() {
			inForce = s.choose(len(policies))
			require.NoError(t, m.Reconfigure(policies[inForce]))
		}
		for i := range policies {
			policies[i].OnDecision = func(*fasthttp.RequestCtx, cors.Decision) {
				if s.choose(4) == 3 {
					reconfigure()
				}
			}
			if ask := policies[i].AllowOriginFunc; ask != nil {
				policies[i].AllowOriginFunc = func(ctx *fasthttp.RequestCtx, origin []byte) bool {
					if ctx != nil && s.choose(4) == 3 {
						reconfigure()
					}
					return ask(ctx, origin)
				}
			}
		}
		require.NoError(t, m.Reconfigure(policies[0]))

		for range 40 {
			if len(s) == 0 {
				return
			}
			switch s.choose(6) {
			case 0:
				reconfigure()
			case 1:
				debug = s.flip()
				m.SetDebug(debug)
			case 2:
				broken := policies[0]
				broken.AllowOrigins = []string{"https://example.com/"}
				require.Error(t, m.Reconfigure(broken))
			default:
				a := answer{config: policies[inForce], debug: debug, vary: nil}
				a.request = naiveRequest{method: "GET", origins: []string{pick(&s, origins)}}
				head := "GET / HTTP/1.1\nHost: h\nOrigin: " + a.request.origins[0] + "\n"
				if s.flip() {
					a.request.method = "OPTIONS"
					a.request.requestMethods = []string{pick(&s, []string{"GET", "PUT", "patch"})}
					a.request.requestHeaders = []string{pick(&s, []string{"x-policy-0", "x-policy-1", "x-policy-2", "x-none"})}
					head = strings.Replace(head, "GET", "OPTIONS", 1) +
						"Access-Control-Request-Method: " + a.request.requestMethods[0] + "\n" +
						"Access-Control-Request-Headers: " + a.request.requestHeaders[0] + "\n"
				}
				handler := m.Wrap(func(ctx *fasthttp.RequestCtx) {
					a.handlerRan = true
					if s.flip() {
						reconfigure()
					}
				})
				ctx := received(t, head)
				handler(ctx)
				a.check(t, bufio.NewReader(strings.NewReader(ctx.Response.String())))
			}
		}
	})
}

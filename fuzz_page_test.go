package cors_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// scriptPages are the origins that pages come from.
var scriptPages = []string{
	"https://example.com", "https://a.example.com", "https://a.b.example.com:8443", "null", "app://obsidian.md",
	"http://localhost:3000", "https://evil.example", "https://example.com.evil.example", "filler://x",
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

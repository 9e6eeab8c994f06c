package cors_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// endings are ways in which a handler can leave a response.
var endings = []struct {
	name   string
	status int
	vary   string // in front of Origin
	handle fasthttp.RequestHandler
}{
	{"normally", 200, "", ok},
	{"with ctx.Error", 418, "", func(ctx *fasthttp.RequestCtx) { ctx.Error("teapot", 418) }},
	{"with NotFound", 404, "", func(ctx *fasthttp.RequestCtx) { ctx.NotFound() }},
	{"with NotModified", 304, "", func(ctx *fasthttp.RequestCtx) { ctx.NotModified() }},
	{"with a redirect", 302, "", func(ctx *fasthttp.RequestCtx) { ctx.Redirect("/elsewhere", 302) }},
	{"with Response.Reset", 200, "", func(ctx *fasthttp.RequestCtx) { ctx.Response.Reset() }},
	{"with TimeoutError", 408, "", func(ctx *fasthttp.RequestCtx) { ctx.TimeoutError("late") }},
	{"with TimeoutErrorWithCode", 504, "", func(ctx *fasthttp.RequestCtx) { ctx.TimeoutErrorWithCode("late", 504) }},
	{"with TimeoutErrorWithResponse", 503, "Accept", func(ctx *fasthttp.RequestCtx) {
		var r fasthttp.Response
		r.SetStatusCode(503)
		r.Header.Set("Access-Control-Allow-Origin", "https://upstream.example")
		r.Header.Set("Vary", "Accept")
		ctx.TimeoutErrorWithResponse(&r)
	}},
	{"with the response of an upstream", 201, "Accept-Encoding", func(ctx *fasthttp.RequestCtx) {
		var upstream fasthttp.Response
		upstream.SetStatusCode(201)
		for name, value := range map[string]string{
			"Access-Control-Allow-Origin":          "https://upstream.example",
			"Access-Control-Allow-Credentials":     "true",
			"Access-Control-Allow-Methods":         "PATCH",
			"Access-Control-Allow-Headers":         "x-upstream",
			"Access-Control-Allow-Private-Network": "true",
			"Access-Control-Expose-Headers":        "X-Upstream",
			"Access-Control-Max-Age":               "7",
			"Vary":                                 "Accept-Encoding",
		} {
			upstream.Header.Add(name, value)
			upstream.Header.Add(name, value)
		}
		upstream.CopyTo(&ctx.Response)
	}},
	{"with CORS headers of its own", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
		ctx.Response.Header.Set("Access-Control-Expose-Headers", "X-Secret")
	}},
	{"with CORS headers of its own, twice", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Access-Control-Allow-Origin", "*")
		ctx.Response.Header.Add("Access-Control-Allow-Origin", "https://evil.example")
	}},
	{"with CORS headers in odd case", 200, "Accept", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.SetCanonical([]byte("access-control-allow-origin"), []byte("*"))
		ctx.Response.Header.SetCanonical([]byte("ACCESS-CONTROL-ALLOW-CREDENTIALS"), []byte("true"))
		ctx.Response.Header.SetCanonical([]byte("vArY"), []byte("Accept"))
	}},
	{"with names not normalized", 200, "Accept", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.DisableNormalizing()
		ctx.Response.Header.Set("access-control-allow-origin", "*")
		ctx.Response.Header.Set("vary", "Accept")
	}},
	{"with CORS headers declared as trailers", 200, "", func(ctx *fasthttp.RequestCtx) {
		if err := ctx.Response.Header.SetTrailer("Access-Control-Allow-Origin, X-Sum, Vary"); err != nil {
			panic(err)
		}
		ctx.Response.SetBodyStream(strings.NewReader("stream"), -1)
	}},
	{"with a streamed body", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("stream") })
	}},
	{"after changing the request's Origin", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Set("Origin", "https://evil.example")
	}},
	{"after deleting the request's Origin", 200, "", func(ctx *fasthttp.RequestCtx) { ctx.Request.Header.Del("Origin") }},
	{"after adding an Origin to the request", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Add("Origin", "https://foo.example")
	}},
	{"after resetting the request and refilling it", 200, "", func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Reset()
		for _, name := range []string{"A", "B", "C", "D", "E"} {
			ctx.Request.Header.Set(name, strings.Repeat("x", 40))
		}
	}},
	{"after scribbling over the request's bytes", 200, "", func(ctx *fasthttp.RequestCtx) {
		origin := ctx.Request.Header.Peek("Origin")
		for i := range origin {
			origin[i] = 'x'
		}
	}},
}

// TestHowHandlersEnd holds that the response is right however the handler ends, and whatever it does to the
// request.
func TestHowHandlersEnd(t *testing.T) {
	policies := []struct {
		name   string
		config cors.Config
		origin string // header line
		want   []string
		vary   bool
	}{
		{"exact origin", cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: []string{"X-A"}},
			"Origin: https://foo.example\n",
			[]string{"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: X-A"}, true},
		{"subdomain, with credentials", cors.Config{AllowOrigins: []string{"https://*.foo.example:*"}, AllowCredentials: true},
			"Origin: https://a.b.foo.example:8443\n",
			[]string{"Access-Control-Allow-Origin: https://a.b.foo.example:8443", "Access-Control-Allow-Credentials: true"}, true},
		{"any origin", cors.Config{AllowOrigins: []string{"*"}}, "Origin: https://foo.example\n",
			[]string{"Access-Control-Allow-Origin: *"}, false},
		{"refused origin", cors.Config{AllowOrigins: []string{fooOrigin}}, "Origin: https://evil.example\n", nil, true},
		{"not CORS", cors.Config{AllowOrigins: []string{fooOrigin}}, "", nil, true},
	}
	for _, ending := range endings {
		for _, policy := range policies {
			t.Run(ending.name+"/"+policy.name, func(t *testing.T) {
				r := serveHandler(t, policy.config, ending.handle).send("GET / HTTP/1.1\nHost: a\n" + policy.origin)
				assert.Equal(t, ending.status, r.status)
				want := policy.want
				switch {
				case policy.vary && ending.vary != "":
					want = append(want[:len(want):len(want)], "Vary: "+ending.vary+", Origin")
				case policy.vary:
					want = append(want[:len(want):len(want)], "Vary: Origin")
				case ending.vary != "":
					r.header.Del("Vary")
					want = append(want[:len(want):len(want)], "Vary: "+ending.vary)
					if len(r.corsHeaders()["vary"]) == 2 { // nothing to merge: the upstream's two lines stay
						want = want[:len(want)-1]
						r.lines = without(r.lines, "vary: ")
					}
				}
				r.requireCORS(t, want...)
			})
		}
	}
}

func without(lines []string, prefix string) (kept []string) {
	for _, line := range lines {
		if !strings.HasPrefix(strings.ToLower(line), prefix) {
			kept = append(kept, line)
		}
	}
	return kept
}

// TestTimeoutHandlerInside runs under the race detector, which sees to it that nothing of the old ctx is
// touched while the handler is still using it.
func TestTimeoutHandlerInside(t *testing.T) {
	release, finished := make(chan struct{}), make(chan struct{})
	slow := func(ctx *fasthttp.RequestCtx) {
		defer close(finished)
		for {
			ctx.Request.Header.Set("Origin", "https://evil.example")
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://evil.example")
			ctx.Response.Header.Set("Vary", "X-Late")
			select {
			case <-release:
				return
			default:
			}
		}
	}
	w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://*.example"}},
		fasthttp.TimeoutHandler(slow, time.Millisecond, "late"))
	r := w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
	assert.Equal(t, 408, r.status)
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
	close(release)
	<-finished
}

func TestFilesAndCompression(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("text ", 1000)), 0o600))
	files := fasthttp.FS{Root: dir}
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}}, fasthttp.CompressHandler(files.NewRequestHandler()))
	r := w.send("GET /a.txt HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccept-Encoding: gzip\n")
	assert.Equal(t, 200, r.status)
	assert.Equal(t, "gzip", r.header.Get("Content-Encoding"))
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Accept-Encoding, Origin")
}

// TestPolicyBytesAreNotShared holds that nobody can change a policy through bytes that he is handed.
func TestPolicyBytesAreNotShared(t *testing.T) {
	c := cors.Config{
		AllowOrigins:        []string{fooOrigin},
		AllowMethods:        []string{"PUT"},
		AllowHeaders:        []string{"X-A"},
		ExposeHeaders:       []string{"X-B"},
		MaxAge:              5,
		AllowCredentials:    true,
		AllowPrivateNetwork: true,
		OnDecision: func(_ *fasthttp.RequestCtx, d cors.Decision) {
			scribble(d.Refused)
		},
	}
	m := cors.MustNew(c)
	c.AllowOrigins[0], c.AllowMethods[0] = "https://evil.example", "DELETE"
	got := m.Config()
	got.AllowOrigins[0], got.AllowHeaders[0], got.ExposeHeaders[0] = "x", "x", "x"

	scribbler := func(ctx *fasthttp.RequestCtx) {
		m.Wrap(ok)(ctx)
		for name, value := range ctx.Response.Header.All() {
			if strings.HasPrefix(string(name), "Access-Control") || string(name) == "Vary" {
				defer scribble(value)
			}
		}
	}
	for range 2 {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod("OPTIONS")
		ctx.Request.Header.Set("Origin", fooOrigin)
		ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
		ctx.Request.Header.Set("Access-Control-Request-Headers", "x-a")
		ctx.Request.Header.Set("Access-Control-Request-Private-Network", "true")
		scribbler(&ctx)
	}
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://evil.example\n")
	r := w.send("OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\n")
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-a", "Access-Control-Max-Age: 5",
		preflightVary+", Access-Control-Request-Private-Network")
	assert.Equal(t, []string{fooOrigin}, m.Config().AllowOrigins)
	r = w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true",
		"Access-Control-Expose-Headers: X-B", "Vary: Origin")
}

func scribble(b []byte) {
	for i := range b {
		b[i] = '!'
	}
}

func TestOuterMiddlewareMayHavePreparedTheResponse(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	inner := m.Wrap(ok)
	w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("X-Request-Id", "7")
		ctx.Response.Header.Set("Vary", "Accept-Encoding")
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://outer.example")
		inner(ctx)
	}})
	r := w.send("OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: GET\n")
	assert.Equal(t, 204, r.status)
	assert.Equal(t, "7", r.header.Get("X-Request-Id"))
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example",
		"Vary: Accept-Encoding, Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
}

func TestOneConnectionManyRequests(t *testing.T) {
	var served atomic.Int32
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}}, func(ctx *fasthttp.RequestCtx) {
		served.Add(1)
		ok(ctx)
	})
	conn := w.dial()
	defer conn.Close()
	r := bufio.NewReader(conn)
	for range 3 {
		exchange(t, conn, r, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n").
			requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
		exchange(t, conn, r, "GET / HTTP/1.1\nHost: a\nOrigin: https://evil.example\n").requireCORS(t, "Vary: Origin")
		exchange(t, conn, r, "GET / HTTP/1.1\nHost: a\n").requireCORS(t, "Vary: Origin")
		exchange(t, conn, r, "OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: GET\n").
			requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", preflightVary)
	}
	assert.EqualValues(t, 9, served.Load())
}

package cors_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// What a stranger, or a layer around the middleware, can try.

// TestOneReading: a request means what fasthttp tells other handlers of it, whether it announces trailers, has folded
// lines, or names that are not normalized.
func TestOneReading(t *testing.T) {
	const method = "Access-Control-Request-Method: GET\n"
	outer := map[string]func(*fasthttp.RequestHeader){
		"nothing":  func(*fasthttp.RequestHeader) {},
		"deletes":  func(h *fasthttp.RequestHeader) { h.Del("Origin"); h.Del("origin") },
		"replaces": func(h *fasthttp.RequestHeader) { h.Del("origin"); h.Set("Origin", "https://evil.example") },
		"adds":     func(h *fasthttp.RequestHeader) { h.Add("Origin", "https://evil.example") },
	}
	for _, asSent := range []bool{false, true} {
		for _, trailer := range []string{"", "Trailer: X-Sum\n"} {
			for _, name := range []string{"Origin", "origin", "ORIGIN", "oRiGiN"} {
				for _, verb := range []string{"GET", "OPTIONS"} {
					for does, change := range outer {
						m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
						w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: asSent, Handler: func(ctx *fasthttp.RequestCtx) {
							change(&ctx.Request.Header)
							ctx.SetBodyString(m.Evaluate(ctx).String())
						}})
						got := w.send(verb + " / HTTP/1.1\nHost: a\n" + trailer + name + ": https://foo.example\n" + method).body
						kind, refused := "actual", "_refused"
						if verb == "OPTIONS" {
							kind, refused = "preflight", "_refused_origin"
						}
						want := kind + "_allowed"
						switch known := !asSent || name == "Origin" || name == "origin"; {
						case does == "deletes" && known:
							want = "not_cors"
						case does == "replaces" || does == "adds":
							want = kind + refused
						}
						assert.Equal(t, want, got, "as sent %v, %q, %s, outer middleware %s", asSent, trailer, name, does)
					}
				}
			}
		}
	}
}

// TestFoldedLinesMeanOneThing, whether names are normalized or not.
func TestFoldedLinesMeanOneThing(t *testing.T) {
	for _, request := range []string{
		"GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n \n",
		"GET / HTTP/1.1\nHost: a\nOrigin:\n https://foo.example\n",
		"GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n\t\nX: y\n",
		"GET / HTTP/1.1\nHost: a\nTrailer: X\nOrigin: https://foo\n .example\n",
		"OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\n \n",
		"OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a,\n x-b\n",
	} {
		var said []string
		for _, asSent := range []bool{false, true} {
			m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A", "X-B"}})
			w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: asSent, Handler: func(ctx *fasthttp.RequestCtx) {
				d := m.Evaluate(ctx)
				ctx.SetBodyString(fmt.Sprintf("%s %q, of %q", d, d.Refused, ctx.Request.Header.Peek("Origin")))
			}})
			said = append(said, w.send(request).body)
		}
		assert.Equal(t, said[0], said[1], request)
	}
}

// TestManySpellingsAreRefused: names in several cases were written by several authors. There can be thousands.
func TestManySpellingsAreRefused(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}})
	w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: true, ReadBufferSize: 64 << 10, Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.SetBodyString(m.Evaluate(ctx).String())
	}})
	spelled := func(name, value string, n int) (lines string) {
		for i := range n {
			b := []byte(strings.ToLower(name))
			for bit := range 6 {
				if i>>bit&1 != 0 {
					b[bit] -= 'a' - 'A'
				}
			}
			lines += string(b) + ": " + value + "\n"
		}
		return lines
	}
	const origin, method = "Origin: https://foo.example\n", "Access-Control-Request-Method: PUT\n"
	for _, test := range []struct{ lines, want string }{
		{spelled("Origin", fooOrigin, 1) + method, "preflight_allowed"},
		{spelled("Origin", fooOrigin, 2) + method, "preflight_refused_origin"},
		{spelled("Origin", fooOrigin, 60) + method, "preflight_refused_origin"},
		{origin + spelled("Access-Control-Request-Method", "PUT", 2), "preflight_refused_method"},
		{origin + spelled("Access-Control-Request-Method", "PUT", 60), "preflight_refused_method"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 4), "preflight_allowed"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 3) + "ACCESS-control-request-headers: x-b\n", "preflight_refused_headers"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 5), "preflight_refused_headers"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 60), "preflight_refused_headers"},
		{origin + method + strings.Repeat("access-control-request-headers: x-a\nAccess-Control-Request-Headers: x-a\n", 4), "preflight_allowed"},
		{origin + method + strings.Repeat("access-control-request-headers: x-a\nAccess-Control-Request-Headers: x-a\n", 5), "preflight_refused_headers"},
	} {
		assert.Equal(t, test.want, w.send("OPTIONS / HTTP/1.1\nHost: a\n"+test.lines).body, test.lines)
	}
}

// TestCookiesAreNotParsed in any class of request: fasthttp would keep what it makes of them for as long as the
// connection lives, 19 bytes for each that was sent, and write them anew.
func TestCookiesAreNotParsed(t *testing.T) {
	const cookie = `a="quoted"; b ;c=,`
	for _, request := range []string{
		"GET / HTTP/1.1\n",
		"GET / HTTP/1.1\nOrigin: https://foo.example\n",
		"GET / HTTP/1.1\nOrigin: https://evil.example\n",
		"GET / HTTP/1.1\nTrailer: X\nOrigin: https://foo.example\n",
		"OPTIONS / HTTP/1.1\nOrigin: https://foo.example\n",
		"OPTIONS / HTTP/1.1\nAccess-Control-Request-Method: PUT\n",
		"OPTIONS / HTTP/1.1\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a\n",
		"OPTIONS / HTTP/1.1\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT\n",
		"OPTIONS / HTTP/1.1\nOrigin: https://foo.example\nAccess-Control-Request-Method: DELETE\n",
		"OPTIONS / HTTP/1.1\nTrailer: X\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\n" +
			"Access-Control-Request-Headers: x-a\nAccess-Control-Request-Headers: x-b\nAccess-Control-Request-Private-Network: true\n",
	} {
		for _, asSent := range []bool{false, true} {
			for _, c := range []cors.Config{
				{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}, AllowPrivateNetwork: true},
				{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}},
				{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true},
			} {
				inner := cors.MustNew(c).Wrap(ok)
				left := ""
				w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: asSent, Handler: func(ctx *fasthttp.RequestCtx) {
					inner(ctx)
					left = string(ctx.Request.Header.Header())
				}})
				w.send(request + "Host: a\nCookie: " + cookie + "\n")
				assert.Contains(t, left, "Cookie: "+cookie+"\r\n", request)
			}
		}
	}
}

// TestEveryOptionsHasThePreflightsVary, so that no cache gives the answer to one OPTIONS to another.
func TestEveryOptionsHasThePreflightsVary(t *testing.T) {
	for name, c := range map[string]cors.Config{
		"listed":      {AllowOrigins: []string{fooOrigin}},
		"credentials": {AllowOrigins: []string{fooOrigin}, AllowCredentials: true},
		"any":         {AllowOrigins: []string{"*"}},
		"function":    {AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }},
	} {
		w := serveHandler(t, c, func(ctx *fasthttp.RequestCtx) { ctx.Error("no", fasthttp.StatusMethodNotAllowed) })
		for _, lines := range []string{
			"", "Origin: https://foo.example\n", "Access-Control-Request-Method: PUT\n", "Origin: \n",
			"Access-Control-Request-Headers: x-a\n", "Origin: https://evil.example\n",
		} {
			r := w.send("OPTIONS / HTTP/1.1\nHost: a\n" + lines)
			assert.Equal(t, 405, r.status, "%s, %q", name, lines)
			assert.Equal(t, []string{preflightVary[len("Vary: "):]}, r.corsHeaders()["vary"], "%s, %q", name, lines)
		}
	}
}

// TestVaryByNamesWhatAFunctionLooksAt, on every response, preflights included.
func TestVaryByNamesWhatAFunctionLooksAt(t *testing.T) {
	w := serveHandler(t, cors.Config{
		AllowOriginFunc: func(ctx *fasthttp.RequestCtx, _ []byte) bool {
			return string(ctx.Request.Header.Peek("X-Tenant")) == "foo"
		},
		VaryBy: []string{"X-Tenant", "origin", "x-tenant"},
	}, ok)
	const origin = "Access-Control-Allow-Origin: https://foo.example"
	w.send("GET / HTTP/1.1\nHost: a\nX-Tenant: foo\nOrigin: https://foo.example\n").requireCORS(t, origin, "Vary: Origin, X-Tenant")
	w.send("GET / HTTP/1.1\nHost: a\nX-Tenant: bar\nOrigin: https://foo.example\n").requireCORS(t, "Vary: Origin, X-Tenant")
	w.send("GET / HTTP/1.1\nHost: a\n").requireCORS(t, "Vary: Origin, X-Tenant")
	w.send(preflight("GET")+"X-Tenant: foo\n").requireCORS(t, origin, preflightVary+", X-Tenant")
	w.send(preflight("GET")).requireCORS(t, preflightVary+", X-Tenant")
}

// TestAnExchangeForgetsWhatItHeld when it is begun again, with whichever middleware.
func TestAnExchangeForgetsWhatItHeld(t *testing.T) {
	with := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin, "https://*.bar.example"}, AllowCredentials: true, ExposeHeaders: []string{"X-A"}})
	other := cors.MustNew(cors.Config{AllowOrigins: []string{"https://other.example"}})
	var none cors.Middleware
	for _, first := range []string{fooOrigin, "https://a.bar.example"} {
		for name, second := range map[string]*cors.Middleware{"none": &none, "other": other, "the same": with} {
			for _, origin := range []string{"", "https://evil.example"} {
				var x cors.Exchange
				var ctx fasthttp.RequestCtx
				ctx.Request.Header.Set("Origin", first)
				require.False(t, with.Begin(&ctx, &x))
				ctx = fasthttp.RequestCtx{}
				if origin != "" {
					ctx.Request.Header.Set("Origin", origin)
				}
				require.False(t, second.Begin(&ctx, &x))
				x.Finish(&ctx)
				assert.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"), name)
				assert.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Credentials"), name)
				assert.Equal(t, name != "none", len(ctx.Response.Header.Peek("Vary")) > 0, name)
			}
		}
	}
}

// TestPanicsOfFunctionsAreSafe: whoever recovers further out finds a response that no cache gives to other origins.
func TestPanicsOfFunctionsAreSafe(t *testing.T) {
	asked := cors.Config{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { panic("asked") }}
	told := cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) { panic("told") }}
	for _, test := range []struct {
		config  cors.Config
		request string
		want    []string
	}{
		{asked, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n", []string{"Vary: Origin"}},
		{asked, preflight("GET"), []string{preflightVary}},
		{told, "GET / HTTP/1.1\nHost: a\n", []string{"Vary: Origin"}},
		{told, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n", []string{"Access-Control-Allow-Origin: https://foo.example", "Vary: Origin"}},
		{told, "OPTIONS / HTTP/1.1\nHost: a\n", []string{preflightVary}},
		{told, preflight("GET"), []string{"Access-Control-Allow-Origin: https://foo.example", preflightVary}},
	} {
		for _, way := range around {
			inner := way.wrap(cors.MustNew(test.config), func(*fasthttp.RequestCtx) { t.Error("the handler ran") })
			w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
				defer func() {
					assert.NotNil(t, recover(), "the panic goes on")
					ctx.SetStatusCode(500)
				}()
				inner(ctx)
			}})
			r := w.send(test.request)
			assert.Equal(t, 500, r.status)
			r.requireCORS(t, test.want...)
		}
	}
}

// TestErrorHandlersThatPanic leave a response that a page can read, once somebody recovers.
func TestErrorHandlersThatPanic(t *testing.T) {
	handler := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).WrapErrorHandler(func(*fasthttp.RequestCtx, error) { panic("broken") })
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", fooOrigin)
	assert.PanicsWithValue(t, "broken", func() { handler(&ctx, fasthttp.ErrBodyTooLarge) })
	assert.Equal(t, fooOrigin, string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	assert.Equal(t, "Origin", string(ctx.Response.Header.Peek("Vary")))
}

type networkError struct{ timeout bool }

func (networkError) Error() string     { return "network" }
func (e networkError) Timeout() bool   { return e.timeout }
func (e networkError) Temporary() bool { return true }

// TestStatusOfServerErrors, also where they are wrapped in others.
func TestStatusOfServerErrors(t *testing.T) {
	handler := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}).WrapErrorHandler(nil)
	for _, test := range []struct {
		err  error
		want int
	}{
		{fasthttp.ErrBodyTooLarge, 413},
		{&fasthttp.ErrSmallBuffer{}, 431},
		{networkError{timeout: true}, 408},
		{networkError{timeout: false}, 400},
		{io.ErrUnexpectedEOF, 400},
	} {
		for _, err := range []error{test.err, fmt.Errorf("while reading: %w", test.err), errors.Join(errors.New("two"), test.err)} {
			var ctx fasthttp.RequestCtx
			handler(&ctx, err)
			assert.Equal(t, test.want, ctx.Response.StatusCode(), "%v", err)
			assert.Equal(t, "*", string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
		}
	}
}

// TestOnDecisionSeesTheAnswer that was written to a preflight, and a response to anything else that was not.
func TestOnDecisionSeesTheAnswer(t *testing.T) {
	var status int
	var allowed, refused string
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(ctx *fasthttp.RequestCtx, d cors.Decision) {
		status, allowed, refused = ctx.Response.StatusCode(), string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")), string(d.Refused)
	}}, ok)
	w.send(preflight("GET"))
	assert.Equal(t, 204, status)
	assert.Equal(t, fooOrigin, allowed)
	w.send(preflight("PUT"))
	assert.Equal(t, 403, status)
	assert.Equal(t, "PUT", refused)
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
	assert.Equal(t, 200, status)
	assert.Empty(t, allowed)
}

// TestAllowsOriginAsksNoFunction, as there is no request to ask it about.
func TestAllowsOriginAsksNoFunction(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool {
		t.Error("asked")
		return true
	}})
	assert.True(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.False(t, m.AllowsOrigin([]byte("https://bar.example")))
	assert.False(t, m.AllowsOrigin(nil))
}

// TestAnyOriginIsAnyOrigin: under "*", whatever is sent once and is not empty.
func TestAnyOriginIsAnyOrigin(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), ReadBufferSize: 16 << 10})
	for _, origin := range []string{
		"https://foo.example", "null", "file://", "app://.", "capacitor://", "http://app.example.", "x", "a,b", "https://evil.com/path",
		"https://" + strings.Repeat("a", 5000),
	} {
		assert.True(t, m.AllowsOrigin([]byte(origin)), origin)
		w.send("GET / HTTP/1.1\nHost: a\nOrigin: "+origin+"\n").requireCORS(t, "Access-Control-Allow-Origin: *")
		r := w.send("OPTIONS / HTTP/1.1\nHost: a\nOrigin: " + origin + "\nAccess-Control-Request-Method: GET\n")
		assert.Equal(t, 204, r.status)
		r.requireCORS(t, "Access-Control-Allow-Origin: *", preflightVary)
	}
	assert.False(t, m.AllowsOrigin(nil))
	// The response must not depend on the origin, as it has no Vary.
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: a\nOrigin: b\n").requireCORS(t, "Access-Control-Allow-Origin: *")
	w.send("GET / HTTP/1.1\nHost: a\nOrigin:\n").requireCORS(t, "Access-Control-Allow-Origin: *")
	w.send("GET / HTTP/1.1\nHost: a\n").requireCORS(t, "Access-Control-Allow-Origin: *")
	for _, lines := range []string{"Origin: a\nOrigin: b\n", "Origin:\n"} {
		r := w.send("OPTIONS / HTTP/1.1\nHost: a\n" + lines + "Access-Control-Request-Method: GET\n")
		assert.Equal(t, 403, r.status)
		r.requireCORS(t, preflightVary)
	}
}

// TestTheFirstRequestedMethodCounts, where a stranger sends several; and that of Private Network Access.
func TestTheFirstRequestedMethodCounts(t *testing.T) {
	for _, asSent := range []bool{false, true} {
		var refused string
		m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowPrivateNetwork: true,
			OnDecision: func(_ *fasthttp.RequestCtx, d cors.Decision) { refused = string(d.Refused) }})
		w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), DisableHeaderNamesNormalizing: asSent})
		assert.Equal(t, 403, w.send(preflight("PUT")+"Access-Control-Request-Method: GET\n").status)
		assert.Equal(t, "PUT", refused)
		for lines, want := range map[string]bool{
			"": false, "X: true\n": true, "X: false\n": false, "X: false\nX: true\n": false, "X: true\nX: false\n": true, "X: TRUE\n": false,
		} {
			for _, name := range []string{"Access-Control-Request-Private-Network", "access-control-request-private-network"} {
				r := w.send(preflight("PUT") + strings.ReplaceAll(lines, "X", name))
				assert.Equal(t, 204, r.status)
				assert.Equal(t, want, r.header.Get("Access-Control-Allow-Private-Network") == "true", lines)
			}
		}
	}
}

// TestAnEchoOfNothingIsNoHeader where "*" with credentials is answered with what was asked for.
func TestAnEchoOfNothingIsNoHeader(t *testing.T) {
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"*"}, AllowCredentials: true}, ok)
	want := []string{"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true", preflightVary}
	for _, lines := range [][]string{nil, {""}, {","}, {" , ,", "\t"}} {
		w.send(preflight("GET", lines...)).requireCORS(t, want...)
	}
	w.send(preflight("GET", " x-a ,,", "X-B")).requireCORS(t, append(want, "Access-Control-Allow-Headers: x-a,X-B")...)
}

// TestEveryNameOfALongListIsLookedAt, however many go before it.
func TestEveryNameOfALongListIsLookedAt(t *testing.T) {
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("x-header-%d", i))
	}
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: names})
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), ReadBufferSize: 32 << 10})
	for n := range names {
		assert.Equal(t, 204, w.send(preflight("GET", strings.Join(names[:n], ","))).status)
		assert.Equal(t, 403, w.send(preflight("GET", strings.Join(append(names[:n:n], "x-other"), ","))).status, n)
		assert.Equal(t, 403, w.send(preflight("GET", append(names[:n:n], "x-other")...)).status, n)
	}
}

// TestDisableSwitchesOff while requests are served, and Reconfigure on again.
func TestDisableSwitchesOff(t *testing.T) {
	c := cors.Config{AllowOrigins: []string{fooOrigin}}
	m := cors.MustNew(c)
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	const request = "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n"
	for range 2 {
		w.send(request).requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
		m.Disable()
		w.send(request).requireCORS(t)
		assert.Equal(t, 200, w.send(preflight("GET")).status, "the handler's own")
		assert.Equal(t, cors.Config{}, m.Config())
		assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
		require.NoError(t, m.Reconfigure(c))
	}
}

// TestEmptyLinesAreLines wherever they stand: fasthttp's Peek returns nil for some of them.
func TestEmptyLinesAreLines(t *testing.T) {
	const origin, method = "Origin: https://foo.example\n", "Access-Control-Request-Method: GET\n"
	for _, asSent := range []bool{false, true} {
		for n := range 20 {
			// A server of its own, since fasthttp's Peek returns something else once a connection has had a request.
			others := strings.Repeat("X-Other: 1\n", n)
			for _, test := range []struct{ request, want string }{
				{"GET / HTTP/1.1\n" + others + "Origin:\n", "actual_refused"},
				{"GET / HTTP/1.1\n" + others + "Origin:\n" + origin, "actual_refused"},
				{"GET / HTTP/1.1\n" + others + "X: y\n", "not_cors"},
				{"OPTIONS / HTTP/1.1\n" + others + "Origin:\n" + method, "preflight_refused_origin"},
				{"OPTIONS / HTTP/1.1\n" + method + others + "Origin:\n" + origin, "preflight_refused_origin"},
				{"OPTIONS / HTTP/1.1\n" + origin + others + "Access-Control-Request-Method:\n", "preflight_refused_method"},
				{"OPTIONS / HTTP/1.1\n" + origin + others + "Access-Control-Request-Method:\n" + method, "preflight_refused_method"},
				{"OPTIONS / HTTP/1.1\n" + origin + method + others + "Access-Control-Request-Headers:\n", "preflight_allowed"},
				{"OPTIONS / HTTP/1.1\n" + origin + method + others + "Access-Control-Request-Headers:\nAccess-Control-Request-Headers: x-a\n", "preflight_refused_headers"},
			} {
				m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
				w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: asSent, Handler: func(ctx *fasthttp.RequestCtx) {
					ctx.SetBodyString(m.Evaluate(ctx).String())
				}})
				assert.Equal(t, test.want, w.send(test.request+"Host: a\n").body, test.request)
			}
		}
	}
}

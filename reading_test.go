package cors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

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
		for _, trailer := range []string{"", "Trailer: X-Sum\n", "Cookie: a=b\n", "Cookie:\n"} {
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
		for _, before := range []string{"", "Cookie:\n", "Cookie:\nCookie:\n"} {
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
					w.send(request + "Host: a\n" + before + "Cookie: " + cookie + "\n")
					assert.Contains(t, left, "Cookie: "+cookie+"\r\n", request)
				}
			}
		}
	}
}

// TestEmptyLinesAreLines wherever they stand: fasthttp's Peek returns nil for some of them.
func TestEmptyLinesAreLines(t *testing.T) {
	const origin, method = "Origin: https://foo.example\n", "Access-Control-Request-Method: GET\n"
	for _, asSent := range []bool{false, true} {
		for n := range 20 {
			// A server of its own, since fasthttp's Peek returns something else once a connection has had a request.
			others := strings.Repeat("X-Other: 1\n", n)
			if n%3 == 0 {
				others += "Cookie: a=b\n" // is read in another way
			}
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

// TestOneRefusedLineIsEnough: wherever it stands among lines that are fine.
func TestOneRefusedLineIsEnough(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"X-A", "X-B", "X-C", "X-D"}})
	for _, normalizing := range []bool{true, false} {
		w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), DisableHeaderNamesNormalizing: !normalizing})
		for _, extra := range []string{"", "Trailer: X-Sum\n", "Cookie: a=b\n", "Cookie:\n"} {
			for bad := range 5 {
				lines := "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: GET\n" + extra
				for i, name := range []string{"x-a", "x-b", "x-c", "x-d"} {
					if i == bad {
						name += "x"
					}
					lines += "Access-Control-Request-Headers: " + name + "\n"
				}
				want := 403
				if bad == 4 {
					want = 204
				}
				require.Equal(t, want, w.send(lines).status, lines)
			}
		}
	}
}

// TestShortNamesInSeveralLines: the lines of an echo are a list again, however short.
func TestShortNamesInSeveralLines(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"*"}, AllowCredentials: true})
	for _, lines := range [][]string{{"a", "b"}, {"", "b"}, {"a", ""}, {"a", "b", "c"}, {"a,b", "c"}} {
		ctx := preflightFor(lines...)
		m.Wrap(ok)(ctx)
		require.Equal(t, 204, ctx.Response.StatusCode())
		allowed := []string{string(ctx.Response.Header.Peek("Access-Control-Allow-Headers"))}
		require.Equal(t, naiveElements(lines), naiveElements(allowed))
	}
}

// TestEveryLetterHasTwoCases, and no other byte has.
func TestEveryLetterHasTwoCases(t *testing.T) {
	for b := range 128 {
		name := "x-" + string(rune(b))
		if !acceptsHeader(name) {
			continue
		}
		m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{name, "x"}})
		for other := range 128 {
			asked := "X-" + string(rune(other))
			_, want := naiveHeadersOK([]string{name, "x"}, []string{asked})
			require.Equal(t, want, m.Evaluate(preflightFor(asked)).Allowed(), "%q asked for, %q allowed", asked, name)
		}
	}
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}})
	for _, forbidden := range []string{"CONNECT", "TRACE", "TRACK"} {
		for upper := range 1 << len(forbidden) {
			method := []byte(forbidden)
			for i := range method {
				if upper>>i&1 == 0 {
					method[i] |= 0x20
				}
			}
			ctx := preflightFor()
			ctx.Request.Header.SetBytesV("Access-Control-Request-Method", method)
			require.Equal(t, cors.PreflightRefusedMethod, m.Evaluate(ctx).Outcome, "%s", method)
		}
		for _, method := range []string{forbidden + "X", "X" + forbidden, forbidden[1:], forbidden[:len(forbidden)-1]} {
			ctx := preflightFor()
			ctx.Request.Header.Set("Access-Control-Request-Method", method)
			require.True(t, m.Evaluate(ctx).Allowed(), method)
		}
	}
}

// TestNormalizationIsLeftAsItIs: whether names are normalized is the server's choice, or the handler's, before
// the middleware and after.
func TestNormalizationIsLeftAsItIs(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	for _, normalizing := range []bool{true, false} {
		for _, request := range []string{
			"GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n",
			"GET / HTTP/1.1\nHost: h\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\n",
			"OPTIONS / HTTP/1.1\nHost: h\nAccess-Control-Request-Method: PUT\n",
			"OPTIONS / HTTP/1.1\nHost: h\nAccess-Control-Request-Method:\nTrailer: X-Sum\n",
		} {
			for _, left := range []string{"X-Other", "Access-Control-Allow-Origin", "access-control-allow-origin", "vary", "Vary"} {
				ctx := received(t, request)
				if !normalizing {
					ctx.Request.Header.DisableNormalizing()
					ctx.Response.Header.DisableNormalizing()
				}
				handler := func(ctx *fasthttp.RequestCtx) {
					ctx.Request.Header.Set("x-to-upstream", "1")
					ctx.Response.Header.SetCanonical([]byte(left), []byte("left"))
				}
				m.Wrap(handler)(ctx)
				ctx.Response.Header.Set("x-outer", "1")
				names := ctx.Request.Header.String() + ctx.Response.Header.String()
				want := []string{"X-To-Upstream: 1", "X-Outer: 1"}
				if !normalizing {
					want = []string{"x-to-upstream: 1", "x-outer: 1"}
				}
				for _, line := range want {
					require.Contains(t, names, line, "%s: %s", request, left)
				}
			}
		}
		ctx := preflightFor("x-a")
		if !normalizing {
			ctx.Request.Header.DisableNormalizing()
		}
		m.Evaluate(ctx)
		ctx.Request.Header.Set("x-later", "1")
		require.Equal(t, normalizing, strings.Contains(ctx.Request.Header.String(), "X-Later: 1"))
	}
}

// TestOuterMiddlewareMayChangeTheRequest: what counts is what it makes of the request.
func TestOuterMiddlewareMayChangeTheRequest(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"X-A"}})
	const preflight = "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-b\n"
	for want, change := range map[string]func(h *fasthttp.RequestHeader){
		"preflight_refused_origin": func(h *fasthttp.RequestHeader) {},
		"not_cors":                 func(h *fasthttp.RequestHeader) { h.Del("Origin") },
		"actual_refused":           func(h *fasthttp.RequestHeader) { h.Del("Access-Control-Request-Method") },
		"preflight_refused_method": func(h *fasthttp.RequestHeader) { h.Set("Origin", "https://example.com") },
		"preflight_refused_headers": func(h *fasthttp.RequestHeader) {
			h.Set("Origin", "https://example.com")
			h.Set("Access-Control-Request-Method", "GET")
		},
		"preflight_allowed": func(h *fasthttp.RequestHeader) {
			h.Set("Origin", "https://example.com")
			h.Set("Access-Control-Request-Method", "GET")
			h.Set("Access-Control-Request-Headers", "x-a")
		},
	} {
		ctx := received(t, preflight)
		change(&ctx.Request.Header)
		require.Equal(t, want, m.Evaluate(ctx).String())
	}
}

// TestRequestIsLeftAlone holds that a proxy behind the middleware forwards what the client sent, to the
// letter: fasthttp changes a Cookie header when it parses it.
func TestRequestIsLeftAlone(t *testing.T) {
	const cookie = `a="quoted"; b ;c=,`
	for _, asSent := range []bool{false, true} {
		for _, method := range []string{"GET", "OPTIONS"} {
			m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
			forwarded := ""
			w := serve(t, &fasthttp.Server{
				DisableHeaderNamesNormalizing: asSent,
				Handler: m.Wrap(func(ctx *fasthttp.RequestCtx) {
					forwarded = string(ctx.Request.Header.Header())
				}),
			})
			w.send(method + " / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nx-lower: 1\nCookie: " + cookie + "\n")
			assert.Contains(t, forwarded, "Cookie: "+cookie+"\r\n")
			assert.Equal(t, asSent, strings.Contains(forwarded, "x-lower"), "normalization is as it was")
		}
	}
}

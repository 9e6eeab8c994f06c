package cors_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestFoldedLinesStayAsTheyAre: a header that goes on in the next line (RFC 9112 section 5.2) reaches a handler
// that walks over the headers, to pass them on, as it would without the middleware.
func TestFoldedLinesStayAsTheyAre(t *testing.T) {
	for _, c := range []cors.Config{{AllowOrigins: []string{"https://example.com"}}, {AllowOrigins: []string{"*"}}} {
		var seen []string
		handler := cors.MustNew(c).Wrap(func(ctx *fasthttp.RequestCtx) {
			for name, value := range ctx.Request.Header.AllInOrder() {
				seen = append(seen, string(name)+": "+string(value))
			}
		})
		w := serve(t, &fasthttp.Server{Handler: handler, DisableHeaderNamesNormalizing: true})
		w.send("GET / HTTP/1.1\nHost: h\nx-folded: one,\n   two and more\norigin: https://example.com\nX-Last: 1\n")
		require.Equal(t, []string{"Host: h", "x-folded: one, two and more", "origin: https://example.com", "X-Last: 1"}, seen)
	}
}

// TestFoldedRequestHeadersAreRead: the same list, however it is spread over lines and whatever else the
// request has that changes the way it is read.
func TestFoldedRequestHeadersAreRead(t *testing.T) {
	const head = "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\n"
	for _, normalizing := range []bool{true, false} {
		for _, extra := range []string{"", "Cookie: a=1;b=2\n", "Trailer: X-Sum\n"} {
			for _, lines := range []string{
				"Access-Control-Request-Headers: x-a,\n   x-b\nAccess-Control-Request-Headers: x-c\n",
				"Access-Control-Request-Headers: x-a,\n \t\n\tx-b,x-c\n",
				"Access-Control-Request-Headers:\n x-a\nAccess-Control-Request-Headers: x-b\n ,x-c\n",
			} {
				for _, c := range []cors.Config{
					{AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"x-a", "x-b", "x-c"}},
					{AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true},
				} {
					w := serve(t, &fasthttp.Server{Handler: cors.MustNew(c).Wrap(ok), DisableHeaderNamesNormalizing: !normalizing})
					r := w.send(head + extra + lines)
					require.True(t, naivePreflightCheck(r.corsHeaders(), r.status, "https://example.com", "PUT",
						[]string{"x-a", "x-b", "x-c"}, c.AllowCredentials), "normalizing %v, %q: %v", normalizing, extra+lines, r.lines)

					refused := w.send(head + extra + lines + " , x-d x-e\n")
					require.Equal(t, 403, refused.status)
				}
			}
		}
	}
}

// TestFoldedOriginsAreRefused: an origin in two lines is none that a browser sends.
func TestFoldedOriginsAreRefused(t *testing.T) {
	for _, normalizing := range []bool{true, false} {
		m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com", "https://*.example.com"}})
		w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), DisableHeaderNamesNormalizing: !normalizing})
		for _, origin := range []string{
			"https://example.com\n .evil.example", "https://evil.example\n .example.com", "https://evil.example\n https://example.com",
			"https://example.com\n\thttps://evil.example", "https://\n example.com",
		} {
			w.send("GET / HTTP/1.1\nHost: h\nOrigin: "+origin+"\n").requireCORS(t, "Vary: Origin")
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

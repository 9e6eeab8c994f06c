//go:build !race

// The race detector makes a sync.Pool forget at random what it keeps, so that allocations would say nothing.

package cors_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestNothingIsAllocated for any class of request, once the server's buffers have grown.
func TestNothingIsAllocated(t *testing.T) {
	many := padding()
	for i := range 100 {
		many = append(many, fmt.Sprintf("https://tenant-%d.example.com", i))
	}
	listed := cors.Config{
		AllowOrigins:        []string{fooOrigin, "https://*.foo.example:*", "null"},
		AllowMethods:        []string{"PUT", "DELETE"},
		AllowHeaders:        []string{"X-A", "X-B", "Content-Type"},
		ExposeHeaders:       []string{"X-C"},
		AllowCredentials:    false,
		AllowPrivateNetwork: true,
		MaxAge:              600,
		OnDecision:          func(*fasthttp.RequestCtx, cors.Decision) {},
	}
	wildcards := cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true}
	withFunc := cors.Config{AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool { return len(origin) > 4 }}
	get := func(origin string) []string { return []string{"GET", "Origin", origin} }
	options := func(origin, method string, headers ...string) []string {
		lines := []string{"OPTIONS", "Origin", origin, "Access-Control-Request-Method", method}
		for _, line := range headers {
			lines = append(lines, "Access-Control-Request-Headers", line)
		}
		return lines
	}
	handlers := map[string]fasthttp.RequestHandler{
		"":                   ok,
		"own Vary":           func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", "Accept-Encoding") },
		"a Vary of all":      func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", "Accept-Encoding, *") },
		"own CORS headers":   func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Access-Control-Allow-Origin", "*") },
		"an error":           func(ctx *fasthttp.RequestCtx) { ctx.Error("no", 500) },
		"a request emptied":  func(ctx *fasthttp.RequestCtx) { ctx.Request.Header.Del("Origin") },
		"names as they were": func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.DisableNormalizing() },
	}
	for _, test := range []struct {
		name    string
		config  cors.Config
		request []string // method, then names and values
		handler string
		want    cors.Outcome
	}{
		{"not CORS", listed, []string{"GET"}, "", cors.NotCORS},
		{"not CORS, any origin", cors.Config{AllowOrigins: []string{"*"}}, []string{"GET"}, "", cors.NotCORS},
		{"actual, exact", listed, get(fooOrigin), "", cors.ActualAllowed},
		{"actual, pattern", listed, get("https://a.b.foo.example:8443"), "", cors.ActualAllowed},
		{"actual, null", listed, get("null"), "", cors.ActualAllowed},
		{"actual, of many", cors.Config{AllowOrigins: many}, get("https://tenant-7.example.com"), "", cors.ActualAllowed},
		{"actual, of many patterns", cors.Config{AllowOrigins: many}, get("https://a.p7.invalid"), "", cors.ActualAllowed},
		{"actual, function", withFunc, get(fooOrigin), "", cors.ActualAllowed},
		{"actual, function, longest origin", withFunc, get("https://" + strings.Repeat("a23456789.", 25) + "abc:65535"), "", cors.ActualAllowed},
		{"actual, own Vary", listed, get(fooOrigin), "own Vary", cors.ActualAllowed},
		{"actual, a Vary of all", listed, get(fooOrigin), "a Vary of all", cors.ActualAllowed},
		{"actual, own CORS headers", listed, get(fooOrigin), "own CORS headers", cors.ActualAllowed},
		{"actual, an error", listed, get(fooOrigin), "an error", cors.ActualAllowed},
		{"actual, a request emptied", listed, get("https://a.foo.example"), "a request emptied", cors.ActualAllowed},
		{"actual, names as they were", listed, get(fooOrigin), "names as they were", cors.ActualAllowed},
		{"actual, refused", listed, get("https://evil.example"), "", cors.ActualRefused},
		{"actual, refused, own CORS headers", listed, get("https://evil.example"), "own CORS headers", cors.ActualRefused},
		{"actual, refused by the function", withFunc, get("null"), "", cors.ActualRefused},
		{"actual, two Origin lines", listed, append(get(fooOrigin), "Origin", fooOrigin), "", cors.ActualRefused},
		{"actual, a long origin", listed, get("https://" + strings.Repeat("a.", 1000) + "foo.example"), "", cors.ActualRefused},
		{"actual, no origin at all", withFunc, get("https:nonsense"), "", cors.ActualRefused},
		{"actual, an origin with more behind it", withFunc, get("http://[::1]:9090/"), "", cors.ActualRefused},
		{"preflight", listed, options(fooOrigin, "PUT", "content-type,x-a"), "", cors.PreflightAllowed},
		{"preflight, all headers", listed, options(fooOrigin, "PUT", "content-type,x-a,x-b"), "", cors.PreflightAllowed},
		{"preflight, private network", listed, append(options(fooOrigin, "PUT"), "Access-Control-Request-Private-Network", "true"), "", cors.PreflightAllowed},
		{"preflight, odd form", listed, options(fooOrigin, "PUT", " X-B ,,\tX-A", "", "Content-Type"), "", cors.PreflightAllowed},
		{"preflight, a name spelled in two ways", listed, append(options(fooOrigin, "PUT", "x-a"), "access-control-request-Headers", "x-b"), "", cors.PreflightAllowed},
		{"preflight, wildcards", wildcards, options(fooOrigin, "LINK", "x-a,x-b"), "", cors.PreflightAllowed},
		{"preflight, wildcards, several lines", wildcards, options(fooOrigin, "LINK", "x-a", "x-b"), "", cors.PreflightAllowed},
		{"preflight, origin", listed, options("https://evil.example", "PUT"), "", cors.PreflightRefusedOrigin},
		{"preflight, method", listed, options(fooOrigin, strings.Repeat("PUT", 500)), "", cors.PreflightRefusedMethod},
		{"preflight, method under a wildcard", wildcards, options(fooOrigin, "TRACE"), "", cors.PreflightRefusedMethod},
		{"preflight, header", listed, options(fooOrigin, "PUT", "x-a,x-z"), "", cors.PreflightRefusedHeaders},
		{"preflight, header in capitals", listed, options(fooOrigin, "PUT", "X-Z"), "", cors.PreflightRefusedHeaders},
		{"preflight, commas", listed, options(fooOrigin, "PUT", strings.Repeat(",", 3000)), "", cors.PreflightRefusedHeaders},
		{"preflight, long header", wildcards, options(fooOrigin, "PUT", strings.Repeat("x", 3000)), "", cors.PreflightRefusedHeaders},
		{"preflight, many lines", listed, options(fooOrigin, "PUT", make([]string, 600)...), "", cors.PreflightRefusedHeaders},
		{"preflight, many lines, a name spelled in two ways", listed, append(options(fooOrigin, "PUT", make([]string, 600)...), "access-control-request-Headers", ""), "", cors.PreflightRefusedHeaders},
		{"preflight, trailers", listed, append(options(fooOrigin, "PUT"), "Trailer", "X-Sum"), "", cors.PreflightAllowed},
		{"preflight, more cookies", listed, append(options(fooOrigin, "PUT"), "Cookie", strings.Repeat("a=b; ", 1000)), "", cors.PreflightAllowed},
		{"OPTIONS, no preflight", listed, []string{"OPTIONS", "Access-Control-Request-Method", "PUT"}, "", cors.NotCORS},
		{"OPTIONS, no method asked for", listed, []string{"OPTIONS", "Origin", fooOrigin}, "", cors.ActualAllowed},
	} {
		for way := range 4 {
			odd, cookies := way&1 != 0, way&2 != 0
			t.Run(fmt.Sprintf("%s, debug and names as sent %t, cookies %t", test.name, odd, cookies), func(t *testing.T) {
				var got cors.Outcome
				c := test.config
				if c.OnDecision != nil {
					c.OnDecision = func(_ *fasthttp.RequestCtx, d cors.Decision) { got = d.Outcome }
				}
				m := cors.MustNew(c)
				m.SetDebug(odd)
				handler := m.Wrap(handlers[test.handler])
				wanted := test.request[0] + " / HTTP/1.1\r\nHost: a\r\n"
				if cookies {
					wanted += "Cookie: a=b; c=\"d\"; e\r\n"
				}
				for i := 1; i < len(test.request); i += 2 {
					wanted += test.request[i] + ": " + test.request[i+1] + "\r\n"
				}
				var (
					ctx    fasthttp.RequestCtx
					source = strings.NewReader("")
					reader = bufio.NewReaderSize(source, 64<<10)
				)
				wanted += "\r\n"
				bare := func() {
					source.Reset(wanted)
					reader.Reset(source)
					if odd {
						ctx.Request.Header.DisableNormalizing()
					}
					require.NoError(t, ctx.Request.Header.Read(reader))
					ctx.Response.Reset()
				}
				require.Zero(t, testing.AllocsPerRun(100, bare), "what the test itself costs")
				assert.Zero(t, testing.AllocsPerRun(100, func() {
					bare()
					handler(&ctx)
				}))
				bare()
				assert.Equal(t, test.want, m.Evaluate(&ctx).Outcome)
				if c.OnDecision != nil {
					assert.Equal(t, test.want, got)
				}
			})
		}
	}
}

// TestNoServerAllocates, be it one too many to be remembered, or one that is given its connection.
func TestNoServerAllocates(t *testing.T) {
	m := sharedPolicy()
	answer := m.Wrap(ok)
	for i := range 24 {
		var got float64
		s := &fasthttp.Server{NoDefaultDate: i%2 == 0, Handler: func(ctx *fasthttp.RequestCtx) {
			var fresh fasthttp.ResponseHeader // Reset would forget whether it is dated
			ctx.Response.Header.CopyTo(&fresh)
			got = testing.AllocsPerRun(100, func() {
				fresh.CopyTo(&ctx.Response.Header)
				answer(ctx)
			})
		}}
		dateServer(t, s, i%3 != 0).preflight(t, "server %d", i)
		assert.Zero(t, got, "server %d", i)
	}
}

package cors_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Published vulnerabilities and failures of CORS middleware, replayed. Each test fails on a middleware that has
// the fault; its comment says where it was.

// allocated returns how many bytes f allocates at most, the least of several runs.
func allocated(f func()) uint64 {
	least := ^uint64(0)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// GO-2024-2883 (rs/cors issue 170) and go-chi/cors issue 36: a preflight with 1 MiB of commas took 127 ms and 121
// MB of allocations.
func TestAMebibyteOfCommasIsRefusedUnread(t *testing.T) {
	for _, c := range []cors.Config{
		{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"Content-Type"}},
		{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*"}},
		{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"*"}, AllowCredentials: true},
	} {
		m := cors.MustNew(c)
		for _, element := range []string{",", " ,", "a,", "\t,", "content-type,"} {
			ctx := preflightFor(strings.Repeat(element, 1<<20/len(element)))
			handler := m.Wrap(func(*fasthttp.RequestCtx) { t.Error("the handler ran") })
			handler(ctx) // grows the response's own buffers
			require.Equal(t, cors.PreflightRefusedHeaders, m.Evaluate(ctx).Outcome)
			require.Less(t, allocated(func() { handler(ctx) }), uint64(4096), "%q repeated", element)
			require.Equal(t, 403, ctx.Response.StatusCode())
			require.Less(t, len(ctx.Response.Header.String()), 1024, "the response has none of it")
		}
	}
}

// GHSA-vhxv-fg4m-p2w8 (jub0bs/cors before 0.1.3) and GHSA-v84h-653v-4pq9 (jub0bs/fcors): allowing https://foo.com and
// https://bar.com allowed https://barfoo.com too, by way of a shared suffix tree.
func TestTwoOriginsDoNotMakeAThird(t *testing.T) {
	sets := [][]string{
		{"https://foo.com", "https://bar.com"},
		{"https://*.foo.com", "https://*.bar.com"},
		{"https://foo.com", "https://*.bar.com", "http://foo.com:*"},
		slices.Concat([]string{"https://foo.com", "https://bar.com", "https://*.foo.com", "https://*.bar.com"}, fillerPatterns),
	}
	for _, origins := range sets {
		m := cors.MustNew(cors.Config{AllowOrigins: origins})
		for _, o := range []string{
			"https://barfoo.com", "https://foobar.com", "https://foo.bar.com.com", "https://barfoo.com.bar.com.foo.com:1",
			"https://foo.combar.com", "https://foo.comhttps://bar.com", "https://foo.com,https://bar.com", "https://foo.com https://bar.com",
			"https://foo.com\nhttps://bar.com", "https://ar.com", "https://oo.com", "https://com", "foo.com", "https://",
			"https://xfoo.com", "https://xbar.com", "https://foo.com.", "https://foo.com\n", "\nhttps://foo.com",
		} {
			require.False(t, m.AllowsOrigin([]byte(o)), "%q with %q allowed", o, origins)
		}
	}
}

// CVE-2024-25124 (Fiber before 2.52.1): "*" together with credentials echoed whatever origin asked.
func TestWildcardAndCredentialsAreRefusedTogether(t *testing.T) {
	for _, origins := range [][]string{{"*"}, {"https://example.com", "*"}, {"*", "https://example.com"}} {
		m, err := cors.New(cors.Config{AllowOrigins: origins, AllowCredentials: true})
		require.Nil(t, m)
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, "AllowOrigins", mistake.Field)
		require.Equal(t, "*", mistake.Value)
	}

	m := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	require.Error(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"*"}, AllowCredentials: true}))
	ctx := received(t, "GET / HTTP/1.1\nHost: h\nOrigin: https://evil.example\nCookie: session=1\n")
	m.Wrap(ok)(ctx)
	require.Equal(t, "*", string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")), "no echo")
	require.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Credentials"))
}

// CVE-2019-25211 (gin-contrib/cors before 1.6.0): a pattern with its wildcard at the end, such as
// https://example.com*, allowed https://example.community.
func TestWildcardsAtTheEndAreRefused(t *testing.T) {
	for _, pattern := range []string{
		"https://example.com*", "https://example.*", "https://example*", "http*", "http*://example.com", "https*",
		"https://example.com:*80", "https://example.com:80*", "https://example.com/*", "https://example.com:*/", "https://*.example.com*",
		"https://a.*.example.com", "https://**.example.com", "https://*.*.example.com", "*://example.com", "**",
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{pattern}})
		require.Error(t, err, pattern)
	}
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com", "https://example.com:*", "https://*.example.com:*"}})
	for _, o := range []string{
		"https://example.community", "https://example.com.mallory.example", "https://example.comx:8080", "https://a.example.community",
		"https://example.com:8080.mallory.example", "https://example.com:x", "https://example.com:", "https://a.example.com:8080x",
	} {
		require.False(t, m.AllowsOrigin([]byte(o)), o)
	}
}

// CVE-2022-1996 (go-restful before 3.8.0): patterns that were not anchored, so that a domain allowed
// everything that contains it.
func TestPatternsAreAnchoredAtBothEnds(t *testing.T) {
	for _, origins := range [][]string{
		{"https://example.com"}, {"https://*.example.com"}, {"https://example.com:*"}, {"https://*.example.com:*"},
		{"https://example.com", "https://*.example.com", "https://example.com:*", "https://*.example.com:*"},
		append([]string{"https://example.com", "https://*.example.com", "https://example.com:*", "https://*.example.com:*"}, fillerPatterns...),
	} {
		m := cors.MustNew(cors.Config{AllowOrigins: origins})
		for _, o := range []string{
			"https://example.com.attacker.org", "https://attackerexample.com", "https://a.example.com.attacker.org",
			"https://example.comattacker.org", "https://attacker.org?https://example.com", "https://attacker.org/https://example.com",
			"https://attacker.org#.example.com", "https://attacker.org\\.example.com", "https://attacker.org:80.example.com",
			"https://attacker@example.com", "https://example.com@attacker.org", "xhttps://example.com", "https://example.com\x00.attacker.org",
			"https://exampleXcom", "https://a.exampleXcom", "https://example-com", "http://example.com", "https://example.com/",
		} {
			require.False(t, m.AllowsOrigin([]byte(o)), "%q with %q allowed", o, origins)
		}
	}
}

// rs/cors issue 184 and jub0bs/cors issue 7: API gateways split Access-Control-Request-Headers into several lines, and
// the preflight was refused.
func TestRequestHeadersSplitIntoLinesAreRead(t *testing.T) {
	for _, normalizing := range []bool{true, false} {
		for _, c := range []cors.Config{
			{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"X-A", "X-B", "X-C"}},
			{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"*"}},
			{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"*"}, AllowCredentials: true},
		} {
			w := serve(t, &fasthttp.Server{Handler: cors.MustNew(c).Wrap(ok), DisableHeaderNamesNormalizing: !normalizing})
			r := w.send("OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: GET\n" +
				"access-control-request-headers: x-a\nAccess-Control-Request-Headers: x-b, \nAccess-Control-Request-Headers: x-c\n")
			require.Equal(t, 204, r.status)
			require.True(t, naivePreflightCheck(r.corsHeaders(), r.status, "https://example.com", "GET",
				[]string{"x-a", "x-b", "x-c"}, c.AllowCredentials), "%v", r.lines)

			c.AllowHeaders = []string{"X-A", "X-B"}
			w = serveHandler(t, c, ok)
			r = w.send("OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: GET\n" +
				"Access-Control-Request-Headers: x-a\nAccess-Control-Request-Headers: x-b\nAccess-Control-Request-Headers: x-c\n")
			require.Equal(t, 403, r.status, "one line too many")
		}
	}
}

// jub0bs/cors issue 14 and rs/cors issue 198: header values that were computed once were handed to the handler, which
// could change them for every later request.
func TestHandlersCannotChangeLaterResponses(t *testing.T) {
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"},
		ExposeHeaders: []string{"X-B"}, MaxAge: 60, AllowCredentials: true,
	})
	scribbling := func(handler fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			handler(ctx)
			for name, value := range ctx.Response.Header.All() {
				if strings.HasPrefix(string(name), "Access-") || string(name) == "Vary" {
					scribble(value)
					scribble(name)
				}
			}
		}
	}
	handler := m.Wrap(ok)
	for _, request := range []string{
		"GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n",
		"GET / HTTP/1.1\nHost: h\n",
		"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a\n",
	} {
		first := received(t, request)
		handler(first)
		want := first.Response.Header.String()
		scribbling(handler)(received(t, request))

		c := m.Config()
		for _, list := range [][]string{c.AllowOrigins, c.AllowMethods, c.AllowHeaders, c.ExposeHeaders} {
			for i := range list {
				list[i] = "changed"
			}
		}
		again := received(t, request)
		handler(again)
		require.Equal(t, want, again.Response.Header.String())
	}
}

// jub0bs/cors issue 15: some sets of allowed headers were refused, depending on what else was allowed.
func TestEverySubsetOfTheAllowedHeadersIsAllowed(t *testing.T) {
	names := []string{"accept-x", "authorization", "b", "content-type", "content-type-x", "content", "x", "x-a", "x-a-b", "x-b"}
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: names})
	sorted := naiveNames(names)
	for subset := range 1 << len(sorted) {
		var asked []string
		for i, name := range sorted {
			if subset>>i&1 != 0 {
				asked = append(asked, name)
			}
		}
		require.True(t, m.Evaluate(preflightFor(strings.Join(asked, ","))).Allowed(), "%q", asked)
		asked = append(asked, "x-c")
		require.False(t, m.Evaluate(preflightFor(strings.Join(asked, ","))).Allowed(), "%q", asked)
	}
}

package cors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestRequestHeadersAreReadUpToALimit: to the byte, over one line or several.
func TestRequestHeadersAreReadUpToALimit(t *testing.T) {
	lists := [][]string{nil, {"*"}, {"*", "authorization"}}
	for n := range 6 {
		var names []string
		for i := range n + 1 {
			names = append(names, fmt.Sprintf("X-Header-%0*d", n, i))
		}
		lists = append(lists, names)
	}
	for _, list := range lists {
		m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: list})
		limit := naiveHeaderLimit(list)
		asked := "x-header-0"
		if len(list) == 0 {
			asked = ""
		}
		if names := naiveNames(list); len(names) > 0 {
			asked = names[0]
		}
		fits := asked + strings.Repeat(",", limit-len(asked)-1)
		require.True(t, m.Evaluate(preflightFor(fits)).Allowed(), "%d bytes with %q", len(fits), list)
		for _, long := range []string{fits + ",", fits + "\t"} {
			refused := m.Evaluate(preflightFor(long))
			require.Equal(t, cors.PreflightRefusedHeaders, refused.Outcome, "%d bytes with %q", len(long), list)
			require.Equal(t, long, string(refused.Refused))
		}
		half := (limit - 2) / 2
		lines := []string{strings.Repeat(",", half), strings.Repeat(" ", limit-2-half)}
		for _, normalizing := range []bool{true, false} {
			for extra, want := range map[string]bool{"": true, ",": false} {
				ctx := preflightFor()
				if !normalizing {
					ctx.Request.Header.DisableNormalizing()
				}
				for _, line := range lines {
					ctx.Request.Header.Add("Access-Control-Request-Headers", line)
				}
				ctx.Request.Header.Set("X-Between", "1")
				if extra != "" {
					ctx.Request.Header.Add("Access-Control-Request-Headers", "")
				}
				d := m.Evaluate(ctx)
				require.Equal(t, want, d.Allowed(), "%d lines with %q", len(lines)+len(extra), list)
				if !want {
					require.Equal(t, cors.PreflightRefusedHeaders, d.Outcome)
				}
			}
		}
	}
}

// TestTooManyRequestHeadersComeBeforeTheRest: how the lines are ordered changes no decision.
func TestTooManyRequestHeadersComeBeforeTheRest(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	tooLong := "Access-Control-Request-Headers: " + strings.Repeat(",", 600) + "\n"
	tooMany := strings.Repeat("Access-Control-Request-Headers: "+strings.Repeat(",", 200)+"\n", 3)
	for _, normalizing := range []bool{true, false} {
		w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: !normalizing, Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.SetBodyString(m.Evaluate(ctx).String())
		}})
		for _, test := range []struct{ lines, want string }{
			{"Origin: https://example.com\nAccess-Control-Request-Method: GET\n" + tooMany, "preflight_refused_headers"},
			{tooMany + "Origin: https://example.com\nAccess-Control-Request-Method: GET\n", "preflight_refused_headers"},
			{"Access-Control-Request-Method: GET\n" + tooMany + "Origin: https://example.com\n", "preflight_refused_headers"},
			{"Access-Control-Request-Method: GET\n" + tooLong + "Origin: https://example.com\n", "preflight_refused_headers"},
			{tooLong + "Origin: https://example.com\nAccess-Control-Request-Method: PUT\n", "preflight_refused_method"},
			{tooLong + "Origin: https://evil.example\nAccess-Control-Request-Method: GET\n", "preflight_refused_origin"},
			{tooLong + tooLong + "Origin: https://example.com\nAccess-Control-Request-Method: GET\n", "preflight_refused_headers"},
			{"Origin: https://example.com\n" + tooMany + "Access-Control-Request-Method: GET\n", "preflight_refused_headers"},
			{tooMany + "Origin: https://evil.example\nAccess-Control-Request-Method: GET\n", "preflight_refused_origin"},
			{tooMany + "Access-Control-Request-Method: GET\nOrigin: https://example.com\nOrigin: https://example.com\n", "preflight_refused_origin"},
			{"Origin: https://example.com\n" + tooMany + "Access-Control-Request-Method: GET\nOrigin: https://example.com\n", "preflight_refused_origin"},
			{tooMany + "Origin: https://example.com\nAccess-Control-Request-Method: PUT\n", "preflight_refused_method"},
			{tooMany + "Origin: https://example.com\nAccess-Control-Request-Method:\n", "preflight_refused_method"},
			{tooMany + "Access-Control-Request-Method: GET\n", "not_cors"},
			{tooMany + "Origin: https://example.com\n", "actual_allowed"},
		} {
			require.Equal(t, test.want, w.send("OPTIONS / HTTP/1.1\nHost: h\n"+test.lines).body, "normalizing %v: %s", normalizing, test.lines)
		}
	}
}

// TestTheLimitOfALongList of request headers: all names, and four bytes for each and 32 more for what
// intermediaries add.
func TestTheLimitOfALongList(t *testing.T) {
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("x-%d", i))
	}
	limit := len(strings.Join(names, ",")) + 4*len(names) + 32
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: names}, ok)
	for length, status := range map[int]int{limit - 1: 204, limit: 403} { // a line counts one byte more
		value := "x-1" + strings.Repeat(",", length-len("x-1"))
		require.Equal(t, status, w.send(preflight("GET", value)).status, length)
	}
}

// TestLongestOrigins: as long as an origin can be, and one byte more.
func TestLongestOrigins(t *testing.T) {
	host := func(n int) string { return strings.Repeat("a.", (n-1)/2) + strings.Repeat("a", 2-n%2) }
	scheme := strings.Repeat("s", 64)
	longest := scheme + "://" + host(253) + ":65535"
	require.Len(t, longest, 326)
	require.True(t, naiveIsListed(longest))
	for _, patterns := range [][]string{
		{longest}, {longest, "https://example.com"},
		{scheme + "://*." + host(251) + ":65535"}, {scheme + "://*." + host(251) + ":*"}, {scheme + "://" + host(253) + ":*"},
		append([]string{scheme + "://*." + host(251) + ":65535"}, fillerPatterns...),
		append([]string{scheme + "://" + host(253) + ":*"}, fillerPatterns...),
	} {
		m := cors.MustNew(cors.Config{AllowOrigins: patterns})
		require.True(t, m.AllowsOrigin([]byte(longest)), "%q", patterns)
		for _, o := range []string{
			longest + "5", "s" + longest, scheme + "://a" + host(253) + ":65535", scheme + "://" + host(254) + ":65535",
			scheme + "://" + host(254), "s" + scheme + "://" + host(252), longest + strings.Repeat("0", 1000), strings.Repeat(longest, 100),
		} {
			require.False(t, m.AllowsOrigin([]byte(o)), "%q with %q", o, patterns)
		}
	}

	var asked []string
	m := cors.MustNew(cors.Config{AllowCredentials: true, AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool {
		asked = append(asked, string(origin))
		return true
	}})
	ctx := received(t, "GET / HTTP/1.1\nHost: h\nOrigin: "+longest+"\n")
	m.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.Request.Reset() })(ctx)
	require.Equal(t, longest, string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	ctx = received(t, "GET / HTTP/1.1\nHost: h\nOrigin: "+longest+"5\n")
	m.Wrap(ok)(ctx)
	require.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
	require.Equal(t, []string{longest}, asked)
}

// TestNothingBehindAnOriginIsRead: every beginning of an origin, in a slice that has no room for more.
func TestNothingBehindAnOriginIsRead(t *testing.T) {
	sets := [][]string{corpusPatterns, {"*"}, {"null"}}
	for _, p := range corpusPatterns {
		sets = append(sets, []string{p}, []string{p, "https://*.other.example"})
	}
	for _, patterns := range sets {
		m := cors.MustNew(cors.Config{AllowOrigins: patterns})
		for _, whole := range []string{
			"https://a.any.example.com:8443", "http://localhost:3000", "http://[2001:db8::1]:8080", "app://obsidian.md", "vscode-webview://a.b",
			"http://127.0.0.1:9090", "null",
		} {
			for n := range len(whole) + 1 {
				for m1 := range n + 1 {
					o := []byte(whole[m1:n])
					require.Equal(t, naiveMatchesAny(patterns, string(o)), m.AllowsOrigin(o[:len(o):len(o)]), "%q with %q", o, patterns)
				}
			}
		}
	}
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

// TestNothingAmongSeparatorsIsSkipped: they are passed over several at a time, and a byte among them is a name, whatever
// byte that is and wherever it stands.
func TestNothingAmongSeparatorsIsSkipped(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"x"}})
	var ctx fasthttp.RequestCtx
	h := &ctx.Request.Header
	h.SetMethod(fasthttp.MethodOptions)
	h.Set("Origin", fooOrigin)
	h.Set("Access-Control-Request-Method", "GET")
	const n = 26
	for c := range 256 {
		for at := range n {
			for _, separators := range []string{strings.Repeat(",", n), strings.Repeat(", \t", n)[:n]} {
				value := []byte(separators)
				value[at] = byte(c)
				h.SetBytesV("Access-Control-Request-Headers", value)
				separates := strings.IndexByte(",\t\r\n ", byte(c)) >= 0 // fasthttp makes spaces of line ends
				if allowed := m.Evaluate(&ctx).Allowed(); allowed != (separates || c == 'x' || c == 'X') {
					t.Fatalf("%q: allowed: %v", value, allowed)
				}
			}
		}
	}
}

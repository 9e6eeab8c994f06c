package cors_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Requests that no browser sends, but that get through a server all the same.

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

// TestFinishAfterAnAnswerWritesNothing: an adapter that defers Finish first of all does no harm.
func TestFinishAfterAnAnswerWritesNothing(t *testing.T) {
	for _, origins := range [][]string{{"*"}, {"https://example.com"}} {
		m := cors.MustNew(cors.Config{AllowOrigins: origins, ExposeHeaders: []string{"X-A"}, AllowMethods: []string{"PUT"}, MaxAge: 5})
		for _, method := range []string{"PUT", "PATCH"} {
			ctx := received(t, "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: "+method+"\n")
			var x cors.Exchange
			require.True(t, m.Begin(ctx, &x))
			want := ctx.Response.Header.String()
			x.Finish(ctx)
			require.Equal(t, want, ctx.Response.Header.String())
		}
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

// TestOtherHeadersOfTheResponseStay: names that begin or end like the middleware's own, and what is declared
// to come behind the body.
func TestOtherHeadersOfTheResponseStay(t *testing.T) {
	others := []string{
		"Access-Control-Allow-Originx", "Access-Control-Allow-Origi", "Access-Control-Allow", "Access-Control-", "Access-Control",
		"Access-Control-Request-Method", "Access-Control-Foo-Credentials", "X-Access-Control-Allow-Origin", "Bccess-Control-Allow-Origin",
		"Access_Control-Allow-Origin", "Varyx", "Xary", "Var", "X-Vary", "V", "A", "Vara", "Timing-Allow-Origin", "Trailer-Park",
	}
	w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
		for _, name := range others {
			ctx.Response.Header.Set(name, "kept")
		}
		for _, name := range naiveOwned {
			ctx.Response.Header.Set(name, "dropped")
		}
		_ = ctx.Response.Header.SetTrailer("X-One, Access-Control-Max-Age, X-Two, vary, X-Three")
		ctx.Response.Header.Set("X-One", "1")
		ctx.Response.Header.Set("X-Two", "2")
		ctx.Response.Header.Set("X-Three", "3")
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	})
	conn := w.dial()
	defer conn.Close()
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\nOrigin: https://example.com\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "streamed", string(body))
	require.Equal(t, http.Header{"X-One": {"1"}, "X-Two": {"2"}, "X-Three": {"3"}}, response.Trailer)
	for _, name := range others {
		require.Equal(t, "kept", response.Header.Get(name), name)
	}
	for _, name := range naiveOwned[1:] {
		require.Empty(t, response.Header.Values(name), name)
	}
	require.Equal(t, []string{"https://example.com"}, response.Header.Values("Access-Control-Allow-Origin"))
	require.Equal(t, []string{"Origin"}, response.Header.Values("Vary"))
}

// TestOneRefusedLineIsEnough: wherever it stands among lines that are fine.
func TestOneRefusedLineIsEnough(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{"X-A", "X-B", "X-C", "X-D"}})
	for _, normalizing := range []bool{true, false} {
		w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), DisableHeaderNamesNormalizing: !normalizing})
		for _, extra := range []string{"", "Trailer: X-Sum\n"} {
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

// TestOneTrailerIsEnough to hide a header that has to come before the body.
func TestOneTrailerIsEnough(t *testing.T) {
	for _, name := range append([]string{"Vary"}, naiveOwned...) {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
			_ = ctx.Response.Header.SetTrailer(name)
			ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
		})
		r := w.send("GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n")
		r.requireCORS(t, "Access-Control-Allow-Origin: https://example.com", "Vary: Origin")
		require.Empty(t, r.header.Values("Trailer"), name)
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

// TestShortNamesInVary: one letter is a name as well.
func TestShortNamesInVary(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{[]string{"A"}, "A, Origin"},
		{[]string{"A", "a"}, "A, Origin"},
		{[]string{"A,B", "b"}, "A, B, Origin"},
		{[]string{"", ","}, "Origin"},
		{[]string{"origin", "A"}, "origin, A"},
		{[]string{"*"}, "*"},
		{[]string{"A,*"}, "A,*"},
	} {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
			for _, line := range test.lines {
				ctx.Response.Header.Add("Vary", line)
			}
		})
		w.send("GET / HTTP/1.1\nHost: h\n").requireCORS(t, "Vary: "+test.want)
	}
}

// TestOneMistakeIsReportedOnce, and as what it is.
func TestOneMistakeIsReportedOnce(t *testing.T) {
	for _, test := range []struct{ field, value, reason string }{
		{"AllowOrigins", "http://*.*.github.io", "has a wildcard where none can be"},
		{"AllowOrigins", "https:///example.com", "has something other than"},
		{"AllowOrigins", "https://?", "has a query"},
		{"AllowOrigins", "https://[localhost", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://localhost]", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://::1", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://a\x7f.example", "has a malformed host"},
		{"AllowOrigins", "https://a\u0080.example", "has a host in Unicode"},
		{"AllowOrigins", "http://1..2.3", "has an IPv4 address that is not written as four decimal numbers"},
		{"AllowOrigins", "http://1.2.3.9999", "has an IPv4 address that is not written as four decimal numbers"},
		{"AllowHeaders", "Sec-" + strings.Repeat("x", 300), "is longer than 256 bytes"},
		{"ExposeHeaders", strings.Repeat("x", 257), "is longer than 256 bytes"},
		{"ExposeHeaders", "*", "cannot be combined with AllowCredentials"},
	} {
		c := cors.Config{AllowOrigins: []string{"https://example.com"}, AllowCredentials: true}
		list := []string{test.value}
		switch test.field {
		case "AllowOrigins":
			c.AllowOrigins = list
		case "AllowHeaders":
			c.AllowHeaders = list
		case "ExposeHeaders":
			c.ExposeHeaders = list
		}
		_, err := cors.New(c)
		require.Error(t, err, test.value)
		mistakes := err.(interface{ Unwrap() []error }).Unwrap()
		require.Len(t, mistakes, 1, "%v", err)
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, test.field, mistake.Field)
		require.Equal(t, test.value, mistake.Value)
		require.True(t, strings.HasPrefix(mistake.Reason, test.reason), "%v", err)
	}
}

// TestSuggestionsForLongHosts: what has more labels than an address has numbers is repaired like any other.
func TestSuggestionsForLongHosts(t *testing.T) {
	for value, want := range map[string]string{
		"https://a.b.c.d.example.com/": "https://a.b.c.d.example.com",
		"https://1.2.3.4.example.com/": "https://1.2.3.4.example.com",
		"https://1.2.3.4.5/":           "",
		"https://0x7f.1/":              "https://127.0.0.1",
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{value}})
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, want, mistake.Suggestion, value)
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

// TestShortTrailers: one letter is a name here as well.
func TestShortTrailers(t *testing.T) {
	var ctx fasthttp.RequestCtx
	cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}}).Wrap(func(ctx *fasthttp.RequestCtx) {
		require.NoError(t, ctx.Response.Header.SetTrailer("A, Vary, B, C"))
	})(&ctx)
	require.Equal(t, "A, B, C", string(ctx.Response.Header.Peek("Trailer")))
}

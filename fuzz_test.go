package cors_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Each target compares the package with the naive model in naive_test.go. Run one for longer with
//
//	go test -run '^$' -fuzz '^FuzzOriginMatch$' -fuzztime 10m .
//
// Those that go through a server, FuzzWholeRequest, FuzzReconfigure and FuzzConnection, are in files of their own.

// seedPatterns are the patterns of the documentation, and what people write instead.
var seedPatterns = []string{
	"https://example.com", "http://[::1]:9090", "app://obsidian.md", "https://*.example.com",
	"http://localhost:*", "https://*.example.com:*", "https://*.example.com:8443", "vscode-webview://*", "*", "null",
	"http://127.0.0.1:*", "http://[::1]:*", "ws://*", "wss://*.example.com",
	"https://example.com/", "HTTPS://example.com", "https://example.com:443", "http://example.com:80",
	"https://example.com:0", "https://example.com:65536", "https://user@example.com", "example.com",
	"https://bücher.example", "https://ex*mple.com", "https://a.*.com", "https://*", "http://*:8080",
	"http://[0:0:0:0:0:0:0:1]", "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]", "http://127.1", "http://0x7f.1",
	"file:///", "file://", "https://*.1.2.3.4", "https://example.com.", "https://*.", "https://-a.example", "https://a_b.example",
	"https://app-*.example.com", "https://*-app.example.com:8443", "http://a-*-b.example.com:*", "file://*", "app://*.Example", "app://.", "http://*:*",
	"https://*.example.com.", "http://0-1", "htp://", "https://a.example.0x1", "http://a.xn--b", "https://xn--bcher-kva.example:8443", "app://1.2", "app://x:80", "ftp://example.com:21", "https://*.github.io", "",
}

// seedOrigins are origins that match one of seedPatterns, and origins and other bytes that nearly do.
var seedOrigins = []string{
	"https://example.com", "https://a.example.com", "https://a.b.example.com:8080", "http://localhost", "http://localhost:3000",
	"http://[::1]:9090", "app://obsidian.md", "vscode-webview://1f2e3d", "null", "https://foo.example",
	"https://evil.com/.example.com", "https://evil.com#.example.com", "https://evil.com@a.example.com",
	"https://evil.com:80.example.com", "https://a..example.com", "https://.example.com",
	"https://barfoo.com", "https://example.community", "https://example.com.attacker.org", "https://attackerexample.com",
	"https://example.com:443", "https://EXAMPLE.com", "http://localhost:80", "http://localhost:0", "http://localhost:99999",
	"https://example.com\x00", "https://example.com ", "https://a.example.com:08080", "",
}

// FuzzOriginPattern: a pattern is accepted exactly if the model accepts it, and then matches what the model
// says, be it a policy of that one pattern or one of many.
func FuzzOriginPattern(f *testing.F) {
	for i, pattern := range seedPatterns {
		f.Add(pattern, seedOrigins[i%len(seedOrigins)])
		f.Add(pattern, strings.Replace(pattern, "*", "a.b", 1))
	}
	f.Fuzz(func(t *testing.T, pattern, origin string) {
		m, err := cors.New(cors.Config{AllowOrigins: []string{pattern}})
		require.Equal(t, naivePatternOK(pattern), err == nil, "pattern %q: %v", pattern, err)
		if err != nil {
			return
		}
		among, err := cors.New(cors.Config{AllowOrigins: append(slices.Clone(fillerPatterns), pattern)})
		if pattern == "*" {
			require.Error(t, err, "stands alone")
			return
		}
		require.NoError(t, err)
		for _, o := range append(originsNear(pattern), origin) {
			want := naiveMatches(pattern, o)
			require.Equal(t, want, m.AllowsOrigin([]byte(o)), "pattern %q, origin %q", pattern, o)
			require.Equal(t, want || naiveMatchesAny(fillerPatterns, o), among.AllowsOrigin([]byte(o)),
				"pattern %q among others, origin %q", pattern, o)
		}
	})
}

// fillerPatterns make a policy long enough for tables to take the place of comparisons.
var fillerPatterns = []string{
	"https://filler.example", "https://other.filler.example:8443", "https://*.filler.example", "https://*.a.filler.example",
	"https://*.filler.example:8443", "https://*.ports.example:*", "http://ports.example:*", "app://*.filler.example", "filler://*",
}

// originsNear returns origins that a pattern matches and others that differ in little.
func originsNear(pattern string) []string {
	origins := []string{pattern, pattern + ".", pattern + ":8080", pattern + "/", "x" + pattern, strings.ToUpper(pattern)}
	for _, label := range []string{"", "a", "a.b", "a.", ".a", "-", "1", "8080", "[::1]", strings.Repeat("a", 63), strings.Repeat("a", 64)} {
		filled := strings.Replace(pattern, "*", label, 1)
		for _, port := range []string{"*", "", "1", "80", "443", "08", "65535", "65536"} {
			switch port {
			case "":
				origins = append(origins, strings.Replace(filled, ":*", "", 1))
			default:
				origins = append(origins, strings.Replace(filled, ":*", ":"+port, 1))
			}
		}
		origins = append(origins, filled, strings.Replace(pattern, "*.", label, 1))
	}
	return origins
}

// FuzzOriginMatch: a policy of any patterns matches what the model matches, never anything but a serialized
// origin, and its decision about a request says the same.
func FuzzOriginMatch(f *testing.F) {
	for i, origin := range seedOrigins {
		f.Add(strings.Join(seedPatterns[:8], "\n"), origin, uint8(i))
		f.Add(seedPatterns[i], origin, uint8(i))
	}
	f.Add("https://foo.com\nhttps://bar.com", "https://barfoo.com", uint8(0))
	f.Fuzz(func(t *testing.T, listed, origins string, cut uint8) {
		patterns := slices.DeleteFunc(strings.Split(listed, "\n"), func(p string) bool { return !naivePatternOK(p) })
		if len(patterns) == 0 || len(patterns) > 64 {
			return
		}
		if slices.Contains(patterns, "*") {
			patterns = []string{"*"} // stands alone
		}
		m, err := cors.New(cors.Config{AllowOrigins: patterns})
		require.NoError(t, err)
		candidates := strings.Split(origins, "\n")
		// The random origin put in the place of a wildcard, or grafted onto a pattern, comes near to many.
		for _, p := range patterns {
			at := int(cut) % (len(p) + 1)
			candidates = append(candidates, p[:at]+origins+p[at:], strings.Replace(p, "*", origins, 1), p[at:], p[:at])
		}
		var ctx fasthttp.RequestCtx
		for _, o := range candidates {
			want := naiveMatchesAny(patterns, o)
			require.Equal(t, want, m.AllowsOrigin([]byte(o)), "patterns %q, origin %q", patterns, o)
			if want && !slices.Contains(patterns, "*") {
				require.True(t, naiveMayBeOrigin(o), "patterns %q match %q, which is no origin", patterns, o)
			}
			if strings.ContainsAny(o, "\r\n") {
				continue // is no value of a header
			}
			ctx.Request.Reset()
			ctx.Request.Header.Set("Origin", o)
			require.Equal(t, want || slices.Contains(patterns, "*"), m.Evaluate(&ctx).Allowed(),
				"patterns %q, request of %q", patterns, o)
		}
	})
}

// FuzzRequestHeaders: whatever the lists and the lines, the decision about them is the model's, within the
// tolerance that the model documents (naiveHeaderLimit); and what a browser would ask for is never too much.
// A value beyond the limit is refused whatever it says, so that none of its bytes is looked at.
func FuzzRequestHeaders(f *testing.F) {
	f.Add("Content-Type,X-Pingother", "content-type,x-pingother", false, uint16(3))
	f.Add("Content-Type,X-Pingother", "content-type\nx-pingother", false, uint16(2))
	f.Add("Content-Type,X-Pingother", " Content-Type ,\t,, X-PINGOTHER\t", true, uint16(1))
	f.Add("*", "x-stainless-timeout,authorization", true, uint16(1))
	f.Add("*,Authorization", "authorization,x-anything", false, uint16(7))
	f.Add("*", strings.Repeat("a,", 1024), false, uint16(0))
	f.Add("x", strings.Repeat(",", 100), false, uint16(0))
	f.Add("a,b,c,d,e", "a,b\x00,c", true, uint16(31))
	f.Add("", "x-foo", false, uint16(0))
	f.Add("x-é", "x\xff", false, uint16(0))
	f.Fuzz(func(t *testing.T, listed, lines string, credentials bool, subset uint16) {
		list := slices.DeleteFunc(strings.Split(listed, ","), func(name string) bool {
			return !acceptsHeader(name)
		})
		c := cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: list, AllowCredentials: credentials}
		m, err := cors.New(c)
		require.NoError(t, err)

		asked := strings.Split(strings.ReplaceAll(lines, "\r", ""), "\n")
		refused, ok := naiveHeadersOK(list, asked)
		got := m.Evaluate(preflightFor(asked...))
		require.Equal(t, ok, got.Allowed(), "allowed %q, asked for %q: %s", list, asked, got)
		if !ok {
			require.Equal(t, cors.PreflightRefusedHeaders, got.Outcome)
			if refused != "" {
				require.Equal(t, refused, string(got.Refused), "allowed %q, asked for %q", list, asked)
			}
		}

		var names []string
		for i, name := range naiveNames(list) {
			if subset>>(i%16)&1 != 0 {
				names = append(names, name)
			}
		}
		browser := strings.Join(names, ",")
		if len(names) > 0 && len(browser) < 2048 {
			require.True(t, m.Evaluate(preflightFor(browser)).Allowed(), "allowed %q, a browser asks for %q", list, browser)
			require.True(t, m.Evaluate(preflightFor(names...)).Allowed() || len(browser)+1 > naiveHeaderLimit(list),
				"allowed %q, a gateway splits %q into lines", list, browser)
		}

		long := browser + strings.Repeat(",", naiveHeaderLimit(list)+1)
		require.False(t, m.Evaluate(preflightFor(long)).Allowed(), "allowed %q, asked for %d bytes", list, len(long))
	})
}

// acceptsHeader tells whether New takes the name in AllowHeaders.
func acceptsHeader(name string) bool {
	_, err := cors.New(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowHeaders: []string{name}})
	return err == nil
}

// preflightFor returns a preflight from https://example.com for PUT and the request headers in these lines.
func preflightFor(lines ...string) *fasthttp.RequestCtx {
	var ctx fasthttp.RequestCtx
	h := &ctx.Request.Header
	h.SetMethod("OPTIONS")
	h.Set("Origin", "https://example.com")
	h.Set("Access-Control-Request-Method", "GET")
	for _, line := range lines {
		h.Add("Access-Control-Request-Headers", line)
	}
	return &ctx
}

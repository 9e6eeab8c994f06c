package cors_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// padding returns patterns that match nothing that the tests ask for, and so many that the policy looks
// patterns up instead of comparing them one by one.
func padding() []string {
	var patterns []string
	for i := range 9 {
		patterns = append(patterns, fmt.Sprintf("https://*.p%d.invalid", i), fmt.Sprintf("http://p%d.invalid:*", i),
			fmt.Sprintf("app://*.p%d.invalid:*", i))
	}
	return patterns
}

// TestOriginPatterns is the table of patterns: what each matches, and what looks as if it did.
func TestOriginPatterns(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	long := strings.Repeat(label63+".", 3) // 192 bytes
	for _, test := range []struct {
		pattern         string
		allowed, denied []string
	}{
		{"https://example.com", []string{"https://example.com"}, []string{
			"http://example.com", "https://example.com:443", "https://example.com:8443", "https://example.com/", "https://example.com.",
			"https://a.example.com", "https://example.comm", "https://example.co", "https://EXAMPLE.com", "HTTPS://example.com",
			"https://example.com\x00", " https://example.com", "https://example.com ", "example.com", "null", "*", "https://evil.com",
			"https://example.community", "https://example.com.evil.com", "https://evil.com/https://example.com", "",
		}},
		{"http://[::1]:9090", []string{"http://[::1]:9090"}, []string{"http://[::1]", "http://[::1]:909", "http://[0:0:0:0:0:0:0:1]:9090", "http://::1:9090"}},
		{"app://obsidian.md", []string{"app://obsidian.md"}, []string{"app://obsidian", "app://a.obsidian.md", "https://obsidian.md", "app://obsidian.md/"}},
		{"https://*.example.com", []string{
			"https://a.example.com", "https://a.b.example.com", "https://1.example.com", "https://a-b.example.com", "https://a_b.example.com",
			"https://example.com.example.com", "https://" + label63 + ".example.com", "https://" + long + strings.Repeat("a", 49) + ".example.com",
			"https://_dmarc.example.com", "https://xn--bcher-kva.example.com", "https://-a.example.com", "https://feature-.example.com", "https://a.-.example.com",
		}, []string{
			"https://example.com", "https://.example.com", "https://aexample.com", "https://a..example.com", "https://..example.com",
			"https://a.example.com:8443", "https://a.example.com:443", "https://a.example.com.", "http://a.example.com", "https://a.example.co",
			"https://evil.com/.example.com", "https://evil.com#.example.com", "https://evil.com?.example.com", "https://evil.com@a.example.com",
			"https://evil.com:80.example.com", `https://evil.com\.example.com`, "https://evil.com%2f.example.com", "https://a b.example.com",
			"https://A.example.com", "https://*.example.com", "https://a~b.example.com", "https://a.example.com:8443:8443",
			"https://é.example.com", "https://a.example.com.evil.com", "https://a" + label63 + ".example.com", "https://a,https://b.example.com",
			"https://" + long + strings.Repeat("a", 50) + ".example.com", "https://[::1].example.com", "https://a.example.com/", "https:// .example.com",
			"https://a.\nexample.com", "https://a\x00.example.com", "xhttps://a.example.com", "https://https://a.example.com",
		}},
		{"https://*.example.com:8443", []string{"https://a.example.com:8443", "https://a.b.example.com:8443", "https://" + long + strings.Repeat("a", 49) + ".example.com:8443"}, []string{
			"https://a.example.com", "https://example.com:8443", "https://a.example.com:84433", "https://a.example.com:844", "https://a..example.com:8443",
			"https://" + long + strings.Repeat("a", 50) + ".example.com:8443",
		}},
		{"http://localhost:*", []string{"http://localhost", "http://localhost:1", "http://localhost:81", "http://localhost:8080", "http://localhost:65535", "http://localhost:443"}, []string{
			"http://localhost:80", "http://localhost:0", "http://localhost:65536", "http://localhost:080", "http://localhost:", "http://localhost:a",
			"http://localhost:8080/", "http://localhost:8080:8080", "http://localhost:99999", "http://localhost:100000", "https://localhost:8080",
			"http://localhostx:8080", "http://localhost.evil.com:8080", "http://localhost8080", "http://a.localhost:8080", "http://localhost:-1",
			"http://localhost:+80", "http://localhost: 81", "http://localhost:*", "http://localhost:18446744073709551617",
		}},
		{"http://[::1]:*", []string{"http://[::1]", "http://[::1]:3000"}, []string{"http://[::1]:80", "http://[::1]:", "http://[::2]:3000", "http://[::1]3000"}},
		{"http://127.0.0.1:*", []string{"http://127.0.0.1", "http://127.0.0.1:3000"}, []string{"http://127.0.0.1.evil.com:3000", "http://127.0.0.10:3000"}},
		{"https://*.example.com:*", []string{"https://a.example.com", "https://a.b.example.com:8443", "https://a.example.com:80", "https://" + long + strings.Repeat("a", 49) + ".example.com:65535"}, []string{
			"https://example.com", "https://example.com:8443", "https://a.example.com:443", "https://.example.com:8443", "https://a..example.com:8443",
			"https://evil.com:80.example.com:8443", "https://a.example.com:8443:8443", "https://a.example.com:x", "https://" + long + strings.Repeat("a", 50) + ".example.com:65535",
		}},
		{"https://app-*.example.com", []string{
			"https://app-1.example.com", "https://app--.example.com", "https://app-a_b.example.com", "https://app-" + strings.Repeat("a", 59) + ".example.com",
		}, []string{
			"https://app-.example.com", "https://app.example.com", "https://app-1.a.example.com", "https://a.app-1.example.com", "https://app-.1.example.com",
			"https://app-1.example.com:8443", "https://app-1.example.com.", "https://app-1.example.com.evil.com", "https://app-1.evil-example.com",
			"https://app-1,app-2.example.com", "https://app-A.example.com", "https://app-~.example.com", "https://app-*.example.com", "http://app-1.example.com",
			"https://app-" + strings.Repeat("a", 60) + ".example.com", "https://app-1/.example.com", "https://app-1@x.example.com", "https://example.com",
		}},
		{"https://*-app.example.com:8443", []string{"https://1-app.example.com:8443", "https://--app.example.com:8443"}, []string{
			"https://-app.example.com:8443", "https://1-app.example.com", "https://1.-app.example.com:8443", "https://1-app-2.example.com:8443", "https://1-app.example.com:8444",
		}},
		{"http://a-*-b.example.com:*", []string{"http://a-1-b.example.com", "http://a-1-b.example.com:3000", "http://a---b.example.com"}, []string{
			"http://a-b.example.com", "http://a--b.example.com", "http://a-1-b.example.com:80", "http://a-1-b.example.com:", "http://a-1.2-b.example.com",
		}},
		{"app://*.Example", []string{"app://a.Example", "app://A.b_-.Example"}, []string{"app://a.example", "app://Example", "app://a..Example", "app://a~.Example"}},
		{"https://*", []string{
			"https://a", "https://example.com", "https://a.b.example.com", "https://127.0.0.1", "https://[::1]", "https://app.example.", "https://a~!$b",
		}, []string{
			"https://", "https://a:8443", "https://[::1]:8443", "https://a/", "https://a@b", "https://a b", "https://a,b", "https://A", "https://[::1", "https://[]",
			"https://[::1]a", "http://a", "httpss://a", "https:a", "null", "https://é",
		}},
		{"http://*:8080", []string{"http://a:8080", "http://[::1]:8080", "http://a.b:8080"}, []string{"http://a", "http://:8080", "http://a:80", "http://a:8080:8080", "https://a:8080"}},
		{"http://*:*", []string{"http://a", "http://a:8080", "http://[::1]:1", "http://[::1]"}, []string{"http://", "http://:1", "http://a:80", "http://a:0", "http://a:65536", "http://a:1:1"}},
		{"file://*", []string{"file://", "file://server"}, []string{"file:///", "file:", "files://", "file://a/b", "null"}},
		{"vscode-webview://*", []string{
			"vscode-webview://abc", "vscode-webview://a.b.c", "vscode-webview://123", "vscode-webview://[::1]", "vscode-webview://", "vscode-webview://abc:8080",
			"vscode-webview://ABC", "vscode-webview://a..b", "vscode-webview://" + strings.Repeat("a", 326-len("vscode-webview://")),
		}, []string{
			"vscode-webview://a/b", "vscode-webvie://abc", "vscode-webview:/abc", "https://abc", "vscode-webview://a b", "vscode-webview://a,b", "vscode-webview://a@b",
			"vscode-webview://a?b", "vscode-webview://a#b", `vscode-webview://a\b`, "vscode-webview://\x7f", "vscode-webview://é", "vscode-webview://" + strings.Repeat("a", 327-len("vscode-webview://")),
		}},
		{"null", []string{"null"}, []string{"NULL", "Null", "nul", "null ", "nulll", "https://null"}},
		{"*", []string{"null", "NULL", "*", "https://example.com", "app://.", "capacitor://", "file://", "https://A/b?c#d", " ", strings.Repeat("a", 10000)}, []string{""}},
	} {
		for _, more := range [][]string{nil, padding()} {
			if test.pattern == "*" && more != nil {
				continue // stands alone
			}
			t.Run(fmt.Sprintf("%s and %d more", test.pattern, len(more)), func(t *testing.T) {
				m := cors.MustNew(cors.Config{AllowOrigins: append([]string{test.pattern}, more...)})
				for _, origin := range test.allowed {
					assert.True(t, m.AllowsOrigin([]byte(origin)), "%q", origin)
				}
				for _, origin := range test.denied {
					assert.False(t, m.AllowsOrigin([]byte(origin)), "%q", origin)
				}
			})
		}
	}
}

func TestManyExactOrigins(t *testing.T) {
	var origins []string
	for i := range 1000 {
		origins = append(origins, fmt.Sprintf("https://tenant-%d.example.com", i))
	}
	m := cors.MustNew(cors.Config{AllowOrigins: append(origins, origins[:10]...)})
	for _, origin := range origins {
		assert.True(t, m.AllowsOrigin([]byte(origin)), origin)
	}
	for _, origin := range []string{"https://tenant-1000.example.com", "https://tenant-.example.com", "https://tenant-1.example.co", "https://tenant-1.example.com:1",
		"https://tenant-1.example.com\nhttps://tenant-2.example.com", "\n", "tenant-1.example.com", ""} {
		assert.False(t, m.AllowsOrigin([]byte(origin)), origin)
	}
}

// TestListsOfEveryLength: an origin is the first, one of a few or one of many, in which a pattern, "null" and a function
// may stand beside it; and its responses are the same.
func TestListsOfEveryLength(t *testing.T) {
	const byFunction = "https://by-function.example"
	for n := range 12 {
		var origins []string
		for i := range n {
			origins = append(origins, fmt.Sprintf("https://%c.example", 'a'+i))
		}
		for name, c := range map[string]cors.Config{
			"listed":      {AllowOrigins: origins},
			"patterns":    {AllowOrigins: append([]string{"https://*.sub.example", "null"}, origins...)},
			"function":    {AllowOrigins: origins, AllowOriginFunc: func(_ *fasthttp.RequestCtx, o []byte) bool { return string(o) == byFunction }},
			"credentials": {AllowOrigins: origins, AllowCredentials: true},
		} {
			if n == 0 && (name == "listed" || name == "credentials") {
				continue // allows nothing
			}
			allowed := slices.Clone(origins)
			switch name {
			case "patterns":
				allowed = append(allowed, "https://x.sub.example", "https://y.sub.example", "null")
			case "function":
				allowed = append(allowed, byFunction)
			}
			c.AllowMethods = []string{"PUT"}
			t.Run(fmt.Sprintf("%d %s", n, name), func(t *testing.T) {
				w, m := serveHandler(t, c, ok), cors.MustNew(c)
				lines := func(lines ...string) []string {
					if c.AllowCredentials {
						lines = append(lines, "Access-Control-Allow-Credentials: true")
					}
					return lines
				}
				for range 2 {
					for _, origin := range allowed {
						assert.Equal(t, origin != byFunction, m.AllowsOrigin([]byte(origin)), origin)
						w.send("GET / HTTP/1.1\nHost: h\nOrigin: "+origin+"\n").
							requireCORS(t, lines("Access-Control-Allow-Origin: "+origin, "Vary: Origin")...)
						w.send("OPTIONS / HTTP/1.1\nHost: h\nOrigin: "+origin+"\nAccess-Control-Request-Method: PUT\n").
							requireCORS(t, lines("Access-Control-Allow-Origin: "+origin, "Access-Control-Allow-Methods: PUT", preflightVary)...)
					}
					for _, origin := range []string{"https://z.example", "https://a.example:1", "https://A.example", "https://a.exampl", "", "https://sub.example"} {
						assert.False(t, m.AllowsOrigin([]byte(origin)), origin)
						w.send("GET / HTTP/1.1\nHost: h\nOrigin: "+origin+"\n").requireCORS(t, "Vary: Origin")
						w.send("OPTIONS / HTTP/1.1\nHost: h\nOrigin: "+origin+"\nAccess-Control-Request-Method: PUT\n").requireCORS(t, preflightVary)
					}
				}
			})
		}
	}
}

func TestManyPatternsOfManyKinds(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: append(padding(), "https://*.a.example", "https://*.deep.b.c.example:8443",
		"http://*.a.example:*", "https://*.com", "vscode-webview://*", "https://one.example")})
	for origin, want := range map[string]bool{
		"https://x.a.example": true, "https://a.example": false, "https://x.a.example:1": false, "http://x.a.example:1": true, "http://x.y.a.example": true,
		"https://x.deep.b.c.example:8443": true, "https://x.y.deep.b.c.example:8443": true, "https://deep.b.c.example:8443": false, "https://x.deep.b.c.example": false,
		"https://anything.com": true, "https://com": false, "https://.com": false, "https://a..com": false, "vscode-webview://x": true, "app://x": false,
		"https://one.example": true, "https://two.example": false, "https://x.p3.invalid": true, "http://p3.invalid:99": true, "http://x.p3.invalid:99": false,
		"app://x.p3.invalid:99": true, "app://p3.invalid:99": false, "https://p3.invalid": false, "https://x.y.z.p3.invalid": true, "https://x.p3.invalid.evil": false,
	} {
		assert.Equal(t, want, m.AllowsOrigin([]byte(origin)), origin)
	}
}

// TestPatternsOfAPartOfALabel: several with one host behind them, and how long the label and the host may become.
func TestPatternsOfAPartOfALabel(t *testing.T) {
	behind := strings.Repeat(strings.Repeat("a", 63)+".", 3) + "example"
	m := cors.MustNew(cors.Config{AllowOrigins: []string{
		"https://a-*.foo.example", "https://b-*.foo.example", "https://a-*-c.bar.example", "https://foo.example:*", "https://pre-*." + behind,
	}})
	for origin, allowed := range map[string]bool{
		"https://a-1.foo.example":                                 true,
		"https://b-1.foo.example":                                 true,
		"https://c-1.foo.example":                                 false,
		"https://a-" + strings.Repeat("x", 59) + "-c.bar.example": true,
		"https://a-" + strings.Repeat("x", 60) + "-c.bar.example": false,
		"https://pre-" + strings.Repeat("x", 49) + "." + behind:   true,
		"https://pre-" + strings.Repeat("x", 50) + "." + behind:   false,
		"https:///foo.example":                                    false,
		"https:/xfoo.example":                                     false,
		"https:x/foo.example:1":                                   false,
		"httpsx//foo.example:1":                                   false,
		"https::/foo.example:1":                                   false,
	} {
		assert.Equal(t, allowed, m.AllowsOrigin([]byte(origin)), origin)
	}
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

// With credentials the answer names the origin that asked, so that only what a browser can send is named.
func TestAnyOriginWithCredentialsIsOneThatABrowserSends(t *testing.T) {
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{"*"}, AllowCredentials: true, DangerouslyAllowAnyOriginWithCredentials: true,
	})
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	for origin, allowed := range map[string]bool{
		fooOrigin: true, "null": true, "https://a.b:8080": true,
		"https://a.example/path": false, "https:": false, "a b": false, "*": false,
	} {
		assert.Equal(t, allowed, m.AllowsOrigin([]byte(origin)), origin)
		r := w.send("GET / HTTP/1.1\nHost: a\nOrigin: " + origin)
		if allowed {
			r.requireCORS(t, "Vary: Origin", "Access-Control-Allow-Origin: "+origin, "Access-Control-Allow-Credentials: true")
		} else {
			r.requireCORS(t, "Vary: Origin")
		}
	}
}

package corstest

import (
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

// cookieServer allows every origin with credentials, sets the cookies in the header X-Set, and has seen those that came.
func cookieServer(seen *string) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		allowAll(ctx)
		*seen = string(ctx.Request.Header.Peek("Cookie"))
		if line := ctx.QueryArgs().Peek("set"); len(line) > 0 {
			ctx.Response.Header.Add("Set-Cookie", string(line))
		}
	}
}

func TestCookiesBySite(t *testing.T) {
	const (
		own       = "https://app.example.com"
		sibling   = "https://api.example.com/items"
		stranger  = "https://api.example.org/items"
		insecure  = "http://api.example.org/items"
		loopback  = "http://localhost:8081/items"
		localPage = "http://localhost:8080"
	)
	for _, tt := range []struct {
		rule      string
		page, url string
		set       string
		block     bool
		want      string
	}{
		{"same site, no SameSite", own, sibling, "a=1", false, "a=1"},
		{"same site, Lax", own, sibling, "a=1; SameSite=Lax", false, "a=1"},
		{"same site, Strict", own, sibling, "a=1; SameSite=Strict", false, "a=1"},
		{"same site, None without Secure", own, sibling, "a=1; SameSite=None", false, ""},
		{"same site, third parties blocked", own, sibling, "a=1", true, "a=1"},
		{"cross-site, no SameSite", own, stranger, "a=1", false, ""},
		{"cross-site, Lax", own, stranger, "a=1; SameSite=Lax; Secure", false, ""},
		{"cross-site, None without Secure", own, stranger, "a=1; SameSite=None", false, ""},
		{"cross-site, None and Secure", own, stranger, "a=1; SameSite=None; Secure", false, "a=1"},
		{"cross-site, None and Secure, blocked", own, stranger, "a=1; SameSite=None; Secure", true, ""},
		{"cross-site, Secure over http", own, insecure, "a=1; SameSite=None; Secure", false, ""},
		{"another scheme is another site", "http://app.example.com", sibling, "a=1", false, ""},
		{"ports do not matter", localPage, loopback, "a=1", false, "a=1"},
		{"Secure from one's own machine", localPage, loopback, "a=1; Secure", false, "a=1"},
		{"a path that does not match", own, sibling, "a=1; Path=/other", false, ""},
		{"a public suffix", own, sibling, "a=1; Domain=com", false, ""},
		{"an opaque page", "null", sibling, "a=1", false, ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			var seen string
			b := browse(t, tt.page, cookieServer(&seen))
			b.Jar = &CookieJar{BlockThirdParty: tt.block}
			Readable(t, b, Request{URL: tt.url + "?set=" + tt.set, Credentials: Include})
			assert.Empty(t, seen)
			r := Readable(t, b, Request{URL: tt.url, Credentials: Include, Method: "PUT"})
			assert.Equal(t, tt.want, seen)
			assert.False(t, r.Preflight().RequestHeader.Has("Cookie"))
			Readable(t, b, Request{URL: tt.url, Credentials: Include, Cookie: "b=2"})
			if tt.want != "" {
				assert.Equal(t, "b=2; "+tt.want, seen)
			}
			Readable(t, b, Request{URL: tt.url})
			assert.Empty(t, seen, "credentials are not included")
		})
	}
}

func TestCookieThatIsTakenBackFromOtherSites(t *testing.T) {
	var seen string
	own := browse(t, "https://app.example.com", cookieServer(&seen))
	own.Jar = new(CookieJar)
	stranger := own.Page("https://app.example.org")
	const url = "https://api.example.com/items"
	Readable(t, own, Request{URL: url + "?set=a=1; SameSite=None; Secure", Credentials: Include})
	Readable(t, stranger, Request{URL: url, Credentials: Include})
	assert.Equal(t, "a=1", seen)
	Readable(t, own, Request{URL: url + "?set=a=2", Credentials: Include})
	Readable(t, stranger, Request{URL: url, Credentials: Include})
	assert.Empty(t, seen)
	Readable(t, own, Request{URL: url, Credentials: Include})
	assert.Equal(t, "a=2", seen)
	Readable(t, own.Incognito("https://app.example.com"), Request{URL: url, Credentials: Include})
	assert.Empty(t, seen, "another window")
}

func TestCookiesOfAResponseThatIsWithheldAreKept(t *testing.T) {
	var seen string
	b := browse(t, "https://app.example.com", func(ctx *fasthttp.RequestCtx) {
		seen = string(ctx.Request.Header.Peek("Cookie"))
		ctx.Response.Header.Set("Set-Cookie", "a=1")
	})
	b.Jar = new(CookieJar)
	for _, want := range []string{"", "a=1"} {
		BlockedBy(t, b, Request{URL: "https://api.example.com/", Credentials: Include}, AllowOriginMissing)
		assert.Equal(t, want, seen)
	}
}

func TestAnyCookieJarWillDo(t *testing.T) {
	var seen string
	b := browse(t, "https://app.example.com", cookieServer(&seen))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.Jar = jar
	const url = "https://api.example.org/items"
	Readable(t, b, Request{URL: url + "?set=a=1", Credentials: Include})
	Readable(t, b, Request{URL: url, Credentials: Include})
	assert.Equal(t, "a=1", seen)
	var own http.CookieJar = new(CookieJar)
	assert.Empty(t, own.Cookies(mustParse(t, url).forNet()))
}

func mustParse(t *testing.T, s string) *webURL {
	u, err := parseURL(s, nil)
	require.NoError(t, err)
	return u
}

func TestSameSite(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"https://a.example.com", "https://b.example.com:8443", true},
		{"https://example.com", "https://b.example.com", true},
		{"https://example.com", "http://example.com", false},
		{"https://a.github.io", "https://b.github.io", false},
		{"https://a.github.io", "https://x.a.github.io", true},
		{"http://localhost:1", "http://localhost:2", true},
		{"http://127.0.0.1:1", "http://127.0.0.1:2", true},
		{"http://127.0.0.1", "http://127.0.0.2", false},
		{"http://[::1]:1", "http://[::1]:2", true},
		{"null", "null", false},
		{"null", "https://a.example", false},
	} {
		assert.Equal(t, tt.want, SameSite(tt.a, tt.b), "%s %s", tt.a, tt.b)
		assert.Equal(t, tt.want, SameSite(tt.b, tt.a), "%s %s", tt.b, tt.a)
	}
}

func TestNilIsToldAtOnce(t *testing.T) {
	assert.PanicsWithValue(t, "corstest: the handler is nil: pass the fasthttp.RequestHandler that is to be tested", func() { NewBrowser(page, nil) })
	const server = "corstest: the server is nil or has no Handler: pass the fasthttp.Server that is to be tested"
	assert.PanicsWithValue(t, server, func() { NewServerBrowser(page, nil) })
	assert.PanicsWithValue(t, server, func() { NewServerBrowser(page, &fasthttp.Server{}) })
}

package corstest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"
)

// via answers as allowAll does, and redirects a path /STATUS/URL to the URL. Preflights are never redirected.
func via(ctx *fasthttp.RequestCtx) {
	allowAll(ctx)
	rest := strings.TrimPrefix(string(ctx.Request.Header.RequestURI()), "/")
	status, location, found := strings.Cut(rest, "/")
	var code int
	if _, err := fmt.Sscan(status, &code); err == nil && found && !ctx.IsOptions() {
		ctx.SetStatusCode(code)
		ctx.Response.Header.Set("Location", location)
	}
}

// origins returns the Origin of each actual request.
func origins(r *Result) (sent []string) {
	for _, hop := range r.Hops {
		if hop.Actual != nil {
			sent = append(sent, hop.Actual.RequestHeader.Get("Origin"))
		}
	}
	return sent
}

func TestOriginAfterRedirects(t *testing.T) {
	const a, b, c = "https://a.example", "https://b.example", "https://c.example"
	for _, tt := range []struct {
		rule string
		url  string
		want []string
	}{
		{"own to own", a + "/302//end", []string{"", ""}},
		{"own to foreign", a + "/302/" + b + "/end", []string{"", a}},
		{"foreign within its origin", b + "/302//end", []string{a, a}},
		{"foreign to another", b + "/302/" + c + "/end", []string{a, "null"}},
		{"foreign to another port", b + "/302/" + b + ":8080/end", []string{a, "null"}},
		{"foreign back to own", b + "/302/" + a + "/end", []string{a, "null"}},
		{"own to foreign to another", a + "/302/" + b + "/302/" + c + "/end", []string{"", a, "null"}},
		{"own to foreign to own", a + "/302/" + b + "/302/" + a + "/end", []string{"", a, "null"}},
		{"null stays", b + "/302/" + c + "/302//end", []string{a, "null", "null"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			r := Readable(t, browse(t, page, via), Request{URL: tt.url})
			assert.Equal(t, tt.want, origins(r))
			assert.Equal(t, 200, r.Status)
		})
	}
}

func TestOriginThatBecameNullHasToBeAllowed(t *testing.T) {
	b := browse(t, page, func(ctx *fasthttp.RequestCtx) {
		via(ctx)
		ctx.Response.Header.Set("Access-Control-Allow-Origin", page)
	})
	r := BlockedBy(t, b, Request{URL: "https://b.example/302/https://c.example/"}, AllowOriginMismatch)
	assert.Equal(t, "null", r.Reason.Want)
	// Coming home does not end it.
	BlockedBy(t, b, Request{URL: "https://b.example/302/https://a.example/"}, AllowOriginMismatch)
	Readable(t, b, Request{URL: "https://a.example/302/https://b.example/"})
}

func TestRedirectItselfIsChecked(t *testing.T) {
	b := browse(t, page, func(ctx *fasthttp.RequestCtx) {
		via(ctx)
		if ctx.Response.StatusCode() == 302 {
			ctx.Response.Header.Del("Access-Control-Allow-Origin")
		}
	})
	BlockedBy(t, b, Request{URL: "https://b.example/302//end"}, AllowOriginMissing)
	// The page's own origin may redirect as it likes.
	Readable(t, b, Request{URL: "https://a.example/302/https://b.example/end"})
}

func TestRedirectedMethodAndBody(t *testing.T) {
	for _, tt := range []struct {
		status int
		method string
		want   string
		body   bool
	}{
		{301, "POST", "GET", false}, {302, "POST", "GET", false}, {303, "POST", "GET", false}, {307, "POST", "POST", true}, {308, "POST", "POST", true},
		{301, "PUT", "PUT", true}, {302, "PUT", "PUT", true}, {303, "PUT", "GET", false}, {307, "PUT", "PUT", true},
		{301, "GET", "GET", false}, {303, "HEAD", "HEAD", false}, {302, "DELETE", "DELETE", true}, {303, "DELETE", "GET", false},
	} {
		request := Request{URL: fmt.Sprintf("https://b.example/%d//end", tt.status), Method: tt.method, Header: Header{{"Content-Language", "en"}, {"X-A", "1"}}}
		if tt.method != "GET" && tt.method != "HEAD" {
			request.Body = "x"
		}
		sent := Readable(t, browse(t, page, via), request).Actual()
		assert.Equal(t, tt.want, sent.Method, "%d %s", tt.status, tt.method)
		assert.Equal(t, tt.body, string(sent.RequestBody) == "x", "%d %s", tt.status, tt.method)
		assert.Equal(t, tt.body, sent.RequestHeader.Has("Content-Type"), "%d %s", tt.status, tt.method)
		assert.Equal(t, tt.body || request.Body == "", sent.RequestHeader.Has("Content-Language"), "%d %s", tt.status, tt.method)
		assert.True(t, sent.RequestHeader.Has("X-A"))
	}
}

func TestRedirectIsPreflightedAgain(t *testing.T) {
	r := Readable(t, browse(t, page, via), Request{URL: "https://b.example/307/https://c.example/end", Method: "PUT"})
	assert.Equal(t, 2, r.Preflights())
	assert.Equal(t, "null", r.Hops[1].PreflightExchange.RequestHeader.Get("Origin"))
	assert.Equal(t, "PUT", r.Hops[1].PreflightExchange.RequestHeader.Get("Access-Control-Request-Method"))

	// From the page's own origin only the foreign one is asked.
	r = Readable(t, browse(t, page, via), Request{URL: "https://a.example/307/https://b.example/end", Method: "PUT"})
	assert.Equal(t, []PreflightState{PreflightNotNeeded, PreflightSent}, []PreflightState{r.Hops[0].Preflight, r.Hops[1].Preflight})
}

func TestAuthorizationIsRemovedAcrossOrigins(t *testing.T) {
	for url, want := range map[string]bool{
		"https://b.example/302//end":                  true,
		"https://b.example/302/https://c.example/end": false,
		"https://a.example/302/https://b.example/end": false,
		"https://b.example/302/http://b.example/end":  false,
	} {
		r := Readable(t, browse(t, page, via), Request{URL: url, Header: Header{{"authorization", "x"}}})
		assert.Equal(t, want, r.Actual().RequestHeader.Has("Authorization"), url)
	}
}

func TestCookieStaysWithItsHost(t *testing.T) {
	r := Readable(t, browse(t, page, via), Request{URL: "https://b.example/302/https://c.example/end", Credentials: Include, Cookie: "a=b"})
	assert.True(t, r.Hops[0].Actual.RequestHeader.Has("Cookie"))
	assert.False(t, r.Hops[1].Actual.RequestHeader.Has("Cookie"))
}

func TestRedirectTargets(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want Failure
	}{
		{"https://b.example/302/data:text/plain,x", RedirectScheme},
		{"https://b.example/302/ftp://c.example/", RedirectScheme},
		{"https://b.example/302/http://", RedirectLocation},
		{"https://b.example/302/https://[x/", RedirectLocation},
		{"https://b.example/302/https://u:p@b.example/", RedirectUserInfo},
		{"https://b.example/302/https://u@c.example/", RedirectUserInfo},
		{"https://a.example/302/https://u@b.example/", RedirectUserInfo},
		{"https://b.example/302/https://u@a.example/", RedirectUserInfo},
		{"https://a.example/302/https://u@a.example/", ""},
		{"https://b.example/302/https://@c.example/", ""},
	} {
		r := browse(t, page, via).Fetch(Request{URL: tt.url})
		assert.Equal(t, tt.want, r.Reason.Failure, tt.url)
	}
	b := browse(t, page, via)
	b.Engine = Chromium
	BlockedBy(t, b, Request{URL: "https://a.example/302/https://u@a.example/"}, RedirectUserInfo)
}

func TestRedirectWithoutOneLocation(t *testing.T) {
	r := Readable(t, browse(t, page, reply(302, "Access-Control-Allow-Origin: *")), Request{URL: api})
	assert.Equal(t, 302, r.Status)
	b := browse(t, page, reply(302, "Access-Control-Allow-Origin: *", "Location: /a", "location: /b"))
	// fasthttp keeps the first line alone.
	b.Dial = dialScript(t, "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /a\r\nlocation: /a\r\n\r\n")
	BlockedBy(t, b, Request{URL: api}, RedirectLocation)
}

func TestEmptyLocation(t *testing.T) {
	script := "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation:\r\nContent-Length: 0\r\n\r\n"
	b := NewLiveBrowser(page)
	b.Dial = dialScript(t, script)
	BlockedBy(t, b, Request{URL: api}, RedirectLimit)
	b.Engine = Chromium
	assert.Equal(t, 302, Readable(t, b, Request{URL: api}).Status)
}

func TestRedirectLimit(t *testing.T) {
	for hops, want := range map[int]Failure{20: "", 21: RedirectLimit} {
		r := browse(t, page, via).Fetch(Request{URL: "https://b.example/" + strings.Repeat("302//", hops) + "end"})
		assert.Equal(t, want, r.Reason.Failure, hops)
		assert.Len(t, r.Hops, 21)
	}
}

func TestOriginThatBecameNullIsNeverCachedInChromium(t *testing.T) {
	for engine, want := range map[Engine]PreflightState{Standard: PreflightCached, Chromium: PreflightSent} {
		b := browse(t, page, via)
		b.Engine = engine
		request := Request{URL: "https://b.example/307/https://c.example/end", Method: "PUT"}
		Readable(t, b, request)
		r := Readable(t, b, request)
		assert.Equal(t, PreflightCached, r.Hops[0].Preflight, engine)
		assert.Equal(t, want, r.Hops[1].Preflight, engine)
	}
}

// What needed leave before a redirect needs it again in Firefox and WebKitGTK, which asks for what it does not send any more.
func TestRedirectsAreAskedForAgainByEngine(t *testing.T) {
	const own, foreign = "https://a.example/302/https://c.example/", "https://b.example/302/https://c.example/"
	type asked = []string // of each hop: the method and the names, or "" where nothing is asked
	for _, tt := range []struct {
		url     string
		request Request
		want    map[Engine]asked
	}{
		{own, Request{Header: Header{{"Authorization", "x"}, {"X-A", "1"}}}, map[Engine]asked{
			Standard: {"", "GET x-a"}, Chromium: {"", "GET x-a"}, Firefox: {"", "GET x-a"}, WebKitGTK: {"", "GET authorization,x-a"},
		}},
		{own, Request{Header: Header{{"Authorization", "x"}}}, map[Engine]asked{
			Standard: {"", ""}, Chromium: {"", ""}, Firefox: {"", "GET "}, WebKitGTK: {"", "GET authorization"},
		}},
		{own, Request{Method: "POST", Body: "{}", Header: Header{{"Content-Type", "application/json"}}}, map[Engine]asked{
			Standard: {"", ""}, Chromium: {"", ""}, Firefox: {"", "GET "}, WebKitGTK: {"", "GET content-type"},
		}},
		{foreign, Request{Method: "DELETE"}, map[Engine]asked{
			Standard: {"DELETE ", "DELETE "}, Chromium: {"DELETE ", "DELETE "}, Firefox: {"DELETE ", "DELETE "}, WebKitGTK: {"DELETE ", "GET "},
		}},
		{own, Request{Method: "DELETE"}, map[Engine]asked{
			Standard: {"", "DELETE "}, Chromium: {"", "DELETE "}, Firefox: {"", "DELETE "}, WebKitGTK: {"", ""},
		}},
		{"https://b.example/302//end", Request{Method: "DELETE"}, map[Engine]asked{
			Standard: {"DELETE ", "DELETE "}, Chromium: {"DELETE ", "DELETE "}, Firefox: {"DELETE ", "DELETE "}, WebKitGTK: {"DELETE ", "DELETE "},
		}},
	} {
		for _, engine := range everyEngine {
			b := browse(t, page, via)
			b.Engine = engine
			tt.request.URL = tt.url
			var got asked
			for _, hop := range Readable(t, b, tt.request).Hops {
				question := ""
				if x := hop.PreflightExchange; x != nil {
					question = x.RequestHeader.Get("Access-Control-Request-Method") + " " + x.RequestHeader.Get("Access-Control-Request-Headers")
				}
				got = append(got, question)
			}
			assert.Equal(t, tt.want[engine], got, "%s: %s %s %v", engine, tt.request.Method, tt.url, tt.request.Header)
		}
	}
}

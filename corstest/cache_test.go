package corstest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"
)

// visit is a fetch at a time, and whether it is preflighted.
type visit struct {
	at        int // seconds since the first
	request   Request
	preflight bool
}

// play makes the visits with one browser.
func play(t *testing.T, b *Browser, visits []visit) {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, v := range visits {
		b.Now = func() time.Time { return start.Add(time.Duration(v.at) * time.Second) }
		if v.request.URL == "" {
			v.request.URL = api
		}
		r := Readable(t, b, v.request)
		state := PreflightCached
		if v.preflight {
			state = PreflightSent
		}
		assert.Equal(t, state, r.Hops[0].Preflight, "%s: visit %d: %+v", b.Engine, i, v)
	}
}

func grantFor(lines ...string) fasthttp.RequestHandler {
	granted := []string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true"}
	for _, line := range lines {
		granted = append(granted, "Access-Control-"+line)
	}
	return split(reply(204, granted...), allowAll)
}

var (
	put     = Request{Method: "PUT"}
	putCred = Request{Method: "PUT", Credentials: Include}
	del     = Request{Method: "DELETE"}
	withXA  = Request{Header: Header{{"X-A", "1"}}}
	withXB  = Request{Header: Header{{"X-B", "1"}}}
)

func TestMaxAge(t *testing.T) {
	const forever = 1 << 40
	for _, tt := range []struct {
		lines                               []string
		standard, chromium, firefox, webkit int64 // seconds
	}{
		{nil, 5, 5, 5, 5},
		{[]string{""}, 5, 5, 5, 5},
		{[]string{"60"}, 60, 60, 60, 60},
		{[]string{" 007 "}, 7, 7, 7, 7},
		{[]string{"0"}, 0, 0, 0, 0},
		{[]string{"-1"}, 5, 0, 0, 0},
		{[]string{"+60"}, 5, 60, 0, 60},
		{[]string{"x"}, 5, 5, 0, 5},
		{[]string{"1.5"}, 5, 5, 0, 5},
		{[]string{"0x10"}, 5, 5, 0, 5},
		{[]string{"600, 600"}, 5, 5, 0, 5},
		{[]string{"600", "600"}, 5, 5, 0, 5},
		{[]string{"601"}, 601, 601, 601, 600},
		{[]string{"7201"}, 7201, 7200, 7201, 600},
		{[]string{"86401"}, 86401, 7200, 86400, 600},
		{[]string{"9223372036854775807"}, forever, 7200, 86400, 600},
		{[]string{"9223372036854775808"}, forever, 5, 86400, 5},
		{[]string{"-9223372036854775809"}, 5, 5, 0, 5},
	} {
		var h Header
		for _, line := range tt.lines {
			h = append(h, [2]string{"Access-Control-Max-Age", strings.TrimSpace(line)})
		}
		for engine, want := range map[Engine]int64{
			Standard: tt.standard, Chromium: tt.chromium, Firefox: tt.firefox, WebKitGTK: tt.webkit,
		} {
			got := engine.maxAge(h)
			if want == forever {
				assert.Greater(t, got, 200*365*24*time.Hour)
				continue
			}
			assert.Equal(t, time.Duration(want)*time.Second, got, "%s: %q", engine, tt.lines)
		}
	}
}

func TestPreflightCache(t *testing.T) {
	all := []Engine{Standard, Chromium, Firefox, WebKitGTK}
	others := []Engine{Standard, Chromium, WebKitGTK}
	for _, tt := range []struct {
		rule    string
		engines []Engine
		server  fasthttp.RequestHandler
		visits  []visit
	}{
		{"entries expire", all, grantFor("Allow-Methods: PUT", "Max-Age: 10"), []visit{
			{0, put, true}, {9, put, false}, {10, put, true}, {19, put, false},
		}},
		{"without max-age they last 5 seconds", all, grantFor("Allow-Methods: PUT"), []visit{
			{0, put, true}, {4, put, false}, {5, put, true},
		}},
		{"max-age 0 caches nothing", all, grantFor("Allow-Methods: PUT", "Max-Age: 0"), []visit{{0, put, true}, {0, put, true}}},
		{"no limit", []Engine{Standard}, grantFor("Allow-Methods: PUT", "Max-Age: 99999999999999999999"), []visit{
			{0, put, true}, {1 << 30, put, false},
		}},
		{"Chromium's limit", []Engine{Chromium}, grantFor("Allow-Methods: PUT", "Max-Age: 86400"), []visit{
			{0, put, true}, {7199, put, false}, {7200, put, true},
		}},
		{"Firefox's limit", []Engine{Firefox}, grantFor("Allow-Methods: PUT", "Max-Age: 864000"), []visit{
			{0, put, true}, {86399, put, false}, {86400, put, true},
		}},
		{"WebKitGTK's limit", []Engine{WebKitGTK}, grantFor("Allow-Methods: PUT", "Max-Age: 864000"), []visit{
			{0, put, true}, {599, put, false}, {600, put, true},
		}},
		{"all that was listed is cached", all, grantFor("Allow-Methods: PUT, DELETE", "Allow-Headers: X-A, x-b", "Max-Age: 600"), []visit{
			{0, put, true}, {0, del, false}, {0, withXA, false}, {0, withXB, false},
			{0, Request{Method: "DELETE", Header: Header{{"x-B", "1"}, {"X-a", "1"}}}, false},
		}},
		{"what two preflights allowed adds up", []Engine{Standard, Firefox}, echo, []visit{
			{0, put, true}, {0, withXA, true}, {0, put, false}, {0, withXA, false}, {0, Request{Method: "PUT", Header: withXA.Header}, false},
		}},
		{"what two preflights allowed replaces one another in Chromium and WebKitGTK", []Engine{Chromium, WebKitGTK}, echo, []visit{
			{0, put, true}, {0, withXA, true}, {0, put, true}, {0, withXA, true},
		}},
		{"URL, query and fragment are part of the key", all, grantFor("Allow-Methods: PUT", "Max-Age: 600"), []visit{
			{0, put, true},
			{0, Request{Method: "PUT", URL: api + "?"}, true},
			{0, Request{Method: "PUT", URL: api + "?a"}, true},
			{0, Request{Method: "PUT", URL: api + "#a"}, true},
			{0, Request{Method: "PUT", URL: api + "#a"}, false},
			{0, Request{Method: "PUT", URL: "https://B.example:443/x/../items"}, false},
		}},
		{"an entry without credentials serves only requests without", all, grantFor("Allow-Methods: PUT", "Max-Age: 600"), []visit{
			{0, put, true}, {0, putCred, true}, {0, put, false}, {0, putCred, false},
		}},
		{"an entry with credentials serves both", others, grantFor("Allow-Methods: PUT", "Max-Age: 600"), []visit{
			{0, putCred, true}, {0, put, false}, {0, Request{Method: "PUT", Credentials: Omit}, false},
		}},
		{"an entry serves its own mode in Firefox", []Engine{Firefox}, grantFor("Allow-Methods: PUT", "Max-Age: 600"), []visit{
			{0, putCred, true}, {0, put, true}, {0, putCred, false}, {0, Request{Method: "PUT", Credentials: Omit}, false},
		}},
		{"a wildcard covers nothing in Firefox's cache", []Engine{Firefox},
			grantFor("Allow-Methods: *, PATCH", "Allow-Headers: *, x-a", "Max-Age: 600"), []visit{
				{0, put, true}, {0, put, true}, {0, withXB, true}, {0, withXB, true}, {0, withXA, false},
				{0, Request{Method: "PATCH"}, false},
			}},
		{"HEAD has to be listed in Firefox", []Engine{Firefox}, grantFor("Allow-Headers: x-a", "Max-Age: 600"), []visit{
			{0, withXA, true}, {0, withXA, false}, {0, Request{Method: "HEAD", Header: withXA.Header}, true},
			{0, Request{Method: "HEAD", Header: withXA.Header}, true},
		}},
		{"a wildcard covers methods and headers", others, grantFor("Allow-Methods: *", "Allow-Headers: *", "Max-Age: 600"), []visit{
			{0, put, true}, {0, del, false}, {0, withXA, false}, {0, withXB, false},
		}},
		{"a wildcard stored with credentials counts in the standard", []Engine{Standard},
			grantFor("Allow-Methods: *, PUT", "Max-Age: 600"), []visit{{0, putCred, true}, {0, del, false}}},
		{"a wildcard stored with credentials is a name in Chromium and Firefox", []Engine{Chromium, Firefox},
			grantFor("Allow-Methods: *, PUT", "Max-Age: 600"), []visit{{0, putCred, true}, {0, del, true}}},
		{"a wildcard is judged by who asks in WebKitGTK", []Engine{WebKitGTK},
			grantFor("Allow-Methods: *, PUT", "Max-Age: 600"), []visit{{0, putCred, true}, {0, del, false}, {0, putCred, false}}},
		{"a header wildcard does not cover authorization", all, grantFor("Allow-Headers: *, authorization", "Max-Age: 600"), []visit{
			{0, withXA, true}, {0, Request{Header: Header{{"Authorization", "1"}}}, false},
		}},
		{"forced preflights are cached by method", []Engine{Standard}, grantFor("Max-Age: 600"), []visit{
			{0, Request{ForcePreflight: true}, true}, {0, Request{ForcePreflight: true}, false},
			{0, Request{Method: "POST", ForcePreflight: true}, true},
		}},
		{"a safelisted method's leave is no method's own in engines", []Engine{Firefox, WebKitGTK},
			grantFor("Allow-Methods: PUT", "Max-Age: 600"), []visit{
				{0, Request{Method: "POST", ForcePreflight: true}, true}, {0, Request{Method: "POST", ForcePreflight: true}, false},
			}},
		{"a new preflight renews what it lists", []Engine{Standard}, grantFor("Allow-Methods: PUT", "Allow-Headers: x-a", "Max-Age: 10"), []visit{
			{0, put, true}, {8, putCred, true}, {15, put, false}, {15, withXA, false}, {18, put, true},
		}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			for _, engine := range tt.engines {
				b := browse(t, page, tt.server)
				b.Engine = engine
				play(t, b, tt.visits)
			}
		})
	}
}

// echo allows what is asked for.
func echo(ctx *fasthttp.RequestCtx) {
	grantFor("Allow-Methods: "+string(ctx.Request.Header.Peek("Access-Control-Request-Method")),
		"Allow-Headers: "+string(ctx.Request.Header.Peek("Access-Control-Request-Headers")), "Max-Age: 600")(ctx)
}

func TestCachedWildcardDoesNotCoverAuthorization(t *testing.T) {
	authorized := Request{URL: api, Header: Header{{"Authorization", "1"}}}
	b := browse(t, page, grantFor("Allow-Headers: *", "Max-Age: 600"))
	play(t, b, []visit{{0, withXA, true}})
	BlockedBy(t, b, authorized, AuthorizationNotListed)

	b = browse(t, page, grantFor("Allow-Headers: *", "Max-Age: 600"))
	b.Engine = WebKitGTK
	play(t, b, []visit{{0, withXA, true}, {0, authorized, false}})

	// Chromium's and Firefox's preflights let it through, their caches do not.
	b = browse(t, page, grantFor("Allow-Headers: *", "Max-Age: 600"))
	b.Engine = Firefox
	play(t, b, []visit{{0, authorized, true}, {0, authorized, true}})
	b = browse(t, page, grantFor("Allow-Headers: *", "Max-Age: 600"))
	b.Engine = Chromium
	play(t, b, []visit{{0, withXA, true}, {0, withXA, false}, {0, authorized, true}, {0, authorized, true}, {0, withXA, false}})
}

func TestCacheIsKeyedByOriginAndSharedByPages(t *testing.T) {
	b := browse(t, page, grantFor("Allow-Methods: PUT", "Max-Age: 600"))
	play(t, b, []visit{{0, put, true}})
	play(t, b.Page(page), []visit{{0, put, false}})
	play(t, b.Page("https://c.example"), []visit{{0, put, true}})
	play(t, b, []visit{{0, put, false}})
	b.ForgetPreflights()
	play(t, b, []visit{{0, put, true}})
}

func TestFailureOfTheActualRequestClearsTheCache(t *testing.T) {
	for engine, want := range map[Engine]PreflightState{
		Standard: PreflightSent, Firefox: PreflightSent, Chromium: PreflightCached, WebKitGTK: PreflightCached,
	} {
		fail := false
		b := browse(t, page, func(ctx *fasthttp.RequestCtx) {
			if fail && !ctx.IsOptions() {
				return
			}
			grantFor("Allow-Methods: PUT", "Max-Age: 600")(ctx)
		})
		b.Engine = engine
		play(t, b, []visit{
			{0, put, true}, {0, put, false},
			{0, Request{Method: "PUT", URL: "https://b.example/other"}, true},
		})
		fail = true
		BlockedBy(t, b, Request{Method: "PUT", URL: api}, AllowOriginMissing)
		fail = false
		assert.Equal(t, want, Readable(t, b, Request{Method: "PUT", URL: api}).Hops[0].Preflight, engine)
		play(t, b, []visit{{0, Request{Method: "PUT", URL: "https://b.example/other"}, false}})
	}
}

func TestFailureOfASimpleRequestLeavesTheCacheButInFirefox(t *testing.T) {
	for engine, cleared := range map[Engine]bool{Standard: false, Chromium: false, Firefox: true, WebKitGTK: false} {
		fail := false
		b := browse(t, page, func(ctx *fasthttp.RequestCtx) {
			if !fail {
				grantFor("Allow-Methods: PUT", "Max-Age: 600")(ctx)
			}
		})
		b.Engine = engine
		play(t, b, []visit{{0, put, true}})
		fail = true
		BlockedBy(t, b, Request{URL: api}, AllowOriginMissing)
		fail = false
		play(t, b, []visit{{0, put, cleared}})
	}
}

func TestRefusingResponseIsCachedInWebKitGTK(t *testing.T) {
	for engine, want := range map[Engine]bool{Standard: true, Chromium: true, Firefox: true, WebKitGTK: false} {
		b := browse(t, page, grantFor("Allow-Methods: PUT", "Max-Age: 600"))
		b.Engine = engine
		BlockedBy(t, b, Request{Method: "DELETE", URL: api}, MethodNotAllowed)
		play(t, b, []visit{{0, put, want}})
	}
}

func TestSandboxedPagesHaveNoCacheInChromium(t *testing.T) {
	for engine, want := range map[Engine]bool{Standard: false, Chromium: true, Firefox: false, WebKitGTK: false} {
		b := browse(t, "null", grantFor("Allow-Methods: PUT", "Max-Age: 600"))
		b.Engine = engine
		play(t, b, []visit{{0, put, true}, {0, put, want}})
	}
}

func TestFirefoxKeepsAHundredURLs(t *testing.T) {
	b := browse(t, page, grantFor("Allow-Methods: PUT", "Max-Age: 600"))
	b.Engine = Firefox
	numbered := func(i int) Request { return Request{Method: "PUT", URL: fmt.Sprint(api, "?", i)} }
	for i := range 100 {
		play(t, b, []visit{{0, numbered(i), true}})
	}
	play(t, b, []visit{
		{0, numbered(0), false}, {0, numbered(100), true}, {0, numbered(0), false}, {0, numbered(1), true},
		{600, numbered(101), true}, {600, numbered(0), true},
	})
}

// Twenty requests to one URL; the engines send as many preflights as are counted here.
func TestPreflightEconomy(t *testing.T) {
	for _, tt := range []struct {
		server fasthttp.RequestHandler
		want   map[Engine]int
	}{
		{grantFor("Allow-Methods: PUT, DELETE, PATCH, POST", "Allow-Headers: x-a, x-b, authorization, content-type", "Max-Age: 600"),
			map[Engine]int{Standard: 1, Chromium: 1, Firefox: 1, WebKitGTK: 1}},
		{echo, map[Engine]int{Standard: 7, Chromium: 20, Firefox: 7, WebKitGTK: 20}},
		{grantFor("Allow-Methods: *", "Allow-Headers: *, authorization", "Max-Age: 600"),
			map[Engine]int{Standard: 1, Chromium: 1, Firefox: 19, WebKitGTK: 1}},
	} {
		for engine, want := range tt.want {
			b := browse(t, page, tt.server)
			b.Engine = engine
			got := 0
			for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
				for i, names := range [][]string{{"X-A"}, {"X-B"}, {"X-A", "X-B"}, {"Authorization"}, {"Content-Type", "X-A"}} {
					request := Request{URL: api, Method: method}
					for _, name := range names {
						request.Header = append(request.Header, [2]string{name, fmt.Sprintf("a/%d", i)})
					}
					got += Readable(t, b, request).Preflights()
				}
			}
			assert.Equal(t, want, got, engine)
		}
	}
}

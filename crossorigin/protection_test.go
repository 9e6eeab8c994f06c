package crossorigin_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

const (
	crossSite   = "\nSec-Fetch-Site: cross-site"
	fromPartner = "\nOrigin: https://partner.example"
	fromEvil    = "\nOrigin: https://evil.example"
	fromNull    = "\nOrigin: null"
)

// outcome returns what p makes of a request, and holds Check and Wrap to the same.
func outcome(t *testing.T, p *crossorigin.Protection, request string) crossorigin.Outcome {
	t.Helper()
	ctx := received(t, request)
	d := p.Evaluate(ctx)
	err := p.Check(ctx)
	require.Equal(t, d.Outcome.IsRefused(), err != nil)
	ran := false
	p.Wrap(func(*fasthttp.RequestCtx) { ran = true })(ctx)
	require.Equal(t, d.Outcome.IsRefused(), !ran)
	if ran {
		require.Equal(t, fasthttp.StatusOK, ctx.Response.StatusCode())
	} else {
		require.Equal(t, fasthttp.StatusForbidden, ctx.Response.StatusCode())
	}
	return d.Outcome
}

// TestTheZeroValueProtects, and so does what New makes of no options.
func TestTheZeroValueProtects(t *testing.T) {
	for name, p := range map[string]*crossorigin.Protection{
		"zero value": new(crossorigin.Protection), "no options": crossorigin.MustNew(crossorigin.Options{}),
	} {
		for _, test := range []struct {
			request string
			want    crossorigin.Outcome
		}{
			{"GET / HTTP/1.1" + crossSite + fromEvil, crossorigin.SafeMethod},
			{"HEAD / HTTP/1.1" + crossSite + fromEvil, crossorigin.SafeMethod},
			{"OPTIONS / HTTP/1.1" + crossSite + fromEvil, crossorigin.SafeMethod},
			{"POST / HTTP/1.1", crossorigin.NoOrigin},
			{"POST / HTTP/1.1\nSec-Fetch-Site: same-origin" + fromEvil, crossorigin.SameOrigin},
			{"POST / HTTP/1.1\nSec-Fetch-Site: none", crossorigin.SameOrigin},
			{"POST / HTTP/1.1" + crossSite + fromEvil, crossorigin.RefusedSite},
			{"POST / HTTP/1.1" + crossSite, crossorigin.RefusedSite},
			// A forgotten subdomain in foreign hands is same-site.
			{"POST / HTTP/1.1\nSec-Fetch-Site: same-site\nOrigin: https://forgotten.api.example", crossorigin.RefusedSite},
			{"POST / HTTP/1.1\nSec-Fetch-Site: something-new", crossorigin.RefusedSite},
			{"POST / HTTP/1.1\nSec-Fetch-Site: Same-Origin", crossorigin.RefusedSite},
			// Sec-Fetch-Site decides alone.
			{"POST / HTTP/1.1" + crossSite + "\nOrigin: https://api.example", crossorigin.RefusedSite},
			// Plain http, or a browser from before 2023.
			{"POST / HTTP/1.1\nOrigin: https://api.example", crossorigin.SameHost},
			{"POST / HTTP/1.1\nOrigin: http://api.example", crossorigin.SameHost},
			{"POST / HTTP/1.1\nHost: api.example:8443\nOrigin: https://api.example:8443", crossorigin.SameHost},
			{"POST / HTTP/1.1\nHost: [::1]:8443\nOrigin: https://[::1]:8443", crossorigin.SameHost},
			{"POST / HTTP/1.1\nHost: [::1]\nOrigin: https://[::1]", crossorigin.SameHost},
			{"POST / HTTP/1.1\nOrigin: https://api.example:8443", crossorigin.RefusedOrigin},
			{"POST / HTTP/1.1\nHost: api.example:8443\nOrigin: https://api.example", crossorigin.RefusedOrigin},
			{"POST / HTTP/1.1\nOrigin: https://api.example.evil.example", crossorigin.RefusedOrigin},
			{"POST / HTTP/1.1\nOrigin: https://evil.example/https://api.example", crossorigin.RefusedOrigin},
			{"POST / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"POST / HTTP/1.1" + fromNull, crossorigin.RefusedOrigin},
			{"POST http://api.example/x HTTP/1.1\nHost: other.example\nOrigin: https://api.example", crossorigin.SameHost},
			{"POST http://other.example/x HTTP/1.1\nOrigin: https://api.example", crossorigin.RefusedOrigin},
			{"POST https://user@api.example:8443?x HTTP/1.1\nHost: other.example\nOrigin: https://api.example:8443", crossorigin.SameHost},
			{"POST https:///x HTTP/1.1\nOrigin: https://api.example", crossorigin.SameHost},
			{"CONNECT api.example:443 HTTP/1.1\nHost: other.example\nOrigin: https://api.example:443", crossorigin.SameHost},
			{"CONNECT other.example:443 HTTP/1.1\nOrigin: https://api.example", crossorigin.RefusedOrigin},
			// What looks like a URL further on is not where the request is sent.
			{"POST /x?u=https://evil.example HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"POST /https://evil.example HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"POST /x?u=https://evil.example HTTP/1.1\nOrigin: https://api.example", crossorigin.SameHost},
			// The first of several lines counts.
			{"POST / HTTP/1.1\nSec-Fetch-Site: same-origin" + crossSite, crossorigin.SameOrigin},
			{"POST / HTTP/1.1" + crossSite + "\nSec-Fetch-Site: same-origin", crossorigin.RefusedSite},
			{"POST / HTTP/1.1\nOrigin: https://api.example" + fromEvil, crossorigin.SameHost},
			{"POST / HTTP/1.1" + fromEvil + "\nOrigin: https://api.example", crossorigin.RefusedOrigin},
			{"PUT / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"PATCH / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"DELETE / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"QUERY / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
			{"get / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
		} {
			require.Equal(t, test.want, outcome(t, p, test.request), "%s: %q", name, test.request)
		}
	}
}

func TestNamesAreFoundInAnyCase(t *testing.T) {
	p := new(crossorigin.Protection)
	for _, namesAsSent := range []bool{false, true} {
		for _, site := range []string{"Sec-Fetch-Site", "sec-fetch-site", "SEC-FETCH-SITE", "sEc-FeTcH-sItE"} {
			for _, origin := range []string{"Origin", "origin", "ORIGIN", "oRiGiN"} {
				evaluate := func(lines string) crossorigin.Decision {
					var ctx fasthttp.RequestCtx
					require.NoError(t, readInto(&ctx, raw("POST / HTTP/1.1\nhost: api.example\nCookie: a=b"+lines), namesAsSent))
					d := p.Evaluate(&ctx)
					require.Equal(t, "a=b", string(ctx.Request.Header.Peek("Cookie")), "the cookies are as they were sent")
					return d
				}
				d := evaluate("\n" + site + ": cross-site\n" + origin + ": https://evil.example")
				require.Equal(t, "cross-site", string(d.Site))
				require.Equal(t, "https://evil.example", string(d.Origin))
				require.Equal(t, crossorigin.SameOrigin, evaluate("\n"+site+": same-origin").Outcome)
				require.Equal(t, crossorigin.SameHost, evaluate("\n"+origin+": https://api.example").Outcome)
				require.Equal(t, crossorigin.NoOrigin, evaluate("\nX-"+origin+": https://evil.example").Outcome)
			}
		}
	}
}

// TestOuterMiddlewareIsHeeded: a request means here what it means to the next handler.
func TestOuterMiddlewareIsHeeded(t *testing.T) {
	p := new(crossorigin.Protection)
	for _, name := range []string{"Origin", "oRiGiN"} {
		var ctx fasthttp.RequestCtx
		require.NoError(t, readInto(&ctx, raw("POST / HTTP/1.1\nHost: api.example\n"+name+": https://evil.example"), true))
		require.Equal(t, crossorigin.RefusedOrigin, p.Evaluate(&ctx).Outcome)
		ctx.Request.Header.Set(name, "https://api.example")
		require.Equal(t, crossorigin.SameHost, p.Evaluate(&ctx).Outcome)
		ctx.Request.Header.Del(name)
		require.Equal(t, crossorigin.NoOrigin, p.Evaluate(&ctx).Outcome)
		ctx.Request.Header.Set("Sec-Fetch-Site", "cross-site")
		require.Equal(t, crossorigin.RefusedSite, p.Evaluate(&ctx).Outcome)
		ctx.Request.Header.SetMethod("GET")
		require.Equal(t, crossorigin.SafeMethod, p.Evaluate(&ctx).Outcome)
	}
}

func TestTrustedOriginsPass(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{TrustedOrigins: []string{"https://partner.example", "https://*.partner.example"}})
	for lines, want := range map[string]crossorigin.Outcome{
		crossSite + fromPartner: crossorigin.Trusted,
		fromPartner:             crossorigin.Trusted,
		crossSite + "\nOrigin: https://www.partner.example":  crossorigin.Trusted,
		crossSite + "\nOrigin: http://partner.example":       crossorigin.RefusedSite,
		crossSite + "\nOrigin: https://partner.example:8443": crossorigin.RefusedSite,
		crossSite + "\nOrigin: HTTPS://PARTNER.EXAMPLE":      crossorigin.RefusedSite,
		crossSite + fromEvil:                                 crossorigin.RefusedSite,
		fromEvil:                                             crossorigin.RefusedOrigin,
		crossSite:                                            crossorigin.RefusedSite,
		// No browser sends two.
		crossSite + fromPartner + fromPartner: crossorigin.RefusedSite,
		fromPartner + fromEvil:                crossorigin.RefusedOrigin,
		// The origin of every sandboxed frame.
		crossSite + fromNull: crossorigin.RefusedSite,
	} {
		require.Equal(t, want, outcome(t, p, "POST / HTTP/1.1"+lines), lines)
	}
}

// TestThePolicySaysWhomToTrust: what CORS lets act for its visitors may act for them here.
func TestThePolicySaysWhomToTrust(t *testing.T) {
	asked := func(ctx *fasthttp.RequestCtx, origin []byte) bool {
		return strings.HasPrefix(string(origin), "https://") && string(ctx.Path()) == "/shared"
	}
	everybody := func(*fasthttp.RequestCtx, []byte) bool { return true }
	for _, test := range []struct {
		name               string
		config             cors.Config
		withoutCredentials bool
		path, origin       string
		trusted            bool
	}{
		{"listed", cors.Config{AllowOrigins: []string{"https://partner.example"}, AllowCredentials: true}, false, "/", "https://partner.example", true},
		{"pattern", cors.Config{AllowOrigins: []string{"https://*.partner.example"}, AllowCredentials: true}, false, "/", "https://a.partner.example", true},
		{"not listed", cors.Config{AllowOrigins: []string{"https://partner.example"}, AllowCredentials: true}, false, "/", "https://evil.example", false},
		{"listed, without credentials", cors.Config{AllowOrigins: []string{"https://partner.example"}}, false, "/", "https://partner.example", false},
		{"listed, without credentials, as asked for", cors.Config{AllowOrigins: []string{"https://partner.example"}}, true, "/", "https://partner.example", true},
		{"everybody", cors.Config{AllowOrigins: []string{"*"}}, true, "/", "https://evil.example", false},
		{"everybody with https", cors.Config{AllowOrigins: []string{"https://*", "https://evil.example"}}, true, "/", "https://evil.example", false},
		{"null", cors.Config{AllowOrigins: []string{"null"}}, true, "/", "null", false},
		{"the function", cors.Config{AllowOriginFunc: asked, AllowCredentials: true}, false, "/shared", "https://partner.example", true},
		{"the function, elsewhere", cors.Config{AllowOriginFunc: asked, AllowCredentials: true}, false, "/", "https://partner.example", false},
		{"the function, without credentials", cors.Config{AllowOriginFunc: asked}, false, "/shared", "https://partner.example", false},
		{"null, by a function", cors.Config{AllowOriginFunc: everybody, AllowCredentials: true}, false, "/", "null", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := crossorigin.MustNew(crossorigin.Options{
				TrustPolicy: cors.MustNew(test.config), DangerouslyTrustWithoutCredentials: test.withoutCredentials,
			})
			want := map[bool]crossorigin.Outcome{true: crossorigin.Trusted, false: crossorigin.RefusedSite}
			require.Equal(t, want[test.trusted], outcome(t, p, "POST "+test.path+" HTTP/1.1"+crossSite+"\nOrigin: "+test.origin))
		})
	}
}

func TestReconfiguringThePolicyChangesWhomToTrust(t *testing.T) {
	m := new(cors.Middleware)
	p := crossorigin.MustNew(crossorigin.Options{TrustPolicy: m})
	const request = "POST / HTTP/1.1" + crossSite + fromPartner
	require.Equal(t, crossorigin.RefusedSite, outcome(t, p, request))
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"https://partner.example"}, AllowCredentials: true}))
	require.Equal(t, crossorigin.Trusted, outcome(t, p, request))
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"https://other.example"}, AllowCredentials: true}))
	require.Equal(t, crossorigin.RefusedSite, outcome(t, p, request))
	m.Disable()
	require.Equal(t, crossorigin.RefusedSite, outcome(t, p, request))
}

// TestOwnOriginsReplaceHost, for proxies that do not keep it, and tell http from https.
func TestOwnOriginsReplaceHost(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{OwnOrigins: []string{"https://www.example.com", "https://example.com:8443"}})
	for lines, want := range map[string]crossorigin.Outcome{
		"\nHost: 127.0.0.1:9000\nOrigin: https://www.example.com":                                crossorigin.SameHost,
		"\nHost: 127.0.0.1:9000\nOrigin: https://example.com:8443":                               crossorigin.SameHost,
		"\nHost: 127.0.0.1:9000\nOrigin: http://www.example.com":                                 crossorigin.RefusedOrigin,
		"\nHost: 127.0.0.1:9000\nOrigin: https://127.0.0.1:9000":                                 crossorigin.RefusedOrigin,
		"\nHost: evil.example" + fromEvil:                                                        crossorigin.RefusedOrigin,
		"\nHost: 127.0.0.1:9000\nSec-Fetch-Site: same-site\nOrigin: https://www.example.com":     crossorigin.RefusedSite,
		"\nHost: 127.0.0.1:9000\nSec-Fetch-Site: same-origin\nOrigin: https://other.example.com": crossorigin.SameOrigin,
	} {
		require.Equal(t, want, outcome(t, p, "POST / HTTP/1.1"+lines), lines)
	}
}

func TestPathsThatBypassTheCheck(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{DangerouslyBypass: []string{"/hook", "/hooks/", "POST /login/callback"}})
	for request, want := range map[string]crossorigin.Outcome{
		"POST /hook":              crossorigin.Bypassed,
		"POST /hook?x=/y":         crossorigin.Bypassed,
		"DELETE /hook":            crossorigin.Bypassed,
		"POST /hook/":             crossorigin.RefusedSite,
		"POST /hooker":            crossorigin.RefusedSite,
		"POST /HOOK":              crossorigin.RefusedSite,
		"POST /hooks":             crossorigin.RefusedSite,
		"POST /hooks/":            crossorigin.Bypassed,
		"POST /hooks/a/b":         crossorigin.Bypassed,
		"POST /login/callback":    crossorigin.Bypassed,
		"PUT /login/callback":     crossorigin.RefusedSite,
		"POST /":                  crossorigin.RefusedSite,
		"POST /?/hooks/":          crossorigin.RefusedSite,
		"POST /transfer#/hooks/":  crossorigin.RefusedSite,
		"POST /hook#x":            crossorigin.RefusedSite,
		"POST http://h/hooks/a":   crossorigin.Bypassed,
		"POST http://h":           crossorigin.RefusedSite,
		"POST http://hooks/hooks": crossorigin.RefusedSite,
		// What one router takes for another path than the next does.
		"POST /transfer/../hooks/x":     crossorigin.RefusedSite,
		"POST /transfer/..%2fhooks/x":   crossorigin.RefusedSite,
		"POST /transfer%2f..%2fhooks/x": crossorigin.RefusedSite,
		"POST /hooks/../transfer":       crossorigin.RefusedSite,
		"POST /hooks/..%2ftransfer":     crossorigin.RefusedSite,
		"POST /hooks/%2e%2e/transfer":   crossorigin.RefusedSite,
		"POST /hooks/%2E%2E%2Ftransfer": crossorigin.RefusedSite,
		"POST /hooks/.":                 crossorigin.RefusedSite,
		"POST /hooks/..":                crossorigin.RefusedSite,
		"POST /hooks/./x":               crossorigin.RefusedSite,
		"POST /hooks//x":                crossorigin.RefusedSite,
		"POST //hooks/x":                crossorigin.RefusedSite,
		"POST /%68ook":                  crossorigin.RefusedSite,
		"POST /hooks/100%":              crossorigin.Bypassed, // an encoding of nothing
		"POST /hooks/a%20b":             crossorigin.RefusedSite,
	} {
		require.Equal(t, want, outcome(t, p, request+" HTTP/1.1"+crossSite), request)
	}
}

// TestHandshakesAreCheckedWhereAskedFor: a router may ignore case, slashes at the end and encodings.
func TestHandshakesAreCheckedWhereAskedFor(t *testing.T) {
	const handshake = "\nConnection: Upgrade\nUpgrade: websocket\nOrigin: https://evil.example"
	paths := crossorigin.MustNew(crossorigin.Options{WebSockets: []string{"/live", "/rooms/"}})
	for path, checked := range map[string]bool{
		"/live": true, "/live?x": true, "/live/": true, "/LIVE": true, "/%6cive": true, "/x/../live": true, "//live": true,
		"/live/x": false, "/lively": false, "/liv": false, "/": false, "/x": false,
		"/rooms": true, "/rooms/": true, "/rooms/1": true, "/Rooms/1/2": true, "/roomsx": false, "/rooms%2f1": true,
	} {
		want := map[bool]crossorigin.Outcome{true: crossorigin.RefusedOrigin, false: crossorigin.SafeMethod}[checked]
		require.Equal(t, want, outcome(t, paths, "GET "+path+" HTTP/1.1"+handshake), path)
		require.Equal(t, crossorigin.SafeMethod, outcome(t, paths, "GET "+path+" HTTP/1.1"+fromEvil), "%s, no handshake", path)
		require.Equal(t, crossorigin.SafeMethod, outcome(t, paths, "HEAD "+path+" HTTP/1.1"+handshake), "%s, HEAD", path)
	}
	all := crossorigin.MustNew(crossorigin.Options{
		WebSockets: []string{"/"}, DangerouslyBypass: []string{"/open"}, TrustedOrigins: []string{"https://partner.example"},
	})
	for lines, want := range map[string]crossorigin.Outcome{
		"GET / HTTP/1.1\nUpgrade: websocket" + fromEvil:                           crossorigin.RefusedOrigin,
		"GET /x HTTP/1.1\nUpgrade: websocket" + fromEvil:                          crossorigin.RefusedOrigin,
		"GET /x HTTP/1.1\nUpgrade: WebSocket" + fromEvil:                          crossorigin.RefusedOrigin,
		"GET /x HTTP/1.1\nUpgrade: h2c, websocket" + fromEvil:                     crossorigin.RefusedOrigin,
		"GET /x HTTP/1.1\nUpgrade: websocket\nOrigin: https://api.example":        crossorigin.SameHost,
		"GET /x HTTP/1.1\nUpgrade: websocket" + fromPartner:                       crossorigin.Trusted,
		"GET /x HTTP/1.1\nUpgrade: websocket":                                     crossorigin.NoOrigin,
		"GET /open HTTP/1.1\nUpgrade: websocket" + fromEvil:                       crossorigin.Bypassed,
		"GET /x HTTP/1.1\nUpgrade: websocket\nSec-Fetch-Site: same-origin":        crossorigin.SameOrigin,
		"GET /x HTTP/1.1\nUpgrade: websocket\nSec-Fetch-Site: cross-site":         crossorigin.RefusedSite,
		"GET /x HTTP/1.1\nUpgrade: " + fromEvil:                                   crossorigin.SafeMethod,
		"GET /x HTTP/1.1" + fromEvil:                                              crossorigin.SafeMethod,
		"OPTIONS /x HTTP/1.1\nUpgrade: websocket" + fromEvil:                      crossorigin.SafeMethod,
		"POST /x HTTP/1.1\nUpgrade: websocket" + fromEvil:                         crossorigin.RefusedOrigin,
		"GET /x HTTP/1.1\nUpgrade: websocket\nSec-Fetch-Site: none" + fromPartner: crossorigin.SameOrigin,
	} {
		require.Equal(t, want, outcome(t, all, lines), lines)
	}
}

func TestDenyAnswersInPlaceOfTheUsual403(t *testing.T) {
	var got crossorigin.Decision
	p := crossorigin.MustNew(crossorigin.Options{Deny: func(ctx *fasthttp.RequestCtx, d crossorigin.Decision) {
		got = d
		ctx.Redirect("/login", fasthttp.StatusSeeOther)
	}})
	ctx := received(t, "POST / HTTP/1.1"+fromEvil)
	p.Wrap(func(*fasthttp.RequestCtx) { t.Error("the handler ran") })(ctx)
	require.Equal(t, fasthttp.StatusSeeOther, ctx.Response.StatusCode())
	require.Equal(t, crossorigin.Decision{
		Outcome: crossorigin.RefusedOrigin, Origin: []byte("https://evil.example"), Host: []byte("api.example"),
	}, got)
}

// TestReportOnlyRefusesNothing, and tells what would be refused.
func TestReportOnlyRefusesNothing(t *testing.T) {
	var told []string
	p := crossorigin.MustNew(crossorigin.Options{
		ReportOnly: true,
		OnDecision: func(ctx *fasthttp.RequestCtx, d crossorigin.Decision) {
			told = append(told, string(ctx.Path())+" "+d.String()+" "+string(d.Site)+" "+string(d.Origin))
		},
		Deny: func(*fasthttp.RequestCtx, crossorigin.Decision) { t.Error("refused") },
	})
	var ran []string
	handler := p.Wrap(func(ctx *fasthttp.RequestCtx) { ran = append(ran, string(ctx.Path())) })
	for _, request := range []string{"GET /a HTTP/1.1" + crossSite, "POST /b HTTP/1.1" + crossSite + fromEvil, "POST /c HTTP/1.1" + fromEvil, "POST /d HTTP/1.1"} {
		ctx := received(t, request)
		handler(ctx)
		require.Equal(t, p.Evaluate(ctx).Outcome.IsRefused(), p.Check(ctx) != nil)
	}
	require.Equal(t, []string{
		"/a safe_method  ", "/b refused_site cross-site https://evil.example", "/c refused_origin  https://evil.example", "/d no_origin  ",
	}, told, "Evaluate and Check tell nobody")
	require.Equal(t, []string{"/a", "/b", "/c", "/d"}, ran)
}

func TestOnDecisionIsToldBeforeTheRequestIsAnswered(t *testing.T) {
	var order []string
	p := crossorigin.MustNew(crossorigin.Options{
		OnDecision: func(_ *fasthttp.RequestCtx, d crossorigin.Decision) { order = append(order, d.String()) },
		Deny:       func(*fasthttp.RequestCtx, crossorigin.Decision) { order = append(order, "denied") },
	})
	handler := p.Wrap(func(*fasthttp.RequestCtx) { order = append(order, "handled") })
	handler(received(t, "POST / HTTP/1.1"+fromEvil))
	handler(received(t, "GET / HTTP/1.1"+fromEvil))
	require.Equal(t, []string{"refused_origin", "denied", "safe_method", "handled"}, order)
}

func TestTheErrorSaysWhatWasCompared(t *testing.T) {
	own := crossorigin.MustNew(crossorigin.Options{OwnOrigins: []string{"https://www.example.com"}})
	for _, test := range []struct {
		p       *crossorigin.Protection
		request string
		want    string
		fields  crossorigin.RefusedError
	}{
		{
			new(crossorigin.Protection), "POST / HTTP/1.1" + crossSite + fromEvil,
			`cross-origin request refused: Sec-Fetch-Site is "cross-site", and Origin "https://evil.example" is not trusted`,
			crossorigin.RefusedError{Outcome: crossorigin.RefusedSite, Site: "cross-site", Origin: "https://evil.example"},
		},
		{
			new(crossorigin.Protection), "POST / HTTP/1.1" + crossSite,
			`cross-origin request refused: Sec-Fetch-Site is "cross-site", and there is no Origin that could be trusted`,
			crossorigin.RefusedError{Outcome: crossorigin.RefusedSite, Site: "cross-site"},
		},
		{
			new(crossorigin.Protection), "POST / HTTP/1.1" + fromEvil,
			`cross-origin request refused: Origin "https://evil.example" does not match Host "api.example" and is not trusted`,
			crossorigin.RefusedError{Outcome: crossorigin.RefusedOrigin, Origin: "https://evil.example", Host: "api.example"},
		},
		{
			own, "POST / HTTP/1.1" + fromEvil,
			`cross-origin request refused: Origin "https://evil.example" is neither the server's own nor trusted`,
			crossorigin.RefusedError{Outcome: crossorigin.RefusedOrigin, Origin: "https://evil.example"},
		},
	} {
		ctx := received(t, test.request)
		err := test.p.Check(ctx)
		ctx.Request.Reset()
		var refused *crossorigin.RefusedError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, test.fields, *refused)
		require.EqualError(t, err, test.want)
	}
	require.NoError(t, own.Check(received(t, "GET / HTTP/1.1"+fromEvil)))
}

func TestOutcomesHaveLabels(t *testing.T) {
	seen := map[string]bool{}
	for o := crossorigin.SafeMethod; o <= crossorigin.RefusedOrigin; o++ {
		require.Regexp(t, `\A[a-z]+(_[a-z]+)*\z`, o.String())
		require.NotEqual(t, "unknown", o.String())
		require.False(t, seen[o.String()])
		seen[o.String()] = true
		require.Equal(t, strings.HasPrefix(o.String(), "refused_"), o.IsRefused())
	}
	require.Equal(t, "unknown", (crossorigin.RefusedOrigin + 1).String())
}

func TestWrapOfANilHandlerPanics(t *testing.T) {
	require.PanicsWithValue(t, "crossorigin: Wrap of a nil handler", func() { new(crossorigin.Protection).Wrap(nil) })
}

func TestADenyHandlerMayTimeOut(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{Deny: func(ctx *fasthttp.RequestCtx, _ crossorigin.Decision) {
		ctx.TimeoutErrorWithCode("too slow", fasthttp.StatusServiceUnavailable)
	}})
	ctx := received(t, "POST / HTTP/1.1\nContent-Length: 1"+fromEvil)
	ctx.Request.SetBodyStream(strings.NewReader("x"), 1)
	p.Wrap(func(*fasthttp.RequestCtx) { t.Error("the handler ran") })(ctx)
	late := ctx.LastTimeoutErrorResponse()
	require.NotNil(t, late)
	require.True(t, late.ConnectionClose())
}

// TestWhatPassesAnywayIsCalledThat, also where it would be let through for another reason.
func TestWhatPassesAnywayIsCalledThat(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{
		DangerouslyBypass: []string{"/hook"}, TrustedOrigins: []string{"https://api.example"},
	})
	for request, want := range map[string]crossorigin.Outcome{
		"POST /hook HTTP/1.1":                                           crossorigin.NoOrigin,
		"POST /hook HTTP/1.1\nOrigin: https://api.example":              crossorigin.SameHost,
		"POST / HTTP/1.1\nOrigin: https://api.example":                  crossorigin.SameHost,
		"POST /hook HTTP/1.1\nSec-Fetch-Site: none":                     crossorigin.SameOrigin,
		"POST / HTTP/1.1" + crossSite + "\nOrigin: https://api.example": crossorigin.Trusted,
		"GET /hook HTTP/1.1" + crossSite:                                crossorigin.SafeMethod,
		"GET /%2e HTTP/1.1\nUpgrade: websocket" + crossSite + fromEvil:  crossorigin.SafeMethod,
		"GET /a//b HTTP/1.1\nUpgrade: websocket" + crossSite + fromEvil: crossorigin.SafeMethod,
	} {
		require.Equal(t, want, outcome(t, p, request), request)
	}
}

// TestARequestIsNotJudgedByTheOneBefore, whose path is longer and still lies behind this one's in the same buffer.
func TestARequestIsNotJudgedByTheOneBefore(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{DangerouslyBypass: []string{"/hooks/"}, WebSockets: []string{"/live"}})
	var ctx fasthttp.RequestCtx
	for _, test := range []struct {
		request string
		want    crossorigin.Outcome
	}{
		{"POST /hooks/a HTTP/1.1", crossorigin.Bypassed}, {"POST / HTTP/1.1", crossorigin.RefusedSite},
		{"GET /live HTTP/1.1\nUpgrade: websocket", crossorigin.RefusedSite}, {"GET / HTTP/1.1\nUpgrade: websocket", crossorigin.SafeMethod},
	} {
		ctx.Request.Reset()
		require.NoError(t, readInto(&ctx, raw(test.request+"\nHost: api.example"+crossSite), false))
		require.Equal(t, test.want, p.Evaluate(&ctx).Outcome, test.request)
	}
}

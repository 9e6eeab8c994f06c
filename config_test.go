package cors_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestMistakesInOrigins: each is refused with the sentence behind it, of which the part behind the last colon
// is the suggestion.
func TestMistakesInOrigins(t *testing.T) {
	const parts = "an origin is scheme, host and port"
	for origin, want := range map[string]string{
		"":                                            "is empty; " + parts,
		"https://example.com/":                        "has a path; " + parts + `: did you mean "https://example.com"?`,
		"https://example.com/a/b":                     "has a path; " + parts + `: did you mean "https://example.com"?`,
		`https://example.com\a`:                       "has a path; " + parts + `: did you mean "https://example.com"?`,
		"https://example.com?a=b":                     "has a query; " + parts + `: did you mean "https://example.com"?`,
		"https://example.com#a":                       "has a fragment; " + parts + `: did you mean "https://example.com"?`,
		"https://user@example.com":                    "has user info; " + parts + `: did you mean "https://example.com"?`,
		"https://user:pw@example.com:8443":            "has user info; " + parts + `: did you mean "https://example.com:8443"?`,
		"example.com":                                 "has no scheme; " + parts + `: did you mean "https://example.com"?`,
		"//example.com":                               "has no scheme; " + parts + `: did you mean "https://example.com"?`,
		"*.example.com":                               "has no scheme; " + parts + `: did you mean "https://*.example.com"?`,
		"data:":                                       "has no scheme; " + parts,
		"HTTPS://example.com":                         `has upper-case letters; browsers send origins in lower case: did you mean "https://example.com"?`,
		"https://Example.com":                         `has upper-case letters; browsers send origins in lower case: did you mean "https://example.com"?`,
		"NULL":                                        `is not how the opaque origin is written: did you mean "null"?`,
		" https://example.com":                        `has white space in it; list each origin as a string of its own: did you mean "https://example.com"?`,
		"https://a.com, https://b.com":                "has white space in it; list each origin as a string of its own",
		"https://example.com:443":                     `has the default port of its scheme, which browsers leave out: did you mean "https://example.com"?`,
		"http://example.com:80":                       `has the default port of its scheme, which browsers leave out: did you mean "http://example.com"?`,
		"https://example.com:0443":                    `has a port with a leading zero: did you mean "https://example.com"?`,
		"https://example.com:08443":                   `has a port with a leading zero: did you mean "https://example.com:8443"?`,
		"https://example.com:65536":                   "has a port outside 1 to 65535",
		"https://example.com:99999999999999999999":    "has a port outside 1 to 65535",
		"https://example.com:":                        `has an empty port: did you mean "https://example.com"?`,
		"https://example.com:http":                    "has a port that is no number",
		"https://example.com:-1":                      "has a port that is no number",
		"https://example.com:8*":                      `has a wildcard for a part of its port; only the whole port can be "*"`,
		"https://example.com:**":                      `has a wildcard for a part of its port; only the whole port can be "*"`,
		"https://":                                    "has no host",
		"https://:8080":                               "has no host",
		"vscode-webview://*:*":                        "has a port behind the wildcard for any host",
		"https://*.":                                  `has no host: did you mean "https://*"?`,
		"https://a.*.example.com":                     `has a wildcard for a part of its host; only the first label can be one, and it has to be "*."`,
		"https://*.*.example.com":                     `has a wildcard for a part of its host; only the first label can be one, and it has to be "*."`,
		"https://example.*":                           `has a wildcard for a part of its host; only the first label can be one, and it has to be "*."`,
		"*://example.com":                             "has a wildcard in its scheme; only a host's first label and a port can be one",
		"http*://example.com":                         "has a wildcard in its scheme; only a host's first label and a port can be one",
		"1http://example.com":                         "has a malformed scheme",
		"ht_tp://example.com":                         "has a malformed scheme",
		"://example.com":                              "has a malformed scheme",
		"https://bücher.example":                      `has a host in Unicode; browsers send its ASCII form: did you mean "https://xn--bcher-kva.example"?`,
		"https://*.bücher.example":                    `has a host in Unicode; browsers send its ASCII form: did you mean "https://*.xn--bcher-kva.example"?`,
		"https://a%41.example.com":                    "has a malformed host",
		"https://" + strings.Repeat("a", 64) + ".com": "has a malformed host",
		"https://*." + strings.Repeat("a23456789.", 25) + "com": "has a host that leaves no room for a subdomain",
		"http://127.1":                  `has an IPv4 address that is not written as four decimal numbers: did you mean "http://127.0.0.1"?`,
		"http://2130706433":             `has an IPv4 address that is not written as four decimal numbers: did you mean "http://127.0.0.1"?`,
		"http://0x7f.0.0.1":             `has an IPv4 address that is not written as four decimal numbers: did you mean "http://127.0.0.1"?`,
		"http://127.0.0.01":             `has an IPv4 address that is not written as four decimal numbers: did you mean "http://127.0.0.1"?`,
		"http://1.2.3.4.5":              "has an IPv4 address that is not written as four decimal numbers",
		"http://256.1.1.1":              "has an IPv4 address that is not written as four decimal numbers",
		"http://example.123":            "has an IPv4 address that is not written as four decimal numbers",
		"http://*.127.0.0.1":            "asks for subdomains of an address, which has none",
		"http://*.[::1]":                "asks for subdomains of an address, which has none",
		"http://[0:0:0:0:0:0:0:1]":      `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::1]"?`,
		"http://[::01]:9090":            `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::1]:9090"?`,
		"http://[2001:db8:0:0:1:0:0:1]": `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[2001:db8::1:0:0:1]"?`,
		"http://[::ffff:127.0.0.1]":     `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::ffff:7f00:1]"?`,
		"http://::1":                    `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::1]"?`,
		"http://[::1%25eth0]":           "has an IPv6 address that is not written as browsers write it, compressed and in brackets",
		"http://[::1":                   `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::1]"?`,
		"http://[::1]8080":              "has an IPv6 address that is not written as browsers write it, compressed and in brackets",
		"http://[::1]:80":               `has the default port of its scheme, which browsers leave out: did you mean "http://[::1]"?`,
		"ftp://example.com:21":          `has the default port of its scheme, which browsers leave out: did you mean "ftp://example.com"?`,
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{fooOrigin, origin}})
		if assert.Error(t, err, origin) {
			quoted, jsonErr := json.Marshal(origin)
			require.NoError(t, jsonErr)
			assert.Equal(t, "AllowOrigins[1]: "+string(quoted)+" "+want, err.Error())
		}
	}
}

// TestMistakes are those in other fields, and in how fields go together.
func TestMistakes(t *testing.T) {
	with := func(c cors.Config) cors.Config {
		if c.AllowOrigins == nil {
			c.AllowOrigins = []string{fooOrigin}
		}
		return c
	}
	credentialed := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowCredentials: true}
	}
	const insecure = " is not secure, so that anybody on a visitor's network could act for the visitor; use https, or set DangerouslyAllowInsecureOrigins"
	suffix := func(s string) string {
		return " allows all subdomains of the public suffix " + s + ", where anybody can register one; list domains, or set DangerouslyAllowPublicSuffixes"
	}
	const notMethod, notHeader = " is not a method: methods are letters, digits and !#$%&'*+-.^_`|~", " is not a header name: names are letters, digits and !#$%&'*+-.^_`|~"
	for _, test := range []struct {
		config cors.Config
		want   []string
	}{
		{cors.Config{}, []string{`AllowOrigins: lists no origins, so that no page could use the API; list them, or "*" for all`}},
		{credentialed("*"), []string{`AllowOrigins[0]: "*" cannot be combined with AllowCredentials, which would let every site act for its visitors; list the origins`}},
		{credentialed(fooOrigin, "null"), []string{`AllowOrigins[1]: "null" cannot be combined with AllowCredentials, because every site can make itself a frame with that origin`}},
		{credentialed("http://example.com"), []string{`AllowOrigins[0]: "http://example.com"` + insecure}},
		{credentialed("http://*.example.com:*"), []string{`AllowOrigins[0]: "http://*.example.com:*"` + insecure}},
		{credentialed("http://192.168.0.1"), []string{`AllowOrigins[0]: "http://192.168.0.1"` + insecure}},
		{credentialed("http://localhost.example.com"), []string{`AllowOrigins[0]: "http://localhost.example.com"` + insecure}},
		{credentialed("http://notlocalhost"), []string{`AllowOrigins[0]: "http://notlocalhost"` + insecure}},
		{credentialed("http://[2001:db8::1]"), []string{`AllowOrigins[0]: "http://[2001:db8::1]"` + insecure}},
		{credentialed("https://*.github.io"), []string{`AllowOrigins[0]: "https://*.github.io"` + suffix("github.io")}},
		{credentialed("https://*.com:*"), []string{`AllowOrigins[0]: "https://*.com:*"` + suffix("com")}},
		{credentialed("https://*.co.uk:8443"), []string{`AllowOrigins[0]: "https://*.co.uk:8443"` + suffix("co.uk")}},
		{credentialed("https://*.kobe.jp"), []string{`AllowOrigins[0]: "https://*.kobe.jp"` + suffix("kobe.jp")}},
		{credentialed("http://*.com"), []string{`AllowOrigins[0]: "http://*.com"` + insecure, `AllowOrigins[0]: "http://*.com"` + suffix("com")}},
		{with(cors.Config{AllowMethods: []string{"", "a b", " put", "PUT,DELETE", "connect", "TRACE", "Track", "put", "Delete"}}), []string{
			`AllowMethods[0]: ""` + notMethod,
			`AllowMethods[1]: "a b"` + notMethod,
			`AllowMethods[2]: " put"` + notMethod + `: did you mean "PUT"?`,
			`AllowMethods[3]: "PUT,DELETE"` + notMethod,
			`AllowMethods[4]: "connect" is a method that browsers never send for a page`,
			`AllowMethods[5]: "TRACE" is a method that browsers never send for a page`,
			`AllowMethods[6]: "Track" is a method that browsers never send for a page`,
			`AllowMethods[7]: "put" is never sent, because browsers write it in upper case: did you mean "PUT"?`,
			`AllowMethods[8]: "Delete" is never sent, because browsers write it in upper case: did you mean "DELETE"?`,
		}},
		{with(cors.Config{AllowHeaders: []string{"", "X A", "X-A:", "Origin", "cookie", "Sec-Fetch-Mode", "proxy-x", "Access-Control-Allow-Origin", strings.Repeat("a", 257)}}), []string{
			`AllowHeaders[0]: ""` + notHeader,
			`AllowHeaders[1]: "X A"` + notHeader,
			`AllowHeaders[2]: "X-A:"` + notHeader + `: did you mean "X-A"?`,
			`AllowHeaders[3]: "Origin" is a header that browsers set themselves and never ask for; leave it out`,
			`AllowHeaders[4]: "cookie" is a header that browsers set themselves and never ask for; leave it out`,
			`AllowHeaders[5]: "Sec-Fetch-Mode" is a header that browsers set themselves and never ask for; leave it out`,
			`AllowHeaders[6]: "proxy-x" is a header that browsers set themselves and never ask for; leave it out`,
			`AllowHeaders[7]: "Access-Control-Allow-Origin" is a header of responses, which no page sends; leave it out`,
			`AllowHeaders[8]: "` + strings.Repeat("a", 257) + `" is longer than 256 bytes`,
		}},
		{with(cors.Config{ExposeHeaders: []string{"X,A", "set-cookie", "Set-Cookie2", "Origin", "access-control-request-method", " ETag"}}), []string{
			`ExposeHeaders[0]: "X,A"` + notHeader,
			`ExposeHeaders[1]: "set-cookie" is a header that browsers show to no page; leave it out`,
			`ExposeHeaders[2]: "Set-Cookie2" is a header that browsers show to no page; leave it out`,
			`ExposeHeaders[3]: "Origin" is a header of requests, which no response has; leave it out`,
			`ExposeHeaders[4]: "access-control-request-method" is a header of requests, which no response has; leave it out`,
			`ExposeHeaders[5]: " ETag"` + notHeader + `: did you mean "ETag"?`,
		}},
		{with(cors.Config{ExposeHeaders: []string{"*"}, AllowCredentials: true}), []string{
			`ExposeHeaders[0]: "*" cannot be combined with AllowCredentials, where browsers take it for a name; list the headers`}},
		{with(cors.Config{MaxAge: 86401}), []string{`MaxAge: 86401 is above 86400 seconds, a day, which is the longest that any browser keeps the answer to a preflight`}},
		{with(cors.Config{PreflightStatus: 199}), []string{`PreflightStatus: 199 is outside 200 to 299, so that every preflight would fail`}},
		{with(cors.Config{PreflightStatus: 300}), []string{`PreflightStatus: 300 is outside 200 to 299, so that every preflight would fail`}},
		{cors.Config{AllowOrigins: []string{"a.example/", "*"}, AllowCredentials: true, AllowMethods: []string{"TRACE"}, MaxAge: 1e6}, []string{
			`AllowOrigins[0]: "a.example/" has no scheme; an origin is scheme, host and port: did you mean "https://a.example"?`,
			`AllowOrigins[1]: "*" cannot be combined with AllowCredentials, which would let every site act for its visitors; list the origins`,
			`AllowMethods[0]: "TRACE" is a method that browsers never send for a page`,
			`MaxAge: 1000000 is above 86400 seconds, a day, which is the longest that any browser keeps the answer to a preflight`,
		}},
	} {
		m, err := cors.New(test.config)
		if assert.Error(t, err, test.want[0]) {
			assert.Nil(t, m)
			assert.Equal(t, test.want, strings.Split(err.Error(), "\n"))
		}
		assert.PanicsWithError(t, "cors: "+strings.Join(test.want, "\n"), func() { cors.MustNew(test.config) })
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	_, err := cors.New(cors.Config{AllowOrigins: []string{fooOrigin, "https://example.com/"}, MaxAge: 90000})
	var first *cors.ConfigError
	require.True(t, errors.As(err, &first))
	assert.Equal(t, &cors.ConfigError{Field: "AllowOrigins", Index: 1, Value: "https://example.com/",
		Reason: "has a path; an origin is scheme, host and port", Suggestion: "https://example.com"}, first)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	require.Len(t, joined.Unwrap(), 2)
	var second *cors.ConfigError
	require.True(t, errors.As(joined.Unwrap()[1], &second))
	assert.Equal(t, "MaxAge", second.Field)
	assert.Equal(t, -1, second.Index)
	assert.Equal(t, "90000", second.Value)
}

func TestConfigurationsThatAreFine(t *testing.T) {
	credentialed := func(c cors.Config) cors.Config { c.AllowCredentials = true; return c }
	origins := func(o ...string) cors.Config { return cors.Config{AllowOrigins: o} }
	insecure := credentialed(origins("http://example.com", "http://*.example.com"))
	insecure.DangerouslyAllowInsecureOrigins = true
	suffix := credentialed(origins("https://*.github.io", "https://*.kobe.jp"))
	suffix.DangerouslyAllowPublicSuffixes = true
	for i, c := range []cors.Config{
		origins("*"), origins("null"), origins("*", "null", fooOrigin),
		origins("http://example.com", "https://*.github.io", "http://*.com"),
		origins("https://example.com", "http://[::1]:9090", "app://obsidian.md", "chrome-extension://abcdefghijklmnop",
			"https://a_b.example.com", "https://xn--bcher-kva.example", "https://1.example.com", "http://127.0.0.1:*",
			"moz-extension://123e4567-e89b-12d3-a456-426614174000", "capacitor://localhost", "app://123", "http://[::1]:*",
			"https://*.example.com:8443", "https://*.localhost", "http://a:1", "http://a:65535", "vscode-webview://*"),
		credentialed(origins("http://localhost:*", "http://127.0.0.2", "http://[::1]", "http://a.localhost", "http://*.localhost:*")),
		credentialed(origins("https://*.example.com", "https://github.io", "https://*.me.github.io", "https://*.internal", "app://x")),
		credentialed(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}),
		insecure, suffix,
		{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"GET", "patch", "M-SEARCH"}, ExposeHeaders: []string{"*", "Authorization"}, MaxAge: 86400, PreflightStatus: 299},
		{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"Accept", "content-type", "Authorization", "X-HTTP-Method-Override", strings.Repeat("a", 256)}, MaxAge: -5},
		{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }, AllowCredentials: true},
	} {
		_, err := cors.New(c)
		assert.NoError(t, err, i)
	}
}

// TestGatewayBlockDecodes holds that a CORS filter of the Kubernetes Gateway API is a Config as it is.
func TestGatewayBlockDecodes(t *testing.T) {
	const block = `{
		"allowOrigins": ["https://foo.example", "https://*.bar.example"],
		"allowCredentials": true,
		"allowMethods": ["GET", "PUT"],
		"allowHeaders": ["DNT2", "Keep"],
		"exposeHeaders": ["Content-Security-Policy"],
		"maxAge": 1728
	}`
	var c cors.Config
	decoder := json.NewDecoder(strings.NewReader(block))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&c))
	assert.Equal(t, cors.Config{
		AllowOrigins:     []string{"https://foo.example", "https://*.bar.example"},
		AllowCredentials: true,
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"DNT2", "Keep"},
		ExposeHeaders:    []string{"Content-Security-Policy"},
		MaxAge:           1728,
	}, c)
	encoded, err := json.Marshal(cors.MustNew(c).Config())
	require.NoError(t, err)
	assert.JSONEq(t, block, string(encoded))
}

func TestReconfigure(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	require.NoError(t, m.Reconfigure(m.Config()))
	assert.True(t, m.AllowsOrigin([]byte(fooOrigin)))
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"https://bar.example"}}))
	assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.True(t, m.AllowsOrigin([]byte("https://bar.example")))
	require.Error(t, m.Reconfigure(cors.Config{AllowOrigins: []string{fooOrigin, "bad"}}), "on error nothing changes")
	assert.Equal(t, []string{"https://bar.example"}, m.Config().AllowOrigins)
	assert.True(t, m.AllowsOrigin([]byte("https://bar.example")))
}

// TestResponsesAreOfThePolicyThatTheRequestCameUnder, also when it is replaced while the handler runs.
func TestResponsesAreOfThePolicyThatTheRequestCameUnder(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: []string{"X-A"}})
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(func(*fasthttp.RequestCtx) {
		require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"*"}}))
	})})
	const request = "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n"
	w.send(request).requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: X-A", "Vary: Origin")
	w.send(request).requireCORS(t, "Access-Control-Allow-Origin: *")
}

func TestZeroMiddlewarePassesEverythingThrough(t *testing.T) {
	var m cors.Middleware
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://own.example")
		assert.Equal(t, cors.Decision{}, m.Evaluate(ctx))
	}), ErrorHandler: m.WrapErrorHandler(nil)})
	r := w.send(preflight("PUT"))
	assert.Equal(t, 200, r.status)
	r.requireCORS(t, "Access-Control-Allow-Origin: https://own.example")
	w.send("nonsense\n").requireCORS(t)
	assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.Equal(t, cors.Config{}, m.Config())
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{fooOrigin}}))
	assert.Equal(t, 403, w.send(preflight("PUT")).status)
}

// TestAllowOriginFunc holds that it is asked only where no pattern matches, and only about what could be an
// origin.
func TestAllowOriginFunc(t *testing.T) {
	var asked []string
	w := serveHandler(t, cors.Config{
		AllowOrigins:     []string{fooOrigin},
		AllowCredentials: true,
		AllowOriginFunc: func(ctx *fasthttp.RequestCtx, origin []byte) bool {
			asked = append(asked, string(origin))
			return string(ctx.Path()) == "/open"
		},
	}, ok)
	for _, test := range []struct {
		origin    string
		wantAsked bool
	}{
		{"https://foo.example", false}, {"https://bar.example:8443", true}, {"null", true}, {"app://x", true},
		{"http://[::1]", true}, {"http://127.0.0.1:3000", true}, {"file://", true}, {"app://.", true}, {"safari-web-extension://A0B1", true},
		{"http://app.example.", true}, {"https://a~!$.example", true}, {"https://bar.example:443", true}, {"https://" + strings.Repeat("a", 318), true},
		{"", false}, {"NULL", false}, {"https://bar.example/", false}, {"HTTPS://bar.example", false},
		{"https://bar.example, https://foo.example", false}, {"bar.example", false}, {"https://a@b", false}, {"https://a?b", false},
		{"https://a#b", false}, {`https://a\b`, false}, {"https://é", false}, {"https://" + strings.Repeat("a", 319), false},
	} {
		for path, allowed := range map[string]bool{"/open": test.wantAsked, "/closed": false} {
			asked = nil
			r := w.send("GET " + path + " HTTP/1.1\nHost: a\nOrigin: " + test.origin + "\n")
			if test.wantAsked {
				assert.Equal(t, []string{test.origin}, asked)
			} else {
				assert.Empty(t, asked, test.origin)
			}
			want := []string{"Vary: Origin"}
			if allowed || test.origin == fooOrigin {
				want = append(want, "Access-Control-Allow-Origin: "+test.origin, "Access-Control-Allow-Credentials: true")
			}
			r.requireCORS(t, want...)
		}
	}
}

func TestEvaluateDecidesAndWritesNothing(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) {
		t.Error("Evaluate is no request")
	}})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("OPTIONS")
	ctx.Request.Header.Set("Origin", fooOrigin)
	ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
	d := m.Evaluate(&ctx)
	assert.Equal(t, cors.PreflightRefusedMethod, d.Outcome)
	assert.Equal(t, "PUT", string(d.Refused))
	assert.Equal(t, 200, ctx.Response.StatusCode())
	assert.Zero(t, ctx.Response.Header.Peek("Vary"))
}

func TestOutcomesAreLabels(t *testing.T) {
	for outcome, want := range map[cors.Outcome]string{
		cors.NotCORS: "not_cors", cors.ActualAllowed: "actual_allowed", cors.ActualRefused: "actual_refused",
		cors.PreflightAllowed: "preflight_allowed", cors.PreflightRefusedOrigin: "preflight_refused_origin",
		cors.PreflightRefusedMethod: "preflight_refused_method", cors.PreflightRefusedHeaders: "preflight_refused_headers",
		cors.PreflightRefusedHeaders + 1: "unknown",
	} {
		assert.Equal(t, want, cors.Decision{Outcome: outcome}.String())
		assert.Equal(t, strings.HasSuffix(want, "allowed"), cors.Decision{Outcome: outcome}.Allowed())
		assert.Equal(t, strings.HasPrefix(want, "preflight") || want == "unknown", outcome.IsPreflight())
	}
}

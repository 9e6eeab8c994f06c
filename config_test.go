package cors_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestConfigurationsThatAreFine(t *testing.T) {
	credentialed := func(c cors.Config) cors.Config { c.AllowCredentials = true; return c }
	origins := func(o ...string) cors.Config { return cors.Config{AllowOrigins: o} }
	insecure := credentialed(origins("http://example.com", "http://*.example.com"))
	insecure.DangerouslyAllowInsecureOrigins = true
	suffix := credentialed(origins("https://*.github.io", "https://*.kobe.jp", "https://*.amazonaws.com", "https://myapp-*.vercel.app"))
	suffix.DangerouslyAllowPublicSuffixes = true
	for i, c := range []cors.Config{
		origins("*"), origins("null"), origins("*", "*"), origins("null", fooOrigin, fooOrigin),
		origins("http://example.com", "https://*.github.io", "http://*.com", "https://*", "http://*:*", "https://myapp-*.vercel.app", "https://*example.com"),
		{AllowOrigins: []string{"*"}, AllowCredentials: true, DangerouslyAllowAnyOriginWithCredentials: true},
		{AllowOrigins: []string{"https://*", "http://*:*"}, AllowCredentials: true, DangerouslyAllowAnyOriginWithCredentials: true},
		{AllowOrigins: []string{"*"}, AllowPrivateNetwork: true, DangerouslyAllowPrivateNetworkFromAnyOrigin: true},
		{AllowOrigins: []string{fooOrigin}, AllowPrivateNetwork: true, VaryBy: []string{"X-Tenant", "Host", "origin"}},
		{AllowOrigins: []string{"file://", "file://*"}, AllowCredentials: true, DangerouslyAllowInsecureOrigins: true},
		origins("https://example.com", "http://[::1]:9090", "app://obsidian.md", "chrome-extension://abcdefghijklmnop",
			"https://a_b.example.com", "https://xn--bcher-kva.example", "https://1.example.com", "http://127.0.0.1:*",
			"moz-extension://123e4567-e89b-12d3-a456-426614174000", "capacitor://localhost", "app://123", "http://[::1]:*",
			"https://*.example.com:8443", "https://*.localhost", "http://a:1", "http://a:65535", "vscode-webview://*"),
		credentialed(origins("http://localhost:*", "http://127.0.0.2", "http://[::1]", "http://a.localhost", "http://*.localhost:*")),
		credentialed(origins("https://*.example.com", "https://github.io", "https://*.me.github.io", "https://*.internal", "app://x", "app://.", "capacitor://",
			"https://app-*.example.com", "https://*.my.s3.amazonaws.com", "vscode-webview://*")),
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

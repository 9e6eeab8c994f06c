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

package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOrigins(t *testing.T) {
	for _, origin := range []string{
		"null", "https://example.com", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:9090", "https://a_b.example",
		"app://obsidian.md", "chrome-extension://abcdef", "vscode-webview://1x", "capacitor://localhost", "https://xn--bcher-kva.example",
	} {
		assert.NoError(t, CheckOrigin(origin))
	}
	for origin, want := range map[string]string{
		"https://example.com/":        "https://example.com",
		"https://example.com/path":    "https://example.com",
		"https://example.com?":        "https://example.com",
		"https://Example.COM":         "https://example.com",
		"HTTPS://example.com":         "https://example.com",
		"https://example.com:443":     "https://example.com",
		"http://example.com:80/":      "http://example.com",
		"http://example.com:0080":     "http://example.com",
		"https://u:p@example.com":     "https://example.com",
		" https://example.com":        "https://example.com",
		"'https://example.com'":       "https://example.com",
		"https://b\u00fccher.example": "https://xn--bcher-kva.example",
		"http://[0:0::1]":             "http://[::1]",
		"http://0x7f.1":               "http://127.0.0.1",
		"example.com":                 "https://example.com",
		"localhost:8080":              "https://localhost:8080",
		"file:///home":                "null",
		"NULL":                        "null",
		"app://Obsidian.md/":          "app://obsidian.md",
		"":                            "",
		"*":                           "",
		"https://*.example.com":       "",
		"https://":                    "",
		"https://exa mple.com":        "",
		"https://example.com:99999":   "",
		"1x://a":                      "",
		"app://":                      "",
	} {
		var fault *OriginError
		require.ErrorAs(t, CheckOrigin(origin), &fault, origin)
		assert.Equal(t, want, fault.Suggestion, origin)
		assert.NotEmpty(t, fault.Problem)
	}
	assert.EqualError(t, CheckOrigin("https://example.com/"),
		`"https://example.com/" is not an origin: a trailing slash is no part of it; did you mean "https://example.com"?`)
	assert.Panics(t, func() { NewBrowser("https://example.com/", nil) })
	assert.Panics(t, func() { NewLiveBrowser(page).Page("x") })
}

func TestSameOrigin(t *testing.T) {
	for _, tt := range []struct {
		page, url string
		want      bool
	}{
		{"https://a.example", "https://a.example/x", true},
		{"https://a.example", "HTTPS://A.EXAMPLE:443/x", true},
		{"https://a.example:8443", "https://a.example:8443", true},
		{"http://[::1]", "http://[0::1]:80/", true},
		{"https://a.example", "http://a.example/", false},
		{"https://a.example", "https://a.example:8443/", false},
		{"https://a.example", "https://b.a.example/", false},
		{"http://localhost", "http://127.0.0.1/", false},
		{"null", "https://null/", false},
		{"app://a.example", "https://a.example/", false},
	} {
		r := browse(t, tt.page, allowAll).Fetch(Request{URL: tt.url})
		assert.Equal(t, !tt.want, r.Actual().RequestHeader.Has("Origin"), "%s %s", tt.page, tt.url)
	}
}

func TestOriginIsSentToTheOwnOriginWithChanges(t *testing.T) {
	for method, want := range map[string]string{"GET": "", "HEAD": "", "POST": page, "PUT": page, "OPTIONS": page, "PATCH": page} {
		r := Readable(t, browse(t, page, reply(200)), Request{URL: page, Method: method})
		assert.Equal(t, want, r.Actual().RequestHeader.Get("Origin"), method)
		assert.Zero(t, r.Preflights())
	}
}

package cors_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestTrustIsForOriginsThatThePolicyNames(t *testing.T) {
	only := func(want string) func(*fasthttp.RequestCtx, []byte) bool {
		return func(ctx *fasthttp.RequestCtx, origin []byte) bool { return ctx != nil && string(origin) == want }
	}
	everybody := func(*fasthttp.RequestCtx, []byte) bool { return true }
	listed := func(origins ...string) cors.Config { return cors.Config{AllowOrigins: origins} }
	withCredentials := func(c cors.Config) cors.Config { c.AllowCredentials = true; return c }
	for _, test := range []struct {
		name    string
		config  cors.Config
		origin  string
		trusted bool // without credentials
		cookies bool // with credentials
	}{
		{"listed", listed("https://a.example"), "https://a.example", true, false},
		{"listed, with credentials", withCredentials(listed("https://a.example")), "https://a.example", true, true},
		{"pattern", withCredentials(listed("https://*.a.example")), "https://b.a.example", true, true},
		{"not listed", withCredentials(listed("https://a.example")), "https://b.example", false, false},
		{"by the function", withCredentials(cors.Config{AllowOriginFunc: only("https://a.example")}), "https://a.example", true, true},
		{"not by the function", withCredentials(cors.Config{AllowOriginFunc: only("https://a.example")}), "https://b.example", false, false},
		{"the function is not asked about null", withCredentials(cors.Config{AllowOriginFunc: everybody}), "null", false, false},
		{"nor about what is no origin", withCredentials(cors.Config{AllowOriginFunc: everybody}), "https://a.example/", false, false},
		{"null", listed("null"), "null", false, false},
		{"every origin", listed("*"), "https://a.example", false, false},
		{"every https origin", listed("https://*"), "https://a.example", false, false},
		{"every http origin", listed("http://*", "https://a.example"), "https://a.example", false, false},
		{"every https origin, at a port", listed("https://*:8443"), "https://a.example:8443", false, false},
		{"every https origin, behind another", listed("https://a.example", "https://*"), "https://a.example", false, false},
		{"any host of another scheme", withCredentials(listed("vscode-webview://*")), "vscode-webview://1abc", true, true},
		{"no origin", withCredentials(cors.Config{AllowOriginFunc: everybody}), "", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := cors.MustNew(test.config)
			var ctx fasthttp.RequestCtx
			require.Equal(t, test.trusted, m.TrustsOrigin(&ctx, []byte(test.origin), false))
			require.Equal(t, test.cookies, m.TrustsOrigin(&ctx, []byte(test.origin), true))
			m.Disable()
			require.False(t, m.TrustsOrigin(&ctx, []byte(test.origin), false), "without a policy")
		})
	}
}

//go:build unix

package proxytest

import (
	"path"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/crossorigin"
)

// TestTheHostThatAProxyPassesOn matters where there is no Sec-Fetch-Site: then Origin is compared with it. nginx passes
// on the name of its upstream unless told otherwise, and $host has no port.
func TestTheHostThatAProxyPassesOn(t *testing.T) {
	protections := map[string]*crossorigin.Protection{
		"default": new(crossorigin.Protection),
		"own": crossorigin.MustNew(crossorigin.Options{
			OwnOrigins: []string{"https://api.example", "https://api.example:8443"},
		}),
	}
	u, err := newUpstream(func(s *fasthttp.Server) {
		s.Handler = func(ctx *fasthttp.RequestCtx) {
			// The upstream's name in the configuration is app.
			ctx.Response.Header.SetBytesV("X-Host", ctx.Request.Header.Host())
			protections[path.Base(string(ctx.Path()))].Wrap(func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("done") })(ctx)
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, u.stop()) })
	f := nginx.start(t, "host", u)
	t.Cleanup(f.stop)

	const passes, refused = 200, 403
	for _, test := range []struct {
		location, host, origin string
		byDefault, own         int
	}{
		{"kept", "api.example", "https://api.example", passes, passes},
		{"kept", "api.example:8443", "https://api.example:8443", passes, passes},
		{"kept", "api.example:8443", "https://api.example", refused, passes},
		{"kept", "api.example", "https://evil.example", refused, refused},
		{"without-port", "api.example", "https://api.example", passes, passes},
		{"without-port", "api.example:8443", "https://api.example:8443", refused, passes},
		{"without-port", "api.example", "https://evil.example", refused, refused},
		{"rewritten", "api.example", "https://api.example", refused, passes},
		{"rewritten", "api.example:8443", "https://api.example:8443", refused, passes},
		{"rewritten", "api.example", "https://evil.example", refused, refused},
		// Whoever has the upstream's name somewhere, such as in an internal network.
		{"rewritten", "api.example", "http://app", passes, refused},
	} {
		for options, want := range map[string]int{"default": test.byDefault, "own": test.own} {
			url := "http://" + test.host + "/" + test.location + "/" + options
			got := f.send(t, "POST", url, "Origin: "+test.origin)
			require.Equal(t, want, got.status, "%s from %s, whose Host came as %s", url, test.origin, got.header.Get("X-Host"))
			// Where there is Sec-Fetch-Site, no Host matters.
			require.Equal(t, passes, f.send(t, "POST", url, "Origin: "+test.origin, "Sec-Fetch-Site: same-origin").status)
			require.Equal(t, refused, f.send(t, "POST", url, "Origin: "+test.origin, "Sec-Fetch-Site: same-site").status)
		}
	}
}

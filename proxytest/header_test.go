//go:build unix

package proxytest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/corstest"
)

// TestAHeaderThatTheProxyAddsIsOneTooMany: browsers refuse two values, also where both are right.
func TestAHeaderThatTheProxyAddsIsOneTooMany(t *testing.T) {
	each(t, "doubled", []*proxy{nginx, haproxy}, func(t *testing.T, f *front) {
		for _, host := range append([]string{"any.example"}, listed...) {
			r := corstest.BlockedBy(t, f.page(originA), corstest.Request{URL: "http://" + f.url(host, "/doubled/plain")}, corstest.AllowOriginMultiple)
			require.NotEmpty(t, r.Reason.Remedy)
			corstest.BlockedBy(t, f.page(originA), put(f.url(host, "/doubled/plain")), corstest.AllowOriginMultiple)
		}
	})
}

// TestHTTP2InFront: names come in lower case, and stay so for a server that does not normalize them. (Varnish has no TLS.)
func TestHTTP2InFront(t *testing.T) {
	for _, p := range []*proxy{nginx, haproxy} {
		for name, change := range map[string]func(*fasthttp.Server){
			"names normalized":     func(*fasthttp.Server) {},
			"names not normalized": func(s *fasthttp.Server) { s.DisableHeaderNamesNormalizing = true },
		} {
			t.Run(p.name+", "+name, func(t *testing.T) {
				find(t, p.program)
				u, err := newUpstream(change)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, u.stop()) })
				f := p.start(t, "http2", u)
				t.Cleanup(f.stop)
				for _, host := range append([]string{"echo.example"}, listed...) {
					for _, scheme := range []string{"https://", "http://"} {
						url := host + "/plain"
						request := put(url)
						request.URL = scheme + url
						r := corstest.Readable(t, f.page(originA), withCredentialsFor(host, request))
						require.Equal(t, madeFor(originA), string(r.Body))
						if scheme == "https://" {
							require.Equal(t, "HTTP/2", r.Actual().Proto)
						}
						corstest.BlockedBy(t, f.page(evilOrigin), request, corstest.AllowOriginMissing)
						request.Method = "PATCH"
						if host != "echo.example" {
							corstest.Blocked(t, f.page(originB), request)
						}
					}
				}
				if u.server.DisableHeaderNamesNormalizing {
					require.Contains(t, u.seen("exact.example/plain")[0].header, "\r\naccess-control-request-method: PUT\r\n")
				}
			})
		}
	}
}

// withCredentialsFor asks with credentials where the policy allows them.
func withCredentialsFor(host string, r corstest.Request) corstest.Request {
	if policies[host].AllowCredentials {
		return withCredentials(r)
	}
	return r
}

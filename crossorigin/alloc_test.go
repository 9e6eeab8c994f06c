//go:build !race

package crossorigin_test

// The race detector makes a sync.Pool forget at random what it keeps, so that allocations would say nothing.

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// TestNothingIsAllocated for any kind of request, once the server's buffers have grown.
func TestNothingIsAllocated(t *testing.T) {
	policy := cors.MustNew(cors.Config{
		AllowOrigins:     []string{"https://app.example", "https://*.app.example"},
		AllowOriginFunc:  func(_ *fasthttp.RequestCtx, origin []byte) bool { return string(origin) == "https://asked.example" },
		AllowCredentials: true,
	})
	full := crossorigin.Options{
		TrustPolicy:       policy,
		TrustedOrigins:    []string{"https://partner.example", "https://*.partner.example"},
		WebSockets:        []string{"/live"},
		DangerouslyBypass: []string{"/hooks/", "POST /hook"},
		OnDecision:        func(*fasthttp.RequestCtx, crossorigin.Decision) {},
	}
	own := crossorigin.Options{OwnOrigins: []string{"https://www.example.com", "https://example.com"}}
	long := strings.Repeat("a", 2000)
	for _, test := range []struct {
		options crossorigin.Options
		request string
		want    crossorigin.Outcome
	}{
		{crossorigin.Options{}, "GET / HTTP/1.1" + crossSite, crossorigin.SafeMethod},
		{full, "GET / HTTP/1.1" + crossSite, crossorigin.SafeMethod},
		{full, "GET /live HTTP/1.1\nUpgrade: websocket" + fromEvil, crossorigin.RefusedOrigin},
		{full, "GET /%6cive HTTP/1.1\nUpgrade: websocket" + fromPartner, crossorigin.Trusted},
		{full, "POST / HTTP/1.1\nSec-Fetch-Site: same-origin\nOrigin: https://api.example", crossorigin.SameOrigin},
		{full, "POST / HTTP/1.1", crossorigin.NoOrigin},
		{full, "POST / HTTP/1.1\nOrigin: https://api.example", crossorigin.SameHost},
		{full, "POST http://[::1]:80/ HTTP/1.1\nOrigin: https://[::1]:80", crossorigin.SameHost},
		{full, "POST /hook HTTP/1.1" + crossSite, crossorigin.Bypassed},
		{full, "POST /hooks/a HTTP/1.1" + fromEvil, crossorigin.Bypassed},
		{full, "POST / HTTP/1.1" + crossSite + fromPartner, crossorigin.Trusted},
		{full, "POST / HTTP/1.1" + crossSite + "\nOrigin: https://a.partner.example", crossorigin.Trusted},
		{full, "POST / HTTP/1.1\nOrigin: https://a.app.example", crossorigin.Trusted},
		{full, "POST / HTTP/1.1\nOrigin: https://asked.example", crossorigin.Trusted},
		{full, "POST / HTTP/1.1" + crossSite + fromEvil, crossorigin.RefusedSite},
		{full, "POST / HTTP/1.1" + fromEvil, crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1" + fromNull, crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1" + fromEvil + fromEvil, crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1" + strings.Repeat(fromPartner, 50), crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1\nOrigin: https://" + long, crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1\nOrigin: " + strings.Repeat(":", 2000), crossorigin.RefusedOrigin},
		{full, "POST / HTTP/1.1\nSec-Fetch-Site: " + long, crossorigin.RefusedSite},
		{full, "POST / HTTP/1.1\nCookie: a=b; c=d" + crossSite + fromEvil, crossorigin.RefusedSite},
		{full, "POST /hooks/..%2f" + long + " HTTP/1.1" + crossSite, crossorigin.RefusedSite},
		{own, "POST / HTTP/1.1\nOrigin: https://example.com", crossorigin.SameHost},
		{own, "POST / HTTP/1.1\nOrigin: http://example.com", crossorigin.RefusedOrigin},
	} {
		for _, namesAsSent := range []bool{false, true} {
			for spelling, spell := range []func(string) string{func(s string) string { return s }, strings.ToLower, strings.ToUpper} {
				request := test.request
				for _, name := range []string{"Sec-Fetch-Site", "Origin", "Upgrade", "Cookie"} {
					request = strings.ReplaceAll(request, "\n"+name+":", "\n"+spell(name)+":")
				}
				t.Run(fmt.Sprintf("%.60q, names as sent %v, spelling %d", test.request, namesAsSent, spelling), func(t *testing.T) {
					p := crossorigin.MustNew(test.options)
					handler := p.Wrap(func(*fasthttp.RequestCtx) {})
					sent := raw(request + "\nHost: api.example")
					var ctx fasthttp.RequestCtx
					source := strings.NewReader("")
					reader := bufio.NewReaderSize(source, 64<<10)
					read := func() {
						source.Reset(sent)
						reader.Reset(source)
						ctx.Request.Reset()
						ctx.Response.Reset()
						if namesAsSent {
							ctx.Request.Header.DisableNormalizing()
						}
						require.NoError(t, ctx.Request.Header.Read(reader))
					}
					require.Zero(t, testing.AllocsPerRun(50, read), "what the test itself costs")
					require.Zero(t, testing.AllocsPerRun(50, func() { read(); handler(&ctx) }))
					require.Zero(t, testing.AllocsPerRun(50, func() { read(); p.Evaluate(&ctx) }))
					if !test.want.IsRefused() {
						require.Zero(t, testing.AllocsPerRun(50, func() {
							read()
							if err := p.Check(&ctx); err != nil {
								t.Fatal(err)
							}
						}))
					}
					read()
					require.Equal(t, test.want, p.Evaluate(&ctx).Outcome)
				})
			}
		}
	}
}

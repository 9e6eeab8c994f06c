package crossorigin_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// TestReconfiguringWhileRequestsAreServed: each request is judged by one policy or the other. It is for the race
// detector.
func TestReconfiguringWhileRequestsAreServed(t *testing.T) {
	m := new(cors.Middleware)
	p := crossorigin.MustNew(crossorigin.Options{TrustPolicy: m, WebSockets: []string{"/live"}})
	handler := p.Wrap(func(*fasthttp.RequestCtx) {})
	var clients sync.WaitGroup
	for range 4 {
		ctx := received(t, "POST / HTTP/1.1"+crossSite+fromPartner)
		clients.Go(func() {
			for range 2000 {
				ctx.Response.Reset()
				handler(ctx)
				if status := ctx.Response.StatusCode(); status != fasthttp.StatusOK && status != fasthttp.StatusForbidden {
					t.Errorf("status %d", status)
				}
			}
		})
	}
	for range 200 {
		for _, origin := range []string{"https://partner.example", "https://other.example"} {
			require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{origin}, AllowCredentials: true}))
		}
		m.Disable()
	}
	clients.Wait()
}

//go:build !race

// The race detector makes a sync.Pool forget at random what it keeps, so that allocations would say nothing.

package cors_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// soakRequests is how many requests the test below makes: BYTECORS_SOAK, or half a million.
func soakRequests(t *testing.T) int {
	text := os.Getenv("BYTECORS_SOAK")
	if text == "" {
		return 500_000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "BYTECORS_SOAK")
	return n
}

// TestMemoryStaysFlat makes requests of all classes, in process, and compares memory after the first tenth with
// memory at the end. The long run is BYTECORS_SOAK=10000000 go test -run TestMemoryStaysFlat -v .
func TestMemoryStaysFlat(t *testing.T) {
	n := soakRequests(t)
	policies := []cors.Config{
		{AllowOrigins: []string{"https://example.com", "https://*.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A", "X-B"},
			ExposeHeaders: []string{"X-C"}, MaxAge: 60, AllowCredentials: true},
		{AllowOrigins: append([]string{"https://example.com"}, fillerPatterns...), AllowMethods: []string{"*"}, AllowHeaders: []string{"*"},
			AllowCredentials: true, DangerouslyAllowInsecureOrigins: true},
		{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*", "Authorization"}, AllowPrivateNetwork: true,
			DangerouslyAllowPrivateNetworkFromAnyOrigin: true},
	}
	m := cors.MustNew(policies[0])

	const preflight = "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\n"
	var contexts []*fasthttp.RequestCtx
	for _, request := range []string{
		"GET / HTTP/1.1\nHost: h\n",
		"GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n",
		"GET / HTTP/1.1\nHost: h\nOrigin: https://a.b.example.com\nCookie: a=1; b=2\n",
		"GET / HTTP/1.1\nHost: h\nOrigin: https://evil.example\n",
		"GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\nOrigin: https://evil.example\n",
		preflight,
		preflight + "Access-Control-Request-Headers: x-a,x-b\n",
		preflight + "Access-Control-Request-Headers: X-A , ,\tx-B\n",
		preflight + "Access-Control-Request-Headers: x-a\nAccess-Control-Request-Headers: x-b\n",
		preflight + "Access-Control-Request-Headers: x-evil\n",
		preflight + "Access-Control-Request-Headers: ,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n",
		"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT\n",
		"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: TRACE\n",
		"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\n",
	} {
		contexts = append(contexts, received(t, request))
	}
	count := 0
	handler := m.Wrap(func(ctx *fasthttp.RequestCtx) {
		switch count % 5 {
		case 0:
			ctx.Response.Header.Set("Vary", "Accept-Encoding")
		case 1:
			ctx.Error("no", 500)
		case 2:
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "https://handler.example")
			ctx.Response.Header.Add("Vary", "Accept")
			ctx.Response.Header.Add("Vary", "Origin, Accept-Language")
		}
	})

	run := func(requests int) {
		for range requests {
			ctx := contexts[count%len(contexts)]
			ctx.Response.Reset()
			handler(ctx)
			if count++; count%10_000 == 0 {
				m.SetDebug(count%20_000 == 0)
				if err := m.Reconfigure(policies[count/10_000%len(policies)]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	heap := func() (stats runtime.MemStats) {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats
	}
	run(n / 10)
	first := heap()
	run(n - n/10)
	last := heap()
	t.Logf("%d requests: heap of %d bytes in %d objects after the first tenth, %d bytes in %d objects at the end",
		count, first.HeapAlloc, first.HeapObjects, last.HeapAlloc, last.HeapObjects)
	const slack = 256 << 10 // for what the runtime and other tests come by
	require.Less(t, last.HeapAlloc, first.HeapAlloc+slack)

	// But for making policies, which is bounded by how often that is done.
	reconfigured := uint64(n/10_000 + 1)
	require.Less(t, last.Mallocs-first.Mallocs, 500*reconfigured+5000)
}

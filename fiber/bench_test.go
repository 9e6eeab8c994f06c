package corsfiber_test

import (
	"bufio"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
	"github.com/bytecors/cors/internal/requesthead"
)

// A benchCase is one request, to apps that differ in their middleware alone.
type benchCase struct {
	name    string
	request string
	policy  cors.Config
}

const (
	short = "Host: api.example\nOrigin: " + allowedOrigin + "\n"
	long  = `Host: api.example
Connection: keep-alive
sec-ch-ua-platform: "Linux"
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
Accept: application/json, text/plain, */*
sec-ch-ua: "Chromium";v="156", "Not;A=Brand";v="24"
sec-ch-ua-mobile: ?0
Origin: ` + allowedOrigin + `
Sec-Fetch-Site: cross-site
Sec-Fetch-Mode: cors
Sec-Fetch-Dest: empty
Referer: https://app.example/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9
`
	longPreflight = `Host: api.example
Connection: keep-alive
Accept: */*
Access-Control-Request-Method: PUT
Access-Control-Request-Headers: content-type,x-token
Origin: ` + allowedOrigin + `
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
Sec-Fetch-Mode: cors
Sec-Fetch-Site: cross-site
Sec-Fetch-Dest: empty
Referer: https://app.example/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9
`
	asks = "Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: content-type,x-token\n"
)

func benchCases() []benchCase {
	// Most policies have no credentials, which are a header more in each response.
	policy := listed()
	policy.AllowCredentials, policy.ExposeHeaders = false, nil
	refused := func(request string) string { return strings.Replace(request, allowedOrigin, refusedOrigin, 1) }
	return []benchCase{
		{"actual", "GET / HTTP/1.1\n" + short, policy},
		{"actual from a browser", "GET / HTTP/1.1\n" + long, policy},
		{"actual with credentials", "GET / HTTP/1.1\n" + long, listed()},
		{"actual refused", refused("GET / HTTP/1.1\n" + long), policy},
		{"not CORS", "GET / HTTP/1.1\nHost: api.example\n", policy},
		{"preflight", "OPTIONS / HTTP/1.1\n" + short + asks, policy},
		{"preflight from a browser", "OPTIONS / HTTP/1.1\n" + longPreflight, policy},
		{"preflight with credentials", "OPTIONS / HTTP/1.1\n" + longPreflight, listed()},
		{"preflight refused", refused("OPTIONS / HTTP/1.1\n" + longPreflight), policy},
	}
}

func (c benchCase) isPreflight() bool { return strings.HasPrefix(c.request, "OPTIONS") }

// appWith is an app with one middleware and one route.
func appWith(middleware fiber.Handler) fasthttp.RequestHandler {
	app := newApp()
	app.Use(middleware)
	app.Get("/", func(fiber.Ctx) error { return nil })
	return app.Handler()
}

// routing does as much as a middleware has to do for Fiber, and nothing else.
func (c benchCase) routing(ctx fiber.Ctx) error {
	if c.isPreflight() {
		return nil
	}
	return ctx.Next()
}

// received is the context of a request as a server has read it.
func received(t testing.TB, request string) *fasthttp.RequestCtx {
	t.Helper()
	ctx := new(fasthttp.RequestCtx)
	ctx.Init2(nil, nil, false)
	text := strings.ReplaceAll(request, "\n", "\r\n") + "\r\n"
	require.NoError(t, ctx.Request.Header.Read(bufio.NewReaderSize(strings.NewReader(text), len(text))))
	return ctx
}

// BenchmarkBesideFiber takes turns: each iteration is a round in which every app serves a batch, so that what
// the machine does meanwhile falls on all of them. It reports the medians of the rounds, in ns for each
// request, and how many times as long Fiber's middleware takes as this one, with Fiber's routing subtracted
// from both.
//
//	go test -run '^$' -bench . -benchtime 200x
func BenchmarkBesideFiber(b *testing.B) {
	const batch = 1000
	for _, c := range benchCases() {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			apps := []fasthttp.RequestHandler{appWith(c.routing), appWith(corsfiber.New(c.policy)), appWith(fibersOwn(c.policy))}
			ctx := received(b, c.request)
			restore := requesthead.Fresh(&ctx.Request.Header)
			times := make([][]float64, len(apps))
			for range b.N {
				for i, app := range apps {
					start := time.Now()
					for range batch {
						restore()
						ctx.Response.Reset()
						app(ctx)
					}
					times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/batch)
				}
			}
			routing, ours, fibers := median(times[0]), median(times[1]), median(times[2])
			b.ReportMetric(routing, "routing-ns")
			b.ReportMetric(ours-routing, "ours-ns")
			b.ReportMetric(fibers-routing, "fiber-ns")
			b.ReportMetric((fibers-routing)/(ours-routing), "times")
			b.ReportMetric(0, "ns/op") // of a round, which says nothing
			for unit, app := range map[string]fasthttp.RequestHandler{"ours-allocs": apps[1], "fiber-allocs": apps[2]} {
				b.ReportMetric(testing.AllocsPerRun(100, func() { ctx.Response.Reset(); app(ctx) }), unit)
			}
		})
	}
}

func median(times []float64) float64 {
	slices.Sort(times)
	return times[len(times)/2]
}

package cors_test

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/internal/floor"
	"github.com/bytecors/cors/internal/requesthead"
)

// The library alone. Beside each case stands its floor: a handler that sets by hand exactly the response
// headers that the middleware would set for that request, and decides nothing. The module in benchmarks/
// compares with other libraries, and turns the difference of the two into ratios that survive a noisy
// machine.
//
//	go test -run '^$' -bench . -benchmem

// A benchCase is one request to one policy.
type benchCase struct {
	name    string
	policy  cors.Config
	request string
	floor   fasthttp.RequestHandler // nil: the case is compared with others of the middleware
}

const benchOrigin = floor.Origin

const (
	minimalHead          = requesthead.Minimal
	browserHead          = requesthead.Chromium
	browserPreflightHead = requesthead.ChromiumPreflight
)

func actualFrom(origin, head string) string { return requesthead.Actual(head, origin) }

func preflightFrom(origin, head, method string, headers ...string) string {
	return requesthead.Preflight(head, origin, method, headers...)
}

func policyFor(origins ...string) cors.Config {
	return cors.Config{
		AllowOrigins: origins,
		AllowMethods: []string{"PUT", "DELETE"},
		AllowHeaders: []string{"Content-Type", "X-Requested-With"},
		MaxAge:       600,
	}
}

func numberedOrigins(n int) []string {
	origins := make([]string, n, n+1)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://tenant-%07d.example.com", i)
	}
	return origins
}

func actualCases() []benchCase {
	several := []string{
		"https://example.com", "https://www.example.com", benchOrigin, "https://admin.example.com",
		"http://localhost:*", "https://*.preview.example.com",
	}
	suffixes := []string{"https://*.example.com"}
	for _, tld := range []string{"org", "net", "dev", "app", "io"} {
		suffixes = append(suffixes, "https://*.example."+tld)
	}
	return []benchCase{
		{"one/minimal", policyFor(benchOrigin), actualFrom(benchOrigin, minimalHead), floor.Allowed},
		{"one/browser", policyFor(benchOrigin), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"one/refused", policyFor(benchOrigin), actualFrom("https://app.example.org", browserHead), floor.Varies},
		{"one/no-origin", policyFor(benchOrigin), actualFrom("", browserHead), floor.Varies},
		{"subdomain/minimal", policyFor("https://*.example.com"), actualFrom(benchOrigin, minimalHead), floor.Allowed},
		{"subdomain/browser", policyFor("https://*.example.com"), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"subdomains/browser", policyFor(suffixes...), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"two/browser", policyFor("https://example.com", benchOrigin), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"several/browser", policyFor(several...), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"many/browser", policyFor(append(numberedOrigins(1000), benchOrigin)...), actualFrom(benchOrigin, browserHead), floor.Allowed},
		{"many/refused", policyFor(numberedOrigins(1000)...), actualFrom("https://tenant-0000500.example.org", browserHead), floor.Varies},
		{"any/browser", policyFor("*"), actualFrom(benchOrigin, browserHead), floor.Any},
	}
}

func preflightCases() []benchCase {
	const asked = "content-type,x-requested-with"
	credentials := policyFor(benchOrigin)
	credentials.AllowCredentials = true
	credentials.AllowHeaders = []string{"*"}
	hundred := policyFor(benchOrigin)
	hundred.AllowHeaders = numberedHeaders(100)
	return []benchCase{
		{"one/minimal", policyFor(benchOrigin), preflightFrom(benchOrigin, minimalHead, "PUT", asked), floor.Preflight},
		{"one/browser", policyFor(benchOrigin), preflightFrom(benchOrigin, browserPreflightHead, "PUT", asked), floor.Preflight},
		{"one/refused-origin", policyFor(benchOrigin), preflightFrom("https://app.example.org", browserPreflightHead, "PUT", asked), floor.Refused},
		{"one/refused-headers", policyFor(benchOrigin), preflightFrom(benchOrigin, browserPreflightHead, "PUT", "content-type,x-token"), floor.Refused},
		{"one/spaced-headers", policyFor(benchOrigin), preflightFrom(benchOrigin, browserPreflightHead, "PUT", "Content-Type, X-Requested-With"), floor.Preflight},
		{"subdomain/browser", policyFor("https://*.example.com"), preflightFrom(benchOrigin, browserPreflightHead, "PUT", asked), floor.Preflight},
		{"hundred-headers/ten-asked", hundred, preflightFrom(benchOrigin, browserPreflightHead, "PUT", everyTenth(hundred.AllowHeaders)), nil},
		{"credentials/echo", credentials, preflightFrom(benchOrigin, browserPreflightHead, "PUT", asked), nil},
	}
}

// numberedHeaders returns names in the order in which a browser would ask for them.
func numberedHeaders(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x-header-%03d", i)
	}
	return names
}

func everyTenth(names []string) string {
	var asked []string
	for i := 5; i < len(names); i += 10 {
		asked = append(asked, names[i])
	}
	return strings.Join(asked, ",")
}

// hostileCases come from people who write their requests by hand.
func hostileCases() []benchCase {
	policy := policyFor(benchOrigin)
	preflight := func(headers ...string) string {
		return preflightFrom(benchOrigin, browserPreflightHead, "PUT", headers...)
	}
	million := policyFor(append(numberedOrigins(1_000_000), benchOrigin)...)
	return []benchCase{
		{"headers/commas", policy, preflight(strings.Repeat(",", 8000)), nil},
		{"headers/spaces", policy, preflight("a" + strings.Repeat(" ", 8000) + "b"), nil},
		{"headers/tabs", policy, preflight("a" + strings.Repeat("\t", 8000) + "b"), nil},
		{"headers/long-token", policy, preflight(strings.Repeat("x", 8000)), nil},
		{"headers/commas-that-fit", policy, preflight(strings.Repeat(",", 60)), nil},
		{"headers/many-lines", policy, preflight(slices.Repeat([]string{"content-type"}, 100)...), nil},
		{"origin/long", policyFor("https://*.example.com"), actualFrom("https://"+strings.Repeat("a", 8000)+".example.com", browserHead), nil},
		{"origin/deep", policyFor("https://*.example.com"), actualFrom("https://"+strings.Repeat("a.", 120)+"example.com", browserHead), nil},
		{"origin/near-miss-of-a-million", million, actualFrom("https://tenant-0500000.example.con", browserHead), nil},
	}
}

func BenchmarkActual(b *testing.B)    { runCases(b, actualCases()) }
func BenchmarkPreflight(b *testing.B) { runCases(b, preflightCases()) }
func BenchmarkHostile(b *testing.B)   { runCases(b, hostileCases()) }

// BenchmarkParallel shares one policy among all processors.
func BenchmarkParallel(b *testing.B) {
	for _, group := range []struct {
		name  string
		cases []benchCase
	}{{"actual", actualCases()}, {"preflight", preflightCases()}} {
		for _, c := range group.cases[:2] {
			for _, h := range c.handlers() {
				b.Run(group.name+"/"+c.name+"/"+h.name, func(b *testing.B) {
					b.ReportAllocs()
					b.RunParallel(func(pb *testing.PB) {
						ctx := received(b, c.request)
						next := nextRequest(ctx)
						for pb.Next() {
							next()
							h.handler(ctx)
						}
					})
				})
			}
		}
	}
}

// BenchmarkNew is the cost of a policy.
func BenchmarkNew(b *testing.B) {
	for _, n := range []int{1, 1000, 100_000} {
		config := policyFor(numberedOrigins(n)...)
		b.Run(fmt.Sprintf("origins=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cors.New(config); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type namedHandler struct {
	name    string
	handler fasthttp.RequestHandler
}

func (c *benchCase) handlers() []namedHandler {
	handlers := []namedHandler{{"cors", cors.MustNew(c.policy).Wrap(floor.Bare)}}
	if c.floor != nil {
		handlers = append(handlers, namedHandler{"floor", c.floor})
	}
	return handlers
}

func runCases(b *testing.B, cases []benchCase) {
	for _, c := range cases {
		for _, h := range c.handlers() {
			b.Run(c.name+"/"+h.name, func(b *testing.B) {
				ctx := received(b, c.request)
				next := nextRequest(ctx)
				b.ReportAllocs()
				for b.Loop() {
					next()
					h.handler(ctx)
				}
			})
		}
	}
}

// nextRequest returns a function that does what a server does between two requests.
func nextRequest(ctx *fasthttp.RequestCtx) func() {
	restore := requesthead.Fresh(&ctx.Request.Header)
	if !ctx.IsOptions() { // nothing walks over those
		return ctx.Response.Reset
	}
	return func() {
		restore()
		ctx.Response.Reset()
	}
}

// received returns the context in which a server would call its handler, made from bytes as they come over
// the wire: with lines that end in "\n" here.
func received(t testing.TB, request string) *fasthttp.RequestCtx {
	t.Helper()
	wire := strings.ReplaceAll(request, "\n", "\r\n") + "\r\n"
	ctx := new(fasthttp.RequestCtx)
	ctx.Init2(nil, nil, false)
	require.NoError(t, ctx.Request.Header.Read(bufio.NewReaderSize(strings.NewReader(wire), len(wire))))
	return ctx
}

// TestFloorsAreFloors: a floor is one only if its response is the middleware's, header by header.
func TestFloorsAreFloors(t *testing.T) {
	for _, group := range [][]benchCase{actualCases(), preflightCases()} {
		for _, c := range group {
			if c.floor == nil {
				continue
			}
			var responses [][]string
			for _, h := range c.handlers() {
				ctx := received(t, c.request)
				h.handler(ctx)
				lines := []string{fmt.Sprint("status ", ctx.Response.StatusCode())}
				for name, value := range ctx.Response.Header.All() {
					lines = append(lines, string(name)+": "+string(value))
				}
				slices.Sort(lines)
				responses = append(responses, lines)
			}
			require.Equal(t, responses[1], responses[0], "%s\n%s", c.name, c.request)
		}
	}
}

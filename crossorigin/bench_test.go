package crossorigin_test

import (
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// browser is what a browser sends beside what a benchmark is about.
const browser = "\nConnection: keep-alive\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36" +
	"\nAccept: */*\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\nReferer: https://app.example/\nAccept-Encoding: gzip, deflate, br, zstd\nAccept-Language: en-US,en;q=0.9\nCookie: session=0123456789abcdef"

var benchmarks = []struct{ name, request string }{
	{"GET", "GET / HTTP/1.1" + browser + crossSite},
	{"POST/same-origin", "POST / HTTP/1.1" + browser + "\nOrigin: https://api.example\nSec-Fetch-Site: same-origin"},
	{"POST/same-host", "POST / HTTP/1.1" + browser + "\nOrigin: https://api.example"},
	{"POST/trusted", "POST / HTTP/1.1" + browser + "\nOrigin: https://www.partner.example" + crossSite},
	{"POST/refused", "POST / HTTP/1.1" + browser + fromEvil + crossSite},
}

// Benchmark has what each kind of request costs beside a handler that does nothing.
func Benchmark(b *testing.B) {
	p := crossorigin.MustNew(crossorigin.Options{
		TrustPolicy: cors.MustNew(cors.Config{AllowOrigins: []string{"https://*.partner.example"}, AllowCredentials: true}),
	})
	bare := func(*fasthttp.RequestCtx) {}
	for _, benchmark := range benchmarks {
		for name, handler := range map[string]fasthttp.RequestHandler{"bare": bare, "protected": p.Wrap(bare)} {
			b.Run(benchmark.name+"/"+name, func(b *testing.B) {
				ctx := received(b, benchmark.request)
				b.ReportAllocs()
				for b.Loop() {
					handler(ctx)
				}
			})
		}
	}
}

//go:build !race

package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/crossorigin"
	corsfiber "github.com/bytecors/cors/fiber"
)

func TestProtectAllocatesNothing(t *testing.T) {
	protected := corsfiber.Protect(crossorigin.MustNew(crossorigin.Options{TrustedOrigins: []string{allowedOrigin}}))
	next := func(c fiber.Ctx) error { return c.Next() }
	behind := func(middleware fiber.Handler) fasthttp.RequestHandler {
		app := newApp()
		app.Use(middleware)
		app.All("/", func(fiber.Ctx) error { return nil })
		return app.Handler()
	}
	for _, lines := range []string{
		"GET / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: cross-site\n",
		"POST / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: same-origin\n",
		"POST / HTTP/1.1\nHost: api.example\nOrigin: https://api.example\n",
		"POST / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: cross-site\nOrigin: " + allowedOrigin + "\n",
		"POST / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: cross-site\nOrigin: " + refusedOrigin + "\n",
	} {
		allocations := func(handler fasthttp.RequestHandler) float64 {
			ctx := received(t, lines)
			return testing.AllocsPerRun(100, func() {
				ctx.Response.Reset()
				handler(ctx)
			})
		}
		assert.LessOrEqual(t, allocations(behind(protected)), allocations(behind(next)), lines)
	}
}

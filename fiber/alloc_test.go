//go:build !race

package corsfiber_test

// The race detector makes a sync.Pool forget at random what Fiber keeps there.

import (
	"maps"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	corsfiber "github.com/bytecors/cors/fiber"
)

func TestNoRequestAllocates(t *testing.T) {
	for _, c := range benchCases() {
		handlers := map[string]fiber.Handler{
			"New":         corsfiber.New(c.policy),
			"New, Next":   corsfiber.New(c.policy, corsfiber.Next(func(fiber.Ctx) bool { return false })),
			"New, public": corsfiber.New(public()),
		}
		maps.Copy(handlers, handlersOfThisVersion(c.policy))
		for name, middleware := range handlers {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				allocations := func(handler fasthttp.RequestHandler) float64 {
					ctx := received(t, c.request)
					return testing.AllocsPerRun(100, func() {
						ctx.Response.Reset()
						handler(ctx)
					})
				}
				assert.Equal(t, allocations(appWith(c.routing)), allocations(appWith(middleware)))
			})
		}
	}
}

//go:build !race

package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/assert"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiberv2"
)

func TestNoChoiceAllocates(t *testing.T) {
	for _, c := range benchCases() {
		m := cors.MustNew(c.policy)
		for name, choice := range map[string]*cors.Middleware{"one": m, "none": nil} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				allocations := func(middleware fiber.Handler) float64 {
					handler, ctx := appWith(middleware), received(t, c.request)
					return testing.AllocsPerRun(100, func() {
						ctx.Response.Reset()
						handler(ctx)
					})
				}
				plain := c.routing
				if choice == nil {
					plain = (*fiber.Ctx).Next
				}
				assert.Equal(t, allocations(plain), allocations(corsfiber.Select(func(*fiber.Ctx) *cors.Middleware { return choice })))
			})
		}
	}
}

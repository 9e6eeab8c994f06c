package corsfiber

import (
	"github.com/bytecors/cors/crossorigin"
	"github.com/gofiber/fiber/v3"
)

// Protect returns a middleware that refuses requests that change something and come from a page of another origin,
// which CORS does not. Register it behind the one from New or NewWith, so that a page that CORS allows can read the
// refusal, and in front of the routes:
//
//	m := cors.MustNew(config)
//	app.Use(corsfiber.NewWith(m))
//	app.Use(corsfiber.Protect(crossorigin.MustNew(crossorigin.Options{TrustPolicy: m})))
//
// It answers a refused request itself, or has crossorigin.Options.Deny do so. For one that is to go to the app's
// ErrorHandler, return what p.Check returns from a handler of your own.
func Protect(p *crossorigin.Protection) fiber.Handler {
	if p == nil {
		panic("corsfiber: Protect with a nil Protection")
	}
	return func(c fiber.Ctx) error {
		if p.Begin(c.RequestCtx()) {
			return nil
		}
		return c.Next()
	}
}

package corsfiber_test

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiberv2"
)

// under tells whether a path is in a group, as Fiber's routes see it: in any case, and at a slash.
func under(path, prefix string) bool {
	return len(path) >= len(prefix) && strings.EqualFold(path[:len(prefix)], prefix) &&
		(len(path) == len(prefix) || path[len(prefix)] == '/')
}

// Groups: one middleware for the app, which chooses. A middleware of the route alone, as in
// app.Get("/items", corsfiber.New(...), handler), would never see a preflight, since that is no GET.
func ExampleSelect_groups() {
	policies := map[string]*cors.Middleware{
		"/public":  cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}),
		"/account": cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowCredentials: true}),
	}
	app := fiber.New()
	app.Use(corsfiber.Select(func(c *fiber.Ctx) *cors.Middleware {
		for prefix, policy := range policies {
			if under(c.Path(), prefix) {
				return policy
			}
		}
		return nil
	}))
	app.Group("/public").Get("/items", func(c *fiber.Ctx) error { return c.SendString("items") })
	app.Group("/account").Get("/", func(c *fiber.Ctx) error { return c.SendString("account") })

	show(app, "GET /Public/items", "Origin: https://example.org")
	show(app, "OPTIONS /account/", "Origin: https://example.org", "Access-Control-Request-Method: GET")
	show(app, "GET /accounts", "Origin: https://example.com")

	// Output:
	// GET /Public/items: 200
	//   Access-Control-Allow-Origin: *
	// OPTIONS /account/: 403
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
	// GET /accounts: 404
}

// Mounted apps: each brings its policy along, where the app that it is mounted in has none. Errors of the
// mounted app come under it, too.
func ExampleNew_mounted() {
	shop := fiber.New()
	shop.Use(corsfiber.New(cors.Config{AllowOrigins: []string{"https://shop.example"}}))
	shop.Get("/cart", func(*fiber.Ctx) error { return fiber.ErrConflict })
	app := fiber.New()
	app.Mount("/shop", shop)

	show(app, "OPTIONS /shop/cart", "Origin: https://shop.example", "Access-Control-Request-Method: GET")
	show(app, "GET /shop/cart", "Origin: https://shop.example")

	// Output:
	// OPTIONS /shop/cart: 204
	//   Access-Control-Allow-Origin: https://shop.example
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
	// GET /shop/cart: 409
	//   Access-Control-Allow-Origin: https://shop.example
	//   Vary: Origin
}

// An inner policy overrides an outer one: the outer steps back where there is an inner, since of two that a
// request goes through the outer has the last word.
func ExampleSelect_override() {
	outer := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	app := fiber.New()
	app.Use(corsfiber.Select(func(c *fiber.Ctx) *cors.Middleware {
		if under(c.Path(), "/feed") {
			return nil
		}
		return outer
	}))
	app.Use("/feed", corsfiber.New(cors.Config{AllowOrigins: []string{"*"}}))
	app.Get("/feed", func(c *fiber.Ctx) error { return c.SendString("news") })

	show(app, "GET /feed", "Origin: https://example.org")
	show(app, "GET /", "Origin: https://example.org")

	// Output:
	// GET /feed: 200
	//   Access-Control-Allow-Origin: *
	// GET /: 404
	//   Vary: Origin
}

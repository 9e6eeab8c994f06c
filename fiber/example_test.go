package corsfiber_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// The examples of the documentation of Fiber's own middleware.

// Every origin, method and request header, which is what Fiber's middleware allows by default. Here it has to
// be said.
func ExampleNew() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOrigins: []string{"*"},
		AllowMethods: []string{"*"},
		AllowHeaders: []string{"*", "Authorization"}, // which no * covers
	}))
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("hello") })

	show(app, "GET /", "Origin: https://example.com")
	show(app, "OPTIONS /", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
		"Access-Control-Request-Headers: x-token")

	// Output:
	// GET /: 200
	//   Access-Control-Allow-Origin: *
	// OPTIONS /: 204
	//   Access-Control-Allow-Headers: *,authorization
	//   Access-Control-Allow-Methods: *
	//   Access-Control-Allow-Origin: *
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
}

// Two origins. Origin and Accept, which Fiber's documentation lists in AllowHeaders, need no listing: a page
// cannot set the one, and may always set the other.
func ExampleNew_origins() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOrigins: []string{"https://gofiber.io", "https://gofiber.net"},
		AllowHeaders: []string{"Content-Type"},
	}))

	show(app, "OPTIONS /", "Origin: https://gofiber.net", "Access-Control-Request-Method: POST",
		"Access-Control-Request-Headers: content-type")
	show(app, "OPTIONS /", "Origin: https://example.com", "Access-Control-Request-Method: POST")

	// Output:
	// OPTIONS /: 204
	//   Access-Control-Allow-Headers: content-type
	//   Access-Control-Allow-Origin: https://gofiber.net
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
	// OPTIONS /: 403
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
}

// With credentials, for listed origins.
func ExampleNew_credentials() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOrigins:     []string{"https://app.example.com"},
		AllowCredentials: true,
	}))
	app.Get("/", func(fiber.Ctx) error { return fiber.NewError(fiber.StatusTeapot, "short and stout") })

	show(app, "GET /", "Origin: https://app.example.com")
	show(app, "GET /", "Origin: https://evil.example.com")

	// Output:
	// GET /: 418
	//   Access-Control-Allow-Credentials: true
	//   Access-Control-Allow-Origin: https://app.example.com
	//   Vary: Origin
	// GET /: 418
	//   Vary: Origin
}

// Every origin with credentials is refused, as it is by Fiber's middleware.
func ExampleNew_prohibited() {
	defer func() { fmt.Println(recover()) }()
	corsfiber.New(cors.Config{
		AllowOrigins:     []string{"*"},
		AllowCredentials: true,
	})

	// Output:
	// cors: AllowOrigins[0]: "*" cannot be combined with AllowCredentials, which would let every site act for its visitors; list the origins
}

// A function, for origins that are in a database.
func ExampleNew_function() {
	tenants := map[string]bool{"https://shop.example": true}

	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool {
			return tenants[string(origin)]
		},
	}))
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("hello") })

	show(app, "GET /", "Origin: https://shop.example")
	show(app, "GET /", "Origin: https://other.example")

	// Output:
	// GET /: 200
	//   Access-Control-Allow-Origin: https://shop.example
	//   Vary: Origin
	// GET /: 200
	//   Vary: Origin
}

// Subdomains of any depth, and not the domain itself.
func ExampleNew_subdomains() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOrigins: []string{"https://*.example.com"},
	}))
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("hello") })

	show(app, "GET /", "Origin: https://a.b.example.com")
	show(app, "GET /", "Origin: https://example.com")

	// Output:
	// GET /: 200
	//   Access-Control-Allow-Origin: https://a.b.example.com
	//   Vary: Origin
	// GET /: 200
	//   Vary: Origin
}

// A private network.
func ExampleNew_privateNetwork() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{
		AllowOrigins:        []string{"https://example.com"},
		AllowPrivateNetwork: true,
	}))

	show(app, "OPTIONS /", "Origin: https://example.com", "Access-Control-Request-Method: GET",
		"Access-Control-Request-Private-Network: true")

	// Output:
	// OPTIONS /: 204
	//   Access-Control-Allow-Origin: https://example.com
	//   Access-Control-Allow-Private-Network: true
	//   Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network
}

// One policy for several apps, which changes while they serve.
func ExampleNewWith() {
	policy := cors.MustNew(cors.Config{AllowOrigins: []string{"https://old.example"}})
	app := fiber.New()
	app.Use(corsfiber.NewWith(policy))

	if err := policy.Reconfigure(cors.Config{AllowOrigins: []string{"https://new.example"}}); err != nil {
		fmt.Println(err)
	}
	show(app, "GET /", "Origin: https://new.example")

	// Output:
	// GET /: 404
	//   Access-Control-Allow-Origin: https://new.example
	//   Vary: Origin
}

// Around the app, where no ErrorHandler can lose the headers.
func ExampleWrap() {
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		c.Response().Reset()
		return c.Status(fiber.StatusBadGateway).SendString(err.Error())
	}})
	corsfiber.Wrap(app, cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://example.com"},
	}))
	app.Get("/", func(fiber.Ctx) error { return fiber.ErrBadGateway })

	show(app, "GET /", "Origin: https://example.com")

	// Output:
	// GET /: 502
	//   Access-Control-Allow-Origin: https://example.com
	//   Vary: Origin
}

// Paths that are for nobody else's pages.
func ExampleNext() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{AllowOrigins: []string{"*"}}, corsfiber.Next(func(c fiber.Ctx) bool {
		return strings.HasPrefix(c.Path(), "/internal/")
	})))
	app.Get("/items", func(c fiber.Ctx) error { return c.SendString("hello") })
	app.Get("/internal/metrics", func(c fiber.Ctx) error { return c.SendString("7") })

	show(app, "GET /items", "Origin: https://example.com")
	show(app, "GET /internal/metrics", "Origin: https://example.com")

	// Output:
	// GET /items: 200
	//   Access-Control-Allow-Origin: *
	// GET /internal/metrics: 200
}

// show prints the status and the headers that CORS is about.
func show(app *fiber.App, what string, headers ...string) {
	method, path, _ := strings.Cut(what, " ")
	request := httptest.NewRequest(method, path, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	response, err := app.Test(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Printf("%s: %d\n", what, response.StatusCode)
	var lines []string
	for name, values := range response.Header {
		if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			lines = append(lines, "  "+name+": "+strings.Join(values, "; "))
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}

package corsfiber_test

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gofiber/fiber/v2/middleware/keyauth"
	"github.com/gofiber/fiber/v2/middleware/logger"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/fiber/v2/middleware/timeout"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiberv2"
)

// The generated tests of this package are those of the adapter for Fiber v3. Here is what the versions do not
// have in common.

// newApp is fiber.New, without the banner.
func newApp(config ...fiber.Config) *fiber.App {
	var c fiber.Config
	if len(config) > 0 {
		c = config[0]
	}
	c.DisableStartupMessage = true
	return fiber.New(c)
}

func listen(app *fiber.App, listener net.Listener) error { return app.Listener(listener) }

func sendPart(c *fiber.Ctx, file string) error { return c.SendFile(file) }

func sendStream(c *fiber.Ctx, write func(*bufio.Writer)) error {
	c.Context().SetBodyStreamWriter(write)
	return nil
}

func serveFiles(app *fiber.App, path, dir string) {
	app.Static(path, dir, fiber.Static{Compress: true})
}

func timed(handler fiber.Handler, limit time.Duration) fiber.Handler {
	return timeout.NewWithContext(handler, limit)
}

// tagOf is the ETag that Fiber's middleware makes of a body.
func tagOf(body string) string {
	return fmt.Sprintf(`"%d-%d"`, len(body), crc32.Checksum([]byte(body), crc32.MakeTable(0xD5828281)))
}

// sessions keeps a session, which in this version a handler asks for.
func sessions() fiber.Handler {
	store := session.New()
	return func(c *fiber.Ctx) error {
		s, err := store.Get(c)
		if err != nil {
			return err
		}
		if err := s.Save(); err != nil {
			return err
		}
		return c.Next()
	}
}

func bearer(token string) fiber.Handler {
	return keyauth.New(keyauth.Config{
		Validator: func(_ *fiber.Ctx, key string) (bool, error) { return key == token, nil },
	})
}

func loggingTo(w io.Writer) fiber.Handler {
	return logger.New(logger.Config{Format: "${status} ${error}\n", Output: w})
}

const (
	// unknownMethodStatus answers a method that Fiber does not know.
	unknownMethodStatus = 400

	// middlewareRunsOverTheLimit tells whether a body over BodyLimit comes to the middleware.
	middlewareRunsOverTheLimit = false

	// upperCaseAnswered is what Fiber's own middleware allows when HTTPS://APP.EXAMPLE asks.
	upperCaseAnswered = "https://app.example"
)

// varyOfUncompressed is what the compress middleware adds where it does not compress.
var varyOfUncompressed []string

// installationsForLimits are the ways to have headers on a response to a body over BodyLimit.
var installationsForLimits = []installation{
	{"Wrap", func(app *fiber.App, config cors.Config) { corsfiber.Wrap(app, cors.MustNew(config)) }},
	{"New, and the error handler wrapped", func(app *fiber.App, config cors.Config) {
		m := cors.MustNew(config)
		app.Use(corsfiber.NewWith(m))
		app.Server().ErrorHandler = m.WrapErrorHandler(app.Server().ErrorHandler)
	}},
}

func endingsOfThisVersion() []ending {
	return []ending{
		{name: "a redirect", status: 302, handle: func(c *fiber.Ctx) error { return c.Redirect("/elsewhere") }},
	}
}

// handlersOfThisVersion are further ways to apply a policy, which are to allocate nothing either.
func handlersOfThisVersion(cors.Config) map[string]fiber.Handler {
	return nil
}

func differencesOfThisVersion() []difference {
	return []difference{
		{
			name: "an origin that no browser sends: an empty label", policy: cors.Config{AllowOrigins: []string{"https://*.example.com"}},
			request: []string{"GET /", "Origin: https://.example.com"},
			fibers:  "200\nAllow-Origin: https://.example.com\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "Max-Age of a response that is no preflight's", policy: cors.Config{AllowOrigins: []string{"*"}, MaxAge: 600},
			request: []string{"GET /", "Origin: " + allowedOrigin},
			fibers:  "200\nAllow-Origin: *\nMax-Age: 600",
			ours:    "200\nAllow-Origin: *",
		},
	}
}

// fibersOwn is Fiber's middleware with the same policy.
func fibersOwn(policy cors.Config) fiber.Handler {
	return fibercors.New(fibercors.Config{
		AllowOrigins:     strings.Join(policy.AllowOrigins, ","),
		AllowMethods:     strings.Join(policy.AllowMethods, ","),
		AllowHeaders:     strings.Join(policy.AllowHeaders, ","),
		ExposeHeaders:    strings.Join(policy.ExposeHeaders, ","),
		AllowCredentials: policy.AllowCredentials,
		MaxAge:           policy.MaxAge,
	})
}

package corsfiber_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/extractors"
	fibercors "github.com/gofiber/fiber/v3/middleware/cors"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/gofiber/fiber/v3/middleware/keyauth"
	"github.com/gofiber/fiber/v3/middleware/logger"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/gofiber/fiber/v3/middleware/timeout"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// The other tests of this package are also those of the adapter for Fiber v2. Here is what the versions do not
// have in common.

func newApp(config ...fiber.Config) *fiber.App { return fiber.New(config...) }

func listen(app *fiber.App, listener net.Listener) error {
	return app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
}

func sendPart(c fiber.Ctx, file string) error {
	return c.SendFile(file, fiber.SendFile{ByteRange: true})
}

func sendStream(c fiber.Ctx, write func(*bufio.Writer)) error { return c.SendStreamWriter(write) }

func serveFiles(app *fiber.App, path, dir string) {
	app.Get(path+"*", static.New(dir, static.Config{Compress: true}))
}

func timed(handler fiber.Handler, limit time.Duration) fiber.Handler {
	return timeout.New(handler, timeout.Config{Timeout: limit})
}

func tagOf(body string) string { return string(etag.Generate([]byte(body))) }

func sessions() fiber.Handler { return session.New() }

func bearer(token string) fiber.Handler {
	return keyauth.New(keyauth.Config{
		Extractor: extractors.FromAuthHeader("Bearer"),
		Validator: func(_ fiber.Ctx, key string) (bool, error) { return key == token, nil },
	})
}

func loggingTo(w io.Writer) fiber.Handler {
	return logger.New(logger.Config{Format: "${status} ${error}\n", Stream: w})
}

const (
	// unknownMethodStatus answers a method that Fiber does not know.
	unknownMethodStatus = 501

	// middlewareRunsOverTheLimit tells whether a body over BodyLimit comes to the middleware.
	middlewareRunsOverTheLimit = true

	// upperCaseAnswered is what Fiber's own middleware allows when HTTPS://APP.EXAMPLE asks.
	upperCaseAnswered = "HTTPS://APP.EXAMPLE"
)

// varyOfUncompressed is what the compress middleware adds where it does not compress.
var varyOfUncompressed = []string{"Accept-Encoding"}

// installationsForLimits are the ways to have headers on a response to a body over BodyLimit.
var installationsForLimits = installations

func endingsOfThisVersion() []ending {
	return []ending{
		{name: "a redirect", status: 303, handle: func(c fiber.Ctx) error { return c.Redirect().To("/elsewhere") }},
		{name: "a redirect with a flash message", status: 303, handle: func(c fiber.Ctx) error {
			return c.Redirect().With("note", "seen").To("/elsewhere")
		}},
		{name: "timeout middleware: a handler that goes on", status: 408, inside: func(t testing.TB, app *fiber.App) {
			app.Get("/", timeout.New(goesOn(t), timeout.Config{Timeout: time.Millisecond}))
		}},
		{name: "timeout middleware: OnTimeout", status: 504, inside: func(t testing.TB, app *fiber.App) {
			app.Get("/", timeout.New(goesOn(t), timeout.Config{Timeout: time.Millisecond, OnTimeout: func(c fiber.Ctx) error {
				return c.Status(504).SendString("late")
			}}))
		}},
		{name: "c.Format", status: 200, vary: []string{"Accept"}, handle: func(c fiber.Ctx) error {
			return c.Format(fiber.ResFmt{MediaType: "text/plain", Handler: func(c fiber.Ctx) error { return c.SendString("ok") }})
		}},
	}
}

// goesOn returns a handler that goes on to use its context until the test ends, long after its time is up.
func goesOn(t testing.TB) fiber.Handler {
	responded := make(chan struct{})
	t.Cleanup(func() { close(responded) })
	return func(c fiber.Ctx) error {
		<-responded
		c.Request().Header.Del("Origin")
		c.Set("Access-Control-Allow-Origin", "*")
		return c.SendString("too late")
	}
}

// handlersOfThisVersion are further ways to apply a policy, which are to allocate nothing either.
func handlersOfThisVersion(policy cors.Config) map[string]fiber.Handler {
	return map[string]fiber.Handler{"New, Early": corsfiber.New(policy, corsfiber.Early())}
}

func differencesOfThisVersion() []difference {
	return []difference{
		{
			name: "private network, where the origin is not allowed",
			policy: cors.Config{
				AllowOrigins: []string{allowedOrigin}, AllowMethods: []string{"PUT"}, AllowPrivateNetwork: true,
			},
			request: []string{"OPTIONS /", "Origin: " + refusedOrigin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Private-Network: true"},
			fibers: "204\nAllow-Methods: PUT\nAllow-Private-Network: true" +
				"\nVary: Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network, Origin",
			ours: "403\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
		},
	}
}

// fibersOwn is Fiber's middleware with the same policy.
func fibersOwn(policy cors.Config) fiber.Handler {
	return fibercors.New(fibercors.Config{
		AllowOrigins:        policy.AllowOrigins,
		AllowMethods:        policy.AllowMethods,
		AllowHeaders:        policy.AllowHeaders,
		ExposeHeaders:       policy.ExposeHeaders,
		AllowCredentials:    policy.AllowCredentials,
		MaxAge:              policy.MaxAge,
		AllowPrivateNetwork: policy.AllowPrivateNetwork,
	})
}

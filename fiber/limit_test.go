package corsfiber_test

import (
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
)

// A body over the limit never comes to a handler: fasthttp calls its error handler, and Fiber in it the app's
// ErrorHandler.
func TestABodyOverTheLimitIsAReadableError(t *testing.T) {
	for _, handler := range []struct {
		name   string
		handle fiber.ErrorHandler
		skip   string
	}{
		{"Fiber's own", nil, ""},
		{"JSON", func(c fiber.Ctx, err error) error {
			return c.Status(413).JSON(fiber.Map{"message": err.Error()})
		}, ""},
		{"one that resets", func(c fiber.Ctx, err error) error {
			c.RequestCtx().Error(err.Error(), 413)
			return nil
		}, needsWrap},
	} {
		for _, way := range installationsForLimits {
			if handler.skip == way.name {
				continue
			}
			t.Run(handler.name+"/"+way.name, func(t *testing.T) {
				for _, normalize := range []bool{true, false} {
					app := newApp(fiber.Config{
						BodyLimit: 8, ErrorHandler: handler.handle, DisableHeaderNormalizing: !normalize,
					})
					way.install(app, listed())
					app.Post("/", func(fiber.Ctx) error {
						t.Error("the handler has run")
						return nil
					})
					w := serve(t, app)
					for _, class := range classes() {
						lines := append([]string{"POST / HTTP/1.1", "Host: api.example", "Content-Length: 9"}, class.origin...)
						r := w.send(strings.Join(lines, "\n") + "\n\n123456789")
						assert.Equal(t, 413, r.status, class.name)
						assert.Equal(t, class.listed, r.corsHeaders(), class.name)
						assertVary(t, r, "Origin")
					}
				}
			})
		}
	}
}

// A preflight with a body has not been sent by a browser, and one that is too large is not allowed anything.
func TestAPreflightOverTheLimitFails(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := newApp(fiber.Config{BodyLimit: 8})
			way.install(app, listed())
			r := serve(t, app).send("OPTIONS / HTTP/1.1\nHost: api.example\nContent-Length: 9\nOrigin: " + allowedOrigin +
				"\nAccess-Control-Request-Method: PUT\n\n123456789")
			assert.Equal(t, 413, r.status)
		})
	}
}

// Where the request's headers could not be read, there is no telling who asks.
func TestHeadersOverTheLimitAreAnError(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := newApp(fiber.Config{ReadBufferSize: 512})
			way.install(app, listed())
			r := serve(t, app).ask("GET", "/", "Origin: "+allowedOrigin, "X-Long: "+strings.Repeat("x", 1024))
			assert.Equal(t, 431, r.status)
			assert.Empty(t, r.corsHeaders())
		})
	}
}

package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// What all the headers are for: what a page in a browser can do, and cannot.
func TestPages(t *testing.T) {
	const url = "https://api.example/items"
	build := func(install func(*fiber.App)) *fiber.App {
		app := newApp(fiber.Config{BodyLimit: 64})
		install(app)
		app.Put("/items", func(c fiber.Ctx) error {
			c.Set("X-Total", "7")
			c.Vary("Accept-Encoding")
			return c.SendString("stored")
		})
		app.Delete("/items", func(fiber.Ctx) error { return fiber.NewError(409, "still in use") })
		app.Get("/items", func(c fiber.Ctx) error { c.RequestCtx().Error("broken", 500); return nil })
		app.Handler() // makes it ready to serve
		return app
	}
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := build(func(app *fiber.App) { way.install(app, listed()) })
			page := corstest.NewServerBrowser(allowedOrigin, app.Server())
			defer page.Close()

			put := corstest.Request{
				Method: "PUT", URL: url, Credentials: corstest.Include, Cookie: "session=1", Body: `{"a":1}`,
				Header: corstest.Header{{"Content-Type", "application/json"}, {"X-Token", "t"}},
			}
			r := corstest.Readable(t, page, put)
			require.Equal(t, 200, r.Status)
			assert.Equal(t, "stored", string(r.Body))
			assert.Contains(t, r.Header, [2]string{"x-total", "7"})

			r = corstest.Readable(t, page, corstest.Request{Method: "DELETE", URL: url, Credentials: corstest.Include})
			assert.Equal(t, 409, r.Status)
			assert.Equal(t, "still in use", string(r.Body))
			assert.Nil(t, r.Preflight(), "the first preflight covers every method")

			r = corstest.Readable(t, page, corstest.Request{URL: url})
			assert.Equal(t, 500, r.Status)

			r = corstest.Readable(t, page, corstest.Request{Method: "POST", URL: "https://api.example/nowhere"})
			assert.Equal(t, 404, r.Status)

			if way.name == "Wrap" || middlewareRunsOverTheLimit {
				large := put
				large.Body = string(make([]byte, 65))
				r = corstest.Readable(t, page, large)
				assert.Equal(t, 413, r.Status)
			}

			corstest.Blocked(t, page, corstest.Request{Method: "PATCH", URL: url})
			corstest.Blocked(t, page, corstest.Request{URL: url, Header: corstest.Header{{"X-Other", "1"}}})

			evil := corstest.NewServerBrowser(refusedOrigin, app.Server())
			defer evil.Close()
			corstest.Blocked(t, evil, put)
			corstest.Blocked(t, evil, corstest.Request{URL: url})
		})
	}
}

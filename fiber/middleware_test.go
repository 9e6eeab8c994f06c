package corsfiber_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cache"
	"github.com/gofiber/fiber/v3/middleware/compress"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/gofiber/fiber/v3/middleware/helmet"
	"github.com/gofiber/fiber/v3/middleware/limiter"
	"github.com/gofiber/fiber/v3/middleware/requestid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	corsfiber "github.com/bytecors/cors/fiber"
)

func TestHeadersAreThereBesideFibersOwnMiddleware(t *testing.T) {
	type answer struct {
		status int
		vary   []string
		header http.Header // some of what the other middleware adds
	}
	body := strings.Repeat("body ", 200)
	for _, other := range []struct {
		name       string
		middleware func() fiber.Handler
		request    []string
		first      answer
		again      answer // to the same request
		insideOnly bool   // as it answers from what it has kept, which is no headers
	}{
		{
			name:       "compress",
			middleware: func() fiber.Handler { return compress.New() },
			request:    []string{"Accept-Encoding: gzip"},
			first:      answer{200, []string{"Accept-Encoding"}, http.Header{"Content-Encoding": {"gzip"}}},
			again:      answer{200, []string{"Accept-Encoding"}, http.Header{"Content-Encoding": {"gzip"}}},
		},
		{
			name:       "compress, not accepted",
			middleware: func() fiber.Handler { return compress.New() },
			first:      answer{200, varyOfUncompressed, nil},
			again:      answer{200, varyOfUncompressed, nil},
		},
		{
			name:       "cache",
			middleware: func() fiber.Handler { return cache.New() },
			first:      answer{200, nil, http.Header{"X-Cache": {"miss"}}},
			again:      answer{200, nil, http.Header{"X-Cache": {"hit"}}},
			insideOnly: true,
		},
		{
			name:       "cache of all headers",
			middleware: func() fiber.Handler { return cache.New(cache.Config{StoreResponseHeaders: true}) },
			first:      answer{200, nil, http.Header{"X-Cache": {"miss"}, "X-Total": {"7"}}},
			again:      answer{200, nil, http.Header{"X-Cache": {"hit"}, "X-Total": {"7"}}},
		},
		{
			name:       "etag",
			middleware: func() fiber.Handler { return etag.New() },
			request:    []string{"If-None-Match: " + tagOf(body)},
			first:      answer{304, nil, nil},
			again:      answer{304, nil, nil},
		},
		{
			name:       "helmet",
			middleware: func() fiber.Handler { return helmet.New() },
			first:      answer{200, nil, http.Header{"X-Content-Type-Options": {"nosniff"}}},
			again:      answer{200, nil, nil},
		},
		{
			name:       "requestid",
			middleware: func() fiber.Handler { return requestid.New() },
			request:    []string{"X-Request-Id: 1"},
			first:      answer{200, nil, http.Header{"X-Request-Id": {"1"}}},
			again:      answer{200, nil, nil},
		},
		{
			name:       "session",
			middleware: sessions,
			first:      answer{200, nil, nil},
			again:      answer{200, nil, nil},
		},
	} {
		for _, way := range installations {
			for _, order := range []string{"inside", "outside"} {
				if order == "outside" && (way.name == "Wrap" || other.insideOnly) {
					continue
				}
				t.Run(other.name+"/"+order+" "+way.name, func(t *testing.T) {
					app := newApp()
					if order == "outside" {
						app.Use(other.middleware())
					}
					way.install(app, listed())
					if order == "inside" {
						app.Use(other.middleware())
					}
					app.Get("/*", func(c fiber.Ctx) error {
						c.Set("X-Total", "7")
						return c.SendString(body)
					})
					w := serve(t, app)
					for _, class := range classes() {
						path := "/" + strings.ReplaceAll(class.name, " ", "-") // the cache knows paths
						for _, want := range []answer{other.first, other.again} {
							r := w.ask("GET", path, append(class.origin, other.request...)...)
							assert.Equal(t, want.status, r.status, class.name)
							for name, values := range want.header {
								assert.Equal(t, values, r.header[name], name)
							}
							assert.Equal(t, class.listed, r.corsHeaders(), class.name)
							assertVary(t, r, append([]string{"Origin"}, want.vary...)...)
						}
					}
				})
			}
		}
	}
}

func TestACacheInsideServesEachOriginItsOwnHeaders(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := newApp()
			way.install(app, listed())
			app.Use(cache.New(cache.Config{StoreResponseHeaders: true}))
			app.Get("/", func(c fiber.Ctx) error { return c.SendString("ok") })
			w := serve(t, app)
			w.ask("GET", "/", "Origin: "+allowedOrigin) // fills the cache
			for _, class := range classes() {
				r := w.ask("GET", "/", class.origin...)
				assert.Equal(t, "hit", r.header.Get("X-Cache"), class.name)
				assert.Equal(t, class.listed, r.corsHeaders(), class.name)
				assertVary(t, r, "Origin")
			}
		})
	}
}

func TestWhatAMiddlewareInsideRefusesIsReadable(t *testing.T) {
	for _, inside := range []struct {
		name       string
		middleware fiber.Handler
		status     int
	}{
		{"limiter", limiter.New(limiter.Config{Max: 1, Expiration: time.Hour}), 429},
		{"authentication", bearer("good"), 401},
	} {
		for _, way := range installations {
			t.Run(inside.name+"/"+way.name, func(t *testing.T) {
				app := newApp()
				way.install(app, listed())
				app.Use(inside.middleware)
				app.Get("/", func(c fiber.Ctx) error { return c.SendString("ok") })
				w := serve(t, app)
				w.ask("GET", "/")
				for _, class := range classes() {
					r := w.ask("GET", "/", class.origin...)
					assert.Equal(t, inside.status, r.status, class.name)
					assert.Equal(t, class.listed, r.corsHeaders(), class.name)
					assertVary(t, r, "Origin")
				}
				assert.Equal(t, 204, w.preflight("/", allowedOrigin, "PUT").status, "a preflight does not get so far")
			})
		}
	}
}

// A logger in front prints the error that the handler returned, so the middleware must pass it on.
func TestALoggerSeesTheError(t *testing.T) {
	for _, order := range []string{"inside", "outside"} {
		t.Run(order, func(t *testing.T) {
			var log bytes.Buffer
			logging := loggingTo(&log)
			app := newApp()
			if order == "outside" {
				app.Use(logging)
			}
			app.Use(corsfiber.New(listed()))
			if order == "inside" {
				app.Use(logging)
			}
			app.Get("/", func(fiber.Ctx) error { return fiber.NewError(418, "teapot") })
			r := serve(t, app).ask("GET", "/", "Origin: "+allowedOrigin)
			require.Equal(t, 418, r.status)
			assert.Equal(t, "418 teapot\n", log.String())
			assert.Equal(t, []string{allowedOrigin}, r.header.Values("Access-Control-Allow-Origin"))
		})
	}
}

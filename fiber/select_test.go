package corsfiber_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// choosers are the two ways to put a choice in front of an app. pick is asked about a path.
var choosers = []struct {
	name    string
	install func(app *fiber.App, pick func(path string) *cors.Middleware)
}{
	{"Select", func(app *fiber.App, pick func(string) *cors.Middleware) {
		app.Use(corsfiber.Select(func(c fiber.Ctx) *cors.Middleware { return pick(c.Path()) }))
	}},
	{"WrapSelect", func(app *fiber.App, pick func(string) *cors.Middleware) {
		corsfiber.WrapSelect(app, func(ctx *fasthttp.RequestCtx) *cors.Middleware { return pick(string(ctx.Path())) })
	}},
}

// pickByPath has listed's policy for /api, the public one for /public, and none for the rest.
func pickByPath() func(path string) *cors.Middleware {
	api, public := cors.MustNew(listed()), cors.MustNew(public())
	return func(path string) *cors.Middleware {
		switch {
		case strings.HasPrefix(path, "/api"):
			return api
		case strings.HasPrefix(path, "/public"):
			return public
		}
		return nil
	}
}

func TestAPolicyIsChosenForEachRequest(t *testing.T) {
	answer := func(c fiber.Ctx) error {
		if c.Query("fails") != "" {
			return fiber.ErrTeapot
		}
		return c.SendString("ok")
	}
	for _, routes := range []struct {
		name string
		add  func(app *fiber.App)
	}{
		{"routes of one method", func(app *fiber.App) {
			for _, path := range []string{"/api/a", "/public/a", "/other/a"} {
				app.Get(path, answer)
			}
		}},
		{"groups", func(app *fiber.App) {
			for _, prefix := range []string{"/api", "/public", "/other"} {
				app.Group(prefix).Get("/a", answer)
			}
		}},
		{"mounted apps", func(app *fiber.App) {
			for _, prefix := range []string{"/api", "/public", "/other"} {
				sub := newApp()
				sub.Get("/a", answer)
				app.Use(prefix, sub)
			}
		}},
	} {
		for _, way := range choosers {
			t.Run(routes.name+"/"+way.name, func(t *testing.T) {
				app := newApp()
				way.install(app, pickByPath())
				routes.add(app)
				w := serve(t, app)
				for query, status := range map[string]int{"": 200, "?fails=1": 418} {
					for _, class := range classes() {
						for path, want := range map[string]http.Header{"/api/a": class.listed, "/public/a": class.public, "/other/a": {}} {
							r := w.ask("GET", path+query, class.origin...)
							assert.Equal(t, status, r.status, path+query)
							assert.Equal(t, want, r.corsHeaders(), "%s %s", class.name, path)
						}
					}
				}
				assertPreflight(t, w.preflight("/api/a", allowedOrigin, "PUT", "x-token"), 204, preflightHeaders())
				assertPreflight(t, w.preflight("/api/a", refusedOrigin, "GET"), 403, http.Header{})
				assertPreflight(t, w.preflight("/public/a", refusedOrigin, "GET"), 204, http.Header{"Access-Control-Allow-Origin": {"*"}})
				assertPreflight(t, w.preflight("/public/a", refusedOrigin, "PUT"), 403, http.Header{})
				none := w.preflight("/other/a", allowedOrigin, "GET")
				assert.Equal(t, 405, none.status, "what Fiber says to a method that no route has")
				assert.Empty(t, none.corsHeaders())
			})
		}
	}
}

func TestErrorsOfTheServerAreUnderTheChosenPolicy(t *testing.T) {
	app := newApp(fiber.Config{BodyLimit: 8})
	corsfiber.WrapSelect(app, func(ctx *fasthttp.RequestCtx) *cors.Middleware { return pickByPath()(string(ctx.Path())) })
	w := serve(t, app)
	for path, want := range map[string]http.Header{"/api": classes()[0].listed, "/public": classes()[0].public, "/": {}} {
		r := w.send("POST " + path + " HTTP/1.1\nHost: a\nOrigin: " + allowedOrigin + "\nContent-Length: 9\n\n123456789")
		assert.Equal(t, 413, r.status, path)
		assert.Equal(t, want, r.corsHeaders(), path)
	}
}

func TestSelectTakesTheOptionsOfNew(t *testing.T) {
	m := cors.MustNew(listed())
	app := newApp()
	app.Use(corsfiber.Select(func(fiber.Ctx) *cors.Middleware { return m },
		corsfiber.Next(func(c fiber.Ctx) bool { return c.Path() == "/skipped" })))
	w := serve(t, app)
	assert.Equal(t, classes()[0].listed, w.ask("GET", "/", "Origin: "+allowedOrigin).corsHeaders())
	assert.Empty(t, w.ask("GET", "/skipped", "Origin: "+allowedOrigin).corsHeaders())
}

func TestNilChoicesAreFoundWhenTheAppIsMade(t *testing.T) {
	assert.Panics(t, func() { corsfiber.Select(nil) })
	assert.Panics(t, func() { corsfiber.WrapSelect(newApp(), nil) })
}

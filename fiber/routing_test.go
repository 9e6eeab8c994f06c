package corsfiber_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// preflightHeaders are those of a preflight that listed() allows.
func preflightHeaders() http.Header {
	return http.Header{
		"Access-Control-Allow-Origin":      {allowedOrigin},
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Allow-Methods":     {"PUT,DELETE"},
		"Access-Control-Allow-Headers":     {"content-type,x-token"},
		"Access-Control-Max-Age":           {"600"},
	}
}

func assertPreflight(t testing.TB, r reply, status int, want http.Header) {
	t.Helper()
	assert.Equal(t, status, r.status)
	assert.Equal(t, want, r.corsHeaders())
	assert.Empty(t, r.body)
	assertVary(t, r, "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
}

func TestPreflightsAreAnsweredWhateverIsRouted(t *testing.T) {
	unreachable := func(t testing.TB) fiber.Handler {
		return func(fiber.Ctx) error {
			t.Error("a handler has run")
			return nil
		}
	}
	for _, routes := range []struct {
		name   string
		config fiber.Config
		add    func(testing.TB, *fiber.App)
	}{
		{"nothing", fiber.Config{}, func(testing.TB, *fiber.App) {}},
		{"GET only", fiber.Config{}, func(t testing.TB, app *fiber.App) { app.Get("/", unreachable(t)) }},
		{"all methods", fiber.Config{}, func(t testing.TB, app *fiber.App) { app.All("/", unreachable(t)) }},
		{"the user's own OPTIONS", fiber.Config{}, func(t testing.TB, app *fiber.App) { app.Options("/", unreachable(t)) }},
		{"a middleware behind", fiber.Config{}, func(t testing.TB, app *fiber.App) { app.Use(unreachable(t)) }},
		{"a recover behind", fiber.Config{}, func(_ testing.TB, app *fiber.App) { app.Use(recover.New()) }},
		{"Immutable", fiber.Config{Immutable: true}, func(testing.TB, *fiber.App) {}},
		{"names not normalized", fiber.Config{DisableHeaderNormalizing: true}, func(testing.TB, *fiber.App) {}},
	} {
		for _, way := range installations {
			t.Run(routes.name+"/"+way.name, func(t *testing.T) {
				app := newApp(routes.config)
				way.install(app, listed())
				routes.add(t, app)
				w := serve(t, app)
				for _, path := range []string{"/", "/nowhere"} {
					assertPreflight(t, w.preflight(path, allowedOrigin, "PUT", "content-type", "x-token"), 204, preflightHeaders())
					assertPreflight(t, w.preflight(path, allowedOrigin, "GET"), 204, preflightHeaders())
					assertPreflight(t, w.preflight(path, refusedOrigin, "PUT"), 403, http.Header{})
					assertPreflight(t, w.preflight(path, allowedOrigin, "PATCH"), 403, http.Header{})
					assertPreflight(t, w.preflight(path, allowedOrigin, "PUT", "x-other"), 403, http.Header{})
				}
			})
		}
	}
}

func TestNamesInLowerCaseAreFoundWithoutNormalization(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := newApp(fiber.Config{DisableHeaderNormalizing: true})
			way.install(app, listed())
			r := serve(t, app).ask("OPTIONS", "/", "origin: "+allowedOrigin,
				"access-control-request-method: PUT", "access-control-request-headers: x-token")
			assertPreflight(t, r, 204, preflightHeaders())
		})
	}
}

func TestWhereTheMiddlewareIsRegistered(t *testing.T) {
	ok := func(c fiber.Ctx) error { return c.SendString("ok") }
	failing := func(status int) fiber.Config {
		return fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
			return c.Status(status).SendString(err.Error())
		}}
	}
	for _, c := range []struct {
		name     string
		build    func() *fiber.App
		covered  []string // GET, and a preflight
		outside  []string
		statuses map[string]int // of GET, where it is not 200
	}{
		{
			name: "the app",
			build: func() *fiber.App {
				app := newApp()
				app.Use(corsfiber.New(listed()))
				app.Get("/", ok)
				return app
			},
			covered:  []string{"/", "/nowhere"},
			statuses: map[string]int{"/nowhere": 404},
		},
		{
			name: "a path",
			build: func() *fiber.App {
				app := newApp()
				app.Use("/api", corsfiber.New(listed()))
				app.Get("/api/a", ok)
				app.Get("/b", ok)
				return app
			},
			covered:  []string{"/api/a", "/api/nowhere"},
			outside:  []string{"/b"},
			statuses: map[string]int{"/api/nowhere": 404},
		},
		{
			name: "a group",
			build: func() *fiber.App {
				app := newApp()
				app.Group("/api", corsfiber.New(listed())).Get("/a", ok)
				app.Get("/b", ok)
				return app
			},
			covered:  []string{"/api/a", "/api/nowhere"},
			outside:  []string{"/b"},
			statuses: map[string]int{"/api/nowhere": 404},
		},
		{
			name: "all methods of a route",
			build: func() *fiber.App {
				app := newApp()
				app.All("/a", corsfiber.New(listed()), ok)
				app.Get("/b", ok)
				return app
			},
			covered: []string{"/a"},
			outside: []string{"/b"},
		},
		{
			name: "behind a route, which it does not cover",
			build: func() *fiber.App {
				app := newApp()
				app.Get("/a", ok)
				app.Use(corsfiber.New(listed()))
				app.Get("/b", ok)
				return app
			},
			covered: []string{"/b"},
		},
		{
			name: "the parent of a mounted app",
			build: func() *fiber.App {
				sub := newApp(failing(418))
				sub.Get("/a", ok)
				sub.Get("/fails", func(fiber.Ctx) error { return fiber.ErrTeapot })
				app := newApp(failing(500))
				app.Use(corsfiber.New(listed()))
				app.Use("/sub", sub)
				return app
			},
			covered:  []string{"/sub/a", "/sub/fails", "/nowhere"},
			statuses: map[string]int{"/sub/fails": 418, "/nowhere": 500},
		},
		{
			name: "a mounted app",
			build: func() *fiber.App {
				sub := newApp(failing(418))
				sub.Use(corsfiber.New(listed()))
				sub.Get("/a", ok)
				sub.Get("/fails", func(fiber.Ctx) error { return fiber.ErrTeapot })
				app := newApp()
				app.Use("/sub", sub)
				app.Get("/b", ok)
				return app
			},
			covered:  []string{"/sub/a", "/sub/fails"},
			outside:  []string{"/b"},
			statuses: map[string]int{"/sub/fails": 418},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t, c.build())
			for _, path := range c.covered {
				assertPreflight(t, w.preflight(path, allowedOrigin, "PUT", "x-token"), 204, preflightHeaders())
				want := 200
				if status, ok := c.statuses[path]; ok {
					want = status
				}
				for _, class := range classes() {
					r := w.ask("GET", path, class.origin...)
					assert.Equal(t, want, r.status, path)
					assert.Equal(t, class.listed, r.corsHeaders(), path)
					assertVary(t, r, "Origin")
				}
			}
			for _, path := range c.outside {
				assert.Empty(t, w.preflight(path, allowedOrigin, "PUT").corsHeaders(), path)
				assert.Empty(t, w.ask("GET", path, "Origin: "+allowedOrigin).corsHeaders(), path)
			}
		})
	}
}

func TestAHandlerForOPTIONSInFrontAnswersPreflightsItself(t *testing.T) {
	app := newApp()
	app.Options("/", func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://own.example")
		return c.SendStatus(200)
	})
	app.Use(corsfiber.New(listed()))
	r := serve(t, app).preflight("/", allowedOrigin, "PUT")
	assert.Equal(t, 200, r.status)
	assert.Equal(t, http.Header{"Access-Control-Allow-Origin": {"https://own.example"}}, r.corsHeaders())
}

func TestOfTwoPoliciesTheOuterOneHasTheLastWord(t *testing.T) {
	inner := listed()
	inner.AllowOrigins = []string{refusedOrigin}
	app := newApp()
	app.Use(corsfiber.New(listed()))
	app.Group("/inner", corsfiber.New(inner)).Get("/", func(c fiber.Ctx) error { return c.SendString("ok") })
	w := serve(t, app)
	for _, class := range classes() {
		r := w.ask("GET", "/inner", class.origin...)
		assert.Equal(t, class.listed, r.corsHeaders(), class.name)
		assertVary(t, r, "Origin")
	}
	assertPreflight(t, w.preflight("/inner", allowedOrigin, "PUT"), 204, preflightHeaders())
	assertPreflight(t, w.preflight("/inner", refusedOrigin, "PUT"), 403, http.Header{})
}

func TestNextSkips(t *testing.T) {
	app := newApp()
	app.Use(corsfiber.New(listed(), corsfiber.Next(func(c fiber.Ctx) bool {
		return strings.HasPrefix(c.Path(), "/internal")
	})))
	app.Get("/*", func(c fiber.Ctx) error { return c.SendString("ok") })
	w := serve(t, app)

	skipped := w.ask("GET", "/internal", "Origin: "+allowedOrigin)
	assert.Equal(t, 200, skipped.status)
	assert.Empty(t, skipped.corsHeaders())
	assertVary(t, skipped)
	assert.Equal(t, 405, w.preflight("/internal", allowedOrigin, "PUT").status)

	assert.Equal(t, classes()[0].listed, w.ask("GET", "/api", "Origin: "+allowedOrigin).corsHeaders())
	assertPreflight(t, w.preflight("/api", allowedOrigin, "PUT"), 204, preflightHeaders())
}

func TestNextGivesWayToAPolicyFurtherIn(t *testing.T) {
	app := newApp()
	app.Use(corsfiber.New(listed(), corsfiber.Next(func(c fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/public") })))
	app.Group("/public", corsfiber.New(public())).Get("/a", func(c fiber.Ctx) error { return c.SendString("ok") })
	w := serve(t, app)
	for _, class := range classes() {
		assert.Equal(t, class.public, w.ask("GET", "/public/a", class.origin...).corsHeaders(), class.name)
	}
	assertPreflight(t, w.preflight("/public/a", refusedOrigin, "GET"), 204, http.Header{"Access-Control-Allow-Origin": {"*"}})
	assertPreflight(t, w.preflight("/", refusedOrigin, "GET"), 403, http.Header{})
}

func TestAMiddlewareIsSharedAndReconfigured(t *testing.T) {
	m := cors.MustNew(listed())
	first, second, third := newApp(), newApp(), newApp()
	first.Use(corsfiber.NewWith(m))
	second.Use(corsfiber.NewWith(m, corsfiber.Next(func(fiber.Ctx) bool { return false })))
	corsfiber.Wrap(third, m)
	wires := []wire{serve(t, first), serve(t, second), serve(t, third)}
	for _, w := range wires {
		assertPreflight(t, w.preflight("/", allowedOrigin, "PUT"), 204, preflightHeaders())
	}
	moved := listed()
	moved.AllowOrigins = []string{"https://moved.example"}
	require.NoError(t, m.Reconfigure(moved))
	for _, w := range wires {
		assertPreflight(t, w.preflight("/", allowedOrigin, "PUT"), 403, http.Header{})
		assert.Equal(t, 204, w.preflight("/", "https://moved.example", "PUT").status)
	}
}

func TestTheZeroMiddlewarePassesEverythingThrough(t *testing.T) {
	app := newApp()
	app.Use(corsfiber.NewWith(new(cors.Middleware)))
	app.Get("/", func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://own.example")
		return nil
	})
	r := serve(t, app).ask("GET", "/", "Origin: "+allowedOrigin)
	assert.Equal(t, http.Header{"Access-Control-Allow-Origin": {"https://own.example"}}, r.corsHeaders())
}

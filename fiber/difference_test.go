package corsfiber_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// summary is the status, and the headers that CORS is about.
func (r reply) summary() string {
	var lines []string
	for name, values := range r.header {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok || name == "Vary" {
			lines = append(lines, short+": "+strings.Join(values, " | "))
		}
	}
	slices.Sort(lines)
	return strings.Join(append([]string{fmt.Sprint(r.status)}, lines...), "\n")
}

// A difference is between Fiber's own middleware and this one, with the same policy and request.
type difference struct {
	name    string
	policy  cors.Config
	config  fiber.Config
	handle  fiber.Handler // of every request
	request []string
	fibers  string
	ours    string
}

// What docs/migration.md says about them.
func TestWhatDiffersFromFibersOwnMiddleware(t *testing.T) {
	const vary = "\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	const fibersVary = "\nVary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin"
	subdomains := cors.Config{AllowOrigins: []string{"https://*.example.com"}}
	one := cors.Config{AllowOrigins: []string{allowedOrigin}, AllowMethods: []string{"PUT"}, ExposeHeaders: []string{"X-Total"}}
	everybody := cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}}
	for _, c := range slices.Concat(differencesOfThisVersion(), []difference{
		{
			name: "a preflight from an origin that is not allowed", policy: one,
			request: []string{"OPTIONS /", "Origin: " + refusedOrigin, "Access-Control-Request-Method: PUT"},
			fibers:  "204\nAllow-Methods: PUT\nExpose-Headers: X-Total" + fibersVary,
			ours:    "403" + vary,
		},
		{
			name: "a preflight for a method that is not allowed", policy: one,
			request: []string{"OPTIONS /", "Origin: " + allowedOrigin, "Access-Control-Request-Method: PATCH"},
			fibers:  "204\nAllow-Methods: PUT\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total" + fibersVary,
			ours:    "403" + vary,
		},
		{
			name: "a preflight for headers that are not listed", policy: one,
			request: []string{"OPTIONS /", "Origin: " + allowedOrigin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-any"},
			fibers:  "204\nAllow-Headers: x-any\nAllow-Methods: PUT\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total" + fibersVary,
			ours:    "403" + vary,
		},
		{
			name: "Expose-Headers, where the origin may not read anything", policy: one,
			request: []string{"GET /", "Origin: " + refusedOrigin},
			fibers:  "200\nExpose-Headers: X-Total\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "an origin that no browser sends: upper case", policy: one,
			request: []string{"GET /", "Origin: HTTPS://APP.EXAMPLE"},
			fibers:  "200\nAllow-Origin: " + upperCaseAnswered + "\nExpose-Headers: X-Total\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "an origin that no browser sends: a path", policy: subdomains,
			request: []string{"GET /", "Origin: https://evil.com/.example.com"},
			fibers:  "200\nAllow-Origin: https://evil.com/.example.com\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "an origin that no browser sends: two lines", policy: one,
			request: []string{"GET /", "Origin: " + allowedOrigin, "Origin: " + refusedOrigin},
			fibers:  "200\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "no Origin, and every origin allowed", policy: everybody,
			request: []string{"GET /"},
			fibers:  "200",
			ours:    "200\nAllow-Origin: *",
		},
		{
			name: "OPTIONS that is no preflight", policy: one,
			request: []string{"OPTIONS /", "Origin: " + allowedOrigin},
			fibers:  "200\nVary: Origin",
			ours: "200\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\n" +
				"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
		},
		{
			name: "names in lower case, not normalized", policy: one, config: fiber.Config{DisableHeaderNormalizing: true},
			request: []string{"GET /", "origin: " + allowedOrigin},
			fibers:  "200\nVary: Origin",
			ours:    "200\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\nVary: Origin",
		},
		{
			name: "a response that the handler resets", policy: one,
			request: []string{"GET /", "Origin: " + allowedOrigin},
			handle:  func(c fiber.Ctx) error { c.RequestCtx().Error("broken", 500); return nil },
			fibers:  "500",
			ours:    "500\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\nVary: Origin",
		},
		{
			name: "Vary that the handler sets", policy: one,
			request: []string{"GET /", "Origin: " + allowedOrigin},
			handle:  func(c fiber.Ctx) error { c.Set("Vary", "Accept"); return nil },
			fibers:  "200\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\nVary: Accept",
			ours:    "200\nAllow-Origin: " + allowedOrigin + "\nExpose-Headers: X-Total\nVary: Accept, Origin",
		},
		{
			name: "CORS headers that the handler sets", policy: one,
			request: []string{"GET /", "Origin: " + refusedOrigin},
			handle:  func(c fiber.Ctx) error { c.Set("Access-Control-Allow-Origin", "*"); return nil },
			fibers:  "200\nAllow-Origin: *\nExpose-Headers: X-Total\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
		{
			name: "a policy inside of another", policy: one,
			request: []string{"GET /inner", "Origin: " + refusedOrigin},
			fibers:  "200\nAllow-Origin: *\nExpose-Headers: X-Total\nVary: Origin",
			ours:    "200\nVary: Origin",
		},
	}) {
		t.Run(c.name, func(t *testing.T) {
			answer := func(middleware func(cors.Config) fiber.Handler) string {
				app := newApp(c.config)
				app.Use(middleware(c.policy))
				app.Use("/inner", middleware(everybody))
				if c.handle == nil {
					c.handle = func(c fiber.Ctx) error { return c.SendStatus(200) }
				}
				app.Use(c.handle)
				method, path, _ := strings.Cut(c.request[0], " ")
				return serve(t, app).ask(method, path, c.request[1:]...).summary()
			}
			assert.Equal(t, c.fibers, answer(fibersOwn), "Fiber's")
			assert.Equal(t, c.ours, answer(func(config cors.Config) fiber.Handler { return corsfiber.New(config) }), "ours")
		})
	}
}

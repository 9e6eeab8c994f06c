package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
	corsfiber "github.com/bytecors/cors/fiber"
)

// TestProtectRefusesWhatComesFromElsewhere, readably for a page that CORS allows.
func TestProtectRefusesWhatComesFromElsewhere(t *testing.T) {
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{allowedOrigin}, AllowMethods: []string{"DELETE"}, AllowCredentials: true,
	})
	reader := cors.MustNew(cors.Config{AllowOrigins: []string{allowedOrigin}})
	for _, test := range []struct {
		name     string
		policy   *cors.Middleware
		method   string
		lines    []string
		status   int
		readable bool
	}{
		{"same origin", m, "POST", []string{"Sec-Fetch-Site: same-origin", "Origin: https://api.example"}, 200, false},
		{"same host", m, "POST", []string{"Origin: https://api.example"}, 200, false},
		{"no browser", m, "DELETE", nil, 200, false},
		{"trusted", m, "DELETE", []string{"Sec-Fetch-Site: cross-site", "Origin: " + allowedOrigin}, 200, true},
		{"readable, but not trusted", reader, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + allowedOrigin}, 403, true},
		{"another", m, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + refusedOrigin}, 403, false},
		{"another, with a safe method", m, "GET", []string{"Sec-Fetch-Site: cross-site", "Origin: " + refusedOrigin}, 200, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			handled := 0
			app := newApp()
			app.Use(corsfiber.NewWith(test.policy))
			app.Use(corsfiber.Protect(crossorigin.MustNew(crossorigin.Options{TrustPolicy: test.policy})))
			app.All("/", func(c fiber.Ctx) error {
				handled++
				return c.SendString("handled")
			})
			r := serve(t, app).ask(test.method, "/", test.lines...)
			require.Equal(t, test.status, r.status)
			assert.Equal(t, test.status == 200, handled == 1)
			assert.Equal(t, test.readable, r.header.Get("Access-Control-Allow-Origin") == allowedOrigin)
			assertVary(t, r, "Origin")
		})
	}
}

// TestNoRouteBypassesTheProtectionOfAnother: Fiber routes by the path as it was sent, fasthttp decodes it.
func TestNoRouteBypassesTheProtectionOfAnother(t *testing.T) {
	for _, unescape := range []bool{false, true} {
		var handled string
		app := newApp(fiber.Config{UnescapePath: unescape})
		app.Use(corsfiber.Protect(crossorigin.MustNew(crossorigin.Options{DangerouslyBypass: []string{"/hooks/"}})))
		app.Post("/transfer/:to", func(c fiber.Ctx) error {
			handled = "transfer"
			return nil
		})
		app.Post("/hooks/*", func(c fiber.Ctx) error {
			handled = "hook"
			return nil
		})
		w := serve(t, app)
		for _, path := range []string{
			"/transfer/x", "/transfer/..%2fhooks%2fx", "/transfer/%2e%2e%2fhooks%2fx", "/hooks/../transfer/x", "/hooks/..%2ftransfer%2fx",
			"/transfer/x%2f..%2f..%2fhooks%2f", "/TRANSFER/x", "/HOOKS/x", "//hooks/x",
		} {
			handled = ""
			r := w.ask("POST", path, "Sec-Fetch-Site: cross-site", "Content-Length: 0")
			assert.Equal(t, 403, r.status, path)
			assert.Empty(t, handled, path)
		}
		assert.Equal(t, 200, w.ask("POST", "/hooks/x", "Sec-Fetch-Site: cross-site", "Content-Length: 0").status)
		assert.Equal(t, "hook", handled)
	}
}

// TestARefusalCanGoToTheErrorHandler, as what Protect's comment says.
func TestARefusalCanGoToTheErrorHandler(t *testing.T) {
	var p crossorigin.Protection
	app := newApp(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		return c.Status(418).SendString(err.Error())
	}})
	app.Use(func(c fiber.Ctx) error {
		if err := p.Check(c.RequestCtx()); err != nil {
			return err
		}
		return c.Next()
	})
	r := serve(t, app).ask("POST", "/", "Sec-Fetch-Site: cross-site", "Content-Length: 0")
	require.Equal(t, 418, r.status)
	require.Equal(t, `cross-origin request refused: Sec-Fetch-Site is "cross-site", and there is no Origin that could be trusted`, r.body)
}

func TestProtectNeedsAProtection(t *testing.T) {
	require.PanicsWithValue(t, "corsfiber: Protect with a nil Protection", func() { corsfiber.Protect(nil) })
}

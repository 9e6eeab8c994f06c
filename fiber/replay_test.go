package corsfiber_test

import (
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/idempotency"
	"github.com/stretchr/testify/assert"

	corsfiber "github.com/bytecors/cors/fiber"
)

// Fiber's idempotency middleware keeps a response with its headers, and sends it again. In front of the policy it
// keeps the headers that were meant for the first origin, as docs/migration.md says; behind it, it keeps none.
func TestAReplayedResponse(t *testing.T) {
	const second = "https://second.example"
	policy := listed()
	policy.AllowOrigins = append(policy.AllowOrigins, second)
	policy.AllowHeaders = append(policy.AllowHeaders, "X-Idempotency-Key")
	for _, c := range []struct {
		name    string
		use     func(*fiber.App)
		replies string
	}{
		{"behind the policy", func(app *fiber.App) {
			app.Use(corsfiber.New(policy))
			app.Use(idempotency.New())
		}, second},
		{"in front of it", func(app *fiber.App) {
			app.Use(idempotency.New())
			app.Use(corsfiber.New(policy))
		}, allowedOrigin},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := newApp()
			c.use(app)
			runs := 0
			app.Post("/", func(fiber.Ctx) error { runs++; return nil })
			w := serve(t, app)
			const key = "X-Idempotency-Key: 00000000-0000-0000-0000-000000000001"
			first := w.ask("POST", "/", "Content-Length: 0", "Origin: "+allowedOrigin, key)
			assert.Equal(t, allowedOrigin, first.header.Get("Access-Control-Allow-Origin"))
			again := w.ask("POST", "/", "Content-Length: 0", "Origin: "+second, key)
			assert.Equal(t, 1, runs)
			assert.Equal(t, http.Header{
				"Access-Control-Allow-Origin":      {c.replies},
				"Access-Control-Allow-Credentials": {"true"},
				"Access-Control-Expose-Headers":    {"X-Total"},
			}, again.corsHeaders())
		})
	}
}

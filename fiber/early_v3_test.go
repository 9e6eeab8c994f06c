package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"

	corsfiber "github.com/bytecors/cors/fiber"
)

func TestEarlyHeadersGoOutWithAResponseThatTheHandlerSends(t *testing.T) {
	app := newApp()
	app.Use(corsfiber.New(listed(), corsfiber.Early()))
	app.Get("/end", func(c fiber.Ctx) error {
		c.Response().SetBodyString("sent")
		return c.End()
	})
	app.Get("/return", func(c fiber.Ctx) error {
		c.Response().Reset()
		c.Set("Access-Control-Allow-Origin", "*")
		return nil
	})
	w := serve(t, app)
	for _, path := range []string{"/end", "/return"} {
		for _, class := range classes() {
			r := w.ask("GET", path, class.origin...)
			assert.Equal(t, class.listed, r.corsHeaders(), path+" "+class.name)
			assertVary(t, r, "Origin")
		}
	}
}

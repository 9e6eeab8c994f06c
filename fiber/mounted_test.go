package corsfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// The server of an app that is mounted in another never runs, so that a policy around it would do nothing.
func TestWrapOfAMountedAppIsRefused(t *testing.T) {
	const want = "corsfiber: Wrap of an app that is mounted in another: wrap the outer app, or use New in this one"
	for _, way := range []struct {
		name string
		wrap func(*fiber.App)
	}{
		{"Wrap", func(app *fiber.App) { corsfiber.Wrap(app, cors.MustNew(listed())) }},
		{"WrapSelect", func(app *fiber.App) {
			corsfiber.WrapSelect(app, func(*fasthttp.RequestCtx) *cors.Middleware { return nil })
		}},
	} {
		for _, prefix := range []string{"/", "/sub"} {
			t.Run(way.name+", then mounted at "+prefix, func(t *testing.T) {
				app, sub := newApp(), newApp()
				way.wrap(sub)
				assert.PanicsWithValue(t, want, func() { app.Use(prefix, sub) })
			})
			t.Run(way.name+", mounted before at "+prefix, func(t *testing.T) {
				app, sub := newApp(), newApp()
				app.Use(prefix, sub)
				assert.PanicsWithValue(t, want, func() { way.wrap(sub) })
			})
			t.Run(way.name+", mounted in a group at "+prefix, func(t *testing.T) {
				app, sub := newApp(), newApp()
				way.wrap(sub)
				assert.PanicsWithValue(t, want, func() { app.Group("/group").Use(prefix, sub) })
			})
			t.Run(way.name+" of the app in which it is mounted at "+prefix, func(t *testing.T) {
				app, sub := newApp(), newApp()
				app.Use(prefix, sub)
				assert.NotPanics(t, func() { way.wrap(app) })
			})
		}
	}
}

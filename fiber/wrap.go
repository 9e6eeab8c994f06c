package corsfiber

import (
	"github.com/bytecors/cors"
	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// Wrap puts m around the whole app, in place of a middleware from New or NewWith. It has to be called before
// the app serves. For what is built on app.Handler, which bypasses the app's server, use m.Wrap on that. An app
// that is mounted in another has no server of its own: Wrap panics, and so does mounting an app after it.
// The options are for WrapErrorHandler, which answers bodies over the app's BodyLimit.
func Wrap(app *fiber.App, m *cors.Middleware, options ...cors.ErrorOption) {
	switch {
	case app == nil:
		panic("corsfiber: Wrap of a nil App")
	case m == nil:
		panic("corsfiber: Wrap with a nil Middleware")
	}
	refuseMounting(app)
	server := app.Server()
	server.Handler = m.Wrap(server.Handler)
	server.ErrorHandler = m.WrapErrorHandler(server.ErrorHandler, options...)
}

// WrapSelect is like Wrap, with a Middleware that is chosen for each request, as by [cors.Select]. Mind that
// Fiber has not seen the request then.
func WrapSelect(app *fiber.App, choose func(*fasthttp.RequestCtx) *cors.Middleware, options ...cors.ErrorOption) {
	refuseMounting(app)
	server := app.Server()
	server.Handler = cors.Select(choose, server.Handler)
	server.ErrorHandler = cors.SelectErrorHandler(choose, server.ErrorHandler, options...)
}

// refuseMounting panics when the app is, or comes to be, a part of another, which runs its routes and not its
// server: what Wrap put around that would never run, and nothing would say so.
func refuseMounting(app *fiber.App) {
	refuse := func() {
		panic("corsfiber: Wrap of an app that is mounted in another: wrap the outer app, or use New in this one")
	}
	if app.MountPath() != "" {
		refuse()
	}
	app.Hooks().OnMount(func(*fiber.App) error {
		refuse()
		return nil
	})
}

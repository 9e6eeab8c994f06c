// Package corsfiber puts CORS in front of a Fiber v3 app. Package github.com/bytecors/cors says what it does;
// here is where it is put.
//
// As a middleware of Fiber, for an app, a group or a path:
//
//	app := fiber.New()
//	app.Use(corsfiber.New(cors.Config{
//		AllowOrigins: []string{"https://example.com"},
//	}))
//
// Register it in front of the routes, and in front of middleware that may answer by itself (such as a
// limiter, or authentication: preflights never carry credentials). The headers are written when the handlers
// behind it are done, whatever they did. Of two that a request goes through, the outer one has the last word.
//
// An error that a handler returns goes on to the app's ErrorHandler, and so past every middleware. Fiber's own
// ErrorHandler, and one that sets a status and a body, keep the headers. For one that resets the response, or
// sets Vary or CORS headers, use [Wrap].
//
// # Around the whole app
//
//	corsfiber.Wrap(app, cors.MustNew(cors.Config{
//		AllowOrigins: []string{"https://example.com"},
//	}))
//
// puts it around everything that Fiber does, and is not to be combined with the above. Nothing that happens
// inside can lose the headers: no ErrorHandler, and none of the answers that Fiber gives before it comes to any
// middleware, such as to a method that it does not know.
package corsfiber

import (
	"github.com/bytecors/cors"
	"github.com/gofiber/fiber/v3"
)

// New returns a middleware with the policy that config describes. It panics with an error that joins a
// [*cors.ConfigError] for each mistake in config.
func New(config cors.Config, options ...Option) fiber.Handler {
	return NewWith(cors.MustNew(config), options...)
}

// NewWith is like New, for an m that is shared with other apps, or that Reconfigure, SetDebug or AllowsOrigin
// is to be called on.
func NewWith(m *cors.Middleware, options ...Option) fiber.Handler {
	if m == nil {
		panic("corsfiber: NewWith of a nil Middleware")
	}
	o := newSettings(options)
	return func(c fiber.Ctx) error {
		if o.next != nil && o.next(c) {
			return c.Next()
		}
		return o.serve(c, m)
	}
}

// Select is like NewWith, with a Middleware that is chosen for each request, preflights included; where choose
// returns nil, CORS has no part in the exchange. [cors.Select] says what a choice may depend on. Register it in
// front of the routes: c.Path is there, and c.Params, c.Route and what handlers store are not yet. Mind that
// Fiber's routes match paths in any case, unless fiber.Config.CaseSensitive is set.
func Select(choose func(fiber.Ctx) *cors.Middleware, options ...Option) fiber.Handler {
	if choose == nil {
		panic("corsfiber: Select of a nil function")
	}
	o := newSettings(options)
	return func(c fiber.Ctx) error {
		if o.next != nil && o.next(c) {
			return c.Next()
		}
		if m := choose(c); m != nil {
			return o.serve(c, m)
		}
		return c.Next()
	}
}

// serve is one request under m.
func (o *settings) serve(c fiber.Ctx, m *cors.Middleware) error {
	ctx := c.RequestCtx()
	var x cors.Exchange
	if m.Begin(ctx, &x) {
		return nil
	}
	if o.early {
		x.Finish(ctx)
	}
	defer x.Finish(ctx)
	return c.Next()
}

// An Option is for New, NewWith and Select.
type Option func(*settings)

type settings struct {
	next  func(fiber.Ctx) bool
	early bool
}

func newSettings(options []Option) *settings {
	o := new(settings)
	for _, set := range options {
		set(o)
	}
	return o
}

// Next skips the middleware for requests for which skip returns true, preflights included. Mind that a
// preflight has the path of the request that it is for, but method OPTIONS and none of its headers.
func Next(skip func(fiber.Ctx) bool) Option {
	return func(o *settings) { o.next = skip }
}

// Early writes the headers before the handlers run as well as after, for handlers that send the response
// themselves, with c.End.
func Early() Option {
	return func(o *settings) { o.early = true }
}

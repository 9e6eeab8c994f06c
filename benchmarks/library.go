package main

import (
	"net/http"
	"strings"

	fiberv2 "github.com/gofiber/fiber/v2"
	fiberv2cors "github.com/gofiber/fiber/v2/middleware/cors"
	fiberv3 "github.com/gofiber/fiber/v3"
	fiberv3cors "github.com/gofiber/fiber/v3/middleware/cors"
	lab259cors "github.com/lab259/cors"
	rscors "github.com/rs/cors"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiberv3 "github.com/bytecors/cors/fiber"
	corsfiberv2 "github.com/bytecors/cors/fiberv2"
	"github.com/bytecors/cors/internal/floor"
)

// policy is what each library is configured with, in its own words.
type policy struct {
	origins, methods, headers []string
	maxAge                    int
}

func allow(origins ...string) policy {
	return policy{
		origins: origins,
		methods: []string{"PUT", "DELETE"},
		headers: []string{"Content-Type", "X-Requested-With"},
		maxAge:  600,
	}
}

func (p policy) config() cors.Config {
	return cors.Config{AllowOrigins: p.origins, AllowMethods: p.methods, AllowHeaders: p.headers, MaxAge: p.maxAge}
}

func (p policy) bytecors() fasthttp.RequestHandler {
	return cors.MustNew(p.config()).Wrap(floor.Bare)
}

// tailored is what a handler can be that answers this request alone.
func (p policy) tailored(w wire) fasthttp.RequestHandler {
	t := floor.NewTailored(p.bytecors())
	switch {
	case w.isPreflight():
		return t.Preflight
	case p.origins[0] == "*":
		return t.ActualOfAll
	case !w.isCORS():
		return t.ActualWithoutOrigin
	case p.origins[0] == page:
		return t.Actual
	}
	return t.ActualOfSubdomains
}

func (p policy) lab259() fasthttp.RequestHandler {
	return lab259cors.New(lab259cors.Options{
		AllowedOrigins: p.origins,
		AllowedMethods: append([]string{"GET", "HEAD", "POST"}, p.methods...), // also for actual requests
		AllowedHeaders: p.headers,
		MaxAge:         p.maxAge,
	}).Handler(floor.Bare)
}

func (p policy) rs() http.Handler {
	return rscors.New(rscors.Options{
		AllowedOrigins: p.origins,
		AllowedMethods: append([]string{"GET", "HEAD", "POST"}, p.methods...), // also for actual requests
		AllowedHeaders: p.headers,
		MaxAge:         p.maxAge,
	}).Handler(http.HandlerFunc(bareNetHTTP))
}

func (p policy) fiberv2() fiberv2.Handler {
	return fiberv2cors.New(fiberv2cors.Config{
		AllowOrigins: strings.Join(p.origins, ","),
		AllowMethods: strings.Join(p.methods, ","),
		AllowHeaders: strings.Join(p.headers, ","),
		MaxAge:       p.maxAge,
	})
}

func (p policy) fiberv3() fiberv3.Handler {
	return fiberv3cors.New(fiberv3cors.Config{
		AllowOrigins: p.origins,
		AllowMethods: p.methods,
		AllowHeaders: p.headers,
		MaxAge:       p.maxAge,
	})
}

func (p policy) bytecorsFiberv2() fiberv2.Handler { return corsfiberv2.New(p.config()) }
func (p policy) bytecorsFiberv3() fiberv3.Handler { return corsfiberv3.New(p.config()) }

// tailoredFiberv2 is the same as a middleware of Fiber.
func (p policy) tailoredFiberv2(w wire) fiberv2.Handler {
	if w.isPreflight() {
		answer := p.tailored(w)
		return func(c *fiberv2.Ctx) error {
			answer(c.Context())
			return nil
		}
	}
	return func(c *fiberv2.Ctx) error {
		if ctx := c.Context(); floor.IsFromOrigin(ctx) {
			defer floor.FinishAllowed(ctx)
		}
		return c.Next()
	}
}

func (p policy) tailoredFiberv3(w wire) fiberv3.Handler {
	if w.isPreflight() {
		answer := p.tailored(w)
		return func(c fiberv3.Ctx) error {
			answer(c.RequestCtx())
			return nil
		}
	}
	return func(c fiberv3.Ctx) error {
		if ctx := c.RequestCtx(); floor.IsFromOrigin(ctx) {
			defer floor.FinishAllowed(ctx)
		}
		return c.Next()
	}
}

// fiberv2App is an app of one middleware and one route, which is the bare handler.
func fiberv2App(middleware fiberv2.Handler) fasthttp.RequestHandler {
	app := fiberv2.New(fiberv2.Config{DisableStartupMessage: true})
	app.Use(middleware)
	app.All("/*", func(c *fiberv2.Ctx) error {
		floor.Bare(c.Context())
		return nil
	})
	return app.Handler()
}

func fiberv3App(middleware fiberv3.Handler) fasthttp.RequestHandler {
	app := fiberv3.New()
	app.Use(middleware)
	app.All("/*", func(c fiberv3.Ctx) error {
		floor.Bare(c.RequestCtx())
		return nil
	})
	return app.Handler()
}

// The routing of an app is what it costs with a middleware in the place of CORS that does nothing: it passes
// the request on, or for a preflight answers it with a status.

func fiberv2Routing(w wire) fasthttp.RequestHandler {
	if w.isPreflight() {
		return fiberv2App(func(c *fiberv2.Ctx) error {
			floor.BareNoContent(c.Context())
			return nil
		})
	}
	return fiberv2App(func(c *fiberv2.Ctx) error { return c.Next() })
}

func fiberv3Routing(w wire) fasthttp.RequestHandler {
	if w.isPreflight() {
		return fiberv3App(func(c fiberv3.Ctx) error {
			floor.BareNoContent(c.RequestCtx())
			return nil
		})
	}
	return fiberv3App(func(c fiberv3.Ctx) error { return c.Next() })
}

// withoutRouting is the bare handler that routing leads to.
func withoutRouting(w wire) fasthttp.RequestHandler {
	if w.isPreflight() {
		return floor.BareNoContent
	}
	return floor.Bare
}

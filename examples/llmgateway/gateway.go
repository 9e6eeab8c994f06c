package main

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// middleware is what a chain is made of. cors.Middleware.Wrap is one.
type middleware = func(next fasthttp.RequestHandler) fasthttp.RequestHandler

// chain returns handler behind all of them. The first is the outermost.
func chain(handler fasthttp.RequestHandler, all ...middleware) fasthttp.RequestHandler {
	for i := len(all) - 1; i >= 0; i-- {
		handler = all[i](handler)
	}
	return handler
}

// gateway has one policy for as long as it runs. The settings change what is in it, not which it is.
type gateway struct {
	policy   cors.Middleware
	settings *settings
	handler  fasthttp.RequestHandler
}

// newGateway returns a gateway that serves on a port of this machine.
func newGateway(port int, file, key string, m model) (*gateway, error) {
	g := new(gateway)
	var err error
	if g.settings, err = openSettings(file, &g.policy); err != nil {
		return nil, err
	}
	// The settings page uses this server alone, and under these names: a name that somebody else has pointed here
	// is not among them.
	protection, err := crossorigin.New(crossorigin.Options{
		OwnOrigins: []string{fmt.Sprintf("http://localhost:%d", port), fmt.Sprintf("http://127.0.0.1:%d", port)},
	})
	if err != nil {
		return nil, err
	}
	// CORS is outside of all that may answer, so that pages can read a refusal, too, and preflights, which have
	// no key, do not need one.
	api := chain(serveAPI(m), numberRequests(), g.policy.Wrap, recoverPanics, requireKey(key))
	// The settings are not for pages of other origins, so CORS has no part in them; but forms get around CORS.
	page := chain(g.settings.serve, recoverPanics, protection.Wrap)
	g.handler = func(ctx *fasthttp.RequestCtx) {
		switch path := ctx.Path(); {
		case bytes.HasPrefix(path, []byte("/v1/")):
			api(ctx)
		case bytes.HasPrefix(path, []byte("/settings/")):
			page(ctx)
		default:
			ctx.NotFound()
		}
	}
	return g, nil
}

// server returns a server for the gateway. It has no WriteTimeout, which would end long answers.
func (g *gateway) server() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:               g.handler,
		ErrorHandler:          g.policy.WrapErrorHandler(nil),
		NoDefaultServerHeader: true,
		ReadTimeout:           10 * time.Second,
		IdleTimeout:           time.Minute,
	}
}

// numberRequests gives each response a number to ask about.
func numberRequests() middleware {
	var count atomic.Uint64
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			number := count.Add(1)
			next(ctx)
			ctx.Response.Header.Set(requestID, fmt.Sprint(number))
		}
	}
}

const requestID = "X-Request-Id"

// recoverPanics answers in place of a handler that has panicked.
func recoverPanics(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if p := recover(); p != nil {
				fail(ctx, fasthttp.StatusInternalServerError, "the gateway has failed")
			}
		}()
		next(ctx)
	}
}

func requireKey(key string) middleware {
	want := []byte("Bearer " + key)
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			if subtle.ConstantTimeCompare(ctx.Request.Header.Peek(fasthttp.HeaderAuthorization), want) == 0 {
				fail(ctx, fasthttp.StatusUnauthorized, "the key is missing or wrong")
				return
			}
			next(ctx)
		}
	}
}

package main

import (
	"fmt"
	"testing"

	"github.com/fasthttp/router"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func Example() {
	server := newServer()
	show(server.Handler, "OPTIONS", "/api/account/ann", "https://example.com", "PUT")
	show(server.Handler, "PUT", "/api/account/ann", "https://example.com", "")
	show(server.Handler, "OPTIONS", "/api/account/ann", "https://example.org", "PUT")
	show(server.Handler, "GET", "/api/news", "https://example.org", "")
	show(server.Handler, "GET", "/api/nowhere", "https://example.org", "")
	show(server.Handler, "GET", "/metrics", "https://example.org", "")
	// Output:
	// OPTIONS /api/account/ann 204, for "https://example.com"
	// PUT /api/account/ann 200, for "https://example.com"
	// OPTIONS /api/account/ann 403, for ""
	// GET /api/news 200, for "*"
	// GET /api/nowhere 404, for "*"
	// GET /metrics 200, for ""
}

// What it is all for.
func TestAPolicyOnOneRouteNeverSeesItsPreflights(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}})
	for handlesOptions, status := range map[bool]int{true: 200, false: 405} {
		r := router.New()
		r.HandleOPTIONS = handlesOptions
		r.PUT("/a", m.Wrap(ok))
		ctx := request("OPTIONS", "/a", "https://example.com", "PUT")
		r.Handler(ctx)
		assert.Equal(t, status, ctx.Response.StatusCode())
		assert.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
	}
}

func request(method, path, origin, asked string) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.Set("Origin", origin)
	if asked != "" {
		ctx.Request.Header.Set("Access-Control-Request-Method", asked)
	}
	return ctx
}

func show(handler fasthttp.RequestHandler, method, path, origin, asked string) {
	ctx := request(method, path, origin, asked)
	handler(ctx)
	fmt.Printf("%s %s %d, for %q\n", method, path, ctx.Response.StatusCode(), ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
}

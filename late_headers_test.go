package cors_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Handlers find the response as it would be without the middleware, also where the policy calls functions.
func TestHeadersAreNotThereBeforeTheHandler(t *testing.T) {
	for _, c := range []cors.Config{
		{AllowOrigins: []string{fooOrigin}},
		{AllowOrigins: []string{"*"}},
		{AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) {}},
		{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }},
	} {
		seen := "not run"
		w := serveHandler(t, c, func(ctx *fasthttp.RequestCtx) {
			seen = ""
			for name, value := range ctx.Response.Header.All() {
				if string(name) != "Content-Type" && string(name) != "Server" {
					seen += string(name) + ": " + string(value) + "\n"
				}
			}
		})
		w.send("GET / HTTP/1.1\nHost: a\nOrigin: " + fooOrigin)
		require.Empty(t, seen)
	}
}

// So do error handlers, of a preflight with a body that is too large.
func TestHeadersAreNotThereBeforeTheErrorHandler(t *testing.T) {
	for _, c := range []cors.Config{
		{AllowOrigins: []string{fooOrigin}},
		{AllowOrigins: []string{"*"}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) {}},
		{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }},
	} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod("OPTIONS")
		ctx.Request.Header.Set("Origin", fooOrigin)
		ctx.Request.Header.Set("Access-Control-Request-Method", "GET")
		ran := false
		cors.MustNew(c).WrapErrorHandler(func(ctx *fasthttp.RequestCtx, _ error) {
			ran = true
			require.Empty(t, ctx.Response.Header.Peek("Vary"))
			require.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
		})(&ctx, fasthttp.ErrBodyTooLarge)
		require.True(t, ran)
		require.NotEmpty(t, ctx.Response.Header.Peek("Vary"))
	}
}

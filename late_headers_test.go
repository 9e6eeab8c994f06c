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

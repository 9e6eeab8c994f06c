//go:build !race

package cors_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestNoChoiceAllocates(t *testing.T) {
	choose := byPath()
	asking := func(ctx *fasthttp.RequestCtx) *cors.Middleware {
		if len(cors.RequestedMethod(ctx)) == 0 {
			return nil
		}
		return choose(ctx)
	}
	failing := cors.SelectErrorHandler(asking, func(ctx *fasthttp.RequestCtx, _ error) { ctx.SetStatusCode(400) })
	for name, handler := range map[string]fasthttp.RequestHandler{
		"Select":             cors.Select(asking, ok),
		"SelectErrorHandler": func(ctx *fasthttp.RequestCtx) { failing(ctx, fasthttp.ErrBodyTooLarge) },
	} {
		for _, request := range []string{
			"GET /foo/a HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET /foo/a HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\n\r\n",
			"GET /bar/a HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\n\r\n",
			"GET /none HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\n\r\n",
			"OPTIONS /foo/a HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
			"OPTIONS /bar/a HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
			"OPTIONS /none HTTP/1.1\r\nHost: a\r\nOrigin: " + fooOrigin + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
		} {
			t.Run(name+" "+request, func(t *testing.T) {
				var ctx fasthttp.RequestCtx
				require.NoError(t, ctx.Request.Header.Read(bufio.NewReader(strings.NewReader(request))))
				assert.Zero(t, testing.AllocsPerRun(100, func() {
					ctx.Response.Reset()
					handler(&ctx)
				}))
			})
		}
	}
}

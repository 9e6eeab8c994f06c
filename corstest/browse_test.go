package corstest

import (
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// browse returns a page whose server is answer, of which nil answers nothing.
func browse(t *testing.T, origin string, answer fasthttp.RequestHandler) *Browser {
	t.Helper()
	if answer == nil {
		answer = func(*fasthttp.RequestCtx) { t.Error("a request was sent") }
	}
	b := NewBrowser(origin, answer)
	t.Cleanup(b.Close)
	return b
}

// reply returns a handler that sends these header lines, "$O" being the request's origin.
func reply(status int, lines ...string) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(status)
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			value = strings.ReplaceAll(value, "$O", string(ctx.Request.Header.Peek("Origin")))
			ctx.Response.Header.Add(name, value)
		}
		ctx.SetBodyString("body")
	}
}

// split answers preflights one way and all else another.
func split(preflight, actual fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if ctx.IsOptions() && len(ctx.Request.Header.Peek("Access-Control-Request-Method")) > 0 {
			preflight(ctx)
			return
		}
		actual(ctx)
	}
}

// allowAll allows every origin with credentials, and all methods and headers that the tests use.
var allowAll = reply(200, "Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true",
	"Access-Control-Allow-Methods: PUT, DELETE, PATCH", "Access-Control-Allow-Headers: x-a, x-b, authorization, content-type")

const (
	page = "https://a.example"
	api  = "https://b.example/items"
)

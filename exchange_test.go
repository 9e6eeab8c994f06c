package cors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestFinishAfterAnAnswerWritesNothing: an adapter that defers Finish first of all does no harm.
func TestFinishAfterAnAnswerWritesNothing(t *testing.T) {
	for _, origins := range [][]string{{"*"}, {"https://example.com"}} {
		m := cors.MustNew(cors.Config{AllowOrigins: origins, ExposeHeaders: []string{"X-A"}, AllowMethods: []string{"PUT"}, MaxAge: 5})
		for _, method := range []string{"PUT", "PATCH"} {
			ctx := received(t, "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: "+method+"\n")
			var x cors.Exchange
			require.True(t, m.Begin(ctx, &x))
			want := ctx.Response.Header.String()
			x.Finish(ctx)
			require.Equal(t, want, ctx.Response.Header.String())
		}
	}
}

// TestAnExchangeForgetsWhatItHeld when it is begun again, with whichever middleware.
func TestAnExchangeForgetsWhatItHeld(t *testing.T) {
	with := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin, "https://*.bar.example"}, AllowCredentials: true, ExposeHeaders: []string{"X-A"}})
	other := cors.MustNew(cors.Config{AllowOrigins: []string{"https://other.example"}})
	var none cors.Middleware
	for _, first := range []string{fooOrigin, "https://a.bar.example"} {
		for name, second := range map[string]*cors.Middleware{"none": &none, "other": other, "the same": with} {
			for _, origin := range []string{"", "https://evil.example"} {
				var x cors.Exchange
				var ctx fasthttp.RequestCtx
				ctx.Request.Header.Set("Origin", first)
				require.False(t, with.Begin(&ctx, &x))
				ctx = fasthttp.RequestCtx{}
				if origin != "" {
					ctx.Request.Header.Set("Origin", origin)
				}
				require.False(t, second.Begin(&ctx, &x))
				x.Finish(&ctx)
				assert.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"), name)
				assert.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Credentials"), name)
				assert.Equal(t, name != "none", len(ctx.Response.Header.Peek("Vary")) > 0, name)
			}
		}
	}
}

// TestAllWaysAroundAHandlerAnswerAlike: whether by Wrap, by Select or by the two halves, whether or not there is somebody
// to be told of the decision, and whatever the handler does to the request.
func TestAllWaysAroundAHandlerAnswerAlike(t *testing.T) {
	long := "https://" + strings.Repeat("a.", 100) + "bar.example"
	next := func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Set("Origin", "null") // as a proxy may, in the same bytes
		ctx.SetBodyString("answered")
	}
	for _, c := range []cors.Config{
		{AllowOrigins: []string{fooOrigin}, AllowCredentials: true, ExposeHeaders: []string{"X-A"}},
		{AllowOrigins: []string{fooOrigin, "https://*.bar.example"}, AllowMethods: []string{"PUT"}},
		{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, ExposeHeaders: []string{"*"}},
		{AllowOrigins: []string{fooOrigin}, AllowPrivateNetwork: true, VaryBy: []string{"X-Tenant"}},
		{AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool {
			return strings.HasSuffix(string(origin), "bar.example")
		}},
	} {
		silent := cors.MustNew(c)
		c.OnDecision = func(*fasthttp.RequestCtx, cors.Decision) {}
		told := cors.MustNew(c)
		for _, request := range []string{
			"GET / HTTP/1.1\nHost: h\n",
			"GET / HTTP/1.1\nHost: h\nOrigin:\n",
			"GET / HTTP/1.1\nHost: h\nOrigin: " + fooOrigin + "\n",
			"GET / HTTP/1.1\nHost: h\nOrigin: " + fooOrigin + "\nOrigin: " + fooOrigin + "\n",
			"GET / HTTP/1.1\nHost: h\nOrigin: https://a.bar.example\n",
			"GET / HTTP/1.1\nHost: h\nOrigin: " + long + "\n",
			"GET / HTTP/1.1\nHost: h\nOrigin: https://evil.example\n",
			"OPTIONS / HTTP/1.1\nHost: h\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: " + fooOrigin + "\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://a.bar.example\n",
			"OPTIONS / HTTP/1.1\nHost: h\nAccess-Control-Request-Method: PUT\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: PUT\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://a.bar.example\nAccess-Control-Request-Method: PATCH\n",
			"OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT\n",
		} {
			var want string
			for name, handler := range map[string]fasthttp.RequestHandler{
				"Wrap":                   silent.Wrap(next),
				"Wrap, told":             told.Wrap(next),
				"Select":                 cors.Select(func(*fasthttp.RequestCtx) *cors.Middleware { return silent }, next),
				"Begin and Finish":       inHalves(silent, next),
				"Begin and Finish, told": inHalves(told, next),
			} {
				for _, asSent := range []bool{false, true} { // the names of headers
					ctx := received(t, request)
					if asSent {
						ctx.Request.Header.DisableNormalizing()
					}
					handler(ctx)
					got := fmt.Sprint(ctx.Response.StatusCode(), " ", string(ctx.Response.Body()))
					for name, value := range ctx.Response.Header.All() {
						got += fmt.Sprintf("\n%s: %s", name, value)
					}
					if want == "" {
						want = got
					}
					require.Equal(t, want, got, "%s, names as sent: %t: %s", name, asSent, request)
				}
			}
			require.Equal(t, strings.Contains(want, "answered"), silent.Evaluate(received(t, request)).Outcome < cors.PreflightAllowed)
		}
	}
}

// inHalves is what an adapter does.
func inHalves(m *cors.Middleware, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		var x cors.Exchange
		if m.Begin(ctx, &x) {
			return
		}
		defer x.Finish(ctx)
		next(ctx)
	}
}

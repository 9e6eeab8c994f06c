package cors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestPanicThatIsRecoveredOutside(t *testing.T) {
	inner := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
		panic("at the disco")
	})
	w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		defer func() {
			require.Equal(t, "at the disco", recover(), "the panic goes on")
			ctx.SetStatusCode(500)
		}()
		inner(ctx)
	}})
	r := w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
	assert.Equal(t, 500, r.status)
	r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
}

// TestFunctionThatPanicsAtAPreflight holds that it is called once, and that its panic goes on as it is.
func TestFunctionThatPanicsAtAPreflight(t *testing.T) {
	asked, told := 0, 0
	for name, c := range map[string]cors.Config{
		"AllowOriginFunc": {AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { asked++; panic("in it") }},
		"OnDecision":      {AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) { told++; panic("in it") }},
	} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod("OPTIONS")
		ctx.Request.Header.Set("Origin", fooOrigin)
		ctx.Request.Header.Set("Access-Control-Request-Method", "GET")
		require.PanicsWithValue(t, "in it", func() { cors.MustNew(c).Wrap(ok)(&ctx) }, name)
		require.NotEmpty(t, ctx.Response.Header.Peek("Vary"), name)
	}
	require.Equal(t, []int{1, 1}, []int{asked, told})
}

// TestPanicsOfFunctionsAreSafe: whoever recovers further out finds a response that no cache gives to other origins.
func TestPanicsOfFunctionsAreSafe(t *testing.T) {
	asked := cors.Config{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { panic("asked") }}
	told := cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) { panic("told") }}
	for _, test := range []struct {
		config  cors.Config
		request string
		want    []string
	}{
		{asked, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n", []string{"Vary: Origin"}},
		{asked, preflight("GET"), []string{preflightVary}},
		{told, "GET / HTTP/1.1\nHost: a\n", []string{"Vary: Origin"}},
		{told, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n", []string{"Access-Control-Allow-Origin: https://foo.example", "Vary: Origin"}},
		{told, "OPTIONS / HTTP/1.1\nHost: a\n", []string{preflightVary}},
		{told, preflight("GET"), []string{"Access-Control-Allow-Origin: https://foo.example", preflightVary}},
	} {
		for _, way := range around {
			inner := way.wrap(cors.MustNew(test.config), func(*fasthttp.RequestCtx) { t.Error("the handler ran") })
			w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
				defer func() {
					assert.NotNil(t, recover(), "the panic goes on")
					ctx.SetStatusCode(500)
				}()
				inner(ctx)
			}})
			r := w.send(test.request)
			assert.Equal(t, 500, r.status)
			r.requireCORS(t, test.want...)
		}
	}
}

// TestErrorHandlersThatPanic leave a response that a page can read, once somebody recovers.
func TestErrorHandlersThatPanic(t *testing.T) {
	handler := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).WrapErrorHandler(func(*fasthttp.RequestCtx, error) { panic("broken") })
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", fooOrigin)
	assert.PanicsWithValue(t, "broken", func() { handler(&ctx, fasthttp.ErrBodyTooLarge) })
	assert.Equal(t, fooOrigin, string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	assert.Equal(t, "Origin", string(ctx.Response.Header.Peek("Vary")))
}

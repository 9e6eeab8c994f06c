package cors_test

import (
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

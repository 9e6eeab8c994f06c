package cors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestReconfigure(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	require.NoError(t, m.Reconfigure(m.Config()))
	assert.True(t, m.AllowsOrigin([]byte(fooOrigin)))
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"https://bar.example"}}))
	assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.True(t, m.AllowsOrigin([]byte("https://bar.example")))
	require.Error(t, m.Reconfigure(cors.Config{AllowOrigins: []string{fooOrigin, "bad"}}), "on error nothing changes")
	assert.Equal(t, []string{"https://bar.example"}, m.Config().AllowOrigins)
	assert.True(t, m.AllowsOrigin([]byte("https://bar.example")))
}

// TestResponsesAreOfThePolicyThatTheRequestCameUnder, also when it is replaced while the handler runs.
func TestResponsesAreOfThePolicyThatTheRequestCameUnder(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: []string{"X-A"}})
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(func(*fasthttp.RequestCtx) {
		require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{"*"}}))
	})})
	const request = "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n"
	w.send(request).requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: X-A", "Vary: Origin")
	w.send(request).requireCORS(t, "Access-Control-Allow-Origin: *")
}

func TestZeroMiddlewarePassesEverythingThrough(t *testing.T) {
	var m cors.Middleware
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://own.example")
		assert.Equal(t, cors.Decision{}, m.Evaluate(ctx))
	}), ErrorHandler: m.WrapErrorHandler(nil)})
	r := w.send(preflight("PUT"))
	assert.Equal(t, 200, r.status)
	r.requireCORS(t, "Access-Control-Allow-Origin: https://own.example")
	w.send("nonsense\n").requireCORS(t)
	assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.Equal(t, cors.Config{}, m.Config())
	require.NoError(t, m.Reconfigure(cors.Config{AllowOrigins: []string{fooOrigin}}))
	assert.Equal(t, 403, w.send(preflight("PUT")).status)
}

// TestDisableSwitchesOff while requests are served, and Reconfigure on again.
func TestDisableSwitchesOff(t *testing.T) {
	c := cors.Config{AllowOrigins: []string{fooOrigin}}
	m := cors.MustNew(c)
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	const request = "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n"
	for range 2 {
		w.send(request).requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
		m.Disable()
		w.send(request).requireCORS(t)
		assert.Equal(t, 200, w.send(preflight("GET")).status, "the handler's own")
		assert.Equal(t, cors.Config{}, m.Config())
		assert.False(t, m.AllowsOrigin([]byte(fooOrigin)))
		require.NoError(t, m.Reconfigure(c))
	}
}

func TestWrapOfNothingIsRefusedAtOnce(t *testing.T) {
	assert.PanicsWithValue(t, "cors: Wrap of a nil handler", func() {
		cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}).Wrap(nil)
	})
	m, _ := cors.New(cors.Config{})
	assert.PanicsWithValue(t, "cors: Wrap of a nil Middleware", func() { m.Wrap(ok) })
	assert.PanicsWithValue(t, "cors: WrapErrorHandler of a nil Middleware", func() { m.WrapErrorHandler(nil) })
}

func TestEvaluateDecidesAndWritesNothing(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(*fasthttp.RequestCtx, cors.Decision) {
		t.Error("Evaluate is no request")
	}})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("OPTIONS")
	ctx.Request.Header.Set("Origin", fooOrigin)
	ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
	d := m.Evaluate(&ctx)
	assert.Equal(t, cors.PreflightRefusedMethod, d.Outcome)
	assert.Equal(t, "PUT", string(d.Refused))
	assert.Equal(t, 200, ctx.Response.StatusCode())
	assert.Zero(t, ctx.Response.Header.Peek("Vary"))
}

// TestAllowsOriginAsksNoFunction, as there is no request to ask it about.
func TestAllowsOriginAsksNoFunction(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool {
		t.Error("asked")
		return true
	}})
	assert.True(t, m.AllowsOrigin([]byte(fooOrigin)))
	assert.False(t, m.AllowsOrigin([]byte("https://bar.example")))
	assert.False(t, m.AllowsOrigin(nil))
}

func TestOutcomesAreLabels(t *testing.T) {
	for outcome, want := range map[cors.Outcome]string{
		cors.NotCORS: "not_cors", cors.ActualAllowed: "actual_allowed", cors.ActualRefused: "actual_refused",
		cors.PreflightAllowed: "preflight_allowed", cors.PreflightRefusedOrigin: "preflight_refused_origin",
		cors.PreflightRefusedMethod: "preflight_refused_method", cors.PreflightRefusedHeaders: "preflight_refused_headers",
		cors.PreflightRefusedHeaders + 1: "unknown",
	} {
		assert.Equal(t, want, cors.Decision{Outcome: outcome}.String())
		assert.Equal(t, strings.HasSuffix(want, "allowed"), cors.Decision{Outcome: outcome}.Allowed())
		assert.Equal(t, strings.HasPrefix(want, "preflight") || want == "unknown", outcome.IsPreflight())
	}
}

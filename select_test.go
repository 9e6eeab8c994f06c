package cors_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

const barOrigin = "https://bar.example"

// byPath chooses foo's policy under /foo/, bar's under /bar/, and none elsewhere.
func byPath() func(*fasthttp.RequestCtx) *cors.Middleware {
	foo := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, ExposeHeaders: []string{"X-Foo"}})
	bar := cors.MustNew(cors.Config{AllowOrigins: []string{barOrigin}, AllowMethods: []string{"DELETE"}, AllowCredentials: true})
	return func(ctx *fasthttp.RequestCtx) *cors.Middleware {
		switch {
		case bytes.HasPrefix(ctx.Path(), []byte("/foo/")):
			return foo
		case bytes.HasPrefix(ctx.Path(), []byte("/bar/")):
			return bar
		}
		return nil
	}
}

func TestBothHalvesOfAnExchangeAreUnderTheChosenPolicy(t *testing.T) {
	w := serve(t, &fasthttp.Server{Handler: cors.Select(byPath(), func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Reset() // what was chosen does not depend on what a handler does to the request
		ctx.Error("none", 404)
	})})
	for _, test := range []struct {
		request string
		status  int
		want    []string
	}{
		{"GET /foo/a HTTP/1.1\nHost: a\nOrigin: " + fooOrigin, 404,
			[]string{"Access-Control-Allow-Origin: " + fooOrigin, "Access-Control-Expose-Headers: X-Foo", "Vary: Origin"}},
		{"GET /foo/a HTTP/1.1\nHost: a\nOrigin: " + barOrigin, 404, []string{"Vary: Origin"}},
		{"GET /foo/a HTTP/1.1\nHost: a", 404, []string{"Vary: Origin"}},
		{"GET /bar/a HTTP/1.1\nHost: a\nOrigin: " + barOrigin, 404,
			[]string{"Access-Control-Allow-Origin: " + barOrigin, "Access-Control-Allow-Credentials: true", "Vary: Origin"}},
		{"OPTIONS /foo/a HTTP/1.1\nHost: a\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: PUT", 204,
			[]string{"Access-Control-Allow-Origin: " + fooOrigin, "Access-Control-Allow-Methods: PUT", preflightVary}},
		{"OPTIONS /foo/a HTTP/1.1\nHost: a\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: DELETE", 403, []string{preflightVary}},
		{"OPTIONS /bar/a HTTP/1.1\nHost: a\nOrigin: " + barOrigin + "\nAccess-Control-Request-Method: DELETE", 204,
			[]string{"Access-Control-Allow-Origin: " + barOrigin, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: DELETE", preflightVary}},
		{"OPTIONS /bar/a HTTP/1.1\nHost: a\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: DELETE", 403, []string{preflightVary}},
	} {
		r := w.send(test.request)
		assert.Equal(t, test.status, r.status, test.request)
		r.requireCORS(t, test.want...)
	}
}

func TestWithoutAPolicyTheResponseIsTheHandlers(t *testing.T) {
	w := serve(t, &fasthttp.Server{Handler: cors.Select(byPath(), func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://own.example")
		ctx.Response.Header.Set("Vary", "Accept")
		ctx.SetBodyString("own")
	})})
	for _, request := range []string{
		"GET / HTTP/1.1\nHost: a",
		"GET / HTTP/1.1\nHost: a\nOrigin: " + fooOrigin,
		"OPTIONS / HTTP/1.1\nHost: a\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: PUT",
	} {
		r := w.send(request)
		assert.Equal(t, "own", r.body, request)
		r.requireCORS(t, "Access-Control-Allow-Origin: https://own.example", "Vary: Accept")
	}
}

func TestTheChosenPolicyIsTheOneInForceWhenTheRequestCame(t *testing.T) {
	first := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	second := cors.MustNew(cors.Config{AllowOrigins: []string{barOrigin}})
	chosen := first
	calls := 0
	w := serve(t, &fasthttp.Server{Handler: cors.Select(func(*fasthttp.RequestCtx) *cors.Middleware {
		calls++
		return chosen
	}, func(*fasthttp.RequestCtx) {
		chosen = second
		require.NoError(t, first.Reconfigure(cors.Config{AllowOrigins: []string{barOrigin}}))
	})})
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: "+fooOrigin).requireCORS(t, "Access-Control-Allow-Origin: "+fooOrigin, "Vary: Origin")
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: "+fooOrigin).requireCORS(t, "Vary: Origin")
	assert.Equal(t, 2, calls, "choose runs once for each request")
}

func TestHeadersAreWrittenAfterAPanic(t *testing.T) {
	handler := cors.Select(byPath(), func(ctx *fasthttp.RequestCtx) { panic("lost") })
	w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		defer func() {
			assert.Equal(t, "lost", recover())
			ctx.SetStatusCode(500)
		}()
		handler(ctx)
	}})
	r := w.send("GET /foo/a HTTP/1.1\nHost: a\nOrigin: " + fooOrigin)
	assert.Equal(t, 500, r.status)
	r.requireCORS(t, "Access-Control-Allow-Origin: "+fooOrigin, "Access-Control-Expose-Headers: X-Foo", "Vary: Origin")
}

func TestErrorsOfTheServerAreUnderTheChosenPolicy(t *testing.T) {
	large := func(method, path string) string {
		return method + " " + path + " HTTP/1.1\nHost: a\nOrigin: " + fooOrigin +
			"\nAccess-Control-Request-Method: PUT\nContent-Length: 9\n\n123456789"
	}
	foo := []string{"Access-Control-Allow-Origin: " + fooOrigin, "Access-Control-Expose-Headers: X-Foo"}
	for _, test := range []struct {
		name    string
		request string
		next    func(*fasthttp.RequestCtx, error)
		status  int
		want    []string
	}{
		{"chosen", large("POST", "/foo/a"), nil, 413, append(foo, "Vary: Origin")},
		{"another", large("POST", "/bar/a"), nil, 413, []string{"Vary: Origin"}},
		{"none", large("POST", "/"), nil, 413, nil},
		{"a preflight is not answered", large("OPTIONS", "/foo/a"), nil, 413, []string{preflightVary}},
		{"one's own", large("POST", "/foo/a"), func(ctx *fasthttp.RequestCtx, err error) {
			assert.True(t, errors.Is(err, fasthttp.ErrBodyTooLarge))
			ctx.Error("mine", 418)
		}, 418, append(foo, "Vary: Origin")},
		{"one's own, none", large("POST", "/"), func(ctx *fasthttp.RequestCtx, err error) { ctx.Error("mine", 418) }, 418, nil},
		{"no request at all", "nonsense", nil, 400, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			choose := byPath()
			w := serve(t, &fasthttp.Server{
				Handler:            cors.Select(choose, ok),
				ErrorHandler:       cors.SelectErrorHandler(choose, test.next),
				MaxRequestBodySize: 8,
			})
			r := w.send(test.request)
			assert.Equal(t, test.status, r.status)
			r.requireCORS(t, test.want...)
		})
	}
}

func TestTheRequestedMethod(t *testing.T) {
	const origin, asks = "\nOrigin: " + fooOrigin, "\nAccess-Control-Request-Method: "
	for _, test := range []struct {
		name, request, want string
	}{
		{"of no preflight", "PUT / HTTP/1.1\nHost: a" + origin + asks + "DELETE", "PUT"},
		{"of a preflight", "OPTIONS / HTTP/1.1\nHost: a" + origin + asks + "DELETE", "DELETE"},
		{"of a preflight in small letters", "OPTIONS / HTTP/1.1\nHost: a\norigin: " + fooOrigin + "\naccess-control-request-method: patch", "patch"},
		{"of two, the first", "OPTIONS / HTTP/1.1\nHost: a" + origin + asks + "PUT" + asks + "DELETE", "PUT"},
		{"empty", "OPTIONS / HTTP/1.1\nHost: a" + origin + asks, ""},
		{"behind long headers", "OPTIONS / HTTP/1.1\nHost: a" + strings.Repeat("\nAccess-Control-Request-Headers: "+strings.Repeat("x", 99), 9) + origin + asks + "PUT", "PUT"},
		{"of OPTIONS for itself", "OPTIONS / HTTP/1.1\nHost: a" + origin, "OPTIONS"},
		{"of OPTIONS from no page", "OPTIONS / HTTP/1.1\nHost: a" + asks + "PUT", "OPTIONS"},
	} {
		for _, asSent := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				var got, path, host string
				w := serve(t, &fasthttp.Server{
					DisableHeaderNamesNormalizing: asSent,
					Handler: cors.Select(func(ctx *fasthttp.RequestCtx) *cors.Middleware {
						got, path, host = string(cors.RequestedMethod(ctx)), string(ctx.Path()), string(ctx.Host())
						return nil
					}, ok),
				})
				w.send(test.request)
				assert.Equal(t, test.want, got)
				assert.Equal(t, "/", path)
				assert.Equal(t, "a", host)
			})
		}
	}
}

func TestNilFunctionsAreFoundWhenTheHandlerIsMade(t *testing.T) {
	assert.Panics(t, func() { cors.Select(nil, ok) })
	assert.Panics(t, func() { cors.Select(byPath(), nil) })
	assert.Panics(t, func() { cors.SelectErrorHandler(nil, nil) })
}

// The headers are written also where an error handler of SelectErrorHandler panics.
func TestSelectedErrorHandlerThatPanics(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", fooOrigin)
	handler := cors.SelectErrorHandler(func(*fasthttp.RequestCtx) *cors.Middleware { return m }, func(*fasthttp.RequestCtx, error) {
		panic("in it")
	})
	require.PanicsWithValue(t, "in it", func() { handler(&ctx, fasthttp.ErrBodyTooLarge) })
	require.Equal(t, fooOrigin, string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
}

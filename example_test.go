package cors_test

import (
	"errors"
	"fmt"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func Example() {
	m, err := cors.New(cors.Config{
		AllowOrigins: []string{"https://example.com", "https://*.example.com"},
		AllowMethods: []string{"PUT", "DELETE"},
		AllowHeaders: []string{"Authorization", "Content-Type"},
		MaxAge:       600,
	})
	if err != nil {
		panic(err)
	}
	handler := m.Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.Error("not today", fasthttp.StatusTeapot)
	})
	// A server would be &fasthttp.Server{Handler: handler, ErrorHandler: m.WrapErrorHandler(nil)}.

	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", "https://app.example.com")
	handler(&ctx)
	fmt.Println(ctx.Response.StatusCode())
	fmt.Println(string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	fmt.Println(string(ctx.Response.Header.Peek("Vary")))
	// Output:
	// 418
	// https://app.example.com
	// Origin
}

// All mistakes are reported at once. Each is a *ConfigError.
func ExampleNew_mistakes() {
	_, err := cors.New(cors.Config{
		AllowOrigins:     []string{"https://example.com/", "null"},
		AllowMethods:     []string{"put"},
		AllowCredentials: true,
	})
	fmt.Println(err)
	var first *cors.ConfigError
	if errors.As(err, &first) {
		fmt.Println(first.Code, first.Field, first.Index, first.Suggestion)
	}
	// Output:
	// AllowOrigins[0]: "https://example.com/" has a path; an origin is scheme, host and port: did you mean "https://example.com"?
	// AllowOrigins[1]: "null" cannot be combined with AllowCredentials, because every site can make itself a frame with that origin
	// AllowMethods[0]: "put" is never sent, because browsers write it in upper case: did you mean "PUT"?
	// origin_has_path AllowOrigins 0 https://example.com
}

// A framework's middleware runs the pair around its own next handler.
func ExampleMiddleware_Begin() {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	next := func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello") }
	adapted := func(ctx *fasthttp.RequestCtx) {
		var x cors.Exchange
		if m.Begin(ctx, &x) {
			return // a preflight, answered
		}
		defer x.Finish(ctx)
		next(ctx)
	}

	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", "https://example.com")
	adapted(&ctx)
	fmt.Println(string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	// Output: https://example.com
}

// Count what is decided, and log what is refused.
func ExampleConfig_onDecision() {
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://example.com"},
		OnDecision: func(ctx *fasthttp.RequestCtx, d cors.Decision) {
			fmt.Printf("%s %q\n", d, d.Refused)
		},
	})
	handler := m.Wrap(func(*fasthttp.RequestCtx) {})
	for _, origin := range []string{"https://example.com", "https://example.com.evil.example"} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.Set("Origin", origin)
		handler(&ctx)
	}
	// Output:
	// actual_allowed ""
	// actual_refused "https://example.com.evil.example"
}

// WebSocket handshakes are not subject to CORS, so that a server has to look at their origin itself.
func ExampleMiddleware_AllowsOrigin() {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://*.example.com"}})
	fmt.Println(m.AllowsOrigin([]byte("https://chat.example.com")), m.AllowsOrigin([]byte("https://evil.example")))
	// Output: true false
}

// A policy can be replaced while requests are served.
func ExampleMiddleware_Reconfigure() {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	c := m.Config()
	c.AllowOrigins = append(c.AllowOrigins, "https://new.example.com")
	fmt.Println(m.Reconfigure(c), m.AllowsOrigin([]byte("https://new.example.com")))
	c.MaxAge = -1
	c.AllowOrigins = nil
	fmt.Println(m.Reconfigure(c) != nil, m.AllowsOrigin([]byte("https://new.example.com")))
	// Output:
	// <nil> true
	// true true
}

// What an environment variable holds is one string.
func ExampleSplitList() {
	c := cors.Config{AllowOrigins: cors.SplitList("https://example.com, https://*.example.com\n")}
	fmt.Printf("%q\n", c.AllowOrigins)
	// Output: ["https://example.com" "https://*.example.com"]
}

// A name that nobody knows is a mistake, and not a policy without it.
func ExampleParseConfig() {
	c, err := cors.ParseConfig([]byte(`{"allowOrigins": ["https://example.com"], "maxAge": 600}`))
	fmt.Println(c.AllowOrigins, c.MaxAge, err)
	_, err = cors.ParseConfig([]byte(`{"allowedOrigins": ["https://example.com"], "maxAge": "600"}`))
	fmt.Println(err)
	// Output:
	// [https://example.com] 600 <nil>
	// allowedOrigins: is no field of a Config: did you mean "allowOrigins"?
	// MaxAge: has to be a whole number, and is a string
}

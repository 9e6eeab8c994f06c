package crossorigin_test

import (
	"errors"
	"fmt"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

func Example() {
	m := cors.MustNew(cors.Config{
		AllowOrigins:     []string{"https://app.example"},
		AllowCredentials: true,
	})
	p := crossorigin.MustNew(crossorigin.Options{TrustPolicy: m})
	handler := m.Wrap(p.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("transferred") }))

	for _, origin := range []string{"https://api.example", "https://app.example", "https://evil.example"} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod("POST")
		ctx.Request.Header.SetHost("api.example")
		ctx.Request.Header.Set("Origin", origin)
		handler(&ctx)
		fmt.Printf("%s: %d %s\n", origin, ctx.Response.StatusCode(), ctx.Response.Body())
	}
	// Output:
	// https://api.example: 200 transferred
	// https://app.example: 200 transferred
	// https://evil.example: 403 cross-origin request refused
}

// Tried on live traffic, before anybody is locked out.
func ExampleOptions_reportOnly() {
	p := crossorigin.MustNew(crossorigin.Options{
		ReportOnly: true,
		OnDecision: func(ctx *fasthttp.RequestCtx, d crossorigin.Decision) {
			if d.Outcome.IsRefused() {
				fmt.Printf("%s %s from %s: %s\n", ctx.Method(), ctx.Path(), d.Origin, d)
			}
		},
	})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI("/transfer")
	ctx.Request.Header.Set("Sec-Fetch-Site", "cross-site")
	ctx.Request.Header.Set("Origin", "https://partner.example")
	p.Wrap(func(*fasthttp.RequestCtx) { fmt.Println("handled") })(&ctx)
	// Output:
	// POST /transfer from https://partner.example: refused_site
	// handled
}

func ExampleProtection_Check() {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.Header.SetHost("api.example")
	ctx.Request.Header.Set("Origin", "https://evil.example")

	err := new(crossorigin.Protection).Check(&ctx)
	fmt.Println(err)
	var refused *crossorigin.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(refused.Origin)
	}
	// Output:
	// cross-origin request refused: Origin "https://evil.example" does not match Host "api.example" and is not trusted
	// https://evil.example
}

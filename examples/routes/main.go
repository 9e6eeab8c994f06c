// Routes serves groups of a github.com/fasthttp/router that have policies of their own.
//
//	go run ./examples/routes
//
// A policy around a single route, as in r.PUT("/a", m.Wrap(handler)), never sees a preflight: that is OPTIONS, and the
// router answers it by itself, without headers. So there is one choice, around the router, that goes by the same
// prefixes as the groups.
package main

import (
	"log"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func main() {
	log.Fatal(newServer().ListenAndServe("localhost:8080"))
}

func newServer() *fasthttp.Server {
	public := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	account := cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}, AllowCredentials: true,
	})
	groups := Groups{Router: router.New()}
	api := groups.Group("/api", public)
	api.GET("/news", ok)
	inner := groups.Group("/api/account", account)
	inner.PUT("/{name}", ok)
	groups.Router.GET("/metrics", ok)
	return &fasthttp.Server{
		Handler:      cors.Select(groups.Choose, groups.Router.Handler),
		ErrorHandler: cors.SelectErrorHandler(groups.Choose, nil),
	}
}

func ok(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("ok\n") }

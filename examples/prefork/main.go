// Prefork serves with one process for each processor, as fasthttp and Fiber offer it. A policy that one of them
// changes by Middleware.Reconfigure changes in none of the others; so each follows the same file by itself. In this
// folder, with the first document of docs/operate.md, or another, in cors.yaml:
//
//	go run . -policies cors.yaml
//	go run . -policies cors.yaml -with fiber
//	go run . -policies cors.yaml -with fiberv2
package main

import (
	"context"
	"flag"
	"log"
	"os"

	fiberv2 "github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/prefork"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
	corsfiber "github.com/bytecors/cors/fiber"
	corsfiberv2 "github.com/bytecors/cors/fiberv2"
)

func main() {
	policies := flag.String("policies", "cors.yaml", "file of policies to follow")
	address := flag.String("listen", "127.0.0.1:8080", "where to serve")
	with := flag.String("with", "fasthttp", "what to serve with: fasthttp, fiber or fiberv2")
	flag.Parse()
	serve := map[string]func(*corswatch.Set, string) error{
		"fasthttp": serveFasthttp, "fiber": serveFiber, "fiberv2": serveFiberV2,
	}[*with]
	if serve == nil {
		log.Fatalf("-with %s is none of fasthttp, fiber and fiberv2", *with)
	}

	// The first process serves nothing. That it follows, too, lets it end at once if there is a mistake in the
	// file, in place of children that end one after the other.
	var set corswatch.Set
	if err := corswatch.Follow(context.Background(), corswatch.File(*policies), &set, corswatch.Options{OnChange: logChange}); err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(&set, *address))
}

func serveFasthttp(set *corswatch.Set, address string) error {
	p := prefork.New(&fasthttp.Server{
		Handler:      cors.Select(set.Choose, func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello\n") }),
		ErrorHandler: cors.SelectErrorHandler(set.Choose, nil),
	})
	p.OnMasterDeath = func() { os.Exit(1) } // or the children stay
	return p.ListenAndServe(address)
}

// Fiber's children end when their parent is process 1, which they take for the one that inherits orphans. In a
// container, let an init be process 1: docker run --init.
func serveFiber(set *corswatch.Set, address string) error {
	app := fiber.New()
	corsfiber.WrapSelect(app, set.Choose)
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("hello\n") })
	return app.Listen(address, fiber.ListenConfig{EnablePrefork: true, DisableStartupMessage: true})
}

func serveFiberV2(set *corswatch.Set, address string) error {
	app := fiberv2.New(fiberv2.Config{Prefork: true, DisableStartupMessage: true})
	corsfiberv2.WrapSelect(app, set.Choose)
	app.Get("/", func(c *fiberv2.Ctx) error { return c.SendString("hello\n") })
	return app.Listen(address)
}

func logChange(s corswatch.Status) {
	if s.Err != nil {
		log.Printf("process %d: version %s stays in force: %v", os.Getpid(), s.Version, s.Err)
		return
	}
	log.Printf("process %d: version %s is in force", os.Getpid(), s.Version)
}

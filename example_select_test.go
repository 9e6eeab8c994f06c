package cors_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// By path prefix: one policy for the public API, one for the pages of one's own. The preflight for
// PUT /public/items has that path, too.
func ExampleSelect_pathPrefix() {
	public := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}})
	account := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowCredentials: true})
	choose := func(ctx *fasthttp.RequestCtx) *cors.Middleware {
		switch path := ctx.Path(); {
		case bytes.HasPrefix(path, []byte("/public/")):
			return public
		case bytes.HasPrefix(path, []byte("/account/")):
			return account
		}
		return nil // no CORS: pages of other origins read nothing
	}
	server := &fasthttp.Server{
		Handler:      cors.Select(choose, func(ctx *fasthttp.RequestCtx) { ctx.NotFound() }),
		ErrorHandler: cors.SelectErrorHandler(choose, nil),
	}

	show(server.Handler, "OPTIONS", "https://api.example/public/items", "https://example.org", "PUT")
	show(server.Handler, "GET", "https://api.example/public/items", "https://example.org", "")
	show(server.Handler, "GET", "https://api.example/account/", "https://example.com", "")
	show(server.Handler, "OPTIONS", "https://api.example/account/", "https://example.org", "PUT")
	show(server.Handler, "GET", "https://api.example/metrics", "https://example.com", "")
	// Output:
	// OPTIONS https://api.example/public/items 204, for "*"
	// GET https://api.example/public/items 404, for "*"
	// GET https://api.example/account/ 404, for "https://example.com"
	// OPTIONS https://api.example/account/ 403, for ""
	// GET https://api.example/metrics 404, for ""
}

// By host: Host may have capitals and a port.
func ExampleSelect_host() {
	byHost := map[string]*cors.Middleware{
		"api.example":    cors.MustNew(cors.Config{AllowOrigins: []string{"https://app.example"}}),
		"assets.example": cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}),
	}
	choose := func(ctx *fasthttp.RequestCtx) *cors.Middleware {
		host, _, _ := bytes.Cut(ctx.URI().Host(), []byte(":")) // which is in small letters
		return byHost[string(host)]
	}
	handler := cors.Select(choose, func(*fasthttp.RequestCtx) {})

	show(handler, "GET", "https://API.example:8443/", "https://app.example", "")
	show(handler, "GET", "https://assets.example/", "https://app.example", "")
	show(handler, "GET", "https://other.example/", "https://app.example", "")
	// Output:
	// GET https://API.example:8443/ 200, for "https://app.example"
	// GET https://assets.example/ 200, for "*"
	// GET https://other.example/ 200, for ""
}

// tenants chooses the policy of the tenant that a host belongs to, such as acme.api.example, from a store that
// is too slow to be asked about every request.
type tenants struct {
	load func(name string) (cors.Config, error)
	keep time.Duration

	mu     sync.RWMutex
	cached map[string]cachedPolicy
}

type cachedPolicy struct {
	m     *cors.Middleware // nil: no such tenant, or one whose policy is not in order
	until time.Time
}

// Anybody can ask for any host, so there is an end to what is kept.
const mostTenants = 10_000

func (t *tenants) choose(ctx *fasthttp.RequestCtx) *cors.Middleware {
	name, domain, _ := bytes.Cut(ctx.URI().Host(), []byte("."))
	if string(domain) != "api.example" {
		return nil
	}
	t.mu.RLock()
	c, ok := t.cached[string(name)]
	t.mu.RUnlock()
	if ok && time.Now().Before(c.until) {
		return c.m
	}
	return t.fetch(string(name))
}

func (t *tenants) fetch(name string) *cors.Middleware {
	var m *cors.Middleware
	config, err := t.load(name)
	if err == nil {
		m, err = cors.New(config)
	}
	if err != nil {
		fmt.Printf("tenant %s: %v\n", name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cached == nil || len(t.cached) >= mostTenants {
		t.cached = map[string]cachedPolicy{}
	}
	t.cached[name] = cachedPolicy{m, time.Now().Add(t.keep)}
	return m
}

// By tenant, from a store, with a cache. A header such as X-Tenant would not do: preflights do not have it.
func ExampleSelect_tenant() {
	store := map[string]cors.Config{
		"acme":   {AllowOrigins: []string{"https://acme.example"}, AllowCredentials: true},
		"broken": {AllowOrigins: []string{"https://broken.example/"}},
	}
	t := &tenants{keep: time.Hour, load: func(name string) (cors.Config, error) {
		fmt.Println("load", name)
		if config, ok := store[name]; ok {
			return config, nil
		}
		return cors.Config{}, errors.New("no such tenant")
	}}
	handler := cors.Select(t.choose, func(*fasthttp.RequestCtx) {})

	show(handler, "OPTIONS", "https://acme.api.example/", "https://acme.example", "GET")
	show(handler, "GET", "https://acme.api.example/", "https://acme.example", "")
	show(handler, "GET", "https://broken.api.example/", "https://acme.example", "")
	show(handler, "GET", "https://nobody.api.example/", "https://acme.example", "")
	show(handler, "GET", "https://nobody.api.example/", "https://acme.example", "")
	// Output:
	// load acme
	// OPTIONS https://acme.api.example/ 204, for "https://acme.example"
	// GET https://acme.api.example/ 200, for "https://acme.example"
	// load broken
	// tenant broken: AllowOrigins[0]: "https://broken.example/" has a path; an origin is scheme, host and port: did you mean "https://broken.example"?
	// GET https://broken.api.example/ 200, for ""
	// load nobody
	// tenant nobody: no such tenant
	// GET https://nobody.api.example/ 200, for ""
	// GET https://nobody.api.example/ 200, for ""
}

// An inner policy overrides an outer one. Of two middlewares one inside the other, the outer has the last word,
// so there is one place that chooses, and it prefers what is more specific.
func ExampleSelect_override() {
	outer := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	inner := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	choose := func(ctx *fasthttp.RequestCtx) *cors.Middleware {
		if string(ctx.Path()) == "/feed" && string(cors.RequestedMethod(ctx)) == "GET" {
			return inner
		}
		return outer
	}
	handler := cors.Select(choose, func(*fasthttp.RequestCtx) {})

	show(handler, "GET", "https://api.example/feed", "https://example.org", "")
	show(handler, "OPTIONS", "https://api.example/feed", "https://example.org", "GET")
	show(handler, "OPTIONS", "https://api.example/feed", "https://example.org", "POST")
	show(handler, "GET", "https://api.example/", "https://example.org", "")
	// Output:
	// GET https://api.example/feed 200, for "*"
	// OPTIONS https://api.example/feed 204, for "*"
	// OPTIONS https://api.example/feed 403, for ""
	// GET https://api.example/ 200, for ""
}

// show prints what a page's request comes to, and whom the response is for.
func show(handler fasthttp.RequestHandler, method, url, origin, asked string) {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(url)
	ctx.Request.Header.Set("Origin", origin)
	if asked != "" {
		ctx.Request.Header.Set("Access-Control-Request-Method", asked)
	}
	handler(&ctx)
	fmt.Printf("%s %s %d, for %q\n", method, url, ctx.Response.StatusCode(), ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
}

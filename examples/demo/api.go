package main

import (
	"fmt"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// exampleOrigin is allowed beside the page, for curl: it is the origin in most explanations of CORS.
const exampleOrigin = "https://foo.example"

// api is an API with a policy for each resource. Most applications have one policy, and wrap the whole handler.
type api struct {
	handler  fasthttp.RequestHandler
	policies []*cors.Middleware
}

// setDebug switches debug mode, in which a preflight that fails is answered with what does not fail it, so that the
// browser's console names what does.
func (a *api) setDebug(on bool) {
	for _, m := range a.policies {
		m.SetDebug(on)
	}
}

func (a *api) debug() bool {
	return a.policies[0].Debug()
}

func newAPI(pageOrigin string) *api {
	ours := []string{pageOrigin, exampleOrigin}
	public := cors.MustNew(cors.Config{
		AllowOrigins: []string{"*"},
	})
	partners := cors.MustNew(cors.Config{
		AllowOrigins:  ours,
		ExposeHeaders: []string{"X-Request-Id"},
	})
	documents := cors.MustNew(cors.Config{
		AllowOrigins: ours,
		AllowMethods: []string{"POST", "GET", "OPTIONS"},
		AllowHeaders: []string{"X-PINGOTHER", "Content-Type"},
		MaxAge:       86400,
	})
	visitors := cors.MustNew(cors.Config{
		AllowOrigins:     ours,
		AllowCredentials: true,
	})
	strangers := cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://bar.example"},
	})

	// CORS lets a form through, whichever site it is on. This does not, unless the policy above trusts the site.
	protection := crossorigin.MustNew(crossorigin.Options{
		TrustPolicy: visitors,
	})

	// Not with the usual 408: browsers take that for a connection that was closed too early, and repeat the request.
	slow := fasthttp.TimeoutWithCodeHandler(getSlowly, 50*time.Millisecond, "too slow", fasthttp.StatusGatewayTimeout)
	routes := map[string]fasthttp.RequestHandler{
		"/resources/public-data/":          public.Wrap(getData),
		"/resources/partner-data/":         partners.Wrap(getData),
		"/doc":                             documents.Wrap(postDocument),
		"/resources/credentialed-content/": visitors.Wrap(getVisits),
		"/resources/bar-data/":             strangers.Wrap(getData),
		"/transfer":                        visitors.Wrap(postTransfer),
		"/protected/transfer":              visitors.Wrap(protection.Wrap(postTransfer)),
		"/broken":                          partners.Wrap(fail),
		"/slow":                            partners.Wrap(slow),
	}
	notFound := partners.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.NotFound() })
	handler := func(ctx *fasthttp.RequestCtx) {
		if route, ok := routes[string(ctx.Path())]; ok {
			route(ctx)
			return
		}
		notFound(ctx)
	}
	return &api{handler, []*cors.Middleware{public, partners, documents, visitors, strangers}}
}

func getData(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("X-Request-Id", "17")
	ctx.Response.Header.Set("X-Shard", "b3")
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"items":[1,2,3]}`)
}

func postDocument(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	ctx.SetContentType("text/plain; charset=utf-8")
	fmt.Fprintf(ctx, "received %d bytes of %s", len(ctx.PostBody()), ctx.Request.Header.ContentType())
}

// getVisits counts in a cookie how often the page has come.
func getVisits(ctx *fasthttp.RequestCtx) {
	visits, err := fasthttp.ParseUint(ctx.Request.Header.Cookie("pageAccess"))
	if err != nil {
		visits = 0
	}
	ctx.Response.Header.Set(fasthttp.HeaderSetCookie, fmt.Sprintf("pageAccess=%d; path=/; SameSite=Lax", visits+1))
	ctx.SetContentType("text/plain; charset=utf-8")
	fmt.Fprintf(ctx, "visits so far: %d", visits)
}

// postTransfer takes a form, and changes something.
func postTransfer(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("text/plain; charset=utf-8")
	fmt.Fprintf(ctx, "sent %s to %s", ctx.PostArgs().Peek("amount"), ctx.PostArgs().Peek("to"))
}

// fail answers with ctx.Error, which drops all headers that were set before it.
func fail(ctx *fasthttp.RequestCtx) {
	ctx.Error(`{"error":"the database is away"}`, fasthttp.StatusServiceUnavailable)
	ctx.SetContentType("application/json")
}

func getSlowly(ctx *fasthttp.RequestCtx) {
	time.Sleep(time.Second)
	getData(ctx)
}

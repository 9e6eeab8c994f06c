// Package floor has the handlers that benchmarks measure the middleware against. A floor sets by hand, with fasthttp's
// cheapest call, exactly the response headers that the middleware would set for one request, and decides nothing.
package floor

import "github.com/valyala/fasthttp"

// Origin is the page's, which the policy allows.
const Origin = "https://app.example.com"

var (
	allowOriginName  = []byte("Access-Control-Allow-Origin")
	allowMethodsName = []byte("Access-Control-Allow-Methods")
	allowHeadersName = []byte("Access-Control-Allow-Headers")
	maxAgeName       = []byte("Access-Control-Max-Age")
	varyName         = []byte("Vary")

	originValue        = []byte(Origin)
	anyValue           = []byte("*")
	methodsValue       = []byte("PUT,DELETE")
	headersValue       = []byte("content-type,x-requested-with")
	maxAgeValue        = []byte("600")
	varyValue          = []byte("Origin")
	varyPreflightValue = []byte("Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
)

// What the bare handlers send.
const (
	ContentType = "application/json"
	Body        = `{"ok":true}`
)

var (
	contentType = []byte(ContentType)
	body        = []byte(Body)
)

// Bare is the handler that stands behind the middleware and in every floor: a status, a content type and a small body.
func Bare(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusOK)
	ctx.SetContentTypeBytes(contentType)
	ctx.SetBody(body)
}

// BareNoContent is what answering a preflight takes, without CORS.
func BareNoContent(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusNoContent)
}

// Allowed is for an actual request from Origin.
func Allowed(ctx *fasthttp.RequestCtx) {
	Bare(ctx)
	ctx.Response.Header.SetCanonical(allowOriginName, originValue)
	ctx.Response.Header.SetCanonical(varyName, varyValue)
}

// Varies is for an actual request without Origin, or one that is refused.
func Varies(ctx *fasthttp.RequestCtx) {
	Bare(ctx)
	ctx.Response.Header.SetCanonical(varyName, varyValue)
}

// Any is for an actual request under a policy that allows all origins.
func Any(ctx *fasthttp.RequestCtx) {
	Bare(ctx)
	ctx.Response.Header.SetCanonical(allowOriginName, anyValue)
}

// Preflight is for one from Origin.
func Preflight(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusNoContent)
	h := &ctx.Response.Header
	h.SetCanonical(allowOriginName, originValue)
	h.SetCanonical(allowMethodsName, methodsValue)
	h.SetCanonical(allowHeadersName, headersValue)
	h.SetCanonical(maxAgeName, maxAgeValue)
	h.SetCanonical(varyName, varyPreflightValue)
}

// Refused is for a preflight that is refused.
func Refused(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusForbidden)
	ctx.Response.Header.SetCanonical(varyName, varyPreflightValue)
}

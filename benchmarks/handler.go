package main

import (
	"net/http"

	"github.com/valyala/fasthttp"
)

// The bare handlers, which stand behind every middleware and in every floor: a status, a content type and a
// small body.

var (
	contentType = []byte("application/json")
	body        = []byte(`{"ok":true}`)
)

func bare(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusOK)
	ctx.SetContentTypeBytes(contentType)
	ctx.SetBody(body)
}

// bareNoContent is what answering a preflight takes, without CORS.
func bareNoContent(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusNoContent)
}

var contentTypeValues = []string{"application/json"}

func bareNetHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = contentTypeValues
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// onFasthttp is a subject that calls a fasthttp handler as a server does.
func onFasthttp(name string, w wire, handler fasthttp.RequestHandler) subject {
	ctx := w.fasthttp()
	return subject{name, func(n int) {
		for range n {
			ctx.Response.Reset()
			handler(ctx)
		}
	}}
}

// onNetHTTP is a subject that calls a net/http handler. It has the advantage of a header map that is emptied
// and used again, where a server makes a new one for each request.
func onNetHTTP(name string, w wire, handler http.Handler) subject {
	r, response := w.nethttp(), &netHTTPResponse{header: http.Header{}}
	return subject{name, func(n int) {
		for range n {
			clear(response.header)
			handler.ServeHTTP(response, r)
		}
	}}
}

type netHTTPResponse struct {
	header http.Header
	status int
}

func (r *netHTTPResponse) Header() http.Header         { return r.header }
func (r *netHTTPResponse) WriteHeader(status int)      { r.status = status }
func (r *netHTTPResponse) Write(b []byte) (int, error) { return len(b), nil }

// A floor sets by hand, with fasthttp's cheapest call, exactly the response headers that the middleware would
// set for one request, and decides nothing.

var (
	nameAllowOrigin  = []byte("Access-Control-Allow-Origin")
	nameAllowMethods = []byte("Access-Control-Allow-Methods")
	nameAllowHeaders = []byte("Access-Control-Allow-Headers")
	nameMaxAge       = []byte("Access-Control-Max-Age")
	nameVary         = []byte("Vary")

	valuePage          = []byte(page)
	valueAny           = []byte("*")
	valueMethods       = []byte("PUT,DELETE")
	valueHeaders       = []byte("content-type,x-requested-with")
	valueMaxAge        = []byte("600")
	valueVary          = []byte("Origin")
	valueVaryPreflight = []byte("Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
)

func floorAllowed(ctx *fasthttp.RequestCtx) {
	bare(ctx)
	ctx.Response.Header.SetCanonical(nameAllowOrigin, valuePage)
	ctx.Response.Header.SetCanonical(nameVary, valueVary)
}

// floorVary is for requests without Origin, and for refused ones.
func floorVary(ctx *fasthttp.RequestCtx) {
	bare(ctx)
	ctx.Response.Header.SetCanonical(nameVary, valueVary)
}

// floorAny is for a policy that allows all origins.
func floorAny(ctx *fasthttp.RequestCtx) {
	bare(ctx)
	ctx.Response.Header.SetCanonical(nameAllowOrigin, valueAny)
}

func floorPreflight(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusNoContent)
	h := &ctx.Response.Header
	h.SetCanonical(nameAllowOrigin, valuePage)
	h.SetCanonical(nameAllowMethods, valueMethods)
	h.SetCanonical(nameAllowHeaders, valueHeaders)
	h.SetCanonical(nameMaxAge, valueMaxAge)
	h.SetCanonical(nameVary, valueVaryPreflight)
}

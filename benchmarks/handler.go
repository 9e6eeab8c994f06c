package main

import (
	"net/http"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
	"github.com/bytecors/cors/internal/requesthead"
)

var (
	contentTypeValues = []string{floor.ContentType}
	body              = []byte(floor.Body)
)

// bareNetHTTP is floor.Bare for net/http.
func bareNetHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = contentTypeValues
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// onFasthttp is a subject that calls a fasthttp handler as a server does.
func onFasthttp(name string, w wire, handler fasthttp.RequestHandler) subject {
	ctx := w.fasthttp()
	if w.isPreflight() {
		return onFreshHeader(name, ctx, handler)
	}
	return subject{name, func(n int) {
		for range n {
			ctx.Response.Reset()
			handler(ctx)
		}
	}}
}

// onFreshHeader is the same for requests that are walked over.
func onFreshHeader(name string, ctx *fasthttp.RequestCtx, handler fasthttp.RequestHandler) subject {
	restore := requesthead.Fresh(&ctx.Request.Header)
	return subject{name, func(n int) {
		for range n {
			restore()
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

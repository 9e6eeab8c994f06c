package cors

import "github.com/valyala/fasthttp"

// Select is like Middleware.Wrap, with a policy that is chosen for each request: by its path, by its host, by
// whatever choose looks at. Where choose returns nil, CORS has no part in the exchange: a preflight goes to next
// like any other request, and the response is what next makes of it.
//
// choose runs once for each request, before anything else, and both halves of the exchange are under the policy
// that it returns. It must be safe for concurrent use, must not change ctx, nor keep it. Put Select around the
// router and not behind it: a preflight has the URL of the request that it announces, and method OPTIONS, which
// no route may be registered for. RequestedMethod returns the method of the request to come.
//
// A cache keeps one response for a URL, host included, so a choice by path or host needs no more. Whatever other
// request headers choose looks at must be in Config.VaryBy of every policy that it may return, and in a Vary of
// next's own where it returns nil. A choice by Origin is what AllowOrigins is for: a policy that allows "*"
// does not vary by it. A preflight carries neither cookies, nor credentials, nor any header that a page sets.
func Select(choose func(*fasthttp.RequestCtx) *Middleware, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	if choose == nil || next == nil {
		panic("cors: Select of a nil function")
	}
	return func(ctx *fasthttp.RequestCtx) {
		m := choose(ctx)
		if m == nil {
			next(ctx)
			return
		}
		m.serve(ctx, next)
	}
}

// SelectErrorHandler is like Middleware.WrapErrorHandler, with a policy that is chosen for each request. choose
// may see a request that has no path and no host, where the server could not read them.
func SelectErrorHandler(
	choose func(*fasthttp.RequestCtx) *Middleware, next func(*fasthttp.RequestCtx, error), options ...ErrorOption,
) func(*fasthttp.RequestCtx, error) {
	if choose == nil {
		panic("cors: SelectErrorHandler of a nil function")
	}
	if next == nil {
		next = writeError
	}
	linger := newLinger(options)
	return func(ctx *fasthttp.RequestCtx, err error) {
		m := choose(ctx)
		if m == nil {
			next(ctx, err)
			return
		}
		var x Exchange
		m.begin(ctx, &x, false)
		defer x.Finish(ctx)
		next(ctx, err)
		linger.after(ctx)
	}
}

// RequestedMethod returns the method that a request is about: of a preflight, the one that it asks for; of
// every other request, its own. It is valid until the request changes, and must not be changed.
func RequestedMethod(ctx *fasthttp.RequestCtx) []byte {
	h := &ctx.Request.Header
	if !h.IsOptions() {
		return h.Method()
	}
	var r preflight
	if r.read(h) {
		return r.method.first
	}
	return h.Method()
}

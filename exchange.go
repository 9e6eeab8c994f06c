package cors

import "github.com/valyala/fasthttp"

// Exchange is what the middleware keeps of a request until its response is written. Wrap does all there is
// to do with it; an adapter for a framework runs the same pair around its own next handler:
//
//	var x cors.Exchange
//	if m.Begin(ctx, &x) {
//		return // a preflight, answered
//	}
//	defer x.Finish(ctx)
//	next(ctx)
//
// It is meant to live on the stack, and is for one request at a time.
type Exchange struct {
	policy *policy    // nil: nothing to write
	vary   *varyNames // what the response depends on

	// The origin that may read the response, or "*": the policy's own bytes of it, or else a copy, since the handler
	// may change the request.
	own    []byte
	length int
	copied [maxOriginLen]byte
}

// Begin classifies the request and decides. It answers a preflight and returns true: the next handler must
// not run. For any other request it returns false: run the next handler, then Finish, also after a panic.
func (m *Middleware) Begin(ctx *fasthttp.RequestCtx, x *Exchange) (answered bool) {
	return m.begin(ctx, x, true)
}

// Finish writes the response's headers. It must run after the next handler, and before anything else that
// could send the response.
func (x *Exchange) Finish(ctx *fasthttp.RequestCtx) {
	if x.policy == nil {
		return
	}
	origin := x.own
	if x.length > 0 {
		origin = x.copied[:x.length]
	}
	x.policy.finish(ctx, origin, x.vary)
}

// begin is the first half of serve. If answer is not set, a preflight is left to the handler, too.
func (m *Middleware) begin(ctx *fasthttp.RequestCtx, x *Exchange, answer bool) (answered bool) {
	p, h := m.policy.Load(), &ctx.Request.Header
	x.policy = p
	if p == nil {
		return false
	}
	x.own, x.length, x.vary = p.allowOrigin, 0, p.vary
	if h.IsOptions() {
		x.vary = p.varyOptions
		var r preflight
		if r.read(h) {
			switch {
			case p.calls:
				p.servePreflightCalling(ctx, &r, answer, m.Debug())
			case answer:
				p.answer(ctx, &r, p.decidePreflight(ctx, &r).Outcome, m.Debug())
			}
			if answer {
				x.policy = nil
			}
			return answer
		}
	}
	if origin, own := p.decide(ctx, x.vary); own {
		x.own = origin
	} else {
		x.length = copy(x.copied[:], origin)
	}
	return false
}

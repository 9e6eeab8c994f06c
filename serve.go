package cors

import "github.com/valyala/fasthttp"

// serve is the request path: classify, decide, run the handler, write.
func (m *Middleware) serve(ctx *fasthttp.RequestCtx, next fasthttp.RequestHandler) {
	p, h := m.policy.Load(), &ctx.Request.Header
	if p == nil {
		next(ctx)
		return
	}
	vary := p.vary
	if h.IsOptions() {
		vary = p.varyOptions
		var r preflight
		if r.read(h) {
			if p.calls {
				p.servePreflightCalling(ctx, &r, true, m.Debug())
			} else {
				p.answer(ctx, &r, p.decidePreflight(ctx, &r).Outcome, m.Debug())
			}
			return
		}
	}
	origin, own := p.decide(ctx, vary)
	if !own {
		var copied [maxOriginLen]byte // the handler may change the request
		origin = copied[:copy(copied[:], origin)]
	}
	defer p.finish(ctx, origin, vary)
	next(ctx)
}

// servePreflightCalling answers a preflight, if answer is set, for policies that call functions of their Config. Where
// one panics, the response is what it would be without an Origin, or what was decided, whoever recovers.
func (p *policy) servePreflightCalling(ctx *fasthttp.RequestCtx, r *preflight, answer, debug bool) {
	done := false
	defer func() {
		if !done {
			p.finish(ctx, p.allowOrigin, p.varyOptions)
		}
	}()
	d := p.decidePreflight(ctx, r)
	if answer {
		p.answer(ctx, r, d.Outcome, debug)
		done = true
	}
	if p.onDecision != nil {
		p.onDecision(ctx, d)
	}
	done = true
}

// decide is for requests other than preflights: it returns the origin that may read the response, or "*", or nil. If
// own is not set, the bytes are the request's.
func (p *policy) decide(ctx *fasthttp.RequestCtx, vary *varyNames) (origin []byte, own bool) {
	switch {
	case p.calls:
		return p.decideCalling(ctx, vary)
	case p.allowOrigin != nil: // the response is the same for everybody
		return p.allowOrigin, true
	}
	// decideActual would say the same, and nobody asks for a Decision.
	h := &ctx.Request.Header
	if h.DisableNormalizing() {
		_, origin, own = p.decideActual(ctx, originHeader.peekAsSent(h))
		return origin, own
	}
	lines := h.PeekAll(fasthttp.HeaderOrigin)
	h.EnableNormalizing()
	if len(lines) != 1 {
		return nil, true
	}
	origin = p.allowedOrigin(ctx, lines[0])
	return origin, !areSame(origin, lines[0])
}

// decideCalling is the same for policies that call functions of their Config. Where one panics, the response is what
// it would be without an Origin, or what was decided, whoever recovers.
func (p *policy) decideCalling(ctx *fasthttp.RequestCtx, vary *varyNames) (origin []byte, own bool) {
	var d Decision
	done := false
	defer func() {
		if !done {
			p.finish(ctx, origin, vary)
		}
	}()
	d, origin, own = p.decideActual(ctx, originHeader.peek(&ctx.Request.Header))
	if p.onDecision != nil {
		p.onDecision(ctx, d)
	}
	done = true
	return origin, own
}

// finish writes the headers of a response other than a preflight's. origin may read it, or nobody, if nil.
func (p *policy) finish(ctx *fasthttp.RequestCtx, origin []byte, vary *varyNames) {
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		// A handler that has timed out may still be using the rest of ctx.
		h = &late.Header
	}
	// What can be said of most responses in one look: there is nothing of ours in them.
	left := len(h.PeekTrailerKeys()) > 0
	h.All()(func(name, _ []byte) bool { // as a loop, this takes a nanosecond more
		left = left || mayBeOurs(name)
		return true
	})
	if left {
		vary = takeOver(h, vary)
	}
	if origin != nil {
		h.SetCanonical(headerAllowOrigin, origin)
		set(h, headerAllowCredentials, p.allowCredentials)
		set(h, headerExposeHeaders, p.exposeHeaders)
	}
	writeVary(h, vary)
}

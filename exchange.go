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
	policy  *policy // nil: nothing to write
	outcome Outcome
	vary    *varyNames // what the response depends on

	// The origin that is allowed: the policy's own bytes of it, or else a copy, since the handler may change the
	// request.
	own       []byte
	originLen int
	origin    [maxOriginLen]byte
}

// Begin classifies the request and decides. It answers a preflight and returns true: the next handler must
// not run. For any other request it returns false: run the next handler, then Finish, also after a panic.
func (m *Middleware) Begin(ctx *fasthttp.RequestCtx, x *Exchange) (answered bool) {
	return m.begin(ctx, x, true)
}

// Finish writes the response's headers. It must run after the next handler, and before anything else that
// could send the response.
func (x *Exchange) Finish(ctx *fasthttp.RequestCtx) {
	p := x.policy
	if p == nil {
		return
	}
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		// A handler that has timed out may still be using the rest of ctx.
		h = &late.Header
	}
	vary := x.vary
	if mayHaveOurs(h) {
		vary = takeOver(h, vary)
	}
	if p.allowOrigin != nil || x.outcome == ActualAllowed {
		origin := x.own
		if origin == nil {
			origin = x.origin[:x.originLen]
		}
		p.writeAllowOrigin(h, origin)
		if p.exposeHeaders != nil {
			h.SetCanonical(headerExposeHeaders, p.exposeHeaders)
		}
	}
	if vary != nil {
		h.SetCanonical(headerVary, vary.joined)
	}
}

// begin is the request path up to the handler: classify, decide and, for a preflight that is to be answered,
// write.
func (m *Middleware) begin(ctx *fasthttp.RequestCtx, x *Exchange, answer bool) (answered bool) {
	p, h := m.policy.Load(), &ctx.Request.Header
	x.policy = p
	if p == nil {
		return false
	}
	x.outcome, x.vary = NotCORS, p.vary
	if h.IsOptions() {
		x.vary = p.varyOptions
		if r, ok := readPreflight(h); ok {
			return m.beginPreflight(ctx, x, &r, answer)
		}
	}
	if p.calls {
		x.beginCalling(ctx)
	} else if p.allowOrigin == nil { // else, the response is the same for everybody
		origin, lines := originHeader.peek(h)
		x.decide(ctx, origin, lines)
	}
	return false
}

// decide is for requests other than preflights: for the first Origin line, and how many there are.
func (x *Exchange) decide(ctx *fasthttp.RequestCtx, origin []byte, lines int) {
	p, ok := x.policy, true
	switch {
	case lines == 0:
		return
	case p.allowOrigin != nil:
		// With "*" the response is the same for everybody, and has no Vary: it must not depend on the origin.
	default:
		if x.own, ok = p.allowsOrigin(ctx, origin, lines); ok && x.own == nil {
			x.originLen = copy(x.origin[:], origin)
		}
	}
	if x.outcome = ActualRefused; ok {
		x.outcome = ActualAllowed
	}
}

// beginCalling is for policies that call functions of their Config. Where one panics, the response is what it
// would be without an Origin, or what was decided, whoever recovers.
func (x *Exchange) beginCalling(ctx *fasthttp.RequestCtx) {
	done := false
	defer func() {
		if !done {
			x.Finish(ctx)
		}
	}()
	origin, lines := originHeader.peek(&ctx.Request.Header)
	x.decide(ctx, origin, lines)
	if onDecision := x.policy.onDecision; onDecision != nil {
		onDecision(ctx, actualDecision(x.outcome, origin))
	}
	done = true
}

// beginPreflight is the same for a preflight.
func (m *Middleware) beginPreflight(ctx *fasthttp.RequestCtx, x *Exchange, r *preflight, answer bool) (answered bool) {
	p, done := x.policy, false
	if p.calls {
		defer func() {
			if !done {
				x.Finish(ctx)
			}
		}()
	}
	var buffer [maxMixedLines][]byte
	d, headers := p.decidePreflight(ctx, r, buffer[:0])
	x.outcome = d.Outcome
	if answer {
		p.answer(ctx, r, headers, d.Outcome, m.Debug())
		x.policy = nil
	}
	if p.onDecision != nil {
		p.onDecision(ctx, d)
	}
	done = true
	return answer
}

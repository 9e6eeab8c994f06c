package cors

import "github.com/valyala/fasthttp"

// What a policy makes of a request. Nothing here writes.

// decideActual is for requests other than preflights. It returns the first Origin line as well and, where the
// policy lists it, the policy's own bytes of it.
func (p *policy) decideActual(ctx *fasthttp.RequestCtx) (outcome Outcome, origin, own []byte) {
	origin, lines := originHeader.peek(&ctx.Request.Header)
	if lines == 0 {
		return NotCORS, nil, nil
	}
	// With "*" the response is the same for everybody, and has no Vary: it must not depend on the origin.
	if p.allowOrigin != nil {
		return ActualAllowed, origin, nil
	}
	if own, ok := p.allowsOrigin(ctx, origin, lines); ok {
		return ActualAllowed, origin, own
	}
	return ActualRefused, origin, nil
}

// actualDecision returns the Decision for a request other than a preflight.
func actualDecision(outcome Outcome, origin []byte) Decision {
	if outcome == ActualRefused {
		return Decision{outcome, origin}
	}
	return Decision{Outcome: outcome}
}

// decidePreflight follows the browser's order (Fetch section 4.8): origin, method, headers. It returns the headers as
// well; buffer is for them.
func (p *policy) decidePreflight(ctx *fasthttp.RequestCtx, r *preflight, buffer [][]byte) (d Decision, headers [][]byte) {
	if _, ok := p.allowsOrigin(ctx, r.origin, r.origins); !ok {
		return Decision{PreflightRefusedOrigin, r.origin}, nil
	}
	if r.methods != 1 || !p.methods.has(r.method) {
		return Decision{PreflightRefusedMethod, r.method}, nil
	}
	headers, complete := requestHeadersHeader.lines(&ctx.Request.Header, buffer)
	if name, ok := p.allowsHeaders(headers, complete); !ok {
		return Decision{PreflightRefusedHeaders, name}, nil
	}
	return Decision{Outcome: PreflightAllowed}, headers
}

// allowsOrigin tells whether the request comes from an origin that is allowed, and returns the policy's own bytes
// of it, where it has them. A request with several Origin lines was not sent by a browser, and comes from none.
func (p *policy) allowsOrigin(ctx *fasthttp.RequestCtx, origin []byte, lines int) (own []byte, ok bool) {
	if lines != 1 {
		return nil, false
	}
	if own, ok = p.lists(origin); ok || p.originFunc == nil || !isSerialized(origin) {
		return own, ok
	}
	return nil, p.originFunc(ctx, origin)
}

// lists does so for what needs no function to be asked. Where "*" is answered with itself, the answer does not
// depend on the origin, which can be anything then; what is sent back has to be something that a browser sends.
func (p *policy) lists(origin []byte) (own []byte, ok bool) {
	switch own, ok = p.origins.find(origin); {
	case ok || !p.origins.any:
		return own, ok
	case p.allowOrigin != nil:
		return nil, len(origin) > 0
	}
	return nil, isSerialized(origin)
}

// isSerialized tells whether a browser could have sent o as an origin.
func isSerialized(o []byte) bool {
	return string(o) == nullOrigin || couldBeOrigin(o)
}

// allowsHeaders tells whether all request headers that a preflight asks for are allowed, and otherwise
// returns the first that is not, or the first line where it asks for more than is looked at.
func (p *policy) allowsHeaders(lines [][]byte, complete bool) (refused []byte, ok bool) {
	if len(lines) == 0 {
		return nil, complete
	}
	if !complete || !p.headers.fits(lines) {
		return lines[0], false
	}
	for _, line := range lines {
		if refused = p.headers.refused(line); refused != nil {
			return refused, false
		}
	}
	return nil, true
}

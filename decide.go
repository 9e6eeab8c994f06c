package cors

import "github.com/valyala/fasthttp"

// What a policy makes of a request. Nothing here writes.

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
	if own, ok = p.origins.find(origin); ok || !p.allowsMore {
		return own, ok
	}
	return nil, p.allowsUnlisted(origin) || p.originFunc != nil && isSerialized(origin) && p.originFunc(ctx, origin)
}

// allowsUnlisted tells whether "*" covers the origin. Where it is answered with itself, the answer does not depend on
// the origin, which can be anything then; what is sent back has to be something that a browser sends.
func (p *policy) allowsUnlisted(origin []byte) bool {
	return p.origins.any && len(origin) > 0 && (p.allowOrigin != nil || isSerialized(origin))
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

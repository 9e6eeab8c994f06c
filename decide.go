package cors

import "github.com/valyala/fasthttp"

// What a policy makes of a request. Nothing here writes.

// decideActual is for requests other than preflights, with the Origin lines that they have. Beside the decision it
// returns the origin that may read the response, or "*". If own is not set, the bytes are the request's.
func (p *policy) decideActual(ctx *fasthttp.RequestCtx, lines requestLines) (d Decision, origin []byte, own bool) {
	switch {
	case lines.n == 0:
		return Decision{}, p.allowOrigin, true
	case p.allowOrigin != nil:
		// The response is the same for everybody, and has no Vary: it must not depend on the origin.
		return Decision{Outcome: ActualAllowed}, p.allowOrigin, true
	case lines.n == 1:
		if origin = p.allowedOrigin(ctx, lines.first); origin != nil {
			return Decision{Outcome: ActualAllowed}, origin, !areSame(origin, lines.first)
		}
	}
	return Decision{ActualRefused, lines.first}, nil, true
}

// decidePreflight follows the browser's order (Fetch section 4.8): origin, method, headers. A request with several
// lines of the first two was not sent by a browser: it comes from nowhere, or asks for nothing that could be allowed.
func (p *policy) decidePreflight(ctx *fasthttp.RequestCtx, r *preflight) Decision {
	if r.origin.n == 1 {
		r.allowed = p.allowedOrigin(ctx, r.origin.first)
	}
	if r.allowed == nil {
		return Decision{PreflightRefusedOrigin, r.origin.first}
	}
	if r.method.n != 1 || !p.methods.has(r.method.first) {
		return Decision{PreflightRefusedMethod, r.method.first}
	}
	if r.headers.n == 1 && string(r.headers.first) == p.headers.joined {
		return Decision{Outcome: PreflightAllowed} // to a page that uses all of them, or the only one
	}
	if name, ok := p.allowsHeaders(&ctx.Request.Header, r); !ok {
		return Decision{PreflightRefusedHeaders, name}
	}
	return Decision{Outcome: PreflightAllowed}
}

// allowedOrigin returns the origin if it is allowed, or nil. The bytes are the policy's own where it has them, and
// otherwise those of the request.
func (p *policy) allowedOrigin(ctx *fasthttp.RequestCtx, origin []byte) []byte {
	if string(origin) == string(p.origins.first) { // as find does, which would make this too long to be a part of its callers
		return p.origins.first
	}
	return p.allowedBehindFirst(ctx, origin)
}

// allowedBehindFirst is the same for all origins but the first exact one.
func (p *policy) allowedBehindFirst(ctx *fasthttp.RequestCtx, origin []byte) []byte {
	if listed := p.origins.findBehindFirst(origin); listed != nil {
		return listed
	}
	if p.allowsMore && p.allowsUnlisted(ctx, origin) {
		return origin
	}
	return nil
}

// allowsUnlisted tells whether "*" covers the origin, or AllowOriginFunc allows it.
func (p *policy) allowsUnlisted(ctx *fasthttp.RequestCtx, origin []byte) bool {
	return p.coversAny(origin) || p.originFunc != nil && isSerialized(origin) && p.originFunc(ctx, origin)
}

// coversAny tells whether "*" covers the origin. Where it is answered with itself, the answer does not depend on
// the origin, which can be anything then; what is sent back has to be something that a browser sends.
func (p *policy) coversAny(origin []byte) bool {
	return p.origins.any && len(origin) > 0 && (p.allowOrigin != nil || isSerialized(origin))
}

// isSerialized tells whether a browser could have sent o as an origin.
func isSerialized(o []byte) bool {
	return string(o) == nullOrigin || couldBeOrigin(o)
}

// allowsHeaders tells whether all request headers that a preflight asks for are allowed, and otherwise returns the
// first that is not, or the first line where it asks for more than is looked at.
func (p *policy) allowsHeaders(h *fasthttp.RequestHeader, r *preflight) (refused []byte, ok bool) {
	if r.length > p.headers.longestValue {
		return r.headers.first, false
	}
	if r.headers.n <= 1 {
		refused = p.headers.refused(r.headers.first)
		return refused, refused == nil
	}
	return p.allowsLines(h, r)
}

// allowsLines is the same for several lines, which no browser sends.
func (p *policy) allowsLines(h *fasthttp.RequestHeader, r *preflight) (refused []byte, ok bool) {
	r.eachLine(h, func(line []byte) bool {
		refused = p.headers.refused(line)
		return refused == nil
	})
	return refused, refused == nil
}

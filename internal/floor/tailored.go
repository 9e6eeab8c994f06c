package floor

import "github.com/valyala/fasthttp"

// A tailored handler answers one kind of request under one policy as its author would who keeps what the middleware
// promises, and knows the policy by heart: nothing is looked up, nothing can be configured. It reads the request exactly
// (an Origin in two lines is none), and sends the same response however the handler inside ends. All that is unusual
// is left to the middleware. What a tailored handler takes is a bound for what can be had by those rules.

var originName = []byte(fasthttp.HeaderOrigin)

// Tailored are the handlers for one policy. All that is unusual in a request goes to Middleware.
type Tailored struct {
	Middleware fasthttp.RequestHandler
	answer     fasthttp.ResponseHeader // to a preflight
}

// NewTailored returns the handlers.
func NewTailored(middleware fasthttp.RequestHandler) *Tailored {
	t := &Tailored{Middleware: middleware}
	var ctx fasthttp.RequestCtx
	Preflight(&ctx)
	ctx.Response.Header.CopyTo(&t.answer)
	return t
}

// Actual is for requests that are no preflights, under a policy that allows Origin.
func (t *Tailored) Actual(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if h.IsOptions() || h.DisableNormalizing() {
		t.Middleware(ctx)
		return
	}
	lines := h.PeekAll(fasthttp.HeaderOrigin)
	h.EnableNormalizing()
	if len(lines) == 1 && string(lines[0]) == Origin {
		defer finishAllowed(ctx)
	} else {
		defer finishVaries(ctx)
	}
	Bare(ctx)
}

// ActualWithoutOrigin is for requests that are no preflights and have no Origin, which takes one look: where it is
// empty, the response is the same.
func (t *Tailored) ActualWithoutOrigin(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if h.IsOptions() || h.DisableNormalizing() {
		t.Middleware(ctx)
		return
	}
	h.EnableNormalizing()
	if len(h.PeekCanonical(originName)) > 0 {
		t.Middleware(ctx)
		return
	}
	defer finishVaries(ctx)
	Bare(ctx)
}

// ActualOfSubdomains is for requests that are no preflights, under a policy that allows https://*.example.com.
func (t *Tailored) ActualOfSubdomains(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	if h.IsOptions() || h.DisableNormalizing() {
		t.Middleware(ctx)
		return
	}
	lines := h.PeekAll(fasthttp.HeaderOrigin)
	h.EnableNormalizing()
	if len(lines) == 1 && isSubdomain(lines[0]) {
		var copied [300]byte // the handler may change the request
		defer finishAllowedTo(ctx, copied[:copy(copied[:], lines[0])])
	} else {
		defer finishVaries(ctx)
	}
	Bare(ctx)
}

// isSubdomain tells whether an origin is https://, labels of letters, digits and inner hyphens, and the domain.
func isSubdomain(origin []byte) bool {
	const scheme, domain, longest = "https://", ".example.com", 253
	end := len(origin) - len(domain)
	if end <= len(scheme) || len(origin) > len(scheme)+longest || string(origin[:len(scheme)]) != scheme || string(origin[end:]) != domain {
		return false
	}
	before := byte('.')
	for _, c := range origin[len(scheme) : end+1] {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-' && before != '.', c == '.' && before != '.' && before != '-':
			before = c
		default:
			return false
		}
	}
	return true
}

// ActualOfAll is for requests that are no preflights, under a policy that allows all origins.
func (t *Tailored) ActualOfAll(ctx *fasthttp.RequestCtx) {
	if ctx.Request.Header.IsOptions() {
		t.Middleware(ctx)
		return
	}
	defer finishAny(ctx)
	Bare(ctx)
}

// The two halves of Actual, for adapters of a framework with a next handler of its own.

// IsFromOrigin tells whether the request has one Origin, and that.
func IsFromOrigin(ctx *fasthttp.RequestCtx) bool {
	h := &ctx.Request.Header
	if h.IsOptions() || h.DisableNormalizing() {
		panic("no benchmark sends this")
	}
	lines := h.PeekAll(fasthttp.HeaderOrigin)
	h.EnableNormalizing()
	return len(lines) == 1 && string(lines[0]) == Origin
}

// FinishAllowed writes the headers of a response to Origin.
func FinishAllowed(ctx *fasthttp.RequestCtx) { finishAllowed(ctx) }

func finishAllowed(ctx *fasthttp.RequestCtx) {
	h := toBeSent(ctx)
	h.SetCanonical(allowOriginName, originValue)
	h.SetCanonical(varyName, varyValue)
}

func finishAllowedTo(ctx *fasthttp.RequestCtx, origin []byte) {
	h := toBeSent(ctx)
	h.SetCanonical(allowOriginName, origin)
	h.SetCanonical(varyName, varyValue)
}

func finishVaries(ctx *fasthttp.RequestCtx) {
	toBeSent(ctx).SetCanonical(varyName, varyValue)
}

func finishAny(ctx *fasthttp.RequestCtx) {
	toBeSent(ctx).SetCanonical(allowOriginName, anyValue)
}

// toBeSent returns the header of the response, once there is known to be none of CORS in it.
func toBeSent(ctx *fasthttp.RequestCtx) *fasthttp.ResponseHeader {
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		h = &late.Header
	}
	left := len(h.PeekTrailerKeys()) > 0
	h.All()(func(name, _ []byte) bool {
		if len(name) == len("Vary") || len(name) >= len("Access-Control-Max-Age") {
			left = left || name[0]|0x20 == 'v' || name[0]|0x20 == 'a'
		}
		return true
	})
	if left {
		panic("no benchmark's handler leaves something behind")
	}
	return h
}

// Preflight is for those from Origin that ask for what the policy has, as a browser does, and have no body.
func (t *Tailored) Preflight(ctx *fasthttp.RequestCtx) {
	if h := &ctx.Request.Header; !h.IsOptions() || ctx.Request.IsBodyStream() || h.ContentLength() == -1 ||
		!isPlain(h) || !asksForAll(h) || !isUntouched(&ctx.Response.Header) {
		t.Middleware(ctx)
		return
	}
	t.answer.CopyTo(&ctx.Response.Header)
}

// isPlain tells whether a walk over a request's header changes nothing, and takes as little time as a browser's.
func isPlain(h *fasthttp.RequestHeader) bool {
	if len(h.PeekTrailerKeys()) > 0 || len(h.RawHeaders()) > 4096 || h.DisableNormalizing() {
		return false
	}
	cookies := h.PeekAll(fasthttp.HeaderCookie)
	h.EnableNormalizing()
	return len(cookies) == 0 || len(cookies) == 1 && len(cookies[0]) == 0
}

func asksForAll(h *fasthttp.RequestHeader) bool {
	const method, headers = "PUT", "content-type,x-requested-with"
	asks, lines := true, [3]int{}
	for name, value := range h.All() {
		switch string(name) {
		case fasthttp.HeaderOrigin:
			asks = asks && string(value) == Origin
			lines[0]++
		case fasthttp.HeaderAccessControlRequestMethod:
			asks = asks && string(value) == method
			lines[1]++
		case fasthttp.HeaderAccessControlRequestHeaders:
			asks = asks && string(value) == headers
			lines[2]++
		}
	}
	return asks && lines == [3]int{1, 1, 1}
}

// isUntouched tells whether a response has what a server without a name gives to all.
func isUntouched(h *fasthttp.ResponseHeader) bool {
	if h.StatusCode() != fasthttp.StatusOK || len(h.StatusMessage()) > 0 || h.ContentLength() != 0 ||
		len(h.PeekTrailerKeys()) > 0 || string(h.Protocol()) != "HTTP/1.1" {
		return false
	}
	lines := 0
	h.All()(func(_, _ []byte) bool {
		lines++
		return true
	})
	return lines == 1 // the default for Content-Type
}

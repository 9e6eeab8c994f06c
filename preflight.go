package cors

import "github.com/valyala/fasthttp"

// preflight is what a preflight asks for (Fetch section 4.8).
type preflight struct {
	origin  requestLines
	method  requestLines
	headers requestLines
}

// read reads a request with the method OPTIONS, and tells whether it is a preflight: whether there are an Origin and
// a requested method, even if they are empty.
func (r *preflight) read(h *fasthttp.RequestHeader) bool {
	if canWalk(h) {
		r.walk(h)
	} else if r.method = requestMethodHeader.peek(h); r.method.n > 0 {
		if r.origin = originHeader.peek(h); r.origin.n > 0 {
			r.headers = requestHeadersHeader.peek(h)
		}
	}
	return r.method.n > 0 && r.origin.n > 0
}

// walk reads all lines at once, which takes less than three searches.
func (r *preflight) walk(h *fasthttp.RequestHeader) {
	for name, value := range h.All() {
		switch string(name) {
		case fasthttp.HeaderOrigin:
			r.origin.add(value)
		case fasthttp.HeaderAccessControlRequestMethod:
			r.method.add(value)
		case fasthttp.HeaderAccessControlRequestHeaders:
			r.headers.add(value)
		}
	}
}

// canWalk tells whether RequestHeader.All does nothing but walk: it would parse cookies, and allocate for trailers that
// are announced. No browser's preflight has either. Names have to be in normal form besides.
//
// One empty Cookie line is as good as none, and what fasthttp finds where a walk has been before.
func canWalk(h *fasthttp.RequestHeader) bool {
	if len(h.PeekTrailerKeys()) > 0 || h.DisableNormalizing() {
		return false
	}
	cookies := h.PeekAll(fasthttp.HeaderCookie)
	h.EnableNormalizing()
	return len(cookies) == 0 || len(cookies) == 1 && len(cookies[0]) == 0
}

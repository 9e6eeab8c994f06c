package cors

import "github.com/valyala/fasthttp"

// preflight is what a preflight asks for (Fetch section 4.8), but for the request headers: those are read where the
// rest is allowed, since there can be many.
type preflight struct {
	origin requestLines
	method requestLines
}

// readPreflight reads a request with the method OPTIONS. It is a preflight if there are an Origin and a requested
// method, even if they are empty.
func readPreflight(h *fasthttp.RequestHeader) (r preflight, ok bool) {
	if r.method = requestMethodHeader.peek(h); r.method.n > 0 {
		r.origin = originHeader.peek(h)
	}
	return r, r.origin.n > 0
}

// maxMixedLines is how many lines of Access-Control-Request-Headers are read where their names are as they were sent,
// and spelled in several ways.
const maxMixedLines = 8

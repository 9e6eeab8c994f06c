package cors

import "github.com/valyala/fasthttp"

// preflight is what a preflight asks for (Fetch section 4.8), but for the request headers: those are read where the
// rest is allowed, since there can be many. Its slices point into the request.
type preflight struct {
	origin  []byte // Origin, the first line
	origins int    // how many lines there are
	method  []byte // Access-Control-Request-Method, the first line
	methods int    // how many lines there are
}

// readPreflight reads a request with the method OPTIONS. It is a preflight if there are an Origin and a requested
// method, even if they are empty.
func readPreflight(h *fasthttp.RequestHeader) (r preflight, ok bool) {
	if r.method, r.methods = requestMethodHeader.peek(h); r.methods == 0 {
		return r, false
	}
	r.origin, r.origins = originHeader.peek(h)
	return r, r.origins > 0
}

// maxMixedLines is how many lines of Access-Control-Request-Headers are read where their names are as they were sent,
// and spelled in several ways.
const maxMixedLines = 8

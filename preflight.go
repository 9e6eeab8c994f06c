package cors

import "github.com/valyala/fasthttp"

// preflight is what a preflight asks for (Fetch section 4.8). Its slices point into the request.
type preflight struct {
	origin  []byte   // Origin, the first line
	origins int      // how many lines there are
	method  []byte   // Access-Control-Request-Method, the first line
	methods int      // how many lines there are
	headers [][]byte // Access-Control-Request-Headers, all lines
}

// readPreflight reads the request if it is a preflight: OPTIONS, with an Origin and a requested method, even if
// they are empty. The requested headers are left for later, since there can be many, and need not matter.
func readPreflight(h *fasthttp.RequestHeader) (r preflight, ok bool) {
	methods := requestMethodHeader.lines(h)
	if len(methods) == 0 {
		return r, false
	}
	r.method, r.methods = methods[0], len(methods)
	origins := originHeader.lines(h)
	if len(origins) == 0 {
		return r, false
	}
	r.origin, r.origins = origins[0], len(origins)
	return r, true
}

package cors

import (
	"math"

	"github.com/valyala/fasthttp"
)

// preflight is what a preflight asks for (Fetch section 4.8).
type preflight struct {
	origin  requestLines
	method  requestLines
	headers requestLines
	length  int  // of all lines of the headers, with a comma behind each
	walked  bool // rather than searched

	allowed []byte // the origin, once it is known to be; policy.allowedOrigin says whose bytes
}

// read reads a request with the method OPTIONS, and tells whether it is a preflight: whether there are an Origin and
// a requested method, even if they are empty.
//
// RequestHeader.All does nothing but walk where names are in normal form, no trailers are announced, for which it would
// allocate, and there are no cookies, which it would parse. No browser's preflight has either. One empty Cookie line is as
// good as none, and what fasthttp finds where a walk has been before.
func (r *preflight) read(h *fasthttp.RequestHeader) bool {
	if len(h.PeekTrailerKeys()) == 0 && len(h.RawHeaders()) <= manyBytes && !h.DisableNormalizing() {
		cookies := h.PeekAll(fasthttp.HeaderCookie)
		h.EnableNormalizing()
		r.walked = len(cookies) == 0 || len(cookies) == 1 && len(cookies[0]) == 0
	}
	if r.walked {
		r.walk(h)
	} else {
		r.search(h)
	}
	return r.method.n > 0 && r.origin.n > 0
}

// manyBytes are more than a browser's preflight has: thousands of lines are not counted to see whether there are cookies.
const manyBytes = 4096

// walk reads all lines at once, which takes less than three searches.
func (r *preflight) walk(h *fasthttp.RequestHeader) {
	const accessControl = "Access-Control-"
	for name, value := range h.All() {
		switch {
		case string(name) == fasthttp.HeaderOrigin:
			r.origin.add(value)
		case len(name) > len(accessControl) && string(name[:len(accessControl)]) == accessControl:
			switch string(name[len(accessControl):]) { // a call less than for the whole, which is longer than 16 bytes
			case "Request-Method":
				r.method.add(value)
			case "Request-Headers":
				r.addHeaders(value)
			}
		}
	}
}

func (r *preflight) search(h *fasthttp.RequestHeader) {
	r.origin, r.method = originHeader.peek(h), requestMethodHeader.peek(h)
	var buffer [maxMixedLines][]byte
	lines, complete := requestHeadersHeader.lines(h, buffer[:0])
	if len(lines) > 0 {
		r.headers = requestLines{lines[0], len(lines)}
	}
	r.length = len(lines) * len(",")
	for _, line := range lines {
		r.length += len(line)
	}
	if !complete {
		r.length = math.MaxInt
	}
}

func (r *preflight) addHeaders(line []byte) {
	r.headers.add(line)
	r.length += len(line) + len(",")
}

// eachLine calls f with the lines of the headers, of which there can be any number, until it returns false. Where there
// is none, that is an empty one.
func (r *preflight) eachLine(h *fasthttp.RequestHeader, f func(line []byte) bool) {
	if r.headers.n <= 1 {
		f(r.headers.first)
		return
	}
	if r.walked {
		for name, value := range h.All() {
			if string(name) == fasthttp.HeaderAccessControlRequestHeaders && !f(value) {
				return
			}
		}
		return
	}
	var buffer [maxMixedLines][]byte
	lines, _ := requestHeadersHeader.lines(h, buffer[:0])
	for _, line := range lines {
		if !f(line) {
			return
		}
	}
}

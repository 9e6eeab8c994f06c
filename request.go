package cors

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// request is what CORS reads of a request. It is read once, before anything can change the request. Its
// slices point into the request.
type request struct {
	origin  []byte // the first Origin line
	origins int    // how many there are

	// The rest is read of preflights only.
	isPreflight    bool
	method         []byte // Access-Control-Request-Method, the first line
	methods        int
	headers        []byte // Access-Control-Request-Headers, the first line
	headerLines    int
	headersLen     int // of all lines, with a comma between them
	privateNetwork bool

	asSent bool // names are not normalized
}

// read reads what a request asks for. Where Access-Control-Request-Headers has several lines, it stops at the
// one that makes them longer than longest together: they are refused, and there can be very many of them.
//
// PeekAll tells apart what Peek does not: a header with an empty value from none, and several lines from
// one. It normalizes its argument on every call, which costs as much as the search; the names here are in
// normal form, so that is switched off meanwhile.
func (r *request) read(h *fasthttp.RequestHeader, longest int) {
	if h.DisableNormalizing() {
		// Names are as they were sent, in any case: only a walk over all of them finds them.
		r.asSent = true
		r.walk(h, longest)
		r.isPreflight = h.IsOptions() && r.origins > 0 && r.methods > 0
		return
	}
	if h.IsOptions() && hasRequestMethod(h) {
		// One walk costs less than looking for each of the names.
		r.walk(h, longest)
		if r.headersLen > longest && r.headerLines > 1 {
			// The walk has stopped, maybe in front of these.
			r.origin, r.origins = h.PeekCanonical(headerOrigin), len(h.PeekAll(fasthttp.HeaderOrigin))
			r.method, r.methods = h.PeekCanonical(headerRequestMethod), max(r.methods, 1)
		}
		r.isPreflight = r.origins > 0
	} else if origins := h.PeekAll(fasthttp.HeaderOrigin); len(origins) > 0 {
		r.origin, r.origins = origins[0], len(origins)
	}
	h.EnableNormalizing()
}

// hasRequestMethod tells whether there is an Access-Control-Request-Method, also an empty one. Browsers send
// it in front of most others, so that PeekCanonical, which stops at the first, has less to look at.
func hasRequestMethod(h *fasthttp.RequestHeader) bool {
	return len(h.PeekCanonical(headerRequestMethod)) > 0 || len(h.PeekAll(fasthttp.HeaderAccessControlRequestMethod)) > 0
}

// walk reads all headers of interest, in one pass.
func (r *request) walk(h *fasthttp.RequestHeader, longest int) {
	r.eachHeader(h, func(name, value []byte) bool {
		switch len(name) {
		case len(fasthttp.HeaderOrigin):
			if equalFold(name, headerOrigin) {
				if r.origins++; r.origins == 1 {
					r.origin = value
				}
			}
		case len(fasthttp.HeaderAccessControlRequestMethod):
			if equalFold(name, headerRequestMethod) {
				if r.methods++; r.methods == 1 {
					r.method = value
				}
			}
		case len(fasthttp.HeaderAccessControlRequestHeaders):
			if equalFold(name, headerRequestHeaders) {
				if r.headerLines++; r.headerLines == 1 {
					r.headers = value
				}
				r.headersLen += len(value) + len(",")
				return r.headersLen <= longest || r.headerLines == 1 || r.asSent
			}
		case len("Access-Control-Request-Private-Network"):
			if equalFold(name, headerRequestPrivateNetwork) {
				r.privateNetwork = string(value) == "true"
			}
		}
		return true
	})
}

// eachHeader calls visit for each header line, until it returns false.
//
// RequestHeader.All parses cookies and prints them anew, which would change what a proxy forwards, and it
// allocates where there are trailers. Preflights from a browser have neither. Where names are as they were
// sent, all requests come here, and are read from the bytes that were received.
func (r *request) eachHeader(h *fasthttp.RequestHeader, visit func(name, value []byte) bool) {
	if block := h.RawHeaders(); len(block) > 0 && (r.asSent || len(h.PeekTrailerKeys()) > 0) {
		eachReceived(block, visit)
		return
	}
	h.All()(visit)
}

// eachReceived does so for a header block as it came over the wire, which the server has found to be well
// formed. RequestHeader.AllInOrder would join lines that are folded (RFC 9112 section 5.2), in place, so that
// the next to read them finds other values; here, a value keeps the line ends in it.
func eachReceived(block []byte, visit func(name, value []byte) bool) {
	for len(block) > 0 {
		end := lineEnd(block, 0)
		for end < len(block) && (block[end] == ' ' || block[end] == '\t') {
			end = lineEnd(block, end)
		}
		name, value, _ := bytes.Cut(block[:end], colon)
		if !visit(name, trimSpace(value)) {
			return
		}
		block = block[end:]
	}
}

var colon = []byte(":")

// lineEnd returns where the line that begins at start ends, its line end included.
func lineEnd(block []byte, start int) int {
	if i := bytes.IndexByte(block[start:], '\n'); i >= 0 {
		return start + i + 1
	}
	return len(block)
}

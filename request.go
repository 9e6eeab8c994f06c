package cors

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// A request is read with what fasthttp tells every other handler, so that it means the same here and there, and
// so that what a middleware further out has changed counts. Of its calls, those that peek do nothing else:
// RequestHeader.All parses cookies and keeps them for as long as the connection lives (preflight.go has what it is
// good for all the same), AllInOrder joins folded lines in place, and RawHeaders is what was sent, not what is there now.
//
// PeekAll normalizes its argument each time, which takes as long as its search. The names here are in normal form
// already, so that is switched off meanwhile.

// requestHeader is a header that CORS reads of requests.
type requestHeader struct {
	name      string
	canonical []byte // the same
	lower     []byte
}

var (
	originHeader         = newRequestHeader(headerOrigin)
	requestMethodHeader  = newRequestHeader(headerRequestMethod)
	requestHeadersHeader = newRequestHeader(headerRequestHeaders)
	privateNetworkHeader = newRequestHeader(headerRequestPrivateNetwork)
)

func newRequestHeader(name []byte) requestHeader {
	return requestHeader{name: string(name), canonical: name, lower: bytes.ToLower(name)}
}

// requestLines are the lines that a request has of a header.
type requestLines struct {
	first []byte // the value of the first one
	n     int    // how many there are
}

func (l *requestLines) add(value []byte) {
	if l.n == 0 {
		l.first = value
	}
	l.n++
}

// peek returns the header's lines.
func (r *requestHeader) peek(h *fasthttp.RequestHeader) requestLines {
	if h.DisableNormalizing() {
		return r.peekAsSent(h)
	}
	found := h.PeekAll(r.name)
	h.EnableNormalizing()
	if len(found) == 0 {
		return requestLines{}
	}
	return requestLines{found[0], len(found)}
}

// areSame tells whether two values are the same bytes in memory, and not just equal.
func areSame(a, b []byte) bool {
	return len(a) > 0 && len(b) > 0 && &a[0] == &b[0]
}

// maxMixedLines is how many lines are read where names are as they were sent, and spelled in several ways.
const maxMixedLines = 8

// lines returns the values of all lines. They are valid until the next call; buffer has room for those that
// fasthttp does not find together. ok is false where there are more than that.
func (r *requestHeader) lines(h *fasthttp.RequestHeader, buffer [][]byte) (lines [][]byte, ok bool) {
	if h.DisableNormalizing() {
		return r.linesAsSent(h, buffer)
	}
	lines = h.PeekAll(r.name)
	h.EnableNormalizing()
	return lines, true
}

// first returns the value of the first line, in one of the two usual spellings of the name.
func (r *requestHeader) first(h *fasthttp.RequestHeader) []byte {
	if value := h.PeekCanonical(r.canonical); len(value) > 0 {
		return value
	}
	return h.PeekCanonical(r.lower)
}

// Where names are as they were sent, in any case of letters, fasthttp finds the lines of one spelling at a time.

func (r *requestHeader) peekAsSent(h *fasthttp.RequestHeader) (lines requestLines) {
	spellings := r.spellings(h)
	for i := range spellings.n {
		for _, value := range h.PeekAll(string(spellings.names[i])) {
			lines.add(value)
		}
	}
	return lines // where there are more spellings, these are several lines already
}

func (r *requestHeader) linesAsSent(h *fasthttp.RequestHeader, buffer [][]byte) (lines [][]byte, ok bool) {
	spellings := r.spellings(h)
	if spellings.n == 1 && !spellings.more {
		return h.PeekAll(string(spellings.names[0])), true
	}
	lines = buffer
	for i := range spellings.n {
		found := h.PeekAll(string(spellings.names[i]))
		room := cap(buffer) - len(lines)
		if len(found) > room {
			return append(lines, found[:room]...), false
		}
		lines = append(lines, found...)
	}
	return lines, !spellings.more
}

// spellings are the ways in which the name of a header is spelled in a request. A stranger can spell it in more ways
// than it pays to look for.
type spellings struct {
	names [4][]byte
	n     int
	more  bool
}

// spellings returns those that there are: the two usual ones, which a middleware further out may have set, and what
// was sent.
func (r *requestHeader) spellings(h *fasthttp.RequestHeader) (s spellings) {
	s.add(h, r.canonical)
	s.add(h, r.lower)
	n := len(r.name)
	for block := h.RawHeaders(); len(block) > 0 && !s.more; {
		var line []byte
		line, block, _ = bytes.Cut(block, lineFeed)
		if len(line) > n && line[n] == ':' && equalFold(line[:n], r.canonical) {
			s.add(h, line[:n])
		}
	}
	return s
}

func (s *spellings) add(h *fasthttp.RequestHeader, name []byte) {
	for i := range s.n {
		if string(s.names[i]) == string(name) {
			return
		}
	}
	switch {
	case len(h.PeekAll(string(name))) == 0: // is not there any more
	case s.n == len(s.names):
		s.more = true
	default:
		s.names[s.n] = name
		s.n++
	}
}

var lineFeed = []byte("\n")

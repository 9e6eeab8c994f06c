package cors

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// A request is read with what fasthttp tells every other handler, so that it means the same here and there, and
// so that what a middleware further out has changed counts. Of its calls, those that peek do nothing else:
// RequestHeader.All parses cookies and keeps them for as long as the connection lives, AllInOrder joins folded
// lines in place, and RawHeaders is what was sent, not what is there now.

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

// lines returns the values of the header's lines, or nil if there is none. They are valid until the next call.
//
// PeekCanonical costs less than PeekAll, but shows the first line alone. PeekAll normalizes its argument each
// time, which takes as long as its search; as it is in normal form already, that is switched off meanwhile.
func (r *requestHeader) lines(h *fasthttp.RequestHeader) (lines [][]byte) {
	if h.DisableNormalizing() {
		return r.linesAsSent(h)
	}
	if h.PeekCanonical(r.canonical) != nil {
		lines = h.PeekAll(r.name)
	}
	h.EnableNormalizing()
	return lines
}

// first returns the value of the header's first line, in one of its two usual spellings.
func (r *requestHeader) first(h *fasthttp.RequestHeader) []byte {
	if value := h.PeekCanonical(r.canonical); value != nil {
		return value
	}
	return h.PeekCanonical(r.lower)
}

// twice stands for lines that no browser has sent.
var twice = [][]byte{nil, nil}

// linesAsSent is for names that are as they were sent, in any case of letters. fasthttp finds the lines of one
// spelling at a time: those that are asked for are the two usual ones, and what was sent. Lines that are not
// spelled alike were written by two authors, and count as sent twice.
func (r *requestHeader) linesAsSent(h *fasthttp.RequestHeader) [][]byte {
	spelling := r.canonical
	if h.PeekCanonical(spelling) == nil {
		spelling = r.lower
	} else if h.PeekCanonical(r.lower) != nil {
		return twice
	}
	found, others := h.PeekCanonical(spelling) != nil, 0
	for block := h.RawHeaders(); len(block) > 0; {
		var line []byte
		line, block, _ = bytes.Cut(block, lineFeed)
		n := len(r.name)
		if len(line) <= n || line[n] != ':' || !equalFold(line[:n], r.canonical) {
			continue
		}
		sent := line[:n]
		if string(sent) == string(spelling) || string(sent) == r.name || string(sent) == string(r.lower) {
			continue
		}
		// A stranger can spell a name in more ways than it pays to look for.
		if others++; others > 2 {
			return twice
		}
		if h.PeekCanonical(sent) != nil {
			if found {
				return twice
			}
			spelling, found = sent, true
		}
	}
	if !found {
		return nil
	}
	return h.PeekAll(string(spelling))
}

var lineFeed = []byte("\n")

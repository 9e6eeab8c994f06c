package cors

import (
	"bufio"
	"bytes"
	"sync"

	"github.com/valyala/bytebufferpool"
	"github.com/valyala/fasthttp"
)

// What a handler, an upstream, an error path or an outer middleware has left in a response of the headers that the
// middleware owns, and of Vary, which it shares.

// mayBeOurs is what can be said of most names in a look: whether one begins like ours.
func mayBeOurs(name []byte) bool {
	if len(name) >= len("Access-Control-Max-Age") {
		return name[0]|0x20 == 'a'
	}
	return len(name) == len("Vary") && name[0]|0x20 == 'v'
}

// takeOver takes the middleware's own headers out of a response, and makes its Vary list the names of vary in
// addition to what it lists already. It returns those that are still to be written: all, or nil.
func takeOver(h *fasthttp.ResponseHeader, vary *varyNames) *varyNames {
	owned, varies := false, 0
	for _, name := range h.PeekTrailerKeys() {
		owned = owned || isOwned(name) || isVary(name)
	}
	for name := range h.All() {
		if isVary(name) {
			varies++
		}
		owned = owned || isOwned(name)
	}
	if varies == 0 || vary == nil {
		if owned {
			takeOut(h, false)
		}
		return vary
	}
	merged := bytebufferpool.Get()
	defer bytebufferpool.Put(merged)
	var changed bool
	if merged.B, changed = vary.merge(merged.B, h); !changed {
		if owned {
			takeOut(h, false)
		}
		return nil
	}
	if owned || varies > 1 {
		takeOut(h, true)
	}
	for name := range h.All() {
		if isVary(name) {
			h.SetCanonical(name, merged.B) // in its place, and as it is spelled
			break
		}
	}
	return nil
}

const ownedPrefix = "Access-Control-"

// isOwned tells whether a response header is the middleware's to write, in whatever case it is stored.
func isOwned(name []byte) bool {
	if len(name) < len(ownedPrefix) || !equalFold(name[:len(ownedPrefix)], headerAllowOrigin[:len(ownedPrefix)]) {
		return false
	}
	for _, owned := range [...][]byte{
		headerAllowOrigin, headerAllowCredentials, headerAllowMethods, headerAllowHeaders,
		headerAllowPrivateNetwork, headerExposeHeaders, headerMaxAge,
	} {
		if equalFold(name, owned) {
			return true
		}
	}
	return false
}

func isVary(name []byte) bool {
	return equalFold(name, headerVary)
}

// takeOut removes the lines that are the middleware's own, and all lines of Vary but the first if oneVary is set.
// All others stay as they are, in their order (RFC 9110 section 5.3).
//
// fasthttp's Del moves the last line to the place of the one that it deletes, and takes time for every line at
// each call. So all lines are taken out at once, by reading an empty response, which leaves alone what the server
// has set; and those that stay are put back.
func takeOut(h *fasthttp.ResponseHeader, oneVary bool) {
	lines := linesPool.Get().(*lines)
	defer linesPool.Put(lines)
	was := &lines.header
	h.CopyTo(was)
	was.SetNoDefaultContentType(true) // which tells one that was set from one that was not
	asSent := h.DisableNormalizing()
	lines.readEmpty(h)
	h.SetStatusMessage(was.StatusMessage())
	h.SetProtocol(was.Protocol())
	if was.ContentLength() >= 0 {
		h.Del(fasthttp.HeaderContentLength)
	}
	// fasthttp would send these behind the body, where nobody would look for them.
	for _, name := range was.PeekTrailerKeys() {
		if !isOwned(name) && !isVary(name) {
			_ = h.AddTrailerBytes(name) // has been accepted before
		}
	}
	_ = was.SetTrailerBytes(nil)
	varies := 0
	for name, value := range was.All() {
		switch {
		case isOwned(name) || isReadFirst(name):
			continue
		case isVary(name):
			if varies++; oneVary && varies > 1 {
				continue
			}
		}
		h.AddBytesKV(name, value)
	}
	if was.ContentLength() == toTheEnd && h.ContentLength() != toTheEnd && was.ConnectionClose() {
		h.SetStatusCode(fasthttp.StatusOK) // with others, there is no length to set
		h.SetContentLength(toTheEnd)       // beside a line that says otherwise
	}
	h.SetStatusCode(was.StatusCode())
	if !asSent {
		h.EnableNormalizing()
	}
}

// lines is what it takes to take lines out of a header.
type lines struct {
	header  fasthttp.ResponseHeader
	text    []byte
	reader  bytes.Reader
	buffers *bufio.Reader
}

var linesPool = sync.Pool{New: func() any {
	return &lines{buffers: bufio.NewReaderSize(nil, 4096)}
}}

// isReadFirst tells whether a line is one that fasthttp takes from a response that it reads, and not from a handler.
func isReadFirst(name []byte) bool {
	return equalFold(name, headerDate) || equalFold(name, headerConnection) || equalFold(name, headerTransferEncoding)
}

var (
	headerDate             = []byte(fasthttp.HeaderDate)
	headerConnection       = []byte(fasthttp.HeaderConnection)
	headerTransferEncoding = []byte(fasthttp.HeaderTransferEncoding)
)

// readEmpty makes h read a response that has the body of the one in l.header, and of its lines those that cannot
// be added.
func (l *lines) readEmpty(h *fasthttp.ResponseHeader) {
	length := l.header.ContentLength()
	for name := range l.header.All() {
		if equalFold(name, headerTransferEncoding) {
			length = inChunks // whatever length a handler has set beside the line
		}
	}
	l.text = append(l.text[:0], "HTTP/1.1 "...)
	switch length {
	case toTheEnd: // which only a status without a body leaves open
		l.text = append(l.text, "204 No Content\r\n"...)
	case inChunks:
		l.text = append(l.text, "200 OK\r\nTransfer-Encoding: chunked\r\n"...)
	default:
		l.text = append(l.text, "200 OK\r\nContent-Length: 0\r\n"...)
	}
	for name, value := range l.header.All() {
		if isReadFirst(name) && !equalFold(name, headerTransferEncoding) {
			l.text = append(appendReadable(append(append(l.text, name...), ": "...), value), "\r\n"...)
		}
	}
	l.text = append(l.text, "\r\n"...)
	if len(l.text) > l.buffers.Size() {
		l.buffers = bufio.NewReaderSize(nil, 2*len(l.text))
	}
	l.reader.Reset(l.text)
	l.buffers.Reset(&l.reader)
	_ = h.Read(l.buffers) // it is well formed
}

// appendReadable appends a value with spaces in the place of control characters, which fasthttp lets a handler set and
// does not read (RFC 9110 section 5.5).
func appendReadable(dst, value []byte) []byte {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}

package crossorigin

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

var (
	headerSite    = []byte("Sec-Fetch-Site")
	headerOrigin  = []byte(fasthttp.HeaderOrigin)
	headerUpgrade = []byte(fasthttp.HeaderUpgrade)
)

// isSafe tells whether the method changes nothing (RFC 9110 section 9.2.1). TRACE, which is safe, and QUERY are not
// among them: no page can send TRACE, and QUERY is as new as forms are old.
func isSafe(method []byte) bool {
	switch string(method) {
	case fasthttp.MethodGet, fasthttp.MethodHead, fasthttp.MethodOptions:
		return true
	}
	return false
}

// peek returns the first line of a header, whose name is given in normal form, as the next handler would be told.
func peek(h *fasthttp.RequestHeader, name []byte) []byte {
	if value := h.PeekCanonical(name); len(value) > 0 {
		return value
	}
	if spelling := otherSpelling(h, name); spelling != nil {
		return h.PeekCanonical(spelling)
	}
	return nil
}

// otherSpelling returns how a name was spelled in the request, where the server does not normalize names and it was
// not spelled in the usual way. What was received tells the spelling only: the value may have been changed since.
func otherSpelling(h *fasthttp.RequestHeader, name []byte) []byte {
	if !h.DisableNormalizing() {
		h.EnableNormalizing()
		return nil
	}
	for block := h.RawHeaders(); len(block) > 0; {
		var line []byte
		line, block, _ = bytes.Cut(block, lineFeed)
		if len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], name) && string(line[:len(name)]) != string(name) {
			return line[:len(name)]
		}
	}
	return nil
}

var lineFeed = []byte("\n")

// hasOneOrigin tells whether there is exactly one Origin line.
func hasOneOrigin(h *fasthttp.RequestHeader) bool {
	n := len(h.PeekAll(fasthttp.HeaderOrigin))
	if spelling := otherSpelling(h, headerOrigin); spelling != nil {
		n += len(h.PeekAll(string(spelling)))
	}
	return n == 1
}

// hostOf returns the host that the request is for, as it was written: that of the request's target, where it is a
// whole URL (RFC 9112 section 3.2.2), or else the Host header's.
func hostOf(h *fasthttp.RequestHeader) []byte {
	target := h.RequestURI()
	scheme, rest, _ := bytes.Cut(target, schemeEnd)
	switch {
	case h.IsConnect(): // its target is host and port
		rest = target
	case !isScheme(scheme):
		return h.Host()
	}
	if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if host := rest[bytes.LastIndexByte(rest, '@')+1:]; len(host) > 0 {
		return host
	}
	return h.Host()
}

var schemeEnd = []byte("://")

// isOriginOf tells whether the origin has the host, byte by byte: a browser writes both in the same way. The scheme
// is not compared, as nothing in the request says what the server's is.
func isOriginOf(origin, host []byte) bool {
	scheme, hostport, _ := bytes.Cut(origin, schemeEnd)
	return isScheme(scheme) && string(hostport) == string(host) && isHostPort(hostport)
}

// isScheme is for schemes as in RFC 3986 section 3.1.
func isScheme(s []byte) bool {
	for i, c := range s {
		if !isLetter(c) && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return len(s) > 0
}

// isHostPort tells whether b is a name, an IPv4 address or an IPv6 address in brackets, and maybe a port.
func isHostPort(b []byte) bool {
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		return end > 0 && isIPv6(b[1:end]) && isOptionalPort(b[end+1:])
	}
	end := bytes.IndexByte(b, ':')
	if end < 0 {
		end = len(b)
	}
	for _, c := range b[:end] {
		if !isLetter(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return end > 0 && isOptionalPort(b[end:])
}

func isOptionalPort(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	for _, c := range b[1:] {
		if !isDigit(c) {
			return false
		}
	}
	return b[0] == ':'
}

// isIPv6 is for addresses as browsers write them: groups of at most four hexadecimal digits, eight of them or fewer
// around one "::".
func isIPv6(b []byte) bool {
	const maxGroups = 8
	before, after, short := bytes.Cut(b, []byte("::"))
	if !short {
		n, ok := countGroups(b)
		return ok && n == maxGroups
	}
	n, ok := countGroups(before)
	if len(before) == 0 {
		n, ok = 0, true
	}
	if len(after) == 0 {
		return ok && n < maxGroups
	}
	m, okAfter := countGroups(after)
	return ok && okAfter && n+m < maxGroups
}

// countGroups counts the groups with colons between them.
func countGroups(b []byte) (n int, ok bool) {
	length := 0
	for _, c := range b {
		switch {
		case c == ':' && length > 0:
			n, length = n+1, 0
		case length < 4 && (isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'):
			length++
		default:
			return 0, false
		}
	}
	return n + 1, length > 0
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

package cors

import (
	"bytes"

	"github.com/valyala/bytebufferpool"
	"github.com/valyala/fasthttp"
)

// varyNames returns the value of a Vary header for a response that depends on the request headers of those
// names.
func varyNames(names ...[]byte) []byte {
	return bytes.Join(names, []byte(", "))
}

// mergeVary makes the response's Vary list the names in addition to what is there (RFC 9110 section
// 12.5.5). Its lines are joined to one, and no name is listed twice; "*" stays as it is.
func mergeVary(h *fasthttp.ResponseHeader, names []byte) {
	buffer := bytebufferpool.Get()
	defer bytebufferpool.Put(buffer)
	merged, wildcard := buffer.B[:0], false
	for name, value := range h.All() {
		if !equalFold(name, headerVary) {
			continue
		}
		if merged, wildcard = appendMissing(merged, value); wildcard {
			return
		}
	}
	merged, _ = appendMissing(merged, names)
	buffer.B = merged
	deleteHeaders(h, isVary)
	h.SetCanonical(headerVary, merged)
}

// appendMissing appends those elements of list to dst, itself a list, that it lacks. It stops at "*".
func appendMissing(dst, list []byte) (_ []byte, wildcard bool) {
	for len(list) > 0 {
		var name []byte
		name, list = nextElement(list)
		if string(name) == "*" {
			return dst, true
		}
		if len(name) == 0 || hasElement(dst, name) {
			continue
		}
		if len(dst) > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, name...)
	}
	return dst, false
}

func hasElement(list, name []byte) bool {
	for len(list) > 0 {
		var element []byte
		if element, list = nextElement(list); equalFold(element, name) {
			return true
		}
	}
	return false
}

func isVary(name []byte) bool {
	return equalFold(name, headerVary)
}

package cors

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/valyala/fasthttp"
)

// varyNames are the names of request headers that a response depends on.
type varyNames struct {
	names  [][]byte
	joined []byte // the value of a Vary header

	// Bits for the lengths and the first letters that names have, and "*".
	lengths uint64
	firsts  uint32
}

// newVaryNames returns the names, each once, or nil if there are none.
func newVaryNames(names ...string) *varyNames {
	if len(names) == 0 {
		return nil
	}
	v := varyNames{lengths: 1 << len(wildcard), firsts: 1 << ('*' & 31)}
	for _, name := range unique(names, strings.ToLower) {
		v.names = append(v.names, []byte(name))
		v.lengths |= 1 << len(name) // nothing, for 64 and more
		v.firsts |= 1 << (name[0] & 31)
	}
	v.joined = bytes.Join(v.names, commaSpace)
	return &v
}

var commaSpace = []byte(", ")

// fewNames is up to how many names in a response's Vary are compared with each other.
const fewNames = 16

// merge appends to dst the elements of the response's Vary lines and those of the names that they lack (RFC 9110
// section 12.5.5). Where there is a "*", nothing has to change.
//
// No name is listed twice, unless an upstream itself does so in a list of hundreds: how long that is, is for the
// upstream to say, and each of its names costs no more than a look.
func (v *varyNames) merge(dst []byte, h *fasthttp.ResponseHeader) (_ []byte, changed bool) {
	var found uint64
	count := 0
	for name, value := range h.All() {
		if !isVary(name) {
			continue
		}
		n, any := v.look(value, &found)
		if any {
			return dst, false
		}
		count += n
	}
	for name, value := range h.All() {
		switch {
		case !isVary(name):
		case count > fewNames:
			dst = appendElement(dst, trimSpace(value))
		default:
			dst = appendMissing(dst, value)
		}
	}
	for i, name := range v.names {
		if i >= 64 || found>>i&1 == 0 {
			dst = appendElement(dst, name)
		}
	}
	return dst, true
}

// look counts the elements of a line, marks the names among them, and tells whether "*" is. It reads 8 bytes at a
// time, and passes over what has no name's length, since an upstream's list can have thousands of elements.
func (v *varyNames) look(line []byte, found *uint64) (count int, any bool) {
	const commas = ',' * eachByte
	for start, i := 0, 0; i <= len(line); i += 8 {
		last := [8]byte{',', ',', ',', ',', ',', ',', ',', ','} // the end of the line ends an element, too
		eight := last[:]
		if i+8 <= len(line) {
			eight = line[i:]
		} else {
			copy(eight, line[i:])
		}
		word := binary.LittleEndian.Uint64(eight) ^ commas
		// The highest bit of each byte that is zero now (Hacker's Delight, section 6-1).
		zeros := ^((word&(0x7f*eachByte) + 0x7f*eachByte) | word | 0x7f*eachByte)
		for ; zeros != 0; zeros &= zeros - 1 {
			end := i + bits.TrailingZeros64(zeros)/8
			if end > len(line) {
				break
			}
			element := line[start:end]
			start = end + 1
			if len(element) > 0 && (element[0] <= ' ' || element[len(element)-1] <= ' ') {
				element = trimSpace(element)
			}
			count++
			if n := len(element); n >= 64 || v.lengths>>n&1 != 0 && v.firsts>>(element[0]&31)&1 != 0 {
				any = v.mark(element, found) || any
			}
		}
	}
	return count, any
}

// mark marks the element if it is one of the names, and tells whether it is "*".
func (v *varyNames) mark(element []byte, found *uint64) (any bool) {
	for i, name := range v.names {
		if equalFold(name, element) {
			*found |= 1 << i
		}
	}
	return string(element) == "*"
}

// appendMissing appends the elements of a line that dst, itself a list, lacks.
func appendMissing(dst, line []byte) []byte {
	for len(line) > 0 {
		var element []byte
		if element, line = nextElement(line); !hasElement(dst, element) {
			dst = appendElement(dst, element)
		}
	}
	return dst
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

func appendElement(list, element []byte) []byte {
	if len(element) == 0 {
		return list
	}
	if len(list) > 0 {
		list = append(list, commaSpace...)
	}
	return append(list, element...)
}

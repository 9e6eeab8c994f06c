package cors

import "bytes"

// Comparing and cutting bytes as HTTP has it, without allocating.

// nextElement cuts a list at its first comma and returns the first element without the white space around
// it (RFC 9110 section 5.6.1).
func nextElement(list []byte) (element, rest []byte) {
	if i := bytes.IndexByte(list, ','); i >= 0 {
		return trimSpace(list[:i]), list[i+1:]
	}
	return trimSpace(list), nil
}

// trimSpace cuts spaces and tabs off both ends, and line ends, which stand for them in folded lines.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool {
	return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n')
}

// isToken tells whether b is a token (RFC 9110 section 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		if byteClass[c]&classToken == 0 {
			return false
		}
	}
	return len(b) > 0
}

// equalFold compares ASCII without regard to case.
func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	if string(a) == string(b) {
		return true
	}
	for i, c := range a {
		if toLower(c) != toLower(b[i]) {
			return false
		}
	}
	return true
}

func toLower(c byte) byte {
	if c-'A' < 26 {
		c += 'a' - 'A'
	}
	return c
}

func appendUpper(dst, b []byte) []byte {
	for _, c := range b {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// Eight bytes of a list can be looked at together, as one word. eachByte has a 1 in every byte of it, and highBits 0x80.
const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

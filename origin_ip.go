package cors

import (
	"bytes"
	"strconv"
)

// Browsers write an address in one way only, so an origin with any other spelling of it was not sent by a
// browser and is in no policy. net/netip is not used here: its errors allocate, and a stranger could ask
// for them.

// endsInNumber tells whether a URL parser takes the host for an IPv4 address (URL section 3.6, the
// "ends in a number checker"): its last label is decimal, or hexadecimal behind 0x.
func endsInNumber(h []byte) bool {
	last := h[bytes.LastIndexByte(h, '.')+1:]
	digits := len(last) > 0
	for _, c := range last {
		digits = digits && c-'0' <= 9
	}
	if digits {
		return true
	}
	if len(last) < 2 || last[0] != '0' || last[1] != 'x' {
		return false
	}
	for _, c := range last[2:] {
		if hexDigit(c) < 0 {
			return false
		}
	}
	return true
}

// canonicalIPv4 tells whether h is four decimal numbers from 0 to 255 without leading zeros.
func canonicalIPv4(h []byte) bool {
	for part := range 4 {
		end := bytes.IndexByte(h, '.')
		if part == 3 {
			end = len(h)
		}
		if end < 1 || end > 3 || end > 1 && h[0] == '0' {
			return false
		}
		n := 0
		for _, c := range h[:end] {
			if c-'0' > 9 {
				return false
			}
			n = n*10 + int(c-'0')
		}
		if n > 255 {
			return false
		}
		if part < 3 {
			h = h[end+1:]
		}
	}
	return true
}

// canonicalIPv6 tells whether h, without its brackets, is as URL section 3.5 serializes that address.
func canonicalIPv6(h []byte) bool {
	address, ok := parseIPv6(h)
	if !ok {
		return false
	}
	var text [40]byte
	return bytes.Equal(appendIPv6(text[:0], address), h)
}

// parseIPv6 reads eight groups of hexadecimal digits, of which one run may be compressed to "::".
func parseIPv6(h []byte) (address [8]uint16, ok bool) {
	n, compressed := 0, -1
	if bytes.HasPrefix(h, []byte("::")) {
		compressed, h = 0, h[2:]
	}
	for len(h) > 0 {
		if n == len(address) {
			return address, false
		}
		group, digits := 0, 0
		for digits < len(h) && digits < 4 && hexDigit(h[digits]) >= 0 {
			group = group<<4 | hexDigit(h[digits])
			digits++
		}
		if digits == 0 {
			return address, false
		}
		address[n] = uint16(group)
		n++
		h = h[digits:]
		switch {
		case len(h) == 0:
		case h[0] != ':' || len(h) == 1:
			return address, false
		case h[1] != ':':
			h = h[1:]
		case compressed >= 0:
			return address, false
		default:
			compressed, h = n, h[2:]
		}
	}
	if compressed < 0 {
		return address, n == len(address)
	}
	if n == len(address) {
		return address, false
	}
	moved := copy(address[len(address)-(n-compressed):], address[compressed:n])
	clear(address[compressed : len(address)-moved])
	return address, true
}

// appendIPv6 appends the serialization of URL section 3.5: the first of the longest runs of two or more
// zeros is compressed, digits are in lower case.
func appendIPv6(dst []byte, address [8]uint16) []byte {
	start, length := 0, 1
	for i := range address {
		j := i
		for j < len(address) && address[j] == 0 {
			j++
		}
		if j-i > length {
			start, length = i, j-i
		}
	}
	for i := 0; i < len(address); i++ {
		if length > 1 && i == start {
			dst = append(dst, ':', ':')
			i += length - 1
			continue
		}
		if i > 0 && dst[len(dst)-1] != ':' {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(address[i]), 16)
	}
	return dst
}

// hexDigit returns the value of a lower-case hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c-'0' <= 9:
		return int(c - '0')
	case c-'a' <= 5:
		return int(c-'a') + 10
	}
	return -1
}

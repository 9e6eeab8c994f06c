package cors

import "bytes"

// A serialized origin is what a browser sends in the header of that name:
//
//	scheme "://" host [ ":" port ]
//
// in lower case, without the scheme's default port (HTML section 7.1.1, URL section 3.5). This file tells
// whether bytes are one. origin_pattern.go reads the patterns of a Config with the same rules, and
// match_bytes.go compares the two.

const (
	maxSchemeLen = 64
	maxHostLen   = 253 // RFC 1035 section 2.3.4, written with dots
	maxLabelLen  = 63
	maxPortLen   = len(":65535")

	// maxOriginLen is the length of the longest origin that can match anything.
	maxOriginLen = maxSchemeLen + len("://") + maxHostLen + maxPortLen
)

// nullOrigin is the serialization of every opaque origin.
const nullOrigin = "null"

// wellFormedOrigin tells whether o could be a serialized origin other than "null".
func wellFormedOrigin(o []byte) bool {
	colon := bytes.IndexByte(o, ':')
	if colon < 0 || len(o) > maxOriginLen || !wellFormedScheme(o[:colon]) || !bytes.HasPrefix(o[colon:], []byte("://")) {
		return false
	}
	return wellFormedRest(o[colon+len("://"):])
}

// wellFormedRest tells whether b could be what an origin has behind "://".
func wellFormedRest(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte(`,/\?#@`), c) >= 0 {
			return false
		}
	}
	return true
}

func wellFormedScheme(s []byte) bool {
	if len(s) == 0 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range s {
		if byteClass[c]&classScheme == 0 {
			return false
		}
	}
	return true
}

// isWeb tells whether scheme is http or https, whose hosts are domains or addresses.
func isWeb(scheme []byte) bool {
	return string(scheme) == "https" || string(scheme) == "http"
}

// cutPort returns hostport without its port. Where what stands behind the last colon is no port that a
// browser would send with that scheme, it stays, and no host is well formed with a colon in it.
func cutPort(hostport, scheme []byte) []byte {
	i := len(hostport)
	for i > 0 && hostport[i-1]-'0' <= 9 {
		i--
	}
	if i > 0 && hostport[i-1] == ':' && wellFormedPort(hostport[i:], scheme) {
		return hostport[:i-1]
	}
	return hostport
}

// wellFormedPort tells whether a browser would write the digits as the port of an origin with that scheme.
func wellFormedPort(digits, scheme []byte) bool {
	if len(digits) == 0 || len(digits) >= maxPortLen || digits[0] == '0' {
		return false
	}
	port := 0
	for _, c := range digits {
		port = port*10 + int(c-'0')
	}
	return port <= 65535 && port != defaultPort(scheme)
}

// defaultPort returns the port that a scheme's origins do not name, or 0 (URL section 3.1).
func defaultPort(scheme []byte) int {
	switch string(scheme) {
	case "https", "wss":
		return 443
	case "http", "ws":
		return 80
	case "ftp":
		return 21
	}
	return 0
}

// wellFormedHost tells whether h is a host as URL parsers serialize it: labels, or an address. The host of
// a web origin whose last label is a number has to be an IPv4 address (URL section 3.6); those of other
// schemes are opaque, and their digits are only digits.
func wellFormedHost(h []byte, web bool) bool {
	if len(h) == 0 || len(h) > maxHostLen {
		return false
	}
	if h[0] == '[' {
		return h[len(h)-1] == ']' && canonicalIPv6(h[1:len(h)-1])
	}
	return wellFormedLabels(h, !web) && (!web || !endsInNumber(h) || canonicalIPv4(h))
}

// wellFormedLabels tells whether b is one or more labels with dots between them. Opaque ones may have letters
// in upper case.
func wellFormedLabels(b []byte, opaque bool) bool {
	start := 0
	for i, c := range b {
		if c == '.' {
			if !fitsLabel(b[start:i]) {
				return false
			}
			start = i + 1
		} else if byteClass[c]&classLabel == 0 && (!opaque || c-'A' >= 26) {
			return false
		}
	}
	return fitsLabel(b[start:])
}

// fitsLabel checks what the class of single bytes does not say.
func fitsLabel(label []byte) bool {
	return len(label) > 0 && len(label) <= maxLabelLen
}

// isOpaque tells whether the hosts of a scheme are opaque: any bytes, rather than domains and addresses (URL
// section 3.1).
func isOpaque(scheme []byte) bool {
	return !isWeb(scheme) && defaultPort(scheme) == 0
}

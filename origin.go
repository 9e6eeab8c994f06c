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

var valueNull = []byte(nullOrigin)

// couldBeOrigin tells whether o could be a serialized origin other than "null": a scheme, "://", and bytes that
// a host and a port can have. Nothing else reaches an AllowOriginFunc, or is sent back where one allows it.
func couldBeOrigin(o []byte) bool {
	colon := bytes.IndexByte(o, ':')
	return colon >= 0 && len(o) <= maxOriginLen && wellFormedScheme(o[:colon]) &&
		len(o) >= colon+3 && string(o[colon:colon+3]) == "://" && isHostAndPort(o[colon+3:])
}

// isHostAndPort tells whether b has no byte that would end a host, or its port, or a header's value.
func isHostAndPort(b []byte) bool {
	for _, c := range b {
		if byteClass[c]&classOrigin == 0 {
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

// isOpaque tells whether the hosts of a scheme are opaque: any bytes, rather than domains and addresses (URL
// section 3.1).
func isOpaque(scheme string) bool {
	return defaultPort(scheme) == 0
}

// cutPort returns hostport without its port. Where what stands behind the last colon is no port that a
// browser would send with that scheme, it stays, and no host is well formed with a colon in it.
func cutPort(hostport []byte, scheme string) []byte {
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
func wellFormedPort(digits []byte, scheme string) bool {
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
func defaultPort(scheme string) int {
	switch scheme {
	case "https", "wss":
		return 443
	case "http", "ws":
		return 80
	case "ftp":
		return 21
	}
	return 0
}

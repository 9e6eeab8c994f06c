package corstest

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// hostProfile maps host names as the URL standard asks of domain to ASCII: underscores and hyphens in odd places are
// let through, as browsers do.
var hostProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
	idna.CheckHyphens(false), idna.BidiRule())

// parseHost returns the host as browsers serialize it: https://url.spec.whatwg.org/#concept-host-parser.
func parseHost(s string) (string, error) {
	if s == "" {
		return "", errors.New("it has no host")
	}
	if s[0] == '[' {
		return parseIPv6(s)
	}
	decoded, err := url.PathUnescape(s)
	if err != nil {
		return "", fmt.Errorf("its host %q is not well formed", s)
	}
	host, err := hostProfile.ToASCII(decoded)
	if err != nil || host == "" || hasForbiddenHostByte(host) {
		return "", fmt.Errorf("its host %q is not well formed", s)
	}
	if endsInNumber(host) {
		return parseIPv4(host)
	}
	return host, nil
}

// hasForbiddenHostByte looks for https://url.spec.whatwg.org/#forbidden-domain-code-point.
func hasForbiddenHostByte(host string) bool {
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c >= 0x7F || strings.IndexByte(`#/:<>?@[\]^|%`, c) >= 0 {
			return true
		}
	}
	return false
}

func parseIPv6(s string) (string, error) {
	inner, closed := strings.CutSuffix(s[1:], "]")
	address, err := netip.ParseAddr(inner)
	if !closed || err != nil || !address.Is6() || address.Zone() != "" {
		return "", fmt.Errorf("its host %q is no IPv6 address", s)
	}
	if address.Is4In6() {
		// netip writes the last four bytes in decimal, browsers do not.
		b := address.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", int(b[12])<<8|int(b[13]), int(b[14])<<8|int(b[15])), nil
	}
	return "[" + address.String() + "]", nil
}

// endsInNumber tells whether browsers take the host for an IPv4 address: https://url.spec.whatwg.org/#ends-in-a-number-checker.
func endsInNumber(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	if isDigits(last) {
		return true
	}
	_, ok := parseIPv4Number(last)
	return ok
}

// parseIPv4 reads the forms that browsers accept (0x7f.1 is 127.0.0.1): https://url.spec.whatwg.org/#concept-ipv4-parser.
func parseIPv4(host string) (string, error) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	fail := fmt.Errorf("its host %q is no IPv4 address", host)
	if len(parts) > 4 {
		return "", fail
	}
	var address uint64
	for i, part := range parts {
		n, ok := parseIPv4Number(part)
		limit := uint64(255)
		if i == len(parts)-1 {
			// The last number fills the bytes that are left.
			limit = 1<<(8*(5-len(parts))) - 1
			address <<= 8 * (5 - len(parts))
		} else {
			address <<= 8
		}
		if !ok || n > limit {
			return "", fail
		}
		address |= n
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}).String(), nil
}

// parseIPv4Number reads a decimal, octal (0...) or hexadecimal (0x...) number.
func parseIPv4Number(s string) (uint64, bool) {
	if s == "" || strings.ContainsAny(s, "+-_") {
		return 0, false
	}
	base := 10
	if digits, isHex := strings.CutPrefix(asciiLower(s), "0x"); isHex {
		s, base = digits, 16
		if s == "" {
			return 0, true
		}
	} else if len(s) > 1 && s[0] == '0' {
		base = 8
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}

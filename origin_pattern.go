package cors

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// originPattern is one entry of Config.AllowOrigins, read and checked:
//
//	https://example.com         oneHost       host "example.com"  port ""
//	https://*.example.com:8080  subdomainsOf  host "example.com"  port "8080"
//	https://app-*.example.com   partOfLabel   host "example.com"  prefix "app-"  suffix ""
//	http://localhost:*          oneHost       host "localhost"    port anyPort
//	https://*                   anyHost       port ""
//	vscode-webview://*          anyHost       port anyPort
//
// "*" and "null" are words rather than patterns; configCheck.origins deals with them.
type originPattern struct {
	text           string // as it was written
	scheme         string
	hosts          hostRule
	host           string // of subdomainsOf and partOfLabel, what is behind the dot of "*"; of anyHost, empty
	prefix, suffix string // of partOfLabel, what is around "*", not both empty
	port           string // without colon
}

// hostRule says which hosts a pattern has. Those that "*" stands for have letters, digits, "-" and "_"; the
// letters are in lower case, but for schemes whose hosts are opaque.
type hostRule uint8

const (
	oneHost      hostRule = iota
	subdomainsOf          // one or more labels of 1 to 63 bytes in front of ".host"
	partOfLabel           // one label of at most 63 bytes in front of ".host": prefix, one or more bytes, suffix
	anyHost               // http, https: one or more bytes, or an address in brackets; others: nothing, too
)

const anyPort = "*"

// parseOriginPattern reads a pattern. ok is false where s is none.
func parseOriginPattern(s string) (p originPattern, ok bool) {
	if len(s) > maxOriginLen || strings.ContainsAny(s, ",;") {
		return p, false
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || neverSent[scheme] {
		return p, false
	}
	p = originPattern{text: s, scheme: scheme}
	opaque := isOpaque(scheme)
	host := rest
	if cut, ok := strings.CutSuffix(rest, ":*"); ok {
		host, p.port = cut, anyPort
	} else if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, p.port = rest[:i], rest[i+1:]
	}
	label, base, _ := strings.Cut(host, ".")
	switch {
	case host == "*":
		p.hosts = anyHost
		if opaque { // any port, too
			ok = p.port == "" && isSerializedOrigin(scheme+"://a")
			p.port = anyPort
			return p, ok
		}
		host = "a"
	case !strings.Contains(host, "*"):
		p.host = host
		if p.port != anyPort {
			return p, isSerializedOrigin(s) && p.isConsistent(opaque)
		}
	case label == "*":
		p.hosts, p.host, host = subdomainsOf, base, base
	default:
		p.hosts, p.host, host = partOfLabel, base, base
		p.prefix, p.suffix, _ = strings.Cut(label, "*")
	}
	text := scheme + "://" + host
	if p.port != "" && p.port != anyPort {
		text += ":" + p.port
	}
	return p, isSerializedOrigin(text) && p.isConsistent(opaque)
}

// isConsistent tells whether there is a host that the pattern has.
func (p originPattern) isConsistent(opaque bool) bool {
	labels := strings.Split(strings.TrimSuffix(p.host, "."), ".")
	switch p.hosts {
	case anyHost:
		return true
	case oneHost:
		if p.port == anyPort && p.host == "" {
			return false
		}
	default:
		isAddress := strings.HasPrefix(p.host, "[") || !opaque && endsInNumber([]byte(strings.Join(labels, ".")))
		if isAddress || slices.Contains(labels, "") || strings.Contains(p.host, "*") || len("a.")+len(p.host) > maxHostLen {
			return false
		}
	}
	if p.hosts == partOfLabel && !isLabels([]byte(p.prefix+"a"+p.suffix), labelsOf(p.scheme)) {
		return false
	}
	return opaque || !slices.ContainsFunc(labels, func(label string) bool { return len(label) > maxLabelLen })
}

// isSerializedOrigin tells whether a browser would write an origin like this: whether the URL standard's
// parser gives it back unchanged.
func isSerializedOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme()+"://"+u.Host() == s
}

// neverSent are schemes that no origin has. A WebSocket's is that of the page that opened it.
var neverSent = map[string]bool{"ws": true, "wss": true, "blob": true, "data": true, "about": true, "javascript": true}

// originMistake tells why a string is no pattern.
func originMistake(s string) (reason string) {
	scheme, rest, found := strings.Cut(s, "://")
	switch {
	case s == "":
		return "is empty; an origin is scheme, host and port"
	case strings.ContainsAny(s, " \t\r\n"):
		return "has white space in it; list each origin as a string of its own"
	case strings.EqualFold(s, nullOrigin):
		return "is not how the opaque origin is written"
	case !found:
		return "has no scheme; an origin is scheme, host and port"
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		return "has " + partNames[rest[end]] + "; an origin is scheme, host and port"
	}
	switch {
	case strings.Contains(rest, "@"):
		return "has user info; an origin is scheme, host and port"
	case strings.ToLower(s) != s:
		return "has upper-case letters; browsers send origins in lower case"
	case strings.Contains(scheme, "*"):
		return "has a wildcard in its scheme; only a host's first label and a port can be one"
	case !wellFormedScheme([]byte(scheme)):
		return "has a malformed scheme"
	}
	host, port, hasPort := cutPatternPort(rest)
	if hasPort {
		if reason = checkPort(port, scheme); reason != "" {
			return reason
		}
	}
	web := !isOpaque(scheme)
	if host == "*" && hasPort && !web {
		return "has a port behind the wildcard for any host"
	}
	p := originPattern{host: host}
	if base, ok := strings.CutPrefix(host, "*."); ok {
		p.hosts, p.host = subdomainsOf, base
	} else if label, base, _ := strings.Cut(host, "."); base != "" && strings.Count(label, "*") == 1 {
		p.hosts, p.host = partOfLabel, base
	}
	if reason = checkHost(p, web); reason == "" {
		reason = "has a malformed host"
	}
	return reason
}

// partNames names the parts of a URL that no origin has by their first byte.
var partNames = map[byte]string{'/': "a path", '\\': "a path", '?': "a query", '#': "a fragment"}

// cutPatternPort cuts at the colon behind the host, which may itself have colons between brackets.
func cutPatternPort(hostport string) (host, port string, found bool) {
	if end := strings.LastIndexByte(hostport, ']'); end >= 0 {
		if rest, ok := strings.CutPrefix(hostport[end+1:], ":"); ok {
			return hostport[:end+1], rest, true
		}
		return hostport, "", false
	}
	if strings.Count(hostport, ":") > 1 { // an address without its brackets
		return hostport, "", false
	}
	return strings.Cut(hostport, ":")
}

func checkPort(port, scheme string) (reason string) {
	n, err := strconv.Atoi(port)
	switch {
	case port == anyPort:
		return ""
	case strings.Contains(port, "*"):
		return `has a wildcard for a part of its port; only the whole port can be "*"`
	case port == "":
		return "has an empty port"
	case strings.Trim(port, "0123456789") != "":
		return "has a port that is no number"
	case err != nil || n < 1 || n > 65535:
		return "has a port outside 1 to 65535"
	case port[0] == '0':
		return "has a port with a leading zero"
	case n == defaultPort(scheme):
		return "has the default port of its scheme, which browsers leave out"
	}
	return ""
}

func checkHost(p originPattern, web bool) (reason string) {
	host := p.host
	wildcard := p.hosts != oneHost
	bracketed := strings.HasPrefix(host, "[") || strings.HasSuffix(host, "]") || strings.Contains(host, ":")
	switch {
	case host == "":
		return "has no host"
	case strings.Contains(host, "*"):
		return `has a wildcard for a part of its host; only the first label can be one, and it has to be "*."`
	case strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }):
		return "has a host in Unicode; browsers send its ASCII form"
	case bracketed && wildcard:
		return "asks for subdomains of an address, which has none"
	case bracketed:
		return "has an IPv6 address that is not written as browsers write it, compressed and in brackets"
	case web && endsInNumber([]byte(host)) && wildcard:
		return "asks for subdomains of an address, which has none"
	case web && endsInNumber([]byte(host)):
		return "has an IPv4 address that is not written as four decimal numbers"
	case wildcard && len("a.")+len(host) > maxHostLen:
		return "has a host that leaves no room for a subdomain"
	}
	return ""
}

// repairOrigin returns the pattern that was probably meant by s, or "".
func repairOrigin(s string) string {
	repaired := strings.ToLower(strings.TrimSpace(s))
	if repaired == nullOrigin {
		return nullOrigin
	}
	scheme, rest, found := strings.Cut(repaired, "://")
	if !found {
		scheme, rest = "https", strings.TrimPrefix(repaired, "//")
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, port, hasPort := cutPatternPort(rest)
	if !found && hasPort && port == "" { // data: and the like
		return ""
	}
	if n, err := strconv.Atoi(port); err == nil {
		port = strconv.Itoa(n)
		if n == defaultPort(scheme) {
			port = ""
		}
	}
	repaired = scheme + "://" + repairHost(host)
	if port != "" {
		repaired += ":" + port
	}
	if _, ok := parseOriginPattern(repaired); !ok || repaired == s {
		return ""
	}
	return repaired
}

func repairHost(host string) string {
	address := strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && ip.Zone() == "" {
		groups := [8]uint16{}
		for i, b := range ip.As16() {
			groups[i/2] |= uint16(b) << (8 * (1 - i%2))
		}
		return "[" + string(appendIPv6(nil, groups)) + "]"
	}
	host = strings.TrimSuffix(host, ".")
	if ip, ok := repairIPv4(host); ok {
		return ip
	}
	wildcard := ""
	if base, ok := strings.CutPrefix(host, "*."); ok {
		wildcard, host = "*.", base
	}
	if converted, err := idna.Lookup.ToASCII(host); err == nil {
		host = converted
	}
	return wildcard + host
}

// repairIPv4 reads an address as browsers do: up to four numbers, of which the last fills what is left, in
// octal behind a zero and in hexadecimal behind 0x (URL section 3.5).
func repairIPv4(host string) (string, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return "", false
	}
	var address uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, err := strconv.ParseUint(part, 0, bits)
		if err != nil || strings.Contains(part, "_") {
			return "", false
		}
		address = address<<bits | n
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(address)))).String(), true
}

// isInsecure tells whether a network attacker can pose as the pattern's origins: plain HTTP, but for the
// machine's own (Secure Contexts section 3.1).
func (p originPattern) isInsecure() bool {
	if p.scheme != "http" {
		return false
	}
	if p.host == "localhost" || strings.HasSuffix(p.host, ".localhost") {
		return false
	}
	ip, err := netip.ParseAddr(strings.Trim(p.host, "[]"))
	return err != nil || !ip.IsLoopback()
}

// publicSuffix returns the public suffix all of whose subdomains the pattern allows, or "": strangers can
// register those. Both the domain itself can be a suffix (github.io) and what stands right below it (of
// kobe.jp, the list has *.kobe.jp).
func (p originPattern) publicSuffix() string {
	if p.hosts != subdomainsOf && p.hosts != partOfLabel {
		return ""
	}
	for _, domain := range []string{p.host, "a." + p.host} {
		suffix, managed := publicsuffix.PublicSuffix(domain)
		if suffix == domain && (managed || strings.Contains(suffix, ".")) {
			return p.host
		}
	}
	return ""
}

// isExact tells whether the pattern matches one origin alone.
func (p originPattern) isExact() bool {
	return p.hosts == oneHost && p.port != anyPort
}

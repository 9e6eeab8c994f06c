package cors

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
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
	scheme, rest, found := strings.Cut(s, "://")
	if !found || len(s) > maxOriginLen || hasStrayBytes(rest, isOpaque(scheme)) || isNeverSent(scheme) || misspelledSchemes[scheme] != "" {
		return p, false
	}
	p = originPattern{text: s, scheme: scheme}
	opaque := isOpaque(scheme)
	host := rest
	if cut, ok := strings.CutSuffix(rest, ":*"); ok {
		host, p.port = cut, anyPort
	} else if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, p.port = rest[:i], rest[i+1:]
		if p.port == "" {
			return p, false
		}
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

// lastNumber is a last label that makes an address of a host, or nothing (URL section 3.6).
var lastNumber = regexp.MustCompile(`(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$`)

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
		isAddress := strings.HasPrefix(p.host, "[") || !opaque && lastNumber.MatchString(p.host)
		if isAddress || slices.Contains(labels, "") || strings.Contains(p.host, "*") || len("a.")+len(p.host) > maxHostLen {
			return false
		}
	}
	if p.hosts == partOfLabel && !isLabels([]byte(p.prefix+"a"+p.suffix), labelsOf(p.scheme)) {
		return false
	}
	return opaque || !slices.ContainsFunc(labels, func(label string) bool { return len(label) > maxLabelLen })
}

// hasStrayBytes tells whether there are bytes in a host that are allowed, but that nobody means: they are from
// around it, such as a quote, or of a template.
func hasStrayBytes(host string, opaque bool) bool {
	return strings.ContainsAny(host, ",;"+quotes) || !opaque && strings.ContainsAny(host, "{}")
}

// signedNumber is a last label that the parser takes for a number, and its host for an address, where the standard
// takes no sign for a part of a number: http://0-1 has a domain.
var signedNumber = regexp.MustCompile(`((?://|\.)(?:0[xX]?)?)[+-]([0-9a-fA-F]*(?::\d+)?)$`)

// isSerializedOrigin tells whether a browser would write an origin like this: whether the URL standard's
// parser gives it back unchanged.
func isSerializedOrigin(s string) bool {
	if isPlainOrigin([]byte(s)) {
		return true
	}
	s = signedNumber.ReplaceAllString(s, "${1}z${2}")
	u, err := url.Parse(s)
	return err == nil && u.Scheme()+"://"+u.Host() == s
}

// isPlainOrigin tells whether a web origin has nothing in it that the parser would look at twice. Most origins are
// plain, and some policies have a hundred thousand of them.
func isPlainOrigin(o []byte) bool {
	scheme, rest, _ := bytes.Cut(o, []byte("://"))
	if s := string(scheme); s != "https" && s != "http" {
		return false
	}
	host := cutPort(rest, string(scheme))
	last := host[bytes.LastIndexByte(host, '.')+1:]
	return isLabels(host, &domainLabels) && 'a' <= last[0] && last[0] <= 'z' && !bytes.Contains(host, []byte("xn--"))
}

// isInsecure tells whether a network attacker can pose as the pattern's origins: plain HTTP, but for the
// machine's own (Secure Contexts section 3.1).
func (p originPattern) isInsecure() bool {
	return p.scheme == "http" && !isOwnMachine(p.host)
}

// isExact tells whether the pattern matches one origin alone.
func (p originPattern) isExact() bool {
	return p.hosts == oneHost && p.port != anyPort
}

package cors

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// What people write in place of an origin. originMistake goes from what is no origin at all to what is one but
// for a detail, so that a string is called by its worst mistake. repairOrigin (origin_repair.go) suggests what
// was meant.

const originParts = "; an origin is scheme, host and port"

// originForms are strings of a form that is known from elsewhere. Each is looked for in this order, before
// the string is cut into values.
var originForms = []struct {
	code   ErrorCode
	form   *regexp.Regexp
	reason string
}{
	{CodeSeveralPorts, regexp.MustCompile(`:[\[({]?\d+(?:[-,;|]\s*\d+)+[\])}]?$`),
		`names several ports; an origin has one, or ":*" for any, and none`},
	{CodeAddressRange, regexp.MustCompile(`^(?:[a-zA-Z]+://)?\d[\d.]*(?:\.?\*|\.[xX]|-\d|/\d+(?:$|:))[\d.*xX/:-]*$`), rangeReason},
	{CodeAddressRange, regexp.MustCompile(`^(?:[a-zA-Z]+://)?\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?/\d+\]?$`), rangeReason},
	{CodeRegularExpression, regexp.MustCompile(`^[~^]|^/[^/].*/[a-z]*$|^(?:regexp?|re):|\\[.dw/:-]|\$$|://[^/]*[(|{][^/]*[)|}]|[?)]:?//|\[[^\]]+\][+*?]|://\.[*+]`),
		`is a regular expression; a "*" stands for labels in front, a part of the first one, a port or any host, and AllowOriginFunc can ` +
			"do the rest"},
}

const rangeReason = "is a range of addresses, which no pattern stands for; AllowOriginFunc can tell what is in one"

// misspelledSchemes are what is meant by schemes that nobody has.
var misspelledSchemes = map[string]string{
	"htp": "http", "htpp": "http", "htttp": "http", "hhttp": "http", "hptt": "http", "httpp": "http", "ttp": "http", "thtp": "http",
	"htps": "https", "htpps": "https", "htttps": "https", "hhttps": "https", "hptts": "https", "httpps": "https", "ttps": "https",
	"httsp": "https", "httpss": "https", "thtps": "https", "htts": "https",
}

// isNeverSent tells whether no page's origin has the scheme.
func isNeverSent(scheme string) bool {
	switch scheme {
	case "ws", "wss", "blob", "data", "about", "javascript", "view-source":
		return true
	}
	return false
}

// originMistake tells why s is no pattern.
func originMistake(s string) mistake {
	trimmed := strings.TrimSpace(s)
	if strings.EqualFold(trimmed, nullOrigin) && trimmed != nullOrigin {
		return mistake{CodeNullMisspelled, "is not how the opaque origin is written", nullOrigin}
	}
	separators := " \t\r\n,;"
	if len(s) <= maxOriginLen { // else it is a list, or nothing that is worth a look
		if isPlaceholder(trimmed) {
			return mistake{code: CodeValueUnset, reason: unsetReason}
		}
		for _, known := range originForms {
			if known.form.MatchString(trimmed) {
				return mistake{known.code, known.reason, repairForm(known.code, trimmed)}
			}
		}
		if schemeBeforeSemicolon.MatchString(s) {
			separators = " \t\r\n,"
		}
	}
	m := valueMistake(s, separators, maxOriginLen)
	switch {
	case m.code == CodeSeveralValues || m.code == CodeValueUnset || m.code == CodeValueEmpty || m.code == CodeValueTooLong:
		return m
	case m.code != "":
		if _, ok := parseOriginPattern(m.suggestion); !ok && m.suggestion != nullOrigin {
			m.suggestion = repairOrigin(m.suggestion)
		}
		return m
	}
	m.code, m.reason = originSyntax(s)
	if m.code != CodeLabelNotPunycode {
		m.suggestion = repairOrigin(s)
	}
	return m
}

var schemeAndMore = regexp.MustCompile(`(?i)^(https?)(:?[/\\]+|[:;][/\\]*)(.*)$`)

var schemeBeforeSemicolon = regexp.MustCompile(`(?i)^\s*https?;//[^;]*$`)

// originSyntax tells what is wrong with a string that is one value and of no known form.
func originSyntax(s string) (ErrorCode, string) {
	if m := schemeAndMore.FindStringSubmatch(s); m != nil && m[3] != "" && m[2] != "://" {
		return CodeSchemeSeparator, `has something other than "://" behind its scheme`
	}
	scheme, rest, found := strings.Cut(s, "://")
	first, _, _ := strings.Cut(scheme, ":")
	switch {
	case isNeverSent(strings.ToLower(first)) && strings.Contains(s, ":"):
		return CodeSchemeNeverSent, "has a scheme that no page's origin has; " + neverSentReason(strings.ToLower(first))
	case !found:
		return CodeOriginWithoutScheme, "has no scheme" + originParts
	case strings.Contains(rest, "://"):
		return CodeSchemeTwice, "has two schemes" + originParts
	case strings.Contains(scheme, "*"):
		return CodeWildcardInScheme, "has a wildcard in its scheme; list http and https each on its own"
	case misspelledSchemes[strings.ToLower(scheme)] != "":
		return CodeSchemeMisspelled, "has a misspelled scheme"
	case !wellFormedScheme([]byte(strings.ToLower(scheme))):
		return CodeSchemeMalformed, "has a malformed scheme"
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		part := partsOfURLs[rest[end]]
		return part.code, "has " + part.name + originParts
	}
	opaque := isOpaque(strings.ToLower(scheme))
	switch {
	case strings.Contains(rest, "@"):
		return CodeOriginHasUserInfo, "has user info" + originParts
	case strings.ToLower(scheme) != scheme || !opaque && strings.ToLower(rest) != rest:
		return CodeOriginUpperCase, "has upper-case letters; browsers send origins in lower case"
	}
	host, port, hasPort := cutPatternPort(rest)
	if hasPort && host == "*" && opaque {
		return CodePortBesideAnyHost, "has a port behind the wildcard for any host, which stands for any port, too"
	}
	if hasPort {
		if code, reason := portMistake(port, scheme); code != "" {
			return code, reason
		}
	}
	return hostMistake(host, opaque)
}

func neverSentReason(scheme string) string {
	switch scheme {
	case "ws", "wss":
		return "a WebSocket's is that of the page that opens it"
	case "data", "javascript":
		return `that of such a page is "null"`
	}
	return "that of such a page is the one behind it"
}

// partsOfURLs are the parts of a URL that no origin has, by their first byte.
var partsOfURLs = map[byte]struct {
	code ErrorCode
	name string
}{
	'/': {CodeOriginHasPath, "a path"}, '\\': {CodeOriginHasPath, "a path"},
	'?': {CodeOriginHasQuery, "a query"}, '#': {CodeOriginHasFragment, "a fragment"},
}

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

func portMistake(port, scheme string) (ErrorCode, string) {
	n, err := strconv.Atoi(port)
	switch {
	case port == anyPort:
		return "", ""
	case strings.Contains(port, "*"):
		return CodeWildcardInPort, `has a wildcard for a part of its port; only the whole port can be "*"`
	case port == "":
		return CodePortEmpty, "has an empty port"
	case strings.Trim(port, "0123456789") != "":
		return CodePortMalformed, "has a port that is no number"
	case err != nil || n > 65535:
		return CodePortOutOfRange, "has a port above 65535"
	case port[0] == '0' && port != "0":
		return CodePortLeadingZero, "has a port with a leading zero"
	case n != 0 && n == defaultPort(scheme):
		return CodePortDefault, "has the default port of its scheme, which browsers leave out"
	}
	return "", ""
}

func hostMistake(host string, opaque bool) (ErrorCode, string) {
	wildcards := strings.Count(host, "*")
	label, base, _ := strings.Cut(host, ".")
	if wildcards == 1 && strings.Contains(label, "*") && base != "" {
		host = base
	} else if wildcards > 0 && host != "*" {
		return CodeWildcardMisplaced, `has a wildcard where none can be; it stands for the first labels ("*."), for a part of the first of ` +
			"several, for a port or for any host"
	}
	isPattern := wildcards > 0
	bracketed := strings.HasPrefix(host, "[") || strings.HasSuffix(host, "]") || strings.Contains(host, ":")
	isAddress := bracketed || !opaque && lastNumber.MatchString(host)
	switch {
	case host == "":
		return CodeHostEmpty, "has no host"
	case strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }):
		return CodeHostUnicode, "has a host in Unicode; browsers send its ASCII form"
	case isAddress && isPattern:
		return CodeSubdomainsOfAddress, "asks for subdomains of an address, which has none"
	case bracketed:
		return CodeIPv6Malformed, "has an IPv6 address that is not written as browsers write it, compressed and in brackets"
	case isAddress:
		return CodeIPv4Malformed, "has an IPv4 address that is not written as four decimal numbers"
	case isPattern && len("a.")+len(host) > maxHostLen:
		return CodeHostTooLong, "has a host that leaves no room for a subdomain"
	}
	for label := range strings.SplitSeq(host+"."+strings.ReplaceAll(label, "*", "a"), ".") {
		if len(label) > maxLabelLen {
			return CodeLabelTooLong, fmt.Sprintf("has a label of more than %d bytes", maxLabelLen)
		}
		if _, err := idna.Lookup.ToASCII(label); strings.HasPrefix(label, "xn--") && (err != nil || label == "xn--") && !opaque {
			return CodeLabelNotPunycode, `has a label that begins with "xn--" but is no name in Unicode`
		}
	}
	return CodeHostMalformed, "has a malformed host"
}

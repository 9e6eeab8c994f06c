package cors

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// repairOrigin returns the pattern that was probably meant by s, which is one value, or "". Whether it is to be
// suggested is for the caller to say.
func repairOrigin(s string) string {
	s = strings.TrimSpace(s)
	scheme, rest := repairScheme(s)
	if scheme == nullOrigin {
		return nullOrigin
	}
	if i := strings.LastIndex(rest, "://"); i >= 0 {
		scheme, rest = repairScheme(rest[strings.LastIndexAny(rest[:i], "/.:@")+1:])
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, port, _ := cutPatternPort(rest)
	wildcards := ""
	switch label, base, _ := strings.Cut(host, "."); {
	case host == "*" && isOpaque(scheme):
		return scheme + "://*"
	case host == "*":
		wildcards, host = "*", "a" // stands in for it while the port is repaired
	case strings.HasPrefix(label, "*") && label != "*" && openToStrangers(base) != "": // *example.com
		wildcards, host = "*.", host[len("*"):]
	case strings.Count(label, "*") == 1 && base != "":
		wildcards, host = label+".", base
	}
	suffix := ""
	if port == anyPort {
		suffix, port = ":*", ""
	}
	address := strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() {
		host = "[" + address + "]"
	}
	if port != "" {
		port = ":" + port
	}
	u, err := url.Parse(scheme + "://" + host + port)
	if err != nil {
		return ""
	}
	repaired := u.Host()
	if wildcards == "*" {
		repaired = strings.TrimPrefix(repaired, "a")
	}
	return scheme + "://" + wildcards + repaired + suffix
}

// repairScheme cuts off what was probably meant for a scheme, and returns the one that was meant.
func repairScheme(s string) (scheme, rest string) {
	lower := strings.ToLower(s)
	if m := schemeAndMore.FindStringSubmatch(s); m != nil {
		return strings.ToLower(m[1]), m[3]
	}
	scheme, rest, found := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case found && (scheme == "data" || scheme == "javascript"):
		return nullOrigin, ""
	case found && (scheme == "blob" || scheme == "view-source"):
		return repairScheme(rest)
	case found && scheme == "ws":
		return "http", strings.TrimLeft(rest, "/")
	case found && scheme == "wss":
		return "https", strings.TrimLeft(rest, "/")
	case found && misspelledSchemes[scheme] != "":
		return misspelledSchemes[scheme], strings.TrimLeft(rest, "/")
	case strings.HasPrefix(lower, "*://") || strings.HasPrefix(lower, "http*://"):
		return "https", rest[len("//"):]
	case found && strings.HasPrefix(rest, "//"):
		return scheme, rest[len("//"):]
	}
	s = strings.TrimLeft(s, ":/")
	host, port, _ := cutPatternPort(s)
	if port == "80" || isOwnMachine(host) {
		return "http", s
	}
	return "https", s
}

// isOwnMachine tells whether a host is the visitor's own (Secure Contexts section 3.1).
func isOwnMachine(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// expressions are what regular expressions have in place of a pattern's parts.
var expressions = []struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`^(?i:~\*?\s*|regexp?:|re:)`), ""},
	{regexp.MustCompile(`^/(.*)/[a-z]*$`), "$1"},
	{regexp.MustCompile(`^\^|\$$`), ""},
	{regexp.MustCompile(`\\([./:-])`), "$1"},
	{regexp.MustCompile(`^https?\?://|^\(https?\|https?\)://|^http\(s\)\?://|^https\?://`), "https://"},
	{regexp.MustCompile(`\(:\\d\+\)\??|:\\d\+|:\[0-9\]\+|\(:\[0-9\]\+\)\??$`), ":*"},
	{regexp.MustCompile(`(?:\((?:\?:)?)?(?:\.[*+]|\*|\[[^\]]*\][+*]|\\w\+)\.(?:\)[?*+]?)?`), "*."},
}

// repairForm returns the pattern that was probably meant by a string of one of originForms, or "".
func repairForm(code ErrorCode, s string) string {
	switch code {
	case CodeSeveralPorts:
		scheme, rest := repairScheme(s)
		end := strings.LastIndexByte(strings.TrimRight(rest, "0123456789-,;| ])}"), ':')
		if end > 0 && isOwnMachine(rest[:end]) {
			return scheme + "://" + rest[:end] + ":*"
		}
	case CodeRegularExpression:
		for _, e := range expressions {
			s = e.form.ReplaceAllString(s, e.with)
		}
		if rest, ok := strings.CutPrefix(s, "https://"); ok {
			if host, _, _ := cutPatternPort(rest); isOwnMachine(host) {
				return "http://" + rest
			}
		}
		return s
	}
	return ""
}

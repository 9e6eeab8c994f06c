package cors

import (
	"bytes"
	"slices"
	"strings"
)

// What a policy compares with the bytes of a request: origins, methods and the names of request headers.
// Each set is made once (policy.go) and then only read. Nothing here allocates, and the work is bounded by
// the policy, whatever a stranger sends.

// originSet holds the origins that a policy allows:
//
//	one exact origin    compared as it is, without hashing
//	exact               all exact origins, where there are more
//	patterns            those that match more than one origin, compared one after the other
//	suffixes            the same, where there are many of them
type originSet struct {
	any      bool // "*"
	null     bool // "null"
	one      string
	exact    byteTable
	patterns []originMatcher
	suffixes []schemeSuffixes
}

// fewPatterns is how many patterns are compared one after the other: up to about here that is faster than
// cutting an origin at its dots and hashing what is behind them.
const fewPatterns = 4

// newOriginSet makes the set of the patterns, and of "*" and "null" where any and null say so.
func newOriginSet(patterns []originPattern, any, null bool) originSet {
	s := originSet{any: any, null: null}
	var exact []string
	byScheme := map[string][]originPattern{}
	for _, p := range patterns {
		if p.hosts == oneHost && p.port != anyPort {
			exact = append(exact, p.text)
			continue
		}
		s.patterns = append(s.patterns, newOriginMatcher(p))
		byScheme[p.scheme] = append(byScheme[p.scheme], p)
	}
	if len(exact) == 1 {
		s.one, exact = exact[0], nil
	}
	s.exact = newByteTable(exact)
	if len(s.patterns) > fewPatterns {
		s.patterns = slices.DeleteFunc(s.patterns, func(m originMatcher) bool {
			return m.hosts != partOfLabel && m.hosts != anyHost
		})
		for scheme, patterns := range byScheme {
			s.suffixes = append(s.suffixes, newSchemeSuffixes(scheme, patterns))
		}
	}
	return s
}

// has tells whether o is one of the origins.
func (s *originSet) has(o []byte) bool {
	switch {
	case s.any:
		return len(o) > 0
	case len(o) == 0 || len(o) > maxOriginLen:
		return false
	case string(o) == s.one:
		return true
	case s.exact.has(o):
		return true
	case s.null && string(o) == nullOrigin:
		return true
	}
	for i := range s.patterns {
		if s.patterns[i].matches(o) {
			return true
		}
	}
	for i := range s.suffixes {
		if s.suffixes[i].has(o) {
			return true
		}
	}
	return false
}

// originMatcher is an originPattern other than an exact origin, cut for comparing:
//
//	https://*.example.com:8080   prefix "https://"            suffix ".example.com:8080"
//	http://localhost:*           prefix "http://localhost"    suffix ""
//	vscode-webview://*           prefix "vscode-webview://"   suffix ""
//
// What an origin has between the two must be labels for the first, nothing for the second and a host for
// the third.
type originMatcher struct {
	prefix, suffix string
	hosts          hostRule
	anyPort        bool
	schemeLen      int
	longest        int // of a match, without a port that is matched by "*"
	aroundLen      int // of partOfLabel, how many bytes of the label "*" does not stand for
	opaque         bool
}

func newOriginMatcher(p originPattern) originMatcher {
	m := originMatcher{
		prefix:    p.scheme + "://",
		hosts:     p.hosts,
		anyPort:   p.port == anyPort,
		schemeLen: len(p.scheme),
		opaque:    isOpaque([]byte(p.scheme)),
	}
	m.longest = len(m.prefix) + maxHostLen
	switch p.hosts {
	case oneHost:
		m.prefix += p.host
	case subdomainsOf:
		m.suffix = "." + p.host
	case partOfLabel:
		m.prefix += p.prefix
		m.suffix = p.suffix + "." + p.host
		m.aroundLen = len(p.prefix) + len(p.suffix)
	}
	if !m.anyPort && p.port != "" {
		m.suffix += ":" + p.port
		m.longest += len(":") + len(p.port)
	}
	return m
}

func (m *originMatcher) matches(o []byte) bool {
	end := len(o) - len(m.suffix)
	if m.hosts == anyHost && m.opaque {
		return bytes.HasPrefix(o, []byte(m.prefix)) && wellFormedRest(o[len(m.prefix):])
	}
	if m.anyPort {
		if len(o) < len(m.prefix) || string(o[:m.schemeLen]) != m.prefix[:m.schemeLen] {
			return false
		}
		o = cutPort(o, o[:m.schemeLen])
		end = len(o) - len(m.suffix)
	}
	if end < len(m.prefix) || string(o[end:]) != m.suffix || string(o[:len(m.prefix)]) != m.prefix {
		return false
	}
	between := o[len(m.prefix):end]
	switch m.hosts {
	case subdomainsOf:
		return len(o) <= m.longest && wellFormedLabels(between, m.opaque)
	case partOfLabel:
		return len(o) <= m.longest && len(between)+m.aroundLen <= maxLabelLen && wellFormedLabels(between, m.opaque) &&
			bytes.IndexByte(between, '.') < 0
	case anyHost:
		inBrackets := len(between) > 2 && between[0] == '[' && between[len(between)-1] == ']'
		if inBrackets {
			return len(bytes.Trim(between[1:len(between)-1], "0123456789abcdef:.")) == 0
		}
		return len(between) > 0 && wellFormedRest(between) && !bytes.ContainsAny(between, ":[]ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	}
	return len(between) == 0
}

// schemeSuffixes holds the patterns of one scheme, where a policy has many. An origin is cut at the dots of
// its host, from the right and no further than the longest pattern, and what is behind each is looked up:
//
//	https://a.b.example.com:8080   example.com:8080 in subdomains, example.com in subdomainsAnyPort, ...
type schemeSuffixes struct {
	prefix            string    // "https://"
	hostsAnyPort      byteTable // http://localhost:*
	subdomains        byteTable // https://*.example.com, https://*.example.com:8080; without the "*."
	subdomainsAnyPort byteTable // https://*.example.com:*; without the "*." and the port
	mostDots          int       // in any key of the two
}

func newSchemeSuffixes(scheme string, patterns []originPattern) schemeSuffixes {
	s := schemeSuffixes{prefix: scheme + "://"}
	var hostsAnyPort, subdomains, subdomainsAnyPort []string
	for _, p := range patterns {
		switch {
		case p.hosts == anyHost || p.hosts == partOfLabel: // are compared one by one
		case p.hosts == oneHost:
			hostsAnyPort = append(hostsAnyPort, p.host)
		case p.port == anyPort:
			subdomainsAnyPort = append(subdomainsAnyPort, p.host)
		case p.port != "":
			subdomains = append(subdomains, p.host+":"+p.port)
		default:
			subdomains = append(subdomains, p.host)
		}
		s.mostDots = max(s.mostDots, strings.Count(p.host, "."))
	}
	s.hostsAnyPort = newByteTable(hostsAnyPort)
	s.subdomains = newByteTable(subdomains)
	s.subdomainsAnyPort = newByteTable(subdomainsAnyPort)
	return s
}

func (s *schemeSuffixes) has(o []byte) bool {
	if len(o) < len(s.prefix) || string(o[:len(s.prefix)]) != s.prefix {
		return false
	}
	hostport := o[len(s.prefix):]
	host := cutPort(hostport, o[:len(s.prefix)-len("://")])
	if s.hostsAnyPort.has(host) {
		return true
	}
	dot := len(host)
	for range s.mostDots + 1 {
		if dot = bytes.LastIndexByte(host[:dot], '.'); dot < 0 {
			return false
		}
		if s.subdomains.has(hostport[dot+1:]) || s.subdomainsAnyPort.has(host[dot+1:]) {
			return len(host) <= maxHostLen && wellFormedLabels(host[:dot], isOpaque(o[:len(s.prefix)-len("://")]))
		}
	}
	return false
}

// methodSet holds the methods that a policy allows. Those that are CORS-safelisted need no listing.
type methodSet struct {
	any  bool // "*"
	list []string
}

// has tells whether a preflight that asks for the method is answered yes. Methods are compared as they are:
// patch is not PATCH (Fetch section 2.2.1).
func (s *methodSet) has(method []byte) bool {
	if len(method) <= len("POST") && isSafelistedMethod(string(method)) {
		return true // a longer method would have to be copied for the call
	}
	if s.any {
		return isToken(method) && !isForbiddenMethodBytes(method)
	}
	for _, m := range s.list {
		if string(method) == m {
			return true
		}
	}
	return false
}

// headerSet holds the request headers that a policy allows, and reads the values of
// Access-Control-Request-Headers.
type headerSet struct {
	any           bool // "*"
	authorization bool // is listed, as "*" does not cover it (Fetch section 4.8)
	names         byteTable
	joined        string // all names as a browser would ask for them: in lower case, sorted, behind commas
	longestValue  int
}

const (
	// maxHeaderNameLen is the length of the longest name that can be allowed.
	maxHeaderNameLen = 256

	// maxWildcardValue is how many bytes of Access-Control-Request-Headers are looked at where "*" stands
	// for the names, so that there is no list to bound them.
	maxWildcardValue = 2048
)

var authorization = []byte("authorization")

// newHeaderSet takes names in lower case, sorted, each once.
func newHeaderSet(names []string, any bool) headerSet {
	s := headerSet{any: any, names: newByteTable(names), joined: strings.Join(names, ",")}
	s.authorization = s.names.has(authorization)
	// A browser asks for each name once, so that its value is no longer than all names joined. The rest is
	// for what intermediaries add: white space, empty elements, several lines.
	s.longestValue = len(s.joined) + 4*len(names) + 32
	if any {
		s.longestValue = maxWildcardValue
	}
	return s
}

// fits tells whether a value of n bytes, all lines counted with a comma between them, is looked at.
func (s *headerSet) fits(n int) bool {
	return n <= s.longestValue
}

// refused returns the first name in line that is not allowed, or nil.
func (s *headerSet) refused(line []byte) []byte {
	if string(line) == s.joined { // a page that uses all of them, or the only one
		return nil
	}
	for {
		// Dozens of commas or spaces together cost no more than a name.
		i := 0
		for i < len(line) && (line[i] == ',' || isSpace(line[i])) {
			i++
		}
		if i == len(line) {
			return nil
		}
		name, rest := line[i:], []byte(nil)
		if end := bytes.IndexByte(name, ','); end >= 0 {
			name, rest = name[:end], name[end+1:]
		}
		for isSpace(name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		if !s.has(name) {
			return name
		}
		line = rest
	}
}

func (s *headerSet) has(name []byte) bool {
	if s.any {
		return isToken(name) && (s.authorization || !equalFold(name, authorization))
	}
	return s.names.has(name) || s.hasFolded(name)
}

// hasFolded looks up a name with upper-case letters, which no browser sends.
func (s *headerSet) hasFolded(name []byte) bool {
	if len(name) > s.names.longest {
		return false
	}
	var buffer [maxHeaderNameLen]byte
	lower := appendLower(buffer[:0], name)
	return !bytes.Equal(lower, name) && s.names.has(lower)
}

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

// isForbiddenMethodBytes tells whether a browser would refuse to send the method, in whatever case.
func isForbiddenMethodBytes(method []byte) bool {
	var buffer [len("CONNECT")]byte
	return len(method) <= len(buffer) && isForbiddenMethod(string(appendUpper(buffer[:0], method)))
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

func appendLower(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, toLower(c))
	}
	return dst
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

func toLower(c byte) byte {
	if c-'A' < 26 {
		c += 'a' - 'A'
	}
	return c
}

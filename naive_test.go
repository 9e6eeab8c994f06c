package cors_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/bytecors/cors"
)

// A second implementation of the policy, written to be read rather than to be fast: it parses, splits and
// compares strings with the standard library, and shares nothing with the package. The fuzz targets, the
// corpora and the races ask both.

var (
	naiveOriginForm  = regexp.MustCompile(`\A([a-z][a-z0-9+.-]*)://[!-~]*\z`)
	naivePatternForm = regexp.MustCompile(`\A([a-z][a-z0-9+.-]*)://(?:(\*)|(\*\.|[A-Za-z0-9_-]+\*[A-Za-z0-9_-]*\.|\*[A-Za-z0-9_-]+\.)?([^*]+?))(?::([0-9]+|\*))?\z`)
	naiveTokenForm   = regexp.MustCompile("\\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\\z")
	naiveSignedLabel = regexp.MustCompile(`\A[a-z]+://([^/]*\.)?(0|0x|0X)?[+-][0-9A-Fa-f]*(:[0-9]+)?\z`)
	naiveNumberLabel = regexp.MustCompile(`\A(?:[0-9]+|0x[0-9a-f]*)\z`)
)

var naiveDefaultPorts = map[string]string{"http": "80", "https": "443", "ftp": "21"}

// naiveNeverSent are schemes that no page's origin has.
var naiveNeverSent = []string{"ws", "wss", "blob", "data", "about", "javascript", "view-source"}

// naiveMisspelled are schemes that stand for http and https.
var naiveMisspelled = strings.Fields("htp htpp htttp hhttp hptt httpp ttp thtp htps htpps htttps hhttps hptts httpps ttps httsp httpss thtps htts")

const (
	naiveLongestOrigin = 326
	naiveLongestHost   = 253
	naiveLongestLabel  = 63
)

// naiveIsSpecial tells whether the scheme's hosts are domains and addresses. Those of files are, too, but
// there, any host means any bytes.
func naiveIsSpecial(scheme string) bool {
	return naiveDefaultPorts[scheme] != ""
}

// naiveMayBeOrigin tells whether an AllowOriginFunc is asked about the bytes.
func naiveMayBeOrigin(s string) bool {
	return s == "null" || len(s) <= naiveLongestOrigin && naiveOriginForm.MatchString(s) &&
		!strings.ContainsAny(strings.SplitN(s, "://", 2)[1], `,/\?#@`)
}

// naiveIsListed tells whether a browser would write an origin like this, which is for the URL standard to say.
func naiveIsListed(s string) bool {
	if naiveSignedLabel.MatchString(s) {
		s = strings.Map(func(r rune) rune {
			if r == '+' || r == '-' {
				return 'z' // the parser takes signs for parts of numbers, the standard does not
			}
			return r
		}, s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme()+"://"+u.Host() != s || strings.ContainsAny(s, ",;\"'`\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb") ||
		naiveIsSpecial(u.Scheme()) && strings.ContainsAny(s, "{}") {
		return false
	}
	if naiveIsSpecial(u.Scheme()) {
		for label := range strings.SplitSeq(u.Hostname(), ".") {
			if len(label) > naiveLongestLabel {
				return false
			}
		}
	}
	return len(s) <= naiveLongestOrigin && !slices.Contains(naiveNeverSent, u.Scheme()) && !slices.Contains(naiveMisspelled, u.Scheme())
}

type naivePattern struct {
	scheme, host, port string
	front              string // "*." or what is around "*" in the first label, with the dot behind
	anyHost            bool
}

func naiveParsePattern(s string) (p naivePattern, ok bool) {
	m := naivePatternForm.FindStringSubmatch(s)
	if m == nil || !strings.Contains(s, "*") || len(s) > naiveLongestOrigin {
		return p, false
	}
	return naivePattern{scheme: m[1], anyHost: m[2] != "", front: m[3], host: m[4], port: m[5]}, true
}

// naivePatternOK tells whether New should accept s in AllowOrigins, without credentials.
func naivePatternOK(s string) bool {
	if s == "*" || s == "null" || !strings.Contains(s, "*") && naiveIsListed(s) {
		return true
	}
	p, ok := naiveParsePattern(s)
	if !ok {
		return false
	}
	plain := p.scheme + "://" + p.host
	if p.anyHost {
		plain += "a"
	}
	if p.port != "" && p.port != "*" {
		plain += ":" + p.port
	}
	switch {
	case !naiveIsListed(plain):
		return false
	case p.anyHost:
		return naiveIsSpecial(p.scheme) || p.port == ""
	case p.front == "":
		return true
	}
	labels := strings.Split(strings.TrimSuffix(p.host, "."), ".")
	isAddress := strings.HasPrefix(p.host, "[") || naiveIsSpecial(p.scheme) && naiveNumberLabel.MatchString(labels[len(labels)-1])
	return !isAddress && !slices.Contains(labels, "") && len("a.")+len(p.host) <= naiveLongestHost && len(p.front) <= naiveLongestLabel+len(".") &&
		(!naiveIsSpecial(p.scheme) || strings.ToLower(p.front) == p.front)
}

// naiveMatches tells whether a pattern that is accepted covers an origin.
func naiveMatches(pattern, origin string) bool {
	switch {
	case pattern == "*":
		return origin != ""
	case !strings.Contains(pattern, "*"):
		return pattern == origin
	case len(origin) > naiveLongestOrigin:
		return false
	}
	p, _ := naiveParsePattern(pattern)
	rest, ok := strings.CutPrefix(origin, p.scheme+"://")
	if !ok {
		return false
	}
	if p.anyHost && !naiveIsSpecial(p.scheme) {
		return naiveMayBeOrigin(origin)
	}
	host, ok := naiveCutPort(rest, p.port, naiveDefaultPorts[p.scheme])
	if !ok {
		return false
	}
	byteOfLabel := "[a-z0-9_-]"
	if !naiveIsSpecial(p.scheme) {
		byteOfLabel = "[A-Za-z0-9_-]"
	}
	prefix, suffix, _ := strings.Cut(strings.TrimSuffix(p.front, "."), "*")
	label, behind, _ := strings.Cut(host, ".")
	switch {
	case p.anyHost:
		return regexp.MustCompile(`\A(\[[0-9a-f:.]+\]|[^\[\]:A-Z]+)\z`).MatchString(host) && naiveMayBeOrigin(p.scheme+"://"+host)
	case p.front == "":
		return host == p.host
	case len(host) > naiveLongestHost:
		return false
	case p.front == "*.":
		return regexp.MustCompile(`\A(` + byteOfLabel + `{1,63}\.)+` + regexp.QuoteMeta(p.host) + `\z`).MatchString(host)
	}
	return behind == p.host && len(label) <= naiveLongestLabel &&
		regexp.MustCompile(`\A`+regexp.QuoteMeta(prefix)+byteOfLabel+`+`+regexp.QuoteMeta(suffix)+`\z`).MatchString(label)
}

// naiveCutPort cuts a port that the pattern's covers off its end, if it has to be there.
func naiveCutPort(hostport, port, defaultPort string) (host string, ok bool) {
	switch port {
	case "":
		return hostport, true
	case "*":
		i := strings.LastIndexByte(hostport, ':')
		if i < 0 || strings.HasSuffix(hostport, "]") {
			return hostport, true
		}
		n, err := strconv.Atoi(hostport[i+1:])
		digits := hostport[i+1:]
		return hostport[:i], err == nil && n >= 1 && n <= 65535 && strconv.Itoa(n) == digits && digits != defaultPort
	}
	return strings.CutSuffix(hostport, ":"+port)
}

func naiveMatchesAny(patterns []string, origin string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return naiveMatches(p, origin) })
}

// naiveMethodOK tells whether a preflight that asks for the method is answered yes.
func naiveMethodOK(listed []string, method string) bool {
	switch {
	case method == "GET" || method == "HEAD" || method == "POST" || slices.Contains(listed, method) && method != "*":
		return true
	case !slices.Contains(listed, "*"):
		return false
	}
	upper := strings.ToUpper(method)
	return naiveTokenForm.MatchString(method) && upper != "CONNECT" && upper != "TRACE" && upper != "TRACK"
}

// naiveHeaderLimit is how many bytes of Access-Control-Request-Headers are read, over all lines, with a comma
// behind each. It is the documented tolerance: what a browser may send, and room for what intermediaries
// add, which is 4 bytes for each name and 32 more; and 512 bytes in any case, since Firefox repeats names.
func naiveHeaderLimit(listed []string) int {
	if slices.Contains(listed, "*") {
		return 2048
	}
	names := naiveNames(listed)
	return max(len(strings.Join(names, ","))+4*len(names)+32, 512)
}

// naiveNames returns the names in lower case, sorted, each once, without "*".
func naiveNames(listed []string) []string {
	var names []string
	for _, name := range listed {
		if name != "*" {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// naiveElements reads lines as one list.
func naiveElements(lines []string) []string {
	var elements []string
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				elements = append(elements, element)
			}
		}
	}
	return elements
}

// naiveHeadersOK tells whether a preflight may ask for the headers, and otherwise returns the first that it
// may not ask for; that is "" where the request asks for more than is read.
func naiveHeadersOK(listed, lines []string) (refused string, ok bool) {
	total := 0
	for _, line := range lines {
		total += len(line) + len(",")
	}
	if len(lines) > 0 && total > naiveHeaderLimit(listed) {
		return "", false
	}
	names := naiveNames(listed)
	for _, name := range naiveElements(lines) {
		lower := naiveASCIILower(name)
		covered := slices.Contains(listed, "*") && naiveTokenForm.MatchString(name) && lower != "authorization"
		if !covered && !slices.Contains(names, lower) {
			return name, false
		}
	}
	return "", true
}

func naiveASCIILower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, naiveLatin1(s))
}

// naiveLatin1 keeps bytes that are no UTF-8 apart, which strings.Map would make one and the same.
func naiveLatin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// naiveRequest is what CORS reads of a request.
type naiveRequest struct {
	method         string
	origins        []string
	requestMethods []string
	requestHeaders []string
	privateNetwork bool
}

func (r *naiveRequest) isPreflight() bool {
	return r.method == "OPTIONS" && len(r.origins) > 0 && len(r.requestMethods) > 0
}

// naiveVerdict is what a policy makes of a request.
func naiveVerdict(c *cors.Config, r *naiveRequest) cors.Outcome {
	allowed := len(r.origins) == 1 && naiveMatchesAny(c.AllowOrigins, r.origins[0])
	if !allowed && len(r.origins) == 1 && c.AllowOriginFunc != nil && naiveMayBeOrigin(r.origins[0]) {
		allowed = c.AllowOriginFunc(nil, []byte(r.origins[0]))
	}
	switch {
	case len(r.origins) == 0:
		return cors.NotCORS
	case !r.isPreflight() && (allowed || slices.Contains(c.AllowOrigins, "*")):
		return cors.ActualAllowed
	case !r.isPreflight():
		return cors.ActualRefused
	case !allowed:
		return cors.PreflightRefusedOrigin
	case len(r.requestMethods) != 1 || !naiveMethodOK(c.AllowMethods, r.requestMethods[0]):
		return cors.PreflightRefusedMethod
	}
	if _, ok := naiveHeadersOK(c.AllowHeaders, r.requestHeaders); !ok {
		return cors.PreflightRefusedHeaders
	}
	return cors.PreflightAllowed
}

// naiveOwned are the response headers that are the middleware's to write.
var naiveOwned = []string{
	"access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
	"access-control-allow-headers", "access-control-allow-private-network", "access-control-expose-headers",
	"access-control-max-age",
}

// naiveListForm writes a list so that two of them are equal if they list the same names in any order.
func naiveListForm(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ",")
}

// naiveHeaders is what the response has to carry of naiveOwned, lists in naiveListForm, those of names in
// lower case; and the names that its Vary has to list.
func naiveHeaders(c *cors.Config, debug bool, r *naiveRequest) (headers map[string]string, vary []string) {
	outcome := naiveVerdict(c, r)
	star := slices.Contains(c.AllowOrigins, "*")
	headers = map[string]string{}
	allowOrigin := func() {
		switch {
		case star:
			headers["access-control-allow-origin"] = "*"
		default:
			headers["access-control-allow-origin"] = r.origins[0]
			if c.AllowCredentials {
				headers["access-control-allow-credentials"] = "true"
			}
		}
	}
	allowMethods := func() {
		switch {
		case slices.Contains(c.AllowMethods, "*") && c.AllowCredentials:
			headers["access-control-allow-methods"] = r.requestMethods[0]
		case slices.Contains(c.AllowMethods, "*"):
			headers["access-control-allow-methods"] = "*"
		case len(c.AllowMethods) > 0:
			headers["access-control-allow-methods"] = naiveListForm(c.AllowMethods)
		}
	}
	preflightVary := []string{"access-control-request-headers", "access-control-request-method", "origin"}
	if c.AllowPrivateNetwork {
		preflightVary = append(preflightVary, "access-control-request-private-network")
	}
	if !outcome.IsPreflight() {
		if outcome == cors.ActualAllowed || star {
			allowOrigin()
			if len(c.ExposeHeaders) > 0 {
				exposed := naiveNames(c.ExposeHeaders)
				if slices.Contains(c.ExposeHeaders, "*") {
					exposed = []string{"*"}
				}
				headers["access-control-expose-headers"] = naiveListForm(exposed)
			}
		}
		switch {
		case r.method == "OPTIONS":
			return headers, preflightVary
		case !star:
			return headers, []string{"origin"}
		}
		return headers, nil
	}
	vary = preflightVary
	switch {
	case outcome == cors.PreflightAllowed:
		allowOrigin()
		allowMethods()
		names := naiveNames(c.AllowHeaders)
		switch {
		case slices.Contains(c.AllowHeaders, "*") && c.AllowCredentials:
			if names = naiveElements(r.requestHeaders); len(names) > 0 {
				for i := range names {
					names[i] = naiveASCIILower(names[i])
				}
				headers["access-control-allow-headers"] = naiveListForm(names)
			}
		case slices.Contains(c.AllowHeaders, "*"):
			if slices.Contains(names, "authorization") {
				names = []string{"*", "authorization"}
			} else {
				names = []string{"*"}
			}
			headers["access-control-allow-headers"] = naiveListForm(names)
		case len(names) > 0:
			headers["access-control-allow-headers"] = naiveListForm(names)
		}
		if c.MaxAge > 0 {
			headers["access-control-max-age"] = strconv.Itoa(c.MaxAge)
		} else if c.MaxAge < 0 {
			headers["access-control-max-age"] = "0"
		}
		if c.AllowPrivateNetwork && r.privateNetwork {
			headers["access-control-allow-private-network"] = "true"
		}
	case debug && outcome == cors.PreflightRefusedMethod:
		allowOrigin()
	case debug && outcome == cors.PreflightRefusedHeaders:
		allowOrigin()
		allowMethods()
		if names := naiveNames(c.AllowHeaders); len(names) > 0 && !slices.Contains(c.AllowHeaders, "*") {
			headers["access-control-allow-headers"] = naiveListForm(names)
		}
	}
	return headers, vary
}

// naiveStatus is the status of the response to a preflight.
func naiveStatus(c *cors.Config, debug bool, outcome cors.Outcome) int {
	switch {
	case outcome != cors.PreflightAllowed && !debug:
		return 403
	case c.PreflightStatus == 0:
		return 204
	}
	return c.PreflightStatus
}

// naiveCORSCheck is the browser's (Fetch section 4.10), on the header lines of a response by their names in
// lower case.
func naiveCORSCheck(lines map[string][]string, origin string, include bool) bool {
	allowed := strings.Join(lines["access-control-allow-origin"], ", ")
	switch {
	case len(lines["access-control-allow-origin"]) == 0:
		return false
	case allowed == "*" && !include:
		return true
	case allowed != origin:
		return false
	}
	return !include || strings.Join(lines["access-control-allow-credentials"], ", ") == "true"
}

// naivePreflightCheck is what a browser checks of the response to a preflight (Fetch section 4.8), where the
// page wants to use the method and, other than the safelisted ones, the headers.
func naivePreflightCheck(lines map[string][]string, status int, origin, method string, headers []string, include bool) bool {
	if status < 200 || status > 299 || !naiveCORSCheck(lines, origin, include) {
		return false
	}
	methods := naiveElements(lines["access-control-allow-methods"])
	names := naiveElements(lines["access-control-allow-headers"])
	for _, list := range [][]string{methods, names} {
		for _, element := range list {
			if !naiveTokenForm.MatchString(element) {
				return false
			}
		}
	}
	star := func(list []string) bool { return !include && slices.Contains(list, "*") }
	if method != "GET" && method != "HEAD" && method != "POST" && !slices.Contains(methods, method) && !star(methods) {
		return false
	}
	for i := range names {
		names[i] = naiveASCIILower(names[i])
	}
	for _, name := range headers {
		lower := naiveASCIILower(name)
		if !slices.Contains(names, lower) && (lower == "authorization" || !star(names)) {
			return false
		}
	}
	return true
}

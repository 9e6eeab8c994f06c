package crossorigin_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"golang.org/x/net/http/httpguts"

	"github.com/bytecors/cors/crossorigin"
)

// The same request goes through this package and through http.CrossOriginProtection. They have to agree, but for
// what the package comment names.

var (
	comparedTrust  = []string{"https://trusted.example", "https://[::1]:8443", "http://localhost:3000"}
	comparedBypass = []string{"/hooks/", "POST /hook", "/open/"}
)

// comparison is one request, as the parts that matter.
type comparison struct {
	method, target string
	hosts          []string // values of lines, as are the others
	sites          []string
	origins        []string
	trust, bypass  bool
	namesAsSent    bool
	version10      bool // HTTP/1.0, where Host may be missing
	spell          func(string) string
}

// request returns the bytes of the request.
func (c *comparison) request() string {
	version := " HTTP/1.1"
	if c.version10 {
		version = " HTTP/1.0"
	}
	lines := []string{c.method + " " + c.target + version}
	for _, header := range []struct {
		name   string
		values []string
	}{{"Host", c.hosts}, {"Sec-Fetch-Site", c.sites}, {"Origin", c.origins}} {
		for _, value := range header.values {
			lines = append(lines, c.spell(header.name)+": "+value)
		}
	}
	return raw(strings.Join(lines, "\n"))
}

// passing is the handler of paths that bypass the check.
type passing struct{}

func (passing) ServeHTTP(http.ResponseWriter, *http.Request) {}

// compare reports whether both could read the request.
func (c *comparison) compare(t *testing.T) bool {
	t.Helper()
	if c.method == http.MethodConnect && !strings.HasPrefix(c.target, "/") && strings.ContainsAny(c.target, "/?#") {
		return false // CONNECT has host and port alone for a target (RFC 9112 section 3.2.3)
	}
	sent := c.request()
	var ctx fasthttp.RequestCtx
	if readInto(&ctx, sent, c.namesAsSent) != nil {
		return false
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(sent)))
	if err != nil || !httpguts.ValidHostHeader(r.Host) {
		return false // which net/http's server refuses
	}
	var o crossorigin.Options
	var theirs http.CrossOriginProtection
	if c.trust {
		o.TrustedOrigins = comparedTrust
		o.DangerouslyAllowInsecureOrigins = true
		for _, origin := range comparedTrust {
			require.NoError(t, theirs.AddTrustedOrigin(origin))
		}
	}
	mux := http.NewServeMux()
	if c.bypass {
		o.DangerouslyBypass = comparedBypass
		for _, pattern := range comparedBypass {
			theirs.AddInsecureBypassPattern(pattern)
			mux.Handle(pattern, passing{})
		}
	}
	ours := crossorigin.MustNew(o)

	want := theirs.Check(r) == nil
	departure := c.departure(&ctx, r, mux)
	if want && departure != "" {
		want = false
	}
	got := ours.Check(&ctx)
	require.Equal(t, want, got == nil, "%q, trust %v, bypass %v, names as sent %v, departure %q: %v", sent, c.trust, c.bypass, c.namesAsSent, departure, got)
	require.Equal(t, got != nil, ours.Evaluate(&ctx).Outcome.IsRefused())
	return true
}

// departure names the documented difference that makes a request be refused here and pass there.
func (c *comparison) departure(ctx *fasthttp.RequestCtx, r *http.Request, mux *http.ServeMux) string {
	base := new(http.CrossOriginProtection).Check(r) == nil
	handler, _ := mux.Handler(r)
	bypassed := handler == http.Handler(passing{})
	trusted := c.trust && r.Header.Get("Origin") != "" && strings.Contains(" "+strings.Join(comparedTrust, " ")+" ", " "+r.Header.Get("Origin")+" ")

	byHost := base && !strings.Contains(" GET HEAD OPTIONS ", " "+r.Method+" ") && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") != ""
	switch {
	case base && !byHost:
		return ""
	case byHost && r.Host != "" && isPlainOrigin(r.Header.Get("Origin")):
		return ""
	case bypassed && isPlainPath(ctx, c.target):
		return ""
	case trusted && len(r.Header.Values("Origin")) == 1:
		return ""
	case byHost:
		return "the form of the origin, or no host"
	case bypassed:
		return "the form of the path"
	case trusted:
		return "several origins"
	}
	return ""
}

var (
	plainName    = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._-]+(?::[0-9]*)?\z`)
	plainAddress = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9+.-]*://\[([0-9A-Fa-f:]+)\](?::[0-9]*)?\z`)
)

// isPlainOrigin tells whether the origin is no more than scheme, host and port.
func isPlainOrigin(origin string) bool {
	if m := plainAddress.FindStringSubmatch(origin); m != nil {
		_, err := netip.ParseAddr(m[1])
		return err == nil
	}
	return plainName.MatchString(origin)
}

// isPlainPath tells whether the path means the same to everybody, and whether there is one: fasthttp reads none of
// a request whose host it cannot read.
func isPlainPath(ctx *fasthttp.RequestCtx, target string) bool {
	var u fasthttp.URI
	if u.Parse(ctx.Request.Header.Host(), []byte(target)) != nil {
		return false
	}
	if !strings.HasPrefix(target, "/") {
		_, target, _ = strings.Cut(target, "://")
		_, target, _ = strings.Cut(target, "/")
		target = "/" + target
	}
	path, _, _ := strings.Cut(target, "?")
	if strings.Contains(path, "#") || path != target && strings.Contains(target, "#") {
		return false
	}
	if strings.Contains(path, "%") {
		unescaped, err := url.PathUnescape(path)
		return err != nil && unescaped == path
	}
	for _, segment := range strings.Split(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "" && path != "/" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

var spellings = []func(string) string{
	func(name string) string { return name },
	strings.ToLower,
	strings.ToUpper,
	func(name string) string { return strings.ToLower(name[:1]) + strings.ToUpper(name[1:]) },
}

// FuzzAgreesWithNetHTTP: lines of hosts, sites and origins are separated by "\n".
func FuzzAgreesWithNetHTTP(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		c := randomComparison(random)
		var options uint8
		for i, set := range []bool{c.trust, c.bypass, c.namesAsSent, c.version10} {
			if set {
				options |= 1 << i
			}
		}
		f.Add(c.method, c.target, strings.Join(c.hosts, "\n"), strings.Join(c.sites, "\n"), strings.Join(c.origins, "\n"), options|uint8(random.IntN(4))<<4)
	}
	f.Fuzz(func(t *testing.T, method, target, hosts, sites, origins string, options uint8) {
		lines := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, "\n")
		}
		c := comparison{
			method: method, target: target, hosts: lines(hosts), sites: lines(sites), origins: lines(origins),
			trust: options&1 != 0, bypass: options&2 != 0, namesAsSent: options&4 != 0, version10: options&8 != 0,
			spell: spellings[options>>4&3],
		}
		if strings.ContainsAny(method+target+hosts+sites+origins, "\r\x00") || strings.Contains(method+target, "\n") {
			return
		}
		c.compare(t)
	})
}

// TestAgreesWithNetHTTP on requests that are put together at random.
func TestAgreesWithNetHTTP(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	read := 0
	const n = 30_000
	for range n {
		if c := randomComparison(random); c.compare(t) {
			read++
		}
	}
	require.Greater(t, read, n*3/4, "most requests have to be readable")
}

func randomComparison(random *rand.Rand) comparison {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	address := pick("::", "1::", "::1:2", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", ":1", "1:", "::g", "", "ABCD::ef", "1:2:3:4:5:6:7:8::", ":::", "1:::2", "::1.2.3.4")
	host := pick("["+address+"]", "["+address+"]"+pick(":8443", ":", ":x", "8443", "]"), "["+address, "api.example", "api.example", "api.example", "api.example:8443", "API.example", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8443", "localhost", "localhost:3000", "a_b.example", "", "[fe80::1%25en0]", "api.example:", "xn--bcher-kva.example", "a:b", "[zz]", "[1:2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]", "1.2")
	origin := func() string {
		other := pick("trusted.example", "evil.example", "api.example", "localhost:3000", "[::1]:8443", "API.EXAMPLE", "api.example.", "")
		return pick(
			"null", "", "https://"+host, "https://"+host, "http://"+host, "https://"+other, "http://"+other, "https://"+host+pick(":443", ":80", ":", ":1:2", "/", "/path", "?q", "#f", ".", "%41", "\u00e9", "/%zz"),
			"https://"+pick("user@", "u:p@", "@", "%zz@", "a@b@")+host, pick("HTTPS", "app", "1x", "", "a+b", "a1", "a-b", "a.b", "+a", "-a", ".a", "a_b", "a/b", "a%", "z", "Z9", "0a", "a:", "@", "[", ":")+"://"+host, "//"+host, host, "https:/"+host, "https:"+host, "https:///"+host,
			"https://"+strings.ToUpper(host), comparedTrust[random.IntN(3)], comparedTrust[random.IntN(3)]+pick("", "/", ":443", ".evil.example"),
		)
	}
	repeat := func(value func() string) (lines []string) {
		for range []int{0, 1, 1, 1, 1, 1, 2, 3}[random.IntN(8)] {
			lines = append(lines, value()+pick("", "", "", "", " ", "\t"))
		}
		return lines
	}
	path := pick("/", "/x", "/hook", "/hook/", "/hooks", "/hooks/", "/hooks/a/b", "/Hooks/a", "/open/", "/open") +
		pick("", "", "", "/x", "/../x", "/..%2fx", "/%2e%2e/x", "//x", "/./x", "/.", "/..", "%20", "?/hooks/", "?u=https://evil.example", "https://evil.example/", "#/hooks/", "?x#y", "/a%2fb", "/..;/x", "\\x")
	return comparison{
		method: pick("GET", "HEAD", "OPTIONS", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "get", "post", "M-SEARCH"),
		target: pick("", "", "", "", "http://"+pick(host, "other.example", "u@"+host, "u@other.example@"+host, ""), "HTTPS://"+host) + path,
		hosts:  []string{host},
		sites: repeat(func() string {
			return pick("same-origin", "none", "same-site", "cross-site", "", "SAME-ORIGIN", "same-origin, cross-site", "x")
		}),
		origins:     repeat(origin),
		trust:       random.IntN(2) == 0,
		bypass:      random.IntN(2) == 0,
		namesAsSent: random.IntN(4) == 0,
		version10:   random.IntN(4) == 0,
		spell:       spellings[random.IntN(len(spellings))],
	}
}

// TestDifferencesFromNetHTTP: each that the package comment names.
func TestDifferencesFromNetHTTP(t *testing.T) {
	one := func(s string) []string { return []string{s} }
	for name, c := range map[string]comparison{
		"an origin with a path":      {origins: one("https://api.example/")},
		"an origin with a user":      {origins: one("https://user@api.example")},
		"an origin with a query":     {origins: one("https://api.example?")},
		"an origin with no scheme":   {origins: one("//api.example")},
		"null, with an empty host":   {version10: true, hosts: one(""), origins: one("null")},
		"null, without a host":       {version10: true, hosts: []string{}, origins: one("null")},
		"two origins":                {trust: true, origins: []string{comparedTrust[0], comparedTrust[0]}},
		"a path with an encoding":    {bypass: true, target: "/hooks/a%20b", sites: one("cross-site")},
		"a path with encoded dots":   {bypass: true, target: "/open/..%2fx", sites: one("cross-site")},
		"a path with encoded slash":  {bypass: true, target: "/hooks/a%2fb", sites: one("cross-site")},
		"an address with IPv4 in it": {hosts: one("[::ffff:1.2.3.4]"), origins: one("https://[::ffff:1.2.3.4]")},
	} {
		t.Run(name, func(t *testing.T) {
			c.method, c.spell = "POST", spellings[0]
			if c.target == "" {
				c.target = "/"
			}
			if c.hosts == nil {
				c.hosts = one("api.example")
			}
			var ctx fasthttp.RequestCtx
			require.NoError(t, readInto(&ctx, c.request(), false))
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.request())))
			require.NoError(t, err)
			mux := http.NewServeMux()
			if c.bypass {
				for _, pattern := range comparedBypass {
					mux.Handle(pattern, passing{})
				}
			}
			require.NotEmpty(t, c.departure(&ctx, r, mux), fmt.Sprint(c.request()))
			require.True(t, c.compare(t))
		})
	}
}

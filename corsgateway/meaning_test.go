package corsgateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corsgateway"
)

// The API's own words, as plainly as they can be put into code, to compare the middleware with.

// apiOrigin is an origin of a filter, or of a request. A port that is left out is the scheme's.
type apiOrigin struct{ scheme, host, port string }

func readOrigin(s string) apiOrigin {
	scheme, rest, _ := strings.Cut(strings.ToLower(s), "://")
	host, port := rest, map[string]string{"http": "80", "https": "443"}[scheme]
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, port = rest[:i], strings.TrimLeft(rest[i+1:], "0")
	}
	return apiOrigin{scheme, host, port}
}

// apiAllowsOrigin: "*" is a greedy match to the left, including any number of labels; by itself it matches all hosts.
func apiAllowsOrigin(allowed []string, origin string) bool {
	o := readOrigin(origin)
	return slices.ContainsFunc(allowed, func(s string) bool {
		if s == "*" {
			return true
		}
		a := readOrigin(s)
		hostFits := a.host == o.host
		if end, ok := strings.CutPrefix(a.host, "*"); ok {
			hostFits = strings.HasSuffix(o.host, end) && len(o.host) > len(end)
		}
		return a.scheme == o.scheme && a.port == o.port && hostFits
	})
}

// apiAllowsMethod: safelisted methods are always allowed; others are compared with regard to case.
func apiAllowsMethod(allowed []string, method string) bool {
	return slices.Contains([]string{"GET", "HEAD", "POST"}, method) || slices.Contains(allowed, "*") || slices.Contains(allowed, method)
}

// apiAllowsHeader: names are compared without regard to case.
func apiAllowsHeader(allowed []string, name string) bool {
	return slices.ContainsFunc(allowed, func(s string) bool { return s == "*" || strings.EqualFold(s, name) })
}

func TestOriginsThatAPIAllowsAreAllowed(t *testing.T) {
	var origins []string // as browsers send them
	for _, host := range []string{
		"foo.com", "www.foo.com", "a.b.foo.com", "xfoo.com", "foo.com.evil.com", "com", "foo", "localhost", "a_b.foo.com", "xn--nxasmq6b.foo.com",
		"127.0.0.1", "[::1]", "1.foo.com", "-a.foo.com", "a--b.foo.com",
	} {
		for _, authority := range []string{"http://" + host, "https://" + host} {
			for _, port := range []string{"", ":8443", ":1", ":65535"} {
				origins = append(origins, authority+port)
			}
		}
		origins = append(origins, "http://"+host+":443", "https://"+host+":80")
	}
	allowed := 0
	for _, listed := range [][]string{
		{"*"}, {"https://*"}, {"http://*"}, {"https://*:8443"}, {"http://*:443"}, {"https://*:443"}, {"http://*", "https://*"},
		{"https://foo.com"}, {"https://FOO.com"}, {"https://foo.com:443"}, {"https://foo.com:0443"}, {"http://foo.com:443"}, {"https://foo.com:80"},
		{"https://*.foo.com"}, {"https://*.foo.com:8443"}, {"https://*.com"}, {"http://*.FOO.com:080"}, {"https://*.b.foo.com", "http://foo"},
		{"https://127.0.0.1:8443", "http://localhost:1"}, {"https://-a.foo.com:65535"}, {"https://127.1"}, {},
	} {
		for _, credentials := range []bool{false, true} {
			m := middleware(t, map[string]any{"allowOrigins": listed, "allowCredentials": credentials})
			for _, origin := range origins {
				var ctx fasthttp.RequestCtx
				ctx.Request.Header.Set("Origin", origin)
				want := apiAllowsOrigin(listed, origin)
				require.Equal(t, want, m.Evaluate(&ctx).Allowed(), "%q for %q", listed, origin)
				if want {
					allowed++
				}
			}
		}
	}
	require.Greater(t, allowed, 500)
}

func TestPreflightsThatAPIAllowsAreAllowed(t *testing.T) {
	methods := [][]string{nil, {"*"}, {"PUT"}, {"PATCH", "DELETE", "OPTIONS"}, {"TRACE", "PUT"}}
	headers := [][]string{nil, {"*"}, {"X-A"}, {"x-a", "Content-Type", "AUTHORIZATION"}, {"Cookie", "X-A"}}
	for _, listedMethods := range methods {
		for _, listedHeaders := range headers {
			for _, credentials := range []bool{false, true} {
				m := middleware(t, map[string]any{
					"allowOrigins": []string{"https://foo.com"}, "allowMethods": listedMethods, "allowHeaders": listedHeaders,
					"allowCredentials": credentials,
				})
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "patch", "DELETE", "OPTIONS", "PURGE"} {
					for _, header := range []string{"", "x-a", "content-type", "authorization", "x-other"} {
						want := apiAllowsMethod(listedMethods, method) && (header == "" || apiAllowsHeader(listedHeaders, header))
						if slices.Contains(listedHeaders, "*") && header == "authorization" && !credentials {
							want = false // the one of which there is a note
						}
						response := preflight(m, method, header)
						because := fmt.Sprintf("%q %q %v for %s %s", listedMethods, listedHeaders, credentials, method, header)
						require.Equal(t, want, response.StatusCode() == 204, because)
						if !want {
							require.Empty(t, response.Header.Peek("Access-Control-Allow-Origin"), because)
							continue
						}
						require.Equal(t, "5", string(response.Header.Peek("Access-Control-Max-Age")), because)
						require.Equal(t, credentials, string(response.Header.Peek("Access-Control-Allow-Credentials")) == "true", because)
						if credentials {
							require.NotContains(t, string(response.Header.Peek("Access-Control-Allow-Methods")), "*", because)
							require.NotContains(t, string(response.Header.Peek("Access-Control-Allow-Headers")), "*", because)
						}
						if header == "" && credentials && slices.Contains(listedHeaders, "*") {
							require.Empty(t, response.Header.Peek("Access-Control-Allow-Headers"), because)
						}
					}
				}
			}
		}
	}
}

// middleware returns one with the policy of a filter, all dangers accepted.
func middleware(t *testing.T, filter map[string]any) *cors.Middleware {
	t.Helper()
	document, err := json.Marshal(filter)
	require.NoError(t, err)
	c, _, err := corsgateway.FromFilter(document, corsgateway.DangerouslyAllowAnyOriginWithCredentials,
		corsgateway.DangerouslyAllowInsecureOrigins, corsgateway.DangerouslyAllowPublicSuffixes)
	require.NoError(t, err)
	return cors.MustNew(c)
}

func preflight(m *cors.Middleware, method, header string) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("OPTIONS")
	ctx.Request.Header.Set("Origin", "https://foo.com")
	ctx.Request.Header.Set("Access-Control-Request-Method", method)
	if header != "" {
		ctx.Request.Header.Set("Access-Control-Request-Headers", header)
	}
	m.Wrap(func(ctx *fasthttp.RequestCtx) { panic("a preflight came through") })(&ctx)
	return &ctx.Response
}

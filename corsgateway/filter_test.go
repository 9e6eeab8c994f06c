package corsgateway_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corsgateway"
)

func TestFilterMeansWhatTheAPISays(t *testing.T) {
	for _, test := range []struct {
		rule   string
		filter string
		want   cors.Config
		notes  []string
	}{
		{
			"all fields, in YAML",
			`
allowOrigins: ["https://www.foo.com", "https://*.bar.com:8443", "http://localhost:3000"]
allowMethods: [GET, OPTIONS, PATCH]
allowHeaders: [X-Header-1, Authorization]
exposeHeaders: [X-Header-3]
maxAge: 3600
`,
			cors.Config{
				AllowOrigins:             []string{"https://www.foo.com", "https://*.bar.com:8443", "http://localhost:3000"},
				AllowMethods:             []string{"GET", "OPTIONS", "PATCH"},
				AllowHeaders:             []string{"X-Header-1", "Authorization"},
				ExposeHeaders:            []string{"X-Header-3"},
				ExposeHeadersOnPreflight: true,
				MaxAge:                   3600,
			},
			nil,
		},
		{
			"all fields, in JSON",
			`{"allowOrigins": ["https://foo.com"], "allowCredentials": true, "allowMethods": ["PUT"],
			  "allowHeaders": ["X-A"], "exposeHeaders": ["X-B"], "maxAge": 1}`,
			cors.Config{
				AllowOrigins: []string{"https://foo.com"}, AllowCredentials: true, AllowMethods: []string{"PUT"},
				AllowHeaders: []string{"X-A"}, ExposeHeaders: []string{"X-B"}, ExposeHeadersOnPreflight: true, MaxAge: 1,
			},
			nil,
		},
		{
			"max-age is 5 where it is left out",
			`allowOrigins: ["https://foo.com"]`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			nil,
		},
		{
			"null is the same as left out",
			`{allowOrigins: ["https://foo.com"], allowCredentials: null, allowMethods: null, maxAge: null}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			nil,
		},
		{
			"separators around the one document",
			"---\nallowOrigins: [\"https://foo.com\"]\n---\n",
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			nil,
		},
		{
			"any host of a scheme, on the port that it implies or another",
			`allowOrigins: ["https://*", "http://*:8080"]`,
			cors.Config{AllowOrigins: []string{"https://*", "http://*:8080"}, MaxAge: 5},
			nil,
		},
		{
			"methods with a wildcard",
			`{allowOrigins: ["*"], allowMethods: ["*"]}`,
			cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, MaxAge: 5},
			nil,
		},
		{
			"methods with a wildcard and credentials are an echo",
			`{allowOrigins: ["https://foo.com"], allowMethods: ["*"], allowCredentials: true}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowCredentials: true, AllowMethods: []string{"*"}, MaxAge: 5},
			nil,
		},
		{
			"origins that cover others, and all ports there are",
			`allowOrigins: ["https://*.foo.com", "https://a.foo.com", "http://a.com:1", "http://*.a.com:65535"]`,
			cors.Config{AllowOrigins: []string{"https://*.foo.com", "https://a.foo.com", "http://a.com:1", "http://*.a.com:65535"}, MaxAge: 5},
			nil,
		},
		{
			"header names twice, in another case",
			`{allowOrigins: ["https://foo.com"], allowHeaders: [X-A, x-a], exposeHeaders: [X-B, x-b]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowHeaders: []string{"X-A", "x-a"},
				ExposeHeaders: []string{"X-B", "x-b"}, ExposeHeadersOnPreflight: true, MaxAge: 5},
			nil,
		},
		{
			"names that browsers send or show without being allowed",
			`{allowOrigins: ["https://foo.com"], allowMethods: [GET, HEAD, POST], allowHeaders: [Accept, Content-Type], exposeHeaders: [Content-Type]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowMethods: []string{"GET", "HEAD", "POST"},
				AllowHeaders: []string{"Accept", "Content-Type"}, ExposeHeaders: []string{"Content-Type"}, ExposeHeadersOnPreflight: true, MaxAge: 5},
			nil,
		},
		{
			"headers with a wildcard and credentials are an echo, of Authorization, too",
			`{allowOrigins: ["https://foo.com"], allowHeaders: ["*"], allowCredentials: true}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowCredentials: true,
				AllowHeaders: []string{"*", "Authorization"}, MaxAge: 5},
			nil,
		},
		{
			"headers with a wildcard and without credentials do not cover Authorization",
			`{allowOrigins: ["https://foo.com"], allowHeaders: ["*"]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowHeaders: []string{"*"}, MaxAge: 5},
			[]string{`allowHeaders[0]: "*" is answered as it is, so that it covers all headers but Authorization; ` +
				`if pages send that, list the headers`},
		},
		{
			"exposed headers with a wildcard, also beside names",
			`{allowOrigins: ["https://foo.com"], exposeHeaders: [X-A, "*"]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, ExposeHeaders: []string{"X-A", "*"},
				ExposeHeadersOnPreflight: true, MaxAge: 5},
			nil,
		},
		{
			"exposed headers with a wildcard and credentials",
			`{allowOrigins: ["https://foo.com"], exposeHeaders: ["*", X-A], allowCredentials: true}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowCredentials: true, ExposeHeaders: []string{"X-A"},
				ExposeHeadersOnPreflight: true, MaxAge: 5},
			[]string{`exposeHeaders[0]: "*" is left out: with allowCredentials it must not be sent, and browsers take it ` +
				`for a name; list the headers`},
		},
		{
			"a max-age above a day",
			`{allowOrigins: ["https://foo.com"], maxAge: 86401}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 86400},
			[]string{"maxAge: 86401 is sent as 86400 seconds, a day, which is the longest that any browser keeps the answer " +
				"to a preflight"},
		},
		{
			"origins that browsers write differently",
			`allowOrigins: ["https://WWW.Foo.com", "https://foo.com:443", "http://*.foo.com:00080", "http://foo.com:0443"]`,
			cors.Config{AllowOrigins: []string{"https://www.foo.com", "https://foo.com", "http://*.foo.com", "http://foo.com:443"}, MaxAge: 5},
			[]string{
				`allowOrigins[0]: "https://WWW.Foo.com" is read as "https://www.foo.com", which is how browsers write it`,
				`allowOrigins[1]: "https://foo.com:443" is read as "https://foo.com", which is how browsers write it`,
				`allowOrigins[2]: "http://*.foo.com:00080" is read as "http://*.foo.com", which is how browsers write it`,
				`allowOrigins[3]: "http://foo.com:0443" is read as "http://foo.com:443", which is how browsers write it`,
			},
		},
		{
			"one origin, written in several ways",
			`allowOrigins: ["https://foo.com", "https://foo.com:443", "https://FOO.com", "http://*:80"]`,
			cors.Config{AllowOrigins: []string{"https://foo.com", "https://foo.com", "https://foo.com", "http://*"}, MaxAge: 5},
			[]string{
				`allowOrigins[1]: "https://foo.com:443" is read as "https://foo.com", which is how browsers write it`,
				`allowOrigins[2]: "https://FOO.com" is read as "https://foo.com", which is how browsers write it`,
				`allowOrigins[3]: "http://*:80" is read as "http://*", which is how browsers write it`,
			},
		},
		{
			"hosts that no browser has",
			`allowOrigins: ["https://foo.com", "https://` + strings.Repeat("a", 64) + `.com", "https://xn--a.com", "https://*.1"]`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			[]string{
				`allowOrigins[1]: "https://` + strings.Repeat("a", 64) + `.com" is left out, since it has a label of more than 63 bytes`,
				`allowOrigins[2]: "https://xn--a.com" is left out, since it has a label that begins with "xn--" but is no name in Unicode`,
				`allowOrigins[3]: "https://*.1" is left out, since it asks for subdomains of an address, which has none`,
			},
		},
		{
			"origins that no browser sends",
			`allowOrigins: ["https://foo.com", "https://127.1", "https://*.127.0.0.1"]`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			[]string{
				`allowOrigins[1]: "https://127.1" is left out, since it has an IPv4 address ` +
					`that is not written as four decimal numbers`,
				`allowOrigins[2]: "https://*.127.0.0.1" is left out, since it asks for ` +
					`subdomains of an address, which has none`,
			},
		},
		{
			"methods that no page can use",
			`{allowOrigins: ["https://foo.com"], allowMethods: [TRACE, PUT, CONNECT]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowMethods: []string{"PUT"}, MaxAge: 5},
			[]string{
				`allowMethods[0]: "TRACE" is left out, since it is a method that browsers never send for a page`,
				`allowMethods[2]: "CONNECT" is left out, since it is a method that browsers never send for a page`,
			},
		},
		{
			"the longest max-age",
			`{allowOrigins: ["https://foo.com"], maxAge: 2147483647}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 86400},
			[]string{"maxAge: 2147483647 is sent as 86400 seconds, a day, which is the longest that any browser keeps the answer " +
				"to a preflight"},
		},
		{
			"headers of the protocol, and with prefixes that are the browser's",
			`{allowOrigins: ["https://foo.com"], allowHeaders: [Origin, Sec-Foo, proxy-a, Access-Control-Request-Method], exposeHeaders: [set-cookie2]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, MaxAge: 5},
			[]string{
				`allowHeaders[0]: "Origin" is left out, since it is a header that browsers set themselves and never ask for`,
				`allowHeaders[1]: "Sec-Foo" is left out, since it is a header that browsers set themselves and never ask for`,
				`allowHeaders[2]: "proxy-a" is left out, since it is a header that browsers set themselves and never ask for`,
				`allowHeaders[3]: "Access-Control-Request-Method" is left out, since it is a header that browsers set themselves and never ask for`,
				`exposeHeaders[0]: "set-cookie2" is left out, since it is a header that browsers show to no page`,
			},
		},
		{
			"headers that no page can set, or read",
			`{allowOrigins: ["https://foo.com"], allowHeaders: [Cookie, X-A], exposeHeaders: [Set-Cookie]}`,
			cors.Config{AllowOrigins: []string{"https://foo.com"}, AllowHeaders: []string{"X-A"}, MaxAge: 5},
			[]string{
				`allowHeaders[0]: "Cookie" is left out, since it is a header that browsers set themselves and never ask for`,
				`exposeHeaders[0]: "Set-Cookie" is left out, since it is a header that browsers show to no page`,
			},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c, notes, err := corsgateway.FromFilter([]byte(test.filter))
			require.NoError(t, err)
			require.Equal(t, test.want, c)
			require.Equal(t, test.notes, texts(notes))
			_, err = cors.New(c)
			require.NoError(t, err)
		})
	}
}

func texts(notes []corsgateway.Note) (all []string) {
	for _, n := range notes {
		all = append(all, n.String())
	}
	return all
}

func TestFilterWithoutOriginsAllowsNone(t *testing.T) {
	for _, filter := range []string{`{}`, `{allowOrigins: []}`, `{allowOrigins: ["https://1.2"], allowCredentials: true}`} {
		c, notes, err := corsgateway.FromFilter([]byte(filter))
		require.NoError(t, err)
		require.Contains(t, texts(notes), "allowOrigins: there is none that a browser sends, so that no page is allowed anything")

		var ctx fasthttp.RequestCtx
		ctx.Request.Header.Set("Origin", "https://foo.com")
		require.Equal(t, cors.ActualRefused, cors.MustNew(c).Evaluate(&ctx).Outcome)
	}
}

func TestDangersAreRefusedUnlessAccepted(t *testing.T) {
	for _, test := range []struct {
		origin string
		danger corsgateway.Danger
	}{
		{"*", corsgateway.DangerouslyAllowAnyOriginWithCredentials},
		{"https://*", corsgateway.DangerouslyAllowAnyOriginWithCredentials},
		{"https://*:8443", corsgateway.DangerouslyAllowAnyOriginWithCredentials},
		{"http://foo.com", corsgateway.DangerouslyAllowInsecureOrigins},
		{"https://*.github.io", corsgateway.DangerouslyAllowPublicSuffixes},
	} {
		t.Run(test.origin, func(t *testing.T) {
			filter := fmt.Appendf(nil, "{allowOrigins: [%q], allowCredentials: true}", test.origin)

			_, _, err := corsgateway.FromFilter(filter)
			var mistake *corsgateway.FilterError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, "allowOrigins", mistake.Field)
			require.Equal(t, 0, mistake.Index)
			require.Contains(t, err.Error(), string(test.danger), "it says what would accept it")

			others := []corsgateway.Danger{
				corsgateway.DangerouslyAllowAnyOriginWithCredentials,
				corsgateway.DangerouslyAllowInsecureOrigins,
				corsgateway.DangerouslyAllowPublicSuffixes,
			}
			for i, danger := range others {
				if danger == test.danger {
					others = append(others[:i], others[i+1:]...)
					break
				}
			}
			_, _, err = corsgateway.FromFilter(filter, others...)
			require.Error(t, err, "another danger is accepted")

			c, notes, err := corsgateway.FromFilter(filter, test.danger)
			require.NoError(t, err)
			require.Empty(t, notes)
			require.Equal(t, []string{test.origin}, c.AllowOrigins)
			require.Equal(t, test.danger == corsgateway.DangerouslyAllowAnyOriginWithCredentials, c.DangerouslyAllowAnyOriginWithCredentials)
			require.Equal(t, test.danger == corsgateway.DangerouslyAllowInsecureOrigins, c.DangerouslyAllowInsecureOrigins)
			require.Equal(t, test.danger == corsgateway.DangerouslyAllowPublicSuffixes, c.DangerouslyAllowPublicSuffixes)
		})
	}
}

func TestDangersAreNamedByTheirPlaceInTheFilter(t *testing.T) {
	_, _, err := corsgateway.FromFilter([]byte(`
allowCredentials: true
allowOrigins: ["https://1.2", "http://foo.com"]`))
	var mistake *corsgateway.FilterError
	require.ErrorAs(t, err, &mistake)
	require.Equal(t, 1, mistake.Index, "in the filter, not among those that are left")
	require.Equal(t, "http://foo.com", mistake.Value)

	_, _, err = corsgateway.FromFilter([]byte(`
allowCredentials: true
allowOrigins: ["https://*", "http://foo.com", "https://foo.com"]`))
	require.ErrorContains(t, err, `allowOrigins[0]: "https://*"`, "all mistakes at once")
	require.ErrorContains(t, err, `allowOrigins[1]: "http://foo.com"`)
}

func TestWhatTheAPIDoesNotAllowIsAMistake(t *testing.T) {
	many := func(field string, n int, value string) string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("%q", fmt.Sprintf(value, i))
		}
		return field + ": [" + strings.Join(values, ",") + "]"
	}
	const notAnOrigin = ` is not an origin of the API: "*", or http or https with a host, which can begin with "*." or be "*", and maybe a port`
	for _, test := range []struct {
		filter string
		want   []string
	}{
		{`allowOrigins: ["*", "https://foo.com"]`, []string{`allowOrigins[0]: "*" stands beside others, which it covers`}},
		{`allowMethods: [PUT, "*"]`, []string{`allowMethods[1]: "*" stands beside others, which it covers`}},
		{`allowHeaders: ["*", Authorization]`, []string{`allowHeaders[0]: "*" stands beside others, which it covers`}},
		{`allowOrigins: ["null", "app://x", "https://foo.com/", "https://a.*.com", "https://[::1]", ""]`, []string{
			`allowOrigins[0]: "null"` + notAnOrigin,
			`allowOrigins[1]: "app://x"` + notAnOrigin,
			`allowOrigins[2]: "https://foo.com/"` + notAnOrigin,
			`allowOrigins[3]: "https://a.*.com"` + notAnOrigin,
			`allowOrigins[4]: "https://[::1]"` + notAnOrigin,
			`allowOrigins[5]: ""` + notAnOrigin,
		}},
		{`allowOrigins: ["https://foo.com:0", "https://foo.com:65536"]`, []string{
			`allowOrigins[0]: "https://foo.com:0" has a port outside 1 to 65535`,
			`allowOrigins[1]: "https://foo.com:65536" has a port outside 1 to 65535`,
		}},
		{`allowOrigins: ["https://foo.com", "https://foo.com"]`, []string{`allowOrigins[1]: "https://foo.com" is there twice`}},
		{`allowMethods: [put, PURGE]`, []string{
			`allowMethods[0]: "put" is not a method of the API: did you mean PUT?`,
			`allowMethods[1]: "PURGE" is not a method of the API, which has GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH and "*"`,
		}},
		{`{allowHeaders: ["X A"], exposeHeaders: [":status"]}`, []string{
			"allowHeaders[0]: \"X A\" is not a header name: names are letters, digits and !#$%&'*+-.^_`|~",
			"exposeHeaders[0]: \":status\" is not a header name: names are letters, digits and !#$%&'*+-.^_`|~",
		}},
		{`maxAge: 0`, []string{"maxAge: 0 is below 1 second"}},
		{`maxAge: -1`, []string{"maxAge: -1 is below 1 second"}},
		{`{allowOrigin: [], AllowMethods: [], cors: {}}`, []string{
			"AllowMethods: is not a field of the filter: did you mean allowMethods?",
			"allowOrigin: is not a field of the filter; its fields are allowOrigins, allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAge",
			"cors: is not a field of the filter; give what stands below it",
		}},
		{many("allowOrigins", 65, "https://a%d.com"), []string{"allowOrigins: 65 values are more than 64"}},
		{many("allowHeaders", 65, "x-%d"), []string{"allowHeaders: 65 values are more than 64"}},
		{many("exposeHeaders", 65, "x-%d"), []string{"exposeHeaders: 65 values are more than 64"}},
		{`allowOrigins: ["https://` + strings.Repeat("a", 246) + `"]`, []string{
			`allowOrigins[0]: "https://` + strings.Repeat("a", 246) + `" is longer than 253 bytes`}},
		{`allowHeaders: ["` + strings.Repeat("a", 257) + `"]`, []string{
			`allowHeaders[0]: "` + strings.Repeat("a", 257) + `" is longer than 256 bytes`}},
	} {
		t.Run(test.filter, func(t *testing.T) {
			c, notes, err := corsgateway.FromFilter([]byte(test.filter))
			require.Error(t, err)
			require.Zero(t, c)
			require.Empty(t, notes)
			var got []string
			for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
				var mistake *corsgateway.FilterError
				require.True(t, errors.As(err, &mistake))
				got = append(got, err.Error())
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestDocumentThatIsNoFilterIsRefused(t *testing.T) {
	for document, want := range map[string]string{
		"":                              "is empty",
		"# nothing":                     "is empty",
		"null":                          "is not an object",
		"[]":                            "is not an object",
		"allowOrigins":                  "is not an object",
		"{allowOrigins":                 "cannot be read",
		"allowOrigins: https://foo.com": "cannot be read",
		"maxAge: ten":                   "cannot be read",
		"maxAge: 2147483648":            "cannot be read",
		"allowCredentials: 1":           "cannot be read",
		"maxAge: 5\nmaxAge: 6":          `"maxAge" already set`,
		`{"maxAge": 5, "maxAge": 6}`:    `"maxAge" already set`,
		"maxAge: 5\n---\nmaxAge: 6":     "more than one document",
	} {
		_, _, err := corsgateway.FromFilter([]byte(document))
		require.ErrorContains(t, err, want, "%q", document)
	}
}

// FuzzFromFilter holds that whatever is read is read whole: what comes out is a Config that can be used, with
// every value of the filter in it or in a note.
func FuzzFromFilter(f *testing.F) {
	for _, seed := range []string{
		`{"allowOrigins": ["https://*.Foo.com:443", "https://1.2", "http://*"], "allowHeaders": ["Cookie", "X"], "maxAge": 99999}`,
		`{"allowOrigins": ["*"], "allowCredentials": true, "exposeHeaders": ["*"], "allowMethods": ["*"]}`,
		"allowOrigins: [https://a.com]\nallowMethods: [TRACE]\nallowHeaders: ['*']",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		c, notes, err := corsgateway.FromFilter(document,
			corsgateway.DangerouslyAllowAnyOriginWithCredentials,
			corsgateway.DangerouslyAllowInsecureOrigins,
			corsgateway.DangerouslyAllowPublicSuffixes)
		if err != nil {
			return
		}
		_, err = cors.New(c)
		require.NoError(t, err)
		require.Positive(t, c.MaxAge)
		for _, n := range notes {
			require.NotEmpty(t, n.String())
		}
	})
}

package cors_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// preflight writes a preflight from foo.example. Each of the values is a line of Access-Control-Request-Headers.
func preflight(method string, headers ...string) string {
	request := "OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: " + method + "\n"
	for _, line := range headers {
		request += "Access-Control-Request-Headers: " + line + "\n"
	}
	return request
}

func TestMethods(t *testing.T) {
	for _, test := range []struct {
		listed          []string
		allowed, denied []string
	}{
		{nil, []string{"GET", "HEAD", "POST"}, []string{"PUT", "get", "Post", "OPTIONS", "DELETE", "*", "GE", "GETS"}},
		{[]string{"PATCH"}, []string{"PATCH", "GET"}, []string{"patch", "Patch", "PATC", "PATCHES", "*"}},
		{[]string{"patch"}, []string{"patch"}, []string{"PATCH"}},
		{[]string{"PUT", "DELETE"}, []string{"PUT", "DELETE", "HEAD"}, []string{"PUT,DELETE", "PUT DELETE", "OPTIONS"}},
		{[]string{"*"}, []string{"PUT", "patch", "x!#$%&'*+-.^_`|~", "CONNECTED", "TRAC", "*"},
			[]string{"CONNECT", "connect", "TRACE", "Trace", "TRACK", "a b", "a,b", "é", "a/b"}},
	} {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: test.listed}, ok)
		for _, method := range test.allowed {
			assert.Equal(t, 204, w.send(preflight(method)).status, "%q with %q", method, test.listed)
		}
		for _, method := range test.denied {
			assert.Equal(t, 403, w.send(preflight(method)).status, "%q with %q", method, test.listed)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("X-Header-%03d", i)
	}
	all := strings.ToLower(strings.Join(many, ","))
	for _, test := range []struct {
		name   string
		listed []string
		lines  []string
		want   bool
	}{
		{"none asked for, none listed", nil, nil, true},
		{"none asked for", []string{"X-A"}, nil, true},
		{"an empty value", nil, []string{""}, true},
		{"a comma", nil, []string{","}, true},
		{"one, none listed", nil, []string{"x-a"}, false},
		{"the one", []string{"X-A"}, []string{"x-a"}, true},
		{"as it is listed", []string{"X-A"}, []string{"X-A"}, true},
		{"in odd case", []string{"x-a"}, []string{"X-a"}, true},
		{"part of a name", []string{"X-Abc"}, []string{"x-ab"}, false},
		{"more than a name", []string{"X-Ab"}, []string{"x-abc"}, false},
		{"two in the browser's order", []string{"X-B", "X-A"}, []string{"x-a,x-b"}, true},
		{"two in another order", []string{"X-A", "X-B"}, []string{"x-b,x-a"}, true},
		{"some", []string{"X-A", "X-B", "X-C"}, []string{"x-a,x-c"}, true},
		{"one too many", []string{"X-A", "X-B"}, []string{"x-a,x-b,x-c"}, false},
		{"one too many in front", []string{"X-B", "X-C"}, []string{"x-a,x-b,x-c"}, false},
		{"spaces and tabs", []string{"X-A", "X-B"}, []string{" \tx-a \t, \tx-b\t "}, true},
		{"empty elements", []string{"X-A", "X-B"}, []string{",,x-a,, ,x-b,"}, true},
		{"repeats", []string{"X-A", "X-B"}, []string{"x-a,x-b,x-a"}, true},
		{"several lines", []string{"X-A", "X-B", "X-C"}, []string{"x-a", "x-b,x-c"}, true},
		{"one line for each", []string{"X-A", "X-B", "X-C"}, []string{"x-c", "x-b", "x-a"}, true},
		{"empty lines", []string{"X-A"}, []string{"", "x-a", ""}, true},
		{"several lines, one too many", []string{"X-A", "X-B"}, []string{"x-a", "x-b", "x-c"}, false},
		{"several lines, one too many in front", []string{"X-A", "X-B"}, []string{"x-c", "x-a"}, false},
		{"space within a name", []string{"X-A"}, []string{"x -a"}, false},
		{"semicolons", []string{"X-A", "X-B"}, []string{"x-a;x-b"}, false},
		{"the star is a name here", []string{"X-A"}, []string{"*"}, false},
		{"all of many", many, []string{all}, true},
		{"all of many, on a line each", many, strings.Split(all, ","), true},
		{"ten of many", many, []string{all[:10*len("x-header-000,")-1]}, true},
		{"ten of many and one more", many, []string{all[:10*len("x-header-000,")] + "x-header-100"}, false},
		{"safelisted ones have to be listed, too", []string{"X-A"}, []string{"content-type"}, false},
		{"more white space than any intermediary adds", []string{"X-A"}, []string{strings.Repeat(" ,", 300) + "x-a"}, false},
		{"a name as often as Firefox repeats it", []string{"X-A"}, []string{strings.Repeat("x-a,", 100) + "x-a"}, true},
		{"more lines than any intermediary adds", []string{"X-A"}, append(make([]string, 512), "x-a"), false},
		{"a wildcard takes any token", []string{"*"}, []string{"x-a,x!#$%&'*+-.^_`|~,content-type"}, true},
		{"a wildcard takes several lines", []string{"*"}, []string{"x-a", "x-b"}, true},
		{"a wildcard takes tokens only", []string{"*"}, []string{"x-a,x b"}, false},
		{"a wildcard does not cover authorization", []string{"*"}, []string{"authorization,x-a"}, false},
		{"a wildcard does not cover Authorization on a line of its own", []string{"*"}, []string{"x-a", "Authorization"}, false},
		{"a wildcard covers what only looks like it", []string{"*"}, []string{"authorizatio,authorizations"}, true},
		{"authorization beside the wildcard", []string{"*", "Authorization"}, []string{"authorization,x-a"}, true},
		{"the longest value under a wildcard", []string{"*"}, []string{strings.Repeat("x", 2047)}, true},
		{"a longer value under a wildcard", []string{"*"}, []string{strings.Repeat("x", 2048)}, false},
	} {
		for _, credentials := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, credentials %t", test.name, credentials), func(t *testing.T) {
				w := serve(t, &fasthttp.Server{ReadBufferSize: 32 << 10, Handler: cors.MustNew(cors.Config{
					AllowOrigins: []string{fooOrigin}, AllowHeaders: test.listed, AllowCredentials: credentials,
				}).Wrap(ok)})
				r := w.send(preflight("GET", test.lines...))
				assert.Equal(t, test.want, r.status == 204, "status %d", r.status)
			})
		}
	}
}

// TestWildcards holds what goes out for "*": itself, or, since a browser takes it for a name where there are
// credentials, what was asked for.
func TestWildcards(t *testing.T) {
	const origin = "Access-Control-Allow-Origin: https://foo.example"
	const credentials = "Access-Control-Allow-Credentials: true"
	for _, test := range []struct {
		name             string
		methods, headers []string
		credentials      bool
		request          string
		want             []string
	}{
		{"methods", []string{"*", "PUT"}, nil, false, preflight("PATCH"),
			[]string{"Access-Control-Allow-Methods: *"}},
		{"methods with credentials", []string{"*"}, nil, true, preflight("PATCH"),
			[]string{"Access-Control-Allow-Methods: PATCH"}},
		{"headers", nil, []string{"*"}, false, preflight("GET", "x-a,x-b"),
			[]string{"Access-Control-Allow-Headers: *"}},
		{"headers and authorization", nil, []string{"Authorization", "*", "X-A"}, false, preflight("GET", "x-a,x-b"),
			[]string{"Access-Control-Allow-Headers: *,authorization"}},
		{"headers with credentials", nil, []string{"*"}, true, preflight("GET", "x-a,x-b"),
			[]string{"Access-Control-Allow-Headers: x-a,x-b"}},
		{"headers with credentials, on several lines", nil, []string{"*"}, true, preflight("GET", "x-a", "x-b,x-c"),
			[]string{"Access-Control-Allow-Headers: x-a,x-b,x-c"}},
		{"headers with credentials, none asked for", nil, []string{"*"}, true, preflight("GET"), nil},
		{"authorization with credentials", nil, []string{"*", "authorization"}, true, preflight("GET", "authorization"),
			[]string{"Access-Control-Allow-Headers: authorization"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: test.methods,
				AllowHeaders: test.headers, AllowCredentials: test.credentials}, ok).send(test.request)
			assert.Equal(t, 204, r.status)
			want := append([]string{origin, preflightVary}, test.want...)
			if test.credentials {
				want = append(want, credentials)
			}
			r.requireCORS(t, want...)
		})
	}
}

func TestExposedWildcard(t *testing.T) {
	r := serveHandler(t, cors.Config{AllowOrigins: []string{"*"}, ExposeHeaders: []string{"X-A", "*"}}, ok).
		send("GET / HTTP/1.1\nHost: a\n")
	r.requireCORS(t, "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *")
}

func TestListsAreSentWithoutRepeats(t *testing.T) {
	w := serveHandler(t, cors.Config{
		AllowOrigins:  []string{fooOrigin, fooOrigin},
		AllowMethods:  []string{"PUT", "PATCH", "PUT", "patch"},
		AllowHeaders:  []string{"X-B", "X-A", "x-b"},
		ExposeHeaders: []string{"X-C", "x-c", "X-D"},
	}, ok)
	w.send(preflight("PUT")).requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", preflightVary,
		"Access-Control-Allow-Methods: PUT,PATCH,patch", "Access-Control-Allow-Headers: x-a,x-b")
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n").requireCORS(t, "Vary: Origin",
		"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: X-C,X-D")
}

func TestMaxAge(t *testing.T) {
	for seconds, want := range map[int]string{0: "", -1: "0", -86401: "0", 1: "1", 600: "600", 86400: "86400"} {
		r := serveHandler(t, cors.Config{AllowOrigins: []string{"*"}, MaxAge: seconds}, ok).send(preflight("GET"))
		assert.Equal(t, want, r.header.Get("Access-Control-Max-Age"), "MaxAge %d", seconds)
	}
}

func TestPreflightStatus(t *testing.T) {
	for configured, want := range map[int]int{0: 204, 200: 200, 204: 204, 299: 299} {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, PreflightStatus: configured}, ok)
		r := w.send(preflight("GET"))
		assert.Equal(t, want, r.status)
		assert.Empty(t, r.body)
		assert.Equal(t, 403, w.send(preflight("PUT")).status, "refused all the same")
	}
}

func TestPrivateNetwork(t *testing.T) {
	const asks, says = "Access-Control-Request-Private-Network: true\n", "Access-Control-Allow-Private-Network: true"
	const origin, vary = "Access-Control-Allow-Origin: https://foo.example", preflightVary + ", Access-Control-Request-Private-Network"
	for _, test := range []struct {
		name    string
		enabled bool
		request string
		want    []string
	}{
		{"asked for", true, preflight("GET") + asks, []string{origin, says, vary}},
		{"asked for, not enabled", false, preflight("GET") + asks, []string{origin, preflightVary}},
		{"not asked for", true, preflight("GET"), []string{origin, vary}},
		{"asked for with another value", true, preflight("GET") + strings.ToUpper(asks), []string{origin, vary}},
		{"refused for its method", true, preflight("PUT") + asks, []string{vary}},
		{"no preflight", true, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n" + asks, []string{origin, "Vary: Origin"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowPrivateNetwork: test.enabled}, ok).
				send(test.request).requireCORS(t, test.want...)
		})
	}
}

// TestDebugMode holds that a failed preflight has an ok status and the headers up to the one that fails it,
// none of which lets it pass.
func TestDebugMode(t *testing.T) {
	m := cors.MustNew(cors.Config{
		AllowOrigins:     []string{fooOrigin},
		AllowMethods:     []string{"PUT"},
		AllowHeaders:     []string{"X-A"},
		AllowCredentials: true,
		MaxAge:           600,
		PreflightStatus:  200,
	})
	assert.False(t, m.Debug(), "off at first")
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	const origin, credentials = "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true"
	const methods = "Access-Control-Allow-Methods: PUT"
	for _, test := range []struct {
		name, request string
		want          []string
	}{
		{"origin", strings.ReplaceAll(preflight("PUT", "x-a"), "foo", "evil"), []string{preflightVary}},
		{"method", preflight("PATCH", "x-a"), []string{origin, credentials, preflightVary}},
		{"headers", preflight("PUT", "x-a,x-b"), []string{origin, credentials, methods, "Access-Control-Allow-Headers: x-a", preflightVary}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m.SetDebug(true)
			assert.True(t, m.Debug())
			r := w.send(test.request)
			assert.Equal(t, 200, r.status)
			r.requireCORS(t, test.want...)
			m.SetDebug(false)
			r = w.send(test.request)
			assert.Equal(t, 403, r.status)
			r.requireCORS(t, preflightVary)
		})
	}
	m.SetDebug(true)
	w.send(preflight("PUT", "x-a")).requireCORS(t, origin, credentials, methods, preflightVary,
		"Access-Control-Allow-Headers: x-a", "Access-Control-Max-Age: 600")
}

func TestDebugModeEchoesNothingThatIsRefused(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowCredentials: true,
		AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}})
	m.SetDebug(true)
	w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok)})
	const origin, credentials = "Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true"
	w.send(preflight("a,b")).requireCORS(t, origin, credentials, preflightVary)
	w.send(preflight("TRACE")).requireCORS(t, origin, credentials, preflightVary)
	w.send(preflight("PUT", "authorization")).requireCORS(t, origin, credentials, preflightVary,
		"Access-Control-Allow-Methods: PUT")
}

// TestExposedHeadersOnPreflight, where the answer is prepared and where somebody further out has written before.
func TestExposedHeadersOnPreflight(t *testing.T) {
	for _, on := range []bool{false, true} {
		for _, written := range []bool{false, true} {
			for sent, listed := range map[string][]string{"X-A": {"X-A"}, "*": {"X-A", "*"}} {
				m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: listed, ExposeHeadersOnPreflight: on}).Wrap(ok)
				w := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
					if written {
						ctx.Response.Header.Set("X-Outer", "1")
					}
					m(ctx)
				}})
				want := []string{"Access-Control-Allow-Origin: " + fooOrigin, preflightVary}
				if on {
					want = append(want, "Access-Control-Expose-Headers: "+sent)
				}
				w.send(preflight("GET")).requireCORS(t, want...)
			}
		}
	}
}

// TestNamesOfRequestHeadersInCapitals, of all lengths, since a table is asked eight letters at a time.
func TestNamesOfRequestHeadersInCapitals(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, strings.Repeat("abcdefghij", 4)[:i+1])
	}
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: names}, ok)
	for _, name := range names {
		require.Equal(t, 204, w.send(preflight("GET", strings.ToUpper(name))).status, name)
		require.Equal(t, 403, w.send(preflight("GET", strings.ToUpper(name)+"X")).status, name)
	}
}

// TestAnEchoOfNothingIsNoHeader where "*" with credentials is answered with what was asked for.
func TestAnEchoOfNothingIsNoHeader(t *testing.T) {
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"*"}, AllowCredentials: true}, ok)
	want := []string{"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true", preflightVary}
	for _, lines := range [][]string{nil, {""}, {","}, {" , ,", "\t"}} {
		w.send(preflight("GET", lines...)).requireCORS(t, want...)
	}
	w.send(preflight("GET", " x-a ,,", "X-B")).requireCORS(t, append(want, "Access-Control-Allow-Headers: x-a,X-B")...)
}

// TestNamesThatOnlyLookLikeOurs, with any byte another one, one more or one less, in requests that are read in different
// ways.
func TestNamesThatOnlyLookLikeOurs(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	lines := []string{
		"Origin: " + fooOrigin + "\n",
		"Access-Control-Request-Method: GET\n",
		"Access-Control-Request-Headers: x-a\n",
	}
	outcome := func(long, asSent bool, lines ...string) cors.Outcome {
		request := "OPTIONS / HTTP/1.1\nHost: a\n" + strings.Join(lines, "")
		if long {
			request += "X-Long: " + strings.Repeat("x", 8000) + "\n"
		}
		ctx := received(t, request)
		if asSent {
			ctx.Request.Header.DisableNormalizing()
		}
		return m.Evaluate(ctx).Outcome
	}
	for way := range 4 {
		long, asSent := way&1 != 0, way&2 != 0
		require.Equal(t, cors.PreflightRefusedHeaders, outcome(long, asSent, lines...))
		for i, without := range []cors.Outcome{cors.NotCORS, cors.ActualAllowed, cors.PreflightAllowed} {
			name, value, _ := strings.Cut(lines[i], ":")
			for at := range len(name) {
				before, after := name[:at], name[at+1:]
				for _, looking := range []string{before + "x" + after, before + "X" + after, before + "x" + name[at:], before + after} {
					if strings.EqualFold(looking, name) {
						continue
					}
					changed := slices.Clone(lines)
					changed[i] = looking + ":" + value
					require.Equal(t, without, outcome(long, asSent, changed...), "%s", looking)
				}
			}
		}
	}
}

// TestEveryByteBetweenNames, eight of which are looked at together: a comma, a space and a tab separate them, and
// nothing else does.
func TestEveryByteBetweenNames(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"X-A", "X-B"}})
	for b := range 256 {
		if b == '\r' || b == '\n' {
			continue // which fasthttp makes spaces
		}
		between := []string{strings.Repeat(string([]byte{byte(b)}), 8)}
		for _, around := range []string{",,,,,,,,", "        ", "\t\t\t\t\t\t\t\t", ", \t, \t, "} {
			for at := range around {
				between = append(between, around[:at]+string([]byte{byte(b)})+around[at+1:])
			}
		}
		want := cors.PreflightRefusedHeaders
		if b == ',' || b == ' ' || b == '\t' {
			want = cors.PreflightAllowed
		}
		for _, text := range between {
			ctx := received(t, preflight("GET"))
			ctx.Request.Header.Set("Access-Control-Request-Headers", "x-a,,"+text+",x-b") // others would be refused in a request
			require.Equal(t, want, m.Evaluate(ctx).Outcome, "%q", text)
		}
	}
}

// TestNothingIsReadBehindAList, however many bytes of it are left of the eight that are looked at together.
func TestNothingIsReadBehindAList(t *testing.T) {
	for name := 1; name <= 16; name++ {
		m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{strings.Repeat("x", name)}})
		for commas := range 17 {
			ctx := received(t, preflight("GET"))
			ctx.Request.Header.Set("Access-Control-Request-Headers", strings.Repeat("x", name)+strings.Repeat(",", commas))
			require.Equal(t, cors.PreflightAllowed, m.Evaluate(ctx).Outcome, "%d %d", name, commas)
		}
	}
}

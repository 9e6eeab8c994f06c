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

// TestVary holds that what others put there is kept, and that nothing is listed twice.
func TestVary(t *testing.T) {
	for _, test := range []struct {
		name string
		set  []string
		want string
	}{
		{"nothing there", nil, "Origin"},
		{"another name", []string{"Accept-Encoding"}, "Accept-Encoding, Origin"},
		{"the name, in another case", []string{"oRiGiN"}, "oRiGiN"},
		{"the name among others", []string{"Accept,Origin , Cookie"}, "Accept, Origin, Cookie"},
		{"a name that contains it", []string{"X-Origin-Country"}, "X-Origin-Country, Origin"},
		{"a name that begins with it", []string{"Origin-Country"}, "Origin-Country, Origin"},
		{"several lines", []string{"Accept", "Cookie"}, "Accept, Cookie, Origin"},
		{"repeats", []string{"Accept, accept", "ACCEPT"}, "Accept, Origin"},
		{"an empty value", []string{""}, "Origin"},
		{"empty elements", []string{" ,, Accept\t, "}, "Accept, Origin"},
		{"everything", []string{"*"}, "*"},
		{"everything and more", []string{"Accept, *"}, "Accept, *"},
		{"everything, and the name", []string{"*, Origin"}, "*, Origin"},
		{"the name behind a dash", []string{"X-Origin"}, "X-Origin, Origin"},
		{"the name behind a dash, in the last word", []string{"Accept-Encoding, X-Origin-X"}, "Accept-Encoding, X-Origin-X, Origin"},
		{"16 names with a repeat", []string{"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,A"}, "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, Origin"},
		{"17 names with a repeat, as they are", []string{"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,A"}, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,A, Origin"},
		{"17 names in two lines", []string{"a,b,c,d,e,f,g,h,i", "j,k,l,m,n,o,p,A"}, "a,b,c,d,e,f,g,h,i, j,k,l,m,n,o,p,A, Origin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}}, func(ctx *fasthttp.RequestCtx) {
				for _, value := range test.set {
					ctx.Response.Header.Add("Vary", value)
				}
			}).send("GET / HTTP/1.1\nHost: a\n")
			r.requireCORS(t, "Vary: "+test.want)
		})
	}
}

// TestEveryOptionsHasThePreflightsVary, so that no cache gives the answer to one OPTIONS to another.
func TestEveryOptionsHasThePreflightsVary(t *testing.T) {
	for name, c := range map[string]cors.Config{
		"listed":      {AllowOrigins: []string{fooOrigin}},
		"credentials": {AllowOrigins: []string{fooOrigin}, AllowCredentials: true},
		"any":         {AllowOrigins: []string{"*"}},
		"function":    {AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }},
	} {
		w := serveHandler(t, c, func(ctx *fasthttp.RequestCtx) { ctx.Error("no", fasthttp.StatusMethodNotAllowed) })
		for _, lines := range []string{
			"", "Origin: https://foo.example\n", "Access-Control-Request-Method: PUT\n", "Origin: \n",
			"Access-Control-Request-Headers: x-a\n", "Origin: https://evil.example\n",
		} {
			r := w.send("OPTIONS / HTTP/1.1\nHost: a\n" + lines)
			assert.Equal(t, 405, r.status, "%s, %q", name, lines)
			assert.Equal(t, []string{preflightVary[len("Vary: "):]}, r.corsHeaders()["vary"], "%s, %q", name, lines)
		}
	}
}

// TestVaryByNamesWhatAFunctionLooksAt, on every response, preflights included.
func TestVaryByNamesWhatAFunctionLooksAt(t *testing.T) {
	w := serveHandler(t, cors.Config{
		AllowOriginFunc: func(ctx *fasthttp.RequestCtx, _ []byte) bool {
			return string(ctx.Request.Header.Peek("X-Tenant")) == "foo"
		},
		VaryBy: []string{"X-Tenant", "origin", "x-tenant"},
	}, ok)
	const origin = "Access-Control-Allow-Origin: https://foo.example"
	w.send("GET / HTTP/1.1\nHost: a\nX-Tenant: foo\nOrigin: https://foo.example\n").requireCORS(t, origin, "Vary: Origin, X-Tenant")
	w.send("GET / HTTP/1.1\nHost: a\nX-Tenant: bar\nOrigin: https://foo.example\n").requireCORS(t, "Vary: Origin, X-Tenant")
	w.send("GET / HTTP/1.1\nHost: a\n").requireCORS(t, "Vary: Origin, X-Tenant")
	w.send(preflight("GET")+"X-Tenant: foo\n").requireCORS(t, origin, preflightVary+", X-Tenant")
	w.send(preflight("GET")).requireCORS(t, preflightVary+", X-Tenant")
}

// TestShortNamesInVary: one letter is a name as well.
func TestShortNamesInVary(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{[]string{"A"}, "A, Origin"},
		{[]string{"A", "a"}, "A, Origin"},
		{[]string{"A,B", "b"}, "A, B, Origin"},
		{[]string{"", ","}, "Origin"},
		{[]string{"origin", "A"}, "origin, A"},
		{[]string{"*"}, "*"},
		{[]string{"A,*"}, "A,*"},
	} {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
			for _, line := range test.lines {
				ctx.Response.Header.Add("Vary", line)
			}
		})
		w.send("GET / HTTP/1.1\nHost: h\n").requireCORS(t, "Vary: "+test.want)
	}
}

// TestNamesInVaryAreFoundWhereverTheyStand: in front, in the middle, at the end, at every place of a word, in long
// lists and short ones.
func TestNamesInVaryAreFoundWhereverTheyStand(t *testing.T) {
	long := "X-" + strings.Repeat("long", 30)
	m := cors.MustNew(cors.Config{AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return true }, VaryBy: []string{long}})
	for _, fill := range []string{"", "a", "abcdef", "O", "origim", "-"} {
		for before := range 20 {
			for after := range 20 {
				for _, space := range []string{"", " ", "\t "} {
					elements := slices.Concat(slices.Repeat([]string{fill}, before), []string{space + "oRIGIN" + space}, slices.Repeat([]string{fill}, after))
					handler := m.Wrap(func(ctx *fasthttp.RequestCtx) {
						ctx.Response.Header.Set("Vary", strings.Join(elements, ","))
					})
					var ctx fasthttp.RequestCtx
					handler(&ctx)
					vary := string(ctx.Response.Header.Peek("Vary"))
					var found, longs int
					for _, name := range naiveElements([]string{vary}) {
						if strings.EqualFold(name, "origin") {
							found++
						}
						if name == long {
							longs++
						}
					}
					require.Equal(t, 1, found, vary)
					require.Equal(t, 1, longs, vary)
					handler = m.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", vary+",*") })
					ctx.Response.Reset()
					handler(&ctx)
					require.Equal(t, vary+",*", string(ctx.Response.Header.Peek("Vary")))
				}
			}
		}
	}
}

// TestNamesOfThePolicyAreListedOnce in Vary, whatever their number and their length.
func TestNamesOfThePolicyAreListedOnce(t *testing.T) {
	var numbered []string
	for i := range 63 { // with Origin, as many as there are bits
		numbered = append(numbered, fmt.Sprintf("X-%d", i))
	}
	for _, varyBy := range [][]string{
		{"X-A"}, {"X-A", "X-B"}, numbered,
		{strings.Repeat("a", 63)}, {strings.Repeat("a", 64)}, {strings.Repeat("a", 65)},
	} {
		var ctx fasthttp.RequestCtx
		vary := "Origin, " + strings.Join(varyBy, ", ")
		cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, VaryBy: varyBy}).Wrap(func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Set("Vary", vary)
		})(&ctx)
		require.Equal(t, vary, string(ctx.Response.Header.Peek("Vary")))
	}
}

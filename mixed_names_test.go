package cors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Where names are as they were sent, all lines of a name are read in whatever case each is, up to a limit that
// only mixed cases have. What is over the limit is refused, since nobody has looked at it.
func TestLinesInMixedCaseAreReadUpToALimit(t *testing.T) {
	const upper, lower = "Access-Control-Request-Headers: ", "access-control-request-headers: "
	repeat := func(line string, n int) []string {
		return strings.Split(strings.TrimSuffix(strings.Repeat(line+"\n", n), "\n"), "\n")
	}
	for _, test := range []struct {
		name    string
		lines   []string
		allowed bool
		refused string
	}{
		{"one case, a dozen lines", repeat(lower+"x-token", 12), true, ""},
		{"one case, a dozen lines, the last of which is not allowed", append(repeat(lower+"x-token", 12), lower+"x-evil"), false, "x-evil"},
		{"two cases, eight lines", append(repeat(upper+"x-token", 7), lower+"x-token"), true, ""},
		{"two cases, eight lines, the last of which is not allowed", append(repeat(upper+"x-token", 7), lower+"x-evil"), false, "x-evil"},
		{"two cases, nine lines", append(repeat(upper+"x-token", 8), lower+"x-token"), false, "x-token"},
		{"two cases, nine lines of the first", append(repeat(upper+"x-token", 9), lower+"x-token"), false, "x-token"},
		{"two cases, nine lines of the second", append(repeat(lower+"x-token", 9), upper+"x-token"), false, "x-token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			refused := "nothing"
			handler := cors.MustNew(cors.Config{
				AllowOrigins: []string{fooOrigin}, AllowHeaders: []string{"X-Token"},
				OnDecision: func(_ *fasthttp.RequestCtx, d cors.Decision) { refused = string(d.Refused) },
			}).Wrap(ok)
			w := serve(t, &fasthttp.Server{Handler: handler, DisableHeaderNamesNormalizing: true})
			r := w.send("OPTIONS / HTTP/1.1\nHost: a\nOrigin: " + fooOrigin + "\nAccess-Control-Request-Method: GET\n" + strings.Join(test.lines, "\n"))
			if test.allowed {
				require.Equal(t, 204, r.status)
			} else {
				require.Equal(t, 403, r.status)
			}
			assert.Equal(t, test.refused, refused)
		})
	}
}

// Where a name is spelled in several ways, the first line is one of the usual spelling, and no other takes its place.
func TestTheUsualSpellingOfANameComesFirst(t *testing.T) {
	var d cors.Decision
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{fooOrigin}, AllowPrivateNetwork: true,
		OnDecision: func(_ *fasthttp.RequestCtx, made cors.Decision) {
			d = cors.Decision{Outcome: made.Outcome, Refused: []byte(string(made.Refused))}
		},
	})
	begin := func(lines ...string) *fasthttp.RequestCtx {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.DisableNormalizing()
		ctx.Request.Header.SetMethod("OPTIONS")
		for i := 0; i < len(lines); i += 2 {
			ctx.Request.Header.Add(lines[i], lines[i+1])
		}
		m.Wrap(ok)(&ctx)
		return &ctx
	}
	begin("origin", "https://second.example", "Origin", "https://first.example", "Access-Control-Request-Method", "GET")
	require.Equal(t, cors.PreflightRefusedOrigin, d.Outcome)
	require.Equal(t, "https://first.example", string(d.Refused))

	// A middleware further out may have set it in lower case, where nothing has come that way.
	begin("origin", fooOrigin, "access-control-request-method", "GET")
	require.Equal(t, cors.PreflightAllowed, d.Outcome)

	ctx := begin("Origin", fooOrigin, "Access-Control-Request-Method", "GET",
		"Access-Control-Request-Private-Network", "x", "access-control-request-private-network", "true")
	require.Equal(t, cors.PreflightAllowed, d.Outcome)
	require.Empty(t, ctx.Response.Header.Peek("Access-Control-Allow-Private-Network"))
}

// TestManySpellingsAreRefused: names in several cases were written by several authors. There can be thousands.
func TestManySpellingsAreRefused(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}})
	w := serve(t, &fasthttp.Server{DisableHeaderNamesNormalizing: true, ReadBufferSize: 64 << 10, Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.SetBodyString(m.Evaluate(ctx).String())
	}})
	spelled := func(name, value string, n int) (lines string) {
		for i := range n {
			b := []byte(strings.ToLower(name))
			for bit := range 6 {
				if i>>bit&1 != 0 {
					b[bit] -= 'a' - 'A'
				}
			}
			lines += string(b) + ": " + value + "\n"
		}
		return lines
	}
	const origin, method = "Origin: https://foo.example\n", "Access-Control-Request-Method: PUT\n"
	for _, test := range []struct{ lines, want string }{
		{spelled("Origin", fooOrigin, 1) + method, "preflight_allowed"},
		{spelled("Origin", fooOrigin, 2) + method, "preflight_refused_origin"},
		{spelled("Origin", fooOrigin, 60) + method, "preflight_refused_origin"},
		{origin + spelled("Access-Control-Request-Method", "PUT", 2), "preflight_refused_method"},
		{origin + spelled("Access-Control-Request-Method", "PUT", 60), "preflight_refused_method"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 4), "preflight_allowed"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 3) + "ACCESS-control-request-headers: x-b\n", "preflight_refused_headers"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 5), "preflight_refused_headers"},
		{origin + method + spelled("Access-Control-Request-Headers", "x-a", 60), "preflight_refused_headers"},
		{origin + method + strings.Repeat("access-control-request-headers: x-a\nAccess-Control-Request-Headers: x-a\n", 4), "preflight_allowed"},
		{origin + method + strings.Repeat("access-control-request-headers: x-a\nAccess-Control-Request-Headers: x-a\n", 5), "preflight_refused_headers"},
	} {
		assert.Equal(t, test.want, w.send("OPTIONS / HTTP/1.1\nHost: a\n"+test.lines).body, test.lines)
	}
}

package cors_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestAllowOriginFunc holds that it is asked only where no pattern matches, and only about what could be an
// origin.
func TestAllowOriginFunc(t *testing.T) {
	var asked []string
	listed := []string{fooOrigin, "https://second.example", "https://a.pattern.example"}
	w := serveHandler(t, cors.Config{
		AllowOrigins:     []string{listed[0], listed[1], "https://*.pattern.example"},
		AllowCredentials: true,
		AllowOriginFunc: func(ctx *fasthttp.RequestCtx, origin []byte) bool {
			asked = append(asked, string(origin))
			return string(ctx.Path()) == "/open"
		},
	}, ok)
	for _, test := range []struct {
		origin    string
		wantAsked bool
	}{
		{listed[0], false}, {listed[1], false}, {listed[2], false}, {"https://bar.example:8443", true}, {"null", true}, {"app://x", true},
		{"http://[::1]", true}, {"http://127.0.0.1:3000", true}, {"file://", true}, {"app://.", true}, {"safari-web-extension://A0B1", true},
		{"http://app.example.", true}, {"https://a~!$.example", true}, {"https://bar.example:443", true}, {"https://" + strings.Repeat("a", 318), true},
		{"", false}, {"NULL", false}, {"https://bar.example/", false}, {"HTTPS://bar.example", false},
		{"https://bar.example, https://foo.example", false}, {"bar.example", false}, {"https://a@b", false}, {"https://a?b", false},
		{"https://a#b", false}, {`https://a\b`, false}, {"https://é", false}, {"https://" + strings.Repeat("a", 319), false},
	} {
		for path, allowed := range map[string]bool{"/open": test.wantAsked, "/closed": false} {
			asked = nil
			r := w.send("GET " + path + " HTTP/1.1\nHost: a\nOrigin: " + test.origin + "\n")
			if test.wantAsked {
				assert.Equal(t, []string{test.origin}, asked)
			} else {
				assert.Empty(t, asked, test.origin)
			}
			want := []string{"Vary: Origin"}
			if allowed || slices.Contains(listed, test.origin) {
				want = append(want, "Access-Control-Allow-Origin: "+test.origin, "Access-Control-Allow-Credentials: true")
			}
			r.requireCORS(t, want...)
		}
	}
}

// TestOnDecisionSeesTheAnswer that was written to a preflight, and a response to anything else that was not.
func TestOnDecisionSeesTheAnswer(t *testing.T) {
	var status int
	var allowed, refused string
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, OnDecision: func(ctx *fasthttp.RequestCtx, d cors.Decision) {
		status, allowed, refused = ctx.Response.StatusCode(), string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")), string(d.Refused)
	}}, ok)
	w.send(preflight("GET"))
	assert.Equal(t, 204, status)
	assert.Equal(t, fooOrigin, allowed)
	w.send(preflight("PUT"))
	assert.Equal(t, 403, status)
	assert.Equal(t, "PUT", refused)
	w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
	assert.Equal(t, 200, status)
	assert.Empty(t, allowed)
}

package cors_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// MDN's three exchanges, as raw requests, with every header that matters to a browser.

func TestSimpleRequest(t *testing.T) {
	const request = `GET /resources/public-data/ HTTP/1.1
Host: bar.other
User-Agent: Mozilla/5.0
Accept: text/html,application/xhtml+xml
Accept-Language: en-us,en;q=0.5
Accept-Encoding: gzip,deflate
Connection: keep-alive
Origin: https://foo.example
`
	handler := func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("application/xml")
		ctx.SetBodyString("<data/>")
	}
	t.Run("with every origin allowed", func(t *testing.T) {
		r := serveHandler(t, cors.Config{AllowOrigins: []string{"*"}}, handler).send(request)
		assert.Equal(t, 200, r.status)
		assert.Equal(t, "<data/>", r.body)
		r.requireCORS(t, "Access-Control-Allow-Origin: *")
	})
	t.Run("with that origin allowed", func(t *testing.T) {
		r := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}}, handler).send(request)
		assert.Equal(t, 200, r.status)
		assert.Equal(t, "application/xml", r.header.Get("Content-Type"))
		r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Origin")
	})
}

func TestPreflightedRequest(t *testing.T) {
	w := serveHandler(t, cors.Config{
		AllowOrigins: []string{fooOrigin},
		AllowMethods: []string{"POST", "GET", "OPTIONS"},
		AllowHeaders: []string{"X-PINGOTHER", "Content-Type"},
		MaxAge:       86400,
	}, func(ctx *fasthttp.RequestCtx) {
		require.Equal(t, "POST", string(ctx.Method()), "the handler never sees a preflight")
		require.Equal(t, "pingpong", string(ctx.Request.Header.Peek("X-PINGOTHER")))
		ctx.Response.Header.Set("Vary", "Accept-Encoding")
		ctx.SetBodyString("Some XML payload")
	})
	preflight := w.send(`OPTIONS /doc HTTP/1.1
Host: bar.other
User-Agent: Mozilla/5.0
Accept: */*
Accept-Language: en-us,en;q=0.5
Accept-Encoding: gzip,deflate
Connection: keep-alive
Origin: https://foo.example
Access-Control-Request-Method: POST
Access-Control-Request-Headers: content-type,x-pingother
`)
	assert.Equal(t, 204, preflight.status)
	assert.Empty(t, preflight.body)
	preflight.requireCORS(t,
		"Access-Control-Allow-Origin: https://foo.example",
		"Access-Control-Allow-Methods: POST,GET,OPTIONS",
		"Access-Control-Allow-Headers: content-type,x-pingother",
		"Access-Control-Max-Age: 86400",
		preflightVary)

	actual := w.send(`POST /doc HTTP/1.1
Host: bar.other
X-PINGOTHER: pingpong
Content-Type: text/xml; charset=UTF-8
Content-Length: 7
Referer: https://foo.example/examples/preflightInvocation.html
Origin: https://foo.example
Pragma: no-cache
Cache-Control: no-cache

<body/>`)
	assert.Equal(t, 200, actual.status)
	assert.Equal(t, "Some XML payload", actual.body)
	actual.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: Accept-Encoding, Origin")
}

func TestCredentialedRequest(t *testing.T) {
	w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}, AllowCredentials: true},
		func(ctx *fasthttp.RequestCtx) {
			require.Equal(t, "2", string(ctx.Request.Header.Cookie("pageAccess")))
			ctx.Response.Header.Set("Set-Cookie", "pageAccess=3; expires=Wed, 31-Dec-2036 01:34:53 GMT")
			ctx.SetBodyString("text")
		})
	r := w.send(`GET /resources/credentialed-content/ HTTP/1.1
Host: bar.other
Referer: https://foo.example/examples/credential.html
Origin: https://foo.example
Cookie: pageAccess=2
`)
	assert.Equal(t, 200, r.status)
	assert.Equal(t, "text", r.body)
	assert.Equal(t, []string{"pageAccess=3; expires=Wed, 31-Dec-2036 01:34:53 GMT"}, r.header["Set-Cookie"])
	r.requireCORS(t,
		"Access-Control-Allow-Origin: https://foo.example",
		"Access-Control-Allow-Credentials: true",
		"Vary: Origin")
}

// TestResponseHeaders is the table of what each class of response carries.
func TestResponseHeaders(t *testing.T) {
	const (
		notCORS   = "GET / HTTP/1.1\nHost: a\n"
		actual    = notCORS + "Origin: https://foo.example\n"
		refused   = notCORS + "Origin: https://evil.example\n"
		preflight = "OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: PUT\n" +
			"Access-Control-Request-Headers: x-a\n"
		badOrigin = "OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT\n"
		badMethod = "OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: PATCH\n"
		badHeader = preflight + "Access-Control-Request-Headers: x-b\n"
	)
	bare := func(origin string) cors.Config { return cors.Config{AllowOrigins: []string{origin}} }
	full := func(origin string) cors.Config {
		return cors.Config{
			AllowOrigins:     []string{origin},
			AllowMethods:     []string{"PUT", "DELETE"},
			AllowHeaders:     []string{"X-A", "Content-Type"},
			ExposeHeaders:    []string{"X-Total", "ETag"},
			AllowCredentials: origin != "*",
			MaxAge:           600,
		}
	}
	const (
		allowFoo = "Access-Control-Allow-Origin: https://foo.example"
		allowAny = "Access-Control-Allow-Origin: *"
		creds    = "Access-Control-Allow-Credentials: true"
		expose   = "Access-Control-Expose-Headers: X-Total,ETag"
		methods  = "Access-Control-Allow-Methods: PUT,DELETE"
		headers  = "Access-Control-Allow-Headers: content-type,x-a"
		maxAge   = "Access-Control-Max-Age: 600"
		vary     = "Vary: Origin"
	)
	for _, test := range []struct {
		name    string
		config  cors.Config
		request string
		status  int
		want    []string
	}{
		{"not CORS, any origin", full("*"), notCORS, 200, []string{allowAny, expose}},
		{"not CORS, listed origins", full(fooOrigin), notCORS, 200, []string{vary}},
		{"actual allowed, any origin", full("*"), actual, 200, []string{allowAny, expose}},
		{"actual allowed, any origin, bare", bare("*"), actual, 200, []string{allowAny}},
		{"actual allowed, listed origins", full(fooOrigin), actual, 200, []string{allowFoo, creds, expose, vary}},
		{"actual allowed, listed origins, bare", bare(fooOrigin), actual, 200, []string{allowFoo, vary}},
		{"actual refused", full(fooOrigin), refused, 200, []string{vary}},
		{"preflight allowed, any origin", full("*"), preflight, 204,
			[]string{allowAny, methods, headers, maxAge, preflightVary}},
		{"preflight allowed, listed origins", full(fooOrigin), preflight, 204,
			[]string{allowFoo, creds, methods, headers, maxAge, preflightVary}},
		{"preflight for nothing special", bare(fooOrigin),
			"OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: POST\n", 204,
			[]string{allowFoo, preflightVary}},
		{"preflight refused for its origin", full(fooOrigin), badOrigin, 403, []string{preflightVary}},
		{"preflight refused for its method", full(fooOrigin), badMethod, 403, []string{preflightVary}},
		{"preflight refused for its method, any origin", full("*"), badMethod, 403, []string{preflightVary}},
		{"preflight refused for its headers", full(fooOrigin), badHeader, 403, []string{preflightVary}},
		{"preflight refused for its headers, any origin", full("*"), badHeader, 403, []string{preflightVary}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := serveHandler(t, test.config, ok).send(test.request)
			assert.Equal(t, test.status, r.status)
			r.requireCORS(t, test.want...)
		})
	}
}

// TestClassification is the table of what a request is taken for.
func TestClassification(t *testing.T) {
	const origin, method = "Origin: https://foo.example\n", "Access-Control-Request-Method: PUT\n"
	for _, test := range []struct {
		name, request string
		want          cors.Outcome
		refused       string
	}{
		{"no Origin", "GET / HTTP/1.1\n", cors.NotCORS, ""},
		{"OPTIONS with a method but no Origin", "OPTIONS / HTTP/1.1\n" + method, cors.NotCORS, ""},
		{"preflight", "OPTIONS / HTTP/1.1\n" + origin + method, cors.PreflightAllowed, ""},
		{"Origin behind the method", "OPTIONS / HTTP/1.1\n" + method + origin, cors.PreflightAllowed, ""},
		{"OPTIONS of everything", "OPTIONS * HTTP/1.1\n" + origin + method, cors.PreflightAllowed, ""},
		{"OPTIONS without a method", "OPTIONS / HTTP/1.1\n" + origin, cors.ActualAllowed, ""},
		{"another method with the header of a preflight", "GET / HTTP/1.1\n" + origin + method, cors.ActualAllowed, ""},
		{"methods are case-sensitive", "options / HTTP/1.1\n" + origin + method, cors.ActualAllowed, ""},
		{"same-origin POST", "POST / HTTP/1.1\nOrigin: https://bar.other\n", cors.ActualRefused, "https://bar.other"},
		{"two Origin lines", "GET / HTTP/1.1\n" + origin + origin, cors.ActualRefused, "https://foo.example"},
		{"two different Origin lines", "GET / HTTP/1.1\n" + origin + "Origin: https://a.b\n", cors.ActualRefused, "https://foo.example"},
		{"empty Origin", "GET / HTTP/1.1\nOrigin:\n", cors.ActualRefused, ""},
		{"Origin is a list", "GET / HTTP/1.1\nOrigin: https://foo.example https://foo.example\n", cors.ActualRefused, "https://foo.example https://foo.example"},
		{"Origin with a path", "GET / HTTP/1.1\nOrigin: https://foo.example/\n", cors.ActualRefused, "https://foo.example/"},
		{"preflight with two Origin lines", "OPTIONS / HTTP/1.1\n" + origin + origin + method, cors.PreflightRefusedOrigin, "https://foo.example"},
		{"preflight with an empty Origin", "OPTIONS / HTTP/1.1\nOrigin:\n" + method, cors.PreflightRefusedOrigin, ""},
		{"preflight with an empty method", "OPTIONS / HTTP/1.1\n" + origin + "Access-Control-Request-Method:\n", cors.PreflightRefusedMethod, ""},
		{"preflight with two method lines", "OPTIONS / HTTP/1.1\n" + origin + method + method, cors.PreflightRefusedMethod, "PUT"},
		{"preflight for another method", "OPTIONS / HTTP/1.1\n" + origin + "Access-Control-Request-Method: put\n", cors.PreflightRefusedMethod, "put"},
		{"preflight for a header", "OPTIONS / HTTP/1.1\n" + origin + method + "Access-Control-Request-Headers: x-a,x-b,x-c\n", cors.PreflightRefusedHeaders, "x-b"},
		{"names in lower case", "OPTIONS / HTTP/1.1\norigin: https://foo.example\naccess-control-request-method: PUT\n", cors.PreflightAllowed, ""},
		{"names in upper case", "GET / HTTP/1.1\nORIGIN: https://foo.example\n", cors.ActualAllowed, ""},
		{"names in two cases", "GET / HTTP/1.1\nORIGIN: https://foo.example\norigin: https://foo.example\n", cors.ActualRefused, "https://foo.example"},
		{"a preflight that announces trailers", "OPTIONS / HTTP/1.1\nTrailer: X-Sum\n" + origin + method, cors.PreflightAllowed, ""},
		{"a trailer line and two Origin lines", "OPTIONS / HTTP/1.1\nTrailer: X-Sum\n" + origin + method + origin, cors.PreflightRefusedOrigin, "https://foo.example"},
	} {
		for _, asSent := range []bool{false, true} {
			name := test.name
			if asSent {
				name += ", names as they were sent"
			}
			t.Run(name, func(t *testing.T) {
				var got []cors.Outcome
				var refused string
				var ran bool
				m := cors.MustNew(cors.Config{
					AllowOrigins: []string{fooOrigin},
					AllowMethods: []string{"PUT"},
					AllowHeaders: []string{"X-A", "X-C"},
					OnDecision: func(ctx *fasthttp.RequestCtx, d cors.Decision) {
						got, refused = append(got, d.Outcome), string(d.Refused)
					},
				})
				server := &fasthttp.Server{
					DisableHeaderNamesNormalizing: asSent,
					Handler:                       m.Wrap(func(*fasthttp.RequestCtx) { ran = true }),
				}
				serve(t, server).send(test.request + "Host: a\n")
				assert.Equal(t, []cors.Outcome{test.want}, got, "decided once")
				assert.Equal(t, test.refused, refused)
				assert.Equal(t, !test.want.IsPreflight(), ran)
			})
		}
	}
}

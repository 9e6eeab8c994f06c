package corstest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func TestPreflightIsSentWhereTheRequestIsNotSimple(t *testing.T) {
	for _, tt := range []struct {
		request Request
		method  string // Access-Control-Request-Method, or "" for no preflight
		headers string // Access-Control-Request-Headers, or "" for none
	}{
		{Request{}, "", ""},
		{Request{Method: "head"}, "", ""},
		{Request{Method: "POST", Body: "x"}, "", ""},
		{Request{Header: Header{{"Accept", "text/html"}, {"Range", "bytes=0-1"}}}, "", ""},
		{Request{ForcePreflight: true}, "GET", ""},
		{Request{Method: "put"}, "PUT", ""},
		{Request{Method: "DELETE", Body: "x"}, "DELETE", ""},
		{Request{Method: "PATCH"}, "PATCH", ""},
		{Request{Header: Header{{"X-B", "1"}, {"x-A", "1"}, {"X-b", "2"}}}, "GET", "x-a,x-b"},
		{Request{Method: "POST", Body: "{}", Header: Header{{"Content-Type", "application/json"}}}, "POST", "content-type"},
		{Request{Header: Header{{"Authorization", "x"}}}, "GET", "authorization"},
	} {
		tt.request.URL = api
		r := Readable(t, browse(t, page, allowAll), tt.request)
		if tt.method == "" {
			assert.Equal(t, PreflightNotNeeded, r.Hops[0].Preflight, "%v", tt.request)
			assert.Nil(t, r.Preflight())
			continue
		}
		require.Equal(t, PreflightSent, r.Hops[0].Preflight, "%v", tt.request)
		assert.Equal(t, 1, r.Preflights())
		assert.Equal(t, "OPTIONS", r.Preflight().Method)
		sent := r.Preflight().RequestHeader
		assert.Equal(t, "*/*", sent.Get("Accept"))
		assert.Equal(t, page, sent.Get("Origin"))
		assert.Equal(t, tt.method, sent.Get("Access-Control-Request-Method"))
		assert.Equal(t, tt.headers, sent.Get("Access-Control-Request-Headers"))
		assert.Equal(t, tt.headers != "", sent.Has("Access-Control-Request-Headers"))
	}
}

func TestPreflightCarriesNothingOfTheRequest(t *testing.T) {
	r := Readable(t, browse(t, page, allowAll), Request{
		URL: api, Method: "PUT", Credentials: Include, Cookie: "a=b", Body: "x", Header: Header{{"Authorization", "y"}},
	})
	for _, name := range []string{"Cookie", "Authorization", "Content-Type", "Content-Length"} {
		assert.False(t, r.Preflight().RequestHeader.Has(name), name)
		assert.True(t, r.Actual().RequestHeader.Has(name), name)
	}
	assert.Empty(t, r.Preflight().RequestBody)
}

func TestPreflightResponse(t *testing.T) {
	const none = Failure("")
	put := Request{Method: "PUT"}
	post := Request{Method: "POST"}
	withXA := Request{Header: Header{{"X-A", "1"}}}
	withAuthorization := Request{Header: Header{{"Authorization", "1"}}}
	for _, tt := range []struct {
		request       Request
		lines         []string
		omit, include Failure
	}{
		{put, nil, MethodNotAllowed, MethodNotAllowed},
		{put, []string{"Methods: PUT"}, none, none},
		{put, []string{"Methods: GET,, PUT"}, none, none},
		{put, []string{"Methods: GET", "Methods: PUT"}, none, none},
		{put, []string{"Methods: put"}, MethodNotAllowed, MethodNotAllowed},
		{put, []string{"Methods: *"}, none, MethodNotAllowed},
		{put, []string{"Methods: *, PUT"}, none, none},
		{put, []string{"Methods: PUT DELETE"}, AllowMethodsSyntax, AllowMethodsSyntax},
		{put, []string{"Methods: PUT", "Methods: @"}, AllowMethodsSyntax, AllowMethodsSyntax},
		{put, []string{"Methods: PUT", "Headers: a b"}, AllowHeadersSyntax, AllowHeadersSyntax},
		{Request{Method: "patch"}, []string{"Methods: PATCH"}, MethodNotAllowed, MethodNotAllowed},
		{Request{Method: "patch"}, []string{"Methods: patch"}, none, none},
		{Request{Method: "OPTIONS"}, nil, MethodNotAllowed, MethodNotAllowed},
		{Request{Method: "POST", ForcePreflight: true}, []string{"Methods: PUT"}, none, none},

		{withXA, nil, HeaderNotAllowed, HeaderNotAllowed},
		{withXA, []string{"Headers: X-a"}, none, none},
		{withXA, []string{"Headers: x-b", "Headers: x-a"}, none, none},
		{withXA, []string{"Headers: x-b"}, HeaderNotAllowed, HeaderNotAllowed},
		{withXA, []string{"Headers: *"}, none, HeaderNotAllowed},
		{withXA, []string{"Headers: x-a", "Methods: a;b"}, AllowMethodsSyntax, AllowMethodsSyntax},
		{withAuthorization, []string{"Headers: *"}, AuthorizationNotListed, HeaderNotAllowed},
		{withAuthorization, []string{"Headers: *, Authorization"}, none, none},
		{withAuthorization, []string{"Headers: x-a"}, HeaderNotAllowed, HeaderNotAllowed},
		{post, nil, none, none},
	} {
		lines := []string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true"}
		for _, line := range tt.lines {
			lines = append(lines, "Access-Control-Allow-"+line)
		}
		for mode, want := range map[Credentials]Failure{Omit: tt.omit, SameOrigin: tt.omit, Include: tt.include} {
			request := tt.request
			request.URL, request.Credentials = api, mode
			r := browse(t, page, split(reply(204, lines...), allowAll)).Fetch(request)
			assert.Equal(t, want, r.Reason.Failure, "%v %q", request, tt.lines)
			assert.Equal(t, want != none, r.Reason.Preflight)
			assert.Equal(t, want == none, r.Actual() != nil, "the actual request is sent if and only if the preflight allows it")
		}
	}
}

func TestPreflightStatus(t *testing.T) {
	for status, want := range map[int]Failure{
		200: "", 204: "", 206: "", 299: "", 300: PreflightStatus, 304: PreflightStatus, 400: PreflightStatus, 401: PreflightStatus,
		403: PreflightStatus, 404: PreflightStatus, 405: PreflightStatus, 500: PreflightStatus,
		301: PreflightRedirect, 302: PreflightRedirect, 303: PreflightRedirect, 307: PreflightRedirect, 308: PreflightRedirect,
	} {
		preflight := reply(status, "Access-Control-Allow-Origin: $O", "Access-Control-Allow-Methods: PUT", "Location: /items/")
		r := browse(t, page, split(preflight, allowAll)).Fetch(Request{URL: api, Method: "PUT"})
		assert.Equal(t, want, r.Reason.Failure, status)
	}
}

func TestPreflightAlone(t *testing.T) {
	b := browse(t, page, split(allowAll, func(*fasthttp.RequestCtx) { t.Error("the actual request was sent") }))
	r := b.Preflight(Request{URL: api, Method: "PUT"})
	assert.True(t, r.Allowed)
	assert.Equal(t, 1, r.Preflights())
	assert.Nil(t, r.Actual())
	assert.Contains(t, r.Verdict(), "allowed: a browser sends the request")

	r = b.Preflight(Request{URL: api, Method: "LINK"})
	assert.Equal(t, MethodNotAllowed, r.Reason.Failure)
	r = b.Preflight(Request{URL: api})
	assert.True(t, r.Allowed)
	assert.Equal(t, PreflightNotNeeded, r.Hops[0].Preflight)
	assert.False(t, r.Hops[0].SameOrigin)
	r = b.Preflight(Request{URL: page, Method: "PUT"})
	assert.True(t, r.Hops[0].SameOrigin)
	assert.Contains(t, r.String(), "the page's own origin: CORS does not apply")
	assert.Equal(t, InvalidURL, b.Preflight(Request{URL: "x"}).Reason.Failure)
}

func TestRepeatedRequestHeaders(t *testing.T) {
	request := Request{URL: api, Header: Header{{"X-A", "1"}, {"Accept", "a/b"}, {"x-a", "2"}, {"User-Agent", "mine"}}}
	for engine, want := range map[Engine]string{
		Standard:  `["1" "2"] ["mine"] user-agent,x-a`,
		Chromium:  `["1, 2"] ["corstest"] x-a`,
		Firefox:   `["1" "2"] ["mine"] user-agent,x-a,x-a`,
		WebKitGTK: `["1, 2"] ["mine"] user-agent,x-a`,
	} {
		b := browse(t, page, split(func(ctx *fasthttp.RequestCtx) {
			allowAll(ctx)
			ctx.Response.Header.Add("Access-Control-Allow-Headers", "user-agent")
		}, allowAll))
		b.Engine = engine
		r := Readable(t, b, request)
		sent := r.Actual().RequestHeader
		got := fmt.Sprintf("%q %q", sent.Values("X-A"), sent.Values("User-Agent"))
		asked := r.Preflight().RequestHeader.Get("Access-Control-Request-Headers")
		assert.Equal(t, want, got+" "+asked, engine)
	}
}

package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRequestsThatFetchRefuses(t *testing.T) {
	for _, tt := range []struct {
		request Request
		want    Failure
	}{
		{Request{}, InvalidURL},
		{Request{URL: "/items"}, InvalidURL},
		{Request{URL: "items"}, InvalidURL},
		{Request{URL: "https://"}, InvalidURL},
		{Request{URL: "ftp://b.example/"}, InvalidURL},
		{Request{URL: "data:,x"}, InvalidURL},
		{Request{URL: "https://u:p@b.example/"}, InvalidURL},
		{Request{URL: api, Method: "GE T"}, InvalidMethod},
		{Request{URL: api, Method: "b@d"}, InvalidMethod},
		{Request{URL: api, Method: "track"}, ForbiddenMethod},
		{Request{URL: api, Body: "x"}, InvalidBody},
		{Request{URL: api, Method: "head", Body: "x"}, InvalidBody},
		{Request{URL: api, Header: Header{{"X A", "1"}}}, InvalidHeader},
	} {
		r := browse(t, page, nil).Fetch(tt.request)
		assert.False(t, r.Allowed)
		assert.Equal(t, tt.want, r.Reason.Failure, "%+v", tt.request)
		assert.NotEmpty(t, r.Reason.Message)
		assert.False(t, r.Reason.Failure.IsCORS())
		assert.Empty(t, r.Hops)
	}
}

func TestWhatABrowserAddsToRequests(t *testing.T) {
	for _, tt := range []struct {
		request Request
		want    Header
	}{
		{Request{}, Header{{"Accept", "*/*"}, {"Origin", page}}},
		{Request{Header: Header{{"accept", "a/b"}}}, Header{{"accept", "a/b"}, {"Origin", page}}},
		{Request{Header: Header{{"Range", "bytes=0-"}}}, Header{{"Range", "bytes=0-"}, {"Accept", "*/*"}, {"Origin", page}, {"Accept-Encoding", "identity"}}},
		{Request{Method: "POST"}, Header{{"Accept", "*/*"}, {"Content-Length", "0"}, {"Origin", page}}},
		{Request{Method: "PUT"}, Header{{"Accept", "*/*"}, {"Content-Length", "0"}, {"Origin", page}}},
		{Request{Method: "DELETE"}, Header{{"Accept", "*/*"}, {"Origin", page}}},
		{Request{Method: "POST", Body: "ab"}, Header{{"Content-Type", "text/plain;charset=UTF-8"}, {"Accept", "*/*"}, {"Content-Length", "2"}, {"Origin", page}}},
		{Request{Method: "POST", Body: "ab", Header: Header{{"CONTENT-type", "a/b"}}}, Header{{"CONTENT-type", "a/b"}, {"Accept", "*/*"}, {"Content-Length", "2"}, {"Origin", page}}},
	} {
		tt.request.URL = api
		r := Readable(t, browse(t, page, allowAll), tt.request)
		want := append(Header{{"Host", "b.example"}, {"Connection", "keep-alive"}, {"User-Agent", "corstest"}}, tt.want...)
		assert.Equal(t, want, r.Actual().RequestHeader)
	}
}

func TestCredentialsModeDecidesOverTheCookie(t *testing.T) {
	for _, tt := range []struct {
		mode         Credentials
		own, foreign bool
	}{{Omit, false, false}, {SameOrigin, true, false}, {Include, true, true}} {
		b := browse(t, page, allowAll)
		own := Readable(t, b, Request{URL: page, Credentials: tt.mode, Cookie: "a=b"})
		assert.Equal(t, tt.own, own.Actual().RequestHeader.Has("Cookie"), tt.mode)
		foreign := Readable(t, b, Request{URL: api, Credentials: tt.mode, Cookie: "a=b"})
		assert.Equal(t, tt.foreign, foreign.Actual().RequestHeader.Has("Cookie"), tt.mode)
	}
}

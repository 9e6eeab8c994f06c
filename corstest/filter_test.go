package corstest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadableResponseHeaders(t *testing.T) {
	const safelisted = "cache-control content-language content-length content-type expires last-modified pragma"
	sent := []string{
		"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true", "X-R: 1", "X-S: 1", "X-S: 2", "Set-Cookie: a=b",
		"Cache-Control: no-store", "Content-Language: en", "Content-Type: text/x", "Expires: 0", "Last-Modified: x", "Pragma: p", "ETag: e",
	}
	for _, tt := range []struct {
		expose        []string
		omit, include string // beside the safelisted ones
	}{
		{nil, "", ""},
		{[]string{""}, "", ""},
		{[]string{"X-R"}, "x-r", "x-r"},
		{[]string{"x-r,, etag"}, "etag x-r", "etag x-r"},
		{[]string{"X-S", "X-R"}, "x-r x-s", "x-r x-s"},
		{[]string{"Set-Cookie, set-cookie2, x-r"}, "x-r", "x-r"},
		{[]string{"X-R, @"}, "", ""},
		{[]string{"X-R", "X S"}, "", ""},
		{[]string{"*"}, "access-control-allow-credentials access-control-allow-origin access-control-expose-headers date etag x-r x-s", ""},
		{[]string{"*, x-r"}, "access-control-allow-credentials access-control-allow-origin access-control-expose-headers date etag x-r x-s", "x-r"},
	} {
		lines := append([]string(nil), sent...)
		for _, value := range tt.expose {
			lines = append(lines, "Access-Control-Expose-Headers: "+value)
		}
		b := browse(t, page, reply(200, lines...))
		for mode, want := range map[Credentials]string{Omit: tt.omit, SameOrigin: tt.omit, Include: tt.include} {
			r := Readable(t, b, Request{URL: api, Credentials: mode})
			all := sortedLowerCase(strings.Fields(safelisted + " " + want))
			assert.Equal(t, all, r.Header.names(), "%q, %s", tt.expose, mode)
		}
	}
}

func TestReadableResponseHeadersAreCombined(t *testing.T) {
	b := browse(t, page, reply(200, "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *", "X-S: 1", "x-s: 2"))
	assert.Equal(t, "1, 2", Readable(t, b, Request{URL: api}).Header.Get("X-S"))
}

func TestOwnOriginReadsAllButSetCookie(t *testing.T) {
	b := browse(t, page, reply(200, "X-R: 1", "Set-Cookie: a=b", "Set-Cookie2: a=b"))
	r := Readable(t, b, Request{URL: "https://A.example:443/items", Method: "PUT", Header: Header{{"X-A", "1"}}})
	assert.Equal(t, []string{"content-length", "content-type", "date", "x-r"}, r.Header.names())
	assert.Equal(t, "body", string(r.Body))
	assert.Zero(t, r.Preflights())
}

func TestNullBodyStatusHasNoBody(t *testing.T) {
	b := browse(t, page, reply(205, "Access-Control-Allow-Origin: *"))
	assert.Nil(t, Readable(t, b, Request{URL: api}).Body)
}

package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoCORSMode(t *testing.T) {
	const image = "https://b.example/a.png"
	b := browse(t, page, reply(404, "Cross-Origin-Resource-Policy: cross-origin"))
	r := Readable(t, b, Request{URL: image, NoCORS: true, Header: Header{{"X-A", "1"}, {"Accept", "image/png"}, {"Range", "bytes=0-1"}}})
	assert.True(t, r.Opaque)
	assert.Zero(t, r.Status)
	assert.Empty(t, r.Header)
	assert.Empty(t, r.Body)
	assert.Zero(t, r.Preflights())
	assert.Equal(t, Header{{"X-A", "1"}, {"Range", "bytes=0-1"}}, r.Dropped)
	assert.Equal(t, "image/png", r.Actual().RequestHeader.Get("Accept"))
	assert.False(t, r.Actual().RequestHeader.Has("Origin"))
	assert.Contains(t, r.Verdict(), "script reads nothing of it")

	r = Readable(t, b, Request{URL: image, NoCORS: true, Method: "POST", Body: "x", ForcePreflight: true, Credentials: Include, Cookie: "a=b"})
	assert.Equal(t, page, r.Actual().RequestHeader.Get("Origin"))
	assert.Equal(t, "a=b", r.Actual().RequestHeader.Get("Cookie"))
	r = Readable(t, b, Request{URL: image, NoCORS: true, Cookie: "a=b"})
	assert.False(t, r.Actual().RequestHeader.Has("Cookie"), "of another origin, same-origin credentials are none")

	assert.Equal(t, InvalidMethod, b.Fetch(Request{URL: image, NoCORS: true, Method: "PUT"}).Reason.Failure)

	r = Readable(t, b, Request{URL: page + "/a.png", NoCORS: true})
	assert.False(t, r.Opaque, "the page's own")
	assert.Equal(t, 404, r.Status)
}

func TestResourcePolicy(t *testing.T) {
	for _, tt := range []struct {
		page, url, policy string
		allowed           bool
	}{
		{"https://a.example.com", "https://a.example.com/", "same-origin", true},
		{"https://a.example.com", "https://b.example.com/", "same-origin", false},
		{"https://a.example.com", "https://b.example.com/", "same-site", true},
		{"https://a.example.com", "http://b.example.com/", "same-site", true},
		{"http://a.example.com", "https://b.example.com/", "same-site", false},
		{"http://a.example.com", "http://b.example.com/", "same-site", true},
		{"https://a.example.com", "https://b.example.org/", "same-site", false},
		{"null", "https://b.example.org/", "same-site", false},
		{"https://a.example.com", "https://b.example.org/", "cross-origin", true},
		{"https://a.example.com", "https://b.example.org/", "", true},
		{"https://a.example.com", "https://b.example.org/", "nonsense", true},
		{"https://a.example.com", "https://b.example.org/", "Same-Origin", true}, // compared with regard to case
	} {
		b := browse(t, tt.page, reply(200, "Cross-Origin-Resource-Policy: "+tt.policy))
		r := b.Fetch(Request{URL: tt.url, NoCORS: true})
		assert.Equal(t, tt.allowed, r.Allowed, tt)
		if !tt.allowed {
			assert.Equal(t, ResourcePolicy, r.Reason.Failure)
			assert.False(t, r.Reason.Failure.IsCORS())
		}
	}
	// With CORS, the header does not matter.
	Readable(t, browse(t, page, reply(200, "Access-Control-Allow-Origin: *", "Cross-Origin-Resource-Policy: same-origin")), Request{URL: api})
}

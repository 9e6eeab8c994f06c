package corstest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// recorder is a TB that keeps what would end a test.
type recorder struct{ failure string }

func (*recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) { r.failure = fmt.Sprintf(format, args...) }

func TestAssertions(t *testing.T) {
	good, bad := Request{URL: api}, Request{URL: api, Method: "PUT", Header: Header{{"X-Z", "1"}}}
	broken := Request{URL: "x"}
	for _, tt := range []struct {
		name  string
		check func(TB, *Browser, Request) *Result
		fails map[string]bool
	}{
		{"Readable", Readable, map[string]bool{"bad": true, "broken": true}},
		{"Blocked", Blocked, map[string]bool{"good": true, "broken": true}},
		{"BlockedBy", func(t TB, b *Browser, r Request) *Result { return BlockedBy(t, b, r, HeaderNotAllowed) }, map[string]bool{"good": true, "broken": true}},
		{"BlockedBy another", func(t TB, b *Browser, r Request) *Result { return BlockedBy(t, b, r, MethodNotAllowed) }, map[string]bool{"good": true, "bad": true, "broken": true}},
	} {
		b := browse(t, page, allowAll)
		for name, request := range map[string]Request{"good": good, "bad": bad, "broken": broken} {
			var tb recorder
			r := tt.check(&tb, b, request)
			assert.NotNil(t, r)
			assert.Equal(t, tt.fails[name], tb.failure != "", "%s %s: %s", tt.name, name, tb.failure)
		}
	}
}

func TestFailedAssertionExplains(t *testing.T) {
	var tb recorder
	Readable(&tb, browse(t, page, allowAll), Request{URL: api, Method: "put", Header: Header{{"X-Z", "1"}, {"Host", "x"}}})
	for _, want := range []string{
		"a page of https://a.example should be able to read PUT https://b.example/items",
		"does not list the request header x-z",
		"remedy: Add x-z to the allowed request headers: Access-Control-Allow-Headers: x-a, x-b, authorization, content-type, x-z.",
		"dropped: a page may not set Host",
		"> OPTIONS https://b.example/items\n",
		"> Access-Control-Request-Headers: x-z\n",
		"< 200 OK\n",
		"< Access-Control-Allow-Methods: PUT, DELETE, PATCH\n",
	} {
		assert.Contains(t, tb.failure, want)
	}
}

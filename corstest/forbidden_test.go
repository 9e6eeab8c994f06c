package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestForbiddenRequestHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"Accept-Charset", "", true}, {"accept-encoding", "", true}, {"Access-Control-Request-Headers", "", true},
		{"ACCESS-CONTROL-REQUEST-METHOD", "", true}, {"Connection", "", true}, {"Content-Length", "", true}, {"Cookie", "", true},
		{"Cookie2", "", true}, {"Date", "", true}, {"DNT", "", true}, {"Expect", "", true}, {"Host", "", true},
		{"Keep-Alive", "", true}, {"Origin", "", true}, {"Referer", "", true}, {"Set-Cookie", "", true}, {"TE", "", true},
		{"Trailer", "", true}, {"Transfer-Encoding", "", true}, {"Upgrade", "", true}, {"Via", "", true},
		{"Proxy-", "", true}, {"proxy-foo", "", true}, {"Sec-", "", true}, {"SEC-Fetch-Site", "", true},
		{"Proxy", "", false}, {"Sec", "", false}, {"Second", "", false}, {"X-Sec-", "", false},
		{"User-Agent", "", false}, {"Authorization", "", false}, {"Set-Cookie2", "", false}, {"Access-Control-Request-Other", "", false},

		{"X-HTTP-Method", "GET", false},
		{"X-HTTP-Method", "trace", true},
		{"X-HTTP-Method-Override", "PUT, \tTRACK ", true},
		{"x-method-override", "CONNECT", true},
		{"X-Method-Override", ",,TRACE", true},
		{"X-HTTP-Method", "TRACES", false},
		{"X-HTTP-Method", "TRACE;x", false},
		{"X-HTTP-Method", `"a,TRACE"`, false},
		{"X-HTTP-Method", `"a",TRACE`, true},
		{"X-HTTP-Method", `"a\",TRACE"`, false},
		{"X-HTTP-Method", `"a\\",TRACE`, true},
		{"X-HTTP-Method", `"TRACE"`, false},
		{"X-HTTP-Methods", "TRACE", false},
	} {
		assert.Equal(t, tt.want, forbiddenRequestHeader(tt.name, tt.value), "%s: %s", tt.name, tt.value)
	}
}

func TestForbiddenRequestHeadersAreDroppedSilently(t *testing.T) {
	b := browse(t, "https://a.example", allowAll)
	r := Readable(t, b, Request{URL: "https://b.example/", Header: Header{{"Cookie", "a=b"}, {"ORIGIN", "https://x.example"}}})
	assert.Equal(t, Header{{"Cookie", "a=b"}, {"ORIGIN", "https://x.example"}}, r.Dropped)
	assert.Equal(t, []string{"https://a.example"}, r.Actual().RequestHeader.Values("Origin"))
	assert.False(t, r.Actual().RequestHeader.Has("Cookie"))
	assert.Equal(t, PreflightNotNeeded, r.Hops[0].Preflight)
}

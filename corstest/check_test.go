package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCORSCheck(t *testing.T) {
	const none = Failure("")
	for _, tt := range []struct {
		lines         []string
		omit, include Failure
	}{
		{nil, AllowOriginMissing, AllowOriginMissing},
		{[]string{"Access-Control-Allow-Credentials: true"}, AllowOriginMissing, AllowOriginMissing},
		{[]string{"Access-Control-Allow-Origin: *"}, none, AllowOriginWildcard},
		{[]string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"}, none, AllowOriginWildcard},
		{[]string{"Access-Control-Allow-Origin: $O"}, none, AllowCredentialsMissing},
		{[]string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true"}, none, none},
		{[]string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: True"}, none, AllowCredentialsMissing},
		{[]string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: false"}, none, AllowCredentialsMissing},
		{[]string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true"}, none, AllowCredentialsMissing},
		{[]string{"Access-Control-Allow-Origin: $O/"}, AllowOriginMismatch, AllowOriginMismatch},
		{[]string{"Access-Control-Allow-Origin: https://A.example"}, AllowOriginMismatch, AllowOriginMismatch},
		{[]string{"Access-Control-Allow-Origin: http://a.example"}, AllowOriginMismatch, AllowOriginMismatch},
		{[]string{"Access-Control-Allow-Origin: null"}, AllowOriginMismatch, AllowOriginMismatch},
		{[]string{"Access-Control-Allow-Origin: "}, AllowOriginMismatch, AllowOriginMismatch},
		{[]string{"Access-Control-Allow-Origin: $O", "Access-Control-Allow-Origin: $O"}, AllowOriginMultiple, AllowOriginMultiple},
		{[]string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: *"}, AllowOriginMultiple, AllowOriginMultiple},
		{[]string{"Access-Control-Allow-Origin: $O, https://b.example"}, AllowOriginMultiple, AllowOriginMultiple},
		{[]string{"Access-Control-Allow-Origin: $O https://b.example"}, AllowOriginMultiple, AllowOriginMultiple},
	} {
		b := browse(t, page, reply(200, tt.lines...))
		for mode, want := range map[Credentials]Failure{Omit: tt.omit, SameOrigin: tt.omit, Include: tt.include} {
			r := b.Fetch(Request{URL: api, Credentials: mode})
			assert.Equal(t, want, r.Reason.Failure, "%q, %s", tt.lines, mode)
			assert.Equal(t, want == none, r.Allowed, "%q, %s", tt.lines, mode)

			// A preflight carries no credentials, but is checked as the request is.
			r = b.Fetch(Request{URL: api, Credentials: mode, ForcePreflight: true})
			assert.Equal(t, want, r.Reason.Failure, "preflight: %q, %s", tt.lines, mode)
			assert.Equal(t, want != none, r.Reason.Preflight, "preflight: %q, %s", tt.lines, mode)
			assert.False(t, r.Preflight() == nil || r.Preflight().RequestHeader.Has("Cookie"))
			b.ForgetPreflights()
		}
	}
}

func TestCORSCheckOfErrorsIsMadeToo(t *testing.T) {
	for _, status := range []int{204, 304, 400, 404, 500, 503} {
		r := browse(t, page, reply(status, "Access-Control-Allow-Origin: *")).Fetch(Request{URL: api})
		assert.True(t, r.Allowed)
		assert.Equal(t, status, r.Status)
		r = browse(t, page, reply(status)).Fetch(Request{URL: api})
		assert.Equal(t, AllowOriginMissing, r.Reason.Failure)
	}
}

func TestOpaqueOriginIsSentAsNull(t *testing.T) {
	r := browse(t, "null", reply(200, "Access-Control-Allow-Origin: null")).Fetch(Request{URL: api})
	assert.True(t, r.Allowed)
	assert.Equal(t, "null", r.Actual().RequestHeader.Get("Origin"))
	r = browse(t, "null", reply(200)).Fetch(Request{URL: api})
	assert.Equal(t, AllowOriginMissing, r.Reason.Failure)
}

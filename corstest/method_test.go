package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMethodNormalization(t *testing.T) {
	for method, want := range map[string]string{
		"get": "GET", "Head": "HEAD", "pOST": "POST", "put": "PUT", "delete": "DELETE", "options": "OPTIONS",
		"patch": "patch", "Patch": "Patch", "PATCH": "PATCH", "propfind": "propfind", "getx": "getx",
	} {
		assert.Equal(t, want, normalizeMethod(method))
	}
}

func TestForbiddenMethods(t *testing.T) {
	for _, method := range []string{"CONNECT", "TRACE", "TRACK", "trace", "Track", "cOnNeCt"} {
		r := browse(t, "https://a.example", nil).Fetch(Request{URL: "https://b.example/", Method: method})
		assert.Equal(t, ForbiddenMethod, r.Reason.Failure, method)
		assert.Empty(t, r.Hops)
	}
	assert.False(t, isForbidden("TRACER"))
}

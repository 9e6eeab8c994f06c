package browsertest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

func debugModeNamesTheCulprit(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	config := cors.Config{AllowOrigins: []string{app.origin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-Token"}}
	stranger := config
	stranger.AllowOrigins = []string{"https://example.org"}
	tests := []struct {
		config       cors.Config
		request      request
		usual, debug string
		named        string
	}{
		{
			stranger, request{method: "PUT"},
			"PreflightMissingAllowOriginHeader", "PreflightMissingAllowOriginHeader", "",
		},
		{
			config, request{method: "DELETE"},
			"PreflightMissingAllowOriginHeader", "MethodDisallowedByPreflightResponse DELETE", "DELETE",
		},
		{
			config, request{method: "PUT", header: [][2]string{{"X-Other", "1"}}},
			"PreflightMissingAllowOriginHeader", "HeaderDisallowedByPreflightResponse", "x-other",
		},
		{
			config, request{method: "PUT", header: [][2]string{{"X-Token", "1"}, {"X-Zebra", "1"}}},
			"PreflightMissingAllowOriginHeader", "HeaderDisallowedByPreflightResponse", "x-zebra",
		},
	}
	var calls []fetchCall
	for i, test := range tests {
		for _, debug := range []bool{false, true} {
			p := policy{name: fmt.Sprintf("%d-%t", i, debug), config: test.config, debug: debug}
			s.add(t, p)
			calls = append(calls, test.request.call(s.apiURL(p, "plain")))
		}
	}
	results := b.fetchAll(t, app, calls)
	for i, test := range tests {
		usual, debug := results[2*i], results[2*i+1]
		require.False(t, usual.Allowed)
		require.False(t, debug.Allowed)
		if b.as == corstest.Chromium { // others do not tell
			require.Equal(t, test.usual, usual.cause)
			require.Equal(t, test.debug, debug.cause)
			require.Equal(t, test.named, debug.named)
		}
	}
}

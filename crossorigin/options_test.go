package crossorigin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// TestMistakesInOptions: each is reported with its place.
func TestMistakesInOptions(t *testing.T) {
	trusted := func(s string) crossorigin.Options {
		return crossorigin.Options{TrustedOrigins: []string{"https://a.example", s}}
	}
	own := func(s string) crossorigin.Options {
		return crossorigin.Options{OwnOrigins: []string{"https://a.example", s}}
	}
	webSocket := func(s string) crossorigin.Options { return crossorigin.Options{WebSockets: []string{"/a", s}} }
	bypass := func(s string) crossorigin.Options { return crossorigin.Options{DangerouslyBypass: []string{"/a", s}} }
	const notAsRead = "is not how a server reads a path"
	for _, test := range []struct {
		options crossorigin.Options
		code    cors.ErrorCode
		field   string
		value   string
		reason  string
	}{
		{trusted("*"), crossorigin.CodeTrustsEverySite, "TrustedOrigins", "*", "would trust every site"},
		{trusted("https://*"), crossorigin.CodeTrustsEverySite, "TrustedOrigins", "https://*", "would trust every site"},
		{trusted("http://*:8080"), crossorigin.CodeTrustsEverySite, "TrustedOrigins", "http://*:8080", "would trust every site"},
		{trusted("null"), crossorigin.CodeTrustsEverySite, "TrustedOrigins", "null", "would trust every site"},
		{trusted("https://b.example/"), cors.CodeOriginHasPath, "TrustedOrigins", "https://b.example/", "has a path"},
		{trusted("http://b.example"), cors.CodeInsecureWithCredentials, "TrustedOrigins", "http://b.example", "is not secure"},
		{trusted("https://*.github.io"), cors.CodePublicSuffixWithCredentials, "TrustedOrigins", "https://*.github.io", "public suffix"},
		{own("*"), crossorigin.CodeNotOneOrigin, "OwnOrigins", "*", "is not one origin of a server"},
		{own("null"), crossorigin.CodeNotOneOrigin, "OwnOrigins", "null", "is not one origin of a server"},
		{own("https://*.a.example"), crossorigin.CodeNotOneOrigin, "OwnOrigins", "https://*.a.example", "is not one origin of a server"},
		{own("b.example"), cors.CodeOriginWithoutScheme, "OwnOrigins", "b.example", "has no scheme"},
		{webSocket("live"), crossorigin.CodePathMalformed, "WebSockets", "live", `has no path that begins with "/"`},
		{webSocket("GET /live"), crossorigin.CodePathMalformed, "WebSockets", "GET /live", "has a method in front"},
		{webSocket("/rooms/*"), crossorigin.CodePathMalformed, "WebSockets", "/rooms/*", "has a wildcard"},
		{bypass(""), crossorigin.CodePathMalformed, "DangerouslyBypass", "", `has no path that begins with "/"`},
		{bypass("POST"), crossorigin.CodePathMalformed, "DangerouslyBypass", "POST", `has no path that begins with "/"`},
		{bypass(" /x"), crossorigin.CodePathMalformed, "DangerouslyBypass", " /x", "has no method in upper case"},
		{bypass("post /x"), crossorigin.CodePathMalformed, "DangerouslyBypass", "post /x", "has no method in upper case"},
		{bypass("POST  /x"), crossorigin.CodePathMalformed, "DangerouslyBypass", "POST  /x", `has no path that begins with "/"`},
		{bypass("/{id}"), crossorigin.CodePathMalformed, "DangerouslyBypass", "/{id}", "has a wildcard"},
		{bypass("/x?y"), crossorigin.CodePathMalformed, "DangerouslyBypass", "/x?y", "has a query or a fragment"},
		{bypass("/x#y"), crossorigin.CodePathMalformed, "DangerouslyBypass", "/x#y", "has a query or a fragment"},
		{bypass("/x%20y"), crossorigin.CodePathMalformed, "DangerouslyBypass", "/x%20y", notAsRead},
		{bypass("//x"), crossorigin.CodePathMalformed, "DangerouslyBypass", "//x", notAsRead},
		{bypass("/x/../y"), crossorigin.CodePathMalformed, "DangerouslyBypass", "/x/../y", notAsRead},
		{bypass("/x/."), crossorigin.CodePathMalformed, "DangerouslyBypass", "/x/.", notAsRead},
	} {
		t.Run(test.field+" "+test.value, func(t *testing.T) {
			_, err := crossorigin.New(test.options)
			var mistake *cors.ConfigError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, test.code, mistake.Code)
			require.Equal(t, test.field, mistake.Field)
			require.Equal(t, 1, mistake.Index)
			require.Equal(t, test.value, mistake.Value)
			require.Contains(t, mistake.Reason, test.reason)
		})
	}
}

func TestAReportNeedsSomebodyToReadIt(t *testing.T) {
	_, err := crossorigin.New(crossorigin.Options{ReportOnly: true})
	require.EqualError(t, err, "ReportOnly: refuses nothing and tells nobody, so that it does nothing; set OnDecision")
	var mistake *cors.ConfigError
	require.ErrorAs(t, err, &mistake)
	require.Equal(t, crossorigin.CodeReportToNobody, mistake.Code)
}

// TestEveryMistakeIsReported, at once.
func TestEveryMistakeIsReported(t *testing.T) {
	_, err := crossorigin.New(crossorigin.Options{
		TrustedOrigins:    []string{"https://a.example/", "b.example"},
		OwnOrigins:        []string{"https://*.example", "https://ok.example"},
		WebSockets:        []string{"live"},
		DangerouslyBypass: []string{"hook", "/ok"},
	})
	require.Error(t, err)
	var fields []string
	for _, mistake := range err.(interface{ Unwrap() []error }).Unwrap() {
		var m *cors.ConfigError
		require.True(t, errors.As(mistake, &m))
		fields = append(fields, m.Field+" "+m.Value)
	}
	require.Equal(t, []string{
		"TrustedOrigins https://a.example/", "TrustedOrigins b.example", "OwnOrigins https://*.example", "WebSockets live", "DangerouslyBypass hook",
	}, fields)
	require.Contains(t, err.Error(), `TrustedOrigins[0]: "https://a.example/" has a path; an origin is scheme, host and port: did you mean "https://a.example"?`)
}

// TestWhatIsDangerousHasToBeSaid, and is then accepted.
func TestWhatIsDangerousHasToBeSaid(t *testing.T) {
	p, err := crossorigin.New(crossorigin.Options{
		TrustedOrigins:                  []string{"http://partner.example", "https://*.github.io", "http://localhost:*", "app://obsidian.md"},
		DangerouslyAllowInsecureOrigins: true,
		DangerouslyAllowPublicSuffixes:  true,
	})
	require.NoError(t, err)
	for _, origin := range []string{"http://partner.example", "https://x.github.io", "http://localhost:3000", "app://obsidian.md"} {
		require.Equal(t, crossorigin.Trusted, outcome(t, p, "POST / HTTP/1.1"+crossSite+"\nOrigin: "+origin))
	}
}

// TestOptionsAreReadOnce: changing the lists afterwards changes nothing.
func TestOptionsAreReadOnce(t *testing.T) {
	o := crossorigin.Options{TrustedOrigins: []string{"https://partner.example"}, DangerouslyBypass: []string{"/hook"}, WebSockets: []string{"/live"}}
	p := crossorigin.MustNew(o)
	o.TrustedOrigins[0], o.DangerouslyBypass[0], o.WebSockets[0] = "https://evil.example", "/x", "/x"
	require.Equal(t, crossorigin.RefusedSite, outcome(t, p, "POST /x HTTP/1.1"+crossSite+fromEvil))
	require.Equal(t, crossorigin.RefusedOrigin, outcome(t, p, "GET /live HTTP/1.1\nUpgrade: websocket"+fromEvil))
}

func TestMustNewPanicsWithTheMistake(t *testing.T) {
	defer func() {
		err, ok := recover().(error)
		require.True(t, ok)
		require.True(t, strings.HasPrefix(err.Error(), "crossorigin: TrustedOrigins[0]: "), err)
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
	}()
	crossorigin.MustNew(crossorigin.Options{TrustedOrigins: []string{"partner.example"}})
}

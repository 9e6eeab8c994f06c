package crossorigin_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// Where a server does not normalize names, one header can have several spellings.

// TestTwoSpellingsAreTwoLines: neither is trusted.
func TestTwoSpellingsAreTwoLines(t *testing.T) {
	p := crossorigin.MustNew(crossorigin.Options{TrustedOrigins: []string{"https://partner.example"}})
	for lines, want := range map[string]crossorigin.Outcome{
		fromPartner:                                      crossorigin.Trusted,
		"\norigin: https://partner.example":              crossorigin.Trusted,
		"\norigin: https://partner.example" + fromEvil:   crossorigin.RefusedOrigin,
		fromPartner + "\norigin: https://evil.example":   crossorigin.RefusedOrigin,
		fromPartner + "\nORIGIN: https://evil.example":   crossorigin.RefusedOrigin,
		fromPartner + "\nX-Origin: https://evil.example": crossorigin.Trusted,
	} {
		require.Equal(t, want, p.Evaluate(asSent(t, lines)).Outcome, lines)
	}
}

func TestTheUsualSpellingIsRead(t *testing.T) {
	p := new(crossorigin.Protection)
	for _, lines := range []string{
		"\noRIGIN: https://evil.example\nOrigin: https://api.example", "\nOrigin: https://api.example\noRIGIN: https://evil.example",
	} {
		d := p.Evaluate(asSent(t, lines))
		require.Equal(t, crossorigin.SameHost, d.Outcome)
		require.Equal(t, "https://api.example", string(d.Origin))
	}
	// Where that is empty, it is not there.
	require.Equal(t, crossorigin.RefusedOrigin, p.Evaluate(asSent(t, "\nOrigin:\norigin: https://evil.example")).Outcome)
}

// TestLongerNamesAreOtherNames, also in front of the one that is looked for.
func TestLongerNamesAreOtherNames(t *testing.T) {
	p := new(crossorigin.Protection)
	require.Equal(t, crossorigin.RefusedOrigin, p.Evaluate(asSent(t, "\noRIGIN-Trial: x\norigin: https://evil.example")).Outcome)
	require.Equal(t, crossorigin.RefusedSite, p.Evaluate(asSent(t, "\nsec-fetch-site-x: same-origin\nsec-fetch-site: cross-site")).Outcome)
	require.Equal(t, crossorigin.NoOrigin, p.Evaluate(asSent(t, "\noRIGIN-Trial: https://evil.example")).Outcome)
}

// TestNamesAreNormalizedAsBefore, or not, for the handler.
func TestNamesAreNormalizedAsBefore(t *testing.T) {
	policy := cors.MustNew(cors.Config{AllowOrigins: []string{"https://partner.example"}, AllowCredentials: true})
	p := crossorigin.MustNew(crossorigin.Options{TrustPolicy: policy, WebSockets: []string{"/"}})
	for _, request := range []string{
		"GET / HTTP/1.1", "POST / HTTP/1.1", "POST / HTTP/1.1" + fromEvil, "POST / HTTP/1.1" + crossSite + fromPartner, "POST / HTTP/1.1\nSec-Fetch-Site: none",
	} {
		for _, namesAsSent := range []bool{false, true} {
			var ctx fasthttp.RequestCtx
			require.NoError(t, readInto(&ctx, raw(request+"\nHost: api.example\nX-Name: found"), namesAsSent))
			p.Evaluate(&ctx)
			require.Equal(t, namesAsSent, string(ctx.Request.Header.Peek("x-name")) != "found", request)
		}
	}
}

// asSent returns a POST request with the lines, as a server that does not normalize names reads it.
func asSent(t *testing.T, lines string) *fasthttp.RequestCtx {
	t.Helper()
	ctx := new(fasthttp.RequestCtx)
	require.NoError(t, readInto(ctx, raw("POST / HTTP/1.1\nHost: api.example"+lines), true))
	return ctx
}

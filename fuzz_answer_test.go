package cors_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// answer is what is known of a response before it is read.
type answer struct {
	request    naiveRequest
	config     cors.Config
	debug      bool
	handlerRan bool
	failed     bool     // the server could not read the request to its end
	vary       []string // elements that were there before the middleware wrote

	// Whether the body may be missing, or be there although it should not: fasthttp sends one with a timeout's response
	// to HEAD, and none of a stream that a handler wants skipped. What follows cannot be read then.
	unframed bool
}

// check reads one response from br and holds it to the policy.
func (a *answer) check(t *testing.T, br *bufio.Reader) {
	response, err := http.ReadResponse(br, &http.Request{Method: a.request.method})
	for err == nil && response.StatusCode == 100 {
		response, err = http.ReadResponse(br, &http.Request{Method: a.request.method})
	}
	require.NoError(t, err, "response to %+v", a.request)
	if !a.unframed {
		_, err = io.ReadAll(response.Body)
		require.NoError(t, err, "body of the response to %+v", a.request)
	}

	lines := map[string][]string{}
	for name, values := range response.Header {
		lines[strings.ToLower(name)] = values
	}
	context := fmt.Sprintf("policy %+v, debug %v, request %+v, response %d %v", a.config, a.debug, a.request, response.StatusCode, lines)

	outcome := naiveVerdict(&a.config, &a.request)
	if !a.failed {
		require.Equal(t, !outcome.IsPreflight(), a.handlerRan, context)
	} else if outcome.IsPreflight() {
		// It is not the middleware that answers it, and no browser takes it for a yes.
		require.GreaterOrEqual(t, response.StatusCode, 400, context)
		for _, name := range naiveOwned {
			require.LessOrEqual(t, len(lines[name]), 1, context)
		}
		return
	}
	if len(a.request.requestMethods) > 1 && outcome.IsPreflight() {
		// No browser sent it. It is refused, but which of its faults is found first does not matter.
		require.Empty(t, lines["access-control-allow-headers"], context)
		return
	}
	want, vary := naiveHeaders(&a.config, a.debug, &a.request)
	got := map[string]string{}
	for _, name := range naiveOwned {
		require.LessOrEqual(t, len(lines[name]), 1, "%s: %s", name, context)
		if len(lines[name]) == 0 {
			continue
		}
		got[name] = lines[name][0]
		switch name {
		case "access-control-allow-headers", "access-control-expose-headers":
			got[name] = naiveListForm(naiveElements([]string{naiveASCIILower(lines[name][0])}))
		case "access-control-allow-methods":
			got[name] = naiveListForm(naiveElements(lines[name]))
		}
	}
	require.Equal(t, want, got, context)
	a.checkVary(t, lines["vary"], vary, context)
	a.checkBrowser(t, lines, response.StatusCode, outcome, context)
}

// checkVary: the names are added to what was there, none is lost or listed twice, and "*" stays.
func (a *answer) checkVary(t *testing.T, lines, names []string, context string) {
	got := naiveElements(lines)
	for i := range got {
		got[i] = strings.ToLower(got[i])
	}
	want := append(slices.Clone(a.vary), names...)
	slices.Sort(want)
	want = slices.Compact(want)
	slices.Sort(got)
	switch {
	case slices.Contains(a.vary, "*"):
		require.Contains(t, got, "*", context)
	case len(names) == 0: // is the handler's own affair
		require.Equal(t, want, append([]string(nil), slices.Compact(got)...), context)
	default:
		require.Len(t, lines, 1, context)
		require.Equal(t, want, got, context)
	}
}

// checkBrowser: a browser that had sent this request would let it pass exactly if the policy means so.
func (a *answer) checkBrowser(t *testing.T, lines map[string][]string, status int, outcome cors.Outcome, context string) {
	r := &a.request
	if len(r.origins) != 1 || !naiveMayBeOrigin(r.origins[0]) {
		return // was not sent by a browser
	}
	credentials := a.config.AllowCredentials
	if !outcome.IsPreflight() {
		for _, include := range []bool{false, true} {
			want := outcome == cors.ActualAllowed && (credentials || !include)
			require.Equal(t, want, naiveCORSCheck(lines, r.origins[0], include), "include %v: %s", include, context)
		}
		return
	}
	if a.debug || status < 300 {
		require.Equal(t, naiveStatus(&a.config, a.debug, outcome), status, context)
	}
	if len(r.requestMethods) != 1 || !naiveTokenForm.MatchString(r.requestMethods[0]) || len(r.requestHeaders) > 1 {
		return
	}
	names := naiveElements(r.requestHeaders)
	if len(r.requestHeaders) == 1 && r.requestHeaders[0] != strings.Join(naiveNames(names), ",") {
		return
	}
	for _, include := range []bool{false, true} {
		want := outcome == cors.PreflightAllowed && (credentials || !include)
		got := naivePreflightCheck(lines, status, r.origins[0], r.requestMethods[0], names, include)
		require.Equal(t, want, got, "include %v: %s", include, context)
	}
}

func varyElements(h *fasthttp.ResponseHeader) []string {
	var lines []string
	for name, value := range h.All() {
		if strings.EqualFold(string(name), "Vary") {
			lines = append(lines, strings.ToLower(string(value)))
		}
	}
	return naiveElements(lines)
}

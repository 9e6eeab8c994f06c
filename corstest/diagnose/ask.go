package diagnose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// maxQuestions bounds the preflights that are sent beyond the exchange.
const maxQuestions = 20

// Question is a preflight that was sent to find out more.
type Question struct {
	Origin  string
	URL     string
	Method  string
	Headers []string // the names asked for, in lower case

	Allowed  bool               // whether a browser would go on to send such a request
	Reason   corstest.Reason    // otherwise, why not
	Exchange *corstest.Exchange // nil where it could not be sent
}

// String tells what was asked and what came of it in a line.
func (q Question) String() string {
	s := fmt.Sprintf("%s, %s", q.Origin, q.Method)
	if len(q.Headers) > 0 {
		s += " with " + clip(strings.Join(q.Headers, ", "))
	}
	switch {
	case q.Allowed:
		return s + ": allowed"
	case q.Exchange == nil || q.Exchange.Err != nil:
		return s + ": no answer"
	}
	return fmt.Sprintf("%s: refused (status %d, %s)", s, q.Exchange.Status, q.Reason.Failure)
}

// asker asks a server further questions, each once.
type asker struct {
	ctx     context.Context
	browser *corstest.Browser
	request corstest.Request
	passive bool
	asked   []Question
}

// at says which URL the questions are about.
func (a *asker) at(url string) { a.request.URL = url }

// ask sends a preflight for a method and those of the request's headers that are named. It returns false where no more may be
// asked, or there is no time.
func (a *asker) ask(origin, method string, names []string) (q Question, ok bool) {
	for _, earlier := range a.asked {
		if earlier.Origin == origin && earlier.URL == a.request.URL && earlier.Method == method && slices.Equal(earlier.Headers, names) {
			return earlier, true
		}
	}
	if a.passive || len(a.asked) >= maxQuestions || a.ctx.Err() != nil {
		return Question{}, false
	}
	request := corstest.Request{
		Method: method, URL: a.request.URL, Credentials: a.request.Credentials, Header: a.lines(names),
		// Not with other methods, which a forced preflight's response need not list.
		ForcePreflight: isSafelistedMethod(method),
	}
	result := a.browser.Incognito(origin).PreflightContext(a.ctx, request)
	q = Question{Origin: origin, URL: request.URL, Method: method, Headers: names, Allowed: result.Allowed, Reason: result.Reason}
	q.Exchange = result.Preflight()
	if q.Exchange == nil || q.Exchange.Err != nil && a.ctx.Err() != nil {
		return Question{}, false
	}
	a.asked = append(a.asked, q)
	return q, true
}

// lines returns those of the request's header lines that have one of the names.
func (a *asker) lines(names []string) (lines corstest.Header) {
	for _, line := range a.request.Header {
		if slices.Contains(names, strings.ToLower(line[0])) {
			lines = append(lines, line)
		}
	}
	return lines
}

// replay judges a response again, as the answer to another request: what would a browser make of it if less were asked?
func (d *diagnosis) replay(x *corstest.Exchange, origin, method string, names []string) *corstest.Result {
	b := d.asker.browser.Incognito(origin)
	b.RoundTrip = func(_ context.Context, again *corstest.Exchange) {
		again.Status, again.StatusText, again.ResponseHeader = x.Status, x.StatusText, x.ResponseHeader
	}
	return b.Preflight(corstest.Request{
		Method: method, URL: d.hop.URL, Credentials: d.request.Credentials, ForcePreflight: isSafelistedMethod(method), Header: d.asker.lines(names),
	})
}

// requested returns the method and the header names that a preflight asked for.
func requested(preflight *corstest.Exchange) (method string, names []string) {
	method = preflight.RequestHeader.Get("Access-Control-Request-Method")
	for _, name := range strings.Split(preflight.RequestHeader.Get("Access-Control-Request-Headers"), ",") {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return method, names
}

func isSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// clip shortens what comes from the server, for a sentence.
func clip(s string) string {
	if len(s) > 300 {
		return fmt.Sprintf("%s... (%d bytes more)", strings.ToValidUTF8(s[:300], ""), len(s)-300)
	}
	return s
}

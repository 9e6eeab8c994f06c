package corstest

import (
	"fmt"
	"strings"
)

// PreflightState says how the leave for a request came about.
type PreflightState string

const (
	PreflightNotNeeded PreflightState = ""       // the request is of the page's own origin, or simple
	PreflightSent      PreflightState = "sent"   // the server was asked
	PreflightCached    PreflightState = "cached" // an earlier preflight covers it
)

// Hop is what was done for one URL: the first, or one that a redirect led to.
type Hop struct {
	URL               string // without a fragment
	SameOrigin        bool   // whether it is the page's own origin's, so that CORS does not apply
	Preflight         PreflightState
	PreflightExchange *Exchange // nil unless Preflight is PreflightSent
	Actual            *Exchange // nil where the preflight failed
	Repeated          *Exchange // the request's first sending, where its status had the browser send it twice
}

// Result is what came of a fetch.
type Result struct {
	// Allowed is whether script got a response, of whatever status. Otherwise fetch threw, and Reason says why.
	Allowed bool

	// Opaque is whether script reads nothing of the response that it got, not even the status: see [Request.NoCORS].
	Opaque bool

	// Status, Header and Body are what script may read; zero unless Allowed. Header has each name once, in lower
	// case and in order, as iterating over it in a browser gives.
	Status int
	Header Header
	Body   []byte

	// Reason is why script got nothing. Its Failure is "" if Allowed.
	Reason Reason

	// Origin and Credentials are the page's origin and the request's credentials mode.
	Origin      string
	Credentials Credentials

	// Dropped are the headers that the page set although it may not.
	Dropped Header

	// Hops are the exchanges, in order. There are none where the request is not well formed.
	Hops []Hop
}

// Preflight returns the first preflight that was sent, or nil.
func (r *Result) Preflight() *Exchange {
	for _, hop := range r.Hops {
		if hop.PreflightExchange != nil {
			return hop.PreflightExchange
		}
	}
	return nil
}

// Actual returns the last actual request that was sent, or nil.
func (r *Result) Actual() *Exchange {
	for i := len(r.Hops) - 1; i >= 0; i-- {
		if r.Hops[i].Actual != nil {
			return r.Hops[i].Actual
		}
	}
	return nil
}

// Preflights returns how many preflights were sent.
func (r *Result) Preflights() int {
	n := 0
	for _, hop := range r.Hops {
		if hop.Preflight == PreflightSent {
			n++
		}
	}
	return n
}

// String returns the verdict and the exchange: what a person needs who asks why.
func (r *Result) String() string {
	var b strings.Builder
	b.WriteString(r.Verdict())
	for _, hop := range r.Hops {
		fmt.Fprintf(&b, "\n%s", hop)
	}
	return b.String()
}

// Verdict returns what came of the fetch, with reason and remedy, in lines.
func (r *Result) Verdict() string {
	var b strings.Builder
	switch {
	case r.Opaque:
		b.WriteString("allowed: the response can be shown or run, as an image or a script; script reads nothing of it\n")
	case r.Allowed && r.Actual() == nil:
		b.WriteString("allowed: a browser sends the request; whether script may read the response was not asked\n")
	case r.Allowed:
		fmt.Fprintf(&b, "allowed: script reads status %d, %d bytes of body and these headers: %s\n",
			r.Status, len(r.Body), shown(strings.Join(r.Header.names(), ", ")))
	default:
		word := "blocked"
		if r.Reason.Failure == NetworkFailure || len(r.Hops) == 0 {
			word = "failed"
		}
		fmt.Fprintf(&b, "%s: %s\n", word, Visible(r.Reason.Message, false))
		if r.Reason.Remedy != "" {
			fmt.Fprintf(&b, "remedy: %s\n", Visible(r.Reason.Remedy, false))
		}
	}
	for _, line := range r.Dropped {
		fmt.Fprintf(&b, "dropped: a page may not set %s\n", line[0])
	}
	return b.String()
}

// String returns the hop's exchanges, request lines marked with ">" and response lines with "<".
func (h Hop) String() string {
	var b strings.Builder
	switch {
	case h.SameOrigin:
		b.WriteString("the page's own origin: CORS does not apply\n")
	case h.Preflight == PreflightNotNeeded:
		b.WriteString("no preflight needed\n")
	case h.Preflight == PreflightCached:
		b.WriteString("preflight answered from the cache\n")
	case h.Preflight == PreflightSent:
		fmt.Fprintf(&b, "preflight\n%s", h.PreflightExchange)
	}
	if h.Repeated != nil {
		fmt.Fprintf(&b, "\nactual request, which browsers repeat after this status\n%s", h.Repeated)
	}
	if h.Actual != nil {
		fmt.Fprintf(&b, "\nactual request\n%s", h.Actual)
	}
	return b.String()
}

// maxShownLines and maxShownBytes are how many header lines, and how much of each, are worth a look in a test's log.
const (
	maxShownLines = 100
	maxShownBytes = 1000
)

// String returns the lines of the request, marked with ">", and of the response, marked with "<", without bodies. What is
// too long is cut, and what a terminal would obey is escaped.
func (x *Exchange) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "> %s %s\n", shown(x.Method), shown(x.URL))
	writeMarked(&b, "> ", x.RequestHeader)
	if x.Status != 0 {
		fmt.Fprintf(&b, "< %s\n", strings.TrimSpace(fmt.Sprintf("%d %s", x.Status, shown(x.StatusText))))
		writeMarked(&b, "< ", x.ResponseHeader)
	}
	if x.Err != nil {
		fmt.Fprintf(&b, "! %s\n", shown(x.Err.Error()))
	}
	return b.String()
}

func writeMarked(b *strings.Builder, mark string, h Header) {
	for i, line := range h {
		if i == maxShownLines {
			fmt.Fprintf(b, "%s... (%d lines more)\n", mark, len(h)-i)
			break
		}
		fmt.Fprintf(b, "%s%s\n", mark, shown(line[0]+": "+line[1]))
	}
}

func shown(s string) string { return Visible(clip(s, maxShownBytes), false) }

// Package diagnose finds out why a page cannot read a server's response, whichever server it is.
//
// A browser says which rule a response breaks, and often that is not what is wrong: where a preflight is answered with 403 and
// nothing else, "no Access-Control-Allow-Origin" is true of an origin that is not listed, of a method that is not, and of a
// firewall. [Fetch] looks at everything in the exchange and asks again, by preflights that ask for less: plain GET tells the
// origin from the method and the request headers, the method alone and the headers by halves tell the rest. Preflights change
// nothing at a server; no actual request is ever sent twice.
//
//	report := diagnose.Fetch(ctx, corstest.NewLiveBrowser("https://app.example.com"), request, diagnose.Options{})
//	for _, cause := range report.Causes {
//		fmt.Println(cause.Certain, cause.Message, cause.Remedy)
//	}
//
// What the evidence leaves open is told as a suspect, the most likely one first, and never as a cause. [Report.Notes] tells what is
// not CORS and would still hurt: caches, mixed content, cookies that browsers drop, a server that allows everybody.
package diagnose

import (
	"context"
	"fmt"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// Options says how far Fetch may go.
type Options struct {
	// Passive asks nothing beyond what a browser would: one preflight at most, and the request.
	Passive bool

	// PreflightOnly sends no actual request.
	PreflightOnly bool
}

// Verdict is what a browser makes of a request.
type Verdict string

const (
	Allowed Verdict = "allowed" // script reads the response; with PreflightOnly, the request would be sent
	Blocked Verdict = "blocked" // the browser lets script read nothing
	Failed  Verdict = "failed"  // there was nothing to judge: the request is not well formed, or no response came
)

// Report is what Fetch has found out.
type Report struct {
	Verdict Verdict

	// Result is the exchange, as a browser would perform it.
	Result *corstest.Result

	// Causes are empty if Allowed. Those that are certain come first, and all of them hold; the others exclude one another, the most
	// likely one first.
	Causes []Cause

	// Notes are what is worth knowing besides, warnings first.
	Notes []Note

	// Asked are the preflights that were sent beyond the exchange, in order.
	Asked []Question
}

// Cause is why a browser blocks, or may block.
type Cause struct {
	Code    Code
	Certain bool
	Message string // a sentence
	Remedy  string // what to change, in sentences; may be empty
}

// Note is something that is not the cause of anything yet.
type Note struct {
	Code    Code
	Warning bool   // whether somebody will be hurt by it
	Message string // sentences
}

// Fetch does what [corstest.Browser.Fetch] does and finds out why it fails, within the time that ctx leaves. The further questions are
// asked in a window of their own, so that the browser's preflight cache keeps what the page's own fetch left there.
func Fetch(ctx context.Context, b *corstest.Browser, r corstest.Request, o Options) *Report {
	fetch := b.FetchContext
	if o.PreflightOnly {
		fetch = b.PreflightContext
	}
	return Explain(ctx, b, r, fetch(ctx, r), o)
}

// Explain is [Fetch] for a request whose result is already there, as that of a recorded exchange is.
func Explain(ctx context.Context, b *corstest.Browser, r corstest.Request, result *corstest.Result, o Options) *Report {
	d := &diagnosis{
		report: &Report{Result: result, Verdict: Allowed}, result: result, request: r,
		asker: asker{ctx: ctx, browser: b, request: r, passive: o.Passive},
	}
	switch {
	case len(result.Hops) == 0 && !result.Allowed:
		d.report.Verdict = Failed
		d.certain(Code(result.Reason.Failure), result.Reason.Message, result.Reason.Remedy)
		return d.report
	case !result.Allowed:
		d.hop = result.Hops[len(result.Hops)-1]
		d.asker.at(d.hop.URL)
		d.blocked()
	}
	d.mixedContent()
	d.notes()
	d.report.Asked = d.asker.asked
	return d.report
}

// diagnosis is a report in the making.
type diagnosis struct {
	report  *Report
	result  *corstest.Result
	request corstest.Request
	hop     corstest.Hop // the one that failed
	asker   asker
}

func (d *diagnosis) certain(code Code, message, remedy string) {
	d.report.Causes = append(d.report.Causes, Cause{code, true, message, remedy})
}

func (d *diagnosis) suspect(code Code, message, remedy string) {
	d.report.Causes = append(d.report.Causes, Cause{code, false, message, remedy})
}

// byRule takes the rule that failed for the cause.
func (d *diagnosis) byRule(r corstest.Reason) {
	d.certain(Code(r.Failure), sentence(r.Message), r.Remedy)
}

// blocked finds the causes of a fetch that failed.
func (d *diagnosis) blocked() {
	d.report.Verdict = Blocked
	reason := d.result.Reason
	switch {
	case reason.Failure == corstest.NetworkFailure:
		d.report.Verdict = Failed
		d.network()
	case d.wantsTLS():
	case reason.Header != "" && reason.Value == "" && d.failing().ResponseHeader.Get(reason.Header) != "":
		// The engine leaves out the line, and the reason says why.
		d.byRule(reason)
	case reason.Preflight:
		d.preflight()
	default:
		d.actual()
	}
}

// failing returns the exchange whose response failed.
func (d *diagnosis) failing() *corstest.Exchange {
	if d.result.Reason.Preflight || d.hop.Actual == nil {
		return d.hop.PreflightExchange
	}
	return d.hop.Actual
}

// origin is what the failing hop's Origin was, which a redirect may have made "null".
func (d *diagnosis) origin() string {
	if x := d.failing(); x != nil && x.RequestHeader.Has("Origin") {
		return x.RequestHeader.Get("Origin")
	}
	return d.result.Origin
}

// String returns verdict, causes and notes in lines.
func (r *Report) String() string {
	var b strings.Builder
	var certain, suspects []Cause
	for _, cause := range r.Causes {
		if cause.Certain {
			certain = append(certain, cause)
		} else {
			suspects = append(suspects, cause)
		}
	}
	if r.Verdict == Allowed {
		b.WriteString(r.Result.Verdict())
	} else {
		fmt.Fprintf(&b, "%s: %s\n", r.Verdict, corstest.Visible(r.headline(), false))
	}
	for _, cause := range certain {
		if cause.Message == sentence(r.headline()) {
			cause.Message = "" // as said
		}
		writeCause(&b, "cause: ", cause)
	}
	if len(suspects) > 0 {
		b.WriteString("suspects, the most likely one first:\n")
	}
	for i, cause := range suspects {
		writeCause(&b, fmt.Sprintf("  %d. ", i+1), cause)
	}
	for _, note := range r.Notes {
		word := "note"
		if note.Warning {
			word = "warning"
		}
		fmt.Fprintf(&b, "%s: %s\n", word, corstest.Visible(note.Message, false))
	}
	if n := len(r.Asked); n > 0 {
		fmt.Fprintf(&b, "To find out, %s sent besides:\n", plural(n, "preflight was", "preflights were"))
		for _, q := range r.Asked {
			fmt.Fprintf(&b, "  %s\n", corstest.Visible(q.String(), false))
		}
	}
	return b.String()
}

// headline is what a browser's console says.
func (r *Report) headline() string {
	if r.Result.Reason.Failure == "" {
		return "CORS allows it, but browsers do not"
	}
	return r.Result.Reason.Message
}

func writeCause(b *strings.Builder, mark string, cause Cause) {
	indent := "  "
	if cause.Message == "" {
		indent = ""
	} else {
		fmt.Fprintf(b, "%s%s\n", mark, corstest.Visible(cause.Message, false))
	}
	if cause.Remedy != "" {
		indent += strings.Repeat(" ", len(mark)-len(strings.TrimLeft(mark, " ")))
		fmt.Fprintf(b, "%sremedy: %s\n", indent, corstest.Visible(cause.Remedy, false))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// sentence makes a console's message a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

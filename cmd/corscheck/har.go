package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
)

// har is what this command reads of a HAR file: http://www.softwareishard.com/blog/har-12-spec/, and what Chromium adds.
type har struct {
	Log struct {
		Entries []harEntry `json:"entries"`
	} `json:"log"`
}

type harEntry struct {
	Error        string `json:"_error"`
	ResourceType string `json:"_resourceType"`
	Request      struct {
		Method  string    `json:"method"`
		URL     string    `json:"url"`
		Headers []harPair `json:"headers"`
	} `json:"request"`
	Response struct {
		Error      string    `json:"_error"`
		Status     int       `json:"status"`
		StatusText string    `json:"statusText"`
		Headers    []harPair `json:"headers"`
		Content    struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

var errNotInFile = errors.New("the file does not have this response")

// parseHAR reads a HAR file.
func parseHAR(text []byte) (*har, error) {
	var h har
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(text), "\ufeff")), &h); err != nil {
		return nil, fmt.Errorf("it is no HAR file: %w", err)
	}
	if h.Log.Entries == nil {
		return nil, errors.New(`it is no HAR file: there is no "log" with "entries"`)
	}
	return &h, nil
}

// header returns header lines without what only HTTP/2 has, and without what no header line can have.
func header(pairs []harPair) (h corstest.Header) {
	for _, p := range pairs {
		if p.Name == "" || p.Name[0] == ':' {
			continue
		}
		// Browsers write several lines of one name as one with line feeds.
		for _, value := range strings.Split(p.Value, "\n") {
			h = append(h, [2]string{oneLine(p.Name), strings.TrimSpace(oneLine(value))})
		}
	}
	return h
}

func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
}

func (e *harEntry) isPreflight() bool {
	return strings.EqualFold(e.Request.Method, "OPTIONS") && header(e.Request.Headers).Has("Access-Control-Request-Method")
}

// url is the entry's without a fragment.
func (e *harEntry) url() string {
	before, _, _ := strings.Cut(e.Request.URL, "#")
	return before
}

// failed tells whether the browser did not let the page have the response, as far as the file says.
func (e *harEntry) failed() bool {
	return e.Response.Status == 0 || e.Error != "" || e.Response.Error != ""
}

// fill writes the recorded response to x.
func (e *harEntry) fill(x *corstest.Exchange) {
	if e.Response.Status < 100 || e.Response.Status > 999 {
		x.Err = errNotInFile
		return
	}
	x.Status, x.StatusText, x.ResponseHeader = e.Response.Status, oneLine(e.Response.StatusText), header(e.Response.Headers)
	x.ResponseBody = []byte(e.Response.Content.Text)
	if e.Response.Content.Encoding == "base64" {
		x.ResponseBody, _ = base64.StdEncoding.DecodeString(e.Response.Content.Text)
	}
	x.ResponseBody = x.ResponseBody[:min(len(x.ResponseBody), bodyLimit)]
}

// recording finds entries by what was asked.
type recording struct {
	entries []harEntry
	actual  map[string][]int // by method and URL
	asking  map[string][]int // preflights, by requested method and URL
	used    []bool
	// redirected are those that a redirect has led to, and that are told of with it.
	redirected map[int]bool
}

func newRecording(entries []harEntry) *recording {
	r := &recording{entries: entries, actual: make(map[string][]int), asking: make(map[string][]int), used: make([]bool, len(entries)), redirected: make(map[int]bool)}
	for i := range entries {
		e := &entries[i]
		if e.isPreflight() {
			key := header(e.Request.Headers).Get("Access-Control-Request-Method") + " " + e.url()
			r.asking[key] = append(r.asking[key], i)
		} else {
			key := e.Request.Method + " " + e.url()
			r.actual[key] = append(r.actual[key], i)
		}
	}
	return r
}

// preflightOf returns the preflight that belongs to the actual request at place i, or -1: the last one before it, or else the
// first one behind it, where some browsers write it.
func (r *recording) preflightOf(i int) int {
	e := &r.entries[i]
	found := -1
	for _, p := range r.asking[e.Request.Method+" "+e.url()] {
		if !r.used[p] && (p < i || found < 0) {
			found = p
		}
	}
	return found
}

// harCase is a request of a page, as far as the file has it.
type harCase struct {
	origin    string
	request   corstest.Request
	at        int // of the actual request, or -1
	preflight int // or -1
}

// cases returns the cross-origin requests in mode cors.
func (r *recording) cases(origin string, credentials corstest.Credentials) (cases []harCase) {
	for i := range r.entries {
		e := &r.entries[i]
		if e.isPreflight() || r.used[i] {
			continue
		}
		sent := header(e.Request.Headers)
		c := harCase{origin: pageOf(sent, origin), at: i, preflight: r.preflightOf(i)}
		if c.origin == "" || sameOrigin(c.origin, e.Request.URL) || !isCORS(e, sent) && c.preflight < 0 {
			continue
		}
		r.take(&c, sent, credentials)
		cases = append(cases, c)
	}
	for i := range r.entries {
		if e := &r.entries[i]; e.isPreflight() && !r.used[i] {
			// The request that it asked for was not sent, and some browsers do not show it then.
			c := harCase{origin: pageOf(header(e.Request.Headers), origin), at: -1, preflight: i}
			if c.origin != "" {
				r.take(&c, nil, credentials)
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// take makes the request out of what was recorded.
func (r *recording) take(c *harCase, sent corstest.Header, credentials corstest.Credentials) {
	q := &c.request
	q.Credentials = credentials
	if c.at >= 0 {
		r.used[c.at] = true
		q.Method, q.URL = r.entries[c.at].Request.Method, r.entries[c.at].Request.URL
		if sent.Has("Cookie") || sent.Has("Sec-Fetch-Storage-Access") {
			q.Credentials = corstest.Include // nothing else makes a browser send these to another origin
		}
	}
	if c.preflight < 0 {
		return
	}
	r.used[c.preflight] = true
	e := &r.entries[c.preflight]
	asked := header(e.Request.Headers)
	q.Method, q.URL = asked.Get("Access-Control-Request-Method"), e.Request.URL
	// Upload listeners force one, of a request that is simple otherwise.
	q.ForcePreflight = (q.Method == "GET" || q.Method == "HEAD" || q.Method == "POST") && !asked.Has("Access-Control-Request-Headers")
	for _, name := range strings.Split(asked.Get("Access-Control-Request-Headers"), ",") {
		name = strings.TrimSpace(name)
		value := sent.Get(name)
		if value == "" && strings.EqualFold(name, "content-type") {
			value = "application/json"
		}
		if name != "" {
			q.Header = append(q.Header, [2]string{name, value})
		}
	}
}

// pageOf returns the origin of the page that has sent a request.
func pageOf(sent corstest.Header, given string) string {
	for _, candidate := range []string{sent.Get("Origin"), given} {
		if candidate != "" && corstest.CheckOrigin(candidate) == nil {
			return candidate
		}
	}
	if u, err := url.Parse(sent.Get("Referer")); err == nil && u.Host != "" {
		if origin := u.Scheme + "://" + u.Host; corstest.CheckOrigin(origin) == nil {
			return origin
		}
	}
	return ""
}

func sameOrigin(origin, target string) bool {
	u, err := url.Parse(target)
	return err == nil && strings.EqualFold(u.Scheme+"://"+u.Host, origin)
}

// isCORS tells a fetch in mode cors from images, navigations and the like.
func isCORS(e *harEntry, sent corstest.Header) bool {
	if mode := sent.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "cors"
	}
	switch e.ResourceType {
	case "fetch", "xhr", "font", "eventsource":
		return true
	case "":
		return sent.Has("Origin")
	}
	return false
}

// explain judges a recorded request.
func (r *recording) explain(c harCase) (*corstest.Browser, *diagnose.Report) {
	browser := corstest.NewLiveBrowser(c.origin)
	browser.BodyLimit = bodyLimit
	last := c.at // the place of the entry that was taken last
	browser.RoundTrip = func(_ context.Context, x *corstest.Exchange) {
		if x.RequestHeader.Has("Access-Control-Request-Method") {
			if c.preflight >= 0 && x.URL == normalized(r.entries[c.preflight].url()) {
				r.entries[c.preflight].fill(x)
				return
			}
			x.Err = errNotInFile
			return
		}
		if c.at >= 0 && x.URL == normalized(r.entries[c.at].url()) {
			r.entries[c.at].fill(x)
			return
		}
		// A redirect leads to an entry of its own, behind it.
		for _, i := range r.actual[x.Method+" "+x.URL] {
			if i > last {
				last = i
				r.redirected[i] = true
				r.entries[i].fill(x)
				return
			}
		}
		x.Err = errNotInFile
	}
	return browser, diagnose.Explain(context.Background(), browser, c.request, browser.Fetch(c.request), diagnose.Options{Passive: true})
}

// normalized writes a URL as exchanges have it.
func normalized(written string) string {
	b := corstest.NewLiveBrowser("null")
	var seen string
	b.RoundTrip = func(_ context.Context, x *corstest.Exchange) {
		seen, x.Err = x.URL, errNotInFile
	}
	b.Fetch(corstest.Request{URL: written})
	return seen
}

// explainHAR explains each blocked request of a file.
func (o *options) explainHAR(stdout io.Writer) (status int, err error) {
	raw, err := o.readFile(o.har)
	if err != nil {
		return exitFailed, err
	}
	file, err := parseHAR(raw)
	if err != nil {
		return exitFailed, fmt.Errorf("-har: %w", err)
	}
	r := newRecording(file.Log.Entries)
	all := document{Version: schemaVersion, Verdict: string(diagnose.Allowed)}
	var b strings.Builder
	count := make(map[diagnose.Verdict]int)
	for _, c := range r.cases(o.origin, o.request.Credentials) {
		if c.at >= 0 && r.redirected[c.at] {
			continue
		}
		browser, report := r.explain(c)
		incomplete := o.completeCase(c, r, report)
		count[report.Verdict]++
		one := *o
		one.request, one.origin = c.request, c.origin
		if o.json {
			entry := one.document(report, diagnose.Engines(browser, c.request, report.Result, false))
			entry.Incomplete = incomplete
			all.Entries = append(all.Entries, entry)
			continue
		}
		if report.Verdict == diagnose.Allowed && !o.verbose {
			continue
		}
		fmt.Fprintf(&b, "%s\n", corstest.Visible(fmt.Sprintf("%s %s, from a page of %s", c.request.Method, shorten(c.request.URL), c.origin), false))
		if o.verbose {
			one.writeHops(&b, report.Result.Hops)
		}
		if incomplete != "" {
			fmt.Fprintf(&b, "not known: %s\n\n", corstest.Visible(incomplete, false))
			continue
		}
		fmt.Fprintf(&b, "%s\n", o.colored(report.Verdict, report.String()))
	}
	status = exitAllowed
	switch {
	case count[diagnose.Blocked] > 0:
		all.Verdict, status = string(diagnose.Blocked), exitBlocked
	case count[diagnose.Failed] > 0:
		all.Verdict, status = string(diagnose.Failed), exitFailed
	}
	if o.json {
		return status, encode(stdout, all)
	}
	total := count[diagnose.Allowed] + count[diagnose.Blocked] + count[diagnose.Failed]
	fmt.Fprintf(&b, "%d cross-origin requests: %d blocked, %d allowed, %d not known\n", total, count[diagnose.Blocked], count[diagnose.Allowed], count[diagnose.Failed])
	_, err = io.WriteString(stdout, b.String())
	return status, err
}

func shorten(s string) string {
	if len(s) > maxWidth {
		return s[:maxWidth] + "..."
	}
	return s
}

// completeCase says what the file lacks, and takes what the browser made of a request into account.
func (o *options) completeCase(c harCase, r *recording, report *diagnose.Report) (incomplete string) {
	if errors.Is(report.Result.Reason.Err, errNotInFile) {
		report.Verdict = diagnose.Failed
		report.Causes = nil
		what := "the file does not have the response"
		if report.Result.Reason.Preflight {
			what = "the file does not have the preflight's response"
		}
		return what + "; ask the server: " + command(c)
	}
	if c.at >= 0 && r.entries[c.at].failed() && report.Verdict == diagnose.Allowed {
		report.Verdict = diagnose.Failed
		return "the browser says that the request failed, and what the file has of it would be allowed; if the page includes credentials, add -credentials, or ask the server: " + command(c)
	}
	return ""
}

// command is what asks the server the same.
func command(c harCase) string {
	args := []string{"corscheck", "-origin", quote(c.origin)}
	if c.request.Method != "GET" {
		args = append(args, "-X", quote(c.request.Method))
	}
	for _, line := range c.request.Header {
		value := line[1]
		if len(value) > 40 || strings.EqualFold(line[0], "Authorization") {
			value = "..."
		}
		args = append(args, "-H", quote(line[0]+": "+value))
	}
	if c.request.Credentials == corstest.Include {
		args = append(args, "-credentials")
	}
	return strings.Join(append(args, quote(c.request.URL)), " ")
}

// quote writes an argument for a POSIX shell.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

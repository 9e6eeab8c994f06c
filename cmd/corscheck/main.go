// Command corscheck asks a server what a browser would: may a page of this origin send this request, and read the
// response? It performs the preflight and the actual request, prints both, and finds out why the answer is no and
// what to change, by preflights that ask for less.
//
//	corscheck -origin https://app.example.com -X PUT -H "X-Token: 1" -credentials https://api.example.com/items
//	corscheck -curl "$(pbpaste)"          what "Copy as cURL" in a browser's network tab has copied
//	corscheck -har blocked.har            what such a tab has saved: each request that was blocked is explained
//	corscheck -config cors.json -origin https://app.example.com -X PUT
//
// With -config FILE, the JSON of a cors.Config, it checks the configuration and decides without a server. With -json it
// writes one JSON object, errors included, which docs/corscheck.md describes.
//
// Exit status: 0 allowed, 1 blocked, 2 the question is not well formed or no response came.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"

	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
	"golang.org/x/net/http/httpproxy"
)

// What the exit status says.
const (
	exitAllowed = 0
	exitBlocked = 1
	exitFailed  = 2
)

// What is read of a response, in bytes. Nothing that decides CORS is larger.
const (
	headLimit = 64 << 10
	bodyLimit = 64 << 10
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run answers the question in args and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stdin, stdout)
	// Whatever else is wrong with the command line: a program that asked for JSON gets it.
	o.json = o.json || slices.Contains(args, "-json") || slices.Contains(args, "--json")
	if errors.Is(err, flag.ErrHelp) {
		return exitAllowed
	}
	if err == nil {
		var status int
		if status, err = o.answer(stdout); err == nil {
			return status
		}
	}
	if o.json {
		_ = encode(stdout, document{Version: schemaVersion, Verdict: "error", Error: err.Error()})
	} else {
		fmt.Fprintf(stderr, "corscheck: %s\n", corstest.Visible(err.Error(), true))
	}
	return exitFailed
}

// answer does what the options ask for.
func (o *options) answer(stdout io.Writer) (status int, err error) {
	switch {
	case o.version:
		_, err = fmt.Fprintf(stdout, "corscheck %s\n", version())
		return exitAllowed, err
	case o.har != "":
		return o.explainHAR(stdout)
	case o.config != "":
		return o.offline(stdout)
	}
	return o.live(stdout)
}

// live asks a server.
func (o *options) live(stdout io.Writer) (status int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	browser, err := o.browser()
	if err != nil {
		return exitFailed, err
	}
	report := diagnose.Fetch(ctx, browser, o.request, diagnose.Options{Passive: o.passive, PreflightOnly: o.preflightOnly})
	return o.write(stdout, browser, report)
}

// browser returns the page that asks.
func (o *options) browser() (*corstest.Browser, error) {
	browser := corstest.NewLiveBrowser(o.origin)
	browser.Timeout, browser.UserAgent, browser.Engine = o.timeout, "corscheck", o.engine
	browser.HeadLimit, browser.BodyLimit = headLimit, bodyLimit
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	browser.Proxy = func(u *url.URL) (*url.URL, error) { return proxy(u) }
	roots, err := o.roots()
	browser.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, InsecureSkipVerify: o.insecure}
	return browser, err
}

// write writes a report and returns the exit status.
func (o *options) write(stdout io.Writer, browser *corstest.Browser, report *diagnose.Report) (status int, err error) {
	if len(report.Result.Hops) == 0 && report.Verdict == diagnose.Failed {
		return exitFailed, refusal(report.Result.Reason)
	}
	engines := diagnose.Engines(browser, o.request, report.Result, o.preflightOnly)
	if o.json {
		err = encode(stdout, o.document(report, engines))
	} else {
		_, err = io.WriteString(stdout, o.text(report, engines))
	}
	return exitStatus(report), err
}

// refusal is the error for a request that fetch itself would refuse.
func refusal(reason corstest.Reason) error {
	if reason.Remedy == "" {
		return errors.New(reason.Message)
	}
	return fmt.Errorf("%s\n%s", reason.Message, reason.Remedy)
}

func exitStatus(report *diagnose.Report) int {
	switch report.Verdict {
	case diagnose.Allowed:
		return exitAllowed
	case diagnose.Blocked:
		return exitBlocked
	}
	return exitFailed
}

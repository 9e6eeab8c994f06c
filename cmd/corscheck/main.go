// Command corscheck asks a server what a browser would: may a page of this origin send this request, and read the
// response? It performs the preflight and the actual request, prints both, and says why the answer is no and
// what to change.
//
//	corscheck -origin https://app.example.com -method PUT -header "X-Token: 1" -credentials https://api.example.com/items
//
// With -config FILE, the JSON of a cors.Config, it checks the configuration and decides without a server; without a URL it
// does no more than check. With -json it writes one JSON object.
//
// Exit status: 0 allowed, 1 blocked, 2 the question is not well formed or no response came.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bytecors/cors/corstest"
)

// What the exit status says.
const (
	exitAllowed = 0
	exitBlocked = 1
	exitFailed  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run answers the question in args and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitAllowed
	}
	if err == nil {
		var status int
		if status, err = o.ask(stdout); err == nil {
			return status
		}
	}
	fmt.Fprintf(stderr, "corscheck: %v\n", err)
	return exitFailed
}

// ask fetches, or validates only, and writes the answer.
func (o *options) ask(stdout io.Writer) (status int, err error) {
	var browser *corstest.Browser
	if o.config != "" {
		middleware, err := loadConfig(o.config)
		if err != nil {
			return exitFailed, err
		}
		if o.request.URL == "" {
			return exitAllowed, writeValid(stdout, o)
		}
		browser = offlineBrowser(o.origin, middleware)
	} else {
		browser = corstest.NewLiveBrowser(o.origin)
	}
	defer browser.Close()
	browser.Timeout, browser.UserAgent = o.timeout, "corscheck"

	fetch := browser.Fetch
	if o.preflightOnly {
		fetch = browser.Preflight
	}
	result := fetch(o.request)
	switch result.Reason.Failure {
	case corstest.InvalidURL, corstest.InvalidMethod, corstest.ForbiddenMethod, corstest.InvalidHeader, corstest.InvalidBody:
		return exitFailed, refusal(result.Reason)
	}
	if o.json {
		err = writeJSON(stdout, o, result)
	} else {
		err = writeText(stdout, o, result)
	}
	return exitStatus(result), err
}

// refusal is the error for a request that fetch itself would refuse.
func refusal(reason corstest.Reason) error {
	if reason.Remedy == "" {
		return errors.New(reason.Message)
	}
	return fmt.Errorf("%s\n%s", reason.Message, reason.Remedy)
}

func exitStatus(result *corstest.Result) int {
	switch {
	case result.Allowed:
		return exitAllowed
	case result.Reason.Failure == corstest.NetworkFailure:
		return exitFailed
	}
	return exitBlocked
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bytecors/cors/corstest"
)

// options is the question that the command line asks.
type options struct {
	origin        string
	request       corstest.Request
	config        string
	json          bool
	preflightOnly bool
	timeout       time.Duration
}

// headerFlag collects "Name: value", once for each -header.
type headerFlag corstest.Header

func (h *headerFlag) String() string { return "" }

func (h *headerFlag) Set(line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found || strings.TrimSpace(name) == "" {
		return fmt.Errorf("want %q", "Name: value")
	}
	*h = append(*h, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	return nil
}

// parseOptions reads the command line. Flags may stand before and behind the URL. What is wrong with a flag is in the
// error alone; help is written to stdout.
func parseOptions(args []string, stdout io.Writer) (*options, error) {
	var o options
	var credentials bool
	flags := flag.NewFlagSet("corscheck", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.origin, "origin", "", "the page's `origin`, such as https://app.example.com, or null")
	flags.StringVar(&o.request.Method, "method", "", "the `method` of the request (default GET, or POST with -data)")
	flags.Var((*headerFlag)(&o.request.Header), "header", "a request header, as `\"Name: value\"`; may be repeated")
	flags.BoolVar(&credentials, "credentials", false, "include credentials (cookies, HTTP authentication)")
	flags.StringVar(&o.request.Body, "data", "", "the `body` of the request")
	flags.BoolVar(&o.preflightOnly, "preflight-only", false, "send the preflight alone, where the request would do harm")
	flags.StringVar(&o.config, "config", "", "check this `file`, the JSON of a cors.Config, and decide by it, without a server")
	flags.BoolVar(&o.json, "json", false, "write JSON")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "how `long` to wait for each response, as 500ms or 1m")

	var urls []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				writeUsage(stdout, flags)
			}
			return nil, err
		}
		if flags.NArg() == 0 {
			break
		}
		urls = append(urls, flags.Arg(0))
		args = flags.Args()[1:]
	}
	if credentials {
		o.request.Credentials = corstest.Include
	}
	if o.request.Method == "" && o.request.Body != "" {
		o.request.Method = "POST"
	}
	return &o, o.check(urls)
}

func (o *options) check(urls []string) error {
	switch {
	case len(urls) > 1:
		return fmt.Errorf("one URL at a time: %s", strings.Join(urls, " "))
	case len(urls) == 1:
		o.request.URL = urls[0]
	case o.config != "":
		return nil
	default:
		return errors.New("which URL? corscheck -origin ORIGIN [flags] URL (-help lists the flags)")
	}
	if o.timeout <= 0 {
		return fmt.Errorf("-timeout has to be positive: %s", o.timeout)
	}
	if o.origin == "" {
		return errors.New("which origin does the page have? -origin https://app.example.com")
	}
	if err := corstest.CheckOrigin(o.origin); err != nil {
		return fmt.Errorf("-origin: %w", err)
	}
	return nil
}

func writeUsage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `corscheck asks a server, as a browser would, whether a page may send a request and read the response.

usage: corscheck -origin ORIGIN [flags] URL
       corscheck -config FILE [-origin ORIGIN [flags] URL]

exit status: 0 allowed, 1 blocked, 2 the question is not well formed or no response came

`)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

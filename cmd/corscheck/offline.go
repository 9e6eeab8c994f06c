package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
	"github.com/valyala/fasthttp"
)

// anyURL is asked for where a configuration decides and no URL is given: it is the same for all but the page's own.
const anyURL = "https://server.example/"

// offline checks a configuration, and decides by it if there is a question.
func (o *options) offline(stdout io.Writer) (status int, err error) {
	middleware, err := o.loadConfig()
	if err != nil {
		return exitFailed, err
	}
	if o.origin == "" {
		if o.json {
			return exitAllowed, encode(stdout, document{Version: schemaVersion, Verdict: "valid", Offline: true})
		}
		_, err = fmt.Fprintf(stdout, "%s is a valid configuration\n", o.configName())
		return exitAllowed, err
	}
	if o.request.URL == "" {
		o.request.URL = anyURL
	}
	browser := corstest.NewBrowser(o.origin, middleware.Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(fasthttp.StatusOK)
	}))
	defer browser.Close()
	browser.Timeout, browser.UserAgent, browser.Engine = o.timeout, "corscheck", o.engine
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	report := diagnose.Fetch(ctx, browser, o.request, diagnose.Options{PreflightOnly: o.preflightOnly})
	o.byConfig(report, middleware)
	return o.write(stdout, browser, report)
}

// byConfig says in the configuration's own words what a server's answers would only suggest.
func (o *options) byConfig(report *diagnose.Report, middleware *cors.Middleware) {
	config := middleware.Config()
	report.Asked = nil
	if report.Verdict == diagnose.Blocked && !middleware.AllowsOrigin([]byte(o.origin)) {
		report.Causes = []diagnose.Cause{{
			Code: diagnose.OriginNotAllowed, Certain: true,
			Message: fmt.Sprintf("The configuration does not allow the origin %s.", o.origin),
			Remedy:  "Add it: " + listField("allowOrigins", config.AllowOrigins, o.origin) + ".",
		}}
		return
	}
	for i := range report.Causes {
		cause := &report.Causes[i]
		switch cause.Code {
		case diagnose.MethodNotAllowed:
			method := report.Result.Preflight().RequestHeader.Get("Access-Control-Request-Method")
			cause.Message = fmt.Sprintf("The configuration does not allow the method %s.", method)
			cause.Remedy = "Add it: " + listField("allowMethods", config.AllowMethods, method) + "."
		case diagnose.HeaderNotAllowed, diagnose.Code(corstest.AuthorizationNotListed):
			missing := missingHeaders(config, o.request)
			cause.Message = fmt.Sprintf("The configuration does not allow the request header %s.", strings.Join(missing, ", "))
			if len(config.AllowHeaders) == 1 && config.AllowHeaders[0] == "*" {
				cause.Message += ` "*" does not cover Authorization.`
			}
			cause.Remedy = "Add it: " + listField("allowHeaders", config.AllowHeaders, missing...) + "."
		}
	}
}

// missingHeaders returns the names, as they were written, of headers that need a preflight's leave and do not get it.
func missingHeaders(config cors.Config, request corstest.Request) (missing []string) {
	one := corstest.Request{URL: anyURL, Credentials: request.Credentials}
	config.AllowOrigins, config.AllowMethods = []string{"https://page.example"}, nil
	browser := corstest.NewBrowser("https://page.example", cors.MustNew(config).Wrap(func(*fasthttp.RequestCtx) {}))
	defer browser.Close()
	for _, line := range request.Header {
		one.Header = corstest.Header{line}
		if !browser.Preflight(one).Allowed {
			missing = append(missing, line[0])
		}
	}
	return missing
}

// listField writes a field of the configuration's JSON with more in its list.
func listField(name string, list []string, more ...string) string {
	text, _ := json.Marshal(append(append([]string{}, list...), more...)) // strings never fail
	return fmt.Sprintf("%q: %s", name, strings.ReplaceAll(string(text), ",", ", "))
}

func (o *options) configName() string {
	if o.config == "-" {
		return "standard input"
	}
	return o.config
}

// loadConfig reads and checks a configuration.
func (o *options) loadConfig() (*cors.Middleware, error) {
	path := o.configName()
	text, err := o.readFile(o.config)
	if err != nil {
		return nil, err
	}
	config, err := cors.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("%s is no valid configuration:\n%w", path, err)
	}
	middleware, err := cors.New(config)
	if err != nil {
		return nil, fmt.Errorf("%s is no valid configuration:\n%w", path, err)
	}
	return middleware, nil
}

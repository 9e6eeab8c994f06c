package browsertest

import (
	"strings"
	"sync"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/bytecors/cors/corstest"
)

// causes are the reasons that Chromium's developer tools give for failed fetches, by URL.
type causes struct {
	mu    sync.Mutex
	urls  map[network.RequestID]string
	byURL map[string]string
}

// observeCauses listens from now on.
func (p *tab) observeCauses() *causes {
	p.t.Helper()
	c := &causes{urls: make(map[network.RequestID]string), byURL: make(map[string]string)}
	chromedp.ListenTarget(p.ctx, func(event any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch event := event.(type) {
		case *network.EventRequestWillBeSent:
			c.urls[event.RequestID] = event.Request.URL
		case *network.EventLoadingFailed:
			if status := event.CorsErrorStatus; status != nil && event.Type != network.ResourceTypePreflight {
				parameter := status.FailedParameter
				if status.CorsError == network.CorsErrorHeaderDisallowedByPreflightResponse {
					parameter = "" // of several, any may be named
				}
				c.byURL[c.urls[event.RequestID]] = strings.TrimSpace(string(status.CorsError) + " " + parameter)
			}
		}
	})
	p.run(network.Enable())
	return c
}

func (c *causes) of(url string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byURL[url]
}

// causeOf says in Chromium's words why a fetch failed in corstest. It is empty where no response was refused.
func causeOf(result *corstest.Result) string {
	var cause network.CorsError
	parameter := ""
	reason := result.Reason
	switch reason.Failure {
	case corstest.AllowOriginMissing:
		cause = network.CorsErrorMissingAllowOriginHeader
	case corstest.AllowOriginMultiple:
		cause, parameter = network.CorsErrorMultipleAllowOriginValues, reason.Value
	case corstest.AllowOriginMismatch:
		cause, parameter = network.CorsErrorAllowOriginMismatch, reason.Value
	case corstest.AllowOriginWildcard:
		cause = network.CorsErrorWildcardOriginNotAllowed
	case corstest.AllowCredentialsMissing:
		cause, parameter = network.CorsErrorInvalidAllowCredentials, reason.Value
	case corstest.PreflightRedirect:
		return string(network.CorsErrorPreflightDisallowedRedirect)
	case corstest.PreflightStatus:
		return string(network.CorsErrorPreflightInvalidStatus)
	case corstest.AllowMethodsSyntax:
		return string(network.CorsErrorInvalidAllowMethodsPreflightResponse)
	case corstest.AllowHeadersSyntax:
		return string(network.CorsErrorInvalidAllowHeadersPreflightResponse)
	case corstest.MethodNotAllowed:
		return string(network.CorsErrorMethodDisallowedByPreflightResponse) + " " + reason.Want
	case corstest.HeaderNotAllowed, corstest.AuthorizationNotListed:
		return string(network.CorsErrorHeaderDisallowedByPreflightResponse)
	case corstest.RedirectUserInfo:
		return string(network.CorsErrorRedirectContainsCredentials)
	default:
		return ""
	}
	if reason.Preflight {
		cause = "Preflight" + cause
	}
	return strings.TrimSpace(string(cause) + " " + parameter)
}

package browsertest

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// causes are the reasons that Chromium's developer tools give for failed fetches, by URL. Other engines give none.
type causes struct {
	mu    sync.Mutex
	urls  map[string]string // by the request's id
	byURL map[string]string
	named map[string]string // the header or method that is at fault
}

// observeCauses listens from now on.
func (p *tab) observeCauses() *causes {
	p.t.Helper()
	c := &causes{urls: make(map[string]string), byURL: make(map[string]string), named: make(map[string]string)}
	page := p.devTools()
	page.Listen(c.see)
	require.NoError(p.t, page.Command("Network.enable", nil, nil))
	return c
}

func (c *causes) see(method string, params json.RawMessage) {
	var event struct {
		RequestID       string
		Type            string
		Request         struct{ URL string }
		CorsErrorStatus *struct{ CorsError, FailedParameter string }
	}
	if json.Unmarshal(params, &event) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch method {
	case "Network.requestWillBeSent":
		c.urls[event.RequestID] = event.Request.URL
	case "Network.loadingFailed":
		if status := event.CorsErrorStatus; status != nil && event.Type != "Preflight" {
			parameter := status.FailedParameter
			c.named[c.urls[event.RequestID]] = parameter
			if status.CorsError == "HeaderDisallowedByPreflightResponse" {
				parameter = "" // of several, any may be named
			}
			c.byURL[c.urls[event.RequestID]] = strings.TrimSpace(status.CorsError + " " + parameter)
		}
	}
}

func (c *causes) of(url string) (cause, named string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byURL[url], c.named[url]
}

// causeOf says in Chromium's words why a fetch failed in corstest. It is empty where no response was refused.
func causeOf(result *corstest.Result) string {
	cause, parameter := "", ""
	reason := result.Reason
	switch reason.Failure {
	case corstest.AllowOriginMissing:
		cause = "MissingAllowOriginHeader"
	case corstest.AllowOriginMultiple:
		cause, parameter = "MultipleAllowOriginValues", reason.Value
	case corstest.AllowOriginMismatch:
		cause, parameter = "AllowOriginMismatch", reason.Value
	case corstest.AllowOriginWildcard:
		cause = "WildcardOriginNotAllowed"
	case corstest.AllowCredentialsMissing:
		cause, parameter = "InvalidAllowCredentials", reason.Value
	case corstest.PreflightRedirect:
		return "PreflightDisallowedRedirect"
	case corstest.PreflightStatus:
		return "PreflightInvalidStatus"
	case corstest.AllowMethodsSyntax:
		return "InvalidAllowMethodsPreflightResponse"
	case corstest.AllowHeadersSyntax:
		return "InvalidAllowHeadersPreflightResponse"
	case corstest.MethodNotAllowed:
		return "MethodDisallowedByPreflightResponse " + reason.Want
	case corstest.HeaderNotAllowed, corstest.AuthorizationNotListed:
		return "HeaderDisallowedByPreflightResponse"
	case corstest.RedirectUserInfo:
		return "RedirectContainsCredentials"
	default:
		return ""
	}
	if reason.Preflight {
		cause = "Preflight" + cause
	}
	return strings.TrimSpace(cause + " " + parameter)
}

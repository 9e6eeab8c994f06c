package corstest

import (
	"fmt"
	"slices"
	"strings"
)

// maxQuoted is how much of a value, in bytes, a sentence repeats.
const maxQuoted = 300

// Failure is the rule that a fetch failed by.
type Failure string

// The call of fetch throws before anything is sent.
const (
	InvalidURL      Failure = "invalid-url"      // not absolute, not http or https, or with user information
	InvalidMethod   Failure = "invalid-method"   // no token
	ForbiddenMethod Failure = "forbidden-method" // CONNECT, TRACE or TRACK
	InvalidHeader   Failure = "invalid-header"   // a name or value that HTTP cannot carry
	InvalidBody     Failure = "invalid-body"     // GET and HEAD have none
)

// NetworkFailure is all that keeps a response from arriving: refused connections, TLS, timeouts, no HTTP.
const NetworkFailure Failure = "network-failure"

// The CORS check fails, of a preflight's response, a redirect or the final response:
// https://fetch.spec.whatwg.org/#concept-cors-check.
const (
	AllowOriginMissing      Failure = "allow-origin-missing"      // no Access-Control-Allow-Origin
	AllowOriginMultiple     Failure = "allow-origin-multiple"     // more than one value, in one line or several
	AllowOriginMismatch     Failure = "allow-origin-mismatch"     // not the origin, byte for byte
	AllowOriginWildcard     Failure = "allow-origin-wildcard"     // "*" for a request that includes credentials
	AllowCredentialsMissing Failure = "allow-credentials-missing" // Access-Control-Allow-Credentials is not "true"
)

// The preflight's response refuses: https://fetch.spec.whatwg.org/#cors-preflight-fetch.
const (
	PreflightRedirect      Failure = "preflight-redirect"       // it is a redirect
	PreflightStatus        Failure = "preflight-status"         // its status is not 200 to 299
	AllowMethodsSyntax     Failure = "allow-methods-syntax"     // Access-Control-Allow-Methods is no list of tokens
	AllowHeadersSyntax     Failure = "allow-headers-syntax"     // Access-Control-Allow-Headers is no list of tokens
	MethodNotAllowed       Failure = "method-not-allowed"       // the method is not listed
	HeaderNotAllowed       Failure = "header-not-allowed"       // an unsafe header is not listed
	AuthorizationNotListed Failure = "authorization-not-listed" // "*" is listed, which does not cover it
)

// A redirect of the actual request cannot be followed: https://fetch.spec.whatwg.org/#http-redirect-fetch.
const (
	RedirectLocation Failure = "redirect-location"  // Location cannot be read
	RedirectScheme   Failure = "redirect-scheme"    // it leads to neither http nor https
	RedirectLimit    Failure = "redirect-limit"     // more than 20
	RedirectUserInfo Failure = "redirect-user-info" // it carries user information to another origin, or back from one
)

// ResourcePolicy is a response that Cross-Origin-Resource-Policy keeps from a request in mode "no-cors":
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check.
const ResourcePolicy Failure = "resource-policy"

// IsCORS tells whether the server's answer failed CORS, and neither the page's request nor the network nor a
// redirect that no page could follow.
func (f Failure) IsCORS() bool {
	switch f {
	case "", InvalidURL, InvalidMethod, ForbiddenMethod, InvalidHeader, InvalidBody,
		NetworkFailure, RedirectLocation, RedirectScheme, RedirectLimit, ResourcePolicy:
		return false
	}
	return true
}

// Reason says why a fetch failed.
type Reason struct {
	Failure   Failure
	Preflight bool   // whether it was the preflight that failed
	URL       string // whose response failed
	Header    string // the header at fault, or ""
	Value     string // what was found: the value of Header, a status, a method, a URL
	Want      string // what would have passed: an origin, a method, a header's name
	Err       error  // what else is known, or nil
	Message   string // a sentence, as a browser's console would write
	Remedy    string // what to change, in sentences, or "" where nothing can be told
}

// explain writes the sentences.
func (r *Reason) explain(f *fetch) {
	status, unread := 0, ""
	if len(f.hops) > 0 {
		hop := f.hops[len(f.hops)-1]
		r.URL = hop.URL
		x := hop.Actual
		if r.Preflight {
			x = hop.PreflightExchange
		}
		if x != nil {
			status = x.Status
			unread = f.browser.Engine.unread(x.ResponseHeader, r.Header)
		}
	}
	r.Message = r.message(f, status)
	r.Remedy = r.remedy(f, status)
	if unread != "" {
		r.Message += fmt.Sprintf("; %s leaves out the line %q, for the white space before its colon", f.browser.Engine, clip(unread, maxQuoted))
		r.Remedy = fmt.Sprintf("Send %s without white space before its colon, as RFC 9112 has it.", r.Header)
	}
}

func (r Reason) message(f *fetch, status int) string {
	r.Value = clip(r.Value, maxQuoted)
	response := "the response"
	switch {
	case r.Preflight:
		response = "the preflight's response"
	case isRedirect(status):
		response = "the redirect"
	}
	origin := fmt.Sprintf("the page's origin %q", r.Want)
	if r.Want != f.origin {
		origin = fmt.Sprintf("%q, which the origin has become by a redirect from one foreign origin to another", r.Want)
	}
	switch r.Failure {
	case InvalidURL:
		return fmt.Sprintf("%q cannot be fetched: %v", r.Value, r.Err)
	case ResourcePolicy:
		return fmt.Sprintf("Cross-Origin-Resource-Policy of %s is %q, and the page is of another %s", response, r.Value, strings.TrimPrefix(r.Value, "same-"))
	case InvalidMethod:
		if r.Err != nil {
			return fmt.Sprintf("the method %s cannot be used: %v", r.Value, r.Err)
		}
		return fmt.Sprintf("%q is no method", r.Value)
	case ForbiddenMethod:
		return fmt.Sprintf("browsers forbid the method %q", r.Value)
	case InvalidHeader:
		return fmt.Sprintf("header %q with value %q cannot be sent: %v", r.Header, r.Value, r.Err)
	case InvalidBody:
		return fmt.Sprintf("a %s request has no body", r.Value)
	case NetworkFailure:
		return fmt.Sprintf("no response of %s: %s", r.URL, describeNetworkError(r.Err))
	case AllowOriginMissing:
		message := fmt.Sprintf("%s has no Access-Control-Allow-Origin", response)
		if r.Preflight && (status < 200 || status > 299) {
			message += fmt.Sprintf(", and its status %d is none from 200 to 299 either", status)
		}
		return message
	case AllowOriginMultiple:
		return fmt.Sprintf("Access-Control-Allow-Origin of %s holds more than one value (%q), but only one can match", response, r.Value)
	case AllowOriginMismatch:
		return fmt.Sprintf("Access-Control-Allow-Origin of %s is %q, not %s", response, r.Value, origin)
	case AllowOriginWildcard:
		return fmt.Sprintf(`Access-Control-Allow-Origin of %s is "*", which allows no request that includes credentials`, response)
	case AllowCredentialsMissing:
		switch {
		case r.Value == "":
			return fmt.Sprintf("the request includes credentials, and %s has no Access-Control-Allow-Credentials", response)
		case strings.Contains(r.Value, ","):
			return fmt.Sprintf("the request includes credentials, and Access-Control-Allow-Credentials of %s holds more than one value (%q), which browsers read as one", response, r.Value)
		}
		return fmt.Sprintf(`the request includes credentials, and Access-Control-Allow-Credentials of %s is %q, not "true"`, response, r.Value)
	case PreflightRedirect:
		if r.Value == "" {
			return fmt.Sprintf("the preflight was answered with a redirect (status %d), which browsers do not follow", status)
		}
		return fmt.Sprintf("the preflight was redirected (status %d, to %q), and browsers follow no redirect there", status, r.Value)
	case PreflightStatus:
		return fmt.Sprintf("the preflight was answered with status %s, which is none from 200 to 299", r.Value)
	case AllowMethodsSyntax, AllowHeadersSyntax:
		return fmt.Sprintf("%s of %s is no list of names (%q): %v", r.Header, response, r.Value, r.Err)
	case MethodNotAllowed:
		return r.notListed("the method", f)
	case HeaderNotAllowed:
		return r.notListed("the request header", f)
	case AuthorizationNotListed:
		return fmt.Sprintf(`Access-Control-Allow-Headers of %s (%q) does not list the request header authorization, which "*" does not cover`, response, r.Value)
	case RedirectLocation:
		return fmt.Sprintf("the redirect's Location (%q) cannot be read: %v", r.Value, r.Err)
	case RedirectScheme:
		return fmt.Sprintf("the redirect leads to %q, whose scheme is neither http nor https", r.Value)
	case RedirectLimit:
		return fmt.Sprintf("there were more than %d redirects", maxRedirects)
	case RedirectUserInfo:
		return fmt.Sprintf("the redirect's Location (%q) carries user information", r.Value)
	}
	return string(r.Failure)
}

func (r Reason) notListed(what string, f *fetch) string {
	want := r.Want
	if r.Failure == HeaderNotAllowed {
		missing := f.missingHeaders(r.Value)
		if want = strings.Join(missing, ", "); len(missing) > 1 {
			what += "s"
		}
	}
	if r.Value == "" {
		return fmt.Sprintf("the preflight's response has no %s to list %s %s", r.Header, what, want)
	}
	message := fmt.Sprintf("%s of the preflight's response (%q) does not list %s %s", r.Header, r.Value, what, want)
	if f.include && listsWildcard(r.Value) {
		message += `, and "*" allows nothing in a request that includes credentials`
	}
	return message
}

// missingHeaders returns the unsafe names that a value of Access-Control-Allow-Headers does not cover. The engine has named the
// first; whoever mends the list wants to know them all.
func (f *fetch) missingHeaders(value string) []string {
	listed, _, _ := Header{{"list", value}}.tokenList("list")
	g := grant{headers: listed}
	unsafe := unsafeNames(f.header, f.browser.Engine)
	return slices.DeleteFunc(unsafe, func(name string) bool {
		return g.missingHeader([]string{name}, f.include, f.browser.Engine) == ""
	})
}

func listsWildcard(value string) bool {
	elements, _, _ := Header{{"list", value}}.tokenList("list")
	return containsFold(elements, "*")
}

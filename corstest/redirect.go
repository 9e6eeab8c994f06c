package corstest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxRedirects is how many redirects a fetch follows.
const maxRedirects = 20

// requestBodyHeaders describe a body and go with it where a redirect drops it.
var requestBodyHeaders = []string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type"}

func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

// redirect changes the request as the response x of its current URL says. It returns false where there is nothing
// to follow, and a reason where the fetch fails.
//
// See https://fetch.spec.whatwg.org/#http-redirect-fetch.
func (f *fetch) redirect(x *Exchange) (followed bool, reason *Reason) {
	engine := f.browser.Engine
	response := engine.received(x.ResponseHeader)
	locations := locationsIn(response, engine)
	if !isRedirect(x.Status) || len(locations) == 0 {
		return false, nil
	}
	fail := func(failure Failure, err error) (bool, *Reason) {
		return false, &Reason{Failure: failure, Header: "Location", Value: response.Get("Location"), Err: err}
	}
	current := f.current()
	if len(locations) > 1 {
		return fail(RedirectLocation, fmt.Errorf("there are %d lines", len(locations)))
	}
	next, err := parseURL(locations[0], current)
	switch {
	case locations[0] == "" && engine == WebKitGTK:
		err = errors.New("it is empty")
	case strings.Contains(locations[0], "\r"): // which only Firefox has left here
		err = errors.New("it has a carriage return")
	}
	if err != nil {
		return fail(RedirectLocation, err)
	}
	if next.fragment == "" {
		next.fragment = current.fragment
	}
	switch {
	case !next.isWeb():
		return fail(RedirectScheme, nil)
	case len(f.urls) > maxRedirects:
		return fail(RedirectLimit, nil)
	case next.userInfo && (f.cors || next.origin() != f.origin || engine == Chromium):
		return fail(RedirectUserInfo, nil)
	}
	if (x.Status == 301 || x.Status == 302) && f.method == "POST" ||
		x.Status == 303 && f.method != "GET" && f.method != "HEAD" {
		f.method, f.body, f.hasBody = "GET", nil, false
		f.header = f.header.without(requestBodyHeaders...)
	}
	if next.origin() != current.origin() {
		f.header = f.header.without(nonWildcardHeader)
		if f.method == "DELETE" && engine == WebKitGTK {
			f.method, f.body, f.hasBody = "GET", nil, false
		}
	}
	f.urls = append(f.urls, next)
	return true, nil
}

// locationsIn returns the values of Location as the engine counts them: more than one lead nowhere.
func locationsIn(response Header, engine Engine) []string {
	locations := response.Values("Location")
	switch {
	case engine == WebKitGTK && len(locations) > 1:
		return []string{strings.Join(locations, ", ")}
	case engine == Chromium || engine == Firefox:
		locations = slices.Compact(locations)
	}
	if engine == Chromium && len(locations) > 0 && locations[0] == "" {
		return nil
	}
	return locations
}

// serializedOrigin is the request's Origin: the page's own until a redirect leaves an origin that is not the page's
// for another. From there on nobody can tell on whose behalf the request is made.
//
// See https://fetch.spec.whatwg.org/#serializing-a-request-origin.
func (f *fetch) serializedOrigin() string {
	for i, url := range f.urls[1:] {
		last := f.urls[i].origin()
		if url.origin() != last && last != f.origin {
			return opaqueOrigin
		}
	}
	return f.origin
}

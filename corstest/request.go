package corstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Credentials is a request's credentials mode: https://fetch.spec.whatwg.org/#concept-request-credentials-mode.
type Credentials int

const (
	// SameOrigin, which fetch takes where the page says nothing, includes credentials for the page's own origin alone.
	SameOrigin Credentials = iota
	// Omit includes credentials nowhere.
	Omit
	// Include includes credentials everywhere. The server has to agree to it.
	Include
)

// String returns the mode as a page writes it.
func (c Credentials) String() string {
	switch c {
	case Omit:
		return "omit"
	case Include:
		return "include"
	}
	return "same-origin"
}

// Request is what a page passes to fetch, in mode "cors" unless NoCORS.
type Request struct {
	// Method is GET if empty. Browsers upper-case only DELETE, GET, HEAD, OPTIONS, POST and PUT.
	Method string

	// URL is absolute, with the scheme http or https. A relative one would be of the page's own origin, where
	// nothing is cross-origin, and is refused so that no test passes by mistake.
	URL string

	// Header is what the page sets. Names that it may not set are dropped, as browsers do.
	Header Header

	// Credentials is the credentials mode.
	Credentials Credentials

	// Cookie is a cookie that the browser holds for the URL's host, as in "session=1", beside those of its [Browser.Jar].
	// It is sent where the credentials mode allows it, and never with a preflight.
	Cookie string

	// Body is sent as a string is: with a Content-Type of "text/plain;charset=UTF-8" unless Header has one.
	Body string

	// NoCORS is mode "no-cors", in which <img>, <script>, <link>, <video> and <audio> load without a crossorigin attribute: nothing but GET,
	// HEAD and POST, with safelisted headers alone, no preflight, and a response of which script reads nothing. Only
	// Cross-Origin-Resource-Policy blocks it. For a request to the page's own origin it makes no difference.
	NoCORS bool

	// ForcePreflight asks for a preflight however simple the request is, as upload listeners of XMLHttpRequest do.
	ForcePreflight bool
}

// newFetch makes a fetch of a request, or says why the call of fetch itself would throw.
//
// See https://fetch.spec.whatwg.org/#dom-request.
func newFetch(ctx context.Context, b *Browser, r Request) (*fetch, *Reason) {
	f := &fetch{
		ctx: ctx, browser: b, origin: b.origin, method: "GET", include: r.Credentials == Include, mode: r.Credentials,
		cookie: r.Cookie, body: []byte(r.Body), hasBody: r.Body != "", force: r.ForcePreflight && !r.NoCORS,
		noCORS: r.NoCORS,
	}
	url, err := parseURL(r.URL, nil)
	switch {
	case err == nil && !url.isWeb():
		err = errors.New("its scheme is neither http nor https")
	case err == nil && url.userInfo:
		err = errors.New("fetch accepts no user information in it")
	}
	if err != nil {
		return f, &Reason{Failure: InvalidURL, Value: r.URL, Err: err}
	}
	f.urls = []*webURL{url}

	if r.Method != "" {
		f.method = normalizeMethod(r.Method)
	}
	if !isToken(f.method) {
		return f, &Reason{Failure: InvalidMethod, Value: f.method}
	}
	if f.noCORS && !isSafelistedMethod(f.method) {
		return f, &Reason{Failure: InvalidMethod, Value: f.method, Err: errNoCORSMethod}
	}
	if isForbidden(f.method) {
		return f, &Reason{Failure: ForbiddenMethod, Value: f.method}
	}
	if f.hasBody && (f.method == "GET" || f.method == "HEAD") {
		return f, &Reason{Failure: InvalidBody, Value: f.method}
	}

	header := make(Header, 0, len(r.Header)+2)
	for _, line := range r.Header {
		value := trimHTTPWhitespace(latin1(line[1]))
		if !isToken(line[0]) || strings.ContainsAny(value, "\x00\r\n") {
			return f, &Reason{Failure: InvalidHeader, Header: line[0], Value: line[1],
				Err: fmt.Errorf("a name is a token, and a value has neither line breaks nor zero bytes")}
		}
		header = append(header, [2]string{line[0], value})
	}
	f.header, f.dropped = dropForbidden(header)
	if f.noCORS {
		f.dropUnsafe()
	}
	switch b.Engine {
	case Chromium:
		f.header = chromiumHeader(f.header)
		f.force = f.force && f.hasBody
	case WebKitGTK:
		f.header = f.header.combined()
	}
	if f.hasBody && !f.header.Has("Content-Type") {
		f.header = append(f.header, [2]string{"Content-Type", "text/plain;charset=UTF-8"})
	}
	if !f.header.Has("Accept") {
		f.header = append(f.header, [2]string{"Accept", "*/*"})
	}
	return f, nil
}

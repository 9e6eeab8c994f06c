package diagnose

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// actual finds out why the response to an actual request, or a redirect, may not be read.
func (d *diagnosis) actual() {
	reason := d.result.Reason
	switch reason.Failure {
	case corstest.AllowOriginMissing:
		if location := d.hop.Actual.ResponseHeader.Get("Location"); isRedirect(d.hop.Actual.Status) && location != "" {
			d.redirectOutside(location)
			return
		}
		d.headersMissing()
	case corstest.AllowOriginMismatch:
		d.otherOrigin(reason)
	default:
		d.doubledOrByRule(reason)
	}
}

func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// preflightAllows tells whether the server allows the page's origin in preflights; asked is false where that is not known.
func (d *diagnosis) preflightAllows() (allows, asked bool) {
	if x := d.hop.PreflightExchange; x != nil {
		return true, true // or there would be no actual request
	}
	q, asked := d.asker.ask(d.origin(), "GET", nil)
	return asked && q.Allowed, asked
}

func (d *diagnosis) redirectOutside(location string) {
	from, to := d.hop.URL, resolve(d.hop.URL, location)
	status := d.hop.Actual.Status
	message := fmt.Sprintf("The server redirects to %s (status %d), and the redirect has no CORS headers: it is made outside of the CORS handling, and a browser stops there.", clip(to), status)
	remedy := fmt.Sprintf("Let the page fetch %s from the start", clip(to))
	switch {
	case strings.HasPrefix(from, "http://") && to == "https://"+strings.TrimPrefix(from, "http://"):
		message += " It leads from http to https."
	case strings.TrimSuffix(pathOf(from), "/") == strings.TrimSuffix(pathOf(to), "/") && hostOf(from) == hostOf(to):
		message += " It only adds or removes a slash at the end."
	case looksLikeLogin(to):
		message += " It looks like a login: the session may have expired, or the request carries no credentials."
		remedy = "Answer such requests with status 401 and the CORS headers instead, so that the page can tell; no page can follow a redirect to a login"
	}
	d.certain(RedirectOutside, message, remedy+". Otherwise send the CORS headers with the redirect as well.")
}

// looksLikeLogin tells whether a URL has a word that login pages have.
func looksLikeLogin(url string) bool {
	lower := strings.ToLower(url)
	for _, word := range []string{"login", "log-in", "signin", "sign-in", "sign_in", "auth", "sso", "saml", "oidc", "account"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// headersMissing is for a response without Access-Control-Allow-Origin.
func (d *diagnosis) headersMissing() {
	x := d.hop.Actual
	origin := d.origin()
	allows, asked := d.preflightAllows()
	failed := x.Status >= 400
	byOrigin := func() {
		message := fmt.Sprintf("The server does not allow the origin %s, or does not handle CORS at all.", origin)
		if hasListItem(x.ResponseHeader.Get("Vary"), "origin") {
			message = fmt.Sprintf("The server does not allow the origin %s. Its answer depends on the origin (Vary).", origin)
		}
		d.suspect(OriginNotAllowed, message,
			"Add "+origin+" to the allowed origins, written exactly like that.")
	}
	errorPath := func() {
		d.suspect(ErrorPath, fmt.Sprintf("The response with status %d is made outside of the CORS handling, or after it, by something that starts the response afresh: "+
			"a proxy's own error page, a framework's error handler, nginx without \"always\" behind add_header.%s", x.Status, quoted(x)),
			"Send the CORS headers with errors, too (nginx: add_header ... always), so that the page can read the status.")
	}
	cached := func() {
		d.suspect(CachedResponse, "A cache on the way serves a response that it got for a request without Origin, or for another one"+cacheEvidence(x)+".",
			"Send Vary: Origin with every response, also where there was no Origin, or the same Access-Control-Allow-Origin: * with all; then empty the cache.")
	}
	if !allows {
		if asked {
			if hint, found := d.similarIsListed(origin); found {
				d.certain(OriginNotAllowed, fmt.Sprintf("The server does not allow the origin %s.%s", origin, hint), "Add "+origin+" to the allowed origins, written exactly like that.")
				return
			}
		}
		if cacheEvidence(x) != "" {
			cached()
		}
		if x.Status >= 500 {
			errorPath()
			byOrigin()
		} else {
			byOrigin()
			if failed {
				errorPath()
			}
		}
		d.suspect(RequestHeadersLost, "Origin does not reach the server: something on the way drops it, or does not count it among what it forwards.",
			"A proxy or a CDN has to forward Origin.")
		return
	}
	if cacheEvidence(x) != "" {
		cached()
	}
	if failed {
		errorPath()
	}
	d.suspect(ActualNotHandled, fmt.Sprintf("The server allows the origin %s in preflights, and its responses to actual requests have no CORS headers: "+
		"preflights are answered by one component, such as a proxy, and requests by another, which handles no CORS.", origin),
		"Send Access-Control-Allow-Origin with the response to the actual request, too: best where preflights are answered, for both.")
	if cacheEvidence(x) == "" {
		cached()
	}
}

// otherOrigin is for a response that allows another origin.
func (d *diagnosis) otherOrigin(reason corstest.Reason) {
	x := d.hop.Actual
	allows, asked := d.preflightAllows()
	if len(x.ResponseHeader.Values(reason.Header)) > 1 || isSlip(reason.Value, d.origin()) || asked && !allows && cacheEvidence(x) == "" {
		d.doubledOrByRule(reason)
		return
	}
	cached := func() {
		d.suspect(CachedResponse, fmt.Sprintf("A cache on the way serves the response that it got for %s%s.", clip(reason.Value), cacheEvidence(x)),
			"Send Vary: Origin with every response, so that a cache keeps one for each origin; then empty the cache.")
	}
	if allows || cacheEvidence(x) != "" {
		cached()
	}
	if allows {
		d.suspect(AddedTwice, fmt.Sprintf("Preflights allow the page's origin, and actual responses always allow %s: two components handle CORS.", clip(reason.Value)),
			"Let only one of them do it, for preflights and actual requests alike.")
		return
	}
	d.suspect(Code(reason.Failure), sentence(reason.Message), reason.Remedy)
	if cacheEvidence(x) == "" {
		cached()
	}
}

// isSlip tells whether what was sent is the page's origin, written in a way that no browser writes.
func isSlip(sent, origin string) bool {
	var slip *corstest.OriginError
	return errors.As(corstest.CheckOrigin(sent), &slip) && slip.Suggestion == origin
}

// cacheEvidence repeats what shows that a response comes from a cache; "" where nothing does.
func cacheEvidence(x *corstest.Exchange) string {
	h := x.ResponseHeader
	if age := h.Get("Age"); age != "" && strings.Trim(age, "0") != "" {
		return " (Age: " + clip(age) + ")"
	}
	for _, name := range []string{"X-Cache", "CF-Cache-Status", "X-Cache-Status", "X-Proxy-Cache", "Cache-Status"} {
		if value := h.Get(name); strings.Contains(strings.ToLower(value), "hit") {
			return fmt.Sprintf(" (%s: %s)", name, clip(value))
		}
	}
	return ""
}

// wantsTLS looks for the error pages of servers that got http on a port for https.
func (d *diagnosis) wantsTLS() bool {
	x := d.failing()
	if !isHTTP(d.hop.URL) || x == nil || x.Status != http.StatusBadRequest {
		return false
	}
	body := string(x.ResponseBody)
	for _, text := range []string{"HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port", "plain HTTP to an SSL-enabled server port"} {
		if strings.Contains(body, text) {
			d.certain(ExpectsTLS, "The server expects TLS on this port and was asked without: it is https rather than http.", "Use https"+strings.TrimPrefix(d.hop.URL, "http")+".")
			return true
		}
	}
	return false
}

func isHTTP(url string) bool { return strings.HasPrefix(url, "http://") }

// network finds out why no response came.
func (d *diagnosis) network() {
	reason := d.result.Reason
	if isHTTP(d.hop.URL) && saysSomethingElse(reason.Message) {
		secure := "https" + strings.TrimPrefix(d.hop.URL, "http")
		d.asker.at(secure)
		if speaksTLS(d.asker.ask(d.origin(), "GET", nil)) {
			d.certain(ExpectsTLS, "The server speaks TLS on this port and was asked without: it is https rather than http.", "Use "+secure+".")
			return
		}
	}
	remedy := reason.Remedy
	if strings.Contains(reason.Message, "certificate") {
		remedy = "A browser shows a warning in place of the page, and blocks a fetch without one. Install the authority's certificate, or get one from an authority that browsers know. " +
			"corscheck: -cacert FILE trusts an authority, -k any certificate."
	}
	d.certain(NetworkFailed, sentence(reason.Message), remedy)
}

// saysSomethingElse tells whether a server was there that does not speak HTTP/1.1, or not here.
func saysSomethingElse(message string) bool {
	for _, text := range []string{"speaks TLS", "no HTTP response", "closed the connection", "reset the connection"} {
		if strings.Contains(message, text) {
			return true
		}
	}
	return false
}

// speaksTLS tells whether a handshake got so far that the server is known to speak TLS.
func speaksTLS(q Question, asked bool) bool {
	if !asked {
		return false
	}
	return q.Exchange.Err == nil || strings.Contains(q.Reason.Message, "certificate")
}

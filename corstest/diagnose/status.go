package diagnose

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// byStatus reads what a preflight's response tells by its status and the headers that are no CORS headers. plainToo tells that
// plain GET was answered no better, so that neither the method nor a request header is to blame.
func (d *diagnosis) byStatus(x *corstest.Exchange, plainToo bool) {
	switch status := x.Status; {
	case status == http.StatusUnauthorized:
		d.certain(AuthenticationFirst, "The preflight is asked to authenticate itself (status 401), which browsers never do: authentication comes before CORS is handled.",
			"Handle CORS in front of authentication, or let OPTIONS requests through there: a preflight carries neither cookies nor Authorization.")
		return
	case status == http.StatusProxyAuthRequired:
		d.certain(ProxyAuthentication, "A proxy on the way wants authentication (status 407). This is not the server's answer.",
			"Give the proxy what it wants, in the settings of the system or in HTTPS_PROXY, or go around it (NO_PROXY).")
		return
	case status == http.StatusTooManyRequests:
		d.certain(RateLimited, "The preflight was counted against a limit (status 429) before CORS was handled.",
			"Handle CORS in front of the limit, or leave OPTIONS requests out of it; give preflights an Access-Control-Max-Age, so that there are fewer.")
		return
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		d.certain(ServerError, fmt.Sprintf("The preflight was answered with status %d (%s): what is in front of the server got no answer from it. "+
			"Whether it allows the page cannot be seen until it runs.", status, http.StatusText(status)),
			"Look whether the upstream server runs, and where the proxy or load balancer thinks that it is.")
		return
	case status == http.StatusNotImplemented:
		d.certain(NotRouted, "The server does not know OPTIONS (status 501), and so answers no preflight.", routeRemedy)
		return
	case status >= 500:
		d.certain(ServerError, fmt.Sprintf("The server failed while it answered the preflight (status %d).%s", status, quoted(x)),
			"Look into the server's log. A handler that was written for other requests may run for OPTIONS, without the body or the login that it expects.")
		return
	case x.ResponseHeader.Has("Access-Control-Allow-Origin"):
		d.originAllowedBy(x)
		return
	}
	d.suspectsBy(x, plainToo)
}

const routeRemedy = "Handle CORS in front of the router, so that every OPTIONS request with Access-Control-Request-Method is answered with status 204 and the CORS headers, whatever the path."

// originAllowedBy is for an answer that has the header, and a status that is no success.
func (d *diagnosis) originAllowedBy(x *corstest.Exchange) {
	message := fmt.Sprintf("The origin is allowed, but the preflight is answered with status %d, and has to be with one from 200 to 299.%s", x.Status, quoted(x))
	switch x.Status {
	case http.StatusMethodNotAllowed:
		d.certain(NotRouted, message+" No route takes OPTIONS"+allowList(x)+".", "Answer preflights before the request is routed, with status 204: the CORS headers alone are not enough.")
	case http.StatusNotFound, http.StatusGone:
		d.suspect(NotRouted, message+" There may be no route for OPTIONS at this path.", "Answer preflights before the request is routed, with status 204: the CORS headers alone are not enough.")
		d.suspect(PathNotFound, "Nothing may be at this path.", "Compare the URL with the server's routes.")
	default:
		d.certain(Code(corstest.PreflightStatus), message, d.result.Reason.Remedy)
	}
}

type suspect struct {
	code            Code
	message, remedy string
}

// askedFor suspects the method and the request headers, unless plain GET has cleared them.
func (d *diagnosis) askedFor(x *corstest.Exchange, plainToo bool) (suspects []suspect) {
	if plainToo {
		return nil
	}
	method, names := requested(x)
	if !isSafelistedMethod(method) {
		suspects = append(suspects, suspect{MethodNotAllowed, fmt.Sprintf("The server does not allow the method %s.", method),
			fmt.Sprintf("Add %s to the allowed methods.%s", method, refusalHint(x))})
	}
	if len(names) > 0 {
		suspects = append(suspects, suspect{HeaderNotAllowed, fmt.Sprintf("The server does not allow one of the request headers: %s.", clip(strings.Join(names, ", "))),
			"Add those that are missing to the allowed request headers." + refusalHint(x)})
	}
	return suspects
}

// suspectsBy lists what may have given an answer without any CORS header.
func (d *diagnosis) suspectsBy(x *corstest.Exchange, plainToo bool) {
	origin := d.origin()
	knowsOrigin := hasListItem(x.ResponseHeader.Get("Vary"), "origin")
	listed, found := "", false
	if plainToo {
		listed, found = d.similarIsListed(origin)
	}
	if found {
		d.certain(OriginNotAllowed, fmt.Sprintf("The server does not allow the origin %s.%s", origin, listed), "Add "+origin+" to the allowed origins, written exactly like that.")
		return
	}
	byOrigin := suspect{OriginNotAllowed, fmt.Sprintf("The server does not allow the origin %s.", origin),
		"Add " + origin + " to the allowed origins, written exactly like that."}
	lost := suspect{RequestHeadersLost, "Origin does not reach the server: something on the way drops it, or does not count it among what it forwards.", forwarding}
	route := suspect{NotRouted, fmt.Sprintf("The router refuses OPTIONS%s (status %d) before CORS is handled.", allowList(x), x.Status), routeRemedy}
	var suspects []suspect
	switch status := x.Status; {
	case status == http.StatusMethodNotAllowed:
		suspects = []suspect{route, byOrigin}
		byOrigin.message += " A policy may leave what it does not allow to the router."
	case status == http.StatusNotFound, status == http.StatusGone:
		suspects = []suspect{
			{NotRouted, fmt.Sprintf("There is no route for OPTIONS at this path (status %d), and CORS is handled behind the router.", status), routeRemedy},
			{PathNotFound, fmt.Sprintf("Nothing is at this path (status %d): the URL is wrong.", status), "Compare the URL with the server's routes: host, version, prefix, slash at the end."},
			byOrigin,
		}
	case x.ResponseHeader.Has("Access-Control-Allow-Methods"), x.ResponseHeader.Has("Access-Control-Allow-Headers"):
		suspects = []suspect{{AllowOriginLeftOut, "The other CORS headers are there and Access-Control-Allow-Origin is not: they are set in two places, of which one does not count here. " +
			"With nginx, add_header in an if or a location replaces those outside of it.", "Set all CORS headers in one place, next to each other."}, byOrigin}
	case status >= 300 && strings.Contains(strings.ToLower(quoted(x)), "cors"):
		// Whoever says so has looked.
		byOrigin.message += quoted(x)
		suspects = append([]suspect{byOrigin}, d.askedFor(x, plainToo)...)
	case status >= 300:
		suspects = append([]suspect{byOrigin}, d.askedFor(x, plainToo)...)
		suspects = append(suspects, suspect{RefusedInFront, fmt.Sprintf("Something in front of the server refuses OPTIONS (status %d): a firewall, a proxy, a filter against forged requests, access control.%s", status, quoted(x)),
			"Let OPTIONS requests with Access-Control-Request-Method through to where CORS is handled."}, lost)
	case x.ResponseHeader.Has("Allow"):
		suspects = []suspect{{AutomaticOptions, fmt.Sprintf("A router answers OPTIONS by itself%s, as routers do, and CORS is not handled for this URL, or behind the router.", allowList(x)), routeRemedy}, byOrigin, lost}
	default:
		suspects = append([]suspect{byOrigin}, d.askedFor(x, plainToo)...)
		suspects = append(suspects, suspect{AutomaticOptions, fmt.Sprintf("Something answers every OPTIONS request with status %d and does not handle CORS: a proxy, a file server, a handler for all methods.", status), routeRemedy}, lost)
	}
	if knowsOrigin {
		// What lists Origin there has looked at it.
		for i, s := range suspects {
			if s.code == OriginNotAllowed {
				s.message += " Its answer depends on the origin (Vary)."
				copy(suspects[1:i+1], suspects[:i])
				suspects[0] = s
			}
		}
	}
	for _, s := range suspects {
		d.suspect(s.code, s.message, s.remedy)
	}
}

// similarIsListed asks with origins that are often listed by mistake. One that is allowed proves that the server looks at the
// origin, and does not know the page's.
func (d *diagnosis) similarIsListed(origin string) (hint string, found bool) {
	for _, similar := range similarOrigins(origin, d.hop.URL) {
		q, asked := d.asker.ask(similar, "GET", nil)
		switch {
		case !asked:
			return "", false
		case q.Allowed:
			return fmt.Sprintf(" It does allow %s.", similar), true
		}
	}
	return "", false
}

// allowList repeats the Allow header.
func allowList(x *corstest.Exchange) string {
	if allow := x.ResponseHeader.Get("Allow"); allow != "" {
		return fmt.Sprintf(" (Allow: %s)", clip(allow))
	}
	return ""
}

// quoted repeats the beginning of a short text that the response has for a body: some servers say there what is wrong.
func quoted(x *corstest.Exchange) string {
	text := strings.Join(strings.Fields(string(x.ResponseBody)), " ")
	if text == "" || len(text) > 200 || strings.Contains(text, "<") {
		return ""
	}
	return fmt.Sprintf(" It says: %q.", text)
}

func hasListItem(list, want string) bool {
	for _, item := range strings.Split(list, ",") {
		if item = strings.TrimSpace(item); strings.EqualFold(item, want) {
			return true
		}
	}
	return false
}

package corstest

import (
	"errors"
	"fmt"
	"strings"
)

// remedy says what to change, at the server as a rule, so that the request passes.
func (r Reason) remedy(f *fetch, status int) string {
	r.Value = clip(r.Value, maxQuoted)
	switch r.Failure {
	case ForbiddenMethod:
		return "Use another method: no server can make a browser send this one."
	case InvalidBody:
		return "Use POST, PUT or PATCH, or send no body."
	case AllowOriginMissing:
		switch {
		case r.Preflight:
			return f.remedyPreflight(r.Want)
		case isRedirect(status):
			return fmt.Sprintf("Send Access-Control-Allow-Origin: %s with the redirect, too: it was made outside of the CORS handling (for a "+
				"slash at the end, for https, to a login). Or let the page fetch the URL that it leads to from the start. Or the server does not allow this origin.", r.Want)
		case status >= 400:
			return fmt.Sprintf("Send Access-Control-Allow-Origin: %s with errors too: status %d was probably made outside of the CORS "+
				"handling, or after it, by something that starts the response afresh. Or the server does not allow this origin.", r.Want, status)
		}
		return fmt.Sprintf("Allow the origin at the server, which then sends Access-Control-Allow-Origin: %s.", r.Want)
	case AllowOriginMultiple:
		if parts := strings.Split(r.Value, ","); len(parts) == 2 && strings.TrimSpace(parts[0]) == strings.TrimSpace(parts[1]) {
			return "Two components add the header, such as a proxy and the application: let only one of them do it."
		}
		return fmt.Sprintf("Send one value, the origin of the request where it is allowed (%s), with Vary: Origin. Two lines mean that two "+
			"components add the header, such as a proxy and the application: let only one of them do it. A list in one line is not supported.", r.Want)
	case AllowOriginMismatch:
		return r.remedyMismatch(f)
	case AllowOriginWildcard:
		return fmt.Sprintf("Send Access-Control-Allow-Origin: %s instead of \"*\", with Access-Control-Allow-Credentials: true and Vary: Origin, "+
			"for the origins that you trust; or make the request without credentials.", r.Want)
	case AllowCredentialsMissing:
		if strings.Contains(r.Value, ",") {
			return "Two components add the header, such as a proxy and the application: let only one of them do it."
		}
		return "Send Access-Control-Allow-Credentials: true, in lower case, with the preflight's response and with the actual one; " +
			"or make the request without credentials."
	case PreflightRedirect:
		return remedyRedirect(r)
	case PreflightStatus:
		return "Answer OPTIONS requests for this URL with status 204 (or another of 200 to 299), before routing, authentication or a " +
			"proxy refuse them: a preflight carries no credentials and no body."
	case AllowMethodsSyntax, AllowHeadersSyntax:
		return fmt.Sprintf("Send names in %s, separated by commas, without quotes, brackets or spaces inside: a single bad element spoils the list.", r.Header)
	case MethodNotAllowed:
		return r.remedyMethod(f)
	case HeaderNotAllowed:
		missing := strings.Join(f.missingHeaders(r.Value), ", ")
		if f.include && listsWildcard(r.Value) {
			return fmt.Sprintf("List the names: Access-Control-Allow-Headers: %s; or make the request without credentials.", withoutWildcard(r.Value, missing))
		}
		return fmt.Sprintf("Add %s to the allowed request headers: Access-Control-Allow-Headers: %s.", missing, appendElement(r.Value, missing))
	case AuthorizationNotListed:
		return fmt.Sprintf("List it beside the wildcard: Access-Control-Allow-Headers: %s. (Browsers let it through so far, the standard does not.)", appendElement(r.Value, "authorization"))
	case ResourcePolicy:
		return "Send Cross-Origin-Resource-Policy: cross-origin, or none; or load it with CORS (crossorigin), which does not heed that header."
	case RedirectUserInfo:
		return "Redirect to a URL without a user name or password."
	case NetworkFailure:
		return ""
	case InvalidURL:
		if errors.Is(r.Err, errRelative) {
			return "Write the URL with its scheme and host, such as https://api.example.com/items."
		}
	}
	return ""
}

// remedyMismatch looks for the usual slips in what the server sent.
func (r Reason) remedyMismatch(f *fetch) string {
	const exactly = "Browsers compare byte for byte"
	var slip *OriginError
	switch {
	case r.Want == opaqueOrigin && f.origin != opaqueOrigin:
		return "Redirect within one origin, or let the page fetch the final URL itself. Allowing \"null\" would allow every sandboxed page as well."
	case errors.As(CheckOrigin(r.Value), &slip) && slip.Suggestion == r.Want:
		return fmt.Sprintf("Send %s instead of %s: %s. %s.", r.Want, r.Value, slip.Problem, exactly)
	case strings.Contains(r.Value, "\r"):
		return "Send the header without a carriage return before the end of its line, as RFC 9112 has it."
	case strings.Contains(r.Value, "*") && r.Value != "*":
		return fmt.Sprintf("Match the pattern at the server and send the request's origin (%s), with Vary: Origin: browsers know no patterns but \"*\".", r.Want)
	case withoutScheme(r.Value) == withoutScheme(r.Want):
		return fmt.Sprintf("Allow %s: the schemes differ. %s.", r.Want, exactly)
	}
	return fmt.Sprintf("Add %s to the allowed origins. Where there are several, send the one of the request, with Vary: Origin, and not always the same.", r.Want)
}

func withoutScheme(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}

func remedyRedirect(r Reason) string {
	remedy := "Answer OPTIONS requests without a redirect"
	from, err := parseURL(r.URL, nil)
	if err != nil {
		return remedy + "."
	}
	to, err := parseURL(r.Value, from)
	switch {
	case err != nil || !to.isWeb() || r.Value == "":
		return remedy + "."
	case from.scheme == "http" && to.scheme == "https" && from.host == to.host:
		return fmt.Sprintf("%s, or fetch the https URL from the start: %s.", remedy, to)
	case from.origin() == to.origin() && strings.Trim(from.path, "/") == strings.Trim(to.path, "/"):
		return fmt.Sprintf("%s, or fetch the URL with the right slash at its end from the start: %s.", remedy, to)
	}
	return fmt.Sprintf("%s (one to a login page means that authentication comes before CORS), or fetch the final URL from the start: %s.", remedy, to)
}

func (r Reason) remedyMethod(f *fetch) string {
	methods, _, _ := Header{{"list", r.Value}}.tokenList("list")
	switch {
	case f.include && listsWildcard(r.Value):
		return fmt.Sprintf("List the method: Access-Control-Allow-Methods: %s; or make the request without credentials.", withoutWildcard(r.Value, r.Want))
	case containsFold(methods, r.Want) && r.Want == asciiUpper(r.Want):
		return fmt.Sprintf("Write %s in upper case in Access-Control-Allow-Methods: methods are compared with regard to case.", r.Want)
	case containsFold(methods, r.Want):
		return fmt.Sprintf("Let the page write the method as %s: browsers upper-case only DELETE, GET, HEAD, OPTIONS, POST and PUT.", asciiUpper(r.Want))
	}
	return fmt.Sprintf("Add %s to the allowed methods: Access-Control-Allow-Methods: %s.", r.Want, appendElement(r.Value, r.Want))
}

// appendElement returns the list with one element more.
func appendElement(list, element string) string {
	if strings.Trim(list, " ,") == "" {
		return element
	}
	return list + ", " + element
}

// withoutWildcard returns the list with one element more, and without the "*" that means nothing beside credentials.
func withoutWildcard(list, element string) string {
	var kept []string
	for _, e := range strings.Split(list, ",") {
		if e = strings.TrimSpace(e); e != "" && e != "*" {
			kept = append(kept, e)
		}
	}
	return strings.Join(append(kept, element), ", ")
}

// remedyPreflight is for an answer that allows nothing at all, and so does not say what it was that is not allowed.
func (f *fetch) remedyPreflight(origin string) string {
	suspects := fmt.Sprintf("the origin %q", origin)
	if !isSafelistedMethod(f.method) {
		suspects += ", the method " + f.method
	}
	if unsafe := unsafeNames(f.header, f.browser.Engine); len(unsafe) > 0 {
		suspects += ", a request header (" + strings.Join(unsafe, ", ") + ")"
	}
	return "The answer does not say why. The server may not allow " + suspects + "; or something answers OPTIONS requests before CORS is handled " +
		"(a router, authentication, a proxy). corscheck asks again and finds out; with bytecors, SetDebug(true) makes the answer say it."
}

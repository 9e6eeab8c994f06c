package corstest

import (
	"fmt"
	"slices"
	"strings"
)

// preflightHeader returns the headers of the OPTIONS request that asks leave for a method and header names.
//
// See https://fetch.spec.whatwg.org/#cors-preflight-fetch.
func preflightHeader(origin, method string, unsafe []string) Header {
	h := Header{{"Accept", "*/*"}, {"Access-Control-Request-Method", method}}
	if len(unsafe) > 0 {
		h = append(h, [2]string{"Access-Control-Request-Headers", strings.Join(unsafe, ",")})
	}
	return append(h, [2]string{"Origin", origin})
}

// checkPreflight tells what a preflight's response grants, or why the request may not be sent. The CORS
// check is made with the credentials mode of the request that asks, although no preflight carries any.
//
// Where the response can be read but does not list what the request needs, both are returned.
func checkPreflight(origin string, q preflightQuery, x *Exchange, engine Engine) (*grant, *Reason) {
	response := engine.received(x.ResponseHeader)
	// Browsers never follow it, so what else may be wrong with it does not matter.
	if isRedirect(x.Status) {
		return nil, &Reason{Failure: PreflightRedirect, Header: "Location", Value: response.Get("Location")}
	}
	unchecked := engine == Firefox && q.own
	if reason := corsCheck(origin, q.include, response); reason != nil && !unchecked {
		return nil, reason
	}
	if x.Status < 200 || x.Status > 299 {
		return nil, &Reason{Failure: PreflightStatus, Value: fmt.Sprint(x.Status)}
	}
	methods, listed, err := response.tokenList("Access-Control-Allow-Methods")
	if err != nil {
		return nil, &Reason{Failure: AllowMethodsSyntax, Header: "Access-Control-Allow-Methods",
			Value: response.Get("Access-Control-Allow-Methods"), Err: err}
	}
	headers, _, err := response.tokenList("Access-Control-Allow-Headers")
	if err != nil {
		return nil, &Reason{Failure: AllowHeadersSyntax, Header: "Access-Control-Allow-Headers",
			Value: response.Get("Access-Control-Allow-Headers"), Err: err}
	}
	if !listed && q.force {
		// So that a preflight which only upload listeners asked for can be cached.
		methods = []string{q.method}
	}
	g := &grant{methods: methods, headers: headers, maxAge: engine.maxAge(response)}
	if !g.allowsMethod(q.method, q.include) {
		return g, &Reason{Failure: MethodNotAllowed, Header: "Access-Control-Allow-Methods",
			Value: response.Get("Access-Control-Allow-Methods"), Want: q.method}
	}
	if name := g.missingHeader(q.unsafe, q.include, engine); name != "" {
		failure := HeaderNotAllowed
		if name == nonWildcardHeader && !q.include && slices.Contains(headers, "*") {
			failure = AuthorizationNotListed
		}
		return g, &Reason{Failure: failure, Header: "Access-Control-Allow-Headers",
			Value: response.Get("Access-Control-Allow-Headers"), Want: name}
	}
	return g, nil
}

// allowsMethod compares with regard to case: "put" does not allow PUT.
func (g grant) allowsMethod(method string, include bool) bool {
	return slices.Contains(g.methods, method) || isSafelistedMethod(method) ||
		!include && slices.Contains(g.methods, "*")
}

// missingHeader returns the first unsafe name that is not allowed, or "". Authorization, which is always among
// the unsafe names if the request has it, has to be listed by name.
func (g grant) missingHeader(unsafe []string, include bool, engine Engine) string {
	wildcard := !include && slices.Contains(g.headers, "*")
	for _, name := range unsafe {
		covered := wildcard && (name != nonWildcardHeader || engine != Standard)
		if !covered && !containsFold(g.headers, name) {
			return name
		}
	}
	return ""
}

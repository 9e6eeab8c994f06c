package corstest

import "errors"

var errNoCORSMethod = errors.New("mode no-cors sends GET, HEAD and POST alone")

// dropUnsafe keeps only the headers that mode no-cors lets a page set:
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header.
func (f *fetch) dropUnsafe() {
	var kept Header
	for _, line := range f.header {
		if !equalFold(line[0], "Range") && isSafelisted(line[0], line[1], Standard) {
			kept = append(kept, line)
		} else {
			f.dropped = append(f.dropped, line)
		}
	}
	f.header = kept
}

// resourcePolicyCheck tells whether a response may be used by a request in mode no-cors; nil is yes.
//
// See https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check.
func (f *fetch) resourcePolicyCheck(response Header) *Reason {
	if !f.opaque {
		return nil
	}
	const name = "Cross-Origin-Resource-Policy"
	policy := response.Get(name)
	origin := f.current().origin()
	blocked := false
	switch policy {
	case "same-origin":
		blocked = f.origin != origin
	case "same-site":
		blocked = !sameSiteForPolicy(f.origin, origin)
	}
	if blocked {
		return &Reason{Failure: ResourcePolicy, Header: name, Value: policy}
	}
	return nil
}

// sameSiteForPolicy lets an https page have what came by http, and not the other way round.
func sameSiteForPolicy(page, response string) bool {
	pageScheme, pageHost := splitOrigin(page)
	scheme, host := splitOrigin(response)
	if pageScheme != "https" && scheme == "https" {
		return false
	}
	return SameSite("https://"+pageHost, "https://"+host)
}

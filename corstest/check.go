package corstest

import "strings"

// corsCheck tells whether a response may be shared with a page whose origin is sent as origin; nil is yes.
//
// See https://fetch.spec.whatwg.org/#concept-cors-check.
func corsCheck(origin string, include bool, response Header) *Reason {
	allowed, present := response.get("Access-Control-Allow-Origin")
	switch {
	case !present:
		return &Reason{Failure: AllowOriginMissing, Header: "Access-Control-Allow-Origin", Want: origin}
	case allowed == "*" && !include:
		return nil
	case allowed == "*":
		return &Reason{Failure: AllowOriginWildcard, Header: "Access-Control-Allow-Origin", Value: allowed, Want: origin}
	case allowed != origin:
		failure := AllowOriginMismatch
		if strings.Contains(allowed, ",") || len(strings.Fields(allowed)) > 1 {
			failure = AllowOriginMultiple
		}
		return &Reason{Failure: failure, Header: "Access-Control-Allow-Origin", Value: allowed, Want: origin}
	case !include:
		return nil
	}
	credentials, _ := response.get("Access-Control-Allow-Credentials")
	if credentials == "true" {
		return nil
	}
	return &Reason{Failure: AllowCredentialsMissing, Header: "Access-Control-Allow-Credentials", Value: credentials, Want: "true"}
}

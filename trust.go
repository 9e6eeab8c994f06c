package cors

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// TrustsOrigin tells whether the policy names the origin as one that may act for its visitors, for what CORS does
// not do itself: package crossorigin refuses forms and other simple requests from all others. AllowOrigins or
// AllowOriginFunc has to allow it and, with credentials set, AllowCredentials to be set, too.
//
// It is false for "null", and for every origin where the policy lists "*", https://* or http://*: these name
// nobody, and any site could have them.
func (m *Middleware) TrustsOrigin(ctx *fasthttp.RequestCtx, origin []byte, credentials bool) bool {
	p := m.policy.Load()
	if p == nil || p.everySite || credentials && !p.credentials || string(origin) == nullOrigin {
		return false
	}
	allowed := p.allowedOrigin(ctx, origin)
	return allowed != nil
}

// namesEverySite tells whether an origin that anybody on the web can have is among the patterns.
func namesEverySite(patterns []string) bool {
	for _, s := range patterns {
		scheme, host, _ := strings.Cut(s, "://")
		host, _, _ = strings.Cut(host, ":")
		if s == wildcard || (scheme == "https" || scheme == "http") && host == wildcard {
			return true
		}
	}
	return false
}

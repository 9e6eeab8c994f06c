package cors

import (
	"slices"

	"github.com/valyala/fasthttp"
)

// Config says which origins may do what. It is read once, by New or Reconfigure, which report everything
// that is wrong with it; changing it afterwards changes nothing. The zero value allows no origin and is
// refused.
//
// In JSON, its fields have the names of the CORS filter of the Kubernetes Gateway API; functions are left
// out.
type Config struct {
	// AllowOrigins lists the origins that may read responses: scheme, host and port as a browser sends them,
	// or a pattern.
	//
	//	https://example.com          that origin only
	//	https://*.example.com        its subdomains of any depth, not itself
	//	http://localhost:*           any port, and none
	//	https://*.example.com:*      both
	//	vscode-webview://*           any host, for schemes other than http and https
	//	*                            every origin
	//	null                         the opaque origin: sandboxed frames, pages from files, data URLs
	//
	// It is required, unless there is an AllowOriginFunc. With credentials, "*" and "null" are refused, as
	// are, without the matching field below, plain http on any other machine than one's own and all
	// subdomains of a public suffix.
	AllowOrigins []string `json:"allowOrigins,omitempty"`

	// AllowOriginFunc is asked about an origin that AllowOrigins does not cover. It only ever sees a
	// serialized origin (lower case, no default port, nothing behind the port) or "null". It must be safe
	// for concurrent use, must not change ctx or origin, nor keep either, and runs on every request that
	// gets so far. What it allows, it allows with credentials where AllowCredentials is set.
	AllowOriginFunc func(ctx *fasthttp.RequestCtx, origin []byte) bool `json:"-"`

	// AllowMethods lists the methods that may be used in addition to GET, HEAD and POST, which a browser
	// lets through in any case. Methods are case-sensitive: browsers send patch as it is, and PUT for put.
	// "*" stands for all methods.
	AllowMethods []string `json:"allowMethods,omitempty"`

	// AllowHeaders lists the request headers that a page may set, in addition to those that a browser lets
	// through in any case (such as Accept, or a Content-Type of an HTML form). Content-Type has to be listed
	// for JSON. "*" stands for all headers but Authorization, which can be listed beside it.
	AllowHeaders []string `json:"allowHeaders,omitempty"`

	// ExposeHeaders lists the response headers that a page may read, in addition to Cache-Control,
	// Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma. "*" stands for all,
	// and is refused with credentials, where a browser takes it for a name.
	ExposeHeaders []string `json:"exposeHeaders,omitempty"`

	// AllowCredentials lets pages send cookies, client certificates and HTTP authentication along, and read
	// the response to that.
	AllowCredentials bool `json:"allowCredentials,omitempty"`

	// MaxAge is for how many seconds a browser may keep the answer to a preflight: at most 86400; Chromium
	// keeps none for longer than 7200. 0 leaves it to the browser, which takes 5; a negative value says that
	// it must not be kept.
	MaxAge int `json:"maxAge,omitempty"`

	// AllowPrivateNetwork answers preflights of the withdrawn Private Network Access draft, which Chrome
	// sent from version 104 to 141 before a public site could reach a private address.
	AllowPrivateNetwork bool `json:"allowPrivateNetwork,omitempty"`

	// VaryBy names the request headers, besides Origin, that AllowOriginFunc looks at, such as one that names a
	// tenant. They are added to Vary of every response, so that no cache serves one for the other.
	VaryBy []string `json:"varyBy,omitempty"`

	// ExposeHeadersOnPreflight sends Access-Control-Expose-Headers with preflights, too. No browser reads it
	// there; the conformance tests of the Gateway API do.
	ExposeHeadersOnPreflight bool `json:"exposeHeadersOnPreflight,omitempty"`

	// PreflightStatus is the status of a preflight that succeeds, from 200 to 299; 0 means 204.
	PreflightStatus int `json:"preflightStatus,omitempty"`

	// OnDecision, if not nil, is told what was decided about each request, after a preflight was answered
	// and before the handler runs: for metrics and logs. It must be safe for concurrent use, must not keep
	// ctx or d.Refused, and must not change ctx.
	OnDecision func(ctx *fasthttp.RequestCtx, d Decision) `json:"-"`

	// DangerouslyAllowInsecureOrigins accepts plain http origins together with credentials. Whoever can
	// tamper with a user's network can then act as that origin, with the user's cookies.
	DangerouslyAllowInsecureOrigins bool `json:"dangerouslyAllowInsecureOrigins,omitempty"`

	// DangerouslyAllowAnyOriginWithCredentials accepts "*", https://* and http://* together with credentials,
	// and then answers with the request's own origin. Every site can then act for its visitors, and read what
	// the server tells them.
	DangerouslyAllowAnyOriginWithCredentials bool `json:"dangerouslyAllowAnyOriginWithCredentials,omitempty"`

	// DangerouslyAllowPrivateNetworkFromAnyOrigin accepts AllowPrivateNetwork for every origin. Every site can
	// then reach into its visitors' own networks.
	DangerouslyAllowPrivateNetworkFromAnyOrigin bool `json:"dangerouslyAllowPrivateNetworkFromAnyOrigin,omitempty"`

	// DangerouslyAllowPublicSuffixes accepts all subdomains of a public suffix, such as
	// https://*.github.io, together with credentials. Anybody can register one.
	DangerouslyAllowPublicSuffixes bool `json:"dangerouslyAllowPublicSuffixes,omitempty"`
}

// clone returns a copy that shares nothing that can be changed.
func (c Config) clone() Config {
	c.AllowOrigins = slices.Clone(c.AllowOrigins)
	c.AllowMethods = slices.Clone(c.AllowMethods)
	c.AllowHeaders = slices.Clone(c.AllowHeaders)
	c.ExposeHeaders = slices.Clone(c.ExposeHeaders)
	c.VaryBy = slices.Clone(c.VaryBy)
	return c
}

// compile returns the policy that c asks for, or an error that joins a *ConfigError for each mistake.
func (c Config) compile() (*policy, error) {
	var check configCheck
	origins := check.origins(&c)
	check.list("AllowMethods", c.AllowMethods, methodMistake)
	check.list("AllowHeaders", c.AllowHeaders, allowHeaderMistake)
	check.list("ExposeHeaders", c.ExposeHeaders, func(s string) mistake { return exposeHeaderMistake(s, c.AllowCredentials) })
	check.list("VaryBy", c.VaryBy, varyByMistake)
	check.numbers(&c)
	if err := check.err(); err != nil {
		return nil, err
	}
	return newPolicy(c, origins), nil
}

package cors

import (
	"slices"

	"github.com/valyala/fasthttp"
)

// Config says which origins may do what. It is read once, by New or Reconfigure, which report everything
// that is wrong with it; changing it afterwards changes nothing. The zero value allows no origin and is
// refused.
//
// In JSON and YAML, its fields have the names of the CORS filter of the Kubernetes Gateway API, but
// values are checked more strictly, and defaults differ: the module corsgateway reads such a filter as that API
// means it. Functions are left out. ParseConfig reads JSON, and nothing that it does not know. The env tags are
// for packages that fill structures from environment variables; SplitList does for one of them.
//
// What is in a list twice counts once.
type Config struct {
	// AllowOrigins lists the origins that may read responses: scheme, host and port as a browser sends them,
	// or a pattern.
	//
	//	https://example.com          that origin only
	//	https://*.example.com        its subdomains of any depth, not itself
	//	https://app-*.example.com    one label with something in the place of "*", such as app-1.example.com
	//	http://localhost:*           any port, and none
	//	https://*.example.com:*      both
	//	https://*                    every https origin without a port
	//	app://obsidian.md            apps, extensions and web views; app://. and capacitor:// are origins, too
	//	vscode-webview://*           any host and port, and none, for schemes other than http and https
	//	*                            every origin; stands alone
	//	null                         the opaque origin: sandboxed frames, data URLs, in most browsers files
	//
	// An origin is right if the URL standard's parser gives it back unchanged; New suggests what it gives back
	// otherwise. Labels under "*" have letters, digits, "-" and "_". There are no ranges of addresses and no
	// regular expressions: that is what AllowOriginFunc is for.
	//
	// AllowOrigins is required, unless there is an AllowOriginFunc. With credentials, "null" is refused, and so
	// are, without the matching field below, "*", https://* and http://*; plain http on any other machine than
	// one's own, and file://; and patterns where anybody can have a subdomain, such as https://*.github.io.
	AllowOrigins []string `json:"allowOrigins,omitempty" yaml:"allowOrigins,omitempty" env:"ALLOW_ORIGINS"`

	// AllowOriginFunc is asked about an origin that AllowOrigins does not cover. It only ever sees "null", or
	// scheme, "://" and printable ASCII without space , / \ ? # and @, at most 326 bytes in all: that is wider than
	// what browsers send, so that whole origins have to be compared, or whole labels of whole hosts. It must be
	// safe for concurrent use, must not change ctx or origin, nor keep either, and runs on every request that gets
	// so far. What it allows, it allows with credentials where AllowCredentials is set. VaryBy names what else it
	// looks at.
	AllowOriginFunc func(ctx *fasthttp.RequestCtx, origin []byte) bool `json:"-" yaml:"-" env:"-"`

	// AllowMethods lists the methods that may be used in addition to GET, HEAD and POST, which a browser
	// lets through in any case. Methods are case-sensitive: browsers send patch as it is, and PUT for put.
	// "*" stands for all methods. Firefox does not look up "*" in what it keeps of preflights, and sends another
	// for each request: a list spares it that, here and in AllowHeaders.
	AllowMethods []string `json:"allowMethods,omitempty" yaml:"allowMethods,omitempty" env:"ALLOW_METHODS"`

	// AllowHeaders lists the request headers that a page may set, in addition to those that a browser lets
	// through for their values: most of Accept, Accept-Language and Content-Language, a Content-Type of an HTML
	// form, a simple Range. Content-Type has to be listed for JSON, and Accept for one with quotes or colons in
	// it, such as application/ld+json with a profile. "*" stands for all headers but Authorization, which can be
	// listed beside it, and for no part of a name.
	AllowHeaders []string `json:"allowHeaders,omitempty" yaml:"allowHeaders,omitempty" env:"ALLOW_HEADERS"`

	// ExposeHeaders lists the response headers that a page may read, in addition to Cache-Control,
	// Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma. "*" stands for all,
	// and is refused with credentials, where a browser takes it for a name. So are the CORS headers themselves.
	ExposeHeaders []string `json:"exposeHeaders,omitempty" yaml:"exposeHeaders,omitempty" env:"EXPOSE_HEADERS"`

	// AllowCredentials lets pages send cookies, client certificates and HTTP authentication along, and read
	// the response to that.
	AllowCredentials bool `json:"allowCredentials,omitempty" yaml:"allowCredentials,omitempty" env:"ALLOW_CREDENTIALS"`

	// MaxAge is for how many seconds a browser may keep the answer to a preflight: at most 86400; Chromium
	// keeps none for longer than 7200. 0 leaves it to the browser, which takes 5; a negative value says that
	// it must not be kept.
	MaxAge int `json:"maxAge,omitempty" yaml:"maxAge,omitempty" env:"MAX_AGE"`

	// AllowPrivateNetwork answers preflights of the withdrawn Private Network Access draft, which Chrome
	// sent from version 104 to 141 before a public site could reach a private address. With "*", https://* or
	// http://*, it is refused without the matching field below.
	AllowPrivateNetwork bool `json:"allowPrivateNetwork,omitempty" yaml:"allowPrivateNetwork,omitempty" env:"ALLOW_PRIVATE_NETWORK"`

	// VaryBy names the request headers, besides Origin, that AllowOriginFunc looks at, such as one that names a
	// tenant; "*" is refused. They are added to Vary of every response, so that no cache serves one for the other.
	VaryBy []string `json:"varyBy,omitempty" yaml:"varyBy,omitempty" env:"VARY_BY"`

	// ExposeHeadersOnPreflight sends Access-Control-Expose-Headers with preflights, too. No browser reads it
	// there; the conformance tests of the Gateway API do.
	ExposeHeadersOnPreflight bool `json:"exposeHeadersOnPreflight,omitempty" yaml:"exposeHeadersOnPreflight,omitempty" env:"EXPOSE_HEADERS_ON_PREFLIGHT"`

	// PreflightStatus is the status of a preflight that succeeds, from 200 to 299; 0 means 204.
	PreflightStatus int `json:"preflightStatus,omitempty" yaml:"preflightStatus,omitempty" env:"PREFLIGHT_STATUS"`

	// OnDecision, if not nil, is told what was decided about each request, after a preflight was answered
	// and before the handler runs: for metrics and logs. It must be safe for concurrent use, must not keep
	// ctx or d.Refused, and must not change ctx.
	OnDecision func(ctx *fasthttp.RequestCtx, d Decision) `json:"-" yaml:"-" env:"-"`

	// DangerouslyAllowInsecureOrigins accepts plain http origins, and file://, together with credentials. Whoever
	// can tamper with a user's network, or have the user open a file, can then act as that origin, with the
	// user's cookies.
	DangerouslyAllowInsecureOrigins bool `json:"dangerouslyAllowInsecureOrigins,omitempty" yaml:"dangerouslyAllowInsecureOrigins,omitempty" env:"DANGEROUSLY_ALLOW_INSECURE_ORIGINS"`

	// DangerouslyAllowAnyOriginWithCredentials accepts "*", https://* and http://* together with credentials,
	// and then answers with the request's own origin. Every site can then act for its visitors, and read what
	// the server tells them.
	DangerouslyAllowAnyOriginWithCredentials bool `json:"dangerouslyAllowAnyOriginWithCredentials,omitempty" yaml:"dangerouslyAllowAnyOriginWithCredentials,omitempty" env:"DANGEROUSLY_ALLOW_ANY_ORIGIN_WITH_CREDENTIALS"`

	// DangerouslyAllowPrivateNetworkFromAnyOrigin accepts AllowPrivateNetwork for every origin. Every site can
	// then reach into its visitors' own networks.
	DangerouslyAllowPrivateNetworkFromAnyOrigin bool `json:"dangerouslyAllowPrivateNetworkFromAnyOrigin,omitempty" yaml:"dangerouslyAllowPrivateNetworkFromAnyOrigin,omitempty" env:"DANGEROUSLY_ALLOW_PRIVATE_NETWORK_FROM_ANY_ORIGIN"`

	// DangerouslyAllowPublicSuffixes accepts patterns over a public suffix (https://*.github.io,
	// https://myapp-*.vercel.app), or above one (https://*.amazonaws.com), together with credentials. Anybody can
	// have a subdomain there.
	DangerouslyAllowPublicSuffixes bool `json:"dangerouslyAllowPublicSuffixes,omitempty" yaml:"dangerouslyAllowPublicSuffixes,omitempty" env:"DANGEROUSLY_ALLOW_PUBLIC_SUFFIXES"`
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

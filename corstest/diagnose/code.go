package diagnose

// Code names a cause or a note. Codes are stable. Where a response breaks a rule and that is all there is to it, the
// code is the rule's, a [corstest.Failure].
type Code string

// Causes:
const (
	OriginNotAllowed    Code = "origin-not-allowed"       // the server does not list the page's origin, or handles no CORS at all
	AllowOriginLeftOut  Code = "allow-origin-left-out"    // the other CORS headers are there
	MethodNotAllowed    Code = "method-not-allowed"       // the server does not list the method
	HeaderNotAllowed    Code = "header-not-allowed"       // the server does not list a request header
	HeadersTogether     Code = "headers-together"         // what is asked for is allowed piece by piece, but not together
	Unstable            Code = "unstable"                 // the same question got another answer
	NotRouted           Code = "not-routed"               // a router refuses OPTIONS before CORS is handled
	AutomaticOptions    Code = "automatic-options"        // a router answers OPTIONS by itself before CORS is handled
	PathNotFound        Code = "path-not-found"           // nothing is at this URL
	AuthenticationFirst Code = "authentication-first"     // preflights are asked to authenticate, which they never can
	ProxyAuthentication Code = "proxy-authentication"     // a proxy wants authentication
	RefusedInFront      Code = "refused-in-front"         // a firewall, a proxy or a filter refuses OPTIONS
	ServerError         Code = "server-error"             // the server or its upstream failed
	RateLimited         Code = "rate-limited"             // too many requests
	TakenForOrdinary    Code = "preflight-taken-ordinary" // what makes a preflight is dropped on the way, or not looked at
	RequestHeadersLost  Code = "request-headers-lost"     // Origin, or what makes a preflight, is dropped on the way
	PreflightRedirected Code = "preflight-redirect"       // a preflight is redirected
	RedirectOutside     Code = "redirect-outside"         // a redirect is made outside of the CORS handling
	ErrorPath           Code = "error-path"               // errors are made outside of the CORS handling
	CachedResponse      Code = "cached-response"          // a cache serves what was meant for another origin
	ActualNotHandled    Code = "actual-not-handled"       // preflights are handled, actual requests are not
	AddedTwice          Code = "added-twice"              // two components add a header
	ExpectsTLS          Code = "expects-tls"              // the server speaks TLS
	MixedContent        Code = "mixed-content"            // an https page may not use http
	NetworkFailed       Code = "network-failure"          // no response came
)

// Notes:
const (
	AllowsAnyOrigin  Code = "allows-any-origin"      // the server allows an origin that was made up
	VaryMissing      Code = "vary-missing"           // a cache will serve one origin's response to another
	LocalNetwork     Code = "local-network-access"   // Chrome asks the user before a public page may reach a private address
	ResourcePolicy   Code = "resource-policy"        // Cross-Origin-Resource-Policy blocks loads that are no fetch
	CookieDropped    Code = "cookie-dropped"         // browsers do not keep a cookie from a cross-site response
	PreflightAlways  Code = "preflight-each-request" // no preflight is remembered for long
	MaxAgeLimited    Code = "max-age-limited"        // browsers remember preflights for less than the server says
	MaxAgeUnreadable Code = "max-age-unreadable"     // browsers do not agree on what Access-Control-Max-Age says
	BodyIncomplete   Code = "body-incomplete"        // the body did not come whole
)

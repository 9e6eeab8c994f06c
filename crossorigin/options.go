package crossorigin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Options says which requests from other origins are let through after all, and what happens to the others. The
// zero value lets none through. It is read once, by New, which reports everything that is wrong with it; changing
// it afterwards changes nothing.
type Options struct {
	// TrustPolicy is a middleware whose policy says which origins are trusted: those that AllowOrigins or
	// AllowOriginFunc allows with AllowCredentials, and so lets act for their visitors already. Reconfigure is
	// heeded at once. Without AllowCredentials nobody is trusted, since such a policy is not checked for origins
	// that anybody can have; nor is "null" ever, nor any origin by a policy that lists "*", https://* or http://*.
	TrustPolicy *cors.Middleware

	// DangerouslyTrustWithoutCredentials trusts the origins of a TrustPolicy without AllowCredentials, too. It may
	// list plain http, or all subdomains of a public suffix such as https://*.github.io: those can then act for
	// visitors.
	DangerouslyTrustWithoutCredentials bool

	// TrustedOrigins lists origins, and patterns of origins as in cors.Config.AllowOrigins, that are trusted in
	// addition. What would be refused there with credentials is refused here.
	TrustedOrigins []string

	// OwnOrigins lists the origins of the server as browsers see them, such as https://example.com, where a proxy
	// in front does not keep the Host header, and where an origin of plain http must not pass for one of https.
	// Origin is compared with these alone, and Host is not looked at.
	OwnOrigins []string

	// WebSockets lists the paths whose WebSocket handshakes are checked: they are GET requests, but a page of any
	// origin can send them, with the visitor's cookies, and read what comes back. A path that ends in "/" stands
	// for all below it, "/" for all there are. Case and a slash at the end make no difference.
	WebSockets []string

	// DangerouslyBypass lists paths where requests from every origin pass, maybe with a method in front: "/hook",
	// "POST /hooks/". A path that ends in "/" stands for all below it. A request matches if its path was sent
	// exactly as the server reads it, in the same case.
	DangerouslyBypass []string

	// Deny answers a request that is refused; nil means status 403 and a line of text. It must not keep d.
	Deny func(ctx *fasthttp.RequestCtx, d Decision)

	// ReportOnly lets requests through that would be refused, so that OnDecision can tell which they are before
	// anybody is locked out. It needs one.
	ReportOnly bool

	// OnDecision, if not nil, is told what was decided about each request, before it is refused or handled: for
	// metrics and logs. It must be safe for concurrent use, must not keep ctx or d, and must not change ctx.
	OnDecision func(ctx *fasthttp.RequestCtx, d Decision)

	// DangerouslyAllowInsecureOrigins accepts plain http in TrustedOrigins. Whoever can tamper with a user's network
	// can then act as that origin.
	DangerouslyAllowInsecureOrigins bool

	// DangerouslyAllowPublicSuffixes accepts all subdomains of a public suffix in TrustedOrigins, such as
	// https://*.github.io. Anybody can register one.
	DangerouslyAllowPublicSuffixes bool
}

// Mistakes in Options, beside those in origins that package cors has names for.
const (
	CodeTrustsEverySite cors.ErrorCode = "trusts_every_site" // "*", null and the like in TrustedOrigins
	CodeNotOneOrigin    cors.ErrorCode = "not_one_origin"    // a pattern, or null, in OwnOrigins
	CodePathMalformed   cors.ErrorCode = "path_malformed"    // in WebSockets or DangerouslyBypass
	CodeReportToNobody  cors.ErrorCode = "report_to_nobody"  // ReportOnly without OnDecision
)

// New returns a Protection as o describes it. The error joins a *cors.ConfigError, whose Field is one of Options,
// for each mistake in o.
func New(o Options) (*Protection, error) {
	p := &Protection{
		policy:             o.TrustPolicy,
		withoutCredentials: o.DangerouslyTrustWithoutCredentials,
		deny:               o.Deny,
		reportOnly:         o.ReportOnly,
		onDecision:         o.OnDecision,
	}
	var mistakes []error
	p.trusted, mistakes = readTrusted(&o)
	own, more := readOwn(o.OwnOrigins)
	p.own, mistakes = own, append(mistakes, more...)
	p.webSockets, more = readPaths("WebSockets", o.WebSockets, false)
	mistakes = append(mistakes, more...)
	p.bypass, more = readPaths("DangerouslyBypass", o.DangerouslyBypass, true)
	mistakes = append(mistakes, more...)
	if o.ReportOnly && o.OnDecision == nil {
		mistakes = append(mistakes, &cors.ConfigError{Code: CodeReportToNobody, Field: "ReportOnly", Index: -1,
			Reason: "refuses nothing and tells nobody, so that it does nothing; set OnDecision"})
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return p, nil
}

// MustNew is like New, but panics if there is a mistake in o.
func MustNew(o Options) *Protection {
	p, err := New(o)
	if err != nil {
		panic(fmt.Errorf("crossorigin: %w", err))
	}
	return p
}

// readTrusted reads TrustedOrigins, as a policy with credentials.
func readTrusted(o *Options) (*cors.Middleware, []error) {
	const field = "TrustedOrigins"
	var mistakes []error
	for i, s := range o.TrustedOrigins {
		switch {
		case s == "*" || strings.HasPrefix(s, "https://*:") || strings.HasPrefix(s, "http://*:") || s == "https://*" || s == "http://*":
			mistakes = append(mistakes, &cors.ConfigError{Code: CodeTrustsEverySite, Field: field, Index: i, Value: s,
				Reason: "would trust every site, so that nothing was protected; list the origins"})
		case s == "null":
			mistakes = append(mistakes, &cors.ConfigError{Code: CodeTrustsEverySite, Field: field, Index: i, Value: s,
				Reason: "would trust every site, because each can make itself a frame with that origin"})
		}
	}
	if len(mistakes) > 0 || len(o.TrustedOrigins) == 0 {
		return nil, mistakes
	}
	return readOrigins(field, cors.Config{
		AllowOrigins:                    o.TrustedOrigins,
		AllowCredentials:                true,
		DangerouslyAllowInsecureOrigins: o.DangerouslyAllowInsecureOrigins,
		DangerouslyAllowPublicSuffixes:  o.DangerouslyAllowPublicSuffixes,
	})
}

// readOwn reads OwnOrigins, which are no patterns: a pattern would make all that match it one origin.
func readOwn(origins []string) (*cors.Middleware, []error) {
	const field = "OwnOrigins"
	var mistakes []error
	for i, s := range origins {
		if s == "null" || strings.Contains(s, "*") {
			mistakes = append(mistakes, &cors.ConfigError{Code: CodeNotOneOrigin, Field: field, Index: i, Value: s,
				Reason: "is not one origin of a server; list each as a browser shows it, scheme, host and port"})
		}
	}
	if len(mistakes) > 0 || len(origins) == 0 {
		return nil, mistakes
	}
	return readOrigins(field, cors.Config{AllowOrigins: origins})
}

// readOrigins has a list read by the rules of CORS, which are those of browsers, and gives mistakes the name of the
// field that they are in.
func readOrigins(field string, c cors.Config) (*cors.Middleware, []error) {
	m, err := cors.New(c)
	if err == nil {
		return m, nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, []error{err}
	}
	var mistakes []error
	for _, err := range joined.Unwrap() {
		var mistake *cors.ConfigError
		if errors.As(err, &mistake) {
			renamed := *mistake
			renamed.Field = field
			err = &renamed
		}
		mistakes = append(mistakes, err)
	}
	return nil, mistakes
}

// readPaths reads a list of paths, which have methods in front where withMethod is set.
func readPaths(field string, list []string, withMethod bool) (patterns []pathPattern, mistakes []error) {
	for i, s := range list {
		pattern, reason := parsePathPattern(s)
		if reason == "" && pattern.method != "" && !withMethod {
			reason = "has a method in front; handshakes have only one"
		}
		if reason != "" {
			mistakes = append(mistakes, &cors.ConfigError{Code: CodePathMalformed, Field: field, Index: i, Value: s, Reason: reason})
			continue
		}
		patterns = append(patterns, pattern)
	}
	return patterns, mistakes
}

package cors

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// policy is a Config, compiled: what the request path reads, and nothing else. It never changes, and every
// byte that it contributes to a response is there before the first request.
//
// Values of response headers are nil where the header is not sent, and where it depends on the request.
type policy struct {
	config Config // as it was given, for Middleware.Config

	origins originSet
	methods methodSet
	headers headerSet

	allowOrigin      []byte // "*"; nil: the request's own
	allowCredentials []byte
	allowMethods     []byte
	allowHeaders     []byte
	exposeHeaders    []byte
	exposePreflight  []byte // the same, of preflights
	maxAge           []byte
	vary             *varyNames // of what is not OPTIONS; nil: nothing
	varyOptions      *varyNames

	credentials     bool
	everySite       bool // lists "*", https://* or http://*
	privateNetwork  bool
	echoMethod      bool // "*" with credentials, where a browser takes it literally
	echoHeaders     bool
	preflightStatus int
	originFunc      func(ctx *fasthttp.RequestCtx, origin []byte) bool
	onDecision      func(ctx *fasthttp.RequestCtx, d Decision)
	calls           bool // one of these functions, or both
	allowsMore      bool // origins than are listed

	// Whole answers to preflights. Those that are allowed have none where one depends on more than the origin.
	allowed []allowedAnswer
	refused *fasthttp.ResponseHeader
	servers atomic.Pointer[server] // that are known to date responses or not (response.go); all else never changes
}

// allowedAnswer is an answer to a preflight, with an origin of the policy's.
type allowedAnswer struct {
	origin []byte // nil: none; another one takes its place
	header *fasthttp.ResponseHeader
}

var (
	valueTrue     = []byte("true")
	valueWildcard = []byte("*")
)

// newPolicy compiles a Config that has been checked, and the origins that have been read of it.
func newPolicy(c Config, origins originSet) *policy {
	p := &policy{
		config:          c.clone(),
		origins:         origins,
		methods:         methodSet{any: slices.Contains(c.AllowMethods, wildcard), list: unique(c.AllowMethods, asWritten)},
		credentials:     c.AllowCredentials,
		everySite:       namesEverySite(c.AllowOrigins),
		privateNetwork:  c.AllowPrivateNetwork,
		preflightStatus: c.PreflightStatus,
		originFunc:      c.AllowOriginFunc,
		onDecision:      c.OnDecision,
		calls:           c.AllowOriginFunc != nil || c.OnDecision != nil,
		allowsMore:      c.AllowOriginFunc != nil || origins.any,
	}
	p.compileAllowOrigin()
	p.compileAllowCredentials()
	p.compileAllowMethods()
	p.compileAllowHeaders(c.AllowHeaders)
	p.compileExposeHeaders(c.ExposeHeaders, c.ExposeHeadersOnPreflight)
	p.compileMaxAge(c.MaxAge)
	p.compileVary(c.VaryBy)
	if p.preflightStatus == 0 {
		p.preflightStatus = fasthttp.StatusNoContent
	}
	p.prepareAnswers()
	return p
}

// One function for each response header, so that whoever asks where it comes from finds the place.

func (p *policy) compileAllowOrigin() {
	if p.origins.any && !p.credentials {
		p.allowOrigin = valueWildcard
	}
}

func (p *policy) compileAllowCredentials() {
	if p.credentials {
		p.allowCredentials = valueTrue
	}
}

func (p *policy) compileAllowMethods() {
	switch {
	case p.methods.any && p.credentials:
		p.echoMethod = true
	case p.methods.any:
		p.allowMethods = valueWildcard
	default:
		p.allowMethods = joined(p.methods.list)
	}
}

func (p *policy) compileAllowHeaders(listed []string) {
	names := make([]string, 0, len(listed))
	for _, name := range listed {
		if name != wildcard {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.headers = newHeaderSet(names, slices.Contains(listed, wildcard))
	switch {
	case p.headers.any && p.credentials:
		p.echoHeaders = true
	case p.headers.any && p.headers.authorization:
		p.allowHeaders = []byte("*,authorization")
	case p.headers.any:
		p.allowHeaders = valueWildcard
	default:
		p.allowHeaders = joined(names)
	}
}

func (p *policy) compileExposeHeaders(listed []string, onPreflight bool) {
	p.exposeHeaders = joined(unique(listed, strings.ToLower))
	if slices.Contains(listed, wildcard) {
		p.exposeHeaders = valueWildcard
	}
	if onPreflight {
		p.exposePreflight = p.exposeHeaders
	}
}

func (p *policy) compileMaxAge(seconds int) {
	if seconds != 0 {
		p.maxAge = strconv.AppendInt(nil, int64(max(seconds, 0)), 10)
	}
}

// compileVary names what a response depends on. Some CDNs can be told to cache responses to OPTIONS, and those
// differ by what is requested, however alike they are for all origins.
func (p *policy) compileVary(varyBy []string) {
	var names []string
	if p.allowOrigin == nil {
		names = append(names, string(headerOrigin))
	}
	p.vary = newVaryNames(append(names, varyBy...)...)
	names = []string{string(headerOrigin), string(headerRequestMethod), string(headerRequestHeaders)}
	if p.privateNetwork {
		names = append(names, string(headerRequestPrivateNetwork))
	}
	p.varyOptions = newVaryNames(append(names, varyBy...)...)
}

// prepareAnswers writes the answers to preflights as they are written for a request: for each of the origins that are not
// hashed, or for one that is still to come.
func (p *policy) prepareAnswers() {
	p.refused = new(fasthttp.ResponseHeader)
	writeRefused(p.refused, p.varyOptions)
	if p.echoMethod || p.echoHeaders {
		return
	}
	for _, origin := range append([][]byte{p.origins.first}, p.origins.few...) {
		answer := allowedAnswer{origin, new(fasthttp.ResponseHeader)}
		p.writeAllowed(answer.header, &preflight{allowed: origin}, nil, p.varyOptions)
		p.allowed = append(p.allowed, answer)
	}
}

// joined returns the value of a header that is a list, or nil for an empty one.
func joined(list []string) []byte {
	if len(list) == 0 {
		return nil
	}
	return []byte(strings.Join(list, ","))
}

// asWritten is the key of elements that differ by case.
func asWritten(s string) string {
	return s
}

// unique returns list without repeats, in its order. Two elements are the same if their keys are.
func unique(list []string, key func(string) string) []string {
	kept := make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if k := key(s); !seen[k] {
			seen[k] = true
			kept = append(kept, s)
		}
	}
	return kept
}

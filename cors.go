package cors

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// Middleware applies a policy to the requests of a server. It is made by New; the zero value passes every
// request through untouched until Reconfigure gives it a policy. All methods are safe for concurrent use. A
// Middleware must not be copied.
type Middleware struct {
	policy atomic.Pointer[policy]
	debug  atomic.Bool
}

// New returns a Middleware with the policy that c describes. The error joins a *ConfigError for each
// mistake in c.
func New(c Config) (*Middleware, error) {
	m := new(Middleware)
	if err := m.Reconfigure(c); err != nil {
		return nil, err
	}
	return m, nil
}

// MustNew is like New, but panics if there is a mistake in c.
func MustNew(c Config) *Middleware {
	m, err := New(c)
	if err != nil {
		panic(fmt.Errorf("cors: %w", err))
	}
	return m
}

// Reconfigure replaces the policy, also while requests are served: each is answered wholly by the policy
// that was in force when it came. The error joins a *ConfigError for each mistake in c, and then the policy
// stays as it is.
func (m *Middleware) Reconfigure(c Config) error {
	p, err := c.compile()
	if err != nil {
		return err
	}
	m.policy.Store(p)
	return nil
}

// Disable takes the policy away, also while requests are served: every request then passes through untouched,
// as with the zero value, until Reconfigure gives it a policy again.
func (m *Middleware) Disable() {
	m.policy.Store(nil)
}

// Config returns a copy of the Config in force.
func (m *Middleware) Config() Config {
	if p := m.policy.Load(); p != nil {
		return p.config.clone()
	}
	return Config{}
}

// SetDebug switches debug mode, in which a preflight that fails is answered with an ok status and the
// headers up to the one that fails it, so that the browser's console names it. The browser refuses the
// request as before. It is off at first and may be switched while requests are served.
func (m *Middleware) SetDebug(on bool) {
	m.debug.Store(on)
}

// Debug tells whether debug mode is on.
func (m *Middleware) Debug() bool {
	return m.debug.Load()
}

// Wrap returns a handler that answers preflights, runs next for all other requests, and then writes the
// headers that let a browser hand the response to the page, or not. It does so however next ends: with an
// error, a timeout, a response copied from elsewhere, or a panic that is recovered further out.
func (m *Middleware) Wrap(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	if next == nil {
		panic("cors: Wrap of a nil handler")
	}
	return func(ctx *fasthttp.RequestCtx) {
		var x Exchange
		if m.Begin(ctx, &x) {
			return
		}
		defer x.Finish(ctx)
		next(ctx)
	}
}

// WrapErrorHandler returns a handler for fasthttp.Server.ErrorHandler, with which responses to requests that
// the server could not read to their end (such as a body that is too large) are as readable to a page as
// others, provided that the headers of the request had been read and fasthttp still has them: it drops them
// where a body fails in other ways than by its announced length. A nil next writes a plain error message with
// a fitting status.
//
// Where the client is still sending, the server goes on reading until the response has come through, within the
// limits of Linger. For that the response's body is a stream: whoever looks at it should do so in next.
func (m *Middleware) WrapErrorHandler(
	next func(*fasthttp.RequestCtx, error), options ...ErrorOption,
) func(*fasthttp.RequestCtx, error) {
	if next == nil {
		next = writeError
	}
	linger := newLinger(options)
	return func(ctx *fasthttp.RequestCtx, err error) {
		var x Exchange
		m.begin(ctx, &x, false)
		defer x.Finish(ctx)
		next(ctx, err)
		linger.after(ctx)
	}
}

func writeError(ctx *fasthttp.RequestCtx, err error) {
	status := fasthttp.StatusBadRequest
	var small *fasthttp.ErrSmallBuffer
	var timed interface{ Timeout() bool }
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status = fasthttp.StatusRequestEntityTooLarge
	case errors.As(err, &small):
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.As(err, &timed) && timed.Timeout():
		status = fasthttp.StatusRequestTimeout
	}
	ctx.Error(fasthttp.StatusMessage(status), status)
}

// Evaluate tells what the middleware would make of the request, and writes nothing.
func (m *Middleware) Evaluate(ctx *fasthttp.RequestCtx) Decision {
	p := m.policy.Load()
	if p == nil {
		return Decision{}
	}
	var r request
	r.read(&ctx.Request.Header, p.headers.longestValue)
	return p.decide(ctx, &r)
}

// AllowsOrigin tells whether AllowOrigins covers the origin, for what is not subject to CORS but to the same
// rules, such as a WebSocket handshake. AllowOriginFunc is not asked, since there is no request.
func (m *Middleware) AllowsOrigin(origin []byte) bool {
	p := m.policy.Load()
	return p != nil && p.origins.has(origin)
}

// Exchange is what the middleware keeps of a request until its response is written. Wrap does all there is
// to do with it; an adapter for a framework runs the same pair around its own next handler:
//
//	var x cors.Exchange
//	if m.Begin(ctx, &x) {
//		return // a preflight, answered
//	}
//	defer x.Finish(ctx)
//	next(ctx)
//
// It is meant to live on the stack, and is for one request.
type Exchange struct {
	policy  *policy // nil: nothing to write
	outcome Outcome

	// A copy, since the handler may change the request.
	originLen int
	origin    [maxOriginLen]byte
}

// Begin classifies the request and decides. It answers a preflight and returns true: the next handler must
// not run. For any other request it returns false: run the next handler, then Finish, also after a panic.
func (m *Middleware) Begin(ctx *fasthttp.RequestCtx, x *Exchange) (answered bool) {
	return m.begin(ctx, x, true)
}

// Finish writes the response's headers. It must run after the next handler, and before anything else that
// could send the response.
func (x *Exchange) Finish(ctx *fasthttp.RequestCtx) {
	p := x.policy
	if p == nil {
		return
	}
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		// A handler that has timed out may still be using the rest of ctx.
		h = &late.Header
	}
	hasVary := takeOver(h)
	if x.outcome == ActualAllowed || p.origins.any {
		p.writeAllowOrigin(h, x.origin[:x.originLen])
		if p.exposeHeaders != nil {
			h.SetCanonical(headerExposeHeaders, p.exposeHeaders)
		}
	}
	vary := p.vary
	if x.outcome.IsPreflight() {
		vary = p.varyPreflight // an error was answered in its place
	}
	if vary != nil {
		writeVary(h, vary, hasVary)
	}
}

// begin is the request path up to the handler: classify, decide and, for a preflight that is to be answered,
// write. What most requests are is decided with the least that it takes, and passed on in registers.
func (m *Middleware) begin(ctx *fasthttp.RequestCtx, x *Exchange, answer bool) (answered bool) {
	p := m.policy.Load()
	if p == nil {
		return false
	}
	var r request
	r.read(&ctx.Request.Header, p.headers.longestValue)
	x.policy = p
	if r.isPreflight {
		return m.beginPreflight(ctx, x, &r, answer)
	}
	if x.outcome = p.decideActual(ctx, &r); x.outcome == ActualAllowed && p.allowOrigin == nil {
		x.originLen = copy(x.origin[:], r.origin)
	}
	if p.onDecision != nil {
		p.onDecision(ctx, r.decision(x.outcome))
	}
	return false
}

// beginPreflight is the same for a preflight.
func (m *Middleware) beginPreflight(ctx *fasthttp.RequestCtx, x *Exchange, r *request, answer bool) (answered bool) {
	p := x.policy
	d := p.decidePreflight(ctx, r)
	x.outcome = d.Outcome
	if answer {
		p.answer(ctx, r, d.Outcome, m.Debug())
		x.policy = nil
	}
	if p.onDecision != nil {
		p.onDecision(ctx, d)
	}
	return answer
}

// decision returns the Decision for a request other than a preflight.
func (r *request) decision(o Outcome) Decision {
	if o == ActualRefused {
		return Decision{o, r.origin}
	}
	return Decision{Outcome: o}
}

// decide tells what the policy makes of a request.
func (p *policy) decide(ctx *fasthttp.RequestCtx, r *request) Decision {
	if r.isPreflight {
		return p.decidePreflight(ctx, r)
	}
	return r.decision(p.decideActual(ctx, r))
}

// decideActual is for requests other than preflights.
func (p *policy) decideActual(ctx *fasthttp.RequestCtx, r *request) Outcome {
	switch {
	case r.origins == 0:
		return NotCORS
	// With "*" the response is the same for everybody, and has no Vary: it must not depend on the origin.
	case p.origins.any || p.allowsOrigin(ctx, r):
		return ActualAllowed
	}
	return ActualRefused
}

// decidePreflight follows the browser's order (Fetch section 4.8): origin, method, headers.
func (p *policy) decidePreflight(ctx *fasthttp.RequestCtx, r *request) Decision {
	switch {
	case !p.allowsOrigin(ctx, r):
		return Decision{PreflightRefusedOrigin, r.origin}
	case r.methods != 1 || !p.methods.has(r.method):
		return Decision{PreflightRefusedMethod, r.method}
	}
	if name, ok := p.allowsHeaders(&ctx.Request.Header, r); !ok {
		return Decision{PreflightRefusedHeaders, name}
	}
	return Decision{Outcome: PreflightAllowed}
}

// allowsOrigin tells whether the request comes from an origin that is allowed. A request with several Origin
// lines was not sent by a browser, and comes from none.
func (p *policy) allowsOrigin(ctx *fasthttp.RequestCtx, r *request) bool {
	if r.origins != 1 {
		return false
	}
	if p.origins.has(r.origin) {
		return true
	}
	return p.originFunc != nil && (string(r.origin) == nullOrigin || wellFormedOrigin(r.origin)) &&
		p.originFunc(ctx, r.origin)
}

// allowsHeaders tells whether all request headers that a preflight asks for are allowed, and otherwise
// returns the first that is not.
func (p *policy) allowsHeaders(h *fasthttp.RequestHeader, r *request) (refused []byte, ok bool) {
	switch {
	case r.headerLines == 0:
		return nil, true
	case !p.headers.fits(r.headersLen):
		return r.headers, false
	case r.headerLines == 1:
		refused = p.headers.refused(r.headers)
		return refused, refused == nil
	}
	r.eachHeader(h, func(name, value []byte) bool {
		if equalFold(name, headerRequestHeaders) {
			refused = p.headers.refused(value)
		}
		return refused == nil
	})
	return refused, refused == nil
}

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
//
// A preflight is answered without reading its body, of which no browser's has one: the connection closes if there
// is one still to come (Server.StreamRequestBody).
func (m *Middleware) Wrap(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	if m == nil {
		panic("cors: Wrap of a nil Middleware")
	}
	if next == nil {
		panic("cors: Wrap of a nil handler")
	}
	return func(ctx *fasthttp.RequestCtx) {
		m.serve(ctx, next)
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
	if m == nil {
		panic("cors: WrapErrorHandler of a nil Middleware")
	}
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
	h := &ctx.Request.Header
	if h.IsOptions() {
		var r preflight
		if r.read(h) {
			return p.decidePreflight(ctx, &r)
		}
	}
	d, _, _ := p.decideActual(ctx, originHeader.peek(h))
	return d
}

// AllowsOrigin tells whether AllowOrigins covers the origin, for what is not subject to CORS but to the same
// rules, such as a WebSocket handshake. AllowOriginFunc is not asked, since there is no request.
func (m *Middleware) AllowsOrigin(origin []byte) bool {
	p := m.policy.Load()
	if p == nil {
		return false
	}
	return p.origins.find(origin) != nil || p.coversAny(origin)
}

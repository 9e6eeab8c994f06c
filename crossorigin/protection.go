package crossorigin

import (
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Protection refuses requests that change something and come from a page of another origin. The zero value refuses
// all of them; New makes one with exceptions. All methods are safe for concurrent use.
type Protection struct {
	policy             *cors.Middleware // whose origins are trusted, or nil
	withoutCredentials bool             // those of a policy without credentials, too
	trusted            *cors.Middleware // of Options.TrustedOrigins, or nil
	own                *cors.Middleware // of Options.OwnOrigins, or nil
	webSockets         []pathPattern
	bypass             []pathPattern
	deny               func(*fasthttp.RequestCtx, Decision)
	reportOnly         bool
	onDecision         func(*fasthttp.RequestCtx, Decision)
}

// Wrap returns a handler that refuses what has to be refused, and runs next for all other requests.
func (p *Protection) Wrap(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	if next == nil {
		panic("crossorigin: Wrap of a nil handler")
	}
	return func(ctx *fasthttp.RequestCtx) {
		if !p.Begin(ctx) {
			next(ctx)
		}
	}
}

// Begin is what Wrap does in front of the next handler, for adapters for frameworks. It answers a request that is
// refused and returns true: the next handler must not run.
func (p *Protection) Begin(ctx *fasthttp.RequestCtx) (answered bool) {
	if isSafe(ctx.Method()) && p.webSockets == nil && p.onDecision == nil {
		return false // what most requests are, with the least that it takes
	}
	d := p.Evaluate(ctx)
	if p.onDecision != nil {
		p.onDecision(ctx, d)
	}
	if !d.Outcome.IsRefused() || p.reportOnly {
		return false
	}
	p.refuse(ctx, d)
	return true
}

// Check returns a *RefusedError where the request has to be refused, and nil where it passes. It writes nothing, tells
// nobody, and is the same whether Options.ReportOnly is set or not. A request that passes is checked without
// allocating.
func (p *Protection) Check(ctx *fasthttp.RequestCtx) error {
	return p.Evaluate(ctx).err()
}

// Evaluate tells what has to become of the request, like Check, and does not allocate.
func (p *Protection) Evaluate(ctx *fasthttp.RequestCtx) Decision {
	h := &ctx.Request.Header
	if isSafe(h.Method()) && (p.webSockets == nil || !h.IsGet() || !p.isGuardedHandshake(ctx)) {
		return Decision{Outcome: SafeMethod}
	}
	d := Decision{Site: peek(h, headerSite)}
	switch string(d.Site) {
	case "same-origin", "none":
		d.Outcome = SameOrigin
		return d
	case "":
		d.Outcome = RefusedOrigin
	default:
		d.Outcome = RefusedSite
	}
	d.Origin = peek(h, headerOrigin)
	if d.Outcome == RefusedOrigin {
		if len(d.Origin) == 0 {
			d.Outcome = NoOrigin
			return d
		}
		if p.own == nil {
			d.Host = hostOf(h)
		}
		if p.isOwn(d.Origin, d.Host) {
			d.Outcome = SameHost
			return d
		}
	}
	switch {
	case p.bypasses(ctx):
		d.Outcome = Bypassed
	case p.trusts(ctx, d.Origin):
		d.Outcome = Trusted
	}
	return d
}

// isOwn tells whether the origin is the server's own.
func (p *Protection) isOwn(origin, host []byte) bool {
	if p.own != nil {
		return p.own.AllowsOrigin(origin)
	}
	return isOriginOf(origin, host)
}

// trusts tells whether a request from the origin passes although it is another. A request with several Origin lines
// was not sent by a browser, and comes from none.
func (p *Protection) trusts(ctx *fasthttp.RequestCtx, origin []byte) bool {
	return hasOneOrigin(&ctx.Request.Header) &&
		(p.trusted != nil && p.trusted.AllowsOrigin(origin) ||
			p.policy != nil && p.policy.TrustsOrigin(ctx, origin, !p.withoutCredentials))
}

// refuse answers a request that is refused. A body that has not been read to its end would be taken for the next
// request on the connection, so that it has to be the last one.
func (p *Protection) refuse(ctx *fasthttp.RequestCtx, d Decision) {
	if ctx.Request.IsBodyStream() {
		defer closeConnection(ctx) // behind what resets the response
	}
	if p.deny != nil {
		p.deny(ctx, d)
		return
	}
	ctx.Error("cross-origin request refused", fasthttp.StatusForbidden)
}

func closeConnection(ctx *fasthttp.RequestCtx) {
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		// A handler that has timed out may still be using the rest of ctx.
		late.SetConnectionClose()
		return
	}
	ctx.SetConnectionClose()
}

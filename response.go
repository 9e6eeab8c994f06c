package cors

import (
	"bytes"

	"github.com/valyala/bytebufferpool"
	"github.com/valyala/fasthttp"
)

// How the headers of a response are written. Those of the CORS protocol are the middleware's own: what a handler,
// an upstream or an error path has left of them is taken out first (left_behind.go), so that each goes out once at
// most, and as the policy has it.

// answer writes the response to a preflight.
//
// In most responses, nobody has written yet. The whole answer is then copied over it: that takes half as long as
// setting the headers one by one.
func (p *policy) answer(ctx *fasthttp.RequestCtx, r *preflight, outcome Outcome, debug bool) {
	h := &ctx.Response.Header
	switch {
	case outcome == PreflightAllowed:
		if prepared := p.allowedAnswerTo(r.allowed); prepared != nil && p.copyOver(ctx, prepared.header) {
			if p.allowOrigin == nil && !areSame(r.allowed, prepared.origin) {
				h.SetCanonical(headerAllowOrigin, r.allowed)
			}
		} else {
			p.writeAllowed(h, r, &ctx.Request.Header, takeOver(h, p.varyOptions))
		}
		if p.privateNetwork && string(privateNetworkHeader.first(&ctx.Request.Header)) == "true" {
			h.SetCanonical(headerAllowPrivateNetwork, valueTrue)
		}
	case debug:
		p.writeDebug(h, r, outcome, takeOver(h, p.varyOptions))
	case !p.copyOver(ctx, p.refused):
		writeRefused(h, takeOver(h, p.varyOptions))
	}
	// No browser's preflight has a body. What is still to be read of one would be taken for the next request; and one
	// that is in chunks may have come with a length besides, which somebody in front may have gone by (RFC 9112
	// section 6.1).
	if ctx.Request.IsBodyStream() || ctx.Request.Header.ContentLength() == inChunks {
		h.SetConnectionClose()
	}
}

// allowedAnswerTo returns the answer with the origin, or else one in which it is to be set, or nil.
func (p *policy) allowedAnswerTo(origin []byte) (closest *allowedAnswer) {
	for i := range p.allowed {
		if closest = &p.allowed[i]; areSame(closest.origin, origin) {
			break
		}
	}
	return closest
}

// What fasthttp says of the length of a body that is not announced.
const (
	inChunks = -1 // Transfer-Encoding: chunked
	toTheEnd = -2 // of the connection
)

func (p *policy) writeAllowed(h *fasthttp.ResponseHeader, r *preflight, request *fasthttp.RequestHeader, vary *varyNames) {
	h.SetStatusCode(p.preflightStatus)
	p.writeAllowOrigin(h, r)
	p.writeAllowMethods(h, r)
	if p.echoHeaders {
		r.echoHeaders(h, request)
	}
	set(h, headerAllowHeaders, p.allowHeaders)
	set(h, headerMaxAge, p.maxAge)
	set(h, headerExposeHeaders, p.exposePreflight)
	writeVary(h, vary)
}

func writeRefused(h *fasthttp.ResponseHeader, vary *varyNames) {
	h.SetStatusCode(fasthttp.StatusForbidden)
	writeVary(h, vary)
}

// writeDebug writes what the policy has to say of what was asked, so that the browser's console names the part
// that is not in it. A "*" is left out, since there are browsers that let it cover what the policy does not.
func (p *policy) writeDebug(h *fasthttp.ResponseHeader, r *preflight, outcome Outcome, vary *varyNames) {
	h.SetStatusCode(p.preflightStatus)
	if outcome != PreflightRefusedOrigin {
		p.writeAllowOrigin(h, r)
	}
	if outcome == PreflightRefusedHeaders {
		p.writeAllowMethods(h, r)
		if !p.headers.any {
			set(h, headerAllowHeaders, p.allowHeaders)
		}
	}
	writeVary(h, vary)
}

// writeAllowOrigin writes Access-Control-Allow-Origin and, as it is read together with that,
// Access-Control-Allow-Credentials.
func (p *policy) writeAllowOrigin(h *fasthttp.ResponseHeader, r *preflight) {
	origin := r.allowed
	if p.allowOrigin != nil {
		origin = p.allowOrigin
	}
	h.SetCanonical(headerAllowOrigin, origin)
	set(h, headerAllowCredentials, p.allowCredentials)
}

// writeAllowMethods writes the whole list and not just what was asked for, so that the browser's preflight
// cache covers all methods after one preflight.
func (p *policy) writeAllowMethods(h *fasthttp.ResponseHeader, r *preflight) {
	if p.echoMethod {
		h.SetCanonical(headerAllowMethods, r.method.first)
	}
	set(h, headerAllowMethods, p.allowMethods)
}

// set sets a header that the policy has a value for.
func set(h *fasthttp.ResponseHeader, name, value []byte) {
	if value != nil {
		h.SetCanonical(name, value)
	}
}

// echoHeaders writes the names that were asked for.
func (r *preflight) echoHeaders(h *fasthttp.ResponseHeader, request *fasthttp.RequestHeader) {
	names := bytebufferpool.Get()
	r.eachLine(request, func(line []byte) bool {
		for len(line) > 0 {
			var name []byte
			if name, line = nextElement(line); len(name) > 0 {
				names.B = append(append(names.B, name...), ',')
			}
		}
		return true
	})
	if len(names.B) > 0 {
		h.SetCanonical(headerAllowHeaders, names.B[:len(names.B)-1])
	}
	bytebufferpool.Put(names)
}

func writeVary(h *fasthttp.ResponseHeader, vary *varyNames) {
	if vary != nil {
		h.SetCanonical(headerVary, vary.joined)
	}
}

// copyOver copies the answer over a response in which nobody has written yet, and tells whether it is one. What the
// server has put there stays: its name, and what it does about a Date, a Content-Type and the names of headers.
func (p *policy) copyOver(ctx *fasthttp.RequestCtx, answer *fasthttp.ResponseHeader) bool {
	h := &ctx.Response.Header
	if len(h.Server()) > maxServerLen || !isUntouched(h) || !p.knowsDated(ctx) && !p.looksDated(ctx) {
		return false
	}
	var server [maxServerLen]byte
	n := copy(server[:], h.Server())
	asSent := h.DisableNormalizing()
	noContentType := len(h.ContentType()) == 0
	answer.CopyTo(h)
	if asSent {
		h.DisableNormalizing()
	}
	h.SetNoDefaultContentType(noContentType)
	if n > 0 {
		h.SetServerBytes(server[:n])
	}
	return true
}

// maxServerLen is the length of the longest name of a server that stays.
const maxServerLen = 64

// isUntouched tells whether a response has nothing but what a server gives to all: its name, and the default for
// Content-Type, which is another string with the same bytes if somebody has set it.
func isUntouched(h *fasthttp.ResponseHeader) bool {
	if h.StatusCode() != fasthttp.StatusOK || len(h.StatusMessage()) > 0 || h.ContentLength() != 0 ||
		len(h.PeekTrailerKeys()) > 0 || string(h.Protocol()) != "HTTP/1.1" {
		return false
	}
	untouched := true
	h.All()(func(name, value []byte) bool { // as a loop, this takes some nanoseconds more
		isDefault := len(value) > 0 && &value[0] == &defaultContentType[0]
		untouched = isDefault || string(name) == fasthttp.HeaderServer
		return untouched
	})
	return untouched
}

var defaultContentType = new(fasthttp.ResponseHeader).ContentType()

// knowsDated tells whether fasthttp puts a Date into the response, as far as it is known: always into that of a request
// made by hand, which may have no server, and where a look has told it of the server.
func (p *policy) knowsDated(ctx *fasthttp.RequestCtx) bool {
	if ctx.ConnRequestNum() == 0 {
		return true
	}
	last := p.servers.Load()
	return last != nil && last.done == ctx.Done() && last.dated
}

// server is one for which a preflight has been answered.
type server struct {
	done  <-chan struct{} // fasthttp makes one for each server, but for those that are given connections one by one
	dated bool
	next  *server
}

// maxServers is how many are remembered of those that share a policy.
const maxServers = 8

// looksDated looks at what is known, and else at the response as it would be sent, which costs as much as all the rest
// of an answer: Server.NoDefaultDate shows in nothing else.
func (p *policy) looksDated(ctx *fasthttp.RequestCtx) bool {
	last, count := p.servers.Load(), 0
	for s := last; s != nil; s = s.next {
		if s.done == ctx.Done() {
			return s.dated
		}
		count++
	}
	dated := bytes.Contains(ctx.Response.Header.Header(), dateStart)
	if ctx.Done() != nil && count < maxServers {
		p.servers.CompareAndSwap(last, &server{ctx.Done(), dated, last}) // or with the next, if another request came first
	}
	return dated
}

var dateStart = []byte("\r\nDate: ")

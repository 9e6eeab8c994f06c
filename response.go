package cors

import (
	"github.com/valyala/bytebufferpool"
	"github.com/valyala/fasthttp"
)

// The middleware owns the response headers of the CORS protocol: before it writes its own, it removes those
// that a handler, an upstream or an error path has left, so that each goes out once at most, and as the
// policy has it.

// answer writes the response to a preflight. One that is refused has no header that would let it pass; in
// debug mode, it has those in front of the one that fails it.
func (p *policy) answer(ctx *fasthttp.RequestCtx, r *request, outcome Outcome, debug bool) {
	h := &ctx.Response.Header
	hasVary := takeOver(h)
	if outcome == PreflightAllowed || debug {
		h.SetStatusCode(p.preflightStatus)
	} else {
		h.SetStatusCode(fasthttp.StatusForbidden)
	}
	switch {
	case outcome == PreflightAllowed:
		p.writeAllowOrigin(h, r.origin)
		p.writeAllowMethods(h, r)
		p.writeAllowHeaders(h, &ctx.Request.Header, r)
		if p.maxAge != nil {
			h.SetCanonical(headerMaxAge, p.maxAge)
		}
		if p.privateNetwork && r.privateNetwork {
			h.SetCanonical(headerAllowPrivateNetwork, valueTrue)
		}
	case debug && outcome == PreflightRefusedMethod:
		p.writeAllowOrigin(h, r.origin)
	case debug && outcome == PreflightRefusedHeaders:
		p.writeAllowOrigin(h, r.origin)
		p.writeAllowMethods(h, r)
	}
	writeVary(h, p.varyPreflight, hasVary)
}

// writeAllowOrigin writes Access-Control-Allow-Origin and, as it is read together with that,
// Access-Control-Allow-Credentials.
func (p *policy) writeAllowOrigin(h *fasthttp.ResponseHeader, origin []byte) {
	if p.allowOrigin != nil {
		h.SetCanonical(headerAllowOrigin, p.allowOrigin)
		return
	}
	h.SetCanonical(headerAllowOrigin, origin)
	if p.credentials {
		h.SetCanonical(headerAllowCredentials, valueTrue)
	}
}

// writeAllowMethods writes the whole list and not just what was asked for, so that the browser's preflight
// cache covers all methods after one preflight.
func (p *policy) writeAllowMethods(h *fasthttp.ResponseHeader, r *request) {
	if p.echoMethod {
		h.SetCanonical(headerAllowMethods, r.method)
	} else if p.allowMethods != nil {
		h.SetCanonical(headerAllowMethods, p.allowMethods)
	}
}

// writeAllowHeaders writes the whole list, for the same reason.
func (p *policy) writeAllowHeaders(h *fasthttp.ResponseHeader, asked *fasthttp.RequestHeader, r *request) {
	switch {
	case p.allowHeaders != nil:
		h.SetCanonical(headerAllowHeaders, p.allowHeaders)
	case !p.echoHeaders || r.headerLines == 0:
	case r.headerLines == 1:
		h.SetCanonical(headerAllowHeaders, r.headers)
	default:
		lines := bytebufferpool.Get()
		r.eachHeader(asked, func(name, value []byte) bool {
			if equalFold(name, headerRequestHeaders) {
				if len(lines.B) > 0 {
					lines.B = append(lines.B, ',')
				}
				lines.B = append(lines.B, value...)
			}
			return true
		})
		h.SetCanonical(headerAllowHeaders, lines.B)
		bytebufferpool.Put(lines)
	}
}

func writeVary(h *fasthttp.ResponseHeader, names []byte, hasVary bool) {
	if hasVary {
		mergeVary(h, names)
	} else {
		h.SetCanonical(headerVary, names)
	}
}

// takeOver removes the headers that the middleware owns, and tells whether there is a Vary to merge with.
func takeOver(h *fasthttp.ResponseHeader) (hasVary bool) {
	if len(h.PeekTrailerKeys()) > 0 {
		keepOutOfTrailer(h)
	}
	hasOwned := false
	// As a loop over All, this takes a nanosecond more.
	h.All()(func(name, _ []byte) bool {
		if len(name) >= len(headerVary) {
			switch name[0] {
			case 'A', 'a':
				hasOwned = hasOwned || isOwned(name)
			case 'V', 'v':
				hasVary = hasVary || isVary(name)
			}
		}
		return true
	})
	if hasOwned {
		deleteHeaders(h, isOwned)
	}
	return hasVary
}

const ownedPrefix = "Access-Control-"

// isOwned tells whether a response header is the middleware's to write, in whatever case it is stored.
func isOwned(name []byte) bool {
	if len(name) < len(ownedPrefix) || !equalFold(name[:len(ownedPrefix)], headerAllowOrigin[:len(ownedPrefix)]) {
		return false
	}
	for _, owned := range [...][]byte{
		headerAllowOrigin, headerAllowCredentials, headerAllowMethods, headerAllowHeaders,
		headerAllowPrivateNetwork, headerExposeHeaders, headerMaxAge,
	} {
		if equalFold(name, owned) {
			return true
		}
	}
	return false
}

// deleteHeaders deletes the headers whose names match, in whatever case they are stored.
func deleteHeaders(h *fasthttp.ResponseHeader, match func(name []byte) bool) {
	// With normalization on, Del would look for the normal form only, and miss names that were copied from
	// a response without it, or set as they are.
	if !h.DisableNormalizing() {
		defer h.EnableNormalizing()
	}
	for deleteFirst(h, match) {
	}
}

func deleteFirst(h *fasthttp.ResponseHeader, match func(name []byte) bool) bool {
	for name := range h.All() {
		if match(name) {
			h.DelBytes(name)
			return true
		}
	}
	return false
}

// keepOutOfTrailer removes the middleware's headers from those that the handler has declared to come behind
// the body. fasthttp would send them there, and nobody would look for them.
func keepOutOfTrailer(h *fasthttp.ResponseHeader) {
	buffer := bytebufferpool.Get()
	defer bytebufferpool.Put(buffer)
	found := false
	for _, name := range h.PeekTrailerKeys() {
		if isOwned(name) || isVary(name) {
			found = true
			continue
		}
		if len(buffer.B) > 0 {
			buffer.B = append(buffer.B, ", "...)
		}
		buffer.B = append(buffer.B, name...)
	}
	if found {
		h.Del(fasthttp.HeaderTrailer)
		_ = h.SetTrailerBytes(buffer.B) // the names have been accepted before
	}
}

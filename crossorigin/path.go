package crossorigin

import (
	"bytes"
	"strings"

	"github.com/valyala/fasthttp"
)

// pathPattern is an entry of Options.DangerouslyBypass or Options.WebSockets, read and checked:
//
//	/hook           that path
//	/hooks/         and all below it
//	POST /hooks/    with that method
type pathPattern struct {
	method string // "" for every method
	path   string
}

// parsePathPattern reads a pattern. Where it is none, reason completes a sentence that begins with the pattern.
func parsePathPattern(s string) (p pathPattern, reason string) {
	p.path = s
	if method, path, found := strings.Cut(s, " "); found {
		p.method, p.path = method, path
		if method == "" || strings.ToUpper(method) != method {
			return p, `has no method in upper case in front of the space`
		}
	}
	switch {
	case !strings.HasPrefix(p.path, "/"):
		return p, `has no path that begins with "/"`
	case strings.ContainsAny(p.path, "*{}"):
		return p, `has a wildcard; a path that ends in "/" stands for all below it`
	case strings.ContainsAny(p.path, "?#"):
		return p, "has a query or a fragment, which is no part of a path"
	}
	var u fasthttp.URI
	u.SetPath(p.path)
	if !isNormal(&u) {
		return p, "is not how a server reads a path: without percent-encoding, empty segments and dots for segments"
	}
	return p, ""
}

// isPlain tells whether the request's path is read as it was sent. What routers make of others differs: some decode
// %2f before they look for "..", some after, some never. A path that is one thing here and another there must not
// bypass anything.
func isPlain(ctx *fasthttp.RequestCtx) bool {
	return isNormal(ctx.URI()) && bytes.IndexByte(ctx.RequestURI(), '#') < 0
}

func isNormal(u *fasthttp.URI) bool {
	path := u.PathOriginal()
	return string(path) == string(u.Path()) && !bytes.HasSuffix(path, []byte("/."))
}

// matches compares byte by byte.
func (p *pathPattern) matches(method, path []byte) bool {
	if p.method != "" && p.method != string(method) {
		return false
	}
	if strings.HasSuffix(p.path, "/") {
		return len(path) >= len(p.path) && string(path[:len(p.path)]) == p.path
	}
	return string(path) == p.path
}

// mayRoute tells whether a router could take the path for one that the pattern stands for. Many ignore case, and a
// slash at the end.
func (p *pathPattern) mayRoute(path []byte) bool {
	base := strings.TrimSuffix(p.path, "/")
	if len(path) < len(base) || !equalFold(path[:len(base)], base) {
		return false
	}
	rest := path[len(base):]
	return len(rest) == 0 || rest[0] == '/' && (len(rest) == 1 || base != p.path)
}

// equalFold compares without regard to case, and beyond ASCII byte by byte.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if c != s[i] && (c|0x20 != s[i]|0x20 || !isLetter(c)) {
			return false
		}
	}
	return true
}

// bypasses tells whether the request is for a path that is not protected.
func (p *Protection) bypasses(ctx *fasthttp.RequestCtx) bool {
	if len(p.bypass) == 0 || !isPlain(ctx) {
		return false
	}
	for i := range p.bypass {
		if p.bypass[i].matches(ctx.Method(), ctx.Path()) {
			return true
		}
	}
	return false
}

// isGuardedHandshake tells whether the request is for a WebSocket of a path that is to be protected. No page can
// set Upgrade, and browsers send it for nothing else. The path comes first: a server looks at it anyway.
func (p *Protection) isGuardedHandshake(ctx *fasthttp.RequestCtx) bool {
	return p.isGuarded(ctx) && len(bytes.TrimSpace(peek(&ctx.Request.Header, headerUpgrade))) > 0
}

// isGuarded tells whether a router could take the path for one of Options.WebSockets.
func (p *Protection) isGuarded(ctx *fasthttp.RequestCtx) bool {
	if !isPlain(ctx) {
		return true
	}
	for i := range p.webSockets {
		if p.webSockets[i].mayRoute(ctx.Path()) {
			return true
		}
	}
	return false
}

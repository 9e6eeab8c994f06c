package corstest

import (
	"context"
	"fmt"
	"time"
)

// fetch is one call of fetch under way.
type fetch struct {
	ctx     context.Context
	browser *Browser
	origin  string // the page's
	mode    Credentials
	include bool
	cookie  string
	force   bool
	noCORS  bool

	urls    []*webURL // the last one is current
	method  string
	header  Header // the page's, forbidden names left out
	dropped Header
	body    []byte
	hasBody bool

	// cors is the standard's response tainting: set by the first URL of another origin, and never unset, not even by a
	// redirect back to the page's own.
	cors bool
	// opaque is the same in mode no-cors.
	opaque bool
	// preflighted is whether any hop called for leave, be it cached.
	preflighted bool

	hops []Hop
}

func (f *fetch) current() *webURL { return f.urls[len(f.urls)-1] }

// Fetch does what a page's call of fetch does: it asks for leave by a preflight where one is needed, sends the request,
// follows redirects and tells what script may read of the response.
//
// See https://fetch.spec.whatwg.org/#main-fetch.
func (b *Browser) Fetch(r Request) *Result { return b.FetchContext(context.Background(), r) }

// FetchContext is [Browser.Fetch] within the time that ctx leaves.
func (b *Browser) FetchContext(ctx context.Context, r Request) *Result {
	f, reason := newFetch(ctx, b, r)
	for reason == nil {
		var followed bool
		followed, reason = f.hop()
		if reason == nil && !followed {
			return f.succeed()
		}
	}
	return f.fail(reason)
}

// Preflight does the first half of [Browser.Fetch], for where the actual request would do harm. The result is allowed
// where a browser would send that request, after a preflight or without one; nothing is read of a response.
func (b *Browser) Preflight(r Request) *Result { return b.PreflightContext(context.Background(), r) }

// PreflightContext is [Browser.Preflight] within the time that ctx leaves.
func (b *Browser) PreflightContext(ctx context.Context, r Request) *Result {
	f, reason := newFetch(ctx, b, r)
	if reason == nil {
		reason = f.enter(f.serializedOrigin())
	}
	if reason != nil {
		return f.fail(reason)
	}
	result := f.newResult()
	result.Allowed = true
	return result
}

// hop fetches the current URL and tells whether a redirect leads on from there.
//
// See https://fetch.spec.whatwg.org/#concept-http-fetch.
func (f *fetch) hop() (followed bool, reason *Reason) {
	origin := f.serializedOrigin()
	if reason := f.enter(origin); reason != nil {
		return false, reason
	}
	hop := &f.hops[len(f.hops)-1]
	hop.Actual = f.newExchange(f.method, f.actualHeader(origin), f.body)
	f.browser.exchange(f.ctx, f.current(), hop.Actual)
	f.keepCookies(hop.Actual)
	if err := hop.Actual.Err; err != nil {
		return false, &Reason{Failure: NetworkFailure, Err: err}
	}
	if reason := f.resourcePolicyCheck(hop.Actual.ResponseHeader); reason != nil {
		return false, reason
	}
	if f.cors {
		if reason := corsCheck(origin, f.include, hop.Actual.ResponseHeader); reason != nil {
			return false, reason
		}
	}
	return f.redirect(hop.Actual)
}

// enter begins a hop: it tells whether the current URL is under CORS and has leave for the request.
func (f *fetch) enter(origin string) (reason *Reason) {
	url := f.current()
	if url.origin() != f.origin {
		f.cors, f.opaque = !f.noCORS, f.noCORS
	}
	f.hops = append(f.hops, Hop{URL: url.withoutFragment(), SameOrigin: !f.cors && !f.opaque})
	unsafe := unsafeNames(f.header, f.browser.Engine)
	if !f.cors || !f.force && len(unsafe) == 0 && isSafelistedMethod(f.method) {
		return nil
	}
	f.preflighted = true
	return f.askLeave(&f.hops[len(f.hops)-1], unsafe, origin)
}

// askLeave makes sure that the preflight cache or a preflight allows the request.
func (f *fetch) askLeave(hop *Hop, unsafe []string, origin string) (reason *Reason) {
	q := preflightQuery{
		key: f.cacheKey(), include: f.include, method: f.method, unsafe: unsafe, force: f.force, tainted: origin != f.origin,
	}
	f.browser.withCache(func(cache preflightCache, now time.Time) {
		hop.Preflight = PreflightSent
		if cache.covers(q, now) {
			hop.Preflight = PreflightCached
		}
	})
	if hop.Preflight == PreflightCached {
		return nil
	}
	x := f.newExchange("OPTIONS", preflightHeader(origin, f.method, unsafe), nil)
	hop.PreflightExchange = x
	f.browser.exchange(f.ctx, f.current(), x)
	if x.Err != nil {
		return &Reason{Failure: NetworkFailure, Preflight: true, Err: x.Err}
	}
	granted, reason := checkPreflight(origin, q, x, f.browser.Engine)
	if reason != nil {
		reason.Preflight = true
		return reason
	}
	f.browser.withCache(func(cache preflightCache, now time.Time) { cache.store(q, granted, now) })
	return nil
}

func (f *fetch) cacheKey() cacheKey {
	return cacheKey{f.serializedOrigin(), f.current().String()}
}

// actualHeader returns the headers of the actual request: the page's, and what the browser adds.
//
// See https://fetch.spec.whatwg.org/#http-network-or-cache-fetch.
func (f *fetch) actualHeader(origin string) Header {
	h := append(Header(nil), f.header...)
	if f.hasBody || f.method == "POST" || f.method == "PUT" {
		h = append(h, [2]string{"Content-Length", fmt.Sprint(len(f.body))})
	}
	// A page's own origin learns where changes come from, too.
	if f.cors || f.method != "GET" && f.method != "HEAD" {
		h = append(h, [2]string{"Origin", origin})
	}
	if h.Has("Range") {
		h = append(h, [2]string{"Accept-Encoding", "identity"})
	}
	if cookies := f.cookies(); cookies != "" {
		h = append(h, [2]string{"Cookie", cookies})
	}
	return h
}

// newExchange completes the headers of a request for the current URL.
func (f *fetch) newExchange(method string, header Header, body []byte) *Exchange {
	url := f.current()
	h := Header{{"Host", url.hostPort()}, {"Connection", "keep-alive"}}
	if agent := f.browser.UserAgent; agent != "" && !header.Has("User-Agent") {
		h = append(h, [2]string{"User-Agent", agent})
	}
	return &Exchange{Method: method, URL: url.withoutFragment(), RequestHeader: append(h, header...), RequestBody: body}
}

func (f *fetch) newResult() *Result {
	return &Result{Origin: f.origin, Credentials: f.mode, Dropped: f.dropped, Hops: f.hops}
}

func (f *fetch) succeed() *Result {
	result := f.newResult()
	x := f.hops[len(f.hops)-1].Actual
	result.Allowed = true
	if f.opaque {
		result.Opaque = true
		return result
	}
	result.Status = x.Status
	result.Header = readableHeader(x.ResponseHeader, f.cors, f.include)
	switch x.Status {
	case 101, 103, 204, 205, 304:
		// https://fetch.spec.whatwg.org/#null-body-status
	default:
		result.Body = x.ResponseBody
	}
	return result
}

func (f *fetch) fail(reason *Reason) *Result {
	if f.preflighted {
		// What the cache promised did not hold.
		f.browser.withCache(func(cache preflightCache, _ time.Time) { cache.forget(f.cacheKey()) })
	}
	result := f.newResult()
	reason.explain(f)
	result.Reason = *reason
	return result
}

package corstest

import (
	"context"
	"errors"
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
	// named is whether an actual request carried Origin.
	named bool
	// preflighted is whether any hop called for leave, be it cached.
	preflighted bool
	// unsafe are the header names that needed leave before any redirect.
	unsafe []string

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
	hop.Actual = f.send(origin)
	if f.repeats(hop.Actual) {
		hop.Repeated, hop.Actual = hop.Actual, f.send(origin)
	}
	switch err := hop.Actual.Err; {
	case err != nil:
		return false, &Reason{Failure: NetworkFailure, Err: err}
	case hop.Actual.Status == 407 && f.browser.Engine == Chromium:
		return false, &Reason{Failure: NetworkFailure, Err: errNoProxy}
	}
	response := f.browser.Engine.received(hop.Actual.ResponseHeader)
	if reason := f.resourcePolicyCheck(response); reason != nil {
		return false, reason
	}
	if f.cors {
		if reason := corsCheck(origin, f.asksForCredentials(hop.Actual), response); reason != nil {
			return false, reason
		}
	}
	return f.redirect(hop.Actual)
}

// send makes the actual request to the current URL.
func (f *fetch) send(origin string) *Exchange {
	x := f.newExchange(f.method, f.actualHeader(origin), f.body)
	f.browser.exchange(f.ctx, f.current(), x)
	f.keepCookies(x)
	return x
}

var errNoProxy = errors.New("status 407 is a proxy's, and there is none")

// repeats tells whether the response has the browser send the request again, be it a POST: with 421 on another
// connection (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), and in Chromium with 408 where the connection had served
// before, so that its end may have been meant.
func (f *fetch) repeats(x *Exchange) bool {
	return x.Err == nil && (x.Status == 421 || x.Status == 408 && x.reused && f.browser.Engine == Chromium)
}

// asksForCredentials tells whether a response has to allow credentials. WebKitGTK goes on asking for them where a request that began
// at the page's own origin is redirected for a second time.
func (f *fetch) asksForCredentials(x *Exchange) bool {
	return f.include || f.browser.Engine == WebKitGTK && f.mode == SameOrigin && f.hops[0].SameOrigin && isRedirect(x.Status)
}

// enter begins a hop: it tells whether the current URL is under CORS and has leave for the request.
func (f *fetch) enter(origin string) (reason *Reason) {
	url := f.current()
	if url.origin() != f.origin {
		f.cors, f.opaque = !f.noCORS, f.noCORS
	}
	f.hops = append(f.hops, Hop{URL: url.withoutFragment(), SameOrigin: !f.cors && !f.opaque})
	engine := f.browser.Engine
	if engine == Chromium && f.header.Has("Available-Dictionary") {
		return &Reason{Failure: NetworkFailure, Err: errDictionary}
	}
	unsafe := unsafeNames(f.header, engine)
	if len(f.urls) == 1 {
		f.unsafe = unsafe
	}
	force := f.force
	if engine == Firefox || engine == WebKitGTK {
		force = force || f.preflighted || len(f.unsafe) > 0
	}
	if engine == WebKitGTK {
		unsafe = f.unsafe
	}
	if !f.cors || !force && len(unsafe) == 0 && isSafelistedMethod(f.method) {
		return nil
	}
	if engine == Firefox {
		origin = f.origin
	}
	f.preflighted = true
	return f.askLeave(&f.hops[len(f.hops)-1], unsafe, origin)
}

// askLeave makes sure that the preflight cache or a preflight allows the request.
func (f *fetch) askLeave(hop *Hop, unsafe []string, origin string) (reason *Reason) {
	q := preflightQuery{
		key: f.cacheKey(origin), include: f.include, method: f.method, unsafe: unsafe, force: f.force,
		own: f.current().origin() == f.origin,
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
	engine := f.browser.Engine
	headSuffices := engine == Chromium || engine == Firefox && len(x.ResponseBody) > 0
	if x.Err != nil && !(headSuffices && x.BodyErr != nil) {
		return &Reason{Failure: NetworkFailure, Preflight: true, Err: x.Err}
	}
	granted, reason := checkPreflight(origin, q, x, engine)
	if granted != nil && (reason == nil || engine == WebKitGTK) {
		f.browser.withCache(func(cache preflightCache, now time.Time) { cache.store(q, *granted, now) })
	}
	if reason != nil {
		reason.Preflight = true
	}
	return reason
}

func (f *fetch) cacheKey(origin string) cacheKey { return cacheKey{origin, f.current().String()} }

// actualHeader returns the headers of the actual request: the page's, and what the browser adds.
//
// See https://fetch.spec.whatwg.org/#http-network-or-cache-fetch.
func (f *fetch) actualHeader(origin string) Header {
	h := append(Header(nil), f.header...)
	if f.hasBody || f.method == "POST" || f.method == "PUT" {
		h = append(h, [2]string{"Content-Length", fmt.Sprint(len(f.body))})
	}
	// A page's own origin learns where changes come from, too.
	if f.cors || f.method != "GET" && f.method != "HEAD" || f.named && f.browser.Engine == WebKitGTK {
		h = append(h, [2]string{"Origin", origin})
		f.named = true
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
	return &Exchange{
		Method: method, URL: url.withoutFragment(), RequestHeader: append(h, header...), RequestBody: body,
		reused: f.browser.shared.visit(url.address()),
	}
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
	result.Header = readableHeader(f.browser.Engine.received(x.ResponseHeader), f.cors, f.include)
	switch x.Status {
	case 101, 103, 204, 205, 304:
		// https://fetch.spec.whatwg.org/#null-body-status
	default:
		result.Body = x.ResponseBody
	}
	return result
}

func (f *fetch) fail(reason *Reason) *Result {
	firefox := f.browser.Engine == Firefox
	if f.preflighted || f.cors && firefox {
		// What the cache promised did not hold.
		origin := f.origin
		if !firefox {
			origin = f.serializedOrigin()
		}
		f.browser.withCache(func(cache preflightCache, _ time.Time) { cache.forget(f.cacheKey(origin)) })
	}
	result := f.newResult()
	reason.explain(f)
	result.Reason = *reason
	return result
}

package corstest

import (
	"slices"
	"time"
)

// A preflightCache remembers what preflights allowed. Time is what the Browser's clock says.
type preflightCache interface {
	// covers tells whether q may be sent without a preflight.
	covers(q preflightQuery, now time.Time) bool
	// store keeps what the response to q's preflight allowed.
	store(q preflightQuery, g grant, now time.Time)
	// forget drops everything known for this origin and URL.
	forget(key cacheKey)
}

type cacheKey struct{ origin, url string }

// preflightQuery is what a request needs a preflight's leave for.
type preflightQuery struct {
	key     cacheKey
	include bool // credentials mode
	method  string
	unsafe  []string // lower-cased names
	force   bool     // the method needs leave although it is safelisted
	own     bool     // the URL is of the page's own origin, to which a redirect has led back
}

// grant is what a preflight's response lists.
type grant struct {
	methods, headers []string
	maxAge           time.Duration
}

// entryCache is the standard's: one entry for each method and each header name that a response listed.
//
//	origin, URL, with credentials, until | method or header name
//
// See https://fetch.spec.whatwg.org/#cors-preflight-cache.
type entryCache struct{ entries []cacheEntry }

type cacheEntry struct {
	key     cacheKey
	include bool
	method  string // or ""
	header  string // or ""
	expires time.Time
}

func (c *entryCache) covers(q preflightQuery, now time.Time) bool {
	c.expire(now)
	if len(c.forMethod(q, q.method)) == 0 && (q.force || !isSafelistedMethod(q.method)) {
		return false
	}
	for _, name := range q.unsafe {
		if len(c.forHeader(q, name)) == 0 {
			return false
		}
	}
	return true
}

func (c *entryCache) store(q preflightQuery, g grant, now time.Time) {
	c.expire(now)
	expires := now.Add(g.maxAge)
	for _, method := range g.methods {
		c.renew(c.forMethod(q, method), cacheEntry{key: q.key, include: q.include, method: method, expires: expires})
	}
	for _, name := range g.headers {
		c.renew(c.forHeader(q, name), cacheEntry{key: q.key, include: q.include, header: name, expires: expires})
	}
}

// renew gives the matching entries the new one's time, or adds the new one where there is none.
func (c *entryCache) renew(matching []int, entry cacheEntry) {
	for _, i := range matching {
		c.entries[i].expires = entry.expires
	}
	if len(matching) == 0 {
		c.entries = append(c.entries, entry)
	}
}

func (c *entryCache) forget(key cacheKey) {
	c.entries = slices.DeleteFunc(c.entries, func(e cacheEntry) bool { return e.key == key })
}

func (c *entryCache) expire(now time.Time) {
	c.entries = slices.DeleteFunc(c.entries, func(e cacheEntry) bool { return !now.Before(e.expires) })
}

// forMethod returns the places of the entries that allow method:
// https://fetch.spec.whatwg.org/#concept-cache-match-method. A "*" counts here even where credentials are included:
// the standard looks at credentials when it reads a response, not when it reads the cache.
func (c *entryCache) forMethod(q preflightQuery, method string) []int {
	return c.matching(q, func(e cacheEntry) bool {
		return e.method != "" && (e.method == method || e.method == "*")
	})
}

// forHeader returns the places of the entries that allow a header: https://fetch.spec.whatwg.org/#concept-cache-match-header.
func (c *entryCache) forHeader(q preflightQuery, name string) []int {
	return c.matching(q, func(e cacheEntry) bool {
		return e.header != "" && (equalFold(e.header, name) || e.header == "*" && !equalFold(name, nonWildcardHeader))
	})
}

// matching returns the places of those of the request's entries that allowed accepts. What was granted with
// credentials holds without them, but not the other way round.
func (c *entryCache) matching(q preflightQuery, allowed func(cacheEntry) bool) []int {
	var places []int
	for i, e := range c.entries {
		if e.key == q.key && (e.include || !q.include) && allowed(e) {
			places = append(places, i)
		}
	}
	return places
}

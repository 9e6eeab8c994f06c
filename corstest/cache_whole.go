package corstest

import "time"

// wholeCache is Chromium's and WebKitGTK's: the last response as a whole.
type wholeCache struct {
	engine  Engine
	entries map[cacheKey]wholeEntry
}

type wholeEntry struct {
	include bool
	grant   grant
	expires time.Time
}

func (c *wholeCache) covers(q preflightQuery, now time.Time) bool {
	e, ok := c.entries[q.key]
	if ok && now.Before(e.expires) && (e.include || !q.include) && c.lists(e, q) {
		return true
	}
	// What does not serve one request is not kept for the next.
	delete(c.entries, q.key)
	return false
}

// lists tells whether the response listed all that q needs. In Chromium, a "*" holds for the mode that the response was for,
// and here, unlike in the response itself, it does not cover Authorization.
func (c *wholeCache) lists(e wholeEntry, q preflightQuery) bool {
	include, engine := q.include, c.engine
	if c.engine == Chromium {
		include, engine = e.include, Standard
	}
	return e.grant.allowsMethod(q.method, include) && e.grant.missingHeader(q.unsafe, include, engine) == ""
}

func (c *wholeCache) store(q preflightQuery, g grant, now time.Time) {
	if c.engine == Chromium && q.key.origin == opaqueOrigin {
		// Each sandbox and each such redirect makes an opaque origin that equals no other.
		return
	}
	c.entries[q.key] = wholeEntry{include: q.include, grant: g, expires: now.Add(g.maxAge)}
}

func (c *wholeCache) forget(cacheKey) {}

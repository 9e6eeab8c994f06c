package corstest

import (
	"slices"
	"time"
)

// maxNamesEntries is how many URLs Firefox keeps, with and without credentials counted apart.
const maxNamesEntries = 100

// namesCache is Firefox's: the names that responses listed, until when, and nothing of what "*" means.
//
//	origin, URL, with credentials | method: until ... | header name: until ...
//
// The entry that was used last stands first.
type namesCache struct{ entries []*namesEntry }

type namesEntry struct {
	key              cacheKey
	include          bool
	methods, headers map[string]time.Time // header names in lower case
}

func (c *namesCache) find(key cacheKey, include bool) *namesEntry {
	i := slices.IndexFunc(c.entries, func(e *namesEntry) bool { return e.key == key && e.include == include })
	if i < 0 {
		return nil
	}
	e := c.entries[i]
	c.entries = slices.Insert(slices.Delete(c.entries, i, i+1), 0, e)
	return e
}

func (c *namesCache) covers(q preflightQuery, now time.Time) bool {
	e := c.find(q.key, q.include)
	if e == nil {
		return false
	}
	if q.method != "GET" && q.method != "POST" && !now.Before(e.methods[q.method]) {
		return false
	}
	return !slices.ContainsFunc(q.unsafe, func(name string) bool { return !now.Before(e.headers[name]) })
}

func (c *namesCache) store(q preflightQuery, g grant, now time.Time) {
	if g.maxAge == 0 {
		return
	}
	e := c.find(q.key, q.include)
	if e == nil {
		e = &namesEntry{key: q.key, include: q.include, methods: make(map[string]time.Time), headers: make(map[string]time.Time)}
		c.makeRoom(now)
		c.entries = slices.Insert(c.entries, 0, e)
	}
	for _, method := range g.methods {
		e.methods[method] = now.Add(g.maxAge)
	}
	for _, name := range g.headers {
		e.headers[asciiLower(name)] = now.Add(g.maxAge)
	}
}

// makeRoom drops what has expired or, where nothing has, what was not used for longest.
func (c *namesCache) makeRoom(now time.Time) {
	if len(c.entries) < maxNamesEntries {
		return
	}
	c.entries = slices.DeleteFunc(c.entries, func(e *namesEntry) bool { return e.expired(now) })
	if len(c.entries) == maxNamesEntries {
		c.entries = c.entries[:maxNamesEntries-1]
	}
}

func (e *namesEntry) expired(now time.Time) bool {
	for _, names := range []map[string]time.Time{e.methods, e.headers} {
		for _, expires := range names {
			if now.Before(expires) {
				return false
			}
		}
	}
	return true
}

func (c *namesCache) forget(key cacheKey) {
	c.entries = slices.DeleteFunc(c.entries, func(e *namesEntry) bool { return e.key == key })
}

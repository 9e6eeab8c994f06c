package corstest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// wholeCache is Chromium's: the last response as a whole.
type wholeCache map[cacheKey]wholeEntry

type wholeEntry struct {
	include bool
	grant   grant
	expires time.Time
}

func (c wholeCache) covers(q preflightQuery, now time.Time) bool {
	if q.tainted {
		// Each such redirect makes an opaque origin that equals no other.
		return false
	}
	e, ok := c[q.key]
	if ok && now.Before(e.expires) && (e.include || !q.include) && e.covers(q) {
		return true
	}
	// What does not serve one request is not kept for the next.
	delete(c, q.key)
	return false
}

// covers tells whether the response listed all that q needs. A "*" holds for the mode that the response was for,
// and here, unlike in the response itself, it does not cover Authorization.
func (e wholeEntry) covers(q preflightQuery) bool {
	return e.grant.allowsMethod(q.method, e.include) && e.grant.missingHeader(q.unsafe, e.include, Standard) == ""
}

func (c wholeCache) store(q preflightQuery, g grant, now time.Time) {
	if q.tainted {
		return
	}
	c[q.key] = wholeEntry{include: q.include, grant: g, expires: now.Add(g.maxAge)}
}

func (c wholeCache) forget(cacheKey) {}

// chromiumHeader changes what a page set as Chromium does before it looks at it.
func chromiumHeader(h Header) Header {
	return h.without("User-Agent").combined()
}

// isClientHint tells whether Chromium takes a header for one of the client hints that were safelisted once, whose
// values have to make sense.
func isClientHint(name, value string) bool {
	switch asciiLower(name) {
	case "device-memory", "downlink", "dpr":
		_, err := strconv.ParseFloat(value, 64)
		return err == nil && strings.Trim(value, "0123456789.") == ""
	case "rtt", "viewport-width", "width":
		return isDigits(value)
	case "ect":
		return slices.Contains([]string{"slow-2g", "2g", "3g", "4g"}, value)
	case "save-data":
		return equalFold(value, "on")
	}
	return false
}

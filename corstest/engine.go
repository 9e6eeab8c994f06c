package corstest

import (
	"math"
	"strconv"
	"time"
)

// Engine says whose freedoms a [Browser] takes where the standard leaves them, and whose departures from it.
type Engine int

const (
	// Standard follows the Fetch standard to the letter and caches preflights for as long as the server says.
	Standard Engine = iota

	// Chromium does as Chromium 156 was seen to do. It departs from the standard in this:
	//
	//   - One preflight result is kept for each origin and URL, for at most 7200 seconds. A request that it does not
	//     cover replaces it, so that what two preflights allowed never adds up, and a CORS failure of the actual request
	//     leaves it in place. What was granted to the origin "null" that a redirect led to is never used again.
	//   - Access-Control-Max-Age may have a sign; a negative number is 0, and one that passes 64 bits is not read.
	//   - "*" in Access-Control-Allow-Headers covers Authorization, though not when the cache is asked.
	//   - Headers that a page gives several times are sent, and measured, as one. The client hints of old
	//     (DPR, Width, Save-Data, ...) are safelisted. User-Agent cannot be set.
	//   - An empty Location leads nowhere. One with user information is never followed, not even by the page's own origin.
	Chromium

	// Firefox caches preflights for at most 86400 seconds and is otherwise taken to follow the standard.
	Firefox
)

// String returns the engine's name in lower case.
func (e Engine) String() string {
	switch e {
	case Chromium:
		return "chromium"
	case Firefox:
		return "firefox"
	}
	return "standard"
}

// defaultMaxAge is how long a preflight is cached where the server says nothing that can be read.
const defaultMaxAge = 5 * time.Second

// maxAgeLimit is the longest time that the engine caches a preflight.
func (e Engine) maxAgeLimit() time.Duration {
	switch e {
	case Chromium:
		return 7200 * time.Second
	case Firefox:
		return 86400 * time.Second
	}
	return math.MaxInt64
}

// maxAge reads Access-Control-Max-Age, which is one line of digits: https://fetch.spec.whatwg.org/#http-access-control-max-age.
func (e Engine) maxAge(response Header) time.Duration {
	value := response.Get("Access-Control-Max-Age")
	seconds, err := strconv.ParseInt(value, 10, 64)
	limit := e.maxAgeLimit()
	switch {
	case e == Chromium && err != nil, e != Chromium && !isDigits(value):
		return defaultMaxAge
	case err != nil, seconds > int64(limit/time.Second):
		return limit
	}
	return time.Duration(max(0, seconds)) * time.Second
}

func (e Engine) newCache() preflightCache {
	if e == Chromium {
		return make(wholeCache)
	}
	return &entryCache{}
}

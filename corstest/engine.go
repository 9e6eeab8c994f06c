package corstest

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Engine says whose freedoms a [Browser] takes where the standard leaves them, and whose departures from it.
type Engine int

const (
	// Standard follows the Fetch standard to the letter and caches preflights for as long as the server says.
	Standard Engine = iota

	// Chromium keeps one preflight result for each origin and URL, for at most 7200 seconds. A request that the
	// result does not cover replaces it, so what two preflights allowed is never added up; a CORS failure of
	// the actual request leaves it in place; a negative Access-Control-Max-Age is 0. Headers that a page
	// gives several times are sent, and measured, as one.
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
	lines := response.Values("Access-Control-Max-Age")
	if len(lines) != 1 {
		return defaultMaxAge
	}
	value := lines[0]
	if digits, negative := strings.CutPrefix(value, "-"); negative && isDigits(digits) && e == Chromium {
		return 0
	}
	if !isDigits(value) {
		return defaultMaxAge
	}
	limit := e.maxAgeLimit()
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds > int64(limit/time.Second) {
		return limit
	}
	return time.Duration(seconds) * time.Second
}

func (e Engine) newCache() preflightCache {
	if e == Chromium {
		return make(wholeCache)
	}
	return &entryCache{}
}

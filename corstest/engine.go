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
	//     leaves it in place. What was granted to the origin "null" is never used again.
	//   - Access-Control-Max-Age may have a sign; a negative number is 0, and one that passes 64 bits is not read.
	//   - "*" in Access-Control-Allow-Headers covers Authorization, though not when the cache is asked.
	//   - Headers that a page gives several times are sent, and measured, as one. The client hints of old
	//     (DPR, Width, Save-Data, ...) are safelisted. User-Agent cannot be set. Range has numbers of 63 bits.
	//   - Upload listeners force no preflight for a request without a body.
	//   - An empty Location leads nowhere, and of two lines alike one counts. One with user information is never followed,
	//     not even by the page's own origin.
	//   - A request in which the page has set Available-Dictionary fails, and nothing is sent.
	//   - A carriage return ends a line of a response's head, as a line feed does.
	//   - Status 407 is a network failure. Status 408 on a connection that has been used before has the request repeated.
	Chromium

	// Firefox does as Firefox ESR 153 was seen to do. It departs from the standard in this:
	//
	//   - About 100 preflight results are kept, for at most 86400 seconds, apart for requests with and without
	//     credentials. "*" is kept as a name, so that no request is ever covered by it. HEAD has to be listed. Any CORS failure
	//     has the URL's results forgotten, also that of a request that needed no preflight.
	//   - An Access-Control-Max-Age that is no line of digits means that nothing is kept.
	//   - "*" in Access-Control-Allow-Headers covers Authorization.
	//   - A name that a page gives several times is repeated in Access-Control-Request-Headers. There is no limit for all
	//     safelisted values together, and in Accept and Content-Type no byte above 0x7F and no comma among the
	//     parameters is safelisted.
	//   - After a redirect, a request that was preflighted once, or had headers that needed it, is preflighted again, whatever
	//     the redirect has left of it. Its preflight carries the page's own origin, also where the request's has become
	//     "null", and a preflight to that origin passes the CORS check in any case.
	//   - Of two Location lines alike one counts.
	//   - A response line with white space before its colon is left out. A carriage return within a line is kept, so that
	//     Access-Control-Allow-Origin: *\r allows nobody; in lists it is white space.
	Firefox

	// WebKitGTK does as WebKitGTK 2.50 was seen to do, which need not be what Safari does: the two send requests by
	// different means. It departs from the standard in this:
	//
	//   - One preflight result is kept for each origin and URL, for at most 600 seconds, even where it refused what was asked
	//     for. "*" in it counts for requests without credentials, Authorization included. A CORS failure of the
	//     actual request leaves it in place.
	//   - Access-Control-Max-Age is read as in Chromium, and "*" in Access-Control-Allow-Headers covers Authorization.
	//   - Headers that a page gives several times are sent, and measured, as one. Range may be written in any case and
	//     with signs.
	//   - After a redirect, a request that was preflighted once, or had headers that needed it, is preflighted again for all
	//     header names that it began with, and one that carried Origin goes on doing so. A DELETE that is redirected to
	//     another origin becomes a GET.
	//   - Location lines are joined, and an empty one is an error. A redirect that follows one of the page's own origin
	//     has to allow credentials unless the mode is [Omit].
	//   - A preflight's response has to be whole.
	//   - A response line with white space before its colon is left out.
	WebKitGTK
)

// Engines returns all engines but the [Standard]: those that people use.
func Engines() []Engine { return []Engine{Chromium, Firefox, WebKitGTK} }

// String returns the engine's name in lower case.
func (e Engine) String() string {
	switch e {
	case Chromium:
		return "chromium"
	case Firefox:
		return "firefox"
	case WebKitGTK:
		return "webkitgtk"
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
	case WebKitGTK:
		return 600 * time.Second
	}
	return math.MaxInt64
}

// maxAge reads Access-Control-Max-Age, which is one line of digits: https://fetch.spec.whatwg.org/#http-access-control-max-age.
func (e Engine) maxAge(response Header) time.Duration {
	value := response.Get("Access-Control-Max-Age")
	seconds, err := strconv.ParseInt(value, 10, 64)
	limit := e.maxAgeLimit()
	signed := e == Chromium || e == WebKitGTK
	switch {
	case e == Firefox && value != "" && !isDigits(value):
		return 0
	case signed && err != nil, !signed && !isDigits(value):
		return defaultMaxAge
	case err != nil, seconds > int64(limit/time.Second):
		return limit
	}
	return time.Duration(max(0, seconds)) * time.Second
}

func (e Engine) newCache() preflightCache {
	switch e {
	case Chromium, WebKitGTK:
		return &wholeCache{engine: e, entries: make(map[cacheKey]wholeEntry)}
	case Firefox:
		return &namesCache{}
	}
	return &entryCache{}
}

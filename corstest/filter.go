package corstest

import (
	"slices"
	"strings"
)

// readableHeader returns the headers of a response that script may read. crossOrigin tells whether it came under
// CORS at any point; what did not is readable but for Set-Cookie.
//
// See https://fetch.spec.whatwg.org/#concept-filtered-response-cors.
func readableHeader(response Header, crossOrigin, include bool) Header {
	exposed, _, err := response.tokenList("Access-Control-Expose-Headers")
	if err != nil {
		// A list that cannot be read exposes nothing, and is no failure.
		exposed = nil
	}
	everything := !crossOrigin || !include && slices.Contains(exposed, "*")
	listed := make(map[string]bool, len(exposed))
	for _, name := range exposed {
		listed[asciiLower(name)] = true
	}
	var readable Header
	for _, line := range response {
		lower := asciiLower(line[0])
		line[1] = strings.Trim(line[1], "\r\t ") // carriage returns are what only Firefox has left here
		switch {
		case strings.Contains(line[1], "\r"):
		case isForbiddenResponseHeader(lower):
		case everything, isSafelistedResponseHeader(lower), listed[lower]:
			readable = append(readable, line)
		}
	}
	return readable.sortedAndCombined()
}

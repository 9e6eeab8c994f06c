package corstest

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// errDictionary is about the header that names a compression dictionary (RFC 9842), which the browser sets itself.
var errDictionary = errors.New("the browser sends no request whose Available-Dictionary the page has set")

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

package corstest

import (
	"slices"
	"strconv"
	"strings"
)

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

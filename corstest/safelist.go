package corstest

import (
	"math"
	"strconv"
	"strings"
)

const (
	// maxSafelistedValue is how long, in bytes, the value of a safelisted request header may be.
	maxSafelistedValue = 128
	// maxSafelistedTotal is how long, in bytes, the values of all safelisted request headers may be together.
	maxSafelistedTotal = 1024
	// nonWildcardHeader is the one request header that "*" in Access-Control-Allow-Headers does not cover:
	// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name.
	nonWildcardHeader = "authorization"
)

// unsafeNames returns the names of the headers that need a preflight, as Access-Control-Request-Headers lists
// them: lower-cased, sorted, each once.
//
// See https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names.
func unsafeNames(h Header, engine Engine) []string {
	var unsafe, safelisted []string
	total := 0
	for _, line := range h {
		if isSafelisted(line[0], line[1], engine) {
			safelisted = append(safelisted, line[0])
			total += len(line[1])
		} else {
			unsafe = append(unsafe, line[0])
		}
	}
	if engine == Firefox {
		return sortedLowerCaseEach(unsafe)
	}
	if total > maxSafelistedTotal {
		unsafe = append(unsafe, safelisted...)
	}
	return sortedLowerCase(unsafe)
}

// isSafelisted tells whether a header needs no preflight: https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
func isSafelisted(name, value string, engine Engine) bool {
	if len(value) > maxSafelistedValue {
		return false
	}
	switch asciiLower(name) {
	case "accept":
		return !hasUnsafeByte(value) && (engine != Firefox || isASCII(value))
	case "accept-language", "content-language":
		return isLanguageValue(value)
	case "content-type":
		if hasUnsafeByte(value) || engine == Firefox && (!isASCII(value) || strings.Contains(value, ",")) {
			return false
		}
		switch essence(value) {
		case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
			return true
		}
		return false
	case "range":
		return isSimpleRange(value) && rangeFits(value, engine) || engine == WebKitGTK && isSignedRange(value)
	}
	return engine == Chromium && isClientHint(name, value)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// hasUnsafeByte looks for https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte.
func hasUnsafeByte(value string) bool {
	for i := range len(value) {
		c := value[i]
		if c < 0x20 && c != '\t' || c == 0x7F || strings.IndexByte(`"():<>?@[\]{}`, c) >= 0 {
			return true
		}
	}
	return false
}

func isLanguageValue(value string) bool {
	for i := range len(value) {
		c := value[i]
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		case strings.IndexByte(" *,-.;=", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// essence returns the lower-cased type and subtype of a media type without its parameters, or "" where there
// is no such thing: https://mimesniff.spec.whatwg.org/#parse-a-mime-type. Parameters cannot make it fail.
func essence(value string) string {
	mediaType, _, _ := strings.Cut(trimHTTPWhitespace(value), ";")
	typ, subtype, found := strings.Cut(mediaType, "/")
	subtype = strings.TrimRight(subtype, "\t\n\r ")
	if !found || !isToken(typ) || !isToken(subtype) {
		return ""
	}
	return asciiLower(typ + "/" + subtype)
}

// isSimpleRange tells whether value is "bytes=N-" or "bytes=N-M" with N not above M. A suffix range ("bytes=-N")
// is well formed but not safelisted. See https://fetch.spec.whatwg.org/#simple-range-header-value.
func isSimpleRange(value string) bool {
	bounds, found := strings.CutPrefix(value, "bytes=")
	first, last, dash := strings.Cut(bounds, "-")
	if !found || !dash || !isDigits(first) || last != "" && !isDigits(last) {
		return false
	}
	return last == "" || compareDigits(first, last) <= 0
}

// rangeFits tells whether the numbers of a simple range are such as engines can read.
func rangeFits(value string, engine Engine) bool {
	limit := uint64(math.MaxUint64)
	switch engine {
	case Standard:
		return true
	case Chromium:
		limit = math.MaxInt64 - 1
	}
	for number := range strings.SplitSeq(strings.TrimPrefix(value, "bytes="), "-") {
		if n, err := strconv.ParseUint(number, 10, 64); number != "" && (err != nil || n > limit) {
			return false
		}
	}
	return true
}

// isSignedRange tells whether value is a simple range but for the case of "bytes" and a plus before its numbers.
func isSignedRange(value string) bool {
	const unit = "bytes="
	if len(value) < len(unit) || !equalFold(value[:len(unit)], unit) {
		return false
	}
	first, last, dash := strings.Cut(value[len(unit):], "-")
	value = unit + strings.TrimPrefix(first, "+") + "-" + strings.TrimPrefix(last, "+")
	return dash && isSimpleRange(value) && rangeFits(value, WebKitGTK)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// compareDigits compares decimal numbers of any length: 128 digits fit no integer type.
func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

package corstest

// dropForbidden returns the headers that script may set; a browser drops the others without a word.
//
// See https://fetch.spec.whatwg.org/#forbidden-request-header.
func dropForbidden(h Header) (kept, dropped Header) {
	for _, line := range h {
		if forbiddenRequestHeader(line[0], line[1]) {
			dropped = append(dropped, line)
		} else {
			kept = append(kept, line)
		}
	}
	return kept, dropped
}

func forbiddenRequestHeader(name, value string) bool {
	lower := asciiLower(name)
	if isForbiddenRequestHeader(lower) {
		return true
	}
	// Servers behind a method override would else run a method that fetch refuses to send.
	if isMethodOverrideHeader(lower) {
		for _, method := range decodeAndSplit(value) {
			if isForbidden(method) {
				return true
			}
		}
	}
	return false
}

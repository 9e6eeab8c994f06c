package corstest

// normalizeMethod upper-cases the methods that browsers upper-case and leaves the others as they are, so that
// "put" becomes "PUT" and "patch" stays "patch".
//
// See https://fetch.spec.whatwg.org/#concept-method-normalize.
func normalizeMethod(method string) string {
	if upper := asciiUpper(method); isNormalizedMethod(upper) {
		return upper
	}
	return method
}

// isForbidden tells whether script may not use this method, in any letter case:
// https://fetch.spec.whatwg.org/#forbidden-method.
func isForbidden(method string) bool { return isForbiddenMethod(asciiUpper(method)) }

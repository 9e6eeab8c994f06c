package cors

// methodSet holds the methods that a policy allows. Those that are CORS-safelisted need no listing.
type methodSet struct {
	any  bool // "*"
	list []string
}

// has tells whether a preflight that asks for the method is answered yes. Methods are compared as they are:
// patch is not PATCH (Fetch section 2.2.1).
func (s *methodSet) has(method []byte) bool {
	if isSafelistedMethod(method) {
		return true
	}
	if s.any {
		return isToken(method) && !isForbiddenMethodBytes(method)
	}
	for _, m := range s.list {
		if string(method) == m {
			return true
		}
	}
	return false
}

// isForbiddenMethodBytes tells whether a browser would refuse to send the method, in whatever case.
func isForbiddenMethodBytes(method []byte) bool {
	var buffer [len("CONNECT")]byte
	return len(method) <= len(buffer) && isForbiddenMethod(string(appendUpper(buffer[:0], method)))
}

package cors

import "bytes"

// originSet holds the origins that a policy allows. It is made once and then only read; asking it allocates
// nothing, and the work is bounded by the policy, whatever a stranger sends.
//
//	one       an exact origin that is the only one, compared as it is, without hashing
//	exact     all exact origins, where there are more
//	patterns  those that match more than one origin, compared one after the other
//	schemes   the same, where there are many of them
type originSet struct {
	any      bool // "*"
	null     bool // "null"
	one      []byte
	exact    byteTable
	patterns []originMatcher
	schemes  map[string]*schemePatterns
}

// fewPatterns is how many patterns are compared one after the other: up to about here that is faster than
// cutting an origin at its dots and hashing what is behind them.
const fewPatterns = 4

// newOriginSet makes the set of the patterns, and of "*" and "null" where any and null say so.
func newOriginSet(patterns []originPattern, any, null bool) originSet {
	s := originSet{any: any, null: null}
	var exact []string
	byScheme := map[string][]originPattern{}
	for _, p := range patterns {
		if p.isExact() {
			exact = append(exact, p.text)
			continue
		}
		s.patterns = append(s.patterns, newOriginMatcher(p))
		byScheme[p.scheme] = append(byScheme[p.scheme], p)
	}
	if len(exact) == 1 {
		s.one, exact = []byte(exact[0]), nil
	}
	s.exact = newByteTable(exact)
	if len(s.patterns) > fewPatterns {
		s.patterns = nil
		s.schemes = make(map[string]*schemePatterns, len(byScheme))
		for scheme, patterns := range byScheme {
			s.schemes[scheme] = newSchemePatterns(scheme, patterns)
		}
	}
	return s
}

// find returns o if it is one of the origins that are listed, or nil. The bytes are the set's own where it has them:
// those that match a pattern are known by the request alone.
func (s *originSet) find(o []byte) []byte {
	if string(o) == string(s.one) { // nil, where there is no such one and o is empty
		return s.one
	}
	return s.findBesideOne(o)
}

// findBesideOne is the same for all origins but the one.
func (s *originSet) findBesideOne(o []byte) []byte {
	if len(o) == 0 || len(o) > maxOriginLen {
		return nil
	}
	if len(s.exact.slots) > 0 {
		if own := s.exact.get(o); own != nil {
			return own
		}
	}
	if s.null && string(o) == nullOrigin {
		return valueNull
	}
	for i := range s.patterns {
		if s.patterns[i].matches(o) {
			return o
		}
	}
	if s.schemes != nil {
		if colon := bytes.IndexByte(o, ':'); colon >= 0 {
			if patterns := s.schemes[string(o[:colon])]; patterns != nil && patterns.match(o) {
				return o
			}
		}
	}
	return nil
}

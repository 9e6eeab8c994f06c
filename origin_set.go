package cors

import "bytes"

// originSet holds the origins that a policy allows. It is made once and then only read; asking it allocates
// nothing, and the work is bounded by the policy, whatever a stranger sends.
//
//	first     the first exact origin, compared as it is, without hashing
//	few       those behind it, compared one after the other
//	exact     the same, where there are many
//	patterns  those that match more than one origin, compared one after the other
//	schemes   the same, where there are many of them
type originSet struct {
	any      bool // "*"
	null     bool // "null"
	first    []byte
	few      [][]byte
	exact    byteTable
	patterns []originMatcher
	schemes  map[string]*schemePatterns
}

// fewOrigins is how many exact origins are compared one after the other behind the first: with more, hashing is faster.
const fewOrigins = 4

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
	if len(exact) > 0 {
		s.first, exact = []byte(exact[0]), exact[1:]
	}
	if len(exact) <= fewOrigins {
		for _, o := range exact {
			s.few = append(s.few, []byte(o))
		}
	} else {
		s.exact = newByteTable(exact)
	}
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
	if string(o) == string(s.first) { // nil, where there is no first one and o is empty
		return s.first
	}
	return s.findBehindFirst(o)
}

// findBehindFirst is the same for all origins but the first.
func (s *originSet) findBehindFirst(o []byte) []byte {
	if len(o) == 0 || len(o) > maxOriginLen {
		return nil
	}
	for _, own := range s.few {
		if string(o) == string(own) {
			return own
		}
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

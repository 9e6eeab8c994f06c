package cors

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// headerSet holds the request headers that a policy allows, and reads the values of
// Access-Control-Request-Headers.
type headerSet struct {
	any           bool // "*"
	authorization bool // is listed, as "*" does not cover it (Fetch section 4.8)
	names         nameTable
	joined        string // all names as a browser would ask for them: in lower case, sorted, behind commas
	longestValue  int    // of those that are looked at; all lines together, with a comma behind each
}

const (
	// maxHeaderNameLen is the length of the longest name that can be allowed.
	maxHeaderNameLen = 256

	// minLongestValue is how many bytes of Access-Control-Request-Headers are looked at however short the
	// list is: Firefox repeats the name of a header that a page has set several times.
	minLongestValue = 512

	// maxWildcardValue is the same where "*" stands for the names, so that there is no list to bound them.
	maxWildcardValue = 2048
)

var authorization = []byte("authorization")

// newHeaderSet takes names in lower case, sorted, each once.
func newHeaderSet(names []string, any bool) headerSet {
	s := headerSet{any: any, names: newNameTable(names), joined: strings.Join(names, ",")}
	s.authorization = s.names.has(authorization)
	// Most browsers ask for each name once, so that their value is no longer than all names joined. The rest is
	// for what intermediaries add: white space, empty elements, several lines.
	s.longestValue = max(len(s.joined)+4*len(names)+32, minLongestValue)
	if any {
		s.longestValue = maxWildcardValue
	}
	return s
}

// refused returns the first name in line that is not allowed, or nil.
func (s *headerSet) refused(line []byte) []byte {
	for {
		line = skipSeparators(line)
		if len(line) == 0 {
			return nil
		}
		name, rest := line, []byte(nil)
		if end := bytes.IndexByte(name, ','); end >= 0 {
			name, rest = name[:end], name[end+1:]
		}
		for isSpace(name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		if !s.has(name) {
			return name
		}
		line = rest
	}
}

// skipSeparators cuts commas and white space off the beginning of a list. A browser sends one at most; hundreds, which
// a stranger can send, cost no more than a few names.
func skipSeparators(list []byte) []byte {
	i := 0
	for i < len(list) && (list[i] == ',' || isSpace(list[i])) {
		for i++; i+8 <= len(list) && areSeparators(binary.LittleEndian.Uint64(list[i:i+8])); {
			i += 8
		}
	}
	return list[i:]
}

// areSeparators tells whether 8 bytes are commas, spaces and tabs. Where a byte is one, one of its differences is zero,
// and does not reach its highest bit when 0x7f is added (Hacker's Delight, section 6-1).
func areSeparators(eight uint64) bool {
	w := &separators
	commas, spaces, tabs := (eight^w.comma)+w.low, (eight^w.space)+w.low, (eight^w.tab)+w.low
	return (eight|commas&spaces&tabs)&w.high == 0
}

// separators is in memory for the reason that domainWords is.
var separators = struct{ comma, space, tab, low, high uint64 }{
	comma: ',' * eachByte, space: ' ' * eachByte, tab: '\t' * eachByte, low: 0x7f * eachByte, high: highBits,
}

func (s *headerSet) has(name []byte) bool {
	if s.any {
		return isToken(name) && (s.authorization || !equalFold(name, authorization))
	}
	return s.names.has(name)
}

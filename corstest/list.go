package corstest

import (
	"fmt"
	"strings"
)

// tokenList extracts the elements of a header that is a list of tokens, as Access-Control-Allow-Methods,
// -Allow-Headers and -Expose-Headers are. Lines follow one another; empty elements count for nothing (RFC 9110
// section 5.6.1). present is false where there is no such line. An element that is no token makes err not nil.
//
// See https://fetch.spec.whatwg.org/#extract-header-list-values.
func (h Header) tokenList(name string) (elements []string, present bool, err error) {
	for _, value := range h.Values(name) {
		present = true
		for element := range strings.SplitSeq(value, ",") {
			element = strings.Trim(element, "\t\r ") // a carriage return is what only Firefox has left here
			if element == "" {
				continue
			}
			if !isToken(element) {
				return nil, true, fmt.Errorf("%q is no token", element)
			}
			elements = append(elements, element)
		}
	}
	return elements, present, nil
}

// containsFold tells whether one of the names is name, without regard to ASCII case.
func containsFold(names []string, name string) bool {
	for _, n := range names {
		if equalFold(n, name) {
			return true
		}
	}
	return false
}

// decodeAndSplit splits a value at commas that stand outside quoted strings:
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split. Quotes stay in the elements.
func decodeAndSplit(value string) []string {
	var elements []string
	var current strings.Builder
	quoted := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(value):
			// Inside a quoted string the byte after a backslash is taken as it is, a quote too.
			current.WriteByte(c)
			i++
		case c == ',' && !quoted:
			elements = append(elements, strings.Trim(current.String(), "\t "))
			current.Reset()
			continue
		}
		current.WriteByte(value[i])
	}
	return append(elements, strings.Trim(current.String(), "\t "))
}

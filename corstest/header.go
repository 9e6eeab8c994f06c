package corstest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Header is a header list: names and values, in order, with repeated names kept apart.
//
//	corstest.Header{{"Content-Type", "application/json"}, {"X-Token", "1"}}
//
// See https://fetch.spec.whatwg.org/#concept-header-list.
type Header [][2]string

// Has tells whether a line has this name, in any letter case.
func (h Header) Has(name string) bool {
	_, ok := h.get(name)
	return ok
}

// Get returns the values of all lines of this name, joined with ", " as script sees them, or "" where there is none.
func (h Header) Get(name string) string {
	value, _ := h.get(name)
	return value
}

// Values returns the value of each line of this name, in order. White space between a name and its colon is no part of the name.
func (h Header) Values(name string) []string {
	var values []string
	for _, line := range h {
		if equalFold(nameOf(line), name) {
			values = append(values, line[1])
		}
	}
	return values
}

// String returns the lines as HTTP/1.1 writes them, each ended by a line feed.
func (h Header) String() string {
	var b strings.Builder
	for _, line := range h {
		fmt.Fprintf(&b, "%s: %s\n", line[0], line[1])
	}
	return b.String()
}

// get tells an absent header from an empty one: https://fetch.spec.whatwg.org/#concept-header-list-get.
func (h Header) get(name string) (string, bool) {
	values := h.Values(name)
	return strings.Join(values, ", "), values != nil
}

// without returns a copy that lacks the lines of these names.
func (h Header) without(names ...string) Header {
	return slices.DeleteFunc(slices.Clone(h), func(line [2]string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return equalFold(name, line[0]) })
	})
}

// sortedAndCombined returns the list as script iterates over it: lower-cased names in order, each once.
// Set-Cookie lines would stay apart, but no script ever reads one.
func (h Header) sortedAndCombined() Header {
	out := h.combined()
	for i := range out {
		out[i][0] = asciiLower(out[i][0])
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return out
}

// combined joins the lines of each name into its first line.
func (h Header) combined() Header {
	var out Header
	values := make(map[string][]string, len(h))
	for _, line := range h {
		lower := asciiLower(line[0])
		if values[lower] == nil {
			out = append(out, line)
		}
		values[lower] = append(values[lower], line[1])
	}
	for i := range out {
		out[i][1] = strings.Join(values[asciiLower(out[i][0])], ", ")
	}
	return out
}

func (h Header) names() []string {
	names := make([]string, len(h))
	for i, line := range h {
		names[i] = line[0]
	}
	return names
}

// sortedLowerCase returns the names lower-cased, in byte order, each once:
// https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set.
func sortedLowerCase(names []string) []string { return slices.Compact(sortedLowerCaseEach(names)) }

// sortedLowerCaseEach is sortedLowerCase that leaves repetitions in.
func sortedLowerCaseEach(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = asciiLower(name)
	}
	slices.Sort(out)
	return out
}

// latin1 turns what is written in UTF-8 into the bytes that a browser makes of the same characters, one for each up
// to U+00FF. Anything else is taken as the bytes that it is.
func latin1(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		out = append(out, byte(r))
	}
	return string(out)
}

// isToken tells whether s is what RFC 9110 section 5.6.2 calls a token: a name of a header or a method.
func isToken(s string) bool {
	for i := range len(s) {
		if byteClass[s[i]]&classToken == 0 {
			return false
		}
	}
	return s != ""
}

// trimHTTPWhitespace strips what the standard normalizes away from the ends of a value that script sets:
// https://fetch.spec.whatwg.org/#concept-header-value-normalize.
func trimHTTPWhitespace(s string) string { return strings.Trim(s, "\t\n\r ") }

// equalFold compares without regard to ASCII case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

// asciiLower and asciiUpper leave bytes above 0x7F alone: strings.ToLower would fold the Kelvin sign to k.
func asciiLower(s string) string { return mapASCII(s, 'A', 'Z') }

func asciiUpper(s string) string { return mapASCII(s, 'a', 'z') }

func mapASCII(s string, first, last byte) string {
	out := []byte(s)
	for i, c := range out {
		if first <= c && c <= last {
			out[i] = c ^ 0x20
		}
	}
	return string(out)
}

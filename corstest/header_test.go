package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHeaderNamesAreComparedWithoutCase(t *testing.T) {
	h := Header{{"X-A", "1"}, {"x-b", ""}, {"x-a", "2"}}
	assert.Equal(t, "1, 2", h.Get("X-a"))
	assert.Equal(t, []string{"1", "2"}, h.Values("x-A"))
	assert.True(t, h.Has("X-B"))
	assert.False(t, h.Has("X-C"))
	assert.Equal(t, "", h.Get("X-C"))
	assert.Equal(t, Header{{"x-b", ""}}, h.without("X-A"))
	assert.Equal(t, Header{{"x-a", "1, 2"}, {"x-b", ""}}, h.sortedAndCombined())
	assert.Equal(t, Header{{"X-A", "1, 2"}, {"x-b", ""}}, h.combined())
	assert.Equal(t, "X-A: 1\nx-b: \nx-a: 2\n", h.String())
	// The Kelvin sign is no k.
	assert.False(t, Header{{"\u212a", "1"}}.Has("k"))
}

func TestHeaderValuesAreTrimmedAndSentAsLatin1(t *testing.T) {
	b := browse(t, "https://a.example", allowAll)
	r := b.Fetch(Request{URL: "https://a.example/", Header: Header{{"X-A", "\t\r\n é\xc3\xbf \n"}, {"X-B", "\xe9"}, {"X-C", "€"}}})
	assert.Equal(t, "\xe9\xff", r.Actual().RequestHeader.Get("X-A"))
	assert.Equal(t, "\xe9", r.Actual().RequestHeader.Get("X-B"))
	assert.Equal(t, "€", r.Actual().RequestHeader.Get("X-C"))
}

func TestMalformedHeadersAreRefused(t *testing.T) {
	b := browse(t, "https://a.example", allowAll)
	for _, line := range [][2]string{{"", "x"}, {"a b", "x"}, {"a:", "x"}, {"X-A", "a\nb"}, {"X-A", "a\rb"}, {"X-A", "a\x00"}} {
		r := b.Fetch(Request{URL: "https://a.example/", Header: Header{line}})
		assert.Equal(t, InvalidHeader, r.Reason.Failure, "%q", line)
	}
}

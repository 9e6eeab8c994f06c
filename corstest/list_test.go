package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTokenLists(t *testing.T) {
	for _, tt := range []struct {
		lines   []string
		want    []string
		present bool
		fails   bool
	}{
		{nil, nil, false, false},
		{[]string{""}, nil, true, false},
		{[]string{"PUT"}, []string{"PUT"}, true, false},
		{[]string{" PUT ,\tDELETE\t,x"}, []string{"PUT", "DELETE", "x"}, true, false},
		{[]string{",,PUT, ,"}, []string{"PUT"}, true, false},
		{[]string{"PUT", "", "*,x-a"}, []string{"PUT", "*", "x-a"}, true, false},
		{[]string{"PUT DELETE"}, nil, true, true},
		{[]string{`"PUT"`}, nil, true, true},
		{[]string{"PUT;q=1"}, nil, true, true},
		{[]string{"PUT", "@"}, nil, true, true},
		{[]string{"P\xfcT"}, nil, true, true},
	} {
		var h Header
		for _, line := range tt.lines {
			h = append(h, [2]string{"access-control-ALLOW-methods", line})
		}
		got, present, err := h.tokenList("Access-Control-Allow-Methods")
		assert.Equal(t, tt.want, got, "%q", tt.lines)
		assert.Equal(t, tt.present, present, "%q", tt.lines)
		assert.Equal(t, tt.fails, err != nil, "%q", tt.lines)
	}
}

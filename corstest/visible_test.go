package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatATerminalWouldObeyIsEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"plain ~":             "plain ~",
		"gr\u00fcn \u4e2d":    "gr\u00fcn \u4e2d",
		"\x1b[31mred\x07":     `\x1b[31mred\x07`,
		"a\rb\x00\x7f":        `a\x0db\x00\x7f`,
		"\u202etxt.exe\u2066": `\u202etxt.exe\u2066`,
		"\u200b\ufeff\u00ad":  `\u200b\ufeff\u00ad`,
		"\u0085\u009b31m":     `\u0085\u009b31m`,
		"\u00a0\u3000":        `\u00a0\u3000`,
		"\xff\xc0":            `\xff\xc0`,
		"a\nb\tc":             `a\x0ab\x09c`,
	} {
		assert.Equal(t, want, Visible(in, false))
	}
	assert.Equal(t, "a\nb\tc\\x1b", Visible("a\nb\tc\x1b", true))
}

func TestClippedTextEndsWithAWholeCharacter(t *testing.T) {
	assert.Equal(t, "abc", clip("abc", 3))
	assert.Equal(t, "ab... (1 bytes more)", clip("abc", 2))
	assert.Equal(t, "a... (2 bytes more)", clip("a\u00e4", 2))
}

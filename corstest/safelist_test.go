package corstest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSafelistedRequestHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"Accept", "*/*", true},
		{"accept", "text/html;q=0.5, a\tb", true},
		{"Accept", "", true},
		{"Accept", "\xe9", true},
		{"Accept", strings.Repeat("a", 128), true},
		{"Accept", strings.Repeat("a", 129), false},

		{"Accept-Language", "en-US,de;q=0.5, *", true},
		{"ACCEPT-LANGUAGE", "en_US", false},
		{"Accept-Language", "e\tn", false},
		{"Accept-Language", strings.Repeat("a", 129), false},
		{"Content-Language", "de, en", true},
		{"Content-Language", "a/b", false},

		{"Content-Type", "text/plain", true},
		{"content-type", "TEXT/Plain", true},
		{"Content-Type", "text/plain;charset=utf-8", true},
		{"Content-Type", "text/plain ;charset=utf-8", true},
		{"Content-Type", "text/plain;", true},
		{"Content-Type", "text/plain;=;;", true},
		{"Content-Type", "multipart/form-data; boundary=x", true},
		{"Content-Type", "application/x-www-form-urlencoded", true},
		{"Content-Type", `text/plain;charset="utf-8"`, false},
		{"Content-Type", "text/plain;(", false},
		{"Content-Type", "text/plain, text/plain", false},
		{"Content-Type", "text /plain", false},
		{"Content-Type", "text/ plain", false},
		{"Content-Type", "text/plain x", false},
		{"Content-Type", "text/", false},
		{"Content-Type", "/plain", false},
		{"Content-Type", "text", false},
		{"Content-Type", "", false},
		{"Content-Type", "application/json", false},
		{"Content-Type", "text/html", false},
		{"Content-Type", "text/plain;" + strings.Repeat("a", 117), true},
		{"Content-Type", "text/plain;" + strings.Repeat("a", 118), false},

		{"Range", "bytes=0-", true},
		{"range", "bytes=0-5", true},
		{"Range", "bytes=5-5", true},
		{"Range", "bytes=09-10", true},
		{"Range", "bytes=99999999999999999999-100000000000000000000", true},
		{"Range", "bytes=5-1", false},
		{"Range", "bytes=100000000000000000000-99999999999999999999", false},
		{"Range", "bytes=-5", false},
		{"Range", "bytes=-", false},
		{"Range", "bytes=", false},
		{"Range", "bytes", false},
		{"Range", "BYTES=0-5", false},
		{"Range", "bytes= 0-5", false},
		{"Range", "bytes=0 -5", false},
		{"Range", "bytes=0-5,7-9", false},
		{"Range", "items=0-5", false},

		{"X-Token", "1", false},
		{"Authorization", "x", false},
		{"User-Agent", "x", false},
		{"DPR", "1", false},
	} {
		assert.Equal(t, tt.want, isSafelisted(tt.name, tt.value, Standard), "%s: %q", tt.name, tt.value)
	}
}

func TestUnsafeRequestHeaderBytes(t *testing.T) {
	unsafe := "\"():<>?@[\\]{}\x7f"
	for c := range 256 {
		want := c < 0x20 && c != '\t' || strings.IndexByte(unsafe, byte(c)) >= 0
		assert.Equal(t, want, hasUnsafeByte("a"+string([]byte{byte(c)})), "byte %#x", c)
		assert.Equal(t, !want, isSafelisted("accept", string([]byte{byte(c)}), Standard), "byte %#x", c)
	}
}

func TestUnsafeNamesAreSortedLowerCasedAndUnique(t *testing.T) {
	got := unsafeNames(Header{{"X-B", "1"}, {"Content-Type", "a/b"}, {"x-a", "1"}, {"Accept", "*/*"}, {"X_C", "1"}, {"X-A", "2"}}, Standard)
	assert.Equal(t, []string{"content-type", "x-a", "x-b", "x_c"}, got)
}

func TestSafelistedValuesTogetherAreAtMost1024Bytes(t *testing.T) {
	var h Header
	for range 8 {
		h = append(h, [2]string{"Accept-Language", strings.Repeat("a", 128)})
	}
	assert.Empty(t, unsafeNames(h, Standard))
	h = append(h, [2]string{"Accept", "a"}, [2]string{"X-Token", "1"})
	assert.Equal(t, []string{"accept", "accept-language", "x-token"}, unsafeNames(h, Standard))
}

func TestClientHintsAreSafelistedInChromium(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"DPR", "1.5", true}, {"Device-Memory", "1", true}, {"Downlink", "x", false}, {"RTT", "1", true}, {"RTT", "1.5", false},
		{"Width", "-1", false}, {"Viewport-Width", "10", true}, {"ECT", "4g", true}, {"ECT", "5g", false}, {"Save-Data", "on", true},
		{"Width", strings.Repeat("1", 129), false}, {"DPR", "0x1", false},
	} {
		assert.Equal(t, tt.want, isSafelisted(tt.name, tt.value, Chromium), "%s: %s", tt.name, tt.value)
	}
}

package cors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
)

// naiveLabels tells whether s is labels of a domain. naiveMatches says it, too, and takes a minute for these tests.
func naiveLabels(s string) bool {
	for _, label := range strings.Split(s, ".") {
		if len(label) < 1 || len(label) > 63 {
			return false
		}
		for i := range len(label) {
			if strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789-_", label[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// TestEveryByteAtEveryPlaceOfLabels: long ones are read 8 bytes at a time.
func TestEveryByteAtEveryPlaceOfLabels(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://*.example.com"}})
	for _, every := range []int{2, 3, 8, 9, 13, 64} {
		for n := 28; n <= 49; n++ {
			labels := []byte(strings.Repeat(strings.Repeat("x", every-1)+".", n)[:n])
			labels[n-1] = 'z'
			for at, was := range labels {
				for b := range 256 {
					labels[at] = byte(b)
					origin := "https://" + string(labels) + ".example.com"
					if got := m.AllowsOrigin([]byte(origin)); got != naiveLabels(string(labels)) {
						require.Fail(t, "wrong", "%q: %v", origin, got)
					}
				}
				labels[at] = was
			}
		}
	}
}

// TestLabelsOfEveryLength, wherever they begin.
func TestLabelsOfEveryLength(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://*.example.com"}})
	for first := range 72 {
		for second := range 72 {
			for _, third := range []int{0, 1, 7, 8, 55, 56, 57, 62, 63, 64, 65} {
				labels := strings.Repeat("a", first) + "." + strings.Repeat("b", second) + "." + strings.Repeat("c", third)
				got := m.AllowsOrigin([]byte("https://" + labels + ".example.com"))
				require.Equal(t, naiveLabels(labels), got, labels)
			}
		}
	}
}

// TestLongHostsOfOtherSchemes keep their case (URL section 3.5).
func TestLongHostsOfOtherSchemes(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"app://*.example.com"}})
	for _, label := range []string{"A", "Z"} {
		require.True(t, m.AllowsOrigin([]byte("app://"+strings.Repeat("a", 40)+label+".example.com")), label)
	}
	require.False(t, m.AllowsOrigin([]byte("app://"+strings.Repeat("a", 64)+".example.com")))
}

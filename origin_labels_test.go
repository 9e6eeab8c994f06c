package cors_test

import (
	"fmt"
	"slices"
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

// labelPolicies returns a policy with a pattern, and one with so many others that they are looked up.
func labelPolicies(pattern string) (one, many *cors.Middleware) {
	patterns := []string{pattern}
	for i := range 50 {
		patterns = append(patterns, strings.Replace(pattern, "*.", fmt.Sprintf("*.x%d.", i), 1))
	}
	return cors.MustNew(cors.Config{AllowOrigins: patterns[:1]}), cors.MustNew(cors.Config{AllowOrigins: patterns})
}

// TestEveryByteAtEveryPlaceOfLabels: long ones are read 8 bytes at a time.
func TestEveryByteAtEveryPlaceOfLabels(t *testing.T) {
	one, many := labelPolicies("https://*.example.com")
	for _, every := range []int{2, 3, 8, 9, 13, 64} {
		for n := 28; n <= 49; n++ {
			labels := []byte(strings.Repeat(strings.Repeat("x", every-1)+".", n)[:n])
			labels[n-1] = 'z'
			for at, was := range labels {
				for b := range 256 {
					labels[at] = byte(b)
					origin := "https://" + string(labels) + ".example.com"
					want := naiveLabels(string(labels))
					if one.AllowsOrigin([]byte(origin)) != want || many.AllowsOrigin([]byte(origin)) != want {
						require.Fail(t, "wrong", "%q: %v", origin, !want)
					}
				}
				labels[at] = was
			}
		}
	}
}

// TestLabelsOfEveryLength, wherever they begin.
func TestLabelsOfEveryLength(t *testing.T) {
	one, many := labelPolicies("https://*.a.io")
	for first := range 72 {
		for second := range 72 {
			for _, third := range []int{0, 1, 7, 8, 55, 56, 57, 62, 63, 64, 65} {
				labels := strings.Repeat("a", first) + "." + strings.Repeat("b", second) + "." + strings.Repeat("c", third)
				origin := slices.Clip([]byte("https://" + labels + ".a.io"))
				require.Equal(t, naiveLabels(labels), one.AllowsOrigin(origin), labels)
				require.Equal(t, naiveLabels(labels), many.AllowsOrigin(origin), labels)
			}
		}
	}
}

// TestLongHostsOfOtherSchemes keep their case (URL section 3.5).
func TestLongHostsOfOtherSchemes(t *testing.T) {
	one, many := labelPolicies("app://*.example.com")
	for _, m := range []*cors.Middleware{one, many} {
		for _, label := range []string{"A", "Z"} {
			require.True(t, m.AllowsOrigin([]byte("app://"+strings.Repeat("a", 40)+label+".example.com")), label)
		}
		require.False(t, m.AllowsOrigin([]byte("app://"+strings.Repeat("a", 64)+".example.com")))
	}
}

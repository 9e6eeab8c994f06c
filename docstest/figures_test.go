package docstest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cells returns those of the first row of a table whose first cell is name.
func cells(t *testing.T, document, name string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, document))
	require.NoError(t, err)
	_, row, found := strings.Cut(string(content), "\n| "+name+" |")
	require.True(t, found, "%s has no row %q", document, name)
	row, _, _ = strings.Cut(row, "\n")
	all := strings.Split(strings.TrimSuffix(row, "|"), "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// TestAllocationsAreThoseThatWereCounted: the README compares with what the benchmarks have measured last.
func TestAllocationsAreThoseThatWereCounted(t *testing.T) {
	counted := regexp.MustCompile(`\((\d+)\)$`)
	said := cells(t, "README.md", "allocations, actual request / preflight")
	actual := cells(t, "benchmarks/RESULTS.md", "one origin: actual, allowed")
	preflight := cells(t, "benchmarks/RESULTS.md", "one origin: preflight, allowed")
	for library, at := range map[string]struct{ said, measured int }{
		"here": {0, 0}, "lab259/cors": {1, 1}, "Fiber v3": {2, 4}, "rs/cors": {3, 2},
	} {
		a, p := counted.FindStringSubmatch(actual[at.measured]), counted.FindStringSubmatch(preflight[at.measured])
		require.NotNil(t, a, library)
		require.NotNil(t, p, library)
		assert.Equal(t, a[1]+" / "+p[1], said[at.said], library)
	}
}

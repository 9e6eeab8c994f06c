//go:build unix

package proxytest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest/diagnose"
)

// TestTheDocumentationShowsWhatIsTested: each block of configuration is part of a file that a proxy runs with.
func TestTheDocumentationShowsWhatIsTested(t *testing.T) {
	document, err := os.ReadFile("../docs/intermediaries.md")
	require.NoError(t, err)
	directories := map[string]string{"nginx": "nginx", "vcl": "varnish", "haproxy": "haproxy"}
	blocks := regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(string(document), -1)
	require.Len(t, blocks, 10)
	for _, block := range blocks {
		directory, ok := directories[block[1]]
		require.True(t, ok, block[1])
		files, err := filepath.Glob(filepath.Join("testdata", directory, "*"))
		require.NoError(t, err)
		found := false
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			found = found || strings.Contains(string(content), block[2])
		}
		require.True(t, found, "no configuration has\n%s", block[2])
	}
	for _, code := range []diagnose.Code{
		diagnose.RequestHeadersLost, diagnose.TakenForOrdinary, diagnose.HeaderNotAllowed, diagnose.AddedTwice, diagnose.ErrorPath,
		diagnose.ServerError, diagnose.CachedResponse,
	} {
		require.Contains(t, string(document), "`"+string(code)+"`")
	}
}

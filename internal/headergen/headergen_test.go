package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	sections, err := parseTable(tableText)
	require.NoError(t, err)
	for pkg, path := range outputs {
		want, err := generate(pkg, sections)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("..", "..", path))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "%s is stale: run go generate ./...", path)
	}
}

func TestMistakesInTheTableAreReported(t *testing.T) {
	for name, text := range map[string]string{
		"a name before any heading": "Origin\n",
		"an unknown kind":           "[headers request -> cors]\n",
		"a name listed twice":       "[set a -> cors]\nx\nx\n",
	} {
		_, err := parseTable(text)
		assert.ErrorContains(t, err, "table.txt:", name)
	}
	sections, err := parseTable("[class a -> cors]\nz-a\n")
	require.NoError(t, err)
	_, err = generate("cors", sections)
	assert.ErrorContains(t, err, "neither a byte nor a range")
}

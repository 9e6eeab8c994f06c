package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGeneratedFileIsUpToDate(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := generate(root)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(root, output))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "%s is stale: run go generate ./...", output)
}

func TestParents(t *testing.T) {
	assert.Equal(t, []string{"amazonaws.com", "kobe.jp", "x.amazonaws.com"},
		parents([]string{"com", "jp", "s3.x.amazonaws.com", "*.kobe.jp", "!city.kobe.jp", "github.io"}))
	_, err := readRules("main.go")
	assert.ErrorContains(t, err, "no rules")
}

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is exported changes on purpose only: `go run ./releasetest -api` writes it down, and CHANGELOG.md says why.
func TestExportedNamesAreAsWrittenDown(t *testing.T) {
	want, err := apis(modulesOf(t))
	require.NoError(t, err)
	require.NotEmpty(t, want)
	got := map[string]string{}
	files, err := filepath.Glob(filepath.Join(apiDir, "*.txt"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		got[filepath.Base(file)] = string(content)
	}
	assert.Equal(t, want, got)
}

func TestAnExportedNameIsWrittenDownWithoutWhatItHides(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sample.go"), []byte(`package sample

import "io"

// Kind has a comment.
type Kind int

const (
	First Kind = iota // the first

	second
	Third
)

type Thing struct {
	Name   string // shown
	secret io.Reader
}

func (t *Thing) Do(n int) error { return nil }
func (t *Thing) hidden()        {}

type hidden struct{ Name string }

func (hidden) Do() {}

var ErrNone, errSome error
`), 0o644))
	text, err := exported(goPackage{Dir: dir, GoFiles: []string{"sample.go"}})
	require.NoError(t, err)
	assert.Equal(t, `const (
	First Kind = iota
	Third
)
func (t *Thing) Do(n int) error
type Kind int
type Thing struct {
	Name string
	// contains filtered or unexported fields
}
var ErrNone error
`, text)
}

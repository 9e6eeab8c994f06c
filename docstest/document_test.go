package docstest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = ".."

// document is a Markdown file of this repository.
type document struct {
	path string // from the root
	text string
}

// block is what stands between two fences.
type block struct {
	language string
	line     int
	text     string
}

func documents(t *testing.T) []document {
	t.Helper()
	var all []document
	for _, pattern := range []string{"*.md", "docs/*.md", "*/*.md", ".github/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			relative, err := filepath.Rel(root, path)
			require.NoError(t, err)
			d := document{filepath.ToSlash(relative), string(content)}
			if !contains(all, d.path) {
				all = append(all, d)
			}
		}
	}
	require.True(t, contains(all, "README.md"))
	return all
}

func contains(all []document, path string) bool {
	for _, d := range all {
		if d.path == path {
			return true
		}
	}
	return false
}

var fence = regexp.MustCompile("^ *```([a-z]*)$")

// blocks returns the fenced blocks of a document, and the document without them.
func (d document) blocks() (blocks []block, prose string) {
	var inside *block
	var rest strings.Builder
	for i, line := range strings.Split(d.text, "\n") {
		switch match := fence.FindStringSubmatch(line); {
		case match != nil && inside == nil:
			inside = &block{language: match[1], line: i + 2}
		case match != nil:
			blocks = append(blocks, *inside)
			inside = nil
		case inside != nil:
			inside.text += line + "\n"
		default:
			rest.WriteString(line + "\n")
		}
	}
	return blocks, rest.String()
}

package corswatch_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bytecors/cors/corswatch/internal/pagetest"
)

// The page's first server, with the page's first document.
func TestTheServerOnThePageFollowsTheFile(t *testing.T) {
	folder := t.TempDir()
	document := pagetest.Block(t, "yaml", "allowOrigins:\n  - https://app.example.com")
	replace(t, filepath.Join(folder, "cors.yaml"), document)
	program := pagetest.Run(t, folder, pagetest.Block(t, "go", `corswatch.File("cors.yaml")`))
	assert.Equal(t, "hello\n", program.Await(t, "https://app.example.com", "/"))
	assert.Contains(t, program.Await(t, "https://app.example.com", "/healthz"), `"policies":["default"]`)
	replace(t, filepath.Join(folder, "cors.yaml"), pagetest.Replace(t, document, "https://app.example.com", "https://other.example.com"))
	program.Await(t, "https://other.example.com", "/")
	assert.NoError(t, os.Remove(filepath.Join(folder, "cors.yaml")))
	program.Await(t, "https://other.example.com", "/")
}

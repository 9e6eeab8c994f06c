// Package pagetest takes docs/operate.md at its word: its blocks are saved, built and run as a reader would.
package pagetest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Block returns the first block of a kind on the page that has a text in it.
func Block(t *testing.T, kind, text string) string {
	t.Helper()
	path := filepath.Join("..", "docs", "operate.md")
	page, err := os.ReadFile(path)
	for err != nil && len(path) < 100 { // a module may be further down
		path = filepath.Join("..", path)
		page, err = os.ReadFile(path)
	}
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?sm)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		if strings.Contains(block[1], text) {
			return block[1]
		}
	}
	t.Fatalf("the page has no block of %s with %q in it", kind, text)
	return ""
}

// Replace replaces what has to be in a text.
func Replace(t *testing.T, text, before, after string) string {
	t.Helper()
	require.Contains(t, text, before)
	return strings.ReplaceAll(text, before, after)
}

// Program is one of the page's that runs until the test ends.
type Program struct{ address string }

// Run builds Go files, in place of whose address another is used, and runs them in a folder.
func Run(t *testing.T, folder string, sources ...string) *Program {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Program{listener.Addr().String()}
	require.NoError(t, listener.Close())

	built := t.TempDir()
	binary := filepath.Join(built, "program")
	build := []string{"build", "-o", binary}
	sources[0] = Replace(t, sources[0], "localhost:8080", p.address)
	for i, source := range sources {
		file := filepath.Join(built, fmt.Sprintf("file%d.go", i))
		require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
		build = append(build, file)
	}
	out, err := exec.Command("go", build...).CombinedOutput()
	require.NoError(t, err, string(out))
	program := exec.Command(binary)
	program.Dir, program.Stdout, program.Stderr = folder, os.Stderr, os.Stderr
	require.NoError(t, program.Start())
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait() // tells that it was killed
	})
	return p
}

// Await asks for a path as a page of an origin does, until that may read the response, and returns its body.
func (p *Program) Await(t *testing.T, origin, path string) string {
	t.Helper()
	request, err := http.NewRequest("GET", "http://"+p.address+path, nil)
	require.NoError(t, err)
	request.Header.Set("Origin", origin)
	said := "nothing"
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			said = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		if response.Header.Get("Access-Control-Allow-Origin") == origin {
			return string(body)
		}
		said = string(body)
	}
	t.Fatalf("%s may never read %s; the last response was %s", origin, path, said)
	return ""
}

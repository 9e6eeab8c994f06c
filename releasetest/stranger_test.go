package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stranger has a machine on which nothing of this repository is: no workspace, no module of it in the cache, and
// a proxy that has the release. What others publish comes from this machine's module cache, or else from where
// the go command fetches it.
type stranger struct {
	environment []string
	bin         string
}

func newStranger(t *testing.T, proxy string) *stranger {
	out, err := exec.Command("go", "env", "GOMODCACHE", "GOPROXY").Output()
	require.NoError(t, err)
	cache, others, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	bin := t.TempDir()
	return &stranger{bin: bin, environment: append(os.Environ(),
		"GOWORK=off",
		"GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download")+","+others,
		"GOMODCACHE="+t.TempDir(),
		"GOBIN="+bin,
		// No checksum database knows this release.
		"GONOSUMDB="+root+","+root+"/*",
		"GOTOOLCHAIN=local",
		// Without the paths in them, packages that others publish are built once and not once a test.
		"GOFLAGS=-trimpath -modcacherw",
	)}
}

// run runs a command in a directory, and returns what it prints.
func (s *stranger) run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir, command.Env = dir, s.environment
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s %s:\n%s", name, strings.Join(args, " "), out)
	return string(out)
}

// program makes a module around a source file, gets what it imports at the release's version, builds and runs it.
func (s *stranger) program(t *testing.T, source string, modules ...string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644))
	s.run(t, dir, "go", "mod", "init", "example.com/stranger")
	for _, path := range modules {
		s.run(t, dir, "go", "get", path+"@"+version)
	}
	s.run(t, dir, "go", "mod", "tidy")
	s.run(t, dir, "go", "build", "-o", "program", ".")
	return s.run(t, dir, filepath.Join(dir, "program"))
}

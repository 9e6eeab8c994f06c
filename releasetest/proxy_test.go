package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// publish makes a file proxy that has every module at the same version. It holds what the working tree does.
func publish(t *testing.T, modules []*goModule) (proxy string) {
	proxy = t.TempDir()
	for _, m := range modules {
		escaped, err := module.EscapePath(m.path)
		require.NoError(t, err)
		dir := filepath.Join(proxy, escaped, "@v")
		require.NoError(t, os.MkdirAll(dir, 0o755))
		write := func(name string, content []byte) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
		}

		write("list", []byte(version+"\n"))
		info, err := json.Marshal(struct {
			Version string
			Time    time.Time
		}{version, time.Now().UTC()})
		require.NoError(t, err)
		write(version+".info", info)
		content, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
		require.NoError(t, err)
		write(version+".mod", content)
		archive, err := os.Create(filepath.Join(dir, version+".zip"))
		require.NoError(t, err)
		require.NoError(t, zip.CreateFromDir(archive, module.Version{Path: m.path, Version: version}, m.dir))
		require.NoError(t, archive.Close())
	}
	return proxy
}

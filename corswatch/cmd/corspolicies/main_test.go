package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryMistakeOfEveryFileIsPrinted(t *testing.T) {
	const good, bad = "allowOrigins: [https://example.com]\n", "allowOrigin: []\nmaxAge: x\n"
	dir := t.TempDir()
	for name, data := range map[string]string{"good.yaml": good, "bad.yaml": bad, "json": `{"policies": {"a": {"allowOrigins": ["*"]}}}`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600))
	}
	const mistakes = "bad.yaml: line 1: allowOrigin: is no field that there is: did you mean \"allowOrigins\"?\nbad.yaml: line 2: maxAge: has to be a whole number, and is a string\n"
	for _, test := range []struct {
		name           string
		paths          []string
		stdin          string
		status         int
		stdout, stderr string
	}{
		{"a good one", []string{"good.yaml"}, "", 0, "good.yaml: in order, with default\n", ""},
		{"a bad one", []string{"bad.yaml"}, "", 1, "", mistakes},
		{"several", []string{"bad.yaml", "json"}, "", 1, "json: in order, with a\n", mistakes},
		{"none such", []string{"none.yaml"}, "", 1, "", "none.yaml: open none.yaml: no such file or directory\n"},
		{"standard input", nil, good, 0, "standard input: in order, with default\n", ""},
		{"an empty one", nil, "", 1, "", "standard input: is empty\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(dir)
			var stdout, stderr bytes.Buffer
			assert.Equal(t, test.status, run(test.paths, strings.NewReader(test.stdin), &stdout, &stderr))
			assert.Equal(t, test.stdout, stdout.String())
			assert.Equal(t, test.stderr, stderr.String())
		})
	}
}

package corstest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// urlCase is one entry of web-platform-tests' urltestdata.json.
type urlCase struct {
	Input   string
	Base    *string
	Href    string
	Origin  string
	Failure bool
}

// urlCases reads the data from the module of the URL parser, which keeps a copy.
func urlCases(t *testing.T) []urlCase {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlnwa/whatwg-url").Output()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "urltestdata.json"))
	require.NoError(t, err)
	var raw []json.RawMessage
	require.NoError(t, json.Unmarshal(text, &raw))
	var cases []urlCase
	for _, entry := range raw {
		if entry[0] == '{' { // others are comments
			var c urlCase
			require.NoError(t, json.Unmarshal(entry, &c))
			cases = append(cases, c)
		}
	}
	return cases
}

func TestWebPlatformURLs(t *testing.T) {
	parsed, refused := 0, 0
	for _, c := range urlCases(t) {
		var base *webURL
		if c.Base != nil {
			var err error
			if base, err = parseURL(*c.Base, nil); err != nil || !base.isWeb() {
				continue // redirects start from http and https alone
			}
		}
		u, err := parseURL(c.Input, base)
		if c.Failure {
			refused++
			assert.Error(t, err, c.Input)
			continue
		}
		if !assert.NoError(t, err, c.Input) || !u.isWeb() {
			continue
		}
		parsed++
		if c.Origin != "" {
			assert.Equal(t, c.Origin, u.origin(), c.Input)
		}
		assert.Equal(t, c.Href, u.parsed.Href(false), c.Input)
		if !u.userInfo {
			assert.Equal(t, c.Href, u.String(), c.Input)
		}
	}
	assert.Greater(t, parsed, 200)
	assert.Greater(t, refused, 150)
}

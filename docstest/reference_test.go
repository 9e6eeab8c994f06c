package docstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var link = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, d := range documents(t) {
		_, prose := d.blocks()
		for _, match := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			target := filepath.Join(root, d.path)
			if match[1] != "" {
				target = filepath.Join(root, filepath.Dir(d.path), match[1])
			}
			_, err := os.Stat(target)
			assert.NoError(t, err, "%s links to %s", d.path, match[1])
			if match[2] != "" && err == nil {
				content, err := os.ReadFile(target)
				require.NoError(t, err)
				assert.Contains(t, anchors(string(content)), match[2], "%s links to %s", d.path, match[0])
			}
		}
	}
}

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// anchors returns what headings are linked by.
func anchors(text string) []string {
	var all []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(regexp.MustCompile("[^a-z0-9 _-]").ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return all
}

var quotedPath = regexp.MustCompile("`([.\\w-]+(?:/[.\\w-]+)*/?)`")

var releaseTag = regexp.MustCompile(`/v\d+\.\d+\.\d+$`)

// What is quoted and begins with a folder of this repository is a path in it, unless it is a tag.
func TestPathsThatAreNamedExist(t *testing.T) {
	found := 0
	for _, d := range documents(t) {
		_, prose := d.blocks()
		for _, match := range quotedPath.FindAllStringSubmatch(prose, -1) {
			first, _, inside := strings.Cut(match[1], "/")
			if info, err := os.Stat(filepath.Join(root, first)); !inside || err != nil || !info.IsDir() || releaseTag.MatchString(match[1]) {
				continue
			}
			found++
			_, err := os.Stat(filepath.Join(root, match[1]))
			assert.NoError(t, err, "%s names %s", d.path, match[1])
		}
	}
	require.NotZero(t, found)
}

var goCommand = regexp.MustCompile(`\bgo (?:run|test|vet|generate)(?: [^|\n` + "`" + `]*)? (\./[\w/.-]+)`)

func TestCommandsNamePackagesThatExist(t *testing.T) {
	found := 0
	for _, d := range documents(t) {
		for _, match := range goCommand.FindAllStringSubmatch(d.text, -1) {
			found++
			_, err := os.Stat(filepath.Join(root, strings.TrimSuffix(match[1], "/...")))
			assert.NoError(t, err, "%s says %s", d.path, match[0])
		}
	}
	require.NotZero(t, found)
}

var testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w+`)

func TestTestsThatAreNamedExist(t *testing.T) {
	defined := map[string]bool{}
	out, err := exec.Command("git", "-C", root, "ls-files", "-co", "--exclude-standard", "*_test.go").Output()
	require.NoError(t, err)
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	for _, path := range strings.Fields(string(out)) {
		content, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		for _, match := range function.FindAllStringSubmatch(string(content), -1) {
			defined[match[1]] = true
		}
	}
	for _, d := range documents(t) {
		blocks, prose := d.blocks()
		for _, b := range blocks {
			if b.language == "sh" {
				prose += b.text
			}
		}
		for _, name := range testName.FindAllString(prose, -1) {
			assert.True(t, defined[name], "%s names %s", d.path, name)
		}
	}
}

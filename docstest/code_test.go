package docstest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// imports are what a fragment means by a package's name, where it does not say so itself.
var imports = map[string]string{
	"atomic":      `"sync/atomic"`,
	"bufio":       `"bufio"`,
	"cors":        `"github.com/bytecors/cors"`,
	"router":      `"github.com/fasthttp/router"`,
	"websocket":   `"github.com/fasthttp/websocket"`,
	"corsfiber":   `corsfiber "github.com/bytecors/cors/fiber"`,
	"corsprom":    `"github.com/bytecors/cors/corswatch/corsprom"`,
	"corstest":    `"github.com/bytecors/cors/corstest"`,
	"corswatch":   `"github.com/bytecors/cors/corswatch"`,
	"crossorigin": `"github.com/bytecors/cors/crossorigin"`,
	"fasthttp":    `"github.com/valyala/fasthttp"`,
	"fiber":       `"github.com/gofiber/fiber/v3"`,
	"fmt":         `"fmt"`,
	"log":         `"log"`,
	"os":          `"os"`,
	"prometheus":  `"github.com/prometheus/client_golang/prometheus"`,
	"strings":     `"strings"`,
	"testing":     `"testing"`,
	"time":        `"time"`,
}

// prelude declares what a fragment takes from the text around it.
var prelude = []struct{ name, declaration string }{
	{"handler", "var handler fasthttp.RequestHandler"},
	{"next", "var next fasthttp.RequestHandler"},
	{"ctx", "var ctx *fasthttp.RequestCtx"},
	{"server", "var server *fasthttp.Server"},
	{"m", "var m *cors.Middleware"},
	{"config", "var config cors.Config"},
	{"app", "var app *fiber.App"},
	{"p", "var p *crossorigin.Protection"},
	{"resetsTheResponse", "var resetsTheResponse fiber.ErrorHandler"},
	{"x", "var x cors.Exchange"},
	{"set", "var set corswatch.Set"},
}

var declaration = regexp.MustCompile(`^(func|type|var|const|//)\b|^//`)

// complete makes a file of a block: as it is where it says its package, and else with what it leaves out.
func complete(text string) string {
	if regexp.MustCompile(`(?m)^package `).MatchString(text) {
		return text
	}
	var own, body strings.Builder
	grouped := false
	for _, line := range strings.SplitAfter(text, "\n") {
		switch {
		case strings.HasPrefix(line, "import"):
			grouped = strings.HasPrefix(line, "import (")
			own.WriteString(line)
		case grouped:
			grouped = !strings.HasPrefix(line, ")")
			own.WriteString(line)
		default:
			body.WriteString(line)
		}
	}
	source := strings.TrimSpace(body.String())
	declarations := ""
	for _, p := range prelude {
		if regexp.MustCompile(`\b`+p.name+`\b`).MatchString(source) && !declares(source, p.name) {
			declarations += p.declaration + "\n"
		}
	}
	if !declaration.MatchString(source) {
		for _, match := range regexp.MustCompile(`(?m)^(\w+) :=`).FindAllStringSubmatch(source, -1) {
			source += "\n_ = " + match[1] // which the text around goes on to use
		}
		source = "func _() {\n" + source + "\n}"
	}
	file := "package fragment\n\n" + own.String()
	for name, path := range imports {
		imported := regexp.MustCompile(`(?m)^[\s(]*(import )?(` + name + ` "|"(.*/)?` + name + `(/v\d)?"$)`).MatchString(own.String())
		if !imported && regexp.MustCompile(`\b`+name+`\.[A-Z]`).MatchString(declarations+source) {
			file += "import " + path + "\n"
		}
	}
	return file + "\n" + declarations + "\n" + source + "\n"
}

// declares tells whether a fragment itself declares a name at the top.
func declares(source, name string) bool {
	return regexp.MustCompile(`(?m)^(var|func|const) ` + name + `\b`).MatchString(source)
}

// workspace makes a module that sees what this repository's modules see, and returns its directory.
func workspace(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	require.NoError(t, err)
	dir := t.TempDir()
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	require.NoError(t, err)
	top, err := filepath.Abs(root)
	require.NoError(t, err)
	_, replace, _ := strings.Cut(string(work), "replace (")
	text := "go 1.26.0\n\nuse (\n\t.\n"
	for _, module := range strings.Fields(string(out)) {
		text += "\t" + module + "\n"
	}
	text += ")\n\nreplace (" + strings.ReplaceAll(replace, "=> ./", "=> "+filepath.ToSlash(top)+"/")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.work"), []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/documents\n\ngo 1.26.0\n"), 0o600))
	return dir
}

// vet returns what the go command has to say of the packages in dir.
func vet(dir string) (string, error) {
	command := exec.Command("go", "vet", "./...")
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	out, err := command.CombinedOutput()
	return string(out), err
}

func TestGoInDocumentsCompiles(t *testing.T) {
	dir := workspace(t)
	found := 0
	for _, d := range documents(t) {
		blocks, _ := d.blocks()
		for _, b := range blocks {
			if b.language != "go" {
				continue
			}
			found++
			name := fmt.Sprintf("%s_line_%d", strings.NewReplacer("/", "_", ".", "_").Replace(d.path), b.line)
			require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
			file := "block.go"
			if strings.Contains(b.text, "testing.T)") {
				file = "block_test.go"
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, name, file), []byte(complete(b.text)), 0o600))
		}
	}
	require.NotZero(t, found)
	out, err := vet(dir)
	assert.NoError(t, err, out)
}

func TestGoThatDoesNotCompileIsNoticed(t *testing.T) {
	for _, text := range []string{
		"package main\n\nfunc main() { missing() }\n",
		"app.Use(corsfiber.New(cors.Config{AllowOrigin: nil}))\n",
		"func TestIt(t *testing.T) { corstest.Missing(t) }\n",
	} {
		dir := workspace(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "block_test.go"), []byte(complete(text)), 0o600))
		_, err := vet(dir)
		assert.Error(t, err, text)
	}
}

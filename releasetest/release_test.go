package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

func modulesOf(t *testing.T) []*goModule {
	modules, err := workspace()
	require.NoError(t, err)
	require.NotEmpty(t, modules)
	return modules
}

func TestTheWorkspaceHasEveryModule(t *testing.T) {
	listed := map[string]bool{}
	for _, m := range modulesOf(t) {
		listed[m.dir] = true
	}
	top, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if entry.Name() == "go.mod" {
			assert.True(t, listed[filepath.Dir(path)], "go.work does not list %s", filepath.Dir(path))
		}
		return nil
	}))
}

func TestModulesRequireEachOtherAtTheRelease(t *testing.T) {
	for _, m := range modulesOf(t) {
		assert.Empty(t, m.file.Replace, "%s: a replace does not travel", m.path)
		assert.Empty(t, m.file.Exclude, "%s: an exclude does not travel", m.path)
		for sibling, at := range m.siblings() {
			assert.Equal(t, version, at, "%s requires %s", m.path, sibling)
		}
	}
}

// go.work says where the versions are that nobody can fetch before the release.
func TestTheWorkspaceReplacesWhatItsModulesRequire(t *testing.T) {
	content, err := os.ReadFile("../go.work")
	require.NoError(t, err)
	work, err := modfile.ParseWork("go.work", content, nil)
	require.NoError(t, err)
	replaced := map[string]string{}
	for _, r := range work.Replace {
		replaced[r.Old.Path+"@"+r.Old.Version] = filepath.Join("..", r.New.Path)
	}
	required := map[string]string{}
	dirs := map[string]string{}
	modules := modulesOf(t)
	for _, m := range modules {
		dirs[m.path] = filepath.Join("..", strings.TrimPrefix(m.path, root))
	}
	for _, m := range modules {
		for sibling, at := range m.siblings() {
			required[sibling+"@"+at] = dirs[sibling]
		}
	}
	assert.Equal(t, required, replaced)
}

func TestWhatIsReleasedRequiresWhatIsReleased(t *testing.T) {
	modules := modulesOf(t)
	released := map[string]bool{}
	for _, m := range modules {
		released[m.path] = m.released()
	}
	require.True(t, released[root])
	for _, m := range modules {
		for sibling := range m.siblings() {
			assert.True(t, released[sibling] || !m.released(), "%s requires %s, which is not released", m.path, sibling)
		}
	}
}

// What policies outside the program and gateways need is for those who import it.
func TestTheCoreAndItsAdaptersNeedNoMoreThanBefore(t *testing.T) {
	found := 0
	for _, m := range modulesOf(t) {
		if m.path != root && m.path != root+"/fiber" && m.path != root+"/fiberv2" {
			continue
		}
		found++
		assert.Equal(t, "1.25.0", m.file.Go.Version, m.path)
		for _, r := range m.file.Require {
			for _, other := range []string{root + "/cors", "sigs.k8s.io/", "k8s.io/", "github.com/fsnotify/", "github.com/nats-io/", "github.com/prometheus/", "go.etcd.io/"} {
				assert.False(t, strings.HasPrefix(r.Mod.Path, other), "%s requires %s", m.path, r.Mod.Path)
			}
		}
	}
	assert.Equal(t, 3, found)
}

func TestWhatGetsNoTagIsWrittenDown(t *testing.T) {
	names := map[string]bool{}
	for _, m := range modulesOf(t) {
		names[m.name()] = true
	}
	content, err := os.ReadFile("../RELEASING.md")
	require.NoError(t, err)
	_, list, found := strings.Cut(string(content), "get no tag: ")
	require.True(t, found)
	list, _, _ = strings.Cut(list, ".")
	var listed []string
	for _, quoted := range regexp.MustCompile("`[^`]+`").FindAllString(list, -1) {
		listed = append(listed, strings.Trim(quoted, "`"))
	}
	assert.Equal(t, unreleased, listed)
	for _, name := range unreleased {
		assert.True(t, names[name], "there is no module %s", name)
	}
}

func TestTheChangelogHasTheRelease(t *testing.T) {
	content, err := os.ReadFile("../CHANGELOG.md")
	require.NoError(t, err)
	assert.Contains(t, string(content), "\n## "+version)
}

// Programs whose output is known, for modules that say something when they run.
var outputs = map[string]struct{ source, output string }{
	"": {`package main

import (
	"fmt"

	"github.com/bytecors/cors"
	"github.com/valyala/fasthttp"
)

func main() {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", "https://example.com")
	m.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.NotFound() })(&ctx)
	fmt.Printf("%d %s", ctx.Response.StatusCode(), ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
}
`, "404 https://example.com"},
	"fiber":   {fiberProgram("fiber", "v3"), "404 https://example.com <nil>"},
	"fiberv2": {fiberProgram("fiberv2", "v2"), "404 https://example.com <nil>"},
}

func fiberProgram(adapter, framework string) string {
	return fmt.Sprintf(`package main

import (
	"fmt"
	"net/http/httptest"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/%s"
	"github.com/gofiber/fiber/%s"
)

func main() {
	app := fiber.New()
	app.Use(corsfiber.New(cors.Config{AllowOrigins: []string{"https://example.com"}}))
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("Origin", "https://example.com")
	response, err := app.Test(request)
	fmt.Printf("%%d %%s %%v", response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"), err)
}
`, adapter, framework)
}

// A stranger gets each module alone, so that none leans on what another one requires. Those that get no tag can be had
// by their commit.
func TestAStrangerInstallsEveryModule(t *testing.T) {
	modules := modulesOf(t)
	s := newStranger(t, publish(t, modules))
	for _, m := range modules {
		t.Run(m.tag(), func(t *testing.T) {
			var imports strings.Builder
			programs := 0
			for _, p := range m.packages {
				switch {
				case p.isInternal():
				case p.Name == "main":
					s.run(t, t.TempDir(), "go", "install", p.ImportPath+"@"+version)
					assert.FileExists(t, filepath.Join(s.bin, filepath.Base(p.ImportPath)))
					programs++
				default:
					fmt.Fprintf(&imports, "import _ %q\n", p.ImportPath)
				}
			}
			require.True(t, imports.Len() > 0 || programs > 0, "there is nothing to install")
			if imports.Len() > 0 {
				source := "package main\n\n" + imports.String() + "\nfunc main() { println(\"imported\") }\n"
				assert.Equal(t, "imported\n", s.program(t, source, m.path))
			}
			if p, known := outputs[m.name()]; known {
				assert.Equal(t, p.output, s.program(t, p.source, m.path))
			}
		})
	}
	t.Run("corscheck explains itself", func(t *testing.T) {
		assert.Contains(t, s.run(t, s.bin, filepath.Join(s.bin, "corscheck"), "-h"), "-origin")
	})
}

func TestModulesAreReleasedAfterThoseThatTheyRequire(t *testing.T) {
	module := func(path string, requires ...string) *goModule {
		file := new(modfile.File)
		file.Syntax = new(modfile.FileSyntax)
		for _, sibling := range requires {
			require.NoError(t, file.AddRequire(root+sibling, version))
		}
		return &goModule{path: root + path, file: file}
	}
	adapter, top, example := module("/adapter", ""), module(""), module("/adapter/example", "", "/adapter")
	ordered, err := inOrder([]*goModule{example, adapter, top})
	require.NoError(t, err)
	assert.Equal(t, []*goModule{top, adapter, example}, ordered)
	assert.Equal(t, []string{version, "adapter/" + version, "adapter/example/" + version},
		[]string{top.tag(), adapter.tag(), example.tag()})

	for _, modules := range [][]*goModule{
		{module("/a", "/b"), module("/b", "/a")},
		{module("/a", "/missing")},
	} {
		_, err = inOrder(modules)
		assert.Error(t, err)
	}
}

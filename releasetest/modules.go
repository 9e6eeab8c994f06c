package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// root is the path of the module at the top of the repository, and the prefix of all others.
const root = "github.com/bytecors/cors"

// goModule is a module of this repository.
type goModule struct {
	path     string
	dir      string
	file     *modfile.File
	packages []goPackage
}

// goPackage is a package without its tests.
type goPackage struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
}

func (p goPackage) isInternal() bool {
	return slices.Contains(strings.Split(p.ImportPath, "/"), "internal")
}

// workspace returns the modules of go.work.
func workspace() ([]*goModule, error) {
	var modules []*goModule
	listed, err := list[struct{ Path, Dir, GoMod string }](".", "-m")
	if err != nil {
		return nil, err
	}
	for _, l := range listed {
		content, err := os.ReadFile(l.GoMod)
		if err != nil {
			return nil, err
		}
		file, err := modfile.Parse(l.GoMod, content, nil)
		if err != nil {
			return nil, err
		}
		packages, err := list[goPackage](l.Dir, "./...")
		if err != nil {
			return nil, err
		}
		packages = slices.DeleteFunc(packages, func(p goPackage) bool { return len(p.GoFiles) == 0 })
		modules = append(modules, &goModule{l.Path, l.Dir, file, packages})
	}
	return modules, nil
}

// list returns what go list tells of its arguments.
func list[T any](dir string, args ...string) ([]T, error) {
	command := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	command.Dir = dir
	out, err := command.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return nil, fmt.Errorf("go list in %s: %s", dir, failed.Stderr)
	} else if err != nil {
		return nil, err
	}
	var all []T
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one T
		if err := decoder.Decode(&one); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

// siblings returns the other modules of this repository that m requires, with their versions.
func (m *goModule) siblings() map[string]string {
	siblings := map[string]string{}
	for _, r := range m.file.Require {
		if r.Mod.Path == root || strings.HasPrefix(r.Mod.Path, root+"/") {
			siblings[r.Mod.Path] = r.Mod.Version
		}
	}
	return siblings
}

// unreleased are the modules that get no tag: examples to read, and tools and tests of this repository, which have nothing
// for others to import. RELEASING.md lists them.
var unreleased = []string{
	"benchmarks", "browsertest", "corsgateway/conformance", "docstest", "examples/etcd", "examples/prefork", "examples/proxy",
	"examples/routes", "proxytest", "releasetest",
}

// name returns the path of m in the repository, which is "" for the module at its top.
func (m *goModule) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(m.path, root), "/")
}

func (m *goModule) released() bool {
	return !slices.Contains(unreleased, m.name())
}

// tag returns the tag by which the go command finds m.
func (m *goModule) tag() string {
	return path.Join(m.name(), version)
}

// inOrder returns the modules so that each comes after those that it requires. Whoever asks for the newest
// version of a module in the middle of a release finds its siblings.
func inOrder(modules []*goModule) ([]*goModule, error) {
	var ordered []*goModule
	done := map[string]bool{}
	for len(ordered) < len(modules) {
		before := len(ordered)
		for _, m := range modules {
			ready := !done[m.path]
			for sibling := range m.siblings() {
				ready = ready && done[sibling]
			}
			if ready {
				done[m.path] = true
				ordered = append(ordered, m)
			}
		}
		if len(ordered) == before {
			return nil, errors.New("modules require each other in a circle, or one that go.work does not list")
		}
	}
	return ordered, nil
}

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// apiDir has what the packages of this repository export, a file for each, so that a change of it is seen as one.
const apiDir = "api"

// apis returns the contents of the files of apiDir.
func apis(modules []*goModule) (map[string]string, error) {
	files := map[string]string{}
	for _, m := range modules {
		for _, p := range m.packages {
			if !m.released() || p.Name == "main" || p.isInternal() {
				continue
			}
			text, err := exported(p)
			if err != nil {
				return nil, err
			}
			name := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, root), "/"), "/", "_")
			if name == "" {
				name = filepath.Base(root)
			}
			files[name+".txt"] = "package " + p.Name + " // import \"" + p.ImportPath + "\"\n\n" + text
		}
	}
	return files, nil
}

// exported returns the exported declarations of a package in order, without comments and without what they hide.
func exported(p goPackage) (string, error) {
	var declarations []string
	for _, name := range p.GoFiles {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		ast.FileExports(file)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && !isExportedType(d.Recv.List[0].Type) {
					continue
				}
				d.Body = nil
			case *ast.GenDecl:
				if d.Tok == token.IMPORT || len(d.Specs) == 0 {
					continue
				}
			}
			var b bytes.Buffer
			if err := format.Node(&b, files, d); err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			declarations = append(declarations, compact(b.String()))
		}
	}
	slices.Sort(declarations)
	return strings.Join(declarations, "\n") + "\n", nil
}

func isExportedType(receiver ast.Expr) bool {
	switch r := receiver.(type) {
	case *ast.StarExpr:
		return isExportedType(r.X)
	case *ast.IndexExpr:
		return isExportedType(r.X)
	case *ast.IndexListExpr:
		return isExportedType(r.X)
	case *ast.Ident:
		return r.IsExported()
	}
	return false
}

// compact leaves out the empty lines that comments leave behind.
func compact(source string) string {
	lines := strings.Split(source, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" }), "\n")
}

// writeAPIs brings apiDir up to date.
func writeAPIs(modules []*goModule) error {
	files, err := apis(modules)
	if err != nil {
		return err
	}
	here := slices.IndexFunc(modules, func(m *goModule) bool { return m.path == root+"/releasetest" })
	dir := filepath.Join(modules[here].dir, apiDir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

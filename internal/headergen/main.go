// Command headergen makes the generated Go files of this module out of table.txt: the names of headers
// as byte strings, the sets of names that the Fetch standard treats apart, and the classes of bytes.
//
// It is run by `go generate ./...` from the module's root. Its test fails when a generated file is stale.
package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed table.txt
var tableText string

// outputs names the file made for each package.
var outputs = map[string]string{
	"cors":     "headers_gen.go",
	"corstest": "corstest/names_gen.go",
}

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "headergen:", err)
		os.Exit(1)
	}
}

// run writes every output below root.
func run(root string) error {
	sections, err := parseTable(tableText)
	if err != nil {
		return err
	}
	for pkg, path := range outputs {
		source, err := generate(pkg, sections)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, path), source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Command suffixgen makes public_suffix_gen.go out of the public suffix list that golang.org/x/net/publicsuffix
// has: the domains that are no public suffixes themselves, but have some below them. The package answers only
// for one domain at a time, and cannot be asked what is below it.
//
// It is run by `go generate ./...` from the module's root. Its test fails when the generated file is stale.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	source = "golang.org/x/net"
	output = "public_suffix_gen.go"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "suffixgen:", err)
		os.Exit(1)
	}
}

// run writes the output below root.
func run(root string) error {
	text, err := generate(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, output), text, 0o644)
}

// generate returns the output for the version of the list that the module below root requires.
func generate(root string) ([]byte, error) {
	command := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", source)
	command.Dir = root
	dir, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m %s: %w", source, err)
	}
	rules, err := readRules(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
	if err != nil {
		return nil, err
	}
	return format(parents(rules))
}

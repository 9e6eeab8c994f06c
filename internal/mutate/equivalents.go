package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed equivalent.txt
var equivalentText string

// equivalent names a mutant by what it looks like rather than by its line, which changes.
type equivalent struct{ file, change, source string }

// stale returns the equivalents of a file that are none of its mutants.
func stale(known map[equivalent]bool, file string, mutants []mutant) []equivalent {
	found := map[equivalent]bool{}
	for i := range mutants {
		found[equivalent{file, mutants[i].change, mutants[i].source}] = true
	}
	var stale []equivalent
	for e := range known {
		if e.file == file && !found[e] {
			stale = append(stale, e)
		}
	}
	return stale
}

// readEquivalents reads blocks of three lines: the file and the change; the line of source; and the reason. Blocks
// are divided by empty lines, and what begins with # is left out.
func readEquivalents(text string) (map[equivalent]bool, error) {
	known := map[equivalent]bool{}
	var block []string
	finish := func() error {
		if len(block) == 0 {
			return nil
		}
		if len(block) != 3 {
			return fmt.Errorf("equivalent.txt: a block of %d lines: %q", len(block), block[0])
		}
		file, change, found := strings.Cut(block[0], ": ")
		if !found {
			return fmt.Errorf("equivalent.txt: %q has no file and change", block[0])
		}
		known[equivalent{file, change, block[1]}] = true
		block = nil
		return nil
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if err := finish(); err != nil {
				return nil, err
			}
		default:
			block = append(block, line)
		}
	}
	return known, finish()
}

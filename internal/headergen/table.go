package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// section is one part of table.txt.
type section struct {
	kind, name    string
	caseSensitive bool
	packages      []string
	source        []string // comment lines under the heading
	entries       []string
}

var heading = regexp.MustCompile(`^\[(header|set|class) (\w+)( case-sensitive)? -> ([\w ]+)\]$`)

// parseTable reads table.txt; its grammar stands at the head of that file.
func parseTable(text string) ([]section, error) {
	var sections []section
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if m := heading.FindStringSubmatch(line); m != nil {
			sections = append(sections, section{
				kind: m[1], name: m[2], caseSensitive: m[3] != "", packages: strings.Fields(m[4]),
			})
			continue
		}
		last := len(sections) - 1
		inClass := last >= 0 && sections[last].kind == "class"
		switch {
		case line == "" || last < 0 && strings.HasPrefix(line, "#"):
		case last < 0 || strings.HasPrefix(line, "["):
			return nil, fmt.Errorf("table.txt:%d: not a heading: %s", i+1, line)
		case strings.HasPrefix(line, "# "):
			sections[last].source = append(sections[last].source, line[2:])
		case inClass:
			sections[last].entries = append(sections[last].entries, strings.Fields(line)...)
		case slices.Contains(sections[last].entries, line):
			return nil, fmt.Errorf("table.txt:%d: %s is listed twice", i+1, line)
		default:
			sections[last].entries = append(sections[last].entries, line)
		}
	}
	return sections, nil
}

package corswatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

// position tells on which lines the parts of a document are. Values are read by another parser, which does not
// keep lines: where the two should differ, a mistake has the line of what is around it.
type position struct {
	line   int
	fields map[string]*position // the line is that of the name
	items  []*position
}

// at follows a path of names and indexes, as far as it goes.
func (p *position) at(path ...any) *position {
	for _, step := range path {
		var next *position
		switch step := step.(type) {
		case string:
			next = p.fields[step]
		case int:
			if step >= 0 && step < len(p.items) {
				next = p.items[step]
			}
		}
		if next == nil {
			return p
		}
		p = next
	}
	return p
}

// maxDepth is for how deep documents may be nested: policies, name, shadow, list, element, and as much again.
const maxDepth = 10

// yamlPositions are those of a YAML document, which has been read before: its aliases are of sane number.
func yamlPositions(data []byte) *position {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil || len(root.Content) == 0 {
		return &position{}
	}
	return yamlReader{}.position(root.Content[0], 0)
}

// yamlReader has the positions of nodes that were read, since several aliases may mean one.
type yamlReader map[*yaml.Node]*position

func (r yamlReader) position(n *yaml.Node, depth int) *position {
	if n.Kind == yaml.AliasNode {
		if n.Alias == nil {
			return &position{line: n.Line}
		}
		// The line is where it is used, and those of its parts are where they are written.
		meant := r.position(n.Alias, depth+1)
		return &position{n.Line, meant.fields, meant.items}
	}
	if p := r[n]; p != nil {
		return p
	}
	p := &position{line: n.Line}
	r[n] = p
	if depth > maxDepth {
		return p
	}
	switch n.Kind {
	case yaml.MappingNode:
		p.fields = make(map[string]*position, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i], r.position(n.Content[i+1], depth+1)
			if name.Tag == "!!merge" {
				for inherited, at := range value.fields {
					if p.fields[inherited] == nil {
						p.fields[inherited] = at
					}
				}
				continue
			}
			p.fields[name.Value] = &position{name.Line, value.fields, value.items}
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			p.items = append(p.items, r.position(item, depth+1))
		}
	}
	return p
}

// jsonPositions are those of a JSON document. It also finds names that occur twice, which encoding/json does
// not, and of which it takes the last.
func jsonPositions(data []byte) (*position, error) {
	r := jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	p, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &Mistake{Line: r.line(), reason: "goes on behind the end of the document"}
	}
	return p, nil
}

type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	counted int // bytes whose lines have been counted
	lines   int
}

// line is that of the token that was read last.
func (r *jsonReader) line() int {
	offset := min(int(r.decoder.InputOffset()), len(r.data))
	r.lines += bytes.Count(r.data[r.counted:offset], []byte("\n"))
	r.counted = offset
	return r.lines + 1
}

func (r *jsonReader) value(depth int) (*position, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.syntax(err)
	}
	p := &position{line: r.line()}
	if depth > maxDepth {
		return nil, &Mistake{Line: p.line, reason: "is nested too deeply"}
	}
	switch token {
	case json.Delim('{'):
		p.fields = map[string]*position{}
		for r.decoder.More() {
			token, err := r.decoder.Token()
			if err != nil {
				return nil, r.syntax(err)
			}
			name, line := token.(string), r.line()
			if p.fields[name] != nil {
				return nil, &Mistake{Line: line, Field: printable(name), reason: fmt.Sprintf("is there a second time, after line %d", p.fields[name].line)}
			}
			value, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			value.line = line
			p.fields[name] = value
		}
	case json.Delim('['):
		for r.decoder.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			p.items = append(p.items, item)
		}
	default:
		return p, nil
	}
	if _, err := r.decoder.Token(); err != nil {
		return nil, r.syntax(err)
	}
	return p, nil
}

func (r *jsonReader) syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Mistake{Line: bytes.Count(r.data, []byte("\n")) + 1, Err: err, reason: "ends too early"}
	}
	line := r.line()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line = bytes.Count(r.data[:min(int(syntax.Offset), len(r.data))], []byte("\n")) + 1
	}
	return &Mistake{Line: line, Err: err, reason: err.Error()}
}

// isJSON tells whether a document is meant to be JSON: an object in braces. YAML in braces is JSON here.
func isJSON(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
}

// sortedByLine returns names in the order in which the document has them.
func (p *position) sortedByLine(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if c := p.at(a).line - p.at(b).line; c != 0 {
			return c
		}
		if a < b {
			return -1
		}
		return 1
	})
	return names
}

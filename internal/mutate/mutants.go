package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mutant is one small change to a file: the bytes from start to end become text.
type mutant struct {
	id         int
	kind       kind
	file       string
	function   *function // where it is; nil outside of functions
	line       int
	source     string // the whole line, without the white space around it
	start, end int
	text       string
	change     string // what was changed, for people: `< to <=`
}

func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.change, m.source)
}

// apply returns the file with the change.
func (m *mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.start], []byte(m.text), source[m.end:])
}

// kind is what sort of mistake a mutant stands for.
type kind string

const (
	conditions  kind = "condition"  // holds always, or never; a part of it is forgotten
	comparisons kind = "comparison" // is off by one at its boundary
	constants   kind = "constant"   // is off by one; true for false
	arithmetic  kind = "arithmetic" // the wrong operator
	statements  kind = "statement"  // is forgotten
	returns     kind = "return"     // too early; of nothing
	loops       kind = "loop"       // ends too early, or leaves out an element
	cases       kind = "case"       // or field of a literal, is forgotten
	calls       kind = "call"       // of another function, not deferred, or none at all
	order       kind = "order"      // of two statements, is reversed
)

var kinds = []kind{conditions, comparisons, constants, arithmetic, statements, returns, loops, cases, calls, order}

// finder collects the mutants of one file.
type finder struct {
	files     *token.FileSet
	name      string
	source    []byte
	lines     []string
	twins     twins
	function  *function // of which the mutants are being collected, or nil
	functions []*ast.FuncType
	mutants   []mutant
	seen      map[string]bool
}

// mutantsOf returns all mutants of a file. twins are the functions of its package.
func mutantsOf(name string, source []byte, twins twins) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &finder{
		files: files, name: name, source: source, lines: strings.Split(string(source), "\n"), twins: twins, seen: map[string]bool{},
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && d.Type.TypeParams == nil {
				f.function = newFunction(files, d, source)
				f.inside(d.Type, d.Body)
			}
		case *ast.GenDecl:
			if f.function = nil; d.Tok != token.IMPORT {
				ast.Inspect(d, f.visit)
			}
		}
	}
	return f.mutants, nil
}

// inside collects the mutants of a function's body, and knows meanwhile what a return in it returns.
func (f *finder) inside(t *ast.FuncType, body *ast.BlockStmt) {
	f.functions = append(f.functions, t)
	ast.Inspect(body, f.visit)
	f.functions = f.functions[:len(f.functions)-1]
}

func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		f.inside(n.Type, n.Body)
		return false
	case ast.Expr:
		f.expression(n)
	case ast.Stmt:
		f.statement(n)
	}
	return true
}

// add notes a mutant, unless another operator has made the same change.
func (f *finder) add(k kind, from, to token.Pos, text, change string) {
	start, end := f.files.Position(from), f.files.Position(to).Offset
	key := fmt.Sprint(start.Offset, " ", end, " ", text)
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.mutants = append(f.mutants, mutant{
		kind: k, file: f.name, function: f.function, line: start.Line, source: strings.TrimSpace(f.lines[start.Line-1]),
		start: start.Offset, end: end, text: text, change: change,
	})
}

// text returns the source of a node.
func (f *finder) text(n ast.Node) string {
	return string(f.source[f.files.Position(n.Pos()).Offset:f.files.Position(n.End()).Offset])
}

// short returns the source of a node as it is shown to people, in one line.
func (f *finder) short(n ast.Node) string {
	text := strings.Join(strings.Fields(f.text(n)), " ")
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	return text
}

package main

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strings"
)

// confused are functions of the standard library that are taken for each other.
var confused = map[string]string{
	"bytes.Index": "bytes.LastIndex", "bytes.LastIndex": "bytes.Index",
	"bytes.IndexByte": "bytes.LastIndexByte", "bytes.LastIndexByte": "bytes.IndexByte",
	"bytes.HasPrefix": "bytes.HasSuffix", "bytes.HasSuffix": "bytes.HasPrefix",
	"bytes.Contains": "bytes.HasPrefix", "bytes.EqualFold": "bytes.Equal",
	"strings.Index": "strings.LastIndex", "strings.LastIndex": "strings.Index",
	"strings.IndexByte": "strings.LastIndexByte", "strings.LastIndexByte": "strings.IndexByte",
	"strings.HasPrefix": "strings.HasSuffix", "strings.HasSuffix": "strings.HasPrefix",
	"strings.CutPrefix": "strings.CutSuffix", "strings.CutSuffix": "strings.CutPrefix",
	"strings.TrimPrefix": "strings.TrimSuffix", "strings.TrimSuffix": "strings.TrimPrefix",
	"strings.TrimLeft": "strings.TrimRight", "strings.TrimRight": "strings.TrimLeft",
	"strings.Contains": "strings.HasPrefix", "strings.ContainsAny": "strings.ContainsRune",
	"min": "max", "max": "min",
}

// call calls another function, or none.
func (f *finder) call(e *ast.CallExpr) {
	name := f.text(e.Fun)
	if other, ok := confused[name]; ok {
		f.add(calls, e.Fun.Pos(), e.Fun.End(), other, name+" to "+other)
	}
	if name == "errors.Is" && len(e.Args) == 2 {
		f.add(calls, e.Pos(), e.End(), "("+f.text(e.Args[0])+" == "+f.text(e.Args[1])+")", "errors.Is to ==")
	}
	if len(e.Args) == 1 && !e.Ellipsis.IsValid() {
		f.add(calls, e.Pos(), e.End(), "("+f.text(e.Args[0])+")", "without "+name)
	}
	last := lastName(e.Fun)
	if last == nil {
		return
	}
	for _, twin := range f.twins.of(last.Name) {
		f.add(calls, last.Pos(), last.End(), twin, last.Name+" to "+twin)
	}
}

// lastName returns what a called function is called, without what it is called on.
func lastName(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// twins are the functions and methods of a package by signature: each can be called where another is meant.
type twins struct {
	signatures map[string][]string // by name; several types may have a method of this name
	names      map[string][]string // by signature
}

func (t twins) of(name string) []string {
	var others []string
	for _, signature := range t.signatures[name] {
		for _, other := range t.names[signature] {
			if other != name {
				others = append(others, other)
			}
		}
	}
	return others
}

// add adds the functions of a file.
func (t twins) add(source []byte) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			signature := signatureOf(files, f)
			t.signatures[f.Name.Name] = append(t.signatures[f.Name.Name], signature)
			t.names[signature] = append(t.names[signature], f.Name.Name)
		}
	}
	return nil
}

// signatureOf returns the types that a function takes and returns, and its receiver's, without names.
func signatureOf(files *token.FileSet, f *ast.FuncDecl) string {
	var b strings.Builder
	for _, list := range []*ast.FieldList{f.Recv, f.Type.Params, f.Type.Results} {
		b.WriteString("(")
		if list != nil {
			for _, field := range list.List {
				for range max(len(field.Names), 1) {
					_ = printer.Fprint(&b, files, field.Type) // a strings.Builder takes everything
					b.WriteString(", ")
				}
			}
		}
		b.WriteString(")")
	}
	return b.String()
}

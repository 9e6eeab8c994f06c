package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Building the tests takes far longer than running them, so that all mutants of all functions are built at
// once. Each function becomes several, one for each of its mutants, and one that chooses:
//
//	func half(n int) int      { switch mutantID { case 7: return half__7(n); ... } return half__0(n) }
//	func half__0(n int) int   { return n / 2 }
//	func half__7(n int) int   { return n * 2 }

// function is a function that has mutants.
type function struct {
	start, end         int // bytes of the declaration
	nameStart, nameEnd int

	name     string
	receiver string // its type, or ""
	params   []string
	results  string
}

func newFunction(files *token.FileSet, d *ast.FuncDecl, source []byte) *function {
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	text := func(n ast.Node) string { return string(source[offset(n.Pos()):offset(n.End())]) }
	f := &function{
		start: offset(d.Type.Func), end: offset(d.End()), nameStart: offset(d.Name.Pos()), nameEnd: offset(d.Name.End()),
		name: d.Name.Name,
	}
	if d.Recv != nil {
		f.receiver = text(d.Recv.List[0].Type)
	}
	for _, field := range d.Type.Params.List {
		for range max(len(field.Names), 1) {
			f.params = append(f.params, text(field.Type))
		}
	}
	if d.Type.Results != nil {
		var types []string
		for _, field := range d.Type.Results.List {
			for range max(len(field.Names), 1) {
				types = append(types, text(field.Type))
			}
		}
		f.results = "(" + strings.Join(types, ", ") + ")"
	}
	return f
}

// variant returns the function under another name, with the change of m if that is not nil. Its lines are
// counted as those of a file of its own, by which the compiler's messages tell whose they are.
func (f *function) variant(m *mutant, source []byte) string {
	id, body := 0, string(source[f.nameEnd:f.end])
	if m != nil {
		id = m.id
		body = string(slices.Concat(source[f.nameEnd:m.start], []byte(m.text), source[m.end:f.end]))
	}
	return fmt.Sprintf("\n//line mutant_%d:1\n%s%s__%d%s\n", id, source[f.start:f.nameStart], f.name, id, body)
}

// choice returns the function that chooses among variants.
func (f *function) choice(ids []int) string {
	var b strings.Builder
	var params, args []string
	for i, t := range f.params {
		params = append(params, fmt.Sprintf("p%d %s", i, t))
		arg := fmt.Sprint("p", i)
		if strings.HasPrefix(t, "...") {
			arg += "..."
		}
		args = append(args, arg)
	}
	receiver, target := "", ""
	if f.receiver != "" {
		receiver, target = "(r "+f.receiver+") ", "r."
	}
	call := func(id int) string {
		call := fmt.Sprintf("%s%s__%d(%s)", target, f.name, id, strings.Join(args, ", "))
		if f.results != "" {
			return "return " + call
		}
		return call + "; return"
	}
	fmt.Fprintf(&b, "\n//line choice:1\nfunc %s%s(%s) %s {\n\tswitch mutantID {\n", receiver, f.name, strings.Join(params, ", "), f.results)
	for _, id := range ids {
		fmt.Fprintf(&b, "\tcase %d: %s\n", id, call(id))
	}
	fmt.Fprintf(&b, "\t}\n\t%s\n}\n", call(0))
	return b.String()
}

// combine returns a file that has all these mutants of it, which are in functions.
func combine(source []byte, mutants []*mutant) []byte {
	var functions []*function
	of := map[*function][]*mutant{}
	for _, m := range mutants {
		if of[m.function] == nil {
			functions = append(functions, m.function)
		}
		of[m.function] = append(of[m.function], m)
	}
	slices.SortFunc(functions, func(a, b *function) int { return a.start - b.start })
	var b strings.Builder
	end := 0
	for _, f := range functions {
		b.Write(source[end:f.start])
		end = f.end
		var ids []int
		var variants strings.Builder
		for _, m := range of[f] {
			ids = append(ids, m.id)
			variants.WriteString(f.variant(m, source))
		}
		b.WriteString(f.choice(ids) + f.variant(nil, source) + variants.String())
	}
	b.Write(source[end:])
	return []byte(b.String())
}

// chooser is the file that reads which mutant the tests are for, and has what mutants call.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var mutantID, _ = strconv.Atoi(os.Getenv("MUTANT"))

func mutantWithoutFirst[S ~[]E, E any](s S) S { return s[min(1, len(s)):] }

func mutantWithoutLast[S ~[]E, E any](s S) S { return s[:max(len(s), 1)-1] }
`

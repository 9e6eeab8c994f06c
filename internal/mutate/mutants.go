package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// mutant is one small change to a file: the bytes from start to end become text.
type mutant struct {
	id         int
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

// swaps are the operators that take each other's place.
var swaps = map[token.Token][]token.Token{
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LSS: {token.LEQ, token.GEQ}, token.GEQ: {token.GTR, token.LSS},
	token.GTR: {token.GEQ, token.LEQ}, token.LEQ: {token.LSS, token.GTR},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL},
	token.AND: {token.OR}, token.OR: {token.AND}, token.SHL: {token.SHR}, token.SHR: {token.SHL},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
	token.OR_ASSIGN: {token.AND_ASSIGN}, token.MUL_ASSIGN: {token.QUO_ASSIGN},
	token.INC: {token.DEC}, token.DEC: {token.INC},
}

// mutantsOf returns all mutants of a file.
func mutantsOf(name string, source []byte) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(source), "\n")
	var mutants []mutant
	var in *function
	add := func(from, to token.Pos, text, change string) {
		start := files.Position(from)
		mutants = append(mutants, mutant{
			file: name, function: in, line: start.Line, source: strings.TrimSpace(lines[start.Line-1]),
			start: start.Offset, end: files.Position(to).Offset, text: text, change: change,
		})
	}
	operator := func(at token.Pos, op token.Token) {
		for _, other := range swaps[op] {
			add(at, at+token.Pos(len(op.String())), other.String(), op.String()+" to "+other.String())
		}
	}
	negate := func(condition ast.Expr) {
		text := string(source[files.Position(condition.Pos()).Offset:files.Position(condition.End()).Offset])
		add(condition.Pos(), condition.End(), "!("+text+")", "negated condition")
	}
	remove := func(s ast.Stmt) {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.DeferStmt, *ast.IncDecStmt:
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				return
			}
		case *ast.BranchStmt:
			if s.Tok == token.FALLTHROUGH {
				return
			}
		case *ast.ReturnStmt:
			if len(s.Results) > 0 {
				return
			}
		default:
			return
		}
		add(s.Pos(), s.End(), "{}", "removed statement")
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if !isText(n.X) && !isText(n.Y) {
				operator(n.OpPos, n.Op)
			}
		case *ast.AssignStmt:
			operator(n.TokPos, n.Tok)
		case *ast.IncDecStmt:
			operator(n.TokPos, n.Tok)
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				add(n.OpPos, n.OpPos+1, "", "removed !")
			}
		case *ast.Ident:
			switch n.Name {
			case "true":
				add(n.Pos(), n.End(), "false", "true to false")
			case "false":
				add(n.Pos(), n.End(), "true", "false to true")
			}
		case *ast.BasicLit:
			for _, other := range offByOne(n) {
				add(n.Pos(), n.End(), other, n.Value+" to "+other)
			}
		case *ast.IfStmt:
			if isSimple(n.Cond) {
				negate(n.Cond)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil {
				for _, clause := range n.Body.List {
					for _, condition := range clause.(*ast.CaseClause).List {
						if isSimple(condition) {
							negate(condition)
						}
					}
				}
			}
		case *ast.BlockStmt:
			for _, s := range n.List {
				remove(s)
			}
		case *ast.CaseClause:
			for _, s := range n.Body {
				remove(s)
			}
		}
		return true
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			in = newFunction(files, f, source)
			ast.Inspect(f.Body, visit)
		} else {
			in = nil
			ast.Inspect(d, visit)
		}
	}
	return mutants, nil
}

// isSimple tells whether no other mutant of a condition negates it.
func isSimple(condition ast.Expr) bool {
	switch c := condition.(type) {
	case *ast.BinaryExpr:
		return c.Op == token.LAND || c.Op == token.LOR
	case *ast.UnaryExpr:
		return c.Op != token.NOT
	}
	return true
}

// isText tells whether an operand is a string for certain, which cannot be subtracted.
func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (isText(e.X) || isText(e.Y))
	}
	return false
}

// offByOne returns the neighbours of a number or character.
func offByOne(l *ast.BasicLit) []string {
	switch l.Kind {
	case token.INT:
		n, err := strconv.ParseInt(l.Value, 0, 64)
		if err != nil {
			return nil
		}
		return []string{strconv.FormatInt(n+1, 10), strconv.FormatInt(n-1, 10)}
	case token.CHAR:
		r, _, _, err := strconv.UnquoteChar(l.Value[1:], '\'')
		if err != nil {
			return nil
		}
		return []string{strconv.QuoteRune(r + 1), strconv.QuoteRune(r - 1)}
	}
	return nil
}

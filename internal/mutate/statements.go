package main

import (
	"go/ast"
	"go/token"
	"strings"
)

func (f *finder) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if other, ok := swaps[s.Tok]; ok {
			f.operator(arithmetic, s.TokPos, s.Tok, other)
		}
	case *ast.DeferStmt:
		f.add(calls, s.Pos(), s.Call.Pos(), "", "not deferred")
	case *ast.BranchStmt:
		if s.Label == nil && s.Tok == token.BREAK {
			f.add(loops, s.Pos(), s.End(), "continue", "break to continue")
		}
		if s.Label == nil && s.Tok == token.CONTINUE {
			f.add(loops, s.Pos(), s.End(), "break", "continue to break")
		}
	case *ast.IfStmt:
		f.condition(s.Cond)
	case *ast.SwitchStmt:
		f.clauses(s)
	case *ast.ForStmt:
		if s.Cond != nil {
			f.fails(s.Cond) // if it held always, nothing would be learned but that the tests come to no end
		}
		f.once(s.Body)
	case *ast.RangeStmt:
		f.shortened(s.X)
		f.once(s.Body)
	case *ast.ReturnStmt:
		f.returned(s)
	case *ast.BlockStmt:
		f.list(s.List)
	case *ast.CaseClause:
		f.list(s.Body)
	}
}

// list makes the changes that concern a statement's place among others.
func (f *finder) list(list []ast.Stmt) {
	for i, s := range list {
		if _, ok := s.(*ast.CaseClause); ok {
			return // the list is of clauses, each of which has its own
		}
		if text, ok := f.withoutStatement(s); ok {
			f.add(statements, s.Pos(), s.End(), text, "removed statement")
		}
		if i == 0 {
			continue
		}
		if zero, ok := f.emptyReturn(); ok && !isReturn(s) {
			f.add(returns, s.Pos(), s.Pos(), "if mutantID > 0 { "+zero+" }\n", "returned before")
		}
		if before := list[i-1]; movable(before) && movable(s) && depend(before, s) {
			f.add(order, before.Pos(), s.End(), f.text(s)+"\n"+f.text(before), "put behind the next")
		}
	}
}

func isReturn(s ast.Stmt) bool {
	_, ok := s.(*ast.ReturnStmt)
	return ok
}

// withoutStatement returns what stays where a statement is forgotten.
func (f *finder) withoutStatement(s ast.Stmt) (text string, ok bool) {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.DeferStmt, *ast.IncDecStmt, *ast.GoStmt, *ast.SendStmt:
		return "{}", true
	case *ast.AssignStmt:
		return "{}", s.Tok != token.DEFINE
	case *ast.BranchStmt:
		return "{}", s.Tok != token.FALLTHROUGH
	case *ast.ReturnStmt:
		if len(s.Results) == 0 {
			return "{}", true
		}
		// What it would have returned is computed, so that its variables are used.
		var values []string
		for _, e := range s.Results {
			values = append(values, f.text(e))
		}
		blanks := strings.TrimSuffix(strings.Repeat("_, ", len(values)), ", ")
		return blanks + " = " + strings.Join(values, ", "), true
	}
	return "", false
}

// emptyReturn returns a return statement that can stand anywhere in the present function.
func (f *finder) emptyReturn() (text string, ok bool) {
	if len(f.functions) == 0 {
		return "", false
	}
	results := f.functions[len(f.functions)-1].Results
	return "return", results == nil || len(results.List[0].Names) > 0
}

// returned returns nothing in place of something.
func (f *finder) returned(s *ast.ReturnStmt) {
	if len(f.functions) == 0 || len(s.Results) == 0 {
		return
	}
	var types []ast.Expr
	for _, field := range f.functions[len(f.functions)-1].Results.List {
		for range max(len(field.Names), 1) {
			types = append(types, field.Type)
		}
	}
	if len(types) != len(s.Results) {
		return
	}
	for i, e := range s.Results {
		zero := zeroOf(types[i])
		switch {
		case isBool(types[i]):
			if id, ok := e.(*ast.Ident); !ok || id.Name != "true" && id.Name != "false" {
				f.condition(e)
			}
		case zero != "" && zero != f.text(e):
			f.add(returns, e.Pos(), e.End(), zero, f.short(e)+" to "+zero)
		}
	}
}

func isBool(t ast.Expr) bool {
	id, ok := t.(*ast.Ident)
	return ok && id.Name == "bool"
}

// zeroOf returns the zero value of a type where it can be told from its name alone, or "".
func zeroOf(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr, *ast.MapType, *ast.FuncType:
		return "nil"
	case *ast.ArrayType:
		if t.Len == nil {
			return "nil"
		}
	case *ast.Ident:
		switch t.Name {
		case "string":
			return `""`
		case "error", "any":
			return "nil"
		case "int", "byte", "rune":
			return "0"
		}
	}
	return ""
}

// clauses takes values out of a switch, whose condition is not a bool and so is not changed elsewhere.
func (f *finder) clauses(s *ast.SwitchStmt) {
	for _, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		for i, e := range clause.List {
			switch {
			case s.Tag == nil:
				f.condition(e)
			case len(clause.List) == 1:
				f.add(cases, clause.Pos(), clause.End(), "", "removed case")
			case i == 0:
				f.add(cases, e.Pos(), clause.List[1].Pos(), "", "removed "+f.short(e))
			default:
				f.add(cases, clause.List[i-1].End(), e.End(), "", "removed "+f.short(e))
			}
		}
	}
}

// once ends a loop after its first round.
func (f *finder) once(body *ast.BlockStmt) {
	f.add(loops, body.Rbrace, body.Rbrace, "\nif mutantID > 0 { break }\n", "ended after one round")
}

// shortened leaves out the first or last of what a loop goes over. The compiler refuses those that are for
// another type.
func (f *finder) shortened(e ast.Expr) {
	text := f.text(e)
	f.add(loops, e.Pos(), e.End(), "mutantWithoutFirst("+text+")", "without the first")
	f.add(loops, e.Pos(), e.End(), "mutantWithoutLast("+text+")", "without the last")
	f.add(loops, e.Pos(), e.End(), "("+text+") - 1", "one round less")
}

// movable tells whether a statement may take its neighbour's place.
func movable(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt, *ast.ForStmt, *ast.RangeStmt:
		return true
	case *ast.IfStmt:
		return true
	}
	return false
}

// depend tells whether it can matter which of two statements comes first: one of them calls something, and they
// have a name in common.
func depend(a, b ast.Stmt) bool {
	of := func(s ast.Stmt) (names map[string]bool, calling bool) {
		names = map[string]bool{}
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				names[n.Name] = true
			case *ast.CallExpr:
				calling = true
			}
			return true
		})
		return names, calling
	}
	inA, aCalls := of(a)
	inB, bCalls := of(b)
	if !aCalls && !bCalls {
		return false
	}
	for name := range inA {
		if inB[name] && name != "nil" && name != "len" {
			return true
		}
	}
	return false
}

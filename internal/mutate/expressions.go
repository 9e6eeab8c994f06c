package main

import (
	"go/ast"
	"go/token"
	"strconv"
)

// boundaries are the comparisons that differ at equality only. The other ways to get a comparison wrong make its
// condition hold where it should not, or the reverse, and a test that notices a condition that always holds, and
// one that never does, notices them too. The same is true of && for ||.
var boundaries = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
}

// swaps are the operators that take each other's place.
var swaps = map[token.Token]token.Token{
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
	token.AND: token.OR, token.OR: token.AND, token.SHL: token.SHR, token.SHR: token.SHL,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
	token.OR_ASSIGN: token.AND_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
}

func (f *finder) expression(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		f.binary(e)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			f.condition(e)
		}
	case *ast.Ident:
		switch e.Name {
		case "true":
			f.add(constants, e.Pos(), e.End(), "false", "true to false")
		case "false":
			f.add(constants, e.Pos(), e.End(), "true", "false to true")
		}
	case *ast.BasicLit:
		for _, other := range offByOne(e) {
			f.add(constants, e.Pos(), e.End(), other, e.Value+" to "+other)
		}
	case *ast.CompositeLit:
		f.fields(e)
	case *ast.CallExpr:
		f.call(e)
	}
}

func (f *finder) binary(e *ast.BinaryExpr) {
	switch e.Op {
	case token.LAND:
		f.condition(e)
		f.holds(e.X)
		f.holds(e.Y)
		return
	case token.LOR:
		f.condition(e)
		f.fails(e.X)
		f.fails(e.Y)
		return
	case token.EQL, token.NEQ:
		f.condition(e)
	}
	if other, ok := boundaries[e.Op]; ok {
		f.condition(e)
		f.operator(comparisons, e.OpPos, e.Op, other)
	}
	if other, ok := swaps[e.Op]; ok && !isText(e.X) && !isText(e.Y) {
		f.operator(arithmetic, e.OpPos, e.Op, other)
	}
}

func (f *finder) operator(k kind, at token.Pos, op, other token.Token) {
	f.add(k, at, at+token.Pos(len(op.String())), other.String(), op.String()+" to "+other.String())
}

// condition is wrong in both ways.
func (f *finder) condition(e ast.Expr) {
	f.holds(e)
	f.fails(e)
}

// holds makes an expression true. It is computed none the less, as the compiler wants to see its variables used.
func (f *finder) holds(e ast.Expr) {
	f.add(conditions, e.Pos(), e.End(), "("+f.text(e)+" || true)", f.short(e)+" to true")
}

func (f *finder) fails(e ast.Expr) {
	f.add(conditions, e.Pos(), e.End(), "("+parenthesized(e, f.text(e))+" && false)", f.short(e)+" to false")
}

// parenthesized protects an expression that && would tear apart.
func parenthesized(e ast.Expr, text string) string {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LOR {
		return "(" + text + ")"
	}
	return text
}

// fields leaves out one field of a literal.
func (f *finder) fields(e *ast.CompositeLit) {
	for i, element := range e.Elts {
		if _, ok := element.(*ast.KeyValueExpr); !ok {
			continue
		}
		end := e.Rbrace
		if i+1 < len(e.Elts) {
			end = e.Elts[i+1].Pos()
		}
		f.add(cases, element.Pos(), end, "", "left out "+f.short(element))
	}
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

package main

import (
	"go/format"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mutate returns the mutants of functions, which stand in a file of their own.
func mutate(t *testing.T, functions string) (source []byte, mutants []mutant) {
	source = []byte("package sample\n\n" + functions)
	names := twins{map[string][]string{}, map[string][]string{}}
	require.NoError(t, names.add(source))
	mutants, err := mutantsOf("sample.go", source, names)
	require.NoError(t, err)
	return source, mutants
}

func TestMistakesOfEachKindAreMade(t *testing.T) {
	for _, test := range []struct {
		kind   kind
		source string
		want   []string // the changes, each with a line of what comes of it
	}{
		{conditions, "func f() {\n\tif a && b == c {\n\t}\n}", []string{
			"a && b == c to true", "if (a && b == c || true) {",
			"a && b == c to false", "if (a && b == c && false) {",
			"a to true", "if (a || true) && b == c {",
			"b == c to true", "if a && (b == c || true) {",
			"b == c to false", "if a && (b == c && false) {",
		}},
		{conditions, "func f() bool {\n\treturn a || !b()\n}", []string{
			"a || !b() to true", "return (a || !b() || true)",
			"a || !b() to false", "return ((a || !b()) && false)",
			"a to false", "return (a && false) || !b()",
			"!b() to false", "return a || (!b() && false)",
			"!b() to true", "return a || (!b() || true)",
		}},
		{conditions, "func f() {\n\tswitch {\n\tcase a:\n\t}\n}", []string{
			"a to true", "case (a || true):",
			"a to false", "case (a && false):",
		}},
		{comparisons, "func f() {\n\tif a < b {\n\t}\n}", []string{"< to <=", "if a <= b {"}},
		{constants, "const limit = 'c'", []string{"'c' to 'd'", "const limit = 'd'", "'c' to 'b'", "const limit = 'b'"}},
		{constants, "var on = true", []string{"true to false", "var on = false"}},
		{arithmetic, "func f() {\n\ta = \"text\" + b\n\tn += i * 2\n}", []string{
			"+= to -=", "n -= i * 2",
			"* to /", "n += i / 2",
		}},
		{statements, "func f() {\n\ta()\n\tb := 1\n\tc = b\n}", []string{
			"removed statement", "{}",
			"removed statement", "{}",
		}},
		{statements, "func f() int {\n\tfor {\n\t\treturn g(x)\n\t}\n}", []string{"removed statement", "_ = g(x)"}},
		{returns, "func f() {\n\ta()\n\tb()\n}", []string{"returned before", "if mutantID > 0 { return }"}},
		{returns, "func f() (string, error) {\n\treturn \"\", err\n}", []string{"err to nil", `return "", nil`}},
		{returns, "func f() {\n\tg(func() []byte { return b })\n}", []string{"b to nil", "g(func() []byte { return nil })"}},
		{loops, "func f() {\n\tfor _, v := range all {\n\t\tcontinue\n\t}\n}", []string{
			"without the first", "for _, v := range mutantWithoutFirst(all) {",
			"without the last", "for _, v := range mutantWithoutLast(all) {",
			"one round less", "for _, v := range (all) - 1 {",
			"ended after one round", "if mutantID > 0 { break }",
			"continue to break", "break",
		}},
		{cases, "func f() {\n\tswitch a {\n\tcase 'b', 'c':\n\t}\n}", []string{
			"removed 'b'", "case 'c':",
			"removed 'c'", "case 'b':",
		}},
		{cases, "var x = T{a: 1, b: 2}", []string{
			"left out a: 1", "var x = T{b: 2}",
			"left out b: 2", "var x = T{a: 1, }",
		}},
		{calls, "func f() {\n\tdefer x.Finish(a, b)\n}", []string{"not deferred", "x.Finish(a, b)"}},
		{calls, "func f() {\n\tif errors.Is(err, net.ErrClosed) {\n\t}\n}", []string{"errors.Is to ==", "if (err == net.ErrClosed) {"}},
		{calls, "func f() {\n\ta = trim(b)\n}", []string{"without trim", "a = (b)"}},
		{calls, "func f() {\n\ti = bytes.IndexByte(b, c)\n}", []string{
			"bytes.IndexByte to bytes.LastIndexByte", "i = bytes.LastIndexByte(b, c)",
		}},
		{calls, "func (t T) has(a []byte) bool {}\nfunc (t T) asks(b []byte) bool {}\nfunc f() {\n\tt.has(b, c)\n}", []string{
			"has to asks", "t.asks(b, c)",
		}},
		{order, "func f() {\n\tanswer(ctx)\n\tif tell != nil {\n\t\ttell(ctx)\n\t}\n\tn = 1\n}", []string{
			"put behind the next", "answer(ctx)",
		}},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			source, mutants := mutate(t, test.source)
			var got []string
			for i := range mutants {
				m := &mutants[i]
				if m.kind != test.kind {
					continue
				}
				after := string(m.apply(source))
				want := ""
				if len(got)+1 < len(test.want) {
					want = test.want[len(got)+1]
				}
				found := ""
				for line := range strings.SplitSeq(after, "\n") {
					if strings.TrimSpace(line) == want {
						found = want
					}
				}
				if assert.NotEmpty(t, found, "no line %q in\n%s", want, after) {
					_, err := format.Source([]byte(after))
					assert.NoError(t, err, "%s", after)
				}
				got = append(got, m.change, found)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestTheOrderOfIndependentStatementsIsNoMutant(t *testing.T) {
	for _, source := range []string{
		"func f() {\n\ta = g()\n\tb = h()\n}",
		"func f() {\n\tx.a = 1\n\tx.b = 2\n}",
	} {
		_, mutants := mutate(t, source)
		for i := range mutants {
			assert.NotEqual(t, order, mutants[i].kind, "%s: %s", source, &mutants[i])
		}
	}
}

func TestCombinedMutantsAreAFile(t *testing.T) {
	source, mutants := mutate(t, `const limit = 3

func within(n int, ok bool) (in bool) {
	if n < limit && !ok {
		return true
	}
	return false
}

type T struct{}

func (*T) m(names ...string) { println(len(names)) }
`)
	var inside []*mutant
	boundary, dropped := 0, 0
	for i := range mutants {
		m := &mutants[i]
		m.id = i + 1
		switch {
		case m.change == "< to <=":
			boundary = m.id
		case m.change == "removed statement" && strings.Contains(m.source, "println"):
			dropped = m.id
		}
		if m.function != nil {
			inside = append(inside, m)
		}
	}
	require.Len(t, inside, len(mutants)-2)
	combined := string(combine(source, inside))
	_, err := format.Source([]byte(combined))
	require.NoError(t, err, "%s", combined)
	for _, want := range []string{
		"func within(p0 int, p1 bool) (bool) {\n", "\tcase BOUNDARY: return within__BOUNDARY(p0, p1)\n", "\treturn within__0(p0, p1)\n",
		"//line mutant_BOUNDARY:1\nfunc within__BOUNDARY(n int, ok bool) (in bool) {\n\tif n <= limit && !ok {\n",
		"func (r *T) m(p0 ...string)  {\n", "\tcase DROPPED: r.m__DROPPED(p0...); return\n",
	} {
		want = strings.NewReplacer("BOUNDARY", strconv.Itoa(boundary), "DROPPED", strconv.Itoa(dropped)).Replace(want)
		require.Contains(t, combined, want)
	}
	require.True(t, strings.HasPrefix(combined, "package sample\n\nconst limit = 3\n"))
}

func TestEquivalentMutantsHaveReasons(t *testing.T) {
	_, err := readEquivalents(equivalentText)
	require.NoError(t, err)
	_, err = readEquivalents("a.go: < to <=\nif a < b {\n\n")
	require.Error(t, err)
	known, err := readEquivalents("# why\n\na.go: < to <=\nif a < b {\nBecause.\n")
	require.NoError(t, err)
	require.Equal(t, map[equivalent]bool{{"a.go", "< to <=", "if a < b {"}: true}, known)

	assert.Empty(t, stale(known, "a.go", []mutant{{file: "a.go", change: "< to <=", source: "if a < b {"}}))
	assert.Len(t, stale(known, "a.go", nil), 1)
	assert.Empty(t, stale(known, "b.go", nil))
}

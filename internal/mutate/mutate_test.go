package main

import (
	"go/format"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sample = `package sample

const limit = 3

func within(n int, ok bool) (in bool) {
	if n < limit && !ok {
		n++
		return true
	}
	return false
}

type T struct{}

func (*T) m(names ...string) { println(len(names)) }
`

func TestMutantsOfASample(t *testing.T) {
	mutants, err := mutantsOf("sample.go", []byte(sample))
	require.NoError(t, err)
	var got []string
	for i := range mutants {
		got = append(got, mutants[i].String())
	}
	require.Equal(t, []string{
		"sample.go:3: 3 to 4: const limit = 3",
		"sample.go:3: 3 to 2: const limit = 3",
		"sample.go:6: negated condition: if n < limit && !ok {",
		"sample.go:6: && to ||: if n < limit && !ok {",
		"sample.go:6: < to <=: if n < limit && !ok {",
		"sample.go:6: < to >=: if n < limit && !ok {",
		"sample.go:6: removed !: if n < limit && !ok {",
		"sample.go:7: removed statement: n++",
		"sample.go:7: ++ to --: n++",
		"sample.go:8: true to false: return true",
		"sample.go:10: false to true: return false",
		"sample.go:15: removed statement: func (*T) m(names ...string) { println(len(names)) }",
	}, got)
}

func TestCombinedMutantsAreAFile(t *testing.T) {
	mutants, err := mutantsOf("sample.go", []byte(sample))
	require.NoError(t, err)
	var inside []*mutant
	for i := range mutants {
		if mutants[i].id = i + 1; mutants[i].function != nil {
			inside = append(inside, &mutants[i])
		}
	}
	require.Len(t, inside, len(mutants)-2)
	combined := combine([]byte(sample), inside)
	_, err = format.Source(combined)
	require.NoError(t, err, "%s", combined)
	for _, want := range []string{
		"func within(p0 int, p1 bool) (bool) {\n", "\tcase 3: return within__3(p0, p1)\n", "\treturn within__0(p0, p1)\n",
		"//line mutant_5:1\nfunc within__5(n int, ok bool) (in bool) {\n\tif n <= limit && !ok {\n",
		"func (r *T) m(p0 ...string)  {\n", "\tcase 12: r.m__12(p0...); return\n",
	} {
		require.Contains(t, string(combined), want)
	}
	require.True(t, strings.HasPrefix(string(combined), "package sample\n\nconst limit = 3\n"))
}

func TestEquivalentMutantsHaveReasons(t *testing.T) {
	_, err := readEquivalents(equivalentText)
	require.NoError(t, err)
	_, err = readEquivalents("a.go: < to <=\nif a < b {\n\n")
	require.Error(t, err)
	known, err := readEquivalents("# why\n\na.go: < to <=\nif a < b {\nBecause.\n")
	require.NoError(t, err)
	require.Equal(t, map[equivalent]bool{{"a.go", "< to <=", "if a < b {"}: true}, known)
}

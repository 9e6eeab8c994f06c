package cors_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the compiler says of the request path is the same on a noisy machine as on a quiet one. Timings are not.

// requestPath are the files whose functions run for a request, but for those that are named here.
var requestPath = map[string][]string{
	"cors.go":         {"New", "MustNew", "Reconfigure", "Config", "Wrap", "WrapErrorHandler", "writeError"},
	"serve.go":        nil,
	"exchange.go":     nil,
	"request.go":      {"newRequestHeader", ""},
	"preflight.go":    nil,
	"decide.go":       nil,
	"response.go":     {"looksDated"},    // once for each server
	"left_behind.go":  {"", "readEmpty"}, // a pool's, and a buffer that has to grow
	"vary.go":         {"newVaryNames"},
	"match_bytes.go":  nil,
	"origin.go":       nil,
	"origin_set.go":   {"newOriginSet"},
	"origin_match.go": {"newOriginMatcher", "newSchemePatterns"},
	"method_set.go":   nil,
	"header_set.go":   {"newHeaderSet"},
	"byte_table.go":   {"newByteTable"},
	"name_table.go":   {"newNameTable"},
	"decision.go":     nil,
}

// TestNothingEscapesOnTheRequestPath holds for requests that no test sends, too. Append is left out, which
// allocates where a buffer has to grow.
func TestNothingEscapesOnTheRequestPath(t *testing.T) {
	notes := compilerNotes(t)
	require.NotEmpty(t, notes["byte_table.go"]["newByteTable"], "the compiler no longer says what this test looks for")
	for file, atOtherTimes := range requestPath {
		for function, said := range notes[file] {
			if slices.Contains(atOtherTimes, function) {
				continue
			}
			for _, note := range said {
				if strings.HasPrefix(note, "moved to heap") || strings.HasSuffix(note, "escapes to heap") && !strings.HasPrefix(note, "append ") {
					t.Errorf("%s: %s: %s", file, function, note)
				}
			}
		}
	}
}

// TestSmallFunctionsAreInlined: a call for each byte, label or header costs more than what is done with it, and those for
// each request are some percent of all that is done.
func TestSmallFunctionsAreInlined(t *testing.T) {
	notes := compilerNotes(t)
	for function, file := range map[string]string{
		"toLower": "match_bytes.go", "isSpace": "match_bytes.go", "wellFormedPort": "origin.go",
		"mayBeOurs": "left_behind.go", "set": "response.go", "areSame": "request.go",
	} {
		require.Contains(t, notes[file][function], "can inline "+function)
	}
	for function, file := range map[string]string{"allowedOrigin": "decide.go", "knowsDated": "response.go"} {
		require.Contains(t, notes[file][function], "can inline (*policy)."+function)
	}
	// Without this, the functions that are walked with would be allocated for each response.
	require.Contains(t, notes["serve.go"]["finish"], "inlining call to fasthttp.(*ResponseHeader).All")
	require.Contains(t, notes["response.go"]["isUntouched"], "inlining call to fasthttp.(*ResponseHeader).All")
}

var compilerNote = regexp.MustCompile(`^\./([a-z_]+\.go):(\d+):\d+: (.*)$`)

// compilerNotes returns what the compiler says of escapes and inlining, by file and function.
func compilerNotes(t *testing.T) map[string]map[string][]string {
	t.Helper()
	output, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	functions := map[string]map[int]string{} // by file and line
	notes := map[string]map[string][]string{}
	for line := range strings.Lines(string(output)) {
		match := compilerNote.FindStringSubmatch(strings.TrimSpace(line))
		if match == nil {
			continue
		}
		file := match[1]
		if notes[file] == nil {
			functions[file], notes[file] = functionLines(t, file), map[string][]string{}
		}
		number, err := strconv.Atoi(match[2])
		require.NoError(t, err)
		function := functions[file][number]
		notes[file][function] = append(notes[file][function], match[3])
	}
	return notes
}

// functionLines returns the name of the function that each line of a file belongs to.
func functionLines(t *testing.T, file string) map[int]string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	require.NoError(t, err)
	lines := map[int]string{}
	for _, declaration := range parsed.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			for line := set.Position(function.Pos()).Line; line <= set.Position(function.End()).Line; line++ {
				lines[line] = function.Name.Name
			}
		}
	}
	return lines
}

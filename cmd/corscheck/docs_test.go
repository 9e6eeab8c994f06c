package main

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestDocumentNamesEveryCode(t *testing.T) {
	manual := read(t, "../../docs/corscheck.md")
	found := 0
	for _, source := range []string{"../../corstest/diagnose/code.go", "../../corstest/reason.go"} {
		for _, match := range regexp.MustCompile(`(?:Code|Failure) += "([a-z-]+)"`).FindAllStringSubmatch(read(t, source), -1) {
			found++
			assert.Contains(t, manual, "`"+match[1]+"`", source)
		}
	}
	assert.Greater(t, found, 40)
}

func TestDocumentNamesEveryFieldOfTheJSON(t *testing.T) {
	manual := read(t, "../../docs/corscheck.md")
	seen := make(map[reflect.Type]bool)
	var look func(reflect.Type)
	look = func(kind reflect.Type) {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Array {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct || seen[kind] {
			return
		}
		seen[kind] = true
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			assert.Contains(t, manual, "`"+name+"`", kind.Name())
			look(kind.Field(i).Type)
		}
	}
	look(reflect.TypeFor[document]())
	assert.Len(t, seen, 9)
}

func TestDocumentNamesFlagsThatExist(t *testing.T) {
	var help bytes.Buffer
	run([]string{"-help"}, strings.NewReader(""), &help, &help)
	flags := regexp.MustCompile("`-([a-z-]+)").FindAllStringSubmatch(read(t, "../../docs/corscheck.md"), -1)
	assert.NotEmpty(t, flags)
	for _, match := range flags {
		if match[1] != "help" {
			assert.Contains(t, help.String(), "\n  -"+match[1], "flags are listed by their long name")
		}
	}
}

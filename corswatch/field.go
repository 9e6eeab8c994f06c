package corswatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/bytecors/cors"
)

// configFields are the fields of cors.Config that a document can have, by the names that it has them under.
var configFields = func() map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[cors.Config]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = field
		}
	}
	return fields
}()

// Fields of a policy that are not of its cors.Config.
const (
	fieldHosts  = "hosts"
	fieldPaths  = "paths"
	fieldShadow = "shadow"
)

// documentName returns the name of a field of cors.Config in a document.
func documentName(field string) string {
	for name, f := range configFields {
		if f.Name == field {
			return name
		}
	}
	return field
}

// A sentence about a cors.Config names fields as Go does.
var goNames = func() *regexp.Regexp {
	var names []string
	for _, field := range configFields {
		names = append(names, field.Name)
	}
	return regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
}()

// readList reads a list of strings. The index is that of the element that is none, or -1.
func readList(value any) (list []string, reason string, index int) {
	elements, ok := value.([]any)
	if !ok {
		return nil, "is " + describe(value) + ", and not a list", -1
	}
	list = make([]string, len(elements))
	for i, element := range elements {
		if list[i], ok = element.(string); !ok {
			return nil, "is " + describe(element) + ", and not text" + quoting(element), i
		}
	}
	return list, "", -1
}

// quoting tells how to write what YAML takes for something else than text.
func quoting(value any) string {
	switch value := value.(type) {
	case nil:
		return ` in YAML; the origin null is written "null", with the quotes`
	case bool, json.Number:
		return fmt.Sprintf(`; write it in quotes: "%v"`, value)
	}
	return ""
}

// describe names what a document has in place of what it should have.
func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case bool:
		return fmt.Sprint(value)
	case json.Number:
		return "the number " + value.String()
	case string:
		return fmt.Sprintf("the text %q", value)
	case []any:
		return "a list"
	}
	return "a group of fields"
}

// unknownField tells what is wrong with a field that there is none of, and which was probably meant: what
// cors.ParseConfig thinks, or one that only documents have.
func unknownField(name string, others ...string) string {
	const reason = "is no field that there is"
	meant := ""
	for _, other := range others {
		if plain := strings.ToLower(name); plain == other || plain+"s" == other || plain == other+"s" {
			meant = other
		}
	}
	if quoted, err := json.Marshal(name); err == nil && meant == "" {
		_, err := cors.ParseConfig([]byte("{" + string(quoted) + ": 0}"))
		for _, e := range configMistakes(err) {
			meant = e.Suggestion
		}
	}
	if meant == "" {
		known := slices.Concat(slices.Collect(maps.Keys(configFields)), others)
		slices.Sort(known)
		return reason + "; there are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("%s: did you mean %q?", reason, meant)
}

// configMistakes are those that cors.New found in a policy.
func configMistakes(err error) []*cors.ConfigError {
	var found []*cors.ConfigError
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, err := range joined.Unwrap() {
			found = append(found, configMistakes(err)...)
		}
		return found
	}
	var mistake *cors.ConfigError
	if errors.As(err, &mistake) {
		found = append(found, mistake)
	}
	return found
}

// configReason is the sentence of a cors.ConfigError, with names as documents have them. The field and the
// index, with which it begins, are told apart from it.
func configReason(e *cors.ConfigError) string {
	reason := strings.TrimPrefix(e.Error(), e.Field)
	if e.Index >= 0 {
		reason = strings.TrimPrefix(reason, fmt.Sprintf("[%d]", e.Index))
	}
	return goNames.ReplaceAllStringFunc(strings.TrimPrefix(reason, ": "), documentName)
}

package corswatch

import (
	"encoding/json"
	"errors"
	"fmt"
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

// readField stores the value of a field of a cors.Config. The mistakes have a path that begins at the field.
func readField(c *cors.Config, name string, value any) (reason string, index int) {
	target := reflect.ValueOf(c).Elem().FieldByIndex(configFields[name].Index)
	switch target.Kind() {
	case reflect.Bool:
		on, ok := value.(bool)
		if !ok {
			return "is " + describe(value) + ", and not true or false", -1
		}
		target.SetBool(on)
	case reflect.Int:
		number, ok := value.(json.Number)
		if !ok {
			return "is " + describe(value) + ", and not a number", -1
		}
		n, err := number.Int64()
		if err != nil || int64(int(n)) != n {
			return "is " + number.String() + ", and not a whole number", -1
		}
		target.SetInt(n)
	case reflect.Slice:
		list, reason, index := readList(value)
		if reason != "" {
			return reason, index
		}
		target.Set(reflect.ValueOf(list))
	default:
		return "cannot be set in a document", -1
	}
	return "", -1
}

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

// unknownField tells what is wrong with a field that there is none of, and which was probably meant.
func unknownField(name string, known []string) string {
	const reason = "is no field that there is"
	best, distance := "", 4
	for _, candidate := range known {
		if d := editDistance(plain(name), plain(candidate)); d < distance || d == distance && candidate < best {
			best, distance = candidate, d
		}
	}
	if best == "" || distance >= len(plain(name)) {
		known = slices.Clone(known)
		slices.Sort(known)
		return reason + "; there are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("%s: did you mean %q?", reason, best)
}

// plain is a name without what spellings differ in.
func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// editDistance is how many letters have to be put in, left out or replaced to come from a to b.
func editDistance(a, b string) int {
	if len(a) > 64 {
		a = a[:64]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
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

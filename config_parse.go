package cors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// SplitList returns the elements of a list in one string, as environment variables hold them: between commas,
// semicolons or white space, without empty ones. Of a variable that is not set, it returns none, which New then
// says.
//
//	AllowOrigins: cors.SplitList(os.Getenv("CORS_ORIGINS")),
func SplitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
}

// ParseConfig reads a Config from a JSON object whose members have the names in Config's tags. It takes no other
// names, no name twice and no other types; the error joins a *ConfigError for each mistake. What the values say
// is for New to check.
func ParseConfig(data []byte) (Config, error) {
	var check configCheck
	decoder := json.NewDecoder(bytes.NewReader(data))
	c := check.object(decoder, data)
	if err := check.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// object reads the members of the one object that data is.
func (check *configCheck) object(decoder *json.Decoder, data []byte) (c Config) {
	first, err := decoder.Token()
	if err != nil {
		check.malformed(data, decoder.InputOffset(), err)
		return c
	}
	if first != json.Delim('{') {
		check.field("Config", "", CodeFieldType, "has to be a JSON object, between { and }")
		return c
	}
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			check.malformed(data, decoder.InputOffset(), err)
			return c
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			check.malformed(data, decoder.InputOffset(), err)
			return c
		}
		key := name.(string)
		field, ok := jsonField(key)
		switch {
		case !ok:
			check.mistakes = append(check.mistakes, &ConfigError{CodeFieldUnknown, quotedKey(key), -1, "", "is no field of a Config", nearestField(key)})
		case seen[key]:
			check.field(field.Name, "", CodeFieldTwice, "is there twice; which one is meant?")
		default:
			check.value(field, value, reflect.ValueOf(&c).Elem().FieldByIndex(field.Index))
		}
		seen[key] = true
	}
	if _, err := decoder.Token(); err != nil { // the object's end
		check.malformed(data, decoder.InputOffset(), err)
	} else if rest := bytes.TrimSpace(data[decoder.InputOffset():]); len(rest) > 0 {
		check.field("Config", "", CodeJSONMalformed, "has more behind the JSON object's end")
	}
	return c
}

// malformed reports what is no JSON, and in which line.
func (check *configCheck) malformed(data []byte, offset int64, err error) {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	reason := strings.TrimPrefix(err.Error(), "json: ")
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "ends before the object does"
	}
	line := 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	check.field("Config", "", CodeJSONMalformed, fmt.Sprintf("is no JSON: line %d: %s", line, reason))
}

// value reads one member into the field of a Config.
func (check *configCheck) value(field reflect.StructField, text json.RawMessage, into reflect.Value) {
	if string(text) == "null" {
		return // as if it were not there
	}
	var elements []json.RawMessage
	if into.Kind() == reflect.Slice && json.Unmarshal(text, &elements) == nil {
		for i, element := range elements {
			if element[0] != '"' {
				check.entry(field.Name, i, string(element), mistake{code: CodeFieldType, reason: "has to be a string, and is " + kindOfJSON(element)})
			}
		}
		_ = json.Unmarshal(text, into.Addr().Interface()) // has no error that was not just reported
		return
	}
	if json.Unmarshal(text, into.Addr().Interface()) != nil {
		check.field(field.Name, "", CodeFieldType, "has to be "+wantedKind(into.Kind())+", and is "+kindOfJSON(text))
	}
}

func wantedKind(kind reflect.Kind) string {
	switch kind {
	case reflect.Slice:
		return `a list of strings, such as ["a", "b"]`
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

func kindOfJSON(text json.RawMessage) string {
	switch text[0] {
	case '"':
		return "a string"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "the number " + quotedKey(string(text))
}

// quotedKey returns a name, or a number, as it can stand in a sentence.
func quotedKey(s string) string {
	if q := quoted(s); q != `"`+s+`"` || s == "" {
		return q
	}
	return s
}

// jsonField returns the field of Config that has this name in JSON.
func jsonField(name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name != "" && jsonName(field) == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// otherNames are what other programs call the fields of a Config, without case, "-" and "_".
var otherNames = map[string]string{
	"origins": "allowOrigins", "origin": "allowOrigins", "allowedorigins": "allowOrigins", "accesscontrolalloworigin": "allowOrigins",
	"methods": "allowMethods", "allowedmethods": "allowMethods", "accesscontrolallowmethods": "allowMethods",
	"headers": "allowHeaders", "allowedheaders": "allowHeaders", "accesscontrolallowheaders": "allowHeaders",
	"exposedheaders": "exposeHeaders", "accesscontrolexposeheaders": "exposeHeaders",
	"credentials": "allowCredentials", "allowedcredentials": "allowCredentials", "supportscredentials": "allowCredentials",
	"accesscontrolallowcredentials": "allowCredentials", "maxageseconds": "maxAge", "maxageinseconds": "maxAge", "accesscontrolmaxage": "maxAge",
	"optionssuccessstatus": "preflightStatus", "optionssuccessstatuscode": "preflightStatus", "allowprivatenetworks": "allowPrivateNetwork",
}

// nearestField returns the name that was probably meant, or "".
func nearestField(name string) string {
	if len(name) > 100 {
		return ""
	}
	plain := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(name))
	if other := otherNames[plain]; other != "" {
		return other
	}
	nearest, least := "", 3 // changed letters are more likely another name
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if known := jsonName(field); known != "" {
			if d := distance(plain, strings.ToLower(known)); d < least {
				nearest, least = known, d
			}
		}
	}
	return nearest
}

// distance returns how many letters have to be put in, taken out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

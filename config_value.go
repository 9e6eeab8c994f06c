package cors

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Mistakes that people make with whatever they put in a list: a whole list in one string, quotes that belong
// outside of it, white space around it, what an unset variable has left. They are looked for first, since what
// comes later would call them by other names.

// quotes are those of keyboards and of word processors.
const quotes = "\"'`\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb"

// valueMistake tells what is wrong with s, whatever it is a value of. Where more than one value is between the
// separators, it shows them.
func valueMistake(s, separators string, longest int) mistake {
	values := strings.FieldsFunc(unwrapped(s), func(r rune) bool { return strings.ContainsRune(separators, r) })
	kept := values[:0]
	for _, value := range values {
		if value = strings.Trim(value, quotes); value != "" {
			kept = append(kept, value)
		}
	}
	values = kept
	switch {
	case len(values) == 0:
		return mistake{code: CodeValueEmpty, reason: "is empty, as a variable that is not set leaves it; leave it out"}
	case len(values) > 1:
		return mistake{code: CodeSeveralValues, reason: "holds several values; list each on its own: " + quotedList(values)}
	case len(values[0]) > longest:
		return mistake{code: CodeValueTooLong, reason: fmt.Sprintf("is longer than %d bytes", longest)}
	case isPlaceholder(values[0]):
		return mistake{code: CodeValueUnset, reason: unsetReason}
	case values[0] == s:
		return mistake{}
	case strings.ContainsAny(s, quotes) || strings.ContainsAny(s, "[]") && !strings.ContainsAny(values[0], "[]"):
		return mistake{CodeValueQuoted, "has quotes or brackets in it that belong outside", values[0]}
	}
	return mistake{CodeValueSpaced, "has white space or a separator around it", values[0]}
}

// unwrapped returns s without the quotes and brackets around it, as many as anybody writes.
func unwrapped(s string) string {
	const most = 8
	s = strings.TrimSpace(s)
	for range most {
		inner := strings.TrimSpace(strings.Trim(s, quotes))
		isList := strings.HasPrefix(inner, "[") && strings.HasSuffix(inner, "]") &&
			(strings.ContainsAny(inner, quotes) || strings.Contains(inner, "://") || strings.ContainsAny(inner, ", "))
		if isList {
			inner = strings.TrimSpace(inner[1 : len(inner)-1])
		}
		if inner == s {
			return s
		}
		s = inner
	}
	return s
}

const unsetReason = "is, or has in it, what a variable leaves that nothing has set"

// variableForm is the name of a variable in a shell, in YAML, in templates of all kinds.
var variableForm = regexp.MustCompile(`\$\{|\$\(|\{\{|\$[A-Z_]{2,}|%[A-Z_]{2,}%|<[\w %=.-]+>|\{[a-zA-Z_][\w.-]*\}`)

// isPlaceholder tells whether s is what languages write for nothing, or has a variable's name in it.
func isPlaceholder(s string) bool {
	switch strings.ToLower(s) {
	case "undefined", "nil", "none", "nan", "<nil>", "true", "false":
		return true
	}
	return variableForm.MatchString(s)
}

// quotedList shows the first of the values.
func quotedList(values []string) string {
	const most = 5
	var shown []string
	for _, value := range values[:min(len(values), most)] {
		shown = append(shown, quoted(value))
	}
	if len(values) > most {
		shown = append(shown, "and "+strconv.Itoa(len(values)-most)+" more")
	}
	return strings.Join(shown, ", ")
}

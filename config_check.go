package cors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	wildcard  = "*"
	maxMaxAge = 86400 // a day: Firefox keeps no answer longer, and no browser more

	// maxMethodLen is the length of the longest method that can be allowed.
	maxMethodLen = 256
)

// configCheck collects what is wrong with a Config.
type configCheck struct {
	mistakes []error
}

// mistake is what is wrong with a value, wherever it stands.
type mistake struct {
	code       ErrorCode
	reason     string
	suggestion string // is checked by whoever reports the mistake
}

func (check *configCheck) err() error {
	return errors.Join(check.mistakes...)
}

// entry reports a mistake in an entry of a list.
func (check *configCheck) entry(field string, index int, value string, m mistake) {
	check.mistakes = append(check.mistakes, &ConfigError{m.code, field, index, value, m.reason, m.suggestion})
}

// field reports a mistake in a whole field.
func (check *configCheck) field(field, value string, code ErrorCode, reason string) {
	check.mistakes = append(check.mistakes, &ConfigError{code, field, -1, value, reason, ""})
}

// list checks each entry of a list of names. A suggestion stays if there is no mistake in it.
func (check *configCheck) list(field string, list []string, find func(string) mistake) {
	for i, s := range list {
		m := find(s)
		if m.code == "" {
			continue
		}
		if m.suggestion == s || m.suggestion != "" && find(m.suggestion).code != "" {
			m.suggestion = ""
		}
		check.entry(field, i, s, m)
	}
}

// methodMistake tells what keeps s from being an entry of AllowMethods.
func methodMistake(s string) mistake {
	upper := strings.ToUpper(s)
	separators := " \t\r\n,;"
	if isListOfMethods(upper) {
		separators += "|/"
	}
	m := valueMistake(s, separators, maxMethodLen)
	switch {
	case m.code != "":
		m.suggestion = strings.ToUpper(m.suggestion)
		return m
	case s == wildcard:
		return mistake{}
	case strings.Contains(s, wildcard):
		return mistake{code: CodeWildcardInName, reason: `has "*" in it, which stands alone for all methods, and not for a part of one`}
	case !isToken([]byte(s)):
		return mistake{code: CodeMethodMalformed, reason: "is not a method: methods are letters, digits and !#$%&'*+-.^_`|~"}
	case isForbiddenMethod(upper):
		return mistake{code: CodeMethodForbidden, reason: "is a method that browsers never send for a page"}
	case isNormalizedMethod(upper) && s != upper:
		return mistake{CodeMethodLowerCase, "is never sent, because browsers write it in upper case", upper}
	}
	return mistake{}
}

// isListOfMethods tells whether s is methods with | or / between them, which methods can have in them.
func isListOfMethods(upper string) bool {
	parts := strings.FieldsFunc(upper, func(r rune) bool { return r == '|' || r == '/' || r == ' ' })
	for _, part := range parts {
		if !isNormalizedMethod(part) && part != "PATCH" {
			return false
		}
	}
	return len(parts) > 1
}

// nameMistake tells what keeps s from being the name of a header.
func nameMistake(s string) mistake {
	if name, _, found := strings.Cut(s, ":"); found && !strings.ContainsAny(name, "{[,;") {
		return mistake{CodeHeaderHasValue, "has more than a header's name in it", strings.Trim(name, " \t\"'`")}
	}
	if m := valueMistake(s, " \t\r\n,;", maxHeaderNameLen); m.code != "" {
		return m
	}
	switch {
	case s == wildcard:
	case !isToken([]byte(s)):
		return mistake{code: CodeHeaderMalformed, reason: "is not a header name: names are letters, digits and !#$%&'*+-.^_`|~"}
	case strings.Contains(s, wildcard):
		return mistake{code: CodeWildcardInName, reason: `has "*" in it, which stands alone for all headers, and not for a part of a name`}
	}
	return mistake{}
}

// allowHeaderMistake tells what keeps s from being an entry of AllowHeaders.
func allowHeaderMistake(s string) mistake {
	m := nameMistake(s)
	lower := strings.ToLower(s)
	switch {
	case m.code != "":
	case isResponseOnlyHeader(lower):
		m = mistake{code: CodeHeaderOfResponses, reason: "is a header of responses, which no page sends; leave it out"}
	case isForbiddenRequestHeader(lower):
		m = mistake{code: CodeHeaderForbidden, reason: "is a header that browsers set themselves and never ask for; leave it out"}
	}
	return m
}

// exposeHeaderMistake tells what keeps s from being an entry of ExposeHeaders.
func exposeHeaderMistake(s string, credentials bool) mistake {
	m := nameMistake(s)
	lower := strings.ToLower(s)
	switch {
	case m.code != "":
	case s == wildcard && credentials:
		m = mistake{code: CodeWildcardWithCredentials, reason: "cannot be combined with AllowCredentials, where browsers take it for a name; list the headers"}
	case isForbiddenResponseHeader(lower):
		m = mistake{code: CodeHeaderForbidden, reason: "is a header that browsers show to no page; leave it out"}
	case isRequestOnlyHeader(lower):
		m = mistake{code: CodeHeaderOfRequests, reason: "is a header of requests, which no response has; leave it out"}
	case strings.HasPrefix(lower, "access-control-"):
		m = mistake{code: CodeHeaderOfCORS, reason: "is for the browser alone, and tells a page nothing that it does not know; leave it out"}
	}
	return m
}

// varyByMistake tells what keeps s from being an entry of VaryBy.
func varyByMistake(s string) mistake {
	m := nameMistake(s)
	if s == wildcard {
		m = mistake{code: CodeWildcardInName, reason: "would keep every cache from ever answering; name the headers that AllowOriginFunc looks at"}
	} else if m.code == "" && isResponseOnlyHeader(strings.ToLower(s)) {
		m = mistake{code: CodeHeaderOfResponses, reason: "is a header of responses, which no request has; leave it out"}
	}
	return m
}

// numbers checks MaxAge and PreflightStatus.
func (check *configCheck) numbers(c *Config) {
	if c.MaxAge > maxMaxAge {
		check.field("MaxAge", strconv.Itoa(c.MaxAge), CodeMaxAgeTooLong, fmt.Sprintf("is above %d seconds, a day, which is the longest "+
			"that any browser keeps the answer to a preflight", maxMaxAge))
	}
	if c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299) {
		check.field("PreflightStatus", strconv.Itoa(c.PreflightStatus), CodePreflightStatus, "is outside 200 to 299, so that every preflight would fail")
	}
}

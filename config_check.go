package cors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ConfigError is one mistake in a Config. New and Reconfigure join all of them, with errors.Join.
type ConfigError struct {
	Field      string // of Config, such as "AllowOrigins"
	Index      int    // in the field's list, or -1
	Value      string // as it is in the Config
	Reason     string // goes on where a sentence that begins with the value stops
	Suggestion string // what was probably meant, or ""
}

// Error returns a sentence that says what is wrong, where, and what would be right where that can be told.
func (e *ConfigError) Error() string {
	sentence := e.Field + ":"
	if e.Index >= 0 {
		sentence = fmt.Sprintf("%s[%d]: %q", e.Field, e.Index, e.Value)
	} else if e.Value != "" {
		sentence += " " + e.Value
	}
	sentence += " " + e.Reason
	if e.Suggestion != "" {
		sentence += fmt.Sprintf(": did you mean %q?", e.Suggestion)
	}
	return sentence
}

const (
	wildcard  = "*"
	maxMaxAge = 86400 // a day: Firefox keeps no answer longer, and no browser more
)

// configCheck collects what is wrong with a Config.
type configCheck struct {
	mistakes []error
}

func (check *configCheck) err() error {
	return errors.Join(check.mistakes...)
}

// entry reports a mistake in an entry of a list.
func (check *configCheck) entry(field string, index int, value, reason, suggestion string) {
	check.mistakes = append(check.mistakes, &ConfigError{field, index, value, reason, suggestion})
}

// field reports a mistake in a whole field.
func (check *configCheck) field(field, value, reason string) {
	check.mistakes = append(check.mistakes, &ConfigError{field, -1, value, reason, ""})
}

// origins reads AllowOrigins.
func (check *configCheck) origins(c *Config) originSet {
	const field = "AllowOrigins"
	if len(c.AllowOrigins) == 0 && c.AllowOriginFunc == nil {
		check.field(field, "", `lists no origins, so that no page could use the API; list them, or "*" for all`)
	}
	var any, null bool
	patterns := make([]originPattern, 0, len(c.AllowOrigins))
	for i, s := range c.AllowOrigins {
		switch s {
		case wildcard:
			any = true
			if c.AllowCredentials {
				check.entry(field, i, s, "cannot be combined with AllowCredentials, which would let every site "+
					"act for its visitors; list the origins", "")
			}
			continue
		case nullOrigin:
			null = true
			if c.AllowCredentials {
				check.entry(field, i, s, "cannot be combined with AllowCredentials, because every site can "+
					"make itself a frame with that origin", "")
			}
			continue
		}
		pattern, ok := parseOriginPattern(s)
		if !ok {
			suggestion := repairOrigin(s)
			if suggestion == nullOrigin && c.AllowCredentials {
				suggestion = ""
			}
			check.entry(field, i, s, originMistake(s), suggestion)
			continue
		}
		patterns = append(patterns, pattern)
		if c.AllowCredentials {
			check.originWithCredentials(c, i, pattern)
		}
	}
	if len(check.mistakes) > 0 {
		return originSet{}
	}
	return newOriginSet(patterns, any, null)
}

func (check *configCheck) originWithCredentials(c *Config, i int, p originPattern) {
	if p.isInsecure() && !c.DangerouslyAllowInsecureOrigins {
		check.entry("AllowOrigins", i, p.text, "is not secure, so that anybody on a visitor's network could "+
			"act for the visitor; use https, or set DangerouslyAllowInsecureOrigins", "")
	}
	if suffix := p.publicSuffix(); suffix != "" && !c.DangerouslyAllowPublicSuffixes {
		check.entry("AllowOrigins", i, p.text, fmt.Sprintf("allows all subdomains of the public suffix %s, where "+
			"anybody can register one; list domains, or set DangerouslyAllowPublicSuffixes", suffix), "")
	}
}

// methods checks AllowMethods.
func (check *configCheck) methods(c *Config) {
	for i, s := range c.AllowMethods {
		upper := strings.ToUpper(s)
		reason, suggestion := "", ""
		switch {
		case s == wildcard:
		case !isToken([]byte(s)):
			reason = "is not a method: methods are letters, digits and !#$%&'*+-.^_`|~"
			if upper = strings.TrimSpace(upper); isToken([]byte(upper)) && !isForbiddenMethod(upper) {
				suggestion = upper
			}
		case isForbiddenMethod(upper):
			reason = "is a method that browsers never send for a page"
		case isNormalizedMethod(upper) && s != upper:
			reason, suggestion = "is never sent, because browsers write it in upper case", upper
		}
		if reason != "" {
			check.entry("AllowMethods", i, s, reason, suggestion)
		}
	}
}

// allowHeaders checks AllowHeaders.
func (check *configCheck) allowHeaders(c *Config) {
	for i, s := range c.AllowHeaders {
		lower := strings.ToLower(s)
		reason := headerNameMistake(s)
		switch {
		case s == wildcard || reason != "":
		case isResponseOnlyHeader(lower):
			reason = "is a header of responses, which no page sends; leave it out"
		case isForbiddenRequestHeader(lower):
			reason = "is a header that browsers set themselves and never ask for; leave it out"
		}
		if reason != "" {
			check.entry("AllowHeaders", i, s, reason, trimmedName(s))
		}
	}
}

// exposeHeaders checks ExposeHeaders.
func (check *configCheck) exposeHeaders(c *Config) {
	for i, s := range c.ExposeHeaders {
		lower := strings.ToLower(s)
		reason := headerNameMistake(s)
		switch {
		case s == wildcard && c.AllowCredentials:
			reason = "cannot be combined with AllowCredentials, where browsers take it for a name; list the headers"
		case s == wildcard || reason != "":
		case isForbiddenResponseHeader(lower):
			reason = "is a header that browsers show to no page; leave it out"
		case isRequestOnlyHeader(lower):
			reason = "is a header of requests, which no response has; leave it out"
		}
		if reason != "" {
			check.entry("ExposeHeaders", i, s, reason, trimmedName(s))
		}
	}
}

// headerNameMistake tells what keeps s from being the name of a header.
func headerNameMistake(s string) (reason string) {
	switch {
	case !isToken([]byte(s)):
		return "is not a header name: names are letters, digits and !#$%&'*+-.^_`|~"
	case len(s) > maxHeaderNameLen:
		return fmt.Sprintf("is longer than %d bytes", maxHeaderNameLen)
	}
	return ""
}

// trimmedName returns s without what people write around names by mistake, if that makes it one.
func trimmedName(s string) string {
	if name := strings.Trim(s, " \t:,;\"'"); name != s && headerNameMistake(name) == "" {
		return name
	}
	return ""
}

// numbers checks MaxAge and PreflightStatus.
func (check *configCheck) numbers(c *Config) {
	if c.MaxAge > maxMaxAge {
		check.field("MaxAge", strconv.Itoa(c.MaxAge), fmt.Sprintf("is above %d seconds, a day, which is the longest "+
			"that any browser keeps the answer to a preflight", maxMaxAge))
	}
	if c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299) {
		check.field("PreflightStatus", strconv.Itoa(c.PreflightStatus), "is outside 200 to 299, so that every preflight would fail")
	}
}

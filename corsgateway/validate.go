package corsgateway

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const wildcard = "*"

// What the API's schema allows. The conformance module holds these against the schema itself.
const (
	maxOrigins    = 64
	maxMethods    = 9
	maxHeaders    = 64
	maxOriginLen  = 253
	maxHeaderLen  = 256
	defaultMaxAge = 5 // seconds
)

var (
	wellFormedOrigin = regexp.MustCompile(`^https?://(\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)(:[0-9]{1,5})?$`)
	wellFormedHeader = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

	methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
)

// mistakes returns a *FilterError for each value that the API does not allow.
func (f *filter) mistakes() (found []error) {
	list := func(field string, values []string, most int, wildcardStandsAlone bool, mistake func(string) string) {
		if len(values) > most {
			found = append(found, &FilterError{field, -1, strconv.Itoa(len(values)) + " values", fmt.Sprintf("are more than %d", most)})
		}
		for i, value := range values {
			reason := ""
			switch {
			case slices.Contains(values[:i], value):
				reason = "is there twice"
			case value != wildcard:
				reason = mistake(value)
			case wildcardStandsAlone && len(values) > 1:
				reason = "stands beside others, which it covers"
			}
			if reason != "" {
				found = append(found, &FilterError{field, i, value, reason})
			}
		}
	}
	list("allowOrigins", f.AllowOrigins, maxOrigins, true, originMistake)
	list("allowMethods", f.AllowMethods, maxMethods, true, methodMistake)
	list("allowHeaders", f.AllowHeaders, maxHeaders, true, headerMistake)
	list("exposeHeaders", f.ExposeHeaders, maxHeaders, false, headerMistake)
	if f.MaxAge != nil && *f.MaxAge < 1 {
		found = append(found, &FilterError{"maxAge", -1, strconv.Itoa(int(*f.MaxAge)), "is below 1 second"})
	}
	return found
}

func originMistake(origin string) string {
	switch {
	case len(origin) > maxOriginLen:
		return fmt.Sprintf("is longer than %d bytes", maxOriginLen)
	case !wellFormedOrigin.MatchString(origin):
		return `is not an origin of the API: "*", or http or https with a host, which can begin with "*." or be "*", ` +
			"and maybe a port"
	}
	// The schema goes no further than five digits; the API's text does.
	if _, _, port := splitOrigin(origin); port != "" {
		if n, _ := strconv.Atoi(port); n < 1 || n > 65535 {
			return "has a port outside 1 to 65535"
		}
	}
	return ""
}

func methodMistake(method string) string {
	switch {
	case slices.Contains(methods, method):
		return ""
	case slices.Contains(methods, strings.ToUpper(method)):
		return "is not a method of the API: did you mean " + strings.ToUpper(method) + "?"
	}
	return "is not a method of the API, which has " + strings.Join(methods, ", ") + ` and "*"`
}

func headerMistake(name string) string {
	switch {
	case len(name) > maxHeaderLen:
		return fmt.Sprintf("is longer than %d bytes", maxHeaderLen)
	case !wellFormedHeader.MatchString(name):
		return "is not a header name: names are letters, digits and !#$%&'*+-.^_`|~"
	}
	return ""
}

// splitOrigin splits an origin that is well formed. The port is empty where there is none.
func splitOrigin(origin string) (scheme, host, port string) {
	scheme, rest, _ := strings.Cut(origin, "://")
	host, port, _ = strings.Cut(rest, ":")
	return scheme, host, port
}

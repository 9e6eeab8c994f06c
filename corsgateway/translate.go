package corsgateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// longestMaxAge is the most that cors.Config takes: a day.
const longestMaxAge = 86400

// translation is a Config in the making. The indexes are those that the entries of its lists have in the
// filter, from which some are left out.
type translation struct {
	config   cors.Config
	notes    []Note
	mistakes []error
	indexes  map[string][]int // by the name of the Config's field
}

// translate returns what a filter without mistakes means.
func (f *filter) translate(accepted []Danger) (cors.Config, []Note, error) {
	t := translation{indexes: map[string][]int{}}
	t.config = cors.Config{
		AllowCredentials:                         f.AllowCredentials,
		DangerouslyAllowAnyOriginWithCredentials: slices.Contains(accepted, DangerouslyAllowAnyOriginWithCredentials),
		DangerouslyAllowInsecureOrigins:          slices.Contains(accepted, DangerouslyAllowInsecureOrigins),
		DangerouslyAllowPublicSuffixes:           slices.Contains(accepted, DangerouslyAllowPublicSuffixes),
	}
	t.origins(f.AllowOrigins)
	t.methods(f.AllowMethods)
	t.allowHeaders(f.AllowHeaders)
	t.exposeHeaders(f.ExposeHeaders)
	t.maxAge(f.MaxAge)
	t.check()
	if len(t.mistakes) > 0 {
		return cors.Config{}, nil, errors.Join(t.mistakes...)
	}
	return t.config, t.notes, nil
}

func (t *translation) note(field string, index int, value, text string) {
	t.notes = append(t.notes, Note{field, index, value, text})
}

// origins translates allowOrigins. Without any, the API allows none, which a Config cannot say in its list.
func (t *translation) origins(listed []string) {
	for i, value := range listed {
		origin := asSent(value)
		if reason := refusal(cors.Config{AllowOrigins: []string{origin}}); reason != "" {
			t.note("allowOrigins", i, value, "is left out, since it "+reason)
			continue
		}
		if t.config.AllowCredentials && isAny(origin) && !t.config.DangerouslyAllowAnyOriginWithCredentials {
			t.mistakes = append(t.mistakes, &FilterError{"allowOrigins", i, value, "together with allowCredentials lets " +
				"every site act for its visitors, and read what the server tells them; list the origins, or have FromFilter " +
				"accept " + string(DangerouslyAllowAnyOriginWithCredentials)})
			continue
		}
		if origin != value {
			t.note("allowOrigins", i, value, fmt.Sprintf("is read as %q, which is how browsers write it", origin))
		}
		t.config.AllowOrigins = append(t.config.AllowOrigins, origin)
		t.indexes["AllowOrigins"] = append(t.indexes["AllowOrigins"], i)
	}
	if len(t.config.AllowOrigins) == 0 && len(t.mistakes) == 0 {
		t.config.AllowOriginFunc = allowNone
		t.note("allowOrigins", -1, "", "there is none that a browser sends, so that no page is allowed anything")
	}
}

// isAny tells whether an origin stands for all sites, or for all of a scheme.
func isAny(origin string) bool {
	_, host, _ := splitOrigin(origin)
	return origin == wildcard || host == wildcard
}

func allowNone(*fasthttp.RequestCtx, []byte) bool { return false }

// asSent returns an origin as browsers send it: in lower case, without the port that its scheme implies.
func asSent(origin string) string {
	if origin == wildcard {
		return origin
	}
	scheme, host, port := splitOrigin(strings.ToLower(origin))
	port = strings.TrimLeft(port, "0")
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + port
}

func (t *translation) methods(listed []string) {
	t.config.AllowMethods = t.usable("allowMethods", listed, func(c *cors.Config, value string) {
		c.AllowMethods = []string{value}
	})
}

// allowHeaders translates allowHeaders. The API lets a gateway answer "*" or an echo, and says that all headers
// are allowed; but to a browser "*" does not name Authorization, and an echo does.
func (t *translation) allowHeaders(listed []string) {
	t.config.AllowHeaders = t.usable("allowHeaders", listed, func(c *cors.Config, value string) {
		c.AllowHeaders = []string{value}
	})
	switch i := slices.Index(listed, wildcard); {
	case i < 0:
	case t.config.AllowCredentials: // where "*" is an echo
		t.config.AllowHeaders = append(t.config.AllowHeaders, fasthttp.HeaderAuthorization)
	default:
		t.note("allowHeaders", i, wildcard, "is answered as it is, so that it covers all headers but Authorization; "+
			"if pages send that, list the headers")
	}
}

func (t *translation) exposeHeaders(listed []string) {
	t.config.ExposeHeaders = t.usable("exposeHeaders", listed, func(c *cors.Config, value string) {
		c.ExposeHeaders = []string{value}
	})
	if i := slices.Index(listed, wildcard); i >= 0 && t.config.AllowCredentials {
		t.config.ExposeHeaders = slices.DeleteFunc(t.config.ExposeHeaders, func(name string) bool { return name == wildcard })
		t.note("exposeHeaders", i, wildcard, "is left out: with allowCredentials it must not be sent, and "+
			"browsers take it for a name; list the headers")
	}
	t.config.ExposeHeadersOnPreflight = len(t.config.ExposeHeaders) > 0
}

// usable returns the values that a Config can have. What it refuses are names that no browser sends, or heeds.
func (t *translation) usable(field string, listed []string, set func(c *cors.Config, value string)) (kept []string) {
	for i, value := range listed {
		c := cors.Config{AllowOrigins: []string{wildcard}}
		set(&c, value)
		if reason := refusal(c); reason != "" {
			t.note(field, i, value, "is left out, since it "+reason)
			continue
		}
		kept = append(kept, value)
	}
	return kept
}

func (t *translation) maxAge(seconds *int32) {
	switch {
	case seconds == nil:
		t.config.MaxAge = defaultMaxAge
	case *seconds > longestMaxAge:
		t.config.MaxAge = longestMaxAge
		t.note("maxAge", -1, strconv.Itoa(int(*seconds)), fmt.Sprintf("is sent as %d seconds, a day, which is the longest "+
			"that any browser keeps the answer to a preflight", longestMaxAge))
	default:
		t.config.MaxAge = int(*seconds)
	}
}

// refusal tells why cors.New refuses a Config with one value in question, or returns "".
func refusal(c cors.Config) string {
	_, err := cors.New(c)
	var mistake *cors.ConfigError
	if !errors.As(err, &mistake) {
		return ""
	}
	reason, _, _ := strings.Cut(mistake.Reason, "; ") // what is behind it says what to do
	return reason
}

// check adds what cors.New refuses of the whole: what is dangerous.
func (t *translation) check() {
	c := t.config
	if len(c.AllowOrigins) == 0 {
		c.AllowOriginFunc = allowNone
	}
	_, err := cors.New(c)
	if err == nil {
		return
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var mistake *cors.ConfigError
		if errors.As(err, &mistake) {
			err = t.inFilter(mistake)
		}
		t.mistakes = append(t.mistakes, err)
	}
}

// inFilter returns a mistake as it is in the filter.
func (t *translation) inFilter(e *cors.ConfigError) *FilterError {
	field := strings.ToLower(e.Field[:1]) + e.Field[1:]
	index := e.Index
	if kept := t.indexes[e.Field]; index >= 0 && index < len(kept) {
		index = kept[index]
	}
	return &FilterError{field, index, e.Value, e.Reason}
}

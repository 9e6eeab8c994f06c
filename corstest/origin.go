package corstest

import (
	"fmt"
	"strings"
)

// opaqueOrigin is how a page without an origin of its own is named: sandboxed frames, file: and data: pages.
const opaqueOrigin = "null"

// OriginError says why a string is not the origin of any page.
type OriginError struct {
	Value      string // what was given
	Problem    string // what is wrong with it, as the end of a sentence
	Suggestion string // the origin that was probably meant, or ""
}

func (e *OriginError) Error() string {
	s := fmt.Sprintf("%q is not an origin: %s", e.Value, e.Problem)
	if e.Suggestion != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Suggestion)
	}
	return s
}

// CheckOrigin returns nil where origin is written as a browser sends it in Origin: a scheme, a host and a port
// that is not the scheme's default, in lower case and without anything behind; or "null". Otherwise it returns
// an [*OriginError].
//
// See https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin.
func CheckOrigin(origin string) error {
	if origin == opaqueOrigin {
		return nil
	}
	suggestion, problem := serializeOrigin(origin)
	if problem == "" && suggestion == origin {
		return nil
	}
	if problem == "" {
		problem = originDifference(origin, suggestion)
	}
	return &OriginError{Value: origin, Problem: problem, Suggestion: suggestion}
}

// serializeOrigin reads what somebody wrote for an origin and returns the one that he meant, as far as that can
// be told, and what is wrong beyond its spelling.
func serializeOrigin(s string) (origin, problem string) {
	trimmed := strings.Trim(s, " \t\r\n'\"")
	if equalFold(trimmed, opaqueOrigin) {
		return opaqueOrigin, ""
	}
	scheme, rest, found := strings.Cut(trimmed, "://")
	switch {
	case trimmed == "":
		return "", "it is empty"
	case strings.Contains(trimmed, "*"):
		return "", "a page has one origin, without a wildcard"
	case !found:
		problem = "it has no scheme"
		if u, err := parseURL("https://"+trimmed, nil); err == nil {
			return u.origin(), problem
		}
		return "", problem
	case !isScheme(scheme):
		return "", "its scheme is not well formed"
	}
	switch scheme = asciiLower(scheme); scheme {
	case "http", "https":
		u, err := parseURL(trimmed, nil)
		if err != nil {
			return "", err.Error()
		}
		return u.origin(), ""
	case "file":
		return opaqueOrigin, "pages of file: URLs have the opaque origin"
	}
	// The hosts of other schemes (app://obsidian.md, vscode-webview://...) are the application's own matter.
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if rest == "" || strings.ContainsAny(rest, " @,") {
		return "", "its host is not well formed"
	}
	return scheme + "://" + asciiLower(rest), ""
}

// originDifference names the first way in which what was written differs from the origin that was meant.
func originDifference(written, meant string) string {
	rest, isPrefix := strings.CutPrefix(written, meant)
	switch {
	case isPrefix && rest == "/":
		return "a trailing slash is no part of it"
	case isPrefix && strings.HasPrefix(rest, ":"):
		return "the scheme's default port is not written"
	case isPrefix:
		return "nothing follows the host and the port"
	case asciiLower(written) == meant:
		return "browsers send it in lower case"
	case written != strings.Trim(written, " \t\r\n'\""):
		return "neither quotes nor white space belong to it"
	case strings.Contains(written, "@"):
		return "user information is no part of it"
	}
	return "browsers write it otherwise"
}

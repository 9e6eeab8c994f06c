package corstest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// webURL is a URL whose scheme is http or https, or, where it comes from a redirect, the bare scheme of another.
type webURL struct {
	scheme   string
	host     string // lower-cased, in ASCII; IPv6 addresses in brackets
	port     string // "" for the scheme's default
	path     string
	query    string // with its "?", or ""
	fragment string // with its "#", or ""
	userInfo bool   // whether it had a user name or a password, which are not kept
}

var errRelative = errors.New("it is relative: give the whole URL, since a page's own origin needs no CORS")

// isWeb tells whether the URL's scheme is one that fetch uses the network for.
func (u *webURL) isWeb() bool { return u.scheme == "http" || u.scheme == "https" }

// origin returns the URL's origin as Origin carries it.
func (u *webURL) origin() string { return u.scheme + "://" + u.hostPort() }

// hostPort is the value of Host.
func (u *webURL) hostPort() string {
	if u.port == "" {
		return u.host
	}
	return u.host + ":" + u.port
}

// address is where to connect to.
func (u *webURL) address() string {
	port := u.port
	if port == "" {
		port = defaultPort(u.scheme)
	}
	return u.host + ":" + port
}

// withoutFragment is what the network knows the URL by.
func (u *webURL) withoutFragment() string { return u.origin() + u.target() }

// target is what the request line names.
func (u *webURL) target() string { return u.path + u.query }

func (u *webURL) String() string {
	if !u.isWeb() {
		return u.scheme + ":" + u.path
	}
	return u.withoutFragment() + u.fragment
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// parseURL reads a URL as the URL standard does for http and https; base is nil or what a relative one is
// resolved against. Of other schemes it reads no more than the scheme.
//
// See https://url.spec.whatwg.org/#url-parsing.
func parseURL(s string, base *webURL) (*webURL, error) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	if s == "" && base == nil {
		return nil, errors.New("it is empty")
	}
	s, fragment := cutKeeping(s, "#")
	fragment = percentEncode(fragment, " \"<>`")

	scheme, rest, found := strings.Cut(s, ":")
	if !found || !isScheme(scheme) {
		return parseRelative(s, fragment, base)
	}
	u := &webURL{scheme: asciiLower(scheme), fragment: fragment}
	if !u.isWeb() {
		u.path = rest
		return u, nil
	}
	// Browsers take any number of slashes, and backslashes for slashes.
	authority := strings.TrimLeft(rest, `/\`)
	if len(authority) == len(rest) && base != nil && base.scheme == u.scheme {
		return parseRelative(rest, fragment, base)
	}
	return u, u.parseAuthority(authority)
}

// parseRelative resolves a URL without a scheme.
func parseRelative(s, fragment string, base *webURL) (*webURL, error) {
	if base == nil {
		return nil, errRelative
	}
	u := *base
	u.fragment, u.userInfo = fragment, false
	path, query := cutKeeping(s, "?")
	path = strings.ReplaceAll(path, `\`, "/")
	switch {
	case strings.HasPrefix(path, "//"):
		u.port = ""
		return &u, u.parseAuthority(strings.TrimLeft(s, `/\`))
	case s == "":
		return &u, nil
	case path == "":
	case path[0] == '/':
		u.path = normalizePath(path)
	default:
		u.path = normalizePath(u.path[:strings.LastIndexByte(u.path, '/')+1] + path)
	}
	u.query = percentEncode(query, " \"#<>'")
	return &u, nil
}

// parseAuthority reads what follows the slashes: user information, host, port, path and query.
func (u *webURL) parseAuthority(s string) error {
	end := strings.IndexAny(s, `/\?`)
	if end < 0 {
		end = len(s)
	}
	authority, rest := s[:end], s[end:]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		// An empty user name with an empty password is no user information.
		u.userInfo = strings.Trim(authority[:at], ":") != ""
		authority = authority[at+1:]
	}
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || !isDigits(port) {
			return fmt.Errorf("its port %q is no number up to 65535", port)
		}
		if port = strconv.FormatUint(n, 10); port == defaultPort(u.scheme) {
			port = ""
		}
	}
	parsed, err := parseHost(host)
	if err != nil {
		return err
	}
	u.host, u.port = parsed, port
	path, query := cutKeeping(rest, "?")
	u.path = normalizePath(strings.ReplaceAll(path, `\`, "/"))
	u.query = percentEncode(query, " \"#<>'")
	return nil
}

// normalizePath resolves dot segments, percent-encodes, and makes the path begin with a slash.
func normalizePath(path string) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var out []string
	for i, segment := range segments {
		isLast := i == len(segments)-1
		switch strings.ReplaceAll(asciiLower(segment), "%2e", ".") {
		case ".":
			if isLast {
				out = append(out, "")
			}
		case "..":
			out = out[:max(0, len(out)-1)]
			if isLast {
				out = append(out, "")
			}
		default:
			out = append(out, percentEncode(segment, " \"#<>?^`{}"))
		}
	}
	return "/" + strings.Join(out, "/")
}

// percentEncode encodes control bytes, bytes above ASCII, and those in set.
func percentEncode(s, set string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7E || strings.IndexByte(set, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cutKeeping splits s before the first mark.
func cutKeeping(s, mark string) (before, after string) {
	if i := strings.Index(s, mark); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// isScheme: https://url.spec.whatwg.org/#url-scheme-string.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		isLetter := 'a' <= c && c <= 'z'
		if !isLetter && (i == 0 || strings.IndexByte("0123456789+-.", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

package corstest

import (
	"errors"
	"fmt"
	"strings"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// webURL is a URL whose scheme is http or https, or, where it comes from a redirect, any other.
type webURL struct {
	parsed *whatwg.Url

	scheme   string
	host     string // lower-cased, in ASCII; IPv6 addresses in brackets
	port     string // "" for the scheme's default
	path     string
	query    string // with its "?", or ""
	fragment string // with its "#", or ""
	userInfo bool   // whether it has a user name or a password
}

var errRelative = errors.New("it is relative: give the whole URL, since a page's own origin needs no CORS")

// maxURLBytes is how long a URL may be: Chromium follows none above 2 MiB, and few servers take 64 KiB.
const maxURLBytes = 64 << 10

// parseURL reads a URL as browsers do; base is nil or what a relative one is resolved against.
//
// See https://url.spec.whatwg.org/#url-parsing.
func parseURL(s string, base *webURL) (*webURL, error) {
	if len(s) > maxURLBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxURLBytes)
	}
	var parsed *whatwg.Url
	var err error
	if base == nil {
		parsed, err = whatwg.Parse(s)
	} else {
		parsed, err = base.parsed.Parse(s)
	}
	if err != nil {
		return nil, urlProblem(s, base, err)
	}
	u := &webURL{
		parsed:   parsed,
		scheme:   parsed.Scheme(),
		host:     parsed.Hostname(),
		port:     parsed.Port(),
		path:     parsed.Pathname(),
		query:    parsed.Search(),
		fragment: parsed.Hash(),
		userInfo: parsed.Username() != "" || parsed.Password() != "",
	}
	// Search and Hash leave out a mark with nothing behind it, which the network and the preflight cache do not.
	href := parsed.Href(true)
	if u.query == "" && strings.HasSuffix(href, "?") {
		u.query = "?"
	}
	if u.fragment == "" && len(parsed.Href(false)) > len(href) {
		u.fragment = "#"
	}
	return u, nil
}

// urlProblem says in words what keeps a string from being a URL.
func urlProblem(s string, base *webURL, err error) error {
	trimmed := strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	scheme, _, found := strings.Cut(trimmed, ":")
	switch kind := whatwgerrors.Type(err); {
	case trimmed == "":
		return errors.New("it is empty")
	case base == nil && (!found || !isScheme(scheme)):
		return errRelative
	case kind == whatwgerrors.HostMissing:
		return errors.New("it has no host")
	case kind == whatwgerrors.PortOutOfRange, kind == whatwgerrors.PortInvalid:
		return errors.New("its port is no number up to 65535")
	case kind != "":
		sentence := string(kind)
		return fmt.Errorf("browsers cannot read it: %s", asciiLower(sentence[:1])+sentence[1:])
	}
	return errors.New("browsers cannot read it")
}

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
		return u.parsed.Href(false)
	}
	return u.withoutFragment() + u.fragment
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
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

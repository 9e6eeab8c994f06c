package diagnose

import "net/url"

// resolve returns what a Location leads to, as far as net/url can tell.
func resolve(base, location string) string {
	from, err := url.Parse(base)
	if err != nil {
		return location
	}
	to, err := from.Parse(location)
	if err != nil {
		return location
	}
	return to.String()
}

func pathOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Path
}

func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Host
}

// originOf returns the origin of a URL that a browser has written, and so has no default port.
func originOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestURLs(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example":               "https://a.example/",
		" HTTP://A.Example:80/x\n":        "http://a.example/x",
		"http://a.example:0443?q#f":       "http://a.example:443/?q#f",
		`http:\\a.example\x\y?\`:          `http://a.example/x/y?\`,
		"http:/a.example":                 "http://a.example/",
		"http:////a.example//x":           "http://a.example//x",
		"http://a.example/a/./b/../c/%2E": "http://a.example/a/c/",
		"http://a.example/../..":          "http://a.example/",
		"http://a.example/a b\u00e4\"`{}": "http://a.example/a%20b%C3%A4%22%60%7B%7D",
		"http://a.example/?a b'\u00e4<":   "http://a.example/?a%20b%27%C3%A4%3C",
		"http://a.example/%zz[|]":         "http://a.example/%zz[|]",
		"http://u:p@a.example:8080/":      "http://a.example:8080/",
		"http://u@v@a.example/":           "http://a.example/",
		"http://B\u00dccher.example/":     "http://xn--bcher-kva.example/",
		"http://a%2Eexample/":             "http://a.example/",
		"http://127.1/":                   "http://127.0.0.1/",
		"http://0x7f000001/":              "http://127.0.0.1/",
		"http://0177.0.0.1./":             "http://127.0.0.1/",
		"http://[2001:DB8:0:0::1]:81/":    "http://[2001:db8::1]:81/",
		"http://[::ffff:127.0.0.1]/":      "http://[::ffff:7f00:1]/",
	} {
		u, err := parseURL(in, nil)
		require.NoError(t, err, in)
		assert.Equal(t, want, u.String(), in)
	}
	for _, in := range []string{
		"", "/x", "//a.example", "a.example/x", "?q", "http://", "http://:80", "http://a:b", "http://a:65536", "http://a:-1", "http://a b",
		"http://a|b", "http://%zz", "http://[::1", "http://[::1%25eth0]", "http://[127.0.0.1]", "http://1.2.3.4.5", "http://256.0.0.1", "http://a.09",
		"http://0xg.1.0x1g", "http://a.0x", "https://example.com%80/", "http://foo.0XFfFfFfFfFfFfFfFfFfAcE123/",
	} {
		_, err := parseURL(in, nil)
		if in == "http://0xg.1.0x1g" {
			assert.NoError(t, err, "a host that does not end in a number is a name")
			continue
		}
		assert.Error(t, err, in)
	}
}

func TestURLsAreResolved(t *testing.T) {
	base, err := parseURL("http://a.example:81/b/c?d#e", nil)
	require.NoError(t, err)
	for in, want := range map[string]string{
		"":                 "http://a.example:81/b/c?d",
		"#f":               "http://a.example:81/b/c?d#f",
		"?q":               "http://a.example:81/b/c?q",
		"x":                "http://a.example:81/b/x",
		"../../x/.":        "http://a.example:81/x/",
		"./?q":             "http://a.example:81/b/?q",
		"/x":               "http://a.example:81/x",
		`\x`:               "http://a.example:81/x",
		"//c.example/x?y":  "http://c.example/x?y",
		`\\c.example`:      "http://c.example/",
		"http:x":           "http://a.example:81/b/x",
		"http:/x":          "http://a.example:81/x",
		"http:?q":          "http://a.example:81/b/c?q",
		"https:c.example":  "https://c.example/",
		"https://c:443/":   "https://c/",
		"data:text/html,x": "data:text/html,x",
	} {
		u, err := parseURL(in, base)
		require.NoError(t, err, in)
		assert.Equal(t, want, u.String(), in)
	}
}

func TestUserInfo(t *testing.T) {
	for in, want := range map[string]bool{
		"http://a": false, "http://@a": false, "http://:@a": false, "http://u@a": true, "http://:p@a": true, "http://a/u@b": false,
	} {
		u, err := parseURL(in, nil)
		require.NoError(t, err)
		assert.Equal(t, want, u.userInfo, in)
	}
}

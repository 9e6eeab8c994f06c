package cors_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestMistakesInOrigins: what people write in place of an origin is called what it is, and where it can be told
// what was meant, that is suggested.
func TestMistakesInOrigins(t *testing.T) {
	for _, test := range []struct {
		origin     string
		code       cors.ErrorCode
		suggestion string
	}{
		{"", cors.CodeValueEmpty, ""},
		{" ", cors.CodeValueEmpty, ""},

		{"https://example.com/", cors.CodeOriginHasPath, "https://example.com"},
		{"https://example.com/a/b", cors.CodeOriginHasPath, "https://example.com"},
		{`https://example.com\a`, cors.CodeOriginHasPath, "https://example.com"},
		{"file:///home/x", cors.CodeOriginHasPath, "file://"},
		{"vscode-webview://*/", cors.CodeOriginHasPath, "vscode-webview://*"},
		{"https://*/", cors.CodeOriginHasPath, "https://*"},
		{"https://*.example.com/", cors.CodeOriginHasPath, "https://*.example.com"},
		{"https://example.com/*", cors.CodeOriginHasPath, "https://example.com"},
		{"https://*.example.com/*", cors.CodeOriginHasPath, "https://*.example.com"},

		{"https://example.com?a=b", cors.CodeOriginHasQuery, "https://example.com"},

		{"https://example.com#a", cors.CodeOriginHasFragment, "https://example.com"},

		{"https://user@example.com", cors.CodeOriginHasUserInfo, "https://example.com"},
		{"https://user:pw@example.com:8443", cors.CodeOriginHasUserInfo, "https://example.com:8443"},
		{"https://user:p@example.com", cors.CodeOriginHasUserInfo, "https://example.com"},

		{"example.com", cors.CodeOriginWithoutScheme, "https://example.com"},
		{"//example.com", cors.CodeOriginWithoutScheme, "https://example.com"},
		{"*.example.com", cors.CodeOriginWithoutScheme, "https://*.example.com"},
		{"localhost:3000", cors.CodeOriginWithoutScheme, "http://localhost:3000"},
		{"127.0.0.1:3000", cors.CodeOriginWithoutScheme, "http://127.0.0.1:3000"},
		{"[::1]:3000", cors.CodeOriginWithoutScheme, "http://[::1]:3000"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com", cors.CodeOriginWithoutScheme, ""},
		{"example.com:80", cors.CodeOriginWithoutScheme, "http://example.com"},
		{"mailto:a@b.c", cors.CodeOriginWithoutScheme, "https://b.c"},
		{"*example.com", cors.CodeOriginWithoutScheme, "https://*.example.com"},

		{"data:", cors.CodeSchemeNeverSent, "null"},
		{"ws://example.com", cors.CodeSchemeNeverSent, "http://example.com"},
		{"wss://example.com:443", cors.CodeSchemeNeverSent, "https://example.com"},
		{"blob:https://example.com/uuid", cors.CodeSchemeNeverSent, "https://example.com"},
		{"javascript:void(0)", cors.CodeSchemeNeverSent, "null"},
		{"about:blank", cors.CodeSchemeNeverSent, ""},
		{"view-source:https://a.example/x", cors.CodeSchemeNeverSent, "https://a.example"},

		{"HTTPS://example.com", cors.CodeOriginUpperCase, "https://example.com"},
		{"https://Example.com", cors.CodeOriginUpperCase, "https://example.com"},
		{"HTTPS://Example.com", cors.CodeOriginUpperCase, "https://example.com"},
		{"APP://Acme", cors.CodeOriginUpperCase, "app://Acme"},

		{"NULL", cors.CodeNullMisspelled, "null"},

		{" https://example.com", cors.CodeValueSpaced, "https://example.com"},
		{"https://a.example,", cors.CodeValueSpaced, "https://a.example"},
		{"null ", cors.CodeValueSpaced, "null"},

		{"https://a.com, https://b.com", cors.CodeSeveralValues, ""},
		{"https://a.example,https://b.example", cors.CodeSeveralValues, ""},
		{"https://a.example; https://b.example", cors.CodeSeveralValues, ""},
		{`["https://a.example","b"]`, cors.CodeSeveralValues, ""},
		{"null,https://a.example", cors.CodeSeveralValues, ""},
		{"https://ex ample.com", cors.CodeSeveralValues, ""},
		{"https://a.example\nhttps://b.example", cors.CodeSeveralValues, ""},

		{"https://example.com:443", cors.CodePortDefault, "https://example.com"},
		{"http://example.com:80", cors.CodePortDefault, "http://example.com"},
		{"http://[::1]:80", cors.CodePortDefault, "http://[::1]"},
		{"ftp://example.com:21", cors.CodePortDefault, "ftp://example.com"},
		{"https://app-*.bücher.example:443", cors.CodePortDefault, "https://app-*.xn--bcher-kva.example"},
		{"http://a..b:80", cors.CodePortDefault, "http://a..b"},

		{"https://example.com:0443", cors.CodePortLeadingZero, "https://example.com"},
		{"https://example.com:08443", cors.CodePortLeadingZero, "https://example.com:8443"},

		{"https://example.com:65536", cors.CodePortOutOfRange, ""},
		{"https://example.com:99999999999999999999", cors.CodePortOutOfRange, ""},
		{"https://example.com:99999", cors.CodePortOutOfRange, ""},

		{"https://example.com:", cors.CodePortEmpty, "https://example.com"},
		{"https://*:", cors.CodePortEmpty, "https://*"},

		{"https://example.com:http", cors.CodePortMalformed, ""},
		{"https://example.com:-1", cors.CodePortMalformed, ""},

		{"https://example.com:8*", cors.CodeWildcardInPort, ""},
		{"https://example.com:**", cors.CodeWildcardInPort, ""},

		{"https://", cors.CodeHostEmpty, ""},
		{"https://:8080", cors.CodeHostEmpty, ""},

		{"vscode-webview://*:*", cors.CodePortBesideAnyHost, "vscode-webview://*"},

		{"https://*.", cors.CodeWildcardMisplaced, ""},
		{"https://a.*.example.com", cors.CodeWildcardMisplaced, ""},
		{"https://*.*.example.com", cors.CodeWildcardMisplaced, ""},
		{"https://example.*", cors.CodeWildcardMisplaced, ""},
		{"https://app-*", cors.CodeWildcardMisplaced, ""},
		{"https://app-*-*.example.com", cors.CodeWildcardMisplaced, ""},
		{"https://*.:*", cors.CodeWildcardMisplaced, ""},
		{"app://*.", cors.CodeWildcardMisplaced, ""},

		{"*://example.com", cors.CodeWildcardInScheme, "https://example.com"},
		{"http*://example.com", cors.CodeWildcardInScheme, "https://example.com"},

		{"1http://example.com", cors.CodeSchemeMalformed, ""},
		{"ht_tp://example.com", cors.CodeSchemeMalformed, ""},
		{"://example.com", cors.CodeSchemeMalformed, ""},
		{"1http://a", cors.CodeSchemeMalformed, ""},
		{"://a", cors.CodeSchemeMalformed, ""},

		{"https://bücher.example", cors.CodeHostUnicode, "https://xn--bcher-kva.example"},
		{"https://*.bücher.example", cors.CodeHostUnicode, "https://*.xn--bcher-kva.example"},

		{"https://a%41.example.com", cors.CodeHostMalformed, "https://aa.example.com"},
		{"https://*..com", cors.CodeHostMalformed, ""},

		{"http://127.1", cors.CodeIPv4Malformed, "http://127.0.0.1"},
		{"http://2130706433", cors.CodeIPv4Malformed, "http://127.0.0.1"},
		{"http://0x7f.0.0.1", cors.CodeIPv4Malformed, "http://127.0.0.1"},
		{"http://127.0.0.01", cors.CodeIPv4Malformed, "http://127.0.0.1"},
		{"http://1.2.3.4.5", cors.CodeIPv4Malformed, ""},
		{"http://256.1.1.1", cors.CodeIPv4Malformed, ""},
		{"http://example.123", cors.CodeIPv4Malformed, ""},

		{"http://*.127.0.0.1", cors.CodeSubdomainsOfAddress, ""},
		{"http://*.[::1]", cors.CodeSubdomainsOfAddress, ""},

		{"http://[0:0:0:0:0:0:0:1]", cors.CodeIPv6Malformed, "http://[::1]"},
		{"http://[::01]:9090", cors.CodeIPv6Malformed, "http://[::1]:9090"},
		{"http://[2001:db8:0:0:1:0:0:1]", cors.CodeIPv6Malformed, "http://[2001:db8::1:0:0:1]"},
		{"http://[::ffff:127.0.0.1]", cors.CodeIPv6Malformed, "http://[::ffff:7f00:1]"},
		{"http://::1", cors.CodeIPv6Malformed, "http://[::1]"},
		{"http://[::1%25eth0]", cors.CodeIPv6Malformed, ""},
		{"http://[::1", cors.CodeIPv6Malformed, "http://[::1]"},
		{"http://[::1]8080", cors.CodeIPv6Malformed, ""},
		{"https://[::1", cors.CodeIPv6Malformed, "https://[::1]"},

		{`"https://a.example"`, cors.CodeValueQuoted, "https://a.example"},
		{`["https://a.example"]`, cors.CodeValueQuoted, "https://a.example"},
		{"https://example.com'", cors.CodeValueQuoted, "https://example.com"},

		{`^https://.*\.example\.com$`, cors.CodeRegularExpression, "https://*.example.com"},
		{"https://(*.)?example.com", cors.CodeRegularExpression, "https://*.example.com"},
		{`https?://example\.com`, cors.CodeRegularExpression, "https://example.com"},
		{`/https:\/\/.*\.example\.com/i`, cors.CodeRegularExpression, "https://*.example.com"},
		{`https://[a-z0-9-]+\.example\.com`, cors.CodeRegularExpression, "https://*.example.com"},
		{`^https?://localhost(:\d+)?$`, cors.CodeRegularExpression, "http://localhost:*"},
		{"https://(a|b).example.com", cors.CodeRegularExpression, ""},
		{"https://example.com(:[0-9]+)?", cors.CodeRegularExpression, "https://example.com:*"},

		{"http://localhost:[3000,3001]", cors.CodeSeveralPorts, "http://localhost:*"},
		{"http://localhost:3000,3001", cors.CodeSeveralPorts, "http://localhost:*"},
		{"http://localhost:3000-3010", cors.CodeSeveralPorts, "http://localhost:*"},

		{"http//example.com", cors.CodeSchemeSeparator, "http://example.com"},
		{"https:/example.com", cors.CodeSchemeSeparator, "https://example.com"},
		{"https:example.com", cors.CodeSchemeSeparator, "https://example.com"},
		{"https;//example.com", cors.CodeSchemeSeparator, "https://example.com"},
		{`https:\\example.com`, cors.CodeSchemeSeparator, "https://example.com"},
		{"https:///example.com", cors.CodeSchemeSeparator, "https://example.com"},

		{"https://https://example.com", cors.CodeSchemeTwice, "https://example.com"},

		{"http://192.168.0.0/16", cors.CodeAddressRange, ""},
		{"http://10.0.*.*", cors.CodeAddressRange, ""},
		{"192.168.*", cors.CodeAddressRange, ""},
		{"http://[fd00::]/8", cors.CodeAddressRange, ""},
		{"10.0.0.0/8", cors.CodeAddressRange, ""},

		{"undefined", cors.CodeValueUnset, ""},
		{"${ORIGIN}", cors.CodeValueUnset, ""},
		{"https://${HOST}", cors.CodeValueUnset, ""},
		{"https://{tenant}.example.com", cors.CodeValueUnset, ""},
		{"https://$HOST", cors.CodeValueUnset, ""},
		{"%ORIGIN%", cors.CodeValueUnset, ""},
		{"<nil>", cors.CodeValueUnset, ""},
		{"https://a{b}.com", cors.CodeValueUnset, ""},

		{"htps://example.com", cors.CodeSchemeMisspelled, "https://example.com"},

		{"https://xn--a.com", cors.CodeLabelNotPunycode, ""},
		{"https://xn--.com", cors.CodeLabelNotPunycode, ""},

		{"https://" + strings.Repeat("a", 64) + ".com", cors.CodeLabelTooLong, ""},
		{"https://*." + strings.Repeat("a", 64) + ".com", cors.CodeLabelTooLong, ""},
		{"https://a" + strings.Repeat("b", 63) + "-*.example.com", cors.CodeLabelTooLong, ""},
		{"https://*." + strings.Repeat("a23456789.", 25) + "com", cors.CodeHostTooLong, ""},
		{"https://" + strings.Repeat("a23456789.", 40) + "com", cors.CodeValueTooLong, ""},
		{strings.Repeat("\u4e00", 20000), cors.CodeValueTooLong, ""},
		{strings.Repeat("a", 1<<20), cors.CodeValueTooLong, ""},
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{fooOrigin, test.origin}})
		var mistake *cors.ConfigError
		if assert.ErrorAs(t, err, &mistake, test.origin) {
			assert.Equal(t, test.code, mistake.Code, test.origin)
			assert.Equal(t, test.suggestion, mistake.Suggestion, test.origin)
			assert.Equal(t, 1, mistake.Index)
			assert.Equal(t, test.origin, mistake.Value)
			assert.Less(t, len(err.Error()), 500, "of %d bytes", len(test.origin))
		}
	}
}

// TestSentencesAboutOrigins has one sentence of each kind.
func TestSentencesAboutOrigins(t *testing.T) {
	for origin, want := range map[string]string{
		"https://example.com/":          `has a path; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"https://example.com?a=b":       `has a query; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"https://example.com#a":         `has a fragment; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"https://user@example.com":      `has user info; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"example.com":                   `has no scheme; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"data:":                         `has a scheme that no page's origin has; that of such a page is "null": did you mean "null"?`,
		"HTTPS://example.com":           `has upper-case letters; browsers send origins in lower case: did you mean "https://example.com"?`,
		"NULL":                          `is not how the opaque origin is written: did you mean "null"?`,
		" https://example.com":          `has white space or a separator around it: did you mean "https://example.com"?`,
		"https://a.com, https://b.com":  `holds several values; list each on its own: "https://a.com", "https://b.com"`,
		"https://example.com:443":       `has the default port of its scheme, which browsers leave out: did you mean "https://example.com"?`,
		"https://example.com:0443":      `has a port with a leading zero: did you mean "https://example.com"?`,
		"https://example.com:65536":     "has a port above 65535",
		"https://example.com:":          `has an empty port: did you mean "https://example.com"?`,
		"https://example.com:http":      "has a port that is no number",
		"https://example.com:8*":        `has a wildcard for a part of its port; only the whole port can be "*"`,
		"https://":                      "has no host",
		"vscode-webview://*:*":          `has a port behind the wildcard for any host, which stands for any port, too: did you mean "vscode-webview://*"?`,
		"https://*.":                    `has a wildcard where none can be; it stands for the first labels ("*."), for a part of the first of several, for a port or for any host`,
		"*://example.com":               `has a wildcard in its scheme; list http and https each on its own: did you mean "https://example.com"?`,
		"1http://example.com":           "has a malformed scheme",
		"https://bücher.example":        `has a host in Unicode; browsers send its ASCII form: did you mean "https://xn--bcher-kva.example"?`,
		"https://a%41.example.com":      `has a malformed host: did you mean "https://aa.example.com"?`,
		"http://127.1":                  `has an IPv4 address that is not written as four decimal numbers: did you mean "http://127.0.0.1"?`,
		"http://*.127.0.0.1":            "asks for subdomains of an address, which has none",
		"http://[0:0:0:0:0:0:0:1]":      `has an IPv6 address that is not written as browsers write it, compressed and in brackets: did you mean "http://[::1]"?`,
		`"https://a.example"`:           `has quotes or brackets in it that belong outside: did you mean "https://a.example"?`,
		`^https://.*\.example\.com$`:    `is a regular expression; a "*" stands for labels in front, a part of the first one, a port or any host, and AllowOriginFunc can do the rest: did you mean "https://*.example.com"?`,
		"http://localhost:[3000,3001]":  `names several ports; an origin has one, or ":*" for any, and none: did you mean "http://localhost:*"?`,
		"http//example.com":             `has something other than "://" behind its scheme: did you mean "http://example.com"?`,
		"https://https://example.com":   `has two schemes; an origin is scheme, host and port: did you mean "https://example.com"?`,
		"http://192.168.0.0/16":         "is a range of addresses, which no pattern stands for; AllowOriginFunc can tell what is in one",
		"undefined":                     "is, or has in it, what a variable leaves that nothing has set",
		"ws://example.com":              `has a scheme that no page's origin has; a WebSocket's is that of the page that opens it: did you mean "http://example.com"?`,
		"blob:https://example.com/uuid": `has a scheme that no page's origin has; that of such a page is the one behind it: did you mean "https://example.com"?`,
		"htps://example.com":            `has a misspelled scheme: did you mean "https://example.com"?`,
		"https://xn--a.com":             `has a label that begins with "xn--" but is no name in Unicode`,
		"":                              "is empty, as a variable that is not set leaves it; leave it out",
		"a,b,c,d,e,f,g":                 `holds several values; list each on its own: "a", "b", "c", "d", "e", and 2 more`,
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{fooOrigin, origin}})
		assert.EqualError(t, err, "AllowOrigins[1]: "+strconv.Quote(origin)+" "+want)
	}
}

// TestMistakes are those in other fields, and in how fields go together. Each has its code and its sentence.
func TestMistakes(t *testing.T) {
	with := func(c cors.Config) cors.Config {
		if c.AllowOrigins == nil {
			c.AllowOrigins = []string{fooOrigin}
		}
		return c
	}
	credentialed := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowCredentials: true}
	}
	type found struct {
		code     cors.ErrorCode
		sentence string
	}
	allow := func(*fasthttp.RequestCtx, []byte) bool { return true }
	const (
		insecure  = " is not secure, so that anybody on a visitor's network could act for the visitor; use https, or set DangerouslyAllowInsecureOrigins"
		file      = " is the origin of every file that a visitor opens, such as one that a stranger has sent, which could then act for the visitor; serve the pages, or set DangerouslyAllowInsecureOrigins"
		everyone  = " cannot be combined with AllowCredentials, which would let every site act for its visitors; list the origins"
		network   = " cannot be combined with AllowPrivateNetwork, which would let every site into its visitors' own networks; list the origins, or set DangerouslyAllowPrivateNetworkFromAnyOrigin"
		null      = " cannot be combined with AllowCredentials, because every site can make itself a frame with that origin"
		alone     = " allows every origin, so that neither the others nor AllowOriginFunc would do anything; leave it out, or them"
		notMethod = " is not a method: methods are letters, digits and !#$%&'*+-.^_`|~"
		notHeader = " is not a header name: names are letters, digits and !#$%&'*+-.^_`|~"
		never     = " is a method that browsers never send for a page"
		ownNames  = " is a header that browsers set themselves and never ask for; leave it out"
		responses = " is a header of responses, which no page sends; leave it out"
		requests  = " is a header of requests, which no response has; leave it out"
		spaced    = " has white space or a separator around it"
		empty     = " is empty, as a variable that is not set leaves it; leave it out"
		several   = " holds several values; list each on its own: "
		part      = ` has "*" in it, which stands alone for all headers, and not for a part of a name`
		value     = " has more than a header's name in it"
		ofCORS    = " is for the browser alone, and tells a page nothing that it does not know; leave it out"
		unset     = " is, or has in it, what a variable leaves that nothing has set"
	)
	suffix := func(s string) string {
		return " allows subdomains of " + s + ", where anybody can register one; list domains, or set DangerouslyAllowPublicSuffixes"
	}
	for _, test := range []struct {
		config cors.Config
		want   []found
	}{
		{cors.Config{}, []found{{cors.CodeNoOrigins, `AllowOrigins: lists no origins, so that no page could use the API; list them, or "*" for all (a variable that is not set lists none)`}}},

		{credentialed("*"), []found{{cors.CodeWildcardWithCredentials, `AllowOrigins[0]: "*"` + everyone}}},
		{credentialed("https://*"), []found{{cors.CodeWildcardWithCredentials, `AllowOrigins[0]: "https://*"` + everyone}}},
		{credentialed("https://*:*"), []found{{cors.CodeWildcardWithCredentials, `AllowOrigins[0]: "https://*:*"` + everyone}}},
		{credentialed("http://*:8080"), []found{{cors.CodeWildcardWithCredentials, `AllowOrigins[0]: "http://*:8080"` + everyone}}},
		{credentialed(fooOrigin, "null"), []found{{cors.CodeNullWithCredentials, `AllowOrigins[1]: "null"` + null}}},
		{cors.Config{AllowOrigins: []string{"null"}, AllowCredentials: true, DangerouslyAllowAnyOriginWithCredentials: true, DangerouslyAllowInsecureOrigins: true}, []found{
			{cors.CodeNullWithCredentials, `AllowOrigins[0]: "null"` + null}}},
		{credentialed("file://"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "file://"` + file}}},
		{credentialed("file://*"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "file://*"` + file}}},
		{credentialed("http://example.com"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://example.com"` + insecure}}},
		{credentialed("http://*.example.com:*"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://*.example.com:*"` + insecure}}},
		{credentialed("http://app-*.example.com"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://app-*.example.com"` + insecure}}},
		{credentialed("http://192.168.0.1"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://192.168.0.1"` + insecure}}},
		{credentialed("http://localhost.example.com"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://localhost.example.com"` + insecure}}},
		{credentialed("http://notlocalhost"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://notlocalhost"` + insecure}}},
		{credentialed("http://[2001:db8::1]"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://[2001:db8::1]"` + insecure}}},

		{credentialed("https://*.github.io"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.github.io"` + suffix("the public suffix github.io")}}},
		{credentialed("https://*.com:*"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.com:*"` + suffix("the public suffix com")}}},
		{credentialed("https://*.com."), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.com."` + suffix("the public suffix com")}}},
		{credentialed("https://*.co.uk:8443"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.co.uk:8443"` + suffix("the public suffix co.uk")}}},
		{credentialed("https://*.kobe.jp"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.kobe.jp"` + suffix("public suffixes below kobe.jp")}}},
		{credentialed("https://*.amazonaws.com"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.amazonaws.com"` + suffix("public suffixes below amazonaws.com")}}},
		{credentialed("https://*.us-east-2.amazonaws.com"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.us-east-2.amazonaws.com"` + suffix("public suffixes below us-east-2.amazonaws.com")}}},
		{credentialed("https://*.windows.net"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.windows.net"` + suffix("public suffixes below windows.net")}}},
		{credentialed("https://*.fastly.net:*"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*.fastly.net:*"` + suffix("public suffixes below fastly.net")}}},
		{credentialed("https://myapp-*.vercel.app"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://myapp-*.vercel.app"` + suffix("the public suffix vercel.app")}}},
		{credentialed("https://*-myapp.netlify.app"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*-myapp.netlify.app"` + suffix("the public suffix netlify.app")}}},
		{credentialed("https://*example.com"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://*example.com"` + suffix("the public suffix com")}}},
		{credentialed("https://s3-*.amazonaws.com"), []found{{cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "https://s3-*.amazonaws.com"` + suffix("public suffixes below amazonaws.com")}}},
		{credentialed("http://*.com"), []found{{cors.CodeInsecureWithCredentials, `AllowOrigins[0]: "http://*.com"` + insecure}, {cors.CodePublicSuffixWithCredentials, `AllowOrigins[0]: "http://*.com"` + suffix("the public suffix com")}}},

		{cors.Config{AllowOrigins: []string{"*"}, AllowPrivateNetwork: true}, []found{{cors.CodeWildcardPrivateNetwork, `AllowOrigins[0]: "*"` + network}}},
		{cors.Config{AllowOrigins: []string{fooOrigin, "https://*"}, AllowPrivateNetwork: true}, []found{{cors.CodeWildcardPrivateNetwork, `AllowOrigins[1]: "https://*"` + network}}},
		{cors.Config{AllowOrigins: []string{"http://*:*"}, AllowPrivateNetwork: true}, []found{{cors.CodeWildcardPrivateNetwork, `AllowOrigins[0]: "http://*:*"` + network}}},
		{cors.Config{AllowOrigins: []string{"*"}, AllowPrivateNetwork: true, AllowCredentials: true}, []found{
			{cors.CodeWildcardPrivateNetwork, `AllowOrigins[0]: "*"` + network}, {cors.CodeWildcardWithCredentials, `AllowOrigins[0]: "*"` + everyone}}},
		{cors.Config{AllowOrigins: []string{"*"}, AllowPrivateNetwork: true, AllowCredentials: true, DangerouslyAllowAnyOriginWithCredentials: true}, []found{
			{cors.CodeWildcardPrivateNetwork, `AllowOrigins[0]: "*"` + network}}},

		{cors.Config{AllowOrigins: []string{"*", fooOrigin}}, []found{{cors.CodeWildcardNotAlone, `AllowOrigins[0]: "*"` + alone}}},
		{cors.Config{AllowOrigins: []string{"null", "*"}}, []found{{cors.CodeWildcardNotAlone, `AllowOrigins[1]: "*"` + alone}}},
		{cors.Config{AllowOrigins: []string{"*"}, AllowOriginFunc: allow}, []found{{cors.CodeWildcardNotAlone, `AllowOrigins[0]: "*"` + alone}}},

		{with(cors.Config{AllowMethods: []string{"", "a/b", " put", "PUT,DELETE", "connect", "TRACE", "Track", "put", "Delete", "P*", "'PUT'", "GET|POST|PATCH", "GET/POST", `["PUT"]`, "${M}", strings.Repeat("a", 257)}}), []found{
			{cors.CodeValueEmpty, `AllowMethods[0]: ""` + empty},
			{cors.CodeMethodMalformed, `AllowMethods[1]: "a/b"` + notMethod},
			{cors.CodeValueSpaced, `AllowMethods[2]: " put"` + spaced + `: did you mean "PUT"?`},
			{cors.CodeSeveralValues, `AllowMethods[3]: "PUT,DELETE"` + several + `"PUT", "DELETE"`},
			{cors.CodeMethodForbidden, `AllowMethods[4]: "connect"` + never},
			{cors.CodeMethodForbidden, `AllowMethods[5]: "TRACE"` + never},
			{cors.CodeMethodForbidden, `AllowMethods[6]: "Track"` + never},
			{cors.CodeMethodLowerCase, `AllowMethods[7]: "put" is never sent, because browsers write it in upper case: did you mean "PUT"?`},
			{cors.CodeMethodLowerCase, `AllowMethods[8]: "Delete" is never sent, because browsers write it in upper case: did you mean "DELETE"?`},
			{cors.CodeWildcardInName, `AllowMethods[9]: "P*" has "*" in it, which stands alone for all methods, and not for a part of one`},
			{cors.CodeValueQuoted, `AllowMethods[10]: "'PUT'" has quotes or brackets in it that belong outside: did you mean "PUT"?`},
			{cors.CodeSeveralValues, `AllowMethods[11]: "GET|POST|PATCH"` + several + `"GET", "POST", "PATCH"`},
			{cors.CodeSeveralValues, `AllowMethods[12]: "GET/POST"` + several + `"GET", "POST"`},
			{cors.CodeValueQuoted, "AllowMethods[13]: \"[\\\"PUT\\\"]\" has quotes or brackets in it that belong outside: did you mean \"PUT\"?"},
			{cors.CodeValueUnset, `AllowMethods[14]: "${M}"` + unset},
			{cors.CodeValueTooLong, `AllowMethods[15]: "` + strings.Repeat("a", 100) + `"... is longer than 256 bytes`},
		}},
		{with(cors.Config{AllowHeaders: []string{"", "X A", "X-A:", "Origin", "cookie", "Sec-Fetch-Mode", "proxy-x", "Access-Control-Allow-Origin", strings.Repeat("a", 257),
			"X-Stainless-*", "Content-Type, X-A", "Content-Type: application/json", "X-É", " Origin "}}), []found{
			{cors.CodeValueEmpty, `AllowHeaders[0]: ""` + empty},
			{cors.CodeSeveralValues, `AllowHeaders[1]: "X A"` + several + `"X", "A"`},
			{cors.CodeHeaderHasValue, `AllowHeaders[2]: "X-A:"` + value + `: did you mean "X-A"?`},
			{cors.CodeHeaderForbidden, `AllowHeaders[3]: "Origin"` + ownNames},
			{cors.CodeHeaderForbidden, `AllowHeaders[4]: "cookie"` + ownNames},
			{cors.CodeHeaderForbidden, `AllowHeaders[5]: "Sec-Fetch-Mode"` + ownNames},
			{cors.CodeHeaderForbidden, `AllowHeaders[6]: "proxy-x"` + ownNames},
			{cors.CodeHeaderOfResponses, `AllowHeaders[7]: "Access-Control-Allow-Origin"` + responses},
			{cors.CodeValueTooLong, `AllowHeaders[8]: "` + strings.Repeat("a", 100) + `"... is longer than 256 bytes`},
			{cors.CodeWildcardInName, `AllowHeaders[9]: "X-Stainless-*"` + part},
			{cors.CodeSeveralValues, `AllowHeaders[10]: "Content-Type, X-A"` + several + `"Content-Type", "X-A"`},
			{cors.CodeHeaderHasValue, `AllowHeaders[11]: "Content-Type: application/json"` + value + `: did you mean "Content-Type"?`},
			{cors.CodeHeaderMalformed, `AllowHeaders[12]: "X-É"` + notHeader},
			{cors.CodeValueSpaced, `AllowHeaders[13]: " Origin "` + spaced}, // and no suggestion, which would be refused
		}},
		{with(cors.Config{ExposeHeaders: []string{"X,A", "set-cookie", "Set-Cookie2", "Origin", "access-control-request-method", " ETag", "X-*", "Access-Control-Allow-Origin", "access-control-max-age", " Set-Cookie "}}), []found{
			{cors.CodeSeveralValues, `ExposeHeaders[0]: "X,A"` + several + `"X", "A"`},
			{cors.CodeHeaderForbidden, `ExposeHeaders[1]: "set-cookie" is a header that browsers show to no page; leave it out`},
			{cors.CodeHeaderForbidden, `ExposeHeaders[2]: "Set-Cookie2" is a header that browsers show to no page; leave it out`},
			{cors.CodeHeaderOfRequests, `ExposeHeaders[3]: "Origin"` + requests},
			{cors.CodeHeaderOfRequests, `ExposeHeaders[4]: "access-control-request-method"` + requests},
			{cors.CodeValueSpaced, `ExposeHeaders[5]: " ETag"` + spaced + `: did you mean "ETag"?`},
			{cors.CodeWildcardInName, `ExposeHeaders[6]: "X-*"` + part},
			{cors.CodeHeaderOfCORS, `ExposeHeaders[7]: "Access-Control-Allow-Origin"` + ofCORS},
			{cors.CodeHeaderOfCORS, `ExposeHeaders[8]: "access-control-max-age"` + ofCORS},
			{cors.CodeValueSpaced, `ExposeHeaders[9]: " Set-Cookie "` + spaced},
		}},
		{with(cors.Config{ExposeHeaders: []string{"*", "*,"}, AllowCredentials: true}), []found{
			{cors.CodeWildcardWithCredentials, `ExposeHeaders[0]: "*" cannot be combined with AllowCredentials, where browsers take it for a name; list the headers`},
			{cors.CodeValueSpaced, `ExposeHeaders[1]: "*,"` + spaced},
		}},
		{with(cors.Config{VaryBy: []string{"", "*", "X Tenant", "Vary", "Tenant:", "X-*", "Tenant@"}}), []found{
			{cors.CodeValueEmpty, `VaryBy[0]: ""` + empty},
			{cors.CodeWildcardInName, `VaryBy[1]: "*" would keep every cache from ever answering; name the headers that AllowOriginFunc looks at`},
			{cors.CodeSeveralValues, `VaryBy[2]: "X Tenant"` + several + `"X", "Tenant"`},
			{cors.CodeHeaderOfResponses, `VaryBy[3]: "Vary" is a header of responses, which no request has; leave it out`},
			{cors.CodeHeaderHasValue, `VaryBy[4]: "Tenant:"` + value + `: did you mean "Tenant"?`},
			{cors.CodeWildcardInName, `VaryBy[5]: "X-*"` + part},
			{cors.CodeHeaderMalformed, `VaryBy[6]: "Tenant@"` + notHeader},
		}},
		{with(cors.Config{MaxAge: 86401}), []found{{cors.CodeMaxAgeTooLong, `MaxAge: 86401 is above 86400 seconds, a day, which is the longest that any browser keeps the answer to a preflight`}}},
		{with(cors.Config{PreflightStatus: 199}), []found{{cors.CodePreflightStatus, `PreflightStatus: 199 is outside 200 to 299, so that every preflight would fail`}}},
		{with(cors.Config{PreflightStatus: 300}), []found{{cors.CodePreflightStatus, `PreflightStatus: 300 is outside 200 to 299, so that every preflight would fail`}}},
		{cors.Config{AllowOrigins: []string{"a.example/", "http://b.example/"}, AllowCredentials: true, AllowMethods: []string{"TRACE"}, MaxAge: 1e6}, []found{
			{cors.CodeOriginWithoutScheme, `AllowOrigins[0]: "a.example/" has no scheme; an origin is scheme, host and port: did you mean "https://a.example"?`},
			{cors.CodeOriginHasPath, `AllowOrigins[1]: "http://b.example/" has a path; an origin is scheme, host and port`}, // and no suggestion, which would be refused
			{cors.CodeMethodForbidden, `AllowMethods[0]: "TRACE"` + never},
			{cors.CodeMaxAgeTooLong, `MaxAge: 1000000 is above 86400 seconds, a day, which is the longest that any browser keeps the answer to a preflight`},
		}},
	} {
		m, err := cors.New(test.config)
		if !assert.Error(t, err, test.want[0].sentence) {
			continue
		}
		assert.Nil(t, m)
		var got []found
		var sentences []string
		for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
			got = append(got, found{one.(*cors.ConfigError).Code, one.Error()})
			sentences = append(sentences, one.Error())
		}
		assert.Equal(t, test.want, got)
		assert.PanicsWithError(t, "cors: "+strings.Join(sentences, "\n"), func() { cors.MustNew(test.config) })
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	_, err := cors.New(cors.Config{AllowOrigins: []string{fooOrigin, "https://example.com/"}, MaxAge: 90000})
	var first *cors.ConfigError
	require.True(t, errors.As(err, &first))
	assert.Equal(t, &cors.ConfigError{Code: cors.CodeOriginHasPath, Field: "AllowOrigins", Index: 1, Value: "https://example.com/",
		Reason: "has a path; an origin is scheme, host and port", Suggestion: "https://example.com"}, first)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	require.Len(t, joined.Unwrap(), 2)
	var second *cors.ConfigError
	require.True(t, errors.As(joined.Unwrap()[1], &second))
	assert.Equal(t, "MaxAge", second.Field)
	assert.Equal(t, -1, second.Index)
	assert.Equal(t, "90000", second.Value)
}

// TestCostOfAConfig: what New allocates is in proportion to what it is given, whatever that is, and a string that is
// too long for its list is not looked at any further.
func TestCostOfAConfig(t *testing.T) {
	const size = 200_000
	distinct := make([]rune, 20_000) // of which Punycode would take a second
	for i := range distinct {
		distinct[i] = rune(0x4e00 + i)
	}
	for name, value := range map[string]string{
		"one letter": strings.Repeat("a", size), "different letters": string(distinct), "labels": "https://" + strings.Repeat("a.", size/2),
		"commas": strings.Repeat(",", size), "values": strings.Repeat("a,", size/2), "origins": strings.Repeat("https://a.example ", size/18),
		"quotes": strings.Repeat(`"`, size), "brackets": strings.Repeat("[", size/2) + strings.Repeat("]", size/2), "colons": strings.Repeat(":", size),
		"brackets around a comma": strings.Repeat("[", size/2) + "," + strings.Repeat("]", size/2),
		"quoted brackets":         strings.Repeat(`["`, size/4) + strings.Repeat(`"]`, size/4), "wildcards": strings.Repeat("*", size), "schemes": strings.Repeat("http://", size/7),
		"stops": "https://" + strings.Repeat(".", size), "escapes": "https://" + strings.Repeat("%41", size/3), "letters of a file": strings.Repeat("\xff", size),
	} {
		c := cors.Config{AllowOrigins: []string{value}, AllowMethods: []string{value}, AllowHeaders: []string{value}, ExposeHeaders: []string{value}, VaryBy: []string{value}}
		require.Less(t, allocated(func() { _, _ = cors.New(c) }), uint64(500*len(value)), name)
		_, err := cors.New(c)
		require.Less(t, len(err.Error()), 10_000, name)
	}
}

// TestOneMistakeIsReportedOnce, and as what it is.
func TestOneMistakeIsReportedOnce(t *testing.T) {
	for _, test := range []struct{ field, value, reason string }{
		{"AllowOrigins", "http://*.*.github.io", "has a wildcard where none can be"},
		{"AllowOrigins", "https:///example.com", "has something other than"},
		{"AllowOrigins", "https://?", "has a query"},
		{"AllowOrigins", "https://[localhost", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://localhost]", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://::1", "has an IPv6 address that is not written as browsers write it"},
		{"AllowOrigins", "https://a\x7f.example", "has a malformed host"},
		{"AllowOrigins", "https://a\u0080.example", "has a host in Unicode"},
		{"AllowOrigins", "http://1..2.3", "has an IPv4 address that is not written as four decimal numbers"},
		{"AllowOrigins", "http://1.2.3.9999", "has an IPv4 address that is not written as four decimal numbers"},
		{"AllowHeaders", "Sec-" + strings.Repeat("x", 300), "is longer than 256 bytes"},
		{"ExposeHeaders", strings.Repeat("x", 257), "is longer than 256 bytes"},
		{"ExposeHeaders", "*", "cannot be combined with AllowCredentials"},
	} {
		c := cors.Config{AllowOrigins: []string{"https://example.com"}, AllowCredentials: true}
		list := []string{test.value}
		switch test.field {
		case "AllowOrigins":
			c.AllowOrigins = list
		case "AllowHeaders":
			c.AllowHeaders = list
		case "ExposeHeaders":
			c.ExposeHeaders = list
		}
		_, err := cors.New(c)
		require.Error(t, err, test.value)
		mistakes := err.(interface{ Unwrap() []error }).Unwrap()
		require.Len(t, mistakes, 1, "%v", err)
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, test.field, mistake.Field)
		require.Equal(t, test.value, mistake.Value)
		require.True(t, strings.HasPrefix(mistake.Reason, test.reason), "%v", err)
	}
}

// TestSuggestionsForLongHosts: what has more labels than an address has numbers is repaired like any other.
func TestSuggestionsForLongHosts(t *testing.T) {
	for value, want := range map[string]string{
		"https://a.b.c.d.example.com/": "https://a.b.c.d.example.com",
		"https://1.2.3.4.example.com/": "https://1.2.3.4.example.com",
		"https://1.2.3.4.5/":           "",
		"https://0x7f.1/":              "https://127.0.0.1",
	} {
		_, err := cors.New(cors.Config{AllowOrigins: []string{value}})
		var mistake *cors.ConfigError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, want, mistake.Suggestion, value)
	}
}

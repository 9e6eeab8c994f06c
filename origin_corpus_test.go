package cors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// corpusPatterns has patterns of each kind, which are asked at once: what slips past one is caught by no other.
var corpusPatterns = []string{
	"https://example.com", "https://*.example.com", "https://*.example.com:8443", "https://*.any.example.com:*",
	"http://localhost:*", "http://127.0.0.1:*", "http://[::1]:9090", "http://[2001:db8::1]:*", "app://obsidian.md", "vscode-webview://*",
	"ftp://*.example.com", "https://xn--bcher-kva.example", "https://app-*.part.example", "http://*:7777",
}

// lookAlikes are no origins, or not those of corpusPatterns, each with the reason why.
var lookAlikes = []struct{ why, origin string }{
	{"nothing at all", ""},
	{"a space", " "},
	{"the wildcard itself", "*"},
	{"a pattern", "https://*.example.com"},
	{"a pattern for ports", "http://localhost:*"},
	{"a pattern for both", "https://*.any.example.com:*"},
	{"the opaque origin, which is not listed", "null"},
	{"the opaque origin in upper case", "NULL"},
	{"the opaque origin and more", "null.example.com"},

	{"no scheme", "example.com"},
	{"no scheme but slashes", "//example.com"},
	{"no scheme but its colon", "://example.com"},
	{"an empty host", "https://"},
	{"an empty host behind subdomains", "https://.example.com"},
	{"one slash", "https:/example.com"},
	{"no slashes", "https:example.com"},
	{"a letter for the first slash", "https:x/example.com"},
	{"a letter for the second slash", "https:/xexample.com"},
	{"a letter for the colon", "https///example.com"},
	{"three slashes", "https:///example.com"},
	{"backslashes", `https:\\example.com`},
	{"mixed slashes", `https:/\example.com`},
	{"the scheme twice", "https://https://example.com"},
	{"another scheme", "http://example.com"},
	{"another scheme with a subdomain", "http://a.example.com"},
	{"a scheme that ends in the right one", "xhttps://example.com"},
	{"a scheme that begins with the right one", "httpsx://example.com"},
	{"a scheme with a plus", "https+x://example.com"},
	{"a nested scheme", "view-source:https://example.com"},
	{"a blob", "blob:https://example.com"},
	{"a file", "file://"},
	{"a file with a path", "file:///example.com"},
	{"a data URL", "data:text/html,https://example.com"},
	{"a script", "javascript://example.com"},
	{"an extension", "chrome-extension://example.com"},
	{"a WebSocket", "wss://a.example.com"},

	{"an upper-case scheme", "HTTPS://example.com"},
	{"a scheme with one upper-case letter", "httpS://example.com"},
	{"an upper-case host", "https://EXAMPLE.COM"},
	{"a host with one upper-case letter", "https://examplE.com"},
	{"an upper-case subdomain", "https://A.example.com"},
	{"an upper-case address", "http://[::A]:9090"},
	{"an upper-case host of an app", "app://Obsidian.md"},

	{"a path", "https://example.com/"},
	{"a longer path", "https://example.com/index.html"},
	{"a path with a subdomain", "https://a.example.com/"},
	{"a path that ends in the domain", "https://evil.example/.example.com"},
	{"a path with a backslash", `https://evil.example\.example.com`},
	{"a query", "https://example.com?"},
	{"a query that ends in the domain", "https://evil.example?.example.com"},
	{"a fragment", "https://example.com#"},
	{"a fragment that ends in the domain", "https://evil.example#.example.com"},
	{"parameters", "https://example.com;a=1"},
	{"user info", "https://user@example.com"},
	{"user info and password", "https://user:password@example.com"},
	{"empty user info", "https://@example.com"},
	{"the domain for user info", "https://example.com@evil.example"},
	{"the domain for a password", "https://a:example.com@evil.example"},
	{"user info that ends in the domain", "https://evil.example@a.example.com"},
	{"an escape", "https://example%2ecom"},
	{"an escaped subdomain", "https://evil%2eexample.com"},
	{"an escaped slash", "https://evil.example%2f.example.com"},
	{"an escaped zero byte", "https://evil.example%00.example.com"},
	{"a lone percent sign", "https://%.example.com"},
	{"an entity", "https://example&#46;com"},

	{"the default port", "https://example.com:443"},
	{"the default port of a subdomain", "https://a.example.com:443"},
	{"the default port where any is allowed", "https://a.any.example.com:443"},
	{"the default port of http", "http://localhost:80"},
	{"the default port of an address", "http://127.0.0.1:80"},
	{"the default port of an IPv6 address", "http://[2001:db8::1]:80"},
	{"another port", "https://example.com:8443"},
	{"another port of a subdomain", "https://a.example.com:8444"},
	{"another port of an address", "http://[::1]:9091"},
	{"no port of an address", "http://[::1]"},
	{"an app's port", "app://obsidian.md:1"},
	{"an empty port", "https://example.com:"},
	{"an empty port where any is allowed", "http://localhost:"},
	{"port 0", "http://localhost:0"},
	{"port 00", "http://localhost:00"},
	{"a port with a leading zero", "http://localhost:03000"},
	{"port 65536", "http://localhost:65536"},
	{"port 99999", "http://localhost:99999"},
	{"a port of six digits", "http://localhost:100000"},
	{"a port beyond 64 bits", "http://localhost:18446744073709551617"},
	{"a negative port", "http://localhost:-1"},
	{"a port with a sign", "http://localhost:+3000"},
	{"a hexadecimal port", "http://localhost:0x1f"},
	{"a port with an exponent", "http://localhost:1e3"},
	{"a port and letters", "http://localhost:3000x"},
	{"letters and a port", "http://localhost:x3000"},
	{"two ports", "http://localhost:3000:3000"},
	{"a port behind an empty one", "http://localhost::3000"},
	{"a port and a path", "http://localhost:3000/"},
	{"a port with a space in front", "http://localhost: 3000"},
	{"a port with a space behind", "http://localhost:3000 "},
	{"a port in front of the domain", "https://evil.example:80.example.com"},
	{"a port in front of a subdomain", "https://a:80.example.com"},
	{"a port that is a wildcard", "https://a.any.example.com:*"},
	{"a port in Arabic digits", "http://localhost:\u0663\u0660\u0660\u0660"},
	{"a port in full-width digits", "http://localhost:\uff13\uff10\uff10\uff10"},

	{"an empty label", "https://a..example.com"},
	{"an empty label between domain and suffix", "https://example..com"},
	{"two empty labels", "https://a...example.com"},
	{"an empty label in front", "https://.a.example.com"},
	{"a dot behind", "https://example.com."},
	{"a dot behind a subdomain", "https://a.example.com."},
	{"a dot and a port", "https://a.example.com.:8443"},
	{"a dot alone", "https://."},
	{"a label of 64 bytes", "https://" + strings.Repeat("a", 64) + ".example.com"},
	{"a label of 64 bytes among others", "https://b." + strings.Repeat("a", 64) + ".example.com"},
	{"a host of 254 bytes", "https://aa." + strings.Repeat("a.", 120) + "example.com"},
	{"a host of 255 bytes", "https://aaa." + strings.Repeat("a.", 120) + "example.com"},
	{"a host of 10000 bytes", "https://" + strings.Repeat("a.", 5000) + "example.com"},

	{"nothing for a part of a label", "https://app-.part.example"},
	{"two labels for a part of one", "https://app-a.b.part.example"},
	{"a dot for a part of a label", "https://app-..part.example"},
	{"a subdomain of a part of a label", "https://x.app-1.part.example"},
	{"a slash for a part of a label", "https://app-/.part.example"},
	{"user info for a part of a label", "https://app-x@evil.part.example"},
	{"a port for a part of a label", "https://app-1:80.part.example"},
	{"an upper-case letter for a part of a label", "https://app-A.part.example"},
	{"too much for a part of a label", "https://app-" + strings.Repeat("a", 60) + ".part.example"},
	{"the rest of the label without its hyphen", "https://app1.part.example"},
	{"a part of a label and more behind", "https://app-1.part.example.evil.example"},
	{"a part of a label of another domain", "https://app-1.evil-part.example"},
	{"no host, and the port of any host", "http://:7777"},
	{"any host with user info", "http://a@b:7777"},
	{"any host with a path", "http://a:7777/"},
	{"any host with two ports", "http://a:80:7777"},
	{"any host in broken brackets", "http://[::1:7777"},

	{"another suffix", "https://example.org"},
	{"a longer suffix", "https://example.community"},
	{"a suffix behind", "https://example.com.evil.example"},
	{"a suffix behind without a dot", "https://example.comevil.example"},
	{"a suffix behind a subdomain", "https://a.example.com.evil.example"},
	{"a prefix without a dot", "https://evilexample.com"},
	{"a prefix with a hyphen", "https://evil-example.com"},
	{"a prefix with an underscore", "https://evil_example.com"},
	{"a subdomain of a prefix", "https://a.evilexample.com"},
	{"a shorter domain", "https://xample.com"},
	{"a domain cut off", "https://example.co"},
	{"its suffix alone", "https://com"},
	{"another byte for the dot", "https://exampleXcom"},
	{"a hyphen for the dot", "https://example-com"},
	{"two domains with a comma", "https://example.com,https://a.example.com"},
	{"two domains with a comma and a space", "https://example.com, https://evil.example"},
	{"two domains with a space", "https://example.com https://evil.example"},
	{"two domains with a line feed", "https://example.com\nhttps://evil.example"},
	{"a subdomain of localhost", "http://evil.localhost:3000"},
	{"localhost behind", "http://evil-localhost:3000"},
	{"localhost in front", "http://localhost.evil.example:3000"},
	{"localhost under https", "https://localhost:3000"},
	{"a subdomain of an app", "app://a.obsidian.md"},
	{"an app's host and more", "app://obsidian.mdx"},
	{"letters that are taken for others", "https://examp1e.com"},
	{"two letters that look like one", "https://exarnple.com"},
	{"a subdomain that only ports have", "https://any.example.com:8080"},

	{"an address of three numbers", "http://127.0.1"},
	{"an address of one number", "http://2130706433"},
	{"an octal address", "http://0177.0.0.1"},
	{"a hexadecimal address", "http://0x7f.0.0.1"},
	{"a hexadecimal number", "http://0x7f000001:3000"},
	{"an address with a leading zero", "http://127.0.0.01"},
	{"an address with an empty part", "http://127.0..1"},
	{"an address of five numbers", "http://127.0.0.1.1"},
	{"an address with a dot behind", "http://127.0.0.1."},
	{"an address beyond 255", "http://127.0.0.256"},
	{"another address", "http://127.0.0.2:3000"},
	{"an address in front of more digits", "http://127.0.0.11"},
	{"an address behind more digits", "http://1127.0.0.1"},
	{"an address for a subdomain's last label", "https://example.com.1"},
	{"a hexadecimal last label", "https://example.com.0x1"},
	{"a nine for a domain", "https://9"},
	{"a last label of nines", "https://a.99"},
	{"a last label that is 0x", "https://a.0x"},
	{"an address in front of the domain, for a port", "http://127.0.0.1.example.com"},
	{"IPv6 without brackets", "http://::1:9090"},
	{"IPv6 that is not compressed", "http://[0:0:0:0:0:0:0:1]:9090"},
	{"IPv6 with leading zeros", "http://[::01]:9090"},
	{"IPv6 that is compressed elsewhere", "http://[2001:db8:0:0::1]"},
	{"IPv6 with a zone", "http://[::1%25lo]:9090"},
	{"IPv6 with a bare zone", "http://[::1%lo]:9090"},
	{"IPv6 that holds IPv4", "http://[::127.0.0.1]:9090"},
	{"IPv6 that maps IPv4", "http://[::ffff:127.0.0.1]:9090"},
	{"IPv6 without its end", "http://[::1:9090"},
	{"IPv6 without its beginning", "http://::1]:9090"},
	{"IPv6 in two pairs of brackets", "http://[[::1]]:9090"},
	{"IPv6 and a label", "http://[::1]a:9090"},
	{"a label and IPv6", "http://a[::1]:9090"},
	{"IPv6 and a subdomain", "https://[::1].example.com"},
	{"empty brackets", "http://[]:9090"},
	{"brackets around a name", "http://[localhost]:9090"},
	{"brackets around IPv4", "http://[127.0.0.1]:9090"},
	{"IPv6 compressed twice", "http://[::1::]:9090"},
	{"IPv6 of nine groups", "http://[1:2:3:4:5:6:7:8:9]:9090"},
	{"a group of five digits", "http://[::10000]:9090"},
	{"an IPvFuture address", "http://[v1.a]:9090"},

	{"a domain in Unicode", "https://b\u00fccher.example"},
	{"another domain's ASCII form", "https://xn--bcher-kvb.example"},
	{"an ASCII form in upper case", "https://XN--BCHER-KVA.example"},
	{"a subdomain in Unicode", "https://b\u00fccher.example.com"},
	{"a Cyrillic letter", "https://\u0435xample.com"},
	{"a full-width dot", "https://a\uff0eexample.com"},
	{"an ideographic dot", "https://a\u3002example.com"},
	{"a full-width letter", "https://\uff45xample.com"},
	{"a Kelvin sign, which folds to k", "http://\u212a.example.com"},
	{"a long s, which folds to s", "http\u017f://example.com"},
	{"a soft hyphen", "https://exam\u00adple.com"},
	{"a zero-width space", "https://example\u200b.com"},
	{"a right-to-left mark", "https://\u200fexample.com"},
	{"a byte order mark", "\ufeffhttps://example.com"},
	{"bytes that are no UTF-8", "https://\xff\xfe.example.com"},
	{"a byte with its high bit set", "https://\xe5xample.com"},
	{"an overlong dot", "https://a\xc0\xaeexample.com"},

	{"a space in front", " https://example.com"},
	{"a space behind", "https://example.com "},
	{"a tab behind", "https://example.com\t"},
	{"a line feed behind", "https://example.com\n"},
	{"a line end behind", "https://example.com\r\n"},
	{"a zero byte behind", "https://example.com\x00"},
	{"a zero byte and the domain", "https://evil.example\x00.example.com"},
	{"quotes", `"https://example.com"`},
	{"angle brackets", "<https://example.com>"},
	{"a path where any host is allowed", "vscode-webview://x/"},
	{"user info where any host is allowed", "vscode-webview://a@b"},
}

// TestLookAlikesAreRefused: none of them passes by any pattern, neither over the wire nor asked directly.
func TestLookAlikesAreRefused(t *testing.T) {
	require.GreaterOrEqual(t, len(lookAlikes), 150)
	few, many := cors.MustNew(cors.Config{AllowOrigins: corpusPatterns[:4]}), cors.MustNew(cors.Config{AllowOrigins: corpusPatterns})
	single := map[string]*cors.Middleware{}
	for _, p := range corpusPatterns {
		single[p] = cors.MustNew(cors.Config{AllowOrigins: []string{p}})
	}
	every := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	seen := map[string]bool{}
	for _, row := range lookAlikes {
		require.False(t, seen[row.origin], "%s is here twice", row.origin)
		seen[row.origin] = true
		t.Run(row.why, func(t *testing.T) {
			require.False(t, few.AllowsOrigin([]byte(row.origin)))
			require.False(t, many.AllowsOrigin([]byte(row.origin)))
			for p, m := range single {
				require.False(t, m.AllowsOrigin([]byte(row.origin)), p)
			}
			require.Equal(t, row.origin != "", every.AllowsOrigin([]byte(row.origin)), "with every origin allowed")
			requireRefused(t, many, row.origin)
		})
	}
}

// requireRefused sends requests with the origin as they are, whatever its bytes.
func requireRefused(t *testing.T, m *cors.Middleware, origin string) {
	t.Helper()
	for _, method := range []string{"GET", "OPTIONS"} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod(method)
		ctx.Request.Header.Set("Origin", origin)
		ctx.Request.Header.Set("Access-Control-Request-Method", "GET")
		sent := string(ctx.Request.Header.Peek("Origin"))
		if sent != origin {
			continue // line ends cannot be sent
		}
		m.Wrap(ok)(&ctx)
		require.Nil(t, ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
		require.NotEqual(t, 204, ctx.Response.StatusCode())
		if method == "OPTIONS" {
			require.Equal(t, 403, ctx.Response.StatusCode())
			require.Equal(t, origin, string(m.Evaluate(&ctx).Refused))
		}
	}
}

// TestEveryByteAtEveryPlace puts every byte at every structural place of an origin, in the place of what is
// there and between its parts. The model says what is to become of it: nearly always, a refusal.
func TestEveryByteAtEveryPlace(t *testing.T) {
	templates := []string{
		"%shttps://example.com", "h%sttps://example.com", "https%s://example.com", "https:%s//example.com", "https:/%s/example.com",
		"https://%sexample.com", "https://exam%sple.com", "https://example%scom", "https://example.%scom", "https://example.com%s",
		"https://%s.example.com", "https://a%sexample.com", "https://a%s.example.com", "https://a.%sexample.com", "https://a.b%sc.example.com",
		"https://a.example.com%s8443", "https://a.example.com:%s8443", "https://a.example.com:8443%s", "https://a.example.com:84%s43",
		"https://a.any.example.com:%s", "https://app-%s.part.example", "https://app-1%s.part.example", "https://app%s1.part.example",
		"https://%sapp-1.part.example", "https://app-1.%spart.example", "http://a%sb:7777", "http://[%s]:7777", "http://localhost%s", "http://localhost%s3000", "http://localhost:%s000", "http://localhost:3000%s",
		"http://127%s0.0.1", "http://127.0.0.%s", "http://%s27.0.0.1", "http://[%s1]:9090", "http://[::%s]:9090", "http://[::1%s:9090",
		"http://[::1]%s9090", "http://%s::1]:9090", "http://[2001:db8%s:1]", "app://obsidian%smd", "app%s://obsidian.md", "%spp://obsidian.md",
		"vscode-webview://%s", "vscode-webview://a%sb", "vscode-webview://a%s", "vscode%swebview://a", "nul%s", "%snull", "null%s",
	}
	policies := map[string][]string{"few": corpusPatterns[:4], "many": corpusPatterns, "null": {"null"}, "every": {"*"}}
	checked := 0
	for name, patterns := range policies {
		m := cors.MustNew(cors.Config{AllowOrigins: patterns})
		for _, template := range templates {
			for b := range 256 {
				o := fmt.Sprintf(template, string([]byte{byte(b)}))
				if want := naiveMatchesAny(patterns, o); want != m.AllowsOrigin([]byte(o)) {
					t.Errorf("%q with the %s patterns: want allowed %v", o, name, want)
				}
				checked++
			}
		}
	}
	require.Equal(t, len(policies)*len(templates)*256, checked)
}

// TestLastLabelsThatAreNoNumbers: such hosts are domains, and all others are addresses or nothing.
func TestLastLabelsThatAreNoNumbers(t *testing.T) {
	canBeListed := func(origin string) bool {
		_, err := cors.New(cors.Config{AllowOrigins: []string{origin}})
		return err == nil
	}
	for last, want := range map[string]bool{
		"0f": true, "fx1": true, "0y1": true, "x0": true, "0xg": true, "0x1g": true, "1a": true, "a9": true, "9a": true, "0-1": true, "-1": true, "0x+f": true,
		"0": false, "9": false, "09": false, "0x": false, "0x0": false, "0xf": false, "0x9": false, "256": false, "0xabcdef0123456789": false,
	} {
		for _, o := range []string{"https://" + last, "https://a." + last, "http://1.2.3." + last + ":8080"} {
			want := want || strings.HasPrefix(o, "http://") && (last == "0" || last == "9")
			require.Equal(t, want, naiveIsListed(o), "the model: %q", o)
			require.Equal(t, want, canBeListed(o), "%q", o)
		}
		require.True(t, canBeListed("app://a."+last), "%q, whose scheme has no addresses", last)
	}
}

// TestOriginsThatAreFine: what the corpus refuses is not refused for being unusual.
func TestOriginsThatAreFine(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: corpusPatterns})
	for _, o := range []string{
		"https://example.com", "https://a.example.com", "https://a.b.c.d.example.com", "https://a_b.example.com", "https://_.example.com",
		"https://1.example.com", "https://xn--a.example.com", "https://a--b.example.com", "https://" + strings.Repeat("a", 63) + ".example.com",
		"https://" + strings.Repeat("a.", 120) + "a.example.com", "https://a.example.com:8443", "https://a.any.example.com",
		"https://a.any.example.com:1", "https://a.any.example.com:65535", "https://a.any.example.com:80", "http://localhost", "http://localhost:443",
		"http://127.0.0.1", "http://127.0.0.1:9", "http://[::1]:9090", "http://[2001:db8::1]", "http://[2001:db8::1]:8080", "app://obsidian.md",
		"vscode-webview://1a2b3c", "vscode-webview://a.b", "vscode-webview://127.0.0.01", "vscode-webview://[::1]", "ftp://a.example.com", "https://-a-.example.com",
		"vscode-webview://", "vscode-webview://X", "vscode-webview://{x}", "vscode-webview://x:1",
		"https://xn--bcher-kva.example", "https://app-1.part.example", "https://app--_.part.example", "http://a:7777", "http://[::1]:7777",
	} {
		require.True(t, naiveMatchesAny(corpusPatterns, o), "the model: %q", o)
		require.True(t, m.AllowsOrigin([]byte(o)), "%q", o)
	}
}

package cors_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// realOrigins are those that pages, apps and extensions are known to send, each with who sends it. secure: it is
// accepted together with credentials. pattern: one of realPatterns has it.
var realOrigins = []struct {
	origin, from    string
	secure, pattern bool
}{
	{"https://example.com", "a site", true, false},
	{"https://www.app.example", "a site's subdomain", true, true},
	{"https://example.com:8443", "a site on a port of its own", true, false},
	{"https://example.com:65535", "the last port", true, false},
	{"http://example.com", "a site without TLS", false, false},
	{"http://intranet", "a host of one label", false, false},
	{"http://app.example.", "a fully qualified name, with its dot", false, false},
	{"https://www.example.com.:8443", "the same with a port", true, false},
	{"https://feature-.app.example", "a branch whose name ends in a hyphen", true, true},
	{"https://-.app.example", "a branch of nothing but a hyphen", true, true},
	{"https://my_app.app.example", "an underscore, as in Docker's names", true, true},
	{"http://host~1.app.example", "a name that Windows has made short", false, false},
	{"http://wow!.app.example", "a wildcard record in DNS that takes anything", false, false},
	{"http://price$.app.example", "the same", false, false},
	{"https://a.b.c.app.example", "tenants of tenants", true, true},
	{"https://xn--mnchen-3ya.example", "M\u00fcnchen", true, false},
	{"https://xn--e1afmkfd.xn--p1ai", "a Cyrillic name and its top level", true, false},
	{"https://xn--n3h.app.example", "a snowman", true, true},

	{"http://localhost", "a development server; Capacitor and Ionic on Android", true, true},
	{"http://localhost:3000", "create-react-app, Next.js, Rails", true, true},
	{"http://localhost:8100", "ionic serve", true, true},
	{"https://localhost", "Capacitor 6 and cordova-android 10 on Android", true, false},
	{"http://app.localhost:3000", "a development server with tenants", true, false},
	{"http://127.0.0.1:5173", "Vite", true, true},
	{"http://[::1]:3000", "the same over IPv6", true, false},
	{"http://192.168.1.20:19006", "Expo in the local network", false, false},
	{"http://10.0.2.2:8080", "Android's emulator", false, false},
	{"http://[fd12:3456:789a::1]:8080", "a unique local address", false, false},
	{"https://[2001:db8::7f00:1]", "a global address", true, false},
	{"http://host.docker.internal:8080", "a container", false, false},

	{"https://app-git-main-acme.preview.example", "a preview deployment", true, true},
	{"https://my-app-git-main-acme.vercel.app", "Vercel", true, false},
	{"https://deploy-preview-12--my-site.netlify.app", "Netlify", true, false},
	{"https://1a2b3c4d.my-app.pages.dev", "Cloudflare Pages", true, false},
	{"https://octocat-urban-adventure-3000.app.github.dev", "GitHub Codespaces", true, false},
	{"https://3000-acme-shop-1x2y3z.ws-eu1.gitpod.io", "Gitpod", true, false},
	{"https://n-abcdefghijklm-0lu-script.googleusercontent.com", "Google Apps Script", true, false},
	{"https://1234567890.discordsays.com", "an activity in Discord", true, false},
	{"https://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.ipfs.dweb.link", "IPFS over a gateway", true, false},

	{"file://", "Electron and Cordova with pages from files; Chromium with --allow-file-access-from-files", false, false},
	{"app://.", "Electron with a protocol of its own and an empty host name", true, false},
	{"app://-", "the same, electron-serve", true, false},
	{"app://Acme", "the same, whose name keeps its case", true, false},
	{"app://bundle", "Electron's own example for protocol.handle", true, false},
	{"app://obsidian.md", "Obsidian on the desktop", true, false},
	{"capacitor://localhost", "Capacitor on iOS, Obsidian on iOS", true, false},
	{"capacitor://", "Capacitor on iOS without a host name", true, false},
	{"ionic://localhost", "cordova-plugin-ionic-webview on iOS", true, false},
	{"app://localhost", "cordova-ios 6", true, false},
	{"tauri://localhost", "Tauri on macOS, iOS and Linux", true, false},
	{"https://tauri.localhost", "Tauri 1 on Windows", true, false},
	{"http://tauri.localhost", "Tauri 2 on Windows and Android", true, false},
	{"wails://wails", "Wails on macOS and Linux", true, false},
	{"wails://wails.localhost:34115", "wails dev", true, false},
	{"http://wails.localhost", "Wails on Windows", true, false},
	{"vscode-file://vscode-app", "VS Code's workbench", true, false},
	{"vscode-webview://1oj5bqhd5v2bn8vd3gqgv6qqd6bifgjbk0v5tvs0lq2j9g4s3c2p", "a web view in VS Code", true, false},
	{"https://1a2b3c.vscode-cdn.net", "a web view in VS Code for the Web", true, false},
	{"https://appassets.androidplatform.net", "WebViewAssetLoader, Flutter's assets on Android", true, false},
	{"my-special-custom-scheme://main.page", "flutter_inappwebview", true, false},
	{"http://localhost:53412", "Neutralino, InAppLocalhostServer in Flutter", true, true},
	{"ms-appx-web://Microsoft.Example", "a web view in a UWP app", true, false},
	{"https://steamloopback.host", "Steam", true, false},
	{"qrc://", "Qt WebEngine with pages from resources", true, false},

	{"chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb", "an extension in Chrome, Edge, Opera, Brave", true, false},
	{"moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc", "an extension in Firefox", true, false},
	{"safari-web-extension://5B8C8F1C-2F6D-4B7A-9F0E-3D2A1C4B5E6F", "an extension in Safari, with capitals", true, false},
	{"safari-extension://com.example.Reader-A1B2C3D4E5", "an extension in Safari before version 14", true, false},
	{"devtools://devtools", "Chromium's developer tools", true, false},
	{"chrome://newtab", "a page of the browser itself", true, false},
	{"resource://pdf.js", "Firefox's PDF viewer", true, false},
	{"ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "IPFS in Brave", true, false},

	{"null", "a sandboxed frame, a Figma plugin, a data URL, a file in most browsers, a redirect across origins", false, false},
}

var realPatterns = []string{"http://localhost:*", "http://127.0.0.1:*", "https://*.app.example", "https://app-*.preview.example"}

// TestRealOrigins asks seven policies about each.
func TestRealOrigins(t *testing.T) {
	require.GreaterOrEqual(t, len(realOrigins), 60)
	allowAll := func(*fasthttp.RequestCtx, []byte) bool { return true }
	every := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}})
	function := cors.MustNew(cors.Config{AllowOriginFunc: allowAll, AllowCredentials: true})
	patterns := cors.MustNew(cors.Config{AllowOrigins: realPatterns})
	other := cors.MustNew(cors.Config{AllowOrigins: []string{"https://other.example"}})
	for _, row := range realOrigins {
		t.Run(row.from+": "+row.origin, func(t *testing.T) {
			scheme, rest, _ := strings.Cut(row.origin, "://")
			schemeWide := row.origin != "null"
			anyHost := row.origin
			if schemeWide {
				anyHost = scheme + "://*"
				if i := strings.LastIndexByte(rest, ':'); naiveIsSpecial(scheme) && i > strings.LastIndexByte(rest, ']') {
					anyHost += rest[i:]
				}
			}
			for _, policy := range []struct {
				name string
				m    *cors.Middleware
				want bool
			}{
				{"every origin", every, true},
				{"itself", cors.MustNew(cors.Config{AllowOrigins: []string{row.origin}}), true},
				{"itself among others", cors.MustNew(cors.Config{AllowOrigins: append(slices.Clone(fillerPatterns), row.origin)}), true},
				{"any host of its scheme", cors.MustNew(cors.Config{AllowOrigins: []string{anyHost}}), true},
				{"a function", function, true},
				{"patterns", patterns, row.pattern},
				{"another origin", other, false},
			} {
				ctx := preflightFor()
				ctx.Request.Header.Set("Origin", row.origin)
				require.Equal(t, policy.want, policy.m.Evaluate(ctx).Allowed(), policy.name)
				if policy.name != "a function" {
					require.Equal(t, policy.want, policy.m.AllowsOrigin([]byte(row.origin)), policy.name)
				}
				policy.m.Wrap(ok)(ctx)
				got := string(ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
				switch {
				case !policy.want:
					require.Empty(t, got, policy.name)
				case policy.name == "every origin":
					require.Equal(t, "*", got)
				default:
					require.Equal(t, row.origin, got, policy.name)
				}
			}
			_, err := cors.New(cors.Config{AllowOrigins: []string{row.origin}, AllowCredentials: true})
			require.Equal(t, row.secure, err == nil, "with credentials: %v", err)
		})
	}
}

// urlTest is one of web-platform-tests.
type urlTest struct {
	Input, Href string
	Origin      *string
	Base        *string
	Failure     bool
}

// urlTests returns those of the module whose parser reads what is listed.
func urlTests(t *testing.T) (tests []urlTest) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlnwa/whatwg-url").Output()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "urltestdata.json"))
	require.NoError(t, err)
	var all []json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	for _, one := range all {
		if one[0] != '{' {
			continue // a comment
		}
		var test urlTest
		require.NoError(t, json.Unmarshal(one, &test))
		tests = append(tests, test)
	}
	require.GreaterOrEqual(t, len(tests), 800)
	return tests
}

// TestOriginsOfWebPlatformTests: each origin in them can be listed and is then matched, but for those of
// WebSockets, which no page has, and one with every byte that a host can have, quotes and "*" among them. What
// fails to parse without a base is not accepted.
func TestOriginsOfWebPlatformTests(t *testing.T) {
	listed, refused, failures := map[string]bool{}, map[string]bool{}, 0
	for _, test := range urlTests(t) {
		if test.Failure {
			if test.Base == nil {
				failures++
				_, err := cors.New(cors.Config{AllowOrigins: []string{test.Input}})
				assert.Error(t, err, "%q", test.Input)
			}
			continue
		}
		if test.Origin == nil || *test.Origin == "null" {
			continue
		}
		origin := *test.Origin
		if strings.HasPrefix(origin, "ws") || strings.Contains(origin, "*") {
			refused[origin] = true
			_, err := cors.New(cors.Config{AllowOrigins: []string{origin}})
			assert.Error(t, err, origin)
			continue
		}
		listed[origin] = true
		m, err := cors.New(cors.Config{AllowOrigins: []string{origin}})
		if assert.NoError(t, err) {
			assert.True(t, m.AllowsOrigin([]byte(origin)), origin)
		}
		if test.Input != origin && !strings.Contains(test.Input, "*") {
			_, err := cors.New(cors.Config{AllowOrigins: []string{test.Input}})
			assert.Error(t, err, "%q, whose origin is %s", test.Input, origin)
		}
	}
	assert.GreaterOrEqual(t, len(listed), 60)
	assert.Len(t, refused, 13)
	assert.GreaterOrEqual(t, failures, 200)
}

package main

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHabitsOfCurl(t *testing.T) {
	var seen *http.Request
	var body string
	url := serve(t, sound, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		seen, body = r, string(text)
		sound.ServeHTTP(w, r)
	}))
	file := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(file, []byte("from a file"), 0o600))

	status, _, errs := checkWith("from standard input", "--origin", page, "-X", "PUT", "-H", "X-Token: 1", "-d", "@-", "-b", "id=1", "--timeout=10s", url)
	require.Equal(t, exitAllowed, status, errs)
	assert.Equal(t, "PUT 1 id=1 from standard input", strings.Join([]string{seen.Method, seen.Header.Get("X-Token"), seen.Header.Get("Cookie"), body}, " "))

	status, _, errs = check("-origin", page, "-d", "@"+file, url)
	require.Equal(t, exitAllowed, status, errs)
	assert.Equal(t, "POST from a file", seen.Method+" "+body)

	_, out, _ := check("-origin", page, "-u", "u:p", url)
	assert.Contains(t, out, "> Access-Control-Request-Headers: authorization\n")

	_, _, errs = check("-origin", page, "-d", "@no such file", url)
	assert.Contains(t, errs, "no such file")
	_, _, errs = check("-origin", page, "-mode", "x", url)
	assert.Contains(t, errs, "-mode is cors or no-cors")
	_, _, errs = check("-origin", page, "-engine", "x", url)
	assert.Contains(t, errs, "-engine is one of standard, chromium, firefox, webkitgtk or all")
}

func TestVersion(t *testing.T) {
	for _, flag := range []string{"-version", "--version", "-V"} {
		status, out, _ := check(flag)
		assert.Equal(t, exitAllowed, status)
		assert.Regexp(t, `^corscheck \S+\n$`, out)
	}
}

func TestURLWithoutScheme(t *testing.T) {
	for written, want := range map[string]string{
		"api.example.com/items":      "https://api.example.com/items",
		"api.example.com:8443/a:b/c": "https://api.example.com:8443/a:b/c",
		"localhost:8081/items":       "http://localhost:8081/items",
		"api.localhost":              "http://api.localhost",
		"127.0.0.1:80":               "http://127.0.0.1:80",
		"127.8.8.8":                  "http://127.8.8.8",
		"[::1]:8081/":                "http://[::1]:8081/",
		"[2001:db8::1]":              "https://[2001:db8::1]",
		"192.168.1.1":                "https://192.168.1.1",
		// These have one, or are something else.
		"http://a": "", "HTTPS://a": "", "http:/a": "", "data:text/html,x": "", "mailto:a@b": "", "/items": "", "?q": "", "": "",
	} {
		got, assumed := withScheme(written)
		if want == "" {
			assert.Equal(t, written, got)
			assert.Empty(t, assumed)
			continue
		}
		assert.Equal(t, want, got)
		assert.Contains(t, assumed, want)
	}
	url := serve(t, sound, sound)
	_, out, _ := check("-origin", page, strings.TrimPrefix(url, "http://"))
	assert.Contains(t, out, "was written without a scheme: asking "+url)
}

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(sound)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	status, out, _ := check("-origin", page, server.URL)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, out, "-cacert FILE trusts an authority, -k any certificate")

	status, out, _ = check("-origin", page, "-k", server.URL)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "< HTTP/2 200\n")

	authority := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	status, _, errs := check("-origin", page, "--cacert", authority, server.URL)
	assert.Equal(t, exitAllowed, status, errs)

	require.NoError(t, os.WriteFile(authority, []byte("none"), 0o600))
	_, _, errs = check("-origin", page, "-cacert", authority, server.URL)
	assert.Contains(t, errs, "has no certificate (PEM)")
	_, _, errs = check("-origin", page, "-cacert", "no such file", server.URL)
	assert.Contains(t, errs, "no such file")
}

func TestPassiveAsksNothingMore(t *testing.T) {
	asked := 0
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(403)
	}), sound)
	status, out, _ := check("-origin", page, "-X", "PUT", "-passive", url)
	assert.Equal(t, exitBlocked, status)
	assert.Equal(t, 1, asked)
	assert.Contains(t, out, "suspects, the most likely one first:")
	assert.Contains(t, out, "does not allow the method PUT")
	assert.NotContains(t, out, "sent besides")
}

func TestErrorsAreJSONToo(t *testing.T) {
	for _, args := range [][]string{
		{"-json"}, {"-json", "-nonsense"}, {"-nonsense", "--json"}, {"-json", "-origin", "x", "https://api.example.com"},
		{"-json", "-config", "no such file"}, {"-json", "-har", "no such file"}, {"-json", "-origin", page, "-method", "TRACE", "https://api.example.com"},
	} {
		status, out, errs := check(args...)
		assert.Equal(t, exitFailed, status)
		assert.Empty(t, errs)
		var got document
		require.NoError(t, json.Unmarshal([]byte(out), &got), out)
		assert.Equal(t, "error", got.Verdict)
		assert.NotEmpty(t, got.Error)
		assert.Equal(t, 1, got.Version)
	}
}

func TestEnginesThatDiffer(t *testing.T) {
	star := lines{204, []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"}}
	url := serve(t, star, star)
	args := []string{"-origin", page, "-H", "Authorization: Bearer x"}
	status, out, _ := check(append(args, url)...)
	assert.Equal(t, exitBlocked, status)
	assert.Contains(t, out, "engines do not agree:\n  standard   blocked: ")
	assert.Contains(t, out, "\n  chromium   allowed: the request would be sent")

	status, out, _ = check(append(args, "-engine", "chromium", url)...)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "\n  chromium   allowed\n")

	for _, name := range []string{"webkit", "webkitgtk"} {
		status, _, errs := check(append(args, "-engine", name, url)...)
		assert.Equal(t, exitAllowed, status, errs)
	}

	url = serve(t, sound, sound)
	_, out, _ = check("-origin", page, url)
	assert.NotContains(t, out, "engines")
	_, out, _ = check("-origin", page, "-engine", "all", url)
	assert.Contains(t, out, "engines: all agree\n")
}

func TestNoCORSMode(t *testing.T) {
	url := serve(t, sound, lines{200, []string{"Cross-Origin-Resource-Policy: same-origin"}})
	status, out, _ := check("-origin", page, "-mode", "no-cors", url)
	assert.Equal(t, exitBlocked, status)
	assert.Contains(t, out, `Cross-Origin-Resource-Policy of the response is "same-origin"`)
	_, _, errs := check("-origin", page, "-mode", "no-cors", "-X", "PUT", url)
	assert.Contains(t, errs, "mode no-cors sends GET, HEAD and POST alone")
}

func TestConfigAnswersInItsOwnWords(t *testing.T) {
	for _, tt := range []struct {
		config string
		args   []string
		causes []string
		says   string
	}{
		{`{"allowOrigins": ["*"], "allowHeaders": ["*"]}`, []string{"-H", "Authorization: x"}, []string{"header-not-allowed"}, `"allowHeaders": ["*", "Authorization"]`},
		{`{"allowOrigins": ["*"], "allowHeaders": ["Content-Type"]}`, []string{"-H", "X-Token: 1", "-H", "Content-Type: application/json"}, []string{"header-not-allowed"}, `"allowHeaders": ["Content-Type", "X-Token"]`},
		{`{"allowOrigins": ["https://app.example.com"], "allowCredentials": true, "allowHeaders": ["Content-Type"]}`, []string{"-credentials", "-H", "X-B: 1", "-H", "X-A: 1"}, []string{"header-not-allowed"}, `"allowHeaders": ["Content-Type", "X-B", "X-A"]`},
		{`{"allowOrigins": ["*"], "allowMethods": ["PUT"]}`, []string{"-X", "DELETE"}, []string{"method-not-allowed"}, `"allowMethods": ["PUT", "DELETE"]`},
		{`{"allowOrigins": ["*"]}`, []string{"-X", "DELETE", "-H", "X-A: 1"}, []string{"method-not-allowed", "header-not-allowed"}, `"allowMethods": ["DELETE"]`},
		{`{"allowOrigins": ["https://other.example.com"]}`, []string{"-X", "PUT"}, []string{"origin-not-allowed"}, `"allowOrigins": ["https://other.example.com", "https://app.example.com"]`},
		{`{"allowOrigins": ["https://other.example.com"]}`, nil, []string{"origin-not-allowed"}, `does not allow the origin https://app.example.com`},
		{`{"allowOrigins": ["*"]}`, []string{"-credentials"}, []string{"allow-origin-wildcard"}, ``},
	} {
		path := config(t, tt.config)
		status, out, errs := check(append([]string{"-config", path, "-origin", page}, tt.args...)...)
		assert.Equal(t, exitBlocked, status, errs)
		assert.Contains(t, out, tt.says)
		assert.NotContains(t, out, "sent besides", "no server is asked")

		_, out, _ = check(append([]string{"-config", path, "-origin", page, "-json"}, tt.args...)...)
		var got document
		require.NoError(t, json.Unmarshal([]byte(out), &got))
		assert.True(t, got.Offline)
		var causes []string
		for _, cause := range got.Causes {
			assert.True(t, cause.Certain)
			causes = append(causes, string(cause.Code))
		}
		assert.Equal(t, tt.causes, causes)
	}
}

func TestConfigFromStandardInput(t *testing.T) {
	status, out, _ := checkWith(`{"allowOrigins": ["*"]}`, "-config", "-")
	assert.Equal(t, exitAllowed, status)
	assert.Equal(t, "standard input is a valid configuration\n", out)
	status, _, errs := checkWith(`{`, "-config", "-")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errs, "standard input")
	status, out, _ = checkWith(`{"allowOrigins": ["*"]}`, "-config", "-", "-origin", page)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "> GET "+anyURL)
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const page = "https://app.example.com"

// check runs the command.
func check(args ...string) (status int, stdout, stderr string) { return checkWith("", args...) }

// checkWith runs the command with something on standard input.
func checkWith(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

// lines is what a server answers with: a status and header lines.
type lines struct {
	status int
	header []string
}

func (l lines) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for _, line := range l.header {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Add(name, value)
	}
	w.WriteHeader(l.status)
}

// serve starts a server that answers preflights one way and all else another, and returns its URL.
func serve(t *testing.T, preflight, actual http.Handler) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != "" {
			preflight.ServeHTTP(w, r)
			return
		}
		actual.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/items"
}

var sound = lines{200, []string{"Access-Control-Allow-Origin: " + page, "Access-Control-Allow-Credentials: true",
	"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-token", "Access-Control-Expose-Headers: x-total", "X-Total: 3"}}

func TestSoundServerIsAllowed(t *testing.T) {
	url := serve(t, sound, sound)
	status, out, errs := check("-origin", page, "-method", "PUT", "-header", "X-Token: 1", "-credentials", url)
	assert.Equal(t, exitAllowed, status)
	assert.Empty(t, errs)
	for _, want := range []string{
		"> OPTIONS " + url + "\n", "> Access-Control-Request-Headers: x-token\n", "< Access-Control-Allow-Methods: PUT\n",
		"> PUT " + url + "\n", "> X-Token: 1\n", "< 200 OK\n", "< X-Total: 3\n",
		"allowed: script reads status 200, 0 bytes of body and these headers: content-length, x-total\n",
	} {
		assert.Contains(t, out, want)
	}
}

func TestTenUsualFailures(t *testing.T) {
	put := []string{"-method", "PUT"}
	origin := "Access-Control-Allow-Origin: " + page
	for _, tt := range []struct {
		name                     string
		preflight, actual        lines
		args                     []string
		failure, message, remedy string
	}{
		{"wrong origin", lines{404, nil}, lines{200, []string{"Access-Control-Allow-Origin: https://other.example.com"}}, nil,
			"allow-origin-mismatch", `is "https://other.example.com", not the page's origin "https://app.example.com"`,
			"Add https://app.example.com to the allowed origins."},
		{"trailing slash", sound, lines{200, []string{origin + "/"}}, nil,
			"allow-origin-mismatch", `is "https://app.example.com/", not the page's origin`,
			"Send https://app.example.com instead of https://app.example.com/: a trailing slash is no part of it."},
		{"two allow-origin values", sound, lines{200, []string{origin, "Access-Control-Allow-Origin: *"}}, nil,
			"allow-origin-multiple", `holds more than one value ("https://app.example.com, *")`,
			"Let only one of them add CORS headers."},
		{"wildcard with credentials", sound, lines{200, []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"}}, []string{"-credentials"},
			"allow-origin-wildcard", `is "*", which allows no request that includes credentials`,
			`Send Access-Control-Allow-Origin: https://app.example.com instead of "*"`},
		{"missing allow-credentials", sound, lines{200, []string{origin}}, []string{"-credentials"},
			"allow-credentials-missing", "has no Access-Control-Allow-Credentials",
			"Send Access-Control-Allow-Credentials: true"},
		{"method missing", lines{204, []string{origin, "Access-Control-Allow-Methods: GET, POST"}}, sound, put,
			"method-not-allowed", `("GET, POST") does not list the method PUT`,
			"Access-Control-Allow-Methods: GET, POST, PUT."},
		{"header missing", lines{204, []string{origin, "Access-Control-Allow-Headers: x-other"}}, sound, []string{"-header", "X-Token: 1"},
			"header-not-allowed", `("x-other") does not list the request header x-token`,
			"Access-Control-Allow-Headers: x-other, x-token."},
		{"authorization under the wildcard", lines{204, []string{origin, "Access-Control-Allow-Headers: *"}}, sound, []string{"-header", "Authorization: Bearer x"},
			"authorization-not-listed", `does not list the request header authorization, which "*" does not cover`,
			"Access-Control-Allow-Headers: *, authorization."},
		{"preflight redirected", lines{301, []string{origin, "Location: /items/"}}, sound, put,
			"preflight-redirect", `the preflight was redirected (status 301, to "/items/")`,
			"Answer OPTIONS requests without a redirect, or fetch the URL with the right slash at its end from the start: http://127.0.0.1:"},
		{"preflight status 404", lines{404, []string{origin}}, sound, put,
			"preflight-status", "the preflight was answered with status 404",
			"Answer preflights before the request is routed, with status 204"},
		{"preflight status 404 without CORS", lines{404, nil}, sound, put,
			"allow-origin-missing", "has no Access-Control-Allow-Origin, and its status 404 is none from 200 to 299 either",
			"Handle CORS in front of the router"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := serve(t, tt.preflight, tt.actual)
			args := append([]string{"-origin", page}, tt.args...)

			status, out, errs := check(append(args, url)...)
			assert.Equal(t, exitBlocked, status)
			assert.Empty(t, errs)
			assert.Contains(t, out, "\nblocked: ")
			assert.Contains(t, out, tt.message)
			assert.Contains(t, out, "remedy: ")
			assert.Contains(t, out, tt.remedy)

			status, out, _ = check(append(args, "-json", url)...)
			assert.Equal(t, exitBlocked, status)
			var got document
			require.NoError(t, json.Unmarshal([]byte(out), &got))
			assert.Equal(t, "blocked", got.Verdict)
			assert.Equal(t, tt.failure, string(got.Reason.Failure))
			assert.Contains(t, got.Reason.Message, tt.message)
			assert.Contains(t, got.Causes[0].Remedy, tt.remedy)
			assert.Equal(t, tt.actual.status == sound.status && got.Hops[0].Actual == nil, got.Reason.Preflight)
		})
	}
}

func TestJSON(t *testing.T) {
	url := serve(t, sound, sound)
	status, out, _ := check("-json", "-origin", page, url, "-method", "put", "-header", "Host: x")
	assert.Equal(t, exitAllowed, status)
	var got document
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.Equal(t, 1, got.Version)
	assert.Equal(t, "allowed", got.Verdict)
	assert.Nil(t, got.Reason)
	assert.Equal(t, 200, got.Response.Status)
	assert.Equal(t, [][2]string{{"content-length", "0"}, {"x-total", "3"}}, got.Response.Header)
	assert.Equal(t, []string{"Host"}, got.Dropped)
	assert.Equal(t, "same-origin", got.Credentials)
	require.Len(t, got.Hops, 1)
	assert.Equal(t, "OPTIONS", got.Hops[0].Preflight.Method)
	assert.Equal(t, "PUT", got.Hops[0].Actual.Method)
	assert.Contains(t, got.Hops[0].Preflight.RequestHeader, [2]string{"Access-Control-Request-Method", "PUT"})
	assert.Contains(t, got.Hops[0].Actual.ResponseHeader, [2]string{"X-Total", "3"})
}

func TestPreflightOnlySendsNoActualRequest(t *testing.T) {
	url := serve(t, sound, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the actual request was sent") }))
	status, out, _ := check("-origin", page, "-method", "PUT", "-preflight-only", url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "allowed: a browser sends the request")
	status, out, _ = check("-origin", page, "-method", "DELETE", "-preflight-only", url)
	assert.Equal(t, exitBlocked, status)
	assert.Contains(t, out, "does not list the method DELETE")
	status, out, _ = check("-origin", page, "-preflight-only", url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "no preflight needed")
}

func TestDataMakesAPost(t *testing.T) {
	url := serve(t, sound, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Equal(t, "POST x=1", r.Method+" "+string(body))
		sound.ServeHTTP(w, r)
	}))
	status, out, _ := check("-origin", page, "-data", "x=1", url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "no preflight needed")
}

func TestOwnOriginIsPointedOut(t *testing.T) {
	url := serve(t, lines{200, nil}, lines{200, nil})
	status, out, _ := check("-origin", strings.TrimSuffix(url, "/items"), url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "the page's own origin: CORS does not apply")
}

func TestQuestionsThatAreNotWellFormed(t *testing.T) {
	const url = "https://api.example.com/items"
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "which URL?"},
		{[]string{"-origin", page}, "which URL?"},
		{[]string{url}, "which origin does the page have?"},
		{[]string{"-origin", page, url, "https://b.example"}, "one URL at a time"},
		{[]string{"-origin", page + "/", url}, `did you mean "https://app.example.com"?`},
		{[]string{"-origin", "app.example.com", url}, `it has no scheme; did you mean "https://app.example.com"?`},
		{[]string{"-origin", "https://App.example.com:443", url}, `did you mean "https://app.example.com"?`},
		{[]string{"-origin", "*", url}, "without a wildcard"},
		{[]string{"-origin", page, "/items"}, "it is relative"},
		{[]string{"-origin", page, "ftp://api.example.com/"}, "neither http nor https"},
		{[]string{"-origin", page, "https://api.example.com:99999/"}, "no number up to 65535"},
		{[]string{"-origin", page, "https://u:p@api.example.com/"}, "no user information"},
		{[]string{"-origin", page, "-method", "TRACE", url}, `browsers forbid the method "TRACE"`},
		{[]string{"-origin", page, "-method", "G T", url}, `"G T" is no method`},
		{[]string{"-origin", page, "-method", "GET", "-data", "x", url}, "a GET request has no body"},
		{[]string{"-origin", page, "-header", "X-Token", url}, `want "Name: value"`},
		{[]string{"-origin", page, "-header", "X Token: 1", url}, `header "X Token"`},
		{[]string{"-origin", page, "-timeout", "0s", url}, "-timeout has to be positive"},
		{[]string{"-origin", page, "-timeout", "x", url}, "-timeout"},
		{[]string{"-nonsense", url}, "flag provided but not defined: -nonsense"},
		{[]string{"-config", "no such file"}, "no such file"},
	} {
		status, out, errs := check(tt.args...)
		assert.Equal(t, exitFailed, status, tt.args)
		assert.Empty(t, out)
		assert.True(t, strings.HasPrefix(errs, "corscheck: "), errs)
		assert.Contains(t, errs, tt.want)
	}
}

func TestHelp(t *testing.T) {
	status, out, errs := check("-help")
	assert.Equal(t, exitAllowed, status)
	assert.Empty(t, errs)
	for _, flag := range []string{"-origin", "-method", "-header", "-credentials", "-data", "-preflight-only", "-config", "-json", "-timeout"} {
		assert.Contains(t, out, "  "+flag)
	}
}

func TestNetworkErrors(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refused := gone.Addr().String()
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	secure := httptest.NewUnstartedServer(sound)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := serve(t, sound, sound)

	for _, tt := range []struct {
		url, timeout, want string
	}{
		{"http://" + refused, "1m", "the connection was refused: nothing listens there"},
		{"http://" + silent.Addr().String(), "20ms", "it did not come in time"},
		{secure.URL, "1m", "its TLS certificate is not trusted: no known authority signed it"},
		{strings.Replace(plain, "http:", "https:", 1), "1m", "the server does not speak TLS"},
	} {
		status, out, _ := check("-origin", page, "-timeout", tt.timeout, tt.url)
		assert.Equal(t, exitFailed, status)
		assert.Contains(t, out, "\nfailed: no response of "+tt.url)
		assert.Contains(t, out, tt.want)

		status, out, _ = check("-origin", page, "-timeout", tt.timeout, "-json", tt.url)
		assert.Equal(t, exitFailed, status)
		var got document
		require.NoError(t, json.Unmarshal([]byte(out), &got))
		assert.Equal(t, "network-failure", string(got.Reason.Failure))
		assert.NotEmpty(t, got.Hops[0].Actual.Error)
	}
}

// config writes a configuration to a file.
func config(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "cors.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestConfigDecidesOffline(t *testing.T) {
	path := config(t, `{"allowOrigins": ["https://*.example.com"], "allowMethods": ["PUT"], "allowHeaders": ["X-Token"], "allowCredentials": true, "maxAge": 600}`)
	const url = "https://api.example.org/items"
	for _, tt := range []struct {
		args []string
		want int
		text string
	}{
		{[]string{"-origin", page}, exitAllowed, "allowed: script reads status 200"},
		{[]string{"-origin", page, "-credentials", "-method", "put", "-header", "x-token: 1"}, exitAllowed, "allowed: script reads status 200"},
		{[]string{"-origin", "https://example.com"}, exitBlocked, "the response has no Access-Control-Allow-Origin"},
		{[]string{"-origin", "https://example.com", "-method", "PUT"}, exitBlocked, "the preflight's response has no Access-Control-Allow-Origin"},
		{[]string{"-origin", page, "-method", "PATCH"}, exitBlocked, "the method PATCH"},
		{[]string{"-origin", page, "-header", "X-Other: 1"}, exitBlocked, "the request header X-Other"},
		{[]string{"-origin", "null"}, exitBlocked, "the response has no Access-Control-Allow-Origin"},
		{[]string{"-origin", page, "-preflight-only", "-method", "PUT"}, exitAllowed, "allowed: a browser sends the request"},
	} {
		status, out, errs := check(append(tt.args, "-config", path, url)...)
		assert.Equal(t, tt.want, status, tt.args)
		assert.Empty(t, errs)
		assert.Contains(t, out, tt.text)
		assert.Contains(t, out, "no server was asked")
	}
	status, out, _ := check("-config", path, "-json", "-origin", page, url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, `"offline": true`)
}

func TestConfigAloneIsValidated(t *testing.T) {
	path := config(t, `{"allowOrigins": ["https://app.example.com"]}`)
	status, out, _ := check("-config", path)
	assert.Equal(t, exitAllowed, status)
	assert.Equal(t, path+" is a valid configuration\n", out)
	status, out, _ = check("-config", path, "-json")
	assert.Equal(t, exitAllowed, status)
	assert.JSONEq(t, `{"version": 1, "verdict": "valid", "offline": true}`, out)
}

func TestConfigMistakes(t *testing.T) {
	for text, want := range map[string][]string{
		`{"allowOrigin": ["https://app.example.com"]}`:     {`did you mean "allowOrigins"?`},
		"{\n\"allowOrigins\": [\n":                         {"line 2: ends before the object does"},
		"{\n\"allowOrigins\": [,]}":                        {"line 2: invalid character"},
		"{\n\n\"maxAge\": \"600\"}":                        {"MaxAge: has to be a whole number"},
		`{"allowOrigins": ["https://app.example.com"]} {}`: {"has more behind the JSON object's end"},
		`{}`: {"is no valid configuration", "AllowOrigins"},
		`{"allowOrigins": ["https://app.example.com/", "x y"], "allowMethods": ["P T"]}`: {"AllowOrigins[0]", `did you mean "https://app.example.com"?`, "AllowOrigins[1]", "AllowMethods[0]"},
		`{"allowOrigins": ["*"], "allowCredentials": true}`:                              {"AllowOrigins"},
	} {
		status, out, errs := check("-config", config(t, text))
		assert.Equal(t, exitFailed, status, text)
		assert.Empty(t, out)
		for _, w := range want {
			assert.Contains(t, errs, w, text)
		}
	}
}

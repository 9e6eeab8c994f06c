package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/corstest"
)

const app = "https://app.example"

// startGateway serves a gateway on loopback, and returns its URL. An empty file is one that is not there yet.
func startGateway(t *testing.T, file string, m model) string {
	t.Helper()
	if file == "" {
		file = filepath.Join(t.TempDir(), "settings.json")
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	g, err := newGateway(port, file, "secret", m)
	require.NoError(t, err)
	server, done := g.server(), make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Shutdown())
		require.NoError(t, <-done)
	})
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// send does what a client does that is no page of another origin.
func send(t *testing.T, method, url, body string, header ...string) (status int, content string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, strings.TrimSpace(string(read))
}

func browser(t *testing.T, origin string) *corstest.Browser {
	b := corstest.NewLiveBrowser(origin)
	t.Cleanup(b.Close)
	return b
}

func completion(gateway, key, body string) corstest.Request {
	return corstest.Request{
		Method: "POST", URL: gateway + "/v1/chat/completions", Body: body,
		Header: corstest.Header{{"Content-Type", "application/json"}, {"Authorization", "Bearer " + key}},
	}
}

const hello = `{"messages": [{"role": "user", "content": "Hello there"}]}`

func TestPageMayUseTheAPIOnceItsOriginIsSaved(t *testing.T) {
	gateway := startGateway(t, "", repeat)
	page := browser(t, app)
	corstest.Blocked(t, page, completion(gateway, "secret", hello))

	status, content := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"allowOrigins": ["https://app.example"]}`, content)
	page.ForgetPreflights()
	result := corstest.Readable(t, page, completion(gateway, "secret", hello))
	require.JSONEq(t, `{"message": {"role": "assistant", "content": "Hello there"}}`, string(result.Body))
	require.NotEmpty(t, result.Header.Get("X-Request-Id"), "a page reads it")
	corstest.Blocked(t, browser(t, "https://other.example"), completion(gateway, "secret", hello))

	status, _ = send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": []}`)
	require.Equal(t, 200, status)
	page.ForgetPreflights()
	corstest.Blocked(t, page, completion(gateway, "secret", hello))
}

func TestPageReadsWhyItsRequestFails(t *testing.T) {
	broken := func(prompt string) iter.Seq[string] { panic("no model") }
	gateway := startGateway(t, "", broken)
	status, _ := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)
	for _, test := range []struct {
		request corstest.Request
		status  int
	}{
		{completion(gateway, "wrong", hello), 401},
		{completion(gateway, "secret", `{}`), 400},
		{completion(gateway, "secret", hello), 500},
		{corstest.Request{Method: "GET", URL: gateway + "/v1/other", Header: corstest.Header{{"Authorization", "Bearer secret"}}}, 404},
	} {
		result := corstest.Readable(t, browser(t, app), test.request)
		require.Equal(t, test.status, result.Status)
		require.Contains(t, string(result.Body), `"error"`)
	}
}

func TestPiecesReachThePageAtOnce(t *testing.T) {
	pieces := make(chan string)
	gateway := startGateway(t, "", func(string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for piece := range pieces {
				if !yield(piece) {
					return
				}
			}
		}
	})
	status, _ := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)
	request, err := http.NewRequestWithContext(t.Context(), "POST", gateway+"/v1/chat/completions",
		strings.NewReader(`{"stream": true, "messages": [{"content": "x"}]}`))
	require.NoError(t, err)
	request.Header.Set("Origin", app)
	request.Header.Set("Authorization", "Bearer secret")
	response, err := http.DefaultTransport.RoundTrip(request) // it returns before the first piece
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, app, response.Header.Get("Access-Control-Allow-Origin"))
	lines := bufio.NewReader(response.Body)
	expect := func(want string) {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, want+"\n", line)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
	}
	for _, piece := range []string{"one", "two"} {
		pieces <- piece
		expect(`data: {"delta":{"role":"assistant","content":"` + piece + `"}}`)
	}
	close(pieces)
	expect("data: [DONE]")
}

func TestMistakesAreShownAndChangeNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.json")
	gateway := startGateway(t, file, repeat)
	status, _ := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	status, content := send(t, "PUT", gateway+"/settings/origins",
		`{"allowOrigins": ["https://app.example", "https://Other.example/", "https://third.example:443"]}`)
	require.Equal(t, 422, status)
	require.Contains(t, content, `"index":1,"code":"origin_has_path"`)
	require.Contains(t, content, `"suggestion":"https://other.example"`)
	require.Contains(t, content, `"index":2,"code":"port_default"`)
	require.Contains(t, content, `"suggestion":"https://third.example"`)
	require.NotContains(t, content, `"index":0`)

	for _, body := range []string{"", "[]", `{"allowOrigin": []}`, `{"allowOrigins": "https://app.example"}`} {
		status, content = send(t, "PUT", gateway+"/settings/origins", body)
		require.Equal(t, 400, status, body)
		require.Contains(t, content, "these are no settings")
	}

	_, content = send(t, "GET", gateway+"/settings/origins", "")
	require.JSONEq(t, `{"allowOrigins": ["https://app.example"]}`, content)
	corstest.Readable(t, browser(t, app), completion(gateway, "secret", hello))
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestWhatCannotBeKeptIsNotInForce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	gateway := startGateway(t, filepath.Join(folder, "settings.json"), repeat)
	status, content := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 500, status)
	require.Contains(t, content, "could not be kept")
	corstest.Blocked(t, browser(t, app), completion(gateway, "secret", hello))
}

func TestSettingsAreThereAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.json")
	status, _ := send(t, "PUT", startGateway(t, file, repeat)+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)
	corstest.Readable(t, browser(t, app), completion(startGateway(t, file, repeat), "secret", hello))

	require.NoError(t, os.WriteFile(file, []byte(`{"allowOrigins": ["https://app.example/"]}`), 0o600))
	_, err := newGateway(1, file, "secret", repeat)
	require.ErrorContains(t, err, file)
	require.ErrorContains(t, err, `"https://app.example/"`)
}

func TestNoOtherSiteReadsOrChangesTheSettings(t *testing.T) {
	gateway := startGateway(t, "", repeat)
	status, _ := send(t, "PUT", gateway+"/settings/origins", `{"allowOrigins": ["https://app.example"]}`)
	require.Equal(t, 200, status)

	// Not even a page that may use the API.
	corstest.Blocked(t, browser(t, app), corstest.Request{Method: "GET", URL: gateway + "/settings/origins"})
	corstest.Blocked(t, browser(t, app), corstest.Request{Method: "PUT", URL: gateway + "/settings/origins", Body: `{"allowOrigins": ["*"]}`})

	const everyone = `{"allowOrigins": ["*"]}`
	for name, header := range map[string][]string{
		"a script":                          {"Origin", app},
		"a frame":                           {"Origin", "null"},
		"a page next to it":                 {"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"},
		"a name that was pointed at it":     {"Host", "stranger.example:80", "Origin", "http://stranger.example"},
		"the same name on a port that lies": {"Host", "localhost:1", "Origin", "http://localhost:1"},
	} {
		status, _ := send(t, "PUT", gateway+"/settings/origins", everyone, header...)
		require.Equal(t, fasthttp.StatusForbidden, status, name)
	}
	_, content := send(t, "GET", gateway+"/settings/origins", "")
	require.JSONEq(t, `{"allowOrigins": ["https://app.example"]}`, content)

	status, _ = send(t, "PUT", gateway+"/settings/origins", `{}`, "Origin", gateway)
	require.Equal(t, 200, status, "the page itself")
}

func TestSettingsPageIsThere(t *testing.T) {
	gateway := startGateway(t, "", repeat)
	response, err := http.Get(gateway + "/settings/")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"))
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	for _, name := range []string{"main.js", "style.css"} {
		status, _ := send(t, "GET", gateway+"/settings/"+name, "")
		require.Equal(t, 200, status)
	}
	for path, want := range map[string]int{"/settings/other": 404, "/": 404, "/settings/..%2f": 404} {
		status, _ := send(t, "GET", gateway+path, "")
		require.Equal(t, want, status, path)
	}
	status, _ := send(t, "DELETE", gateway+"/settings/origins", "")
	require.Equal(t, 405, status)
}

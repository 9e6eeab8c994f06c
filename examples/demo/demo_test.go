package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func startDemo(t *testing.T) *demo {
	t.Helper()
	d, err := start(0, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.close()) })
	return d
}

// exchangeRaw sends lines, and a body after them, as they are, and returns the response's first line, its header
// lines but for Date, and its body.
func exchangeRaw(t *testing.T, baseURL string, lines []string, body string) (status string, header []string, content string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(baseURL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	lines = append(lines, "Host: "+strings.TrimPrefix(baseURL, "http://"), "Connection: close")
	if body != "" {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		require.NoError(t, err)
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
			rest, err := io.ReadAll(reader)
			require.NoError(t, err)
			return status, header, string(rest)
		case status == "":
			status = line
		case !strings.HasPrefix(line, "Date: ") && line != "Connection: close":
			header = append(header, line)
		}
	}
}

func TestScenariosHeaderByHeader(t *testing.T) {
	const (
		data     = `{"items":[1,2,3]}`
		document = `<person><name>Arun</name></person>`
		form     = "to=mallory&amount=100"
	)
	d := startDemo(t)
	for _, test := range []struct {
		name    string
		request []string
		body    string
		status  string
		header  []string
		content string
	}{
		{
			"simple request, any origin allowed",
			[]string{"GET /resources/public-data/ HTTP/1.1", "Origin: https://foo.example"}, "",
			"HTTP/1.1 200 OK",
			[]string{
				"Content-Type: application/json", "Content-Length: 17", "X-Request-Id: 17", "X-Shard: b3",
				"Access-Control-Allow-Origin: *",
			}, data,
		},
		{
			"simple request, one origin allowed",
			[]string{"GET /resources/partner-data/ HTTP/1.1", "Origin: https://foo.example"}, "",
			"HTTP/1.1 200 OK",
			[]string{
				"Content-Type: application/json", "Content-Length: 17", "X-Request-Id: 17", "X-Shard: b3",
				"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: X-Request-Id", "Vary: Origin",
			}, data,
		},
		{
			"preflight",
			[]string{
				"OPTIONS /doc HTTP/1.1", "Origin: https://foo.example", "Access-Control-Request-Method: POST",
				"Access-Control-Request-Headers: content-type,x-pingother",
			}, "",
			"HTTP/1.1 204 No Content",
			[]string{
				"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Methods: POST,GET,OPTIONS",
				"Access-Control-Allow-Headers: content-type,x-pingother", "Access-Control-Max-Age: 86400",
				"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			}, "",
		},
		{
			"preflighted request",
			[]string{
				"POST /doc HTTP/1.1", "Origin: https://foo.example", "Content-Type: text/xml; charset=UTF-8",
				"X-PINGOTHER: pingpong",
			}, document,
			"HTTP/1.1 200 OK",
			[]string{
				"Content-Type: text/plain; charset=utf-8", "Content-Length: 44",
				"Vary: Accept-Encoding, Origin", "Access-Control-Allow-Origin: https://foo.example",
			}, "received 34 bytes of text/xml; charset=UTF-8",
		},
		{
			"request with credentials",
			[]string{
				"GET /resources/credentialed-content/ HTTP/1.1", "Origin: https://foo.example", "Cookie: pageAccess=2",
			}, "",
			"HTTP/1.1 200 OK",
			[]string{
				"Content-Type: text/plain; charset=utf-8", "Content-Length: 16",
				"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true", "Vary: Origin",
				"Set-Cookie: pageAccess=3; path=/; SameSite=Lax",
			}, "visits so far: 2",
		},
		{
			"a form on another site",
			[]string{
				"POST /transfer HTTP/1.1", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site",
				"Content-Type: application/x-www-form-urlencoded",
			}, form,
			"HTTP/1.1 200 OK",
			[]string{"Content-Type: text/plain; charset=utf-8", "Content-Length: 19", "Vary: Origin"},
			"sent 100 to mallory",
		},
		{
			"the same form, refused",
			[]string{
				"POST /protected/transfer HTTP/1.1", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site",
				"Content-Type: application/x-www-form-urlencoded",
			}, form,
			"HTTP/1.1 403 Forbidden",
			[]string{"Content-Type: text/plain; charset=utf-8", "Content-Length: 28", "Vary: Origin"},
			"cross-origin request refused",
		},
		{
			"the same form, of a page that is trusted",
			[]string{
				"POST /protected/transfer HTTP/1.1", "Origin: https://foo.example", "Sec-Fetch-Site: cross-site",
				"Content-Type: application/x-www-form-urlencoded",
			}, form,
			"HTTP/1.1 200 OK",
			[]string{
				"Content-Type: text/plain; charset=utf-8", "Content-Length: 19",
				"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Allow-Credentials: true", "Vary: Origin",
			},
			"sent 100 to mallory",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, header, content := exchangeRaw(t, d.apiURL, test.request, test.body)
			require.Equal(t, test.status, status)
			require.Equal(t, test.header, header)
			require.Equal(t, test.content, content)
		})
	}
}

func TestAPortThatCannotBeHadIsToldWithItsFlag(t *testing.T) {
	ports := map[string]int{}
	for network, address := range map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"} {
		busy, err := net.Listen(network, address)
		if network == "tcp6" && err != nil {
			continue // as start does, where there is no ::1
		}
		require.NoError(t, err)
		defer busy.Close()
		ports[address] = busy.Addr().(*net.TCPAddr).Port
	}
	for _, port := range ports {
		_, err := start(port, 0)
		require.EqualError(t, err, fmt.Sprintf("port %d is in use; choose another with -page-port (0 picks a free one)", port))
		_, err = start(0, port)
		require.EqualError(t, err, fmt.Sprintf("port %d is in use; choose another with -api-port (0 picks a free one)", port))
	}
	for _, port := range []int{-1, 65536} {
		_, err := start(port, 0)
		require.EqualError(t, err, fmt.Sprintf("there is no port %d; choose one from 1 to 65535 with -page-port (0 picks a free one)", port))
		_, err = start(0, port)
		require.EqualError(t, err, fmt.Sprintf("there is no port %d; choose one from 1 to 65535 with -api-port (0 picks a free one)", port))
	}
}

func TestEveryAddressOfLocalhostIsServed(t *testing.T) {
	d := startDemo(t)
	addresses, err := net.LookupHost("localhost")
	require.NoError(t, err)
	for _, address := range addresses {
		if ip := net.ParseIP(address); !ip.Equal(net.IPv6loopback) && !ip.Equal(net.IPv4(127, 0, 0, 1)) {
			continue
		}
		for _, url := range []string{d.pageURL, d.apiURL} {
			_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
			require.NoError(t, err)
			conn, err := net.Dial("tcp", net.JoinHostPort(address, port))
			require.NoError(t, err)
			require.NoError(t, conn.Close())
		}
	}
}

func TestPageServesEveryFileThatItNames(t *testing.T) {
	d := startDemo(t)
	get := func(path string) (contentType, content string) {
		t.Helper()
		response, err := http.Get(d.pageURL + path)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		return response.Header.Get("Content-Type"), string(body)
	}
	seen := map[string]string{}
	var visit func(path string)
	visit = func(path string) {
		contentType, content := get(path)
		seen[path] = contentType
		for _, match := range regexp.MustCompile(`(?:src=|href=|from )"(?:\./)?([a-z]+\.[a-z]+)"`).FindAllStringSubmatch(content, -1) {
			if next := "/" + match[1]; seen[next] == "" {
				visit(next)
			}
		}
	}
	visit("/")
	visit("/form.html") // of the other site
	require.Equal(t, map[string]string{
		"/":             "text/html; charset=utf-8",
		"/form.html":    "text/html; charset=utf-8",
		"/form.js":      "text/javascript; charset=utf-8",
		"/style.css":    "text/css; charset=utf-8",
		"/main.js":      "text/javascript; charset=utf-8",
		"/run.js":       "text/javascript; charset=utf-8",
		"/scenarios.js": "text/javascript; charset=utf-8",
		"/view.js":      "text/javascript; charset=utf-8",
	}, seen)
}

func TestExchangesAreRecordedByID(t *testing.T) {
	d := startDemo(t)
	exchangeRaw(t, d.apiURL, []string{"GET /slow?exchange=a HTTP/1.1", "Origin: " + d.pageURL}, "")
	exchangeRaw(t, d.apiURL, []string{"GET /slow HTTP/1.1", "Origin: " + d.pageURL}, "")
	_, _, content := exchangeRaw(t, d.pageURL, []string{"GET /exchanges?id=a HTTP/1.1"}, "")
	require.JSONEq(t, fmt.Sprintf(`[{
		"request": ["GET /slow HTTP/1.1", "Origin: %s", "Host: %s", "Connection: close"],
		"response": ["HTTP/1.1 504 Gateway Timeout", "Date: %s", "Content-Type: text/plain; charset=utf-8", "Content-Length: 8",
			"Access-Control-Allow-Origin: %[1]s", "Access-Control-Expose-Headers: X-Request-Id", "Vary: Origin"]
	}]`, d.pageURL, strings.TrimPrefix(d.apiURL, "http://"), dateIn(content)), content)
	_, _, content = exchangeRaw(t, d.pageURL, []string{"GET /exchanges?id=b HTTP/1.1"}, "")
	require.JSONEq(t, "[]", content)
}

func dateIn(content string) string {
	if match := regexp.MustCompile(`"Date: ([^"]+)"`).FindStringSubmatch(content); match != nil {
		return match[1]
	}
	return "missing"
}

func TestWhyARequestIsBlockedIsTold(t *testing.T) {
	d := startDemo(t)
	ask := func(text string) string {
		response, err := http.Post(d.pageURL+"/reason", "text/plain", strings.NewReader(strings.ReplaceAll(text, "$API", d.apiURL)))
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return string(body)
	}
	for _, test := range []struct{ request, want string }{
		{`{"origin":"https://evil.example","url":"$API/resources/partner-data/"}`, "the response has no Access-Control-Allow-Origin"},
		{`{"origin":"https://foo.example","url":"$API/resources/public-data/","credentials":"include"}`, "which allows no request that includes credentials"},
		{`{"origin":"https://foo.example","url":"$API/doc","method":"DELETE"}`, "preflight"},
		{`{"origin":"https://foo.example","url":"$API/doc","method":"POST","headers":{"X-PINGOTHER":"1"},"body":"a"}`, `{"message":""}`},
		{`{"origin":"no origin","url":"$API/doc"}`, "not a request"},
		{`{`, "not a request"},
	} {
		require.Contains(t, ask(test.request), test.want, test.request)
	}
}

func TestDebugModeIsSwitchedByThePageAlone(t *testing.T) {
	d := startDemo(t)
	post := func(header, body string) {
		request, err := http.NewRequest("POST", d.pageURL+"/debug", strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set(header, "1")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	preflight := func() string {
		status, _, _ := exchangeRaw(t, d.apiURL, []string{
			"OPTIONS /doc HTTP/1.1", "Origin: https://foo.example", "Access-Control-Request-Method: DELETE",
		}, "")
		return status
	}
	const refused, debugged = "HTTP/1.1 403 Forbidden", "HTTP/1.1 204 No Content"
	require.Equal(t, refused, preflight())
	post("X-Other", "on") // what a form on another site could send
	require.Equal(t, refused, preflight())
	post("X-Demo", "on")
	require.Equal(t, debugged, preflight())
	post("X-Demo", "off")
	require.Equal(t, refused, preflight())
}

func TestRecorderForgetsTheOldest(t *testing.T) {
	rec := newRecorder()
	for i := range maxRecordedIDs + 1 {
		rec.add(fmt.Sprint(i), exchange{})
	}
	require.Empty(t, rec.get("0"))
	require.Len(t, rec.get("1"), 1)
	require.Len(t, rec.exchanges, maxRecordedIDs)
}

func TestInstructionsNameTheAddresses(t *testing.T) {
	d := startDemo(t)
	text := d.instructions()
	require.NotContains(t, text, "$")
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "  curl ") {
			require.Contains(t, line, " "+d.apiURL+"/")
		}
	}
	require.Contains(t, text, d.pageURL)
	require.Contains(t, text, d.otherURL)
}

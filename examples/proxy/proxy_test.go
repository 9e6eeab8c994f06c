package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corswatch"
)

const (
	page     = "https://app.example"
	stranger = "https://stranger.example"

	long  = 20 * time.Second // for what happens
	short = 50 * time.Millisecond
)

// startProxy serves a proxy on loopback, and returns its address.
func startProxy(t *testing.T, upstream string, silence time.Duration) string {
	t.Helper()
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{page}, AllowMethods: []string{"PUT"}, ExposeHeaders: []string{"X-Request-Id"}, AllowCredentials: true,
	})
	return serve(t, newProxy(upstream, func(*fasthttp.RequestCtx) *cors.Middleware { return m }, silence))
}

func serve(t *testing.T, p *proxy) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	server, done := p.server(), make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Shutdown())
		require.NoError(t, <-done)
	})
	return listener.Addr().String()
}

// startUpstream serves handler on loopback, and returns its address and how often it was asked.
func startUpstream(t *testing.T, handler http.HandlerFunc) (address string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), asked
}

// exchange sends a request over a connection of its own, as it is, and returns the response and the connection's
// reader behind the header.
func exchange(t *testing.T, address string, lines ...string) (*http.Response, net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(long)))
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n"))
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	method, _, _ := strings.Cut(lines[0], " ")
	for {
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		require.NoError(t, err)
		if response.StatusCode != http.StatusContinue {
			return response, conn, reader
		}
	}
}

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	request.Header.Set("Origin", page)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestEventsReachThePageAtOnce(t *testing.T) {
	send := make(chan string)
	upstream, _ := startUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for event := range send {
			fmt.Fprintf(w, "data: %s\n\n", event)
			w.(http.Flusher).Flush()
		}
	})
	response := get(t, "http://"+startProxy(t, upstream, long)+"/events") // it is there before the first event
	require.Equal(t, page, response.Header.Get("Access-Control-Allow-Origin"))
	reader := bufio.NewReader(response.Body)
	for _, event := range []string{"one", "two", "three"} {
		send <- event // not before the last was read
		line, err := reader.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "data: "+event+"\n", line)
		_, err = reader.ReadString('\n')
		require.NoError(t, err)
	}
	close(send)
	_, err := reader.ReadByte()
	require.Equal(t, io.EOF, err)
}

func TestUpstreamLearnsThatThePageIsGone(t *testing.T) {
	gone := make(chan struct{})
	upstream, _ := startUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		for r.Context().Err() == nil { // until a write finds the connection closed
			if _, err := io.WriteString(w, "data: tick\n\n"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	response := get(t, "http://"+startProxy(t, upstream, long)+"/events")
	_, err := bufio.NewReader(response.Body).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	select {
	case <-gone:
	case <-time.After(long):
		require.Fail(t, "the upstream goes on")
	}
}

func TestStreamThatFallsSilentIsCutOffAndNotEnded(t *testing.T) {
	release := make(chan struct{})
	upstream, _ := startUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "data: one\n\n")
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	response := get(t, "http://"+startProxy(t, upstream, short)+"/events")
	content, err := io.ReadAll(response.Body)
	require.Equal(t, "data: one\n\n", string(content))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestHeadersOfOneConnectionStayThere(t *testing.T) {
	var received http.Header
	upstream, _ := startUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		received = r.Header.Clone()
		for name, value := range map[string]string{
			"Connection": "X-Internal", "X-Internal": "1", "Keep-Alive": "timeout=5", "Proxy-Authenticate": "Basic", "X-Kept": "1",
		} {
			w.Header().Set(name, value)
		}
	})
	response, _, _ := exchange(t, startProxy(t, upstream, long),
		"GET / HTTP/1.1", "Host: a", "Connection: keep-alive, X-Secret", "X-Secret: 1", "Keep-Alive: 1", "TE: trailers", "Upgrade: h2c",
		"Proxy-Authorization: Basic eA==", "Proxy-Connection: keep-alive", "X-Forwarded-For: 192.0.2.1", "X-Kept: 1", "", "")
	require.Equal(t, http.Header{"X-Kept": {"1"}, "X-Forwarded-For": {"127.0.0.1"}}, received)
	require.Equal(t, "1", response.Header.Get("X-Kept"))
	require.Empty(t, response.Header.Values("Content-Type"), "nothing is added")
	require.Empty(t, response.Header.Values("Server"))
	for _, name := range []string{"Connection", "X-Internal", "Keep-Alive", "Proxy-Authenticate"} {
		require.Empty(t, response.Header.Values(name), name)
	}
}

func TestUpstreamsOwnCORSIsReplaced(t *testing.T) {
	upstream, asked := startUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*", "Access-Control-Expose-Headers": "X-Other",
			"Access-Control-Max-Age": "60", "Vary": "Accept-Encoding", "X-Request-Id": "7",
		} {
			w.Header().Set(name, value)
		}
	})
	proxied := "http://" + startProxy(t, upstream, long)

	response := get(t, proxied)
	require.Equal(t, []string{page}, response.Header.Values("Access-Control-Allow-Origin"))
	require.Equal(t, []string{"X-Request-Id"}, response.Header.Values("Access-Control-Expose-Headers"))
	require.Equal(t, []string{"Accept-Encoding, Origin"}, response.Header.Values("Vary"))
	require.Empty(t, response.Header.Values("Access-Control-Allow-Methods"))
	require.Empty(t, response.Header.Values("Access-Control-Max-Age"))

	require.EqualValues(t, 1, asked.Load())
	corstest.Readable(t, browser(t, page), corstest.Request{Method: "PUT", URL: proxied, Credentials: corstest.Include})
	require.EqualValues(t, 2, asked.Load(), "the preflight is not for the upstream")
	corstest.Blocked(t, browser(t, stranger), corstest.Request{Method: "PUT", URL: proxied})
	require.EqualValues(t, 2, asked.Load())
}

func browser(t *testing.T, origin string) *corstest.Browser {
	b := corstest.NewLiveBrowser(origin)
	t.Cleanup(b.Close)
	return b
}

func TestPageReadsThatTheUpstreamFails(t *testing.T) {
	release := make(chan struct{})
	silent, asked := startUpstream(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	garbled, _ := startUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "no response\r\n\r\n")
		conn.Close()
	})
	nobody, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, nobody.Close())

	for _, test := range []struct {
		name, upstream string
		status         int
	}{
		{"nobody listens", nobody.Addr().String(), fasthttp.StatusBadGateway},
		{"garbled", garbled, fasthttp.StatusBadGateway},
		{"silent", silent, fasthttp.StatusGatewayTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxied := "http://" + startProxy(t, test.upstream, short)
			result := corstest.Readable(t, browser(t, page), corstest.Request{Method: "GET", URL: proxied})
			require.Equal(t, test.status, result.Status)
			corstest.Blocked(t, browser(t, stranger), corstest.Request{Method: "GET", URL: proxied})
		})
	}
	require.EqualValues(t, 2, asked.Load(), "once by each page: what is slow is not asked again")
}

func TestPageReadsThatItsRequestIsTooLarge(t *testing.T) {
	upstream, asked := startUpstream(t, func(http.ResponseWriter, *http.Request) {})
	response, _, _ := exchange(t, startProxy(t, upstream, long),
		"POST / HTTP/1.1", "Host: a", "Origin: "+page, "Content-Length: 100000000", "", "")
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	require.Equal(t, page, response.Header.Get("Access-Control-Allow-Origin"))
	require.Zero(t, asked.Load())
}

// echoUpgrade accepts a WebSocket, and returns all bytes as they come.
func echoUpgrade(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" || r.URL.Path != "/socket" {
		http.Error(w, "no WebSocket", http.StatusUpgradeRequired)
		return
	}
	conn, buffered, _ := w.(http.Hijacker).Hijack()
	defer conn.Close()
	io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
		r.Header.Get("Sec-WebSocket-Key")+"\r\n\r\nhello")
	io.Copy(conn, buffered)
}

func handshake(path string, origin ...string) []string {
	lines := []string{"GET " + path + " HTTP/1.1", "Host: a", "Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Key: key"}
	for _, o := range origin {
		lines = append(lines, "Origin: "+o)
	}
	return append(lines, "", "")
}

func TestWebSocketIsForAllowedOrigins(t *testing.T) {
	upstream, asked := startUpstream(t, echoUpgrade)
	proxied := startProxy(t, upstream, long)

	for _, origins := range [][]string{{stranger}, {"null"}, {page + ".stranger.example"}, {""}, {page, page}, {page, stranger}} {
		response, _, _ := exchange(t, proxied, handshake("/socket", origins...)...)
		require.Equal(t, http.StatusForbidden, response.StatusCode, "%q", origins)
	}
	for _, origins := range [][]string{{page}, nil} {
		response, conn, reader := exchange(t, proxied, handshake("/socket", origins...)...)
		require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		require.Equal(t, "Upgrade", response.Header.Get("Connection"))
		require.Equal(t, "websocket", response.Header.Get("Upgrade"))
		require.Equal(t, "key", response.Header.Get("Sec-WebSocket-Accept"))
		expect := func(want string) {
			got := make([]byte, len(want))
			_, err := io.ReadFull(reader, got)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
		expect("hello")
		for _, message := range []string{"one", "two"} {
			_, err := io.WriteString(conn, message)
			require.NoError(t, err)
			expect(message)
		}
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		_, err := reader.ReadByte()
		require.Error(t, err, "the upstream's end is the page's")
	}
	require.EqualValues(t, 2, asked.Load())
}

func TestUpstreamThatRefusesAWebSocketGetsNoTunnel(t *testing.T) {
	upstream, asked := startUpstream(t, echoUpgrade)
	response, conn, reader := exchange(t, startProxy(t, upstream, long), handshake("/other", page)...)
	require.Equal(t, http.StatusUpgradeRequired, response.StatusCode)
	require.Equal(t, page, response.Header.Get("Access-Control-Allow-Origin"))
	_, err := io.Copy(io.Discard, response.Body)
	require.NoError(t, err)

	// What comes next is a request like others, under the policy.
	_, err = io.WriteString(conn, strings.Join(handshake("/socket", stranger), "\r\n"))
	require.NoError(t, err)
	response, err = http.ReadResponse(reader, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, response.StatusCode)
	require.EqualValues(t, 1, asked.Load())
}

func TestRequestWithTwoLengthsIsRefused(t *testing.T) {
	var received string
	upstream, asked := startUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received = string(body)
	})
	proxied := startProxy(t, upstream, long)
	for _, lines := range [][]string{
		{"Content-Length: 5", "Transfer-Encoding: chunked"},
		{"Transfer-Encoding: chunked", "Content-Length: 5"},
		{"transfer-encoding: chunked", "CONTENT-LENGTH: 5"},
		{"Transfer-Encoding: identity", "Content-Length: 5"},
	} {
		head := append([]string{"POST / HTTP/1.1", "Host: a", "Origin: " + page}, lines...)
		response, _, reader := exchange(t, proxied, append(head, "", "0", "", "")...)
		require.Equal(t, http.StatusBadRequest, response.StatusCode, "%q", lines)
		_, err := io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		_, err = reader.ReadByte()
		require.Error(t, err, "%q: the connection is closed", lines)
	}
	require.Zero(t, asked.Load())

	response, _, _ := exchange(t, proxied,
		"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "", "3", "abc", "2", "de", "0", "", "")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "abcde", received)
}

func TestMessagesGoOnAsTheyAre(t *testing.T) {
	upstream, _ := startUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/no-content":
			w.WriteHeader(http.StatusNoContent)
		case "/until-close":
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\nuntil the end")
			conn.Close()
		case "/length":
			w.Header().Set("Content-Length", "7")
			io.WriteString(w, "content")
		default:
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Type"), body)
		}
	})
	proxied := startProxy(t, upstream, long)
	for _, test := range []struct {
		request []string
		status  int
		length  int64
		body    string
	}{
		{[]string{"GET /length HTTP/1.1", "Host: a", "", ""}, 200, 7, "content"},
		{[]string{"HEAD /length HTTP/1.1", "Host: a", "", ""}, 200, 7, ""},
		{[]string{"GET /no-content HTTP/1.1", "Host: a", "", ""}, 204, 0, ""},
		{[]string{"GET /until-close HTTP/1.1", "Host: a", "", ""}, 200, -1, "until the end"},
		{[]string{"GET /a/../b?c=%2F HTTP/1.1", "Host: a", "", ""}, 200, -1, "GET /b?c=%2F  "},
		{[]string{"POST /x HTTP/1.1", "Host: a", "Content-Length: 2", "", "{}"}, 200, -1, "POST /x  {}"},
		{[]string{"DELETE /x HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 0", "", ""}, 200, -1, "DELETE /x  "},
		{
			[]string{"POST /form HTTP/1.1", "Host: a", "Content-Type: multipart/form-data; boundary=b", "Content-Length: 13", "", "--b\r\n\r\n--b--\n"},
			200, -1, "POST /form multipart/form-data; boundary=b --b\r\n\r\n--b--\n",
		},
	} {
		response, _, _ := exchange(t, proxied, test.request...)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err, test.request[0])
		require.Equal(t, test.status, response.StatusCode, test.request[0])
		require.Equal(t, test.body, string(body), test.request[0])
		require.Equal(t, "HTTP/1.1", response.Proto)
		if test.length >= 0 {
			require.Equal(t, test.length, response.ContentLength, test.request[0])
		}
	}
}

func TestPoliciesAreFollowed(t *testing.T) {
	upstream, _ := startUpstream(t, func(http.ResponseWriter, *http.Request) {})
	example, err := os.ReadFile("policies.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "policies.yaml")
	require.NoError(t, os.WriteFile(file, example, 0o600))

	var set corswatch.Set
	changed := make(chan corswatch.Status, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer set.Wait()
	defer cancel()
	require.NoError(t, corswatch.Follow(ctx, corswatch.File(file), &set, corswatch.Options{
		OnChange: func(s corswatch.Status) { changed <- s },
	}))
	require.NoError(t, (<-changed).Err)
	proxied := "http://" + serve(t, newProxy(upstream, set.Choose, long))
	allowed := func(path string) []string { return get(t, proxied+path).Header.Values("Access-Control-Allow-Origin") }
	require.Equal(t, []string{"*"}, allowed("/feed"))
	require.Equal(t, []string{"*"}, allowed("/x/../feed/today"), "the path is the upstream's, too")
	require.Equal(t, []string{page}, allowed("/feeds"))

	replaced := filepath.Join(t.TempDir(), "next")
	require.NoError(t, os.WriteFile(replaced, []byte("allowOrigins: [\"https://other.example\"]\n"), 0o600))
	require.NoError(t, os.Rename(replaced, file))
	require.NoError(t, (<-changed).Err)
	require.Empty(t, allowed("/feed"))
	require.Empty(t, allowed("/feeds"))
}

func TestProgramDoesNotStartWithPoliciesThatHaveMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policies.yaml")
	require.NoError(t, os.WriteFile(file, []byte("allowOrigins:\n- https://app.example/\n"), 0o600))
	require.ErrorContains(t, run("127.0.0.1:0", "127.0.0.1:1", file, long), `"https://app.example/"`)
}

func TestConnectionThatTheUpstreamClosedIsReplaced(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	proxied := "http://" + startProxy(t, server.Listener.Addr().String(), long)
	for range 3 {
		response := get(t, proxied)
		require.Equal(t, http.StatusOK, response.StatusCode)
		server.CloseClientConnections()
	}
}

func TestTheProgramTakesLessThanThreeHundredLines(t *testing.T) {
	lines := 0
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			lines += strings.Count(string(content), "\n")
		}
	}
	require.Positive(t, lines)
	require.Less(t, lines, 300)
}

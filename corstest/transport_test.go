package corstest

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

// dialScript answers every connection with these bytes as soon as the head of a request has come.
func dialScript(t *testing.T, script string) DialFunc {
	return func(context.Context, string, bool) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			br := bufio.NewReader(server)
			for line := ""; line != "\r\n"; {
				var err error
				if line, err = br.ReadString('\n'); err != nil {
					return
				}
			}
			_, _ = server.Write([]byte(script))
		}()
		t.Cleanup(func() { _ = client.Close() })
		return client, nil
	}
}

func TestResponseFraming(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
	for _, tt := range []struct {
		name, script, body, fails string
	}{
		{"content-length", head + "Content-Length: 3\r\n\r\nabcdef", "abc", ""},
		{"chunked", head + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "abc", ""},
		{"until the end", head + "\r\nabc", "abc", ""},
		{"interim responses", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + head + "Content-Length: 3\r\n\r\nabc", "abc", ""},
		{"bare line feeds", strings.ReplaceAll(head, "\r", "") + "Content-Length: 3\n\nabc", "abc", ""},
		{"folded line", "HTTP/1.1 200\r\nAccess-Control-Allow-Origin:\r\n *\r\nContent-Length: 3\r\n\r\nabc", "abc", ""},
		{"body cut short", head + "Content-Length: 4\r\n\r\nabc", "", "the body ended after 3 of 4 bytes"},
		{"head cut short", head, "", "closed the connection"},
		{"nothing", "", "", "closed the connection"},
		{"no HTTP", "SSH-2.0-x\r\n\r\n", "", "this is no HTTP response"},
		{"long folded line", head + "X-A: 1\r\n" + strings.Repeat(" x\r\n", 40_000) + "Content-Length: 3\r\n\r\nabc", "abc", ""},
		{"head without end", head + strings.Repeat("X-A: 1\r\n", 40_000), "", "the response's head is larger than 262144 bytes"},
		{"interim responses without end", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 10_000), "", "the response's head is larger than 262144 bytes"},
		{"bad length", head + "Content-Length: x\r\n\r\n", "", "is no number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := NewLiveBrowser(page)
			b.Dial = dialScript(t, tt.script)
			r := b.Fetch(Request{URL: api})
			if tt.fails != "" {
				assert.Equal(t, NetworkFailure, r.Reason.Failure)
				assert.Contains(t, r.Reason.Message, tt.fails)
				return
			}
			require.True(t, r.Allowed, r)
			assert.Equal(t, tt.body, string(r.Body))
		})
	}
}

func TestResponseLinesAreKeptRaw(t *testing.T) {
	b := NewLiveBrowser(page)
	b.Dial = dialScript(t, "HTTP/1.1 200 OK\r\naccess-control-allow-ORIGIN: \t*\r\nX-b: 1\r\nx-A: 2\r\nX-B: 3\r\n\r\n")
	r := Readable(t, b, Request{URL: api})
	assert.Equal(t, Header{{"access-control-allow-ORIGIN", "*"}, {"X-b", "1"}, {"x-A", "2"}, {"X-B", "3"}}, r.Actual().ResponseHeader)
}

func TestServerSettingsCount(t *testing.T) {
	server := &fasthttp.Server{Handler: allowAll, MaxRequestBodySize: 10, Logger: discardLog, ErrorHandler: func(ctx *fasthttp.RequestCtx, _ error) {
		ctx.SetStatusCode(413)
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
	}}
	b := NewServerBrowser(page, server)
	defer b.Close()
	r := Readable(t, b, Request{URL: api, Method: "POST", Body: strings.Repeat("x", 1<<20)})
	assert.Equal(t, 413, r.Status)
}

func TestLiveServers(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write([]byte(r.Proto))
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()

	b := NewLiveBrowser(page)
	assert.Equal(t, "HTTP/1.1", string(Readable(t, b, Request{URL: plain.URL}).Body))
	b.TLSConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	assert.Equal(t, "HTTP/1.1", string(Readable(t, b, Request{URL: secure.URL}).Body))
}

// rawServer answers every connection on a port of loopback with answer, as soon as a byte has come, and closes it.
func rawServer(t *testing.T, answer string) (hostPort string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = conn.Write([]byte(answer))
			}()
		}
	}()
	return listener.Addr().String()
}

func TestServersOfAnotherKind(t *testing.T) {
	for name, tt := range map[string]struct{ answer, want string }{
		"TLS alert":       {"\x15\x03\x01\x00\x02\x02\x46", "the server speaks TLS: is it https rather than http?"},
		"HTTP/2 settings": {"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", "the server speaks HTTP/2 without TLS, which no browser does"},
		"SSH":             {"SSH-2.0-x\r\n", "this is no HTTP response: it begins with"},
		"nothing":         {"", "the server closed the connection before the response was complete"},
	} {
		t.Run(name, func(t *testing.T) {
			r := NewLiveBrowser(page).Fetch(Request{URL: "http://" + rawServer(t, tt.answer)})
			assert.Equal(t, NetworkFailure, r.Reason.Failure)
			assert.Contains(t, r.Reason.Message, tt.want)
		})
	}
}

func TestNetworkFailures(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	silent := listener.Addr().String()
	defer listener.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refused := gone.Addr().String()
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = discardLog
	secure.StartTLS()
	defer secure.Close()

	for _, tt := range []struct {
		url  string
		want string
	}{
		{"http://" + silent + "/", "it did not come in time"},
		{"http://" + refused + "/", "the connection was refused"},
		{strings.Replace(plain.URL, "http:", "https:", 1), "the server does not speak TLS"},
		{secure.URL, "no known authority signed it"},
	} {
		for _, method := range []string{"GET", "PUT"} {
			b := NewLiveBrowser(page)
			if strings.Contains(tt.url, silent) {
				b.Timeout = 20 * time.Millisecond
			}
			r := b.Fetch(Request{URL: tt.url, Method: method})
			assert.Equal(t, NetworkFailure, r.Reason.Failure)
			assert.Equal(t, method == "PUT", r.Reason.Preflight)
			assert.Contains(t, r.Reason.Message, tt.want)
			assert.Error(t, r.Reason.Err)
		}
	}
}

func TestSlowHandlerTimesOut(t *testing.T) {
	release := make(chan struct{})
	b := browse(t, page, func(*fasthttp.RequestCtx) { <-release })
	defer close(release)
	for range 50 {
		b.Timeout = time.Millisecond
		assert.Contains(t, b.Fetch(Request{URL: api}).Reason.Message, "it did not come in time")
		assert.Contains(t, b.Fetch(Request{URL: api, Method: "PUT"}).Reason.Message, "it did not come in time")
	}
}

func TestFetchIsCalledOff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	b := browse(t, page, func(*fasthttp.RequestCtx) {
		cancel()
		<-release
	})
	defer close(release)
	r := b.FetchContext(ctx, Request{URL: api})
	assert.ErrorIs(t, r.Reason.Err, context.Canceled)
}

func TestClosedBrowserFails(t *testing.T) {
	b := NewBrowser(page, allowAll)
	Readable(t, b, Request{URL: api})
	b.Close()
	assert.ErrorIs(t, b.Fetch(Request{URL: api}).Reason.Err, errClosed)

	b = NewBrowser(page, allowAll)
	b.Close()
	assert.ErrorIs(t, b.Fetch(Request{URL: api}).Reason.Err, errClosed)
}

func TestFetchesMayRunAtOnce(t *testing.T) {
	b := browse(t, page, allowAll)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				if r := b.Page(page).Fetch(Request{URL: api, Method: "PUT"}); !r.Allowed {
					t.Error(r)
				}
			}
		})
	}
	group.Wait()
}

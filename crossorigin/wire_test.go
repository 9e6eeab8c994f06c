package crossorigin_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/crossorigin"
)

// What a client sees, over a connection to a server.

// serve starts the server and returns a connection to it.
func serve(t *testing.T, server *fasthttp.Server) net.Conn {
	t.Helper()
	listener := fasthttputil.NewInmemoryListener()
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := listener.Dial()
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		require.NoError(t, listener.Close())
		require.NoError(t, <-done)
	})
	return conn
}

// exchange sends a request, with no body, and reads the response.
func exchange(t *testing.T, conn net.Conn, request string) *http.Response {
	t.Helper()
	_, err := io.WriteString(conn, raw(request))
	require.NoError(t, err)
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response
}

// TestAPageThatCORSAllowsCanReadTheRefusal, and no other page can; preflights are the CORS middleware's alone,
// whichever of the two is in front.
func TestAPageThatCORSAllowsCanReadTheRefusal(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://app.example", "https://reader.example"}, AllowMethods: []string{"DELETE"}})
	p := crossorigin.MustNew(crossorigin.Options{TrustedOrigins: []string{"https://app.example"}})
	handler := func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("handled") }
	inside, outside := serve(t, &fasthttp.Server{Handler: m.Wrap(p.Wrap(handler))}), serve(t, &fasthttp.Server{Handler: p.Wrap(m.Wrap(handler))})
	for _, test := range []struct {
		method, origin  string
		status          int
		allow, allowOut string
	}{
		{"DELETE", "https://app.example", 200, "https://app.example", "https://app.example"},
		{"DELETE", "https://reader.example", 403, "https://reader.example", ""},
		{"DELETE", "https://evil.example", 403, "", ""},
		{"GET", "https://evil.example", 200, "", ""},
		{"GET", "https://reader.example", 200, "https://reader.example", "https://reader.example"},
	} {
		request := test.method + " / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: cross-site\nOrigin: " + test.origin
		in, out := exchange(t, inside, request), exchange(t, outside, request)
		require.Equal(t, test.status, in.StatusCode, request)
		require.Equal(t, test.status, out.StatusCode, request)
		require.Equal(t, test.allow, in.Header.Get("Access-Control-Allow-Origin"), request)
		require.Equal(t, test.allowOut, out.Header.Get("Access-Control-Allow-Origin"), request)
		require.Equal(t, "Origin", in.Header.Get("Vary"), request)
	}
	for _, conn := range []net.Conn{inside, outside} {
		for origin, status := range map[string]int{"https://reader.example": 204, "https://evil.example": 403} {
			preflight := exchange(t, conn, "OPTIONS / HTTP/1.1\nHost: api.example\nSec-Fetch-Site: cross-site\nAccess-Control-Request-Method: DELETE\nOrigin: "+origin)
			require.Equal(t, status, preflight.StatusCode)
			body, err := io.ReadAll(preflight.Body)
			require.NoError(t, err)
			require.Empty(t, body, "the answer is that of the CORS middleware")
		}
	}
}

func TestTheRefusalIsPlainText(t *testing.T) {
	conn := serve(t, &fasthttp.Server{Handler: new(crossorigin.Protection).Wrap(func(*fasthttp.RequestCtx) {})})
	for range 2 { // over one connection, which stays open
		response := exchange(t, conn, "POST / HTTP/1.1\nHost: api.example\nContent-Length: 0\nSec-Fetch-Site: cross-site")
		require.Equal(t, 403, response.StatusCode)
		require.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "cross-origin request refused", string(body))
		require.False(t, response.Close)
	}
}

// TestTheBodyOfARefusedRequestIsNeverARequest: where bodies are streamed, the rest of one that nobody has read would
// be taken for the next request on the connection, sent by whoever owns the connection: a proxy, for somebody else.
func TestTheBodyOfARefusedRequestIsNeverARequest(t *testing.T) {
	const hidden = "GET /hidden HTTP/1.1\r\nHost: api.example\r\n\r\n"
	padding := strings.Repeat("x", 20<<10) // more than what is read with the head
	body := padding + hidden
	bodies := map[string]string{
		"Content-Length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
		"chunked":        fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%s", len(padding), padding, hidden),
		"short":          fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(hidden), hidden),
	}
	denials := map[string]func(*fasthttp.RequestCtx, crossorigin.Decision){
		"usual":  nil,
		"resets": func(ctx *fasthttp.RequestCtx, _ crossorigin.Decision) { ctx.Error("no", 403) },
		"panics": func(*fasthttp.RequestCtx, crossorigin.Decision) { panic("no") },
		"times out": func(ctx *fasthttp.RequestCtx, _ crossorigin.Decision) {
			ctx.TimeoutErrorWithCode("too slow", 403)
		},
	}
	for streamed, wantClosed := range map[bool]bool{true: true, false: false} {
		for kind, rest := range bodies {
			if kind == "chunked" && !streamed {
				continue // its last chunk is missing, so that the server would wait for it
			}
			for name, deny := range denials {
				t.Run(fmt.Sprintf("streamed %v, %s, %s", streamed, kind, name), func(t *testing.T) {
					p := crossorigin.MustNew(crossorigin.Options{Deny: deny})
					protected := p.Wrap(func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("handled " + string(ctx.Path())) })
					conn := serve(t, &fasthttp.Server{
						StreamRequestBody: streamed,
						Handler: func(ctx *fasthttp.RequestCtx) {
							defer func() {
								if recover() != nil {
									ctx.SetStatusCode(403)
								}
							}()
							protected(ctx)
						},
					})
					sent := make(chan error, 1)
					go func() {
						_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: api.example\r\nSec-Fetch-Site: cross-site\r\n"+rest+
							"GET /next HTTP/1.1\r\nHost: api.example\r\n\r\n")
						sent <- err
					}()
					reader := bufio.NewReader(conn)
					response, err := http.ReadResponse(reader, nil)
					require.NoError(t, err)
					require.Equal(t, 403, response.StatusCode)
					_, err = io.Copy(io.Discard, response.Body)
					require.NoError(t, err)
					require.Equal(t, wantClosed, response.Close)
					if wantClosed {
						_, err := reader.ReadByte()
						require.ErrorIs(t, err, io.EOF)
						<-sent // with an error, if the connection was closed meanwhile
						return
					}
					require.NoError(t, <-sent)
					response, err = http.ReadResponse(reader, nil)
					require.NoError(t, err)
					content, err := io.ReadAll(response.Body)
					require.NoError(t, err)
					require.Equal(t, "handled /next", string(content))
				})
			}
		}
	}
}

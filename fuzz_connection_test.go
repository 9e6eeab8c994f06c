package cors_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
)

// sentRequest is one of the requests that a fuzzed connection carries, as its sender means it.
type sentRequest struct {
	text      string
	preflight bool   // is answered in the handler's stead
	seen      string // what a handler has to see of it: method, path, and the body that the sender wrote
	mayClose  bool   // the connection may close behind it
}

// sentRequests makes requests of a script: what they are, and how their bodies are framed. Each byte of the script is
// one of them, and the bodies are cut from text, which may hold whole requests.
func sentRequests(script []byte, text string, streaming bool) (requests []sentRequest) {
	const maxRequests = 12
	for i, b := range script[:min(len(script), maxRequests)] {
		r := sentRequest{}
		method, head := "POST", ""
		switch b & 7 {
		case 0:
			method = "GET"
		case 1:
			method, r.preflight = "OPTIONS", true
			head = "Origin: https://example.com\r\nAccess-Control-Request-Method: PUT\r\n"
		case 2:
			method, r.preflight = "OPTIONS", true
			head = "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n"
		case 3:
			method, r.preflight = "OPTIONS", true
			head = "Access-Control-Request-Headers: x-b\r\nOrigin: https://example.com\r\nAccess-Control-Request-Method: PUT\r\n"
		case 4:
			method, head = "OPTIONS", "Origin: https://example.com\r\n"
		case 5:
			head = "Origin: https://example.com\r\n"
		}
		start := 0
		if len(text) > 0 {
			start = int(b) * 7 % len(text)
		}
		body := text[start:]
		half := len(body) / 2
		framing := b >> 3 & 7
		switch framing {
		case 0, 1:
			body = ""
			head += "\r\n"
		case 2, 3:
			head += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
		case 4:
			head += fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		default:
			if framing == 6 {
				head += "Content-Length: 3\r\n"
			}
			head += "Transfer-Encoding: chunked\r\n"
			if framing == 7 {
				head += fmt.Sprintf("Content-Length: %d\r\n", len(body)+5)
			}
			head += "\r\n"
			for _, chunk := range []string{body[:half], body[half:]} {
				if chunk != "" {
					head += fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk)
				}
			}
			head += "0\r\n\r\n"
		}
		path := fmt.Sprintf("/%d", i)
		r.text = method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + head
		r.seen = method + " " + path + " " + body
		r.mayClose = r.preflight && (framing >= 5 || streaming && framing >= 2)
		requests = append(requests, r)
	}
	return requests
}

// FuzzConnection sends whole connections: pipelined requests with bodies of every framing, preflights among them,
// streamed by the server or not. Handlers see exactly the requests that were meant, in their order, and nothing that
// stands in a body. A connection may end early only behind a preflight whose body is not in memory, or is framed in
// two ways.
func FuzzConnection(f *testing.F) {
	smuggled := "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
	f.Add([]byte{0, 1, 2, 4, 5}, "", false, uint16(0))
	f.Add([]byte{1 | 2<<3, 0}, smuggled, true, uint16(0))
	// fasthttp reads 8 KiB of a body that is streamed. What is behind them is a request here.
	behind := func(b byte) string { return strings.Repeat("a", int(b)*7+(8<<10)) + smuggled }
	f.Add([]byte{2 | 2<<3, 0}, behind(2|2<<3), true, uint16(100))
	f.Add([]byte{1 | 4<<3, 0, 5}, behind(1|4<<3), true, uint16(1))
	f.Add([]byte{3 | 3<<3, 0, 5}, behind(3|3<<3), true, uint16(5000))
	f.Add([]byte{3 | 5<<3, 5 | 6<<3, 1, 0}, smuggled, false, uint16(7))
	f.Add([]byte{5 | 7<<3, 1 | 6<<3, 0}, smuggled, false, uint16(3))
	f.Add([]byte{4 | 2<<3, 5 | 4<<3, 1, 6 | 5<<3, 0}, strings.Repeat(smuggled, 20), true, uint16(4096))
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}})
	f.Fuzz(func(t *testing.T, script []byte, text string, streaming bool, cut uint16) {
		if len(text) > 1<<15 {
			text = text[:1<<15]
		}
		requests := sentRequests(script, text, streaming)
		all := strings.Builder{}
		for _, r := range requests {
			all.WriteString(r.text)
		}
		all.WriteString("GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

		var mu sync.Mutex
		var seen []string
		listener := fasthttputil.NewInmemoryListener()
		served := make(chan error, 1)
		server := &fasthttp.Server{StreamRequestBody: streaming, Logger: discard{}, Handler: m.Wrap(func(ctx *fasthttp.RequestCtx) {
			body := string(ctx.Request.Body()) // reads a stream to its end
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, string(ctx.Method())+" "+string(ctx.Path())+" "+body)
		})}
		go func() { served <- server.Serve(listener) }()
		conn, err := listener.Dial()
		require.NoError(t, err)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			sendCut(conn, all.String(), int(cut))
		}()
		_, err = io.Copy(io.Discard, bufio.NewReader(conn))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		<-sent
		require.NoError(t, listener.Close())
		require.NoError(t, <-served)

		mu.Lock()
		defer mu.Unlock()
		mayBeClosed := false
		for _, r := range append(requests, sentRequest{seen: "GET /end "}) {
			mayBeClosed = mayBeClosed || r.mayClose
			if r.preflight {
				continue
			}
			if len(seen) == 0 {
				require.True(t, mayBeClosed, "not seen: %q", r.seen)
				break
			}
			require.Equal(t, r.seen, seen[0])
			seen = seen[1:]
		}
		require.Empty(t, seen, "requests that nobody sent")
	})
}

// sendCut writes text in two parts, so that the server may have to wait in the middle of anything.
func sendCut(conn net.Conn, text string, at int) {
	at = min(at, len(text))
	if _, err := io.WriteString(conn, text[:at]); err == nil {
		_, _ = io.WriteString(conn, text[at:])
	}
}

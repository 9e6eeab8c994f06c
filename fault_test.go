package cors_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// faulty is a server on loopback for clients that misbehave.
type faulty struct {
	t        *testing.T
	server   *fasthttp.Server
	listener net.Listener
	served   chan error
}

func serveFaulty(t *testing.T, handler fasthttp.RequestHandler) *faulty {
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}, AllowCredentials: true,
	})
	f := &faulty{t: t, served: make(chan error, 1), server: &fasthttp.Server{
		Handler:            m.Wrap(handler),
		ErrorHandler:       m.WrapErrorHandler(nil),
		MaxRequestBodySize: 1000,
		ReadTimeout:        2 * time.Second, // of one that stalls, and far from what others take
		Logger:             discard{},
		CloseOnShutdown:    true,

		MaxIdleWorkerDuration: 20 * time.Millisecond, // or the server's own goroutines would stay for longer
	}}
	var err error
	f.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { f.served <- f.server.Serve(f.listener) }()
	return f
}

func (f *faulty) dial() *net.TCPConn {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.listener.Addr().String())
	require.NoError(f.t, err)
	require.NoError(f.t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn.(*net.TCPConn)
}

// write sends what may fail to arrive.
func (f *faulty) write(conn net.Conn, request string) {
	_, _ = io.WriteString(conn, strings.ReplaceAll(request, "\n", "\r\n"))
}

// next has one more client, which behaves.
func (f *faulty) next() {
	f.t.Helper()
	conn := f.dial()
	defer conn.Close()
	br := bufio.NewReader(conn)
	r := exchange(f.t, conn, br, "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\n"+
		"Access-Control-Request-Headers: x-a\n")
	require.Equal(f.t, 204, r.status)
	r.requireCORS(f.t, "Access-Control-Allow-Origin: https://example.com", "Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-a", preflightVary)
	r = exchange(f.t, conn, br, "GET / HTTP/1.1\nHost: h\nOrigin: https://evil.example\n")
	require.Equal(f.t, 200, r.status)
	r.requireCORS(f.t, "Vary: Origin")
}

// finish shuts the server down and waits for all that it started.
func (f *faulty) finish(goroutines int) {
	f.t.Helper()
	f.await("connections are left open", func() bool { return f.server.GetOpenConnectionsCount() == 0 })
	require.NoError(f.t, f.server.Shutdown())
	require.NoError(f.t, <-f.served)
	f.await("goroutines are left behind", func() bool { return runtime.NumGoroutine() <= goroutines })
}

// await is for what takes a moment. (require.Eventually would start goroutines of its own.)
func (f *faulty) await(otherwise string, done func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			require.Fail(f.t, otherwise, "%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// goroutines returns how many there are once a server has come and gone: fasthttp starts one that stays.
func goroutines(t *testing.T) int {
	t.Helper()
	f := serveFaulty(t, ok)
	f.next()
	require.NoError(t, f.server.Shutdown())
	require.NoError(t, <-f.served)
	n := runtime.NumGoroutine()
	for stable := 0; stable < 10; stable++ {
		time.Sleep(10 * time.Millisecond)
		if now := runtime.NumGoroutine(); now != n {
			n, stable = now, 0
		}
	}
	return n
}

const (
	actualHead = "POST / HTTP/1.1\nHost: h\nOrigin: https://example.com\n"
	askPUT     = "OPTIONS / HTTP/1.1\nHost: h\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT\n\n"
)

// TestClientsThatMisbehaveLeaveNothingBehind: whatever a client does, the next is answered rightly, and neither
// goroutines nor connections are left.
func TestClientsThatMisbehaveLeaveNothingBehind(t *testing.T) {
	misbehave := map[string]func(f *faulty, conn *net.TCPConn){
		"says nothing":            func(f *faulty, conn *net.TCPConn) {},
		"leaves in a header line": func(f *faulty, conn *net.TCPConn) { f.write(conn, "GET / HTTP/1.1\nHost: h\nOrigin: https://exam") },
		"leaves in a preflight":   func(f *faulty, conn *net.TCPConn) { f.write(conn, askPUT[:len(askPUT)-3]) },
		"leaves in a body": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, actualHead+"Content-Length: 100\n\nhalf")
		},
		"leaves in a chunk": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, actualHead+"Transfer-Encoding: chunked\n\n10\nhalf")
		},
		"leaves before the response": func(f *faulty, conn *net.TCPConn) { f.write(conn, actualHead+"Content-Length: 0\n\n") },
		"resets the connection": func(f *faulty, conn *net.TCPConn) {
			_ = conn.SetLinger(0)
			f.write(conn, actualHead+"Content-Length: 0\n\n"+askPUT+askPUT)
		},
		"closes its side": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, askPUT)
			require.NoError(f.t, conn.CloseWrite())
			require.Equal(f.t, 204, readReply(f.t, bufio.NewReader(conn), "OPTIONS").status)
		},
		"stalls in a header": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, "GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\nX-St")
			r := readReply(f.t, bufio.NewReader(conn), "GET")
			require.Equal(f.t, 408, r.status)
			r.requireCORS(f.t, "Vary: Origin") // whose request it is has not been read
		},
		"stalls in a body": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, actualHead+"Content-Length: 100\n\nhalf")
			r := readReply(f.t, bufio.NewReader(conn), "POST")
			require.Equal(f.t, 408, r.status)
			r.requireCORS(f.t, "Vary: Origin") // fasthttp has dropped the request, and its origin with it
		},
		"announces too large a body": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, actualHead+"Content-Length: 1001\n\n")
			r := readReply(f.t, bufio.NewReader(conn), "POST")
			require.Equal(f.t, 413, r.status)
			r.requireCORS(f.t, "Access-Control-Allow-Origin: https://example.com", "Access-Control-Allow-Credentials: true", "Vary: Origin")
		},
		"sends too large a body in chunks": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, actualHead+"Transfer-Encoding: chunked\n\n1000\n"+strings.Repeat("x", 0x1000)+"\n0\n\n")
			r := readReply(f.t, bufio.NewReader(conn), "POST")
			require.Equal(f.t, 413, r.status)
			r.requireCORS(f.t, "Vary: Origin") // as above
		},
		"sends too many headers": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, "GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n"+strings.Repeat("X-Many: 1\n", 1000)+"\n")
			r := readReply(f.t, bufio.NewReader(conn), "GET")
			require.Equal(f.t, 431, r.status)
			r.requireCORS(f.t, "Vary: Origin")
		},
		"speaks no HTTP": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n")
			require.Equal(f.t, 400, readReply(f.t, bufio.NewReader(conn), "GET").status)
		},
		"leaves among pipelined preflights": func(f *faulty, conn *net.TCPConn) {
			f.write(conn, strings.Repeat(askPUT, 100)+askPUT[:30])
			br := bufio.NewReader(conn)
			for range 10 {
				require.Equal(f.t, 204, readReply(f.t, br, "OPTIONS").status)
			}
		},
	}
	before := goroutines(t)
	f := serveFaulty(t, ok)
	f.next()
	for name, client := range misbehave {
		t.Run(name, func(t *testing.T) {
			f.t = t
			times := 3
			if strings.HasPrefix(name, "stalls") {
				times = 1 // is waited for
			}
			for range times {
				conn := f.dial()
				client(f, conn)
				f.next() // while it is there
				require.NoError(t, conn.Close())
				f.next()
			}
		})
	}
	f.t = t
	f.finish(before)
}

// TestPipelinedPreflightsAreAnsweredInOrder: each with its own answer, however they are mixed.
func TestPipelinedPreflightsAreAnsweredInOrder(t *testing.T) {
	before := goroutines(t)
	f := serveFaulty(t, ok)
	conn := f.dial()
	requests := []struct {
		text, method string
		want         []string
		status       int
	}{
		{askPUT, "OPTIONS", []string{"Access-Control-Allow-Origin: https://example.com", "Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-a", preflightVary}, 204},
		{strings.Replace(askPUT, "PUT", "PATCH", 1), "OPTIONS", []string{preflightVary}, 403},
		{strings.Replace(askPUT, "https://example.com", "https://evil.example", 1), "OPTIONS", []string{preflightVary}, 403},
		{actualHead + "Content-Length: 2\n\nab", "POST", []string{"Access-Control-Allow-Origin: https://example.com",
			"Access-Control-Allow-Credentials: true", "Vary: Origin"}, 200},
		{"GET / HTTP/1.1\nHost: h\n\n", "GET", []string{"Vary: Origin"}, 200},
	}
	var all strings.Builder
	for i := range 200 {
		all.WriteString(requests[i*7%len(requests)].text)
	}
	go f.write(conn, all.String())
	br := bufio.NewReader(conn)
	for i := range 200 {
		want := requests[i*7%len(requests)]
		r := readReply(t, br, want.method)
		require.Equal(t, want.status, r.status)
		r.requireCORS(t, want.want...)
	}
	require.NoError(t, conn.Close())
	f.finish(before)
}

// TestClientThatLeavesWhileTheHandlerRuns: the handler ends as always, and so does the middleware.
func TestClientThatLeavesWhileTheHandlerRuns(t *testing.T) {
	before := goroutines(t)
	running, left := make(chan struct{}), make(chan struct{})
	f := serveFaulty(t, func(ctx *fasthttp.RequestCtx) {
		if ctx.IsPut() {
			running <- struct{}{}
			<-left
		}
	})
	for range 3 {
		conn := f.dial()
		f.write(conn, strings.Replace(actualHead, "POST", "PUT", 1)+"Content-Length: 0\n\n")
		<-running
		require.NoError(t, conn.SetLinger(0))
		require.NoError(t, conn.Close())
		left <- struct{}{}
		f.next()
	}
	f.finish(before)
}

// TestBodyThatFailsWhileItIsSent: the headers are out before, the connection is closed, and the next request
// is served.
func TestBodyThatFailsWhileItIsSent(t *testing.T) {
	before := goroutines(t)
	f := serveFaulty(t, func(ctx *fasthttp.RequestCtx) {
		if ctx.IsPut() {
			ctx.SetBodyStream(io.MultiReader(bytes.NewReader([]byte("half")), failing{}), -1)
		}
	})
	conn := f.dial()
	f.write(conn, strings.Replace(actualHead, "POST", "PUT", 1)+"Content-Length: 0\n\n")
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	head, _, found := strings.Cut(string(all), "\r\n\r\n")
	require.True(t, found, "%q", all)
	require.Contains(t, head+"\r\n", "\r\nAccess-Control-Allow-Origin: https://example.com\r\n")
	require.NoError(t, conn.Close())
	f.next()
	f.finish(before)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no more") }

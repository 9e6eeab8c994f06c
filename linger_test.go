package cors_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
)

// transport is a server on loopback, and the way to it. Clients write all they have before they read, as browsers do.
type transport struct {
	t        *testing.T
	listener net.Listener
	client   *tls.Config // nil: none
}

// lingerServer is a server that takes no body over 1000 bytes.
func lingerServer(next func(*fasthttp.RequestCtx, error), options ...cors.ErrorOption) *fasthttp.Server {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	return &fasthttp.Server{
		Handler:            m.Wrap(ok),
		ErrorHandler:       m.WrapErrorHandler(next, options...),
		MaxRequestBodySize: 1000,
		Logger:             discard{},
	}
}

func listen(t *testing.T, server *fasthttp.Server, encrypted bool) *transport {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	x := &transport{t: t, listener: listener}
	if encrypted {
		x.listener, x.client = throwawayTLS(t, listener)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(x.listener) }()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		require.NoError(t, <-done)
	})
	return x
}

func throwawayTLS(t *testing.T, listener net.Listener) (net.Listener, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a"}, DNSNames: []string{"a"}, NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}),
		&tls.Config{RootCAs: roots, ServerName: "a"}
}

func (x *transport) dial() net.Conn {
	x.t.Helper()
	conn, err := net.Dial("tcp", x.listener.Addr().String())
	require.NoError(x.t, err)
	require.NoError(x.t, conn.SetDeadline(time.Now().Add(60*time.Second)))
	if x.client != nil {
		return tls.Client(conn, x.client)
	}
	return conn
}

// uploadHead announces a body of so many bytes.
func uploadHead(headers string, size int) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n%sContent-Length: %d\r\n\r\n", fooOrigin, headers, size)
}

// upload is a request with such a body.
func upload(headers string, size int) string {
	return uploadHead(headers, size) + strings.Repeat("x", size)
}

var allowedFoo = []string{"Access-Control-Allow-Origin: " + fooOrigin, "Vary: Origin"}

// TestAnUploadThatIsTooLargeIsAnsweredWhereItIsSentToItsEndFirst, whatever the connection is.
func TestAnUploadThatIsTooLargeIsAnsweredWhereItIsSentToItsEndFirst(t *testing.T) {
	for _, test := range []struct {
		name   string
		tls    bool
		times  int
		change func(*fasthttp.Server)
	}{
		{"TCP", false, 40, func(*fasthttp.Server) {}},
		{"TLS", true, 10, func(*fasthttp.Server) {}},
		// fasthttp hides the connection's CloseWrite then.
		{"counted by IP", false, 10, func(s *fasthttp.Server) { s.MaxConnsPerIP = 1000 }},
		{"TLS, counted by IP", true, 10, func(s *fasthttp.Server) { s.MaxConnsPerIP = 1000 }},
		{"timeouts", false, 10, func(s *fasthttp.Server) { s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute }},
		{"reduced memory", false, 10, func(s *fasthttp.Server) { s.ReduceMemoryUsage = true }},
		{"no keep-alive", false, 10, func(s *fasthttp.Server) { s.DisableKeepalive = true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := lingerServer(nil)
			test.change(server)
			x := listen(t, server, test.tls)
			for _, size := range []int{33 << 10, 1 << 20, 4 << 20} {
				for i := range test.times {
					conn := x.dial()
					r := bufio.NewReader(conn)
					if i%2 == 1 && !server.DisableKeepalive { // on a connection that is kept alive
						exchange(t, conn, r, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n").requireCORS(t, allowedFoo...)
					}
					_, err := io.WriteString(conn, upload("", size))
					require.NoError(t, err)
					got := readReply(t, r, "POST")
					require.Equal(t, 413, got.status)
					require.Equal(t, "Request Entity Too Large", got.body)
					require.Contains(t, got.lines, "Connection: close")
					got.requireCORS(t, allowedFoo...)
					require.NoError(t, conn.Close())
				}
			}
		})
	}
}

// TestAnErrorIsTheLastOfItsConnection: it comes after what came before it, once, and what follows its request
// is never taken for another.
func TestAnErrorIsTheLastOfItsConnection(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, test := range []struct {
		name, request string
		status        []int
		change        func(*fasthttp.Server)
	}{
		{"whole body there", upload("", 2000), []int{413}, nil},
		{"body never sent", uploadHead("", 1<<20), []int{413}, nil},
		{"pipelined behind others", get + get + upload("", 2000), []int{200, 200, 413}, nil},
		{"pipelined behind others, large", get + get + upload("", 1<<20), []int{200, 200, 413}, nil},
		{"pipelined in front of others", upload("", 2000) + strings.Repeat(get, 100), []int{413}, nil},
		{"expecting to continue", upload("Expect: 100-continue\r\n", 1<<20), []int{413}, nil},
		{"in chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + strings.Repeat("x", 1<<20) + "\r\n0\r\n\r\n",
			[]int{413}, nil},
		{"broken chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz" + strings.Repeat("x", 1<<20), []int{400}, nil},
		{"header too large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", []int{431}, nil},
		{"no HTTP", "nonsense\r\n" + strings.Repeat("x", 1<<20), []int{400}, nil},
		{"GET alone", upload("", 900) + strings.Repeat("x", 1<<20), []int{400}, func(s *fasthttp.Server) { s.GetOnly = true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := lingerServer(nil)
			if test.change != nil {
				test.change(server)
			}
			x := listen(t, server, false)
			conn := x.dial()
			defer conn.Close()
			_, err := io.WriteString(conn, test.request)
			require.NoError(t, err)
			r := bufio.NewReader(conn)
			if strings.Contains(test.request, "Expect:") {
				line, err := r.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
				_, err = r.Discard(2)
				require.NoError(t, err)
			}
			for _, status := range test.status {
				require.Equal(t, status, readReply(t, r, "GET").status)
			}
			rest, err := io.ReadAll(r) // to the half-close
			require.NoError(t, err)
			require.Empty(t, rest)
		})
	}
}

// TestOverTheLimitOfLingerTheResponseIsLost, since the server closes the connection while the client writes.
func TestOverTheLimitOfLingerTheResponseIsLost(t *testing.T) {
	for _, test := range []struct {
		name     string
		options  []cors.ErrorOption
		readable bool
	}{
		{"by default", nil, false},
		{"more", []cors.ErrorOption{cors.Linger(65<<20, time.Minute)}, true},
		{"less", []cors.ErrorOption{cors.Linger(1<<20, time.Minute)}, false},
		{"no bytes", []cors.ErrorOption{cors.Linger(0, time.Minute)}, false},
		{"no time", []cors.ErrorOption{cors.Linger(65<<20, 0)}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := listen(t, lingerServer(nil, test.options...), false)
			conn := x.dial()
			defer conn.Close()
			_, err := io.WriteString(conn, upload("", 64<<20))
			if !test.readable {
				require.Error(t, err)
				require.False(t, errors.Is(err, os.ErrDeadlineExceeded), err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, 413, readReply(t, bufio.NewReader(conn), "POST").status)
		})
	}
}

// counted counts what is read of a connection.
type counted struct {
	net.Conn
	read int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += n
	return n, err
}

// TestLingeringCostsAConnectionForAWhileAndNoMore, by a clock that stands still while anything runs.
func TestLingeringCostsAConnectionForAWhileAndNoMore(t *testing.T) {
	serve(t, &fasthttp.Server{Handler: ok}).send("GET / HTTP/1.1\nHost: a\n") // fasthttp starts its clock, which stays
	piece := bytes.Repeat([]byte("x"), 64<<10)
	every := func(d time.Duration, piece []byte) func(net.Conn) {
		return func(conn net.Conn) {
			for {
				if _, err := conn.Write(piece); err != nil {
					return
				}
				time.Sleep(d)
			}
		}
	}
	for _, test := range []struct {
		name        string
		options     []cors.ErrorOption
		readTimeout time.Duration
		client      func(net.Conn)
		lasts       time.Duration
		reads       int // of the rest, at least; one buffer of 8 KiB more at most
	}{
		{"closes", nil, 0, func(conn net.Conn) { _ = conn.Close() }, 0, 0},
		{"closes after a while", nil, 0, func(conn net.Conn) { time.Sleep(time.Second); _ = conn.Close() }, time.Second, 0},
		{"silent", nil, 0, func(net.Conn) {}, 2 * time.Second, 0},
		{"silent, with a read timeout", nil, time.Second, func(net.Conn) {}, 2 * time.Second, 0},
		{"silent after a while", nil, 0, func(conn net.Conn) { time.Sleep(time.Second); _, _ = conn.Write(piece) }, 3 * time.Second, len(piece)},
		{"slow", nil, 0, every(time.Second, []byte("x")), 10 * time.Second, 10},
		{"slow, with a read timeout", nil, 1500 * time.Millisecond, every(time.Second, []byte("x")), 10 * time.Second, 10},
		{"endless", nil, 0, every(0, piece), 0, 32 << 20},
		{"fast", nil, 0, every(time.Millisecond, piece), 511 * time.Millisecond, 32 << 20},
		{"slow, less time", []cors.ErrorOption{cors.Linger(1<<20, 3*time.Second)}, 0, every(time.Second, []byte("x")), 3 * time.Second, 3},
		{"silent, less time", []cors.ErrorOption{cors.Linger(1<<20, time.Second)}, 0, func(net.Conn) {}, time.Second, 0},
		{"endless, fewer bytes", []cors.ErrorOption{cors.Linger(1<<20, time.Hour)}, 0, every(0, piece), 0, 1 << 20},
		{"silent, no time", []cors.ErrorOption{cors.Linger(1<<20, 0)}, 0, func(net.Conn) {}, 0, 0},
		{"endless, no bytes", []cors.ErrorOption{cors.Linger(0, time.Hour)}, 0, every(0, piece), 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := lingerServer(nil, test.options...)
				server.ReadTimeout = test.readTimeout
				pipe := fasthttputil.NewPipeConns()
				conn := &counted{Conn: pipe.Conn1()}
				head := uploadHead("", 1<<40)
				_, err := io.WriteString(pipe.Conn2(), head)
				require.NoError(t, err)
				done := make(chan struct{})
				go func() {
					defer close(done)
					require.Equal(t, 413, readReply(t, bufio.NewReader(pipe.Conn2()), "POST").status)
					test.client(pipe.Conn2())
				}()
				start := time.Now()
				require.ErrorIs(t, server.ServeConn(conn), fasthttp.ErrBodyTooLarge)
				require.Equal(t, test.lasts, time.Since(start))
				rest := conn.read - len(head)
				require.GreaterOrEqual(t, rest, test.reads)
				require.LessOrEqual(t, rest, test.reads+8<<10)
				<-done
			})
		})
	}
}

// TestAClientThatNeverReadsIsNotWaitedForEither: the time includes that of sending.
func TestAClientThatNeverReadsIsNotWaitedForEither(t *testing.T) {
	serve(t, &fasthttp.Server{Handler: ok}).send("GET / HTTP/1.1\nHost: a\n")
	synctest.Test(t, func(t *testing.T) {
		server := lingerServer(nil)
		client, conn := net.Pipe() // which has no buffer
		go func() { _, _ = io.WriteString(client, uploadHead("", 1<<20)) }()
		start := time.Now()
		require.ErrorIs(t, server.ServeConn(conn), fasthttp.ErrBodyTooLarge)
		require.Equal(t, 10*time.Second, time.Since(start))
	})
}

// TestLingeringLeavesTheResponseAsItIs: bytes, names and all.
func TestLingeringLeavesTheResponseAsItIs(t *testing.T) {
	page := filepath.Join(t.TempDir(), "413.html")
	require.NoError(t, os.WriteFile(page, []byte(strings.Repeat("<p>too large", 1000)), 0o600))
	large := filepath.Join(t.TempDir(), "large.html")
	require.NoError(t, os.WriteFile(large, bytes.Repeat([]byte("x"), 65<<10), 0o600))
	for _, test := range []struct {
		name    string
		next    func(*fasthttp.RequestCtx, error)
		lingers bool
	}{
		{"plain", nil, true},
		{"no body", func(ctx *fasthttp.RequestCtx, _ error) { ctx.SetStatusCode(413) }, true},
		{"body not copied", func(ctx *fasthttp.RequestCtx, _ error) {
			ctx.SetStatusCode(413)
			ctx.Response.SetBodyRaw([]byte("raw"))
		}, true},
		{"larger than the buffer", func(ctx *fasthttp.RequestCtx, _ error) { ctx.Error(strings.Repeat("x", 50000), 413) }, true},
		{"cookies and a redirect", func(ctx *fasthttp.RequestCtx, _ error) {
			ctx.Redirect("/too-large", 303)
			var cookie fasthttp.Cookie
			cookie.SetKey("a")
			ctx.Response.Header.SetCookie(&cookie)
		}, true},
		{"a file", func(ctx *fasthttp.RequestCtx, _ error) {
			ctx.Request.Header.SetMethod("GET")
			fasthttp.ServeFileUncompressed(ctx, page)
		}, true},
		{"a large file", func(ctx *fasthttp.RequestCtx, _ error) {
			ctx.Request.Header.SetMethod("GET")
			fasthttp.ServeFileUncompressed(ctx, large)
		}, false},
		{"a stream", func(ctx *fasthttp.RequestCtx, _ error) { ctx.SetBodyStream(strings.NewReader("stream"), -1) }, false},
		{"204", func(ctx *fasthttp.RequestCtx, _ error) { ctx.SetStatusCode(204) }, false},
		{"304", func(ctx *fasthttp.RequestCtx, _ error) { ctx.NotModified() }, false},
		{"body skipped", func(ctx *fasthttp.RequestCtx, _ error) { ctx.Response.SkipBody = true }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			respond := func(options ...cors.ErrorOption) (response string, drained int) {
				request := upload("", 100<<10)
				in := bytes.NewReader([]byte(request))
				conn := &scriptConn{in: in, atOnce: 1 << 20, done: make(chan struct{})}
				require.ErrorIs(t, lingerServer(test.next, options...).ServeConn(conn), fasthttp.ErrBodyTooLarge)
				return conn.out.String(), len(request) - in.Len()
			}
			want, once := respond(cors.Linger(0, 0))
			got, drained := respond()
			require.Equal(t, undated(want), undated(got))
			require.Less(t, once, 20<<10)
			require.Equal(t, test.lingers, drained == 100<<10+len(uploadHead("", 100<<10)))
		})
	}
}

// undated takes the second of a response away.
func undated(response string) string {
	before, rest, ok := strings.Cut(response, "\r\nDate: ")
	if !ok {
		return response
	}
	_, after, _ := strings.Cut(rest, "\r\n")
	return before + "\r\n" + after
}

// TestOfSelectedPoliciesEachLingers, and where none is selected the server does as it would without us.
func TestOfSelectedPoliciesEachLingers(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	for name, test := range map[string]struct {
		chosen  *cors.Middleware
		options []cors.ErrorOption
		lingers bool
	}{
		"a policy":       {m, nil, true},
		"for no time":    {m, []cors.ErrorOption{cors.Linger(1<<20, 0)}, false},
		"no policy":      {nil, nil, false},
		"one taken away": {new(cors.Middleware), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := lingerServer(nil)
			server.ErrorHandler = cors.SelectErrorHandler(func(*fasthttp.RequestCtx) *cors.Middleware { return test.chosen }, nil, test.options...)
			conn := &scriptConn{in: bytes.NewReader([]byte(upload("", 100<<10))), atOnce: 1 << 20, done: make(chan struct{})}
			require.ErrorIs(t, server.ServeConn(conn), fasthttp.ErrBodyTooLarge)
			require.Contains(t, conn.out.String(), " 413 ")
			require.Equal(t, test.lingers, conn.in.Len() == 0)
		})
	}
}

// TestWhoeverLooksAtTheResponseDoesNotLinger: an error handler around WrapErrorHandler's may log or replace it.
func TestWhoeverLooksAtTheResponseDoesNotLinger(t *testing.T) {
	for name, outer := range map[string]func(*fasthttp.RequestCtx) string{
		"logs the body": func(ctx *fasthttp.RequestCtx) string { return string(ctx.Response.Body()) },
		"copies it":     func(ctx *fasthttp.RequestCtx) string { return string(append([]byte(nil), ctx.Response.Body()...)) },
		"writes its body": func(ctx *fasthttp.RequestCtx) string {
			var b bytes.Buffer
			require.NoError(t, ctx.Response.BodyWriteTo(&b))
			ctx.SetBodyString(b.String()) // what is streamed is used up
			return b.String()
		},
		"reads it": func(ctx *fasthttp.RequestCtx) string {
			body, err := io.ReadAll(ctx.Response.BodyStream())
			require.NoError(t, err)
			ctx.SetBody(body) // as above
			return string(body)
		},
		"replaces it": func(ctx *fasthttp.RequestCtx) string {
			ctx.Error("Request Entity Too Large", 413)
			return string(ctx.Response.Body())
		},
		"resets it": func(ctx *fasthttp.RequestCtx) string {
			ctx.Response.Reset()
			ctx.SetStatusCode(413)
			ctx.SetBodyString("Request Entity Too Large")
			return string(ctx.Response.Body())
		},
		"prints it": func(ctx *fasthttp.RequestCtx) string {
			_, body, _ := strings.Cut(ctx.Response.String(), "\r\n\r\n")
			ctx.SetBodyString(body) // as above
			return body
		},
		"has it without a connection": func(ctx *fasthttp.RequestCtx) string {
			var bare fasthttp.RequestCtx
			lingerServer(nil).ErrorHandler(&bare, fasthttp.ErrBodyTooLarge)
			bare.SetConnectionClose()
			_, body, _ := strings.Cut(bare.Response.String(), "\r\n\r\n")
			ctx.Error(body, 413)
			return body
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := lingerServer(nil)
			inner := server.ErrorHandler
			server.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) {
				inner(ctx, err)
				require.Equal(t, "Request Entity Too Large", outer(ctx))
			}
			x := serve(t, server)
			r := x.send("POST / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nContent-Length: 2000\n")
			require.Equal(t, 413, r.status)
			require.Equal(t, "Request Entity Too Large", r.body)
		})
	}
}

// TestLingeringTakesNoMemoryByWhatIsSent, nor by what is announced.
func TestLingeringTakesNoMemoryByWhatIsSent(t *testing.T) {
	x := listen(t, lingerServer(nil), false)
	request := []byte(upload("", 8<<20))
	send := func() {
		conn := x.dial()
		_, err := conn.Write(request)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
	send()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		send()
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(10*(128<<10)))
}

package corstest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

// DialFunc opens a connection for one exchange with address, a host and a port. HTTP is spoken on what it returns
// as it is: where secure, which is so for https URLs, it has made the TLS handshake if there is to be one. On a
// [*tls.Conn] that has agreed on "h2", HTTP/2 is spoken.
type DialFunc func(ctx context.Context, address string, secure bool) (net.Conn, error)

var errClosed = errors.New("the browser is closed")

// defaultTimeout bounds an exchange where Browser.Timeout is zero.
const defaultTimeout = 30 * time.Second

// bodyPatience is how long a body is waited for where the head alone counts.
const bodyPatience = time.Second

// exchange performs one exchange with the server of u. What comes back, or the error, is written to x.
func (b *Browser) exchange(ctx context.Context, u *webURL, x *Exchange) {
	timeout := b.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if b.RoundTrip != nil {
		b.RoundTrip(ctx, x)
		return
	}
	conn, proxied, err := b.connect(ctx, u)
	if err != nil {
		x.Err = err
		return
	}
	defer conn.Close()
	x.RemoteAddr = conn.RemoteAddr()
	if proxied {
		x.RemoteAddr = nil
	}
	// Not by a deadline: a change to one is not noticed by whoever reads from a connection in memory already.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		if !stop() {
			x.outOfTime(ctx.Err())
		}
	}()

	limits := b.limits()
	if secure, ok := conn.(*tls.Conn); ok && secure.ConnectionState().NegotiatedProtocol == "h2" {
		x.Err = x.overHTTP2(conn, u, limits)
		return
	}
	target := u.target()
	if proxied && u.scheme == "http" {
		target = u.withoutFragment()
	}
	x.Err = x.overHTTP1(conn, x.appendRequest(nil, target), limits)
}

// outOfTime tells of errors that came of closing the connection why it was closed.
func (x *Exchange) outOfTime(why error) {
	if x.Err != nil {
		x.Err = why
	}
	if x.BodyErr != nil {
		x.BodyErr = why
	}
}

// connect opens the connection for an exchange. proxied tells that it ends at a proxy, through whatever it leads.
func (b *Browser) connect(ctx context.Context, u *webURL) (conn net.Conn, proxied bool, err error) {
	if b.Dial != nil {
		conn, err = b.Dial(ctx, u.address(), u.scheme == "https")
		return conn, false, err
	}
	proxy, err := b.proxyFor(u)
	switch {
	case err != nil:
		return nil, true, err
	case proxy != nil:
		conn, err = b.dialProxy(ctx, proxy, u)
		return conn, true, err
	}
	conn, err = new(net.Dialer).DialContext(ctx, "tcp", u.address())
	if err == nil && u.scheme == "https" {
		conn, err = b.handshake(ctx, conn, u.host)
	}
	return conn, false, err
}

// handshake makes the TLS handshake with the server of host.
func (b *Browser) handshake(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	config := b.TLSConfig.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = string(bytes.Trim([]byte(host), "[]"))
	}
	if config.NextProtos == nil {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// overHTTP1 sends the request and reads the response.
func (x *Exchange) overHTTP1(conn net.Conn, request []byte, limits limits) error {
	written := make(chan error, 1)
	go func() {
		// Beside the reading: a server that refuses a large body answers while we still send it.
		_, err := conn.Write(request)
		written <- err
	}()
	err := x.readResponse(conn, limits)
	if err == nil {
		return nil
	}
	select {
	case failed := <-written:
		if failed != nil && !errors.Is(err, errNotHTTP) {
			return failed
		}
	default:
	}
	return err
}

// memoryServer serves on a listener in memory from the first dial on.
type memoryServer struct {
	server *fasthttp.Server

	mu       sync.Mutex
	listener *fasthttputil.InmemoryListener
	closed   bool
}

func (m *memoryServer) dial(context.Context, string, bool) (net.Conn, error) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, errClosed
	}
	if m.listener == nil {
		m.listener = fasthttputil.NewInmemoryListener()
		go func(listener net.Listener) {
			// It ends when the listener is closed or the caller shuts the server down; closing makes the next dial fail
			// where it would else wait for nobody.
			_ = m.server.Serve(listener)
			_ = listener.Close()
		}(m.listener)
	}
	listener := m.listener
	m.mu.Unlock()
	return listener.Dial()
}

func (m *memoryServer) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.listener != nil {
		_ = m.listener.Close()
	}
}

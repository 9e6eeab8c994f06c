package corstest

import (
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
// as it is: where secure, which is so for https URLs, it has made the TLS handshake if there is to be one.
type DialFunc func(ctx context.Context, address string, secure bool) (net.Conn, error)

var errClosed = errors.New("the browser is closed")

// exchange performs one exchange with the server of u. What comes back, or the error, is written to x.
func (b *Browser) exchange(u *webURL, x *Exchange) {
	timeout := b.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	dial := b.Dial
	if dial == nil {
		dial = b.dialNetwork
	}
	conn, err := dial(ctx, u.address(), u.scheme == "https")
	if err != nil {
		x.Err = err
		return
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if x.Err = conn.SetDeadline(deadline); x.Err != nil {
			return
		}
	}
	written := make(chan error, 1)
	request := x.appendRequest(nil, u)
	go func() {
		// Beside the reading: a server that refuses a large body answers while we still send it.
		_, err := conn.Write(request)
		written <- err
	}()
	if x.Err = x.readResponse(conn); x.Err == nil {
		return
	}
	select {
	case err := <-written:
		if err != nil {
			x.Err = err
		}
	default:
	}
}

func (b *Browser) dialNetwork(ctx context.Context, address string, secure bool) (net.Conn, error) {
	if !secure {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	config := b.TLSConfig.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config.NextProtos = []string{"http/1.1"}
	return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
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

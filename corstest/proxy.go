package corstest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"golang.org/x/net/proxy"
)

// proxyFor returns the proxy for u, or nil.
func (b *Browser) proxyFor(u *webURL) (*url.URL, error) {
	if b.Proxy == nil {
		return nil, nil
	}
	return b.Proxy(&url.URL{Scheme: u.scheme, Host: u.hostPort(), Path: "/"})
}

// dialProxy opens a connection through a proxy: to the server where it is https or the proxy speaks SOCKS, else to
// the proxy, which then wants the whole URL in the request line.
func (b *Browser) dialProxy(ctx context.Context, through *url.URL, u *webURL) (net.Conn, error) {
	conn, err := b.tunnel(ctx, through, u)
	if err != nil {
		return nil, fmt.Errorf("through the proxy %s: %w", through.Redacted(), err)
	}
	if u.scheme == "https" {
		return b.handshake(ctx, conn, u.host)
	}
	return conn, nil
}

func (b *Browser) tunnel(ctx context.Context, through *url.URL, u *webURL) (net.Conn, error) {
	switch through.Scheme {
	case "socks5", "socks5h":
		dialer, err := proxy.FromURL(through, &net.Dialer{})
		if err != nil {
			return nil, err
		}
		return dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", u.address())
	case "http":
	default:
		return nil, fmt.Errorf("proxies of the scheme %q are not supported", through.Scheme)
	}
	address := through.Host
	if through.Port() == "" {
		address = net.JoinHostPort(through.Hostname(), "80")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil || u.scheme == "http" {
		return conn, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if err := connectTunnel(conn, through, u); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// connectTunnel asks an HTTP proxy for a connection to the server: RFC 9110 section 9.3.6.
func connectTunnel(conn net.Conn, through *url.URL, u *webURL) error {
	request := fmt.Appendf(nil, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n", u.address())
	if user := through.User; user != nil {
		password, _ := user.Password()
		token := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		request = fmt.Appendf(request, "Proxy-Authorization: Basic %s\r\n", token)
	}
	if _, err := conn.Write(append(request, "\r\n"...)); err != nil {
		return err
	}
	// Byte by byte, since what follows the head is no longer the proxy's.
	var head bytes.Buffer
	for !bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) && !bytes.HasSuffix(head.Bytes(), []byte("\n\n")) {
		if head.Len() > defaultHeadLimit {
			return errors.New("its answer does not end")
		}
		if _, err := io.CopyN(&head, conn, 1); err != nil {
			return fmt.Errorf("it closed the connection: %w", err)
		}
	}
	var answer Exchange
	if err := answer.readHead(bufio.NewReader(&head)); err != nil {
		return err
	}
	if answer.Status < 200 || answer.Status > 299 {
		return fmt.Errorf("it answers CONNECT with status %d", answer.Status)
	}
	return nil
}

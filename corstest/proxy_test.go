package corstest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// httpProxy starts a proxy that wants a user name and a password, and notes what it is asked for.
func httpProxy(t *testing.T, asked *[]string) *url.URL {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.RequestURI)
		if r.Method != "CONNECT" {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			return
		}
		if r.Header.Get("Proxy-Authorization") != "Basic dTpw" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		server, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		client, _, _ := w.(http.Hijacker).Hijack()
		_, _ = client.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	return u
}

func TestProxies(t *testing.T) {
	var asked []string
	proxy := httpProxy(t, &asked)
	b, secure := http2Server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") })
	b.Proxy = func(*url.URL) (*url.URL, error) { return proxy, nil }

	Readable(t, b, Request{URL: "http://api.example/items?q"})
	assert.Equal(t, []string{"GET http://api.example/items?q"}, asked)

	r := b.Fetch(Request{URL: secure})
	assert.Equal(t, NetworkFailure, r.Reason.Failure)
	assert.Contains(t, r.Reason.Message, "it answers CONNECT with status 407")

	proxy.User = url.UserPassword("u", "p")
	r = Readable(t, b, Request{URL: secure})
	assert.Equal(t, "HTTP/2", r.Actual().Proto)
	assert.Nil(t, r.Actual().RemoteAddr, "the proxy's address tells nothing of the server's")

	proxy.Scheme = "gopher"
	assert.Contains(t, b.Fetch(Request{URL: secure}).Reason.Message, `proxies of the scheme "gopher" are not supported`)
}

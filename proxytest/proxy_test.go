//go:build unix

package proxytest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// proxy is a program that can stand in front of the upstream.
type proxy struct {
	name, program string
	variants      bool // whether its cache stores what varies by Origin
	arguments     func(t *testing.T, f *front, config string) []string
}

var nginx = &proxy{"nginx", "nginx", true, func(t *testing.T, f *front, config string) []string {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	f.certificate(t)
	site := configure(t, f.dir, "nginx/"+config+".conf", "SOCKET", f.socket, "DIR", f.dir)
	return []string{"-p", f.dir, "-e", "stderr", "-c", configure(t, f.dir, "nginx/main.conf",
		"USER", user, "DIR", f.dir, "UPSTREAM", f.upstream.address, "SITE", site)}
}}

var varnish = &proxy{"Varnish", "varnishd", true, func(t *testing.T, f *front, config string) []string {
	host, port, err := net.SplitHostPort(f.upstream.address)
	require.NoError(t, err)
	vcl := configure(t, f.dir, "varnish/"+config+".vcl", "UPSTREAM_HOST", host, "UPSTREAM_PORT", port)
	return []string{"-F", "-j", "none", "-n", filepath.Join(f.dir, "varnish"), "-a", f.socket, "-f", vcl, "-s", "malloc,16m", "-p", "thread_pool_min=10"}
}}

// HAProxy 2.6 stores what varies by Accept-Encoding or Referer, and nothing that varies otherwise.
var haproxy = &proxy{"HAProxy", "haproxy", false, func(t *testing.T, f *front, config string) []string {
	f.certificate(t)
	main := configure(t, f.dir, "haproxy/main.cfg", "UPSTREAM", f.upstream.address)
	return []string{"-db", "-f", main, "-f", configure(t, f.dir, "haproxy/"+config+".cfg", "SOCKET", f.socket, "DIR", f.dir)}
}}

// front is a proxy in front of the upstream.
type front struct {
	proxy    *proxy
	dir      string
	socket   string
	upstream *upstream
	process  *process
}

// fronts are those that run, by name and configuration. They serve all tests: each test has URLs of its own.
var fronts = struct {
	sync.Mutex
	upstream *upstream
	running  map[string]*front
}{running: map[string]*front{}}

func TestMain(m *testing.M) {
	code := m.Run()
	var stopped sync.WaitGroup
	for _, f := range fronts.running {
		stopped.Add(1)
		go func() {
			defer stopped.Done()
			f.stop()
		}()
	}
	stopped.Wait()
	if fronts.upstream != nil {
		if err := fronts.upstream.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// front returns the proxy with a configuration of testdata, in front of the upstream that tests share.
func (p *proxy) front(t *testing.T, config string) *front {
	t.Helper()
	find(t, p.program)
	fronts.Lock()
	defer fronts.Unlock()
	if f := fronts.running[p.name+config]; f != nil {
		return f
	}
	if fronts.upstream == nil {
		u, err := newUpstream(nil)
		require.NoError(t, err)
		fronts.upstream = u
	}
	f := p.start(t, config, fronts.upstream)
	fronts.running[p.name+config] = f
	return f
}

// start starts the proxy in front of u.
func (p *proxy) start(t *testing.T, config string, u *upstream) *front {
	t.Helper()
	// t.TempDir's name may be too long for a socket.
	dir, err := os.MkdirTemp("", "proxy")
	require.NoError(t, err)
	f := &front{proxy: p, dir: dir, socket: filepath.Join(dir, "socket"), upstream: u}
	f.process, err = start(f.sockets(config), find(t, p.program), p.arguments(t, f, config)...)
	if err != nil {
		_ = os.RemoveAll(dir)
		t.Fatal(err)
	}
	return f
}

// sockets are those that a configuration has the proxy listen on.
func (f *front) sockets(config string) []string {
	if config == "http2" {
		return []string{f.socket, f.socket + ".tls"}
	}
	return []string{f.socket}
}

func (f *front) stop() {
	f.process.stop()
	_ = os.RemoveAll(f.dir)
}

// page returns a page in a browser whose connections all lead to the proxy.
func (f *front) page(origin string) *corstest.Browser {
	b := corstest.NewLiveBrowser(origin)
	b.Dial = func(ctx context.Context, address string, secure bool) (net.Conn, error) {
		var d net.Dialer
		if !secure {
			return d.DialContext(ctx, "unix", f.socket)
		}
		conn, err := d.DialContext(ctx, "unix", f.socket+".tls")
		if err != nil {
			return nil, err
		}
		secured := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) // of this test's own making
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return secured, nil
	}
	return b
}

// answer is what came to somebody who is no page.
type answer struct {
	status int
	header http.Header
	body   string
}

// get sends a request that no page sends: as a crawler does, or an img element.
func (f *front) get(t *testing.T, url string, headers ...string) answer {
	t.Helper()
	return f.send(t, "GET", url, headers...)
}

func (f *front) send(t *testing.T, method, url string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Add(name, value)
	}
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", f.socket)
		},
	}
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, response.Header, string(body)}
}

// url is of a test's own, for a host, through this proxy.
func (f *front) url(host, path string) string {
	return host + "/" + f.proxy.name + path
}

// each runs a test for several proxies with one configuration.
func each(t *testing.T, config string, proxies []*proxy, test func(t *testing.T, f *front)) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) { test(t, p.front(t, config)) })
	}
}

var all = []*proxy{nginx, varnish, haproxy}

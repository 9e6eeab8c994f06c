//go:build unix

package proxytest

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// TestErrorsOfTheServerAreReadableThroughTheProxy, with their status.
func TestErrorsOfTheServerAreReadableThroughTheProxy(t *testing.T) {
	each(t, "cache", all, func(t *testing.T, f *front) {
		for kind, status := range map[string]int{"401": 401, "404": 404, "429": 429, "500": 500, "503": 503} {
			for _, host := range append([]string{"any.example"}, listed...) {
				r := corstest.Readable(t, f.page(originA), corstest.Request{URL: "http://" + f.url(host, "/error/"+kind)})
				require.Equal(t, status, r.Status)
			}
		}
	})
}

// TestUploadsThatAreTooLargeAreReadableThroughTheProxy: the server reads on until its answer has come through.
func TestUploadsThatAreTooLargeAreReadableThroughTheProxy(t *testing.T) {
	each(t, "cache", all, func(t *testing.T, f *front) {
		for _, size := range []int{33 << 10, 1 << 20, 4 << 20} {
			body := strings.Repeat("x", size)
			for range 10 {
				r := corstest.Readable(t, f.page(originA), corstest.Request{
					Method: "POST", URL: "http://" + f.url("exact.example", "/upload"), Body: body,
				})
				require.Equal(t, 413, r.Status)
			}
		}
	})
}

// TestErrorPagesOfTheProxyAreNotReadable where they take the place of the server's.
func TestErrorPagesOfTheProxyAreNotReadable(t *testing.T) {
	each(t, "intercept", []*proxy{nginx}, func(t *testing.T, f *front) {
		url := "http://" + f.url("exact.example", "/intercepted/")
		corstest.BlockedBy(t, f.page(originA), corstest.Request{URL: url + "404"}, corstest.AllowOriginMissing)
		corstest.BlockedBy(t, f.page(originA), corstest.Request{URL: url + "503"}, corstest.AllowOriginMissing)
		r := corstest.Readable(t, f.page(originA), corstest.Request{URL: url + "429"})
		require.Equal(t, 429, r.Status)
	})
}

// dead is a server that takes connections and closes them.
func dead(t *testing.T) *upstream {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-done
	})
	return &upstream{address: listener.Addr().String()}
}

// TestErrorsOfTheProxyItself: nobody but the proxy answers for a server that is gone, so it has to say who may read that.
func TestErrorsOfTheProxyItself(t *testing.T) {
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			find(t, p.program)
			gone := dead(t)
			request := corstest.Request{URL: "http://exact.example/gone"}

			f := p.start(t, "cache", gone)
			t.Cleanup(f.stop)
			corstest.BlockedBy(t, f.page(originA), request, corstest.AllowOriginMissing)

			cured := p.start(t, "errors", gone)
			t.Cleanup(cured.stop)
			r := corstest.Readable(t, cured.page(originA), request)
			require.Contains(t, []int{502, 503}, r.Status)
			corstest.Readable(t, cured.page(originB), request)
			corstest.BlockedBy(t, cured.page(evilOrigin), request, corstest.AllowOriginMissing)
			require.Equal(t, []string{"Origin"}, cured.get(t, request.URL).header.Values("Vary"))

			// What the server itself says stays as it is.
			whole := p.front(t, "errors")
			url := whole.url("exact.example", "/whole/503")
			r = corstest.Readable(t, whole.page(originA), corstest.Request{URL: "http://" + url})
			require.Equal(t, 503, r.Status)
			require.Equal(t, madeFor(originA), string(r.Body))
			requireRefused(t, whole, url)
		})
	}
}

// TestTheLimitOfTheProxyIsReachedFirst: nginx takes 1 MiB unless told otherwise, and its 413 is readable by the same cure.
func TestTheLimitOfTheProxyIsReachedFirst(t *testing.T) {
	each(t, "errors", []*proxy{nginx}, func(t *testing.T, f *front) {
		request := corstest.Request{Method: "POST", URL: "http://" + f.url("exact.example", "/limit"), Body: strings.Repeat("x", 2<<20)}
		r := corstest.Readable(t, f.page(originA), request)
		require.Equal(t, 413, r.Status)
		require.Equal(t, "too large", string(r.Body))
		corstest.BlockedBy(t, f.page(evilOrigin), request, corstest.AllowOriginMissing)
		require.Empty(t, f.upstream.seen(f.url("exact.example", "/limit")))
	})
}

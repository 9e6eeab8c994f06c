//go:build unix

package proxytest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
)

// causes returns what corscheck tells of a fetch, but for pages that are of https, as these are, and fetch by http.
func causes(t *testing.T, f *front, origin string, r corstest.Request) (told []diagnose.Code) {
	t.Helper()
	for _, cause := range diagnose.Fetch(t.Context(), f.page(origin), r, diagnose.Options{}).Causes {
		if cause.Code != diagnose.MixedContent {
			told = append(told, cause.Code)
		}
	}
	return told
}

// TestWhatCorscheckTells of each fault that a proxy can make: the cause is among what it names, and where more than one
// thing can be the cause, among few.
func TestWhatCorscheckTells(t *testing.T) {
	get := func(url string) corstest.Request { return corstest.Request{URL: "http://" + url} }
	ranged := func(url string) corstest.Request {
		return corstest.Request{URL: "http://" + url, Header: corstest.Header{{"Range", "bytes=4-14"}}}
	}
	overTLS := func(url string) corstest.Request {
		request := put(url)
		request.URL = "https://" + url
		return request
	}
	for _, test := range []struct {
		name, config, host, path string
		request                  func(url string) corstest.Request
		proxies                  []*proxy
		want                     diagnose.Code
		most                     int
	}{
		{"nothing is wrong", "cache", "exact.example", "/plain", put, all, "", 0},
		{"HTTP/2 in front", "http2", "exact.example", "/plain", overTLS, []*proxy{nginx, haproxy}, "", 0},
		{"compression", "compress", "exact.example", "/text", put, all, "", 0},
		{"the origin in the cache's key", "key", "exact.example", "/plain", get, []*proxy{nginx, varnish}, "", 0},
		{"preflights cached", "preflight", "exact.example", "/plain", put, []*proxy{varnish}, "", 0},
		{"entries revalidated", "cache", "exact.example", "/etag", get, all, "", 0},
		{"entries used when they are old", "stale", "exact.example", "/stale", get, []*proxy{nginx, varnish}, "", 0},
		{"a range", "cache", "exact.example", "/text", ranged, all, "", 0},
		{"an error page with its headers", "cache", "exact.example", "/503", get, all, "", 0},
		{"any origin from one entry", "no-vary", "any.example", "/plain", get, all, "", 0},
		{"Origin dropped", "no-origin", "exact.example", "/plain", get, all, diagnose.RequestHeadersLost, 2},
		{"Origin dropped, preflight", "no-origin", "exact.example", "/plain", put, all, diagnose.RequestHeadersLost, 3},
		{"Access-Control-Request-Method dropped", "no-request", "exact.example", "/plain", put, all, diagnose.TakenForOrdinary, 2},
		{"requested names dropped where they are echoed", "no-names", "echo.example", "/plain",
			func(url string) corstest.Request { return withCredentials(put(url)) }, all, diagnose.HeaderNotAllowed, 1},
		{"requested names dropped where they are listed", "no-names", "exact.example", "/plain", put, all, "", 0},
		{"header doubled", "doubled", "exact.example", "/plain", get, []*proxy{nginx, haproxy}, diagnose.AddedTwice, 1},
		{"errors intercepted", "intercept", "exact.example", "/404", get, []*proxy{nginx}, diagnose.ErrorPath, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			each(t, test.config, test.proxies, func(t *testing.T, f *front) {
				told := causes(t, f, originA, test.request(f.url(test.host, "/told"+test.path)))
				if test.want != "" {
					require.Contains(t, told, test.want)
				}
				require.LessOrEqual(t, len(told), test.most, told)
				if test.most == 0 { // and nothing for the next page, for which a cache may have something
					require.Empty(t, causes(t, f, originB, test.request(f.url(test.host, "/told"+test.path))))
				}
			})
		})
	}
	t.Run("Vary ignored", func(t *testing.T) {
		each(t, "no-vary", all, func(t *testing.T, f *front) {
			url := f.url("exact.example", "/told/plain")
			require.Empty(t, causes(t, f, originA, get(url)))
			require.Equal(t, diagnose.CachedResponse, causes(t, f, originB, get(url))[0])
			// What was kept for who is no page, and allows nobody.
			url = f.url("exact.example", "/told/first/plain")
			requireNobodys(t, f, url)
			require.Contains(t, causes(t, f, originA, get(url)), diagnose.CachedResponse)
		})
	})
	t.Run("server gone", func(t *testing.T) {
		for _, p := range []*proxy{nginx, haproxy} {
			t.Run(p.name, func(t *testing.T) {
				find(t, p.program)
				f := p.start(t, "cache", dead(t))
				t.Cleanup(f.stop)
				require.Equal(t, diagnose.ErrorPath, causes(t, f, originA, get("exact.example/gone"))[0])
				require.Equal(t, []diagnose.Code{diagnose.ServerError}, causes(t, f, originA, put("exact.example/gone")))
			})
		}
	})
}

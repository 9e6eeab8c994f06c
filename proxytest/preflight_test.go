//go:build unix

package proxytest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// put is a request that is announced by a preflight.
func put(url string) corstest.Request {
	return corstest.Request{Method: "PUT", URL: "http://" + url, Header: corstest.Header{{"X-A", "1"}}}
}

// preflights returns how many preflights have come for a URL.
func (f *front) preflights(url string) (n int) {
	for _, request := range f.upstream.seen(url) {
		if request.method == "OPTIONS" {
			n++
		}
	}
	return n
}

// TestCachedPreflightsStayWithWhoAsked, and with what they asked for.
func TestCachedPreflightsStayWithWhoAsked(t *testing.T) {
	each(t, "preflight", []*proxy{varnish}, func(t *testing.T, f *front) {
		for _, host := range append([]string{"echo.example"}, listed...) {
			t.Run(host, func(t *testing.T) {
				url := f.url(host, "/preflight/plain")
				remove := put(url)
				remove.Method = "DELETE"
				other := put(url)
				other.Header[0][0] = "X-B"
				for range 2 { // with browsers that remember nothing
					for _, origin := range []string{originA, originB} {
						for _, request := range []corstest.Request{put(url), remove, other} {
							r := f.page(origin).Preflight(request)
							require.True(t, r.Allowed, r)
							require.Equal(t, origin, r.Preflight().ResponseHeader.Get("Access-Control-Allow-Origin"))
						}
					}
					r := f.page(evilOrigin).Preflight(put(url))
					require.Equal(t, corstest.AllowOriginMissing, r.Reason.Failure, r)
				}
				require.Equal(t, 7, f.preflights(url), "the second round comes from the cache")
			})
		}
		// The same under "*", whose preflights vary as well: by method and names, and by Origin for refused ones.
		url := f.url("any.example", "/preflight/plain")
		for range 2 {
			for _, origin := range []string{originA, evilOrigin} {
				require.True(t, f.page(origin).Preflight(put(url)).Allowed)
				refused := put(url)
				refused.Method = "PATCH"
				r := f.page(origin).Preflight(refused)
				require.Equal(t, corstest.AllowOriginMissing, r.Reason.Failure, r)
			}
		}
		require.Equal(t, 4, f.preflights(url))
	})
}

// TestPreflightsComeToTheServer where a cache has not been told otherwise, and what they announce works.
func TestPreflightsComeToTheServer(t *testing.T) {
	each(t, "cache", all, func(t *testing.T, f *front) {
		for _, host := range append([]string{"echo.example"}, listed...) {
			url := f.url(host, "/through/plain")
			for range 2 { // with browsers that remember nothing
				for _, origin := range []string{originA, originB} {
					r := corstest.Readable(t, f.page(origin), put(url))
					require.Equal(t, madeFor(origin), string(r.Body))
				}
			}
			require.Equal(t, 4, f.preflights(url), "HAProxy cannot be told otherwise at all")
		}
	})
}

// TestNginxCachesNoPreflights: it cannot even be told to.
func TestNginxCachesNoPreflights(t *testing.T) {
	path := find(t, nginx.program)
	dir, err := os.MkdirTemp("", "proxy")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	f := &front{proxy: nginx, dir: dir, socket: dir + "/socket", upstream: &upstream{address: "127.0.0.1:1"}}
	output, err := exec.Command(path, append([]string{"-t"}, nginx.arguments(t, f, "preflight")...)...).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), `invalid value "OPTIONS"`)
}

// TestWithoutOriginNoPageOfAListReads: what a proxy takes away, the server cannot answer.
func TestWithoutOriginNoPageOfAListReads(t *testing.T) {
	each(t, "no-origin", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			url := f.url(host, "/no-origin/plain")
			corstest.BlockedBy(t, f.page(originA), corstest.Request{URL: "http://" + url}, corstest.AllowOriginMissing)
			corstest.BlockedBy(t, f.page(originA), put(url), corstest.AllowOriginMissing)
			f.upstream.requireSeen(t, url, "GET ", "OPTIONS ")
		}
		url := f.url("any.example", "/no-origin/plain")
		corstest.Readable(t, f.page(originA), corstest.Request{URL: "http://" + url})
		corstest.Blocked(t, f.page(originA), put(url)) // what came is no preflight
	})
}

// TestWithoutRequestedNamesListsStillAnswer, since the whole list is sent. An echo has nothing to echo.
func TestWithoutRequestedNamesListsStillAnswer(t *testing.T) {
	each(t, "no-names", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			corstest.Readable(t, f.page(originA), put(f.url(host, "/no-names/plain")))
		}
		corstest.BlockedBy(t, f.page(originA), withCredentials(put(f.url("echo.example", "/no-names/plain"))), corstest.HeaderNotAllowed)
	})
}

func withCredentials(r corstest.Request) corstest.Request {
	r.Credentials = corstest.Include
	return r
}

// TestWithoutRequestedMethodNoPreflightIsAnswered: the request is not one any more.
func TestWithoutRequestedMethodNoPreflightIsAnswered(t *testing.T) {
	each(t, "no-request", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			url := f.url(host, "/no-request/plain")
			corstest.BlockedBy(t, f.page(originA), put(url), corstest.MethodNotAllowed)
			post := put(url)
			post.Method = "POST"
			corstest.BlockedBy(t, f.page(originA), post, corstest.HeaderNotAllowed)
			requireOwn(t, f, originA, url)
		}
	})
}

//go:build unix

package proxytest

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// requireOwn checks that a page gets a response that was made for it.
func requireOwn(t *testing.T, f *front, origin, url string) {
	t.Helper()
	r := corstest.Readable(t, f.page(origin), corstest.Request{URL: "http://" + url})
	require.Equal(t, madeFor(origin), firstLine(r.Body))
}

// requireNobodys checks that who is no page gets a response that was made for nobody, and lets no page read it.
func requireNobodys(t *testing.T, f *front, url string) {
	t.Helper()
	a := f.get(t, "http://"+url)
	require.Equal(t, 200, a.status)
	require.Equal(t, "for nobody", firstLine([]byte(a.body)))
	require.Empty(t, a.header.Values("Access-Control-Allow-Origin"))
}

func requireRefused(t *testing.T, f *front, url string) {
	t.Helper()
	corstest.BlockedBy(t, f.page(evilOrigin), corstest.Request{URL: "http://" + url}, corstest.AllowOriginMissing)
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(string(body), "\n")
	return line
}

// requireStored checks that of two rounds of requests the second came from the cache, where it keeps variants.
func requireStored(t *testing.T, f *front, url string, round ...string) {
	t.Helper()
	if !f.proxy.variants {
		round = append(round, round...)
	}
	f.upstream.requireSeen(t, url, round...)
}

// TestCachesKeepOriginsApart: origins in turn for one cacheable URL, and who has none.
func TestCachesKeepOriginsApart(t *testing.T) {
	for _, config := range []string{"cache", "key"} {
		proxies := all
		if config == "key" { // HAProxy's has no key that can be set
			proxies = []*proxy{nginx, varnish}
		}
		t.Run(config, func(t *testing.T) {
			each(t, config, proxies, func(t *testing.T, f *front) {
				for _, host := range listed {
					for _, kind := range []string{"plain", "encoding", "text"} {
						t.Run(host+"/"+kind, func(t *testing.T) {
							url := f.url(host, "/apart/"+config+"/"+kind)
							for range 2 {
								requireOwn(t, f, originA, url)
								requireOwn(t, f, originB, url)
								requireNobodys(t, f, url)
								requireRefused(t, f, url)
							}
							requireStored(t, f, url, "GET "+originA, "GET "+originB, "GET ", "GET "+evilOrigin)
						})
					}
				}
			})
		})
	}
}

// TestRequestsWithoutOriginMayComeFirst: images and crawlers fill the cache, and pages read the same URL after them.
func TestRequestsWithoutOriginMayComeFirst(t *testing.T) {
	each(t, "cache", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			url := f.url(host, "/first/plain")
			for range 2 {
				requireNobodys(t, f, url)
				requireOwn(t, f, originA, url)
				requireOwn(t, f, originB, url)
			}
			requireStored(t, f, url, "GET ", "GET "+originA, "GET "+originB)
		}
	})
}

// TestAnyOriginIsServedFromOneEntry: a policy of "*" varies by nothing, so the cache needs one response.
func TestAnyOriginIsServedFromOneEntry(t *testing.T) {
	for _, config := range []string{"cache", "no-vary"} {
		t.Run(config, func(t *testing.T) {
			each(t, config, all, func(t *testing.T, f *front) {
				url := f.url("any.example", "/one/"+config+"/plain")
				require.Equal(t, "for nobody", f.get(t, "http://"+url).body)
				for _, origin := range []string{originA, originB, evilOrigin, "null"} {
					r := corstest.Readable(t, f.page(origin), corstest.Request{URL: "http://" + url})
					require.Equal(t, "for nobody", string(r.Body))
				}
				f.upstream.requireSeen(t, url, "GET ")
			})
		})
	}
}

// TestCompressionInTheProxyLeavesOriginsApart: it adds Accept-Encoding to Vary, and takes nothing from it.
func TestCompressionInTheProxyLeavesOriginsApart(t *testing.T) {
	each(t, "compress", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			for _, kind := range []string{"text", "encoding/text"} {
				url := f.url(host, "/compressed/"+kind)
				for range 2 {
					for _, origin := range []string{originA, originB} {
						a := f.get(t, "http://"+url, "Origin: "+origin, "Accept-Encoding: gzip")
						require.Equal(t, "gzip", a.header.Get("Content-Encoding"))
						r, err := gzip.NewReader(strings.NewReader(a.body))
						require.NoError(t, err)
						body, err := io.ReadAll(r)
						require.NoError(t, err)
						require.Equal(t, madeFor(origin), firstLine(body))
						require.Equal(t, []string{origin}, a.header.Values("Access-Control-Allow-Origin"))
						vary := strings.ToLower(strings.Join(a.header.Values("Vary"), ","))
						require.Contains(t, vary, "origin")
						require.Contains(t, vary, "accept-encoding")
						requireOwn(t, f, origin, url) // uncompressed
					}
				}
			}
		}
	})
}

// TestACacheThatIgnoresVaryGivesOnePageWhatIsAnothers, whose browser then refuses it. docs/intermediaries.md has the
// cure, which the configuration "key" is.
func TestACacheThatIgnoresVaryGivesOnePageWhatIsAnothers(t *testing.T) {
	each(t, "no-vary", all, func(t *testing.T, f *front) {
		url := f.url("exact.example", "/ignored/plain")
		requireOwn(t, f, originA, url)
		r := corstest.BlockedBy(t, f.page(originB), corstest.Request{URL: "http://" + url}, corstest.AllowOriginMismatch)
		require.Contains(t, r.Reason.Remedy, "Vary")
		f.upstream.requireSeen(t, url, "GET "+originA)

		url = f.url("exact.example", "/ignored/first/plain")
		requireNobodys(t, f, url)
		corstest.BlockedBy(t, f.page(originA), corstest.Request{URL: "http://" + url}, corstest.AllowOriginMissing)
		f.upstream.requireSeen(t, url, "GET ")
	})
}

// TestRevalidatedEntriesStayWithTheirOrigin: a 304 from the server makes an old entry new, and one from the cache goes to
// a client that has its own.
func TestRevalidatedEntriesStayWithTheirOrigin(t *testing.T) {
	each(t, "cache", []*proxy{nginx, varnish}, func(t *testing.T, f *front) {
		eachListed(t, func(t *testing.T, host string) {
			url := f.url(host, "/again/etag")
			origins := []string{originA, originB}
			for _, origin := range origins {
				requireOwn(t, f, origin, url)
			}
			for _, origin := range origins {
				eventually(t, func() bool {
					requireOwn(t, f, origin, url)
					requireOwn(t, f, origins[0], url)
					return f.revalidated(url, origin)
				})
				a := f.get(t, "http://"+url, "Origin: "+origin, `If-None-Match: "1"`)
				require.Equal(t, 304, a.status)
				require.Equal(t, []string{origin}, a.header.Values("Access-Control-Allow-Origin"))
			}
			requireNobodys(t, f, url)
		})
	})
}

// eachListed runs a test that waits for entries to become old, for all policies at once.
func eachListed(t *testing.T, test func(t *testing.T, host string)) {
	for _, host := range listed {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			test(t, host)
		})
	}
}

// revalidated tells whether the proxy has asked for a page whether its entry is still good.
func (f *front) revalidated(url, origin string) bool {
	for _, request := range f.upstream.seen(url) {
		if request.origin == origin && strings.Contains(request.header, "If-None-Match") {
			return true
		}
	}
	return false
}

// eventually is for what is true when an entry has become old, of which a cache says nothing.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came about")
		}
	}
}

// TestStaleEntriesStayWithTheirOrigin while they are renewed.
func TestStaleEntriesStayWithTheirOrigin(t *testing.T) {
	each(t, "stale", []*proxy{nginx, varnish}, func(t *testing.T, f *front) {
		eachListed(t, func(t *testing.T, host string) {
			url := f.url(host, "/stale")
			requireOwn(t, f, originA, url)
			requireOwn(t, f, originB, url)
			for _, origin := range []string{originA, originB} {
				eventually(t, func() bool {
					a := f.get(t, "http://"+url, "Origin: "+origin)
					require.Equal(t, madeFor(origin), a.body)
					require.Equal(t, []string{origin}, a.header.Values("Access-Control-Allow-Origin"))
					return a.header.Get("X-Cache") == "STALE"
				})
			}
		})
	})
}

// TestRangesStayWithTheirOrigin: a part of a stored response is the same page's.
func TestRangesStayWithTheirOrigin(t *testing.T) {
	each(t, "cache", all, func(t *testing.T, f *front) {
		for _, host := range listed {
			url := f.url(host, "/part/text")
			for range 2 {
				for _, origin := range []string{originA, originB} {
					r := corstest.Readable(t, f.page(origin), corstest.Request{
						URL: "http://" + url, Header: corstest.Header{{"Range", "bytes=4-14"}},
					})
					if f.proxy.variants {
						require.Equal(t, 206, r.Status)
						require.Equal(t, origin[:11], string(r.Body))
					} else { // not stored, and the server knows no ranges
						require.Equal(t, 200, r.Status)
						require.True(t, bytes.HasPrefix(r.Body, []byte(madeFor(origin))))
					}
				}
			}
		}
	})
}

// TestTheDefaultKeyOfNginxKnowsNoHost: one host's response is given to another's pages, whatever the policy of that.
func TestTheDefaultKeyOfNginxKnowsNoHost(t *testing.T) {
	each(t, "default-key", []*proxy{nginx}, func(t *testing.T, f *front) {
		path := "/" + f.proxy.name + "/plain"
		corstest.Readable(t, f.page(evilOrigin), corstest.Request{URL: "http://any.example" + path})
		corstest.Readable(t, f.page(evilOrigin), corstest.Request{URL: "http://exact.example" + path})
		require.Empty(t, f.upstream.seen("exact.example"+path))
	})
}

package browsertest

import (
	"context"
	"net"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// cached is a server of pages and of APIs whose responses browsers may keep. The pages a.app.localhost and
// b.app.localhost are of one site, so that they share what the browser keeps.
type cached struct {
	port string

	mu       sync.Mutex
	requests map[string][]string // by host and path: the origin, with "?" where it asks whether what it has is still good
}

// cachedAPIs are the hosts of the APIs, by policy. The last one is open to all.
var cachedAPIs = []string{"exact.localhost", "pattern.localhost", "function.localhost", "any.localhost"}

func serveCached(t *testing.T) *cached {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &cached{requests: map[string][]string{}}
	_, s.port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	apis := map[string]*cors.Middleware{
		"exact.localhost":   cors.MustNew(cors.Config{AllowOrigins: []string{s.origin("a"), s.origin("b")}}),
		"pattern.localhost": cors.MustNew(cors.Config{AllowOrigins: []string{"http://*.app.localhost:" + s.port}}),
		"function.localhost": cors.MustNew(cors.Config{AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool {
			return strings.HasSuffix(string(origin), ".app.localhost:"+s.port)
		}}),
		"any.localhost": cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}),
	}
	server := &fasthttp.Server{
		Handler: cors.Select(func(ctx *fasthttp.RequestCtx) *cors.Middleware {
			return apis[strings.TrimSuffix(string(ctx.Host()), ":"+s.port)]
		}, s.handle),
		Logger: silent{},
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = server.ShutdownWithContext(ctx) // does not wait for connections that the browser keeps in stock
		require.NoError(t, <-done)
	})
	return s
}

func (s *cached) origin(page string) string { return "http://" + page + ".app.localhost:" + s.port }

// handle says whom a response is for, and how long it may be kept by the last element of the path.
func (s *cached) handle(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	if ctx.IsGet() && string(ctx.Path()) == "/" {
		ctx.SetContentType("text/html")
		ctx.SetBodyString(`<!doctype html><title>cache</title><link rel="icon" href="data:,">`)
		return
	}
	origin := string(ctx.Request.Header.Peek("Origin"))
	asks := string(ctx.Request.Header.Peek("If-None-Match")) != ""
	s.note(string(ctx.Host())+string(ctx.Path()), origin, asks)
	h.SetContentType("text/plain")
	ctx.SetBodyString("for " + origin)
	switch path.Base(string(ctx.Path())) {
	case "kept":
		h.Set("Cache-Control", "max-age=600")
	case "encoding":
		h.Set("Cache-Control", "max-age=600")
		h.Set("Vary", "Accept-Encoding")
	case "stale":
		h.Set("Cache-Control", "max-age=1, stale-while-revalidate=600")
	case "again":
		// The entity tag says that it is the same for all, so it has to be.
		ctx.SetBodyString("for all")
		h.Set("Cache-Control", "max-age=0")
		if asks {
			ctx.NotModified()
		}
		h.Set("ETag", `"1"`)
	}
}

func (s *cached) note(url, origin string, asks bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asks {
		origin += "?"
	}
	s.requests[url] = append(s.requests[url], origin)
}

func (s *cached) seen(url string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests[strings.TrimPrefix(url, "http://")]...)
}

// readBody returns what a page reads of a URL, or what fetch throws.
const readBody = `async ({url, mode}) => {
	try {
		const response = await fetch(url, {mode: mode || "cors"});
		return response.type == "opaque" ? "opaque" : await response.text();
	} catch (error) {
		return String(error);
	}
}`

// keepingResponses are the engines that have a cache here. A WebKitGTK that is driven keeps nothing.
var keepingResponses = []corstest.Engine{corstest.Chromium, corstest.Firefox}

// What was kept for one page, or for an image, is not given to another's.
func theBrowsersOwnCacheKeepsOriginsApart(t *testing.T, b *browser) {
	s := serveCached(t)
	pages := map[string]*tab{"a": b.open(t, s.origin("a")+"/"), "b": b.open(t, s.origin("b")+"/")}
	read := func(page, url, mode string) (body string) {
		pages[page].call(readBody, map[string]string{"url": url, "mode": mode}, &body)
		b.count(mode == "", false, false)
		return body
	}
	for _, api := range cachedAPIs {
		base := "http://" + api + ":" + s.port
		requireOwn := func(page, url string) {
			t.Helper()
			if api == "any.localhost" { // whoever came first
				require.Regexp(t, `^for `, read(page, url, ""))
			} else {
				require.Equal(t, "for "+s.origin(page), read(page, url, ""))
			}
		}
		for _, kind := range []string{"kept", "encoding"} {
			url := base + "/turns/" + kind
			for _, page := range []string{"a", "a", "b", "b", "a"} {
				requireOwn(page, url)
			}
			// The second of two is served from the cache, or this proves nothing.
			want := []string{s.origin("a"), s.origin("b"), s.origin("a")}
			if api == "any.localhost" {
				want = want[:1]
			}
			require.Equal(t, want, s.seen(url), "%s %s", api, kind)

			// An image's request has no origin.
			url = base + "/first/" + kind
			require.Equal(t, "opaque", read("a", url, "no-cors"))
			requireOwn("a", url)
			requireOwn("b", url)
		}
		url := base + "/again"
		for _, page := range []string{"a", "a", "b", "a"} {
			require.Equal(t, "for all", read(page, url, ""))
		}
		// With what was kept for another page, too: the 304 says whose it is now.
		require.Equal(t, []string{s.origin("a"), s.origin("a") + "?", s.origin("b") + "?", s.origin("a") + "?"}, s.seen(url), api)
	}
	// Entries grow old by the clock alone.
	urls := []string{}
	for _, api := range cachedAPIs[:3] {
		urls = append(urls, "http://"+api+":"+s.port+"/stale")
	}
	for _, url := range urls {
		require.Equal(t, "for "+s.origin("a"), read("a", url, ""))
	}
	pages["a"].call(`() => new Promise(done => setTimeout(done, 1100))`, nil, nil)
	for _, url := range urls {
		require.Equal(t, "for "+s.origin("b"), read("b", url, ""))
		require.Equal(t, "for "+s.origin("a"), read("a", url, ""))
	}
}

//go:build unix

package proxytest

import (
	"net"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

const (
	originA    = "https://a.app.example"
	originB    = "https://b.app.example"
	evilOrigin = "https://evil.example"
)

// policies are those of the sites that the upstream serves, by host.
var policies = map[string]cors.Config{
	"exact.example": {
		AllowOrigins: []string{originA, originB}, AllowMethods: []string{"PUT", "DELETE"}, AllowHeaders: []string{"X-A", "X-B"},
		AllowCredentials: true, MaxAge: 600,
	},
	"pattern.example": {
		AllowOrigins: []string{"https://*.app.example"}, AllowMethods: []string{"PUT", "DELETE"}, AllowHeaders: []string{"X-A", "X-B"}, MaxAge: 600,
	},
	"function.example": {
		AllowOriginFunc: func(_ *fasthttp.RequestCtx, origin []byte) bool {
			return strings.HasSuffix(string(origin), ".app.example")
		},
		AllowMethods: []string{"PUT", "DELETE"}, AllowHeaders: []string{"X-A", "X-B"}, MaxAge: 600,
	},
	"any.example": {
		AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT", "DELETE"}, AllowHeaders: []string{"X-A", "X-B"}, MaxAge: 600,
	},
	// Browsers take "*" for a name here, so what was asked for is echoed.
	"echo.example": {
		AllowOrigins: []string{originA, originB}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true, MaxAge: 600,
	},
}

// listed are the hosts whose policy names origins.
var listed = []string{"exact.example", "pattern.example", "function.example"}

// upstream is a server with the middleware, which the proxies stand in front of.
type upstream struct {
	address string
	server  *fasthttp.Server
	done    chan error

	mu       sync.Mutex
	requests []seen
}

// seen is a request that came to the upstream.
type seen struct {
	method, url, origin string
	header              string
}

func newUpstream(change func(*fasthttp.Server)) (*upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{address: listener.Addr().String(), done: make(chan error, 1)}
	sites := map[string]*cors.Middleware{}
	for host, policy := range policies {
		sites[host] = cors.MustNew(policy)
	}
	choose := func(ctx *fasthttp.RequestCtx) *cors.Middleware { return sites[string(ctx.Host())] }
	selected := cors.Select(choose, u.handle)
	u.server = &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			u.note(ctx)
			selected(ctx)
		},
		ErrorHandler:       cors.SelectErrorHandler(choose, nil),
		MaxRequestBodySize: 1000,
		CloseOnShutdown:    true,
		Logger:             quiet{}, // of bodies that are too large
	}
	if change != nil {
		change(u.server)
	}
	go func() { u.done <- u.server.Serve(listener) }()
	return u, nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// origin returns the request's Origin, whatever the case of its name.
func origin(ctx *fasthttp.RequestCtx) string {
	for name, value := range ctx.Request.Header.All() {
		if strings.EqualFold(string(name), "Origin") {
			return string(value)
		}
	}
	return ""
}

func (u *upstream) note(ctx *fasthttp.RequestCtx) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, seen{
		string(ctx.Method()), string(ctx.Host()) + string(ctx.Path()), origin(ctx), ctx.Request.Header.String(),
	})
}

// seen returns the requests for a URL so far.
func (u *upstream) seen(url string) (found []seen) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, request := range u.requests {
		if request.url == url {
			found = append(found, request)
		}
	}
	return found
}

// handle answers by the last element of the path, and says whom the answer is for.
func (u *upstream) handle(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	body := madeFor(origin(ctx))
	h.SetContentType("text/plain")
	h.Set("Cache-Control", "public, max-age=60")
	switch kind := path.Base(string(ctx.Path())); kind {
	case "plain":
	case "encoding":
		h.Set("Vary", "Accept-Encoding")
	case "text": // worth being compressed
		body += strings.Repeat("\nand for nobody else", 500)
	case "etag", "stale":
		h.Set("Cache-Control", "public, max-age=1")
		if kind == "stale" {
			h.Set("Cache-Control", "public, max-age=1, stale-while-revalidate=60")
		}
		h.Set("ETag", `"1"`)
		if string(ctx.Request.Header.Peek("If-None-Match")) == `"1"` {
			ctx.NotModified()
			h.Set("ETag", `"1"`)
			return
		}
	default:
		status, err := strconv.Atoi(kind)
		if err != nil {
			status = fasthttp.StatusNotFound
		}
		ctx.SetStatusCode(status)
	}
	ctx.SetBodyString(body)
}

func madeFor(origin string) string {
	if origin == "" {
		return "for nobody"
	}
	return "for " + origin
}

func (u *upstream) stop() error {
	if err := u.server.Shutdown(); err != nil {
		return err
	}
	return <-u.done
}

// requireSeen checks which requests have come for a URL, as "METHOD origin".
func (u *upstream) requireSeen(t *testing.T, url string, want ...string) {
	t.Helper()
	var got []string
	for _, request := range u.seen(url) {
		got = append(got, request.method+" "+request.origin)
	}
	require.Equal(t, want, got)
}

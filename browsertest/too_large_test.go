package browsertest

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/browsertest/engine"
)

const page413 = `<!doctype html><title>uploads</title><link rel="icon" href="data:,">`

// uploads returns the statuses that a page reads of so many uploads, with 0 where it reads none.
const uploads = `async ({url, size, times, warm}) => {
	const body = "x".repeat(size), statuses = [];
	for (let i = 0; i < times; i++) {
		if (warm) await (await fetch(url)).text();
		try {
			const response = await fetch(url, {method: "POST", body});
			await response.text();
			statuses.push(response.status);
		} catch {
			statuses.push(0);
		}
	}
	return statuses;
}`

// serveUploads serves a page to app.localhost and an API that takes no large bodies to api.localhost.
func serveUploads(t *testing.T, secure, keepAlive bool) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	m := cors.MustNew(cors.Config{
		AllowOrigins: []string{"http://app.localhost:" + port, "https://app.localhost:" + port}, AllowCredentials: true,
	})
	server := &fasthttp.Server{
		Handler: m.Wrap(func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("text/html")
			ctx.SetBodyString(page413)
		}),
		ErrorHandler:       m.WrapErrorHandler(nil),
		MaxRequestBodySize: 32 << 10,
		DisableKeepalive:   !keepAlive,
		Logger:             silent{},
	}
	if secure {
		listener = tls.NewListener(listener, engine.ServerTLS())
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = server.ShutdownWithContext(ctx) // does not wait for connections that the browser keeps in stock
		require.NoError(t, <-done)
	})
	return port
}

// All of them are. The engines send a body to its end before they read, and a server that closed the connection meanwhile would
// take the response away.
func bodiesThatAreTooLargeAreReadable(t *testing.T, b *browser) {
	for scheme, times := range map[string]int{"http": 40, "https": 10} {
		for _, keepAlive := range []bool{true, false} {
			port := serveUploads(t, scheme == "https", keepAlive)
			p := b.open(t, scheme+"://app.localhost:"+port+"/")
			for _, size := range []int{33 << 10, 1 << 20, 4 << 20} {
				var statuses []int
				p.call(uploads, map[string]any{
					"url": scheme + "://api.localhost:" + port + "/", "size": size, "times": times, "warm": keepAlive,
				}, &statuses)
				require.Len(t, statuses, times)
				for _, status := range statuses {
					b.count(status != 0, false, status != fasthttp.StatusRequestEntityTooLarge)
					require.Equal(t, fasthttp.StatusRequestEntityTooLarge, status, "%s, keep-alive %v, %d bytes: %v", scheme, keepAlive, size, statuses)
				}
			}
		}
	}
}

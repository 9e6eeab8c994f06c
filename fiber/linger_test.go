package corsfiber_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

// TestABodyOverTheLimitIsAnsweredWhereItIsSentToItsEndFirst, as browsers send it. Over a pipe in memory no response
// can be lost, so it is over TCP.
func TestABodyOverTheLimitIsAnsweredWhereItIsSentToItsEndFirst(t *testing.T) {
	for _, way := range []struct {
		name    string
		install func(*fiber.App, *cors.Middleware, ...cors.ErrorOption)
	}{
		{"Wrap", corsfiber.Wrap},
		{"WrapSelect", func(app *fiber.App, m *cors.Middleware, options ...cors.ErrorOption) {
			corsfiber.WrapSelect(app, func(*fasthttp.RequestCtx) *cors.Middleware { return m }, options...)
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			app := newApp(fiber.Config{BodyLimit: 1000})
			way.install(app, cors.MustNew(listed()))
			for _, size := range []int{33 << 10, 1 << 20, 4 << 20} {
				dial := serveTCP(t, app)
				for range 40 {
					conn := dial()
					_, err := conn.Write(upload(size))
					require.NoError(t, err)
					response, err := http.ReadResponse(bufio.NewReader(conn), nil)
					require.NoError(t, err)
					assert.Equal(t, 413, response.StatusCode)
					assert.Equal(t, allowedOrigin, response.Header.Get("Access-Control-Allow-Origin"))
					_, err = io.Copy(io.Discard, response.Body)
					require.NoError(t, err)
					require.NoError(t, conn.Close())
				}
			}
		})
		t.Run(way.name+", over the limit of Linger", func(t *testing.T) {
			app := newApp(fiber.Config{BodyLimit: 1000})
			way.install(app, cors.MustNew(listed()), cors.Linger(1<<20, time.Minute))
			conn := serveTCP(t, app)()
			_, err := conn.Write(upload(64 << 20))
			require.Error(t, err)
			require.NoError(t, conn.Close())
		})
	}
}

func upload(size int) []byte {
	return fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: api.example\r\nOrigin: %s\r\nContent-Length: %d\r\n\r\n%s",
		allowedOrigin, size, strings.Repeat("x", size))
}

// serveTCP lets the app serve on loopback, until the test ends.
func serveTCP(t *testing.T, app *fiber.App) (dial func() net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- listen(app, listener) }()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		require.NoError(t, <-done)
	})
	return func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(60*time.Second)))
		return conn
	}
}

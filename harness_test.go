package cors_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
)

// wire is a real fasthttp server behind an in-memory listener.
type wire struct {
	t        testing.TB
	listener *fasthttputil.InmemoryListener
}

func serve(t testing.TB, server *fasthttp.Server) *wire {
	t.Helper()
	server.Logger = discard{}
	w := &wire{t, fasthttputil.NewInmemoryListener()}
	done := make(chan error, 1)
	go func() { done <- server.Serve(w.listener) }()
	t.Cleanup(func() {
		require.NoError(t, w.listener.Close())
		require.NoError(t, <-done)
	})
	return w
}

// serveHandler serves handler behind a middleware with the policy.
func serveHandler(t testing.TB, c cors.Config, handler fasthttp.RequestHandler) *wire {
	t.Helper()
	return serve(t, &fasthttp.Server{Handler: cors.MustNew(c).Wrap(handler)})
}

type discard struct{}

func (discard) Printf(string, ...any) {}

func (w *wire) dial() net.Conn {
	w.t.Helper()
	conn, err := w.listener.Dial()
	require.NoError(w.t, err)
	require.NoError(w.t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

// reply is a response as it came over the wire.
type reply struct {
	status int
	header http.Header
	lines  []string // of the header, as they are
	body   string
}

// send sends a request on a connection of its own. It is written with line feeds alone, and without the
// empty line at its end.
func (w *wire) send(request string) reply {
	w.t.Helper()
	conn := w.dial()
	defer conn.Close()
	return exchange(w.t, conn, bufio.NewReader(conn), request)
}

func exchange(t testing.TB, conn net.Conn, r *bufio.Reader, request string) reply {
	t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	head = strings.TrimRight(head, "\n")
	method, _, _ := strings.Cut(head, " ")
	_, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body)
	require.NoError(t, err)
	return readReply(t, r, method)
}

// readReply reads one response, and nothing of what may follow it.
func readReply(t testing.TB, r *bufio.Reader, method string) reply {
	t.Helper()
	// http.ReadResponse changes the names of headers, so they are looked at beforehand.
	var head []byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		var err error
		head, err = r.Peek(len(head) + 1)
		require.NoError(t, err, "after %q", head)
	}
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n")
	response, err := http.ReadResponse(r, &http.Request{Method: method})
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, lines[1:], string(body)}
}

// corsHeaders returns the header lines of the CORS protocol, and Vary, with their names in lower case.
func (r reply) corsHeaders() map[string][]string {
	found := map[string][]string{}
	for _, line := range r.lines {
		name, value, _ := strings.Cut(line, ": ")
		name = strings.ToLower(name)
		if name == "vary" || strings.HasPrefix(name, "access-control-") {
			found[name] = append(found[name], value)
		}
	}
	return found
}

// requireCORS checks that the response has the headers given as "Name: value" lines, each once, and no other
// header of the CORS protocol.
func (r reply) requireCORS(t testing.TB, want ...string) {
	t.Helper()
	expected := map[string][]string{}
	for _, line := range want {
		name, value, ok := strings.Cut(line, ": ")
		require.True(t, ok, line)
		expected[strings.ToLower(name)] = []string{value}
	}
	require.Equal(t, expected, r.corsHeaders())
}

const (
	preflightVary = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	fooOrigin     = "https://foo.example"
)

func ok(ctx *fasthttp.RequestCtx) {
	ctx.SetBodyString("ok")
}

package corsfiber_test

import (
	"bufio"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

const (
	allowedOrigin = "https://app.example"
	refusedOrigin = "https://evil.example"
)

// listed is a policy that uses every response header.
func listed() cors.Config {
	return cors.Config{
		AllowOrigins:     []string{allowedOrigin},
		AllowMethods:     []string{"PUT", "DELETE"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total"},
		AllowCredentials: true,
		MaxAge:           600,
	}
}

func public() cors.Config {
	return cors.Config{AllowOrigins: []string{"*"}, ExposeHeaders: []string{"X-Total"}}
}

// An installation is a way to put a policy in front of an app.
type installation struct {
	name    string
	install func(*fiber.App, cors.Config)
}

// installations are the two ways to put the policy in front of an app.
var installations = []installation{
	{"New", func(app *fiber.App, config cors.Config) { app.Use(corsfiber.New(config)) }},
	{"Wrap", func(app *fiber.App, config cors.Config) { corsfiber.Wrap(app, cors.MustNew(config)) }},
}

// wire is a connection to an app that serves.
type wire struct {
	t        testing.TB
	listener *fasthttputil.InmemoryListener
}

// serve lets the app serve, until the test ends.
func serve(t testing.TB, app *fiber.App) wire {
	t.Helper()
	listener := fasthttputil.NewInmemoryListener()
	done := make(chan error, 1)
	go func() { done <- listen(app, listener) }()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		require.NoError(t, <-done)
	})
	return wire{t, listener}
}

// reply is a response as it came over the wire.
type reply struct {
	status int
	header http.Header // each line a value
	body   string
}

// send sends a request, whose lines end in "\n" here, and reads the response.
func (w wire) send(request string) reply {
	w.t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	conn, err := w.listener.Dial()
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, conn.Close()) }()
	_, err = io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body)
	require.NoError(w.t, err)
	method, _, _ := strings.Cut(head, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(w.t, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return reply{response.StatusCode, response.Header, string(content)}
}

// ask sends a request with no body.
func (w wire) ask(method, path string, headers ...string) reply {
	w.t.Helper()
	return w.send(strings.Join(append([]string{method + " " + path + " HTTP/1.1", "Host: api.example"}, headers...), "\n"))
}

// preflight sends what a browser sends before a request with that method and those headers.
func (w wire) preflight(path, origin, method string, headers ...string) reply {
	w.t.Helper()
	lines := []string{"Origin: " + origin, "Access-Control-Request-Method: " + method}
	if len(headers) > 0 {
		lines = append(lines, "Access-Control-Request-Headers: "+strings.Join(headers, ","))
	}
	return w.ask("OPTIONS", path, lines...)
}

// corsHeaders returns the response headers of the CORS protocol, which are the middleware's alone.
func (r reply) corsHeaders() http.Header {
	found := http.Header{}
	for name, values := range r.header {
		if strings.HasPrefix(name, "Access-Control-") {
			found[name] = values
		}
	}
	return found
}

// A class is a kind of request that is no preflight, and what its response has to carry.
type class struct {
	name   string
	origin []string // as a header line
	listed http.Header
	public http.Header
}

func classes() []class {
	everybody := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Expose-Headers": {"X-Total"}}
	return []class{
		{"allowed", []string{"Origin: " + allowedOrigin}, http.Header{
			"Access-Control-Allow-Origin":      {allowedOrigin},
			"Access-Control-Allow-Credentials": {"true"},
			"Access-Control-Expose-Headers":    {"X-Total"},
		}, everybody},
		{"refused", []string{"Origin: " + refusedOrigin}, http.Header{}, everybody},
		{"not CORS", nil, http.Header{}, everybody},
	}
}

// assertVary checks that Vary is one line that names each of want once, and nothing else.
func assertVary(t testing.TB, r reply, want ...string) {
	t.Helper()
	lines := r.header.Values("Vary")
	if len(want) == 0 {
		assert.Empty(t, lines, "Vary")
		return
	}
	require.Len(t, lines, 1, "Vary")
	got := strings.Split(strings.ReplaceAll(lines[0], ", ", ","), ",")
	slices.Sort(got)
	slices.Sort(want)
	assert.Equal(t, want, got, "Vary")
}

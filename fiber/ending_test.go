package corsfiber_test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/gofiber/fiber/v3/middleware/proxy"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

// An ending is one of the ways in which a request to an app may end.
type ending struct {
	name    string
	status  int
	vary    []string // what is there beside the middleware's own
	config  fiber.Config
	outside func(*fiber.App)               // registers in front of the middleware
	inside  func(testing.TB, *fiber.App)   // registers behind it
	handle  func(c fiber.Ctx) error        // instead of inside: GET /
	request func(origin []string) []string // instead of GET /: the first line, and headers
	skip    string                         // the installation that cannot hold here
}

const needsWrap = "New"

func endings() []ending {
	recovering := func(app *fiber.App) { app.Use(recover.New()) }
	rejecting := func(handler fiber.ErrorHandler) fiber.Config { return fiber.Config{ErrorHandler: handler} }
	return []ending{
		{name: "a body", status: 200, handle: func(c fiber.Ctx) error { return c.SendString("ok") }},
		{name: "nothing", status: 200, handle: func(fiber.Ctx) error { return nil }},
		{name: "NotModified", status: 304, handle: func(c fiber.Ctx) error { c.RequestCtx().NotModified(); return nil }},
		{name: "SendStatus", status: 304, handle: func(c fiber.Ctx) error { return c.SendStatus(304) }},

		{name: "fiber.NewError", status: 418, handle: func(fiber.Ctx) error { return fiber.NewError(418, "teapot") }},
		{name: "any error", status: 500, handle: func(fiber.Ctx) error { return errors.New("broken") }},
		{name: "an error after a body", status: 503, handle: func(c fiber.Ctx) error {
			return errors.Join(c.SendString("half"), fiber.ErrServiceUnavailable)
		}},
		{name: "fasthttp's Error", status: 418, handle: func(c fiber.Ctx) error { c.RequestCtx().Error("teapot", 418); return nil }},
		{name: "fasthttp's NotFound", status: 404, handle: func(c fiber.Ctx) error { c.RequestCtx().NotFound(); return nil }},
		{name: "fasthttp's Error and an error", status: 500, handle: func(c fiber.Ctx) error {
			c.RequestCtx().Error("teapot", 418)
			return errors.New("broken")
		}},
		{name: "a reset", status: 200, handle: func(c fiber.Ctx) error { c.Response().Reset(); return nil }},

		{name: "ErrorHandler: JSON", status: 409, handle: func(fiber.Ctx) error { return fiber.ErrConflict },
			config: rejecting(func(c fiber.Ctx, err error) error {
				return c.Status(409).JSON(fiber.Map{"message": err.Error()})
			})},
		{name: "ErrorHandler: fails", status: 500, handle: func(fiber.Ctx) error { return fiber.ErrConflict },
			config: rejecting(func(_ fiber.Ctx, err error) error { return err })},
		{name: "ErrorHandler: adds to Vary", status: 409, vary: []string{"Accept"}, handle: func(fiber.Ctx) error { return fiber.ErrConflict },
			config: rejecting(func(c fiber.Ctx, err error) error {
				c.Vary("Accept")
				return c.Status(409).SendString(err.Error())
			})},
		{name: "ErrorHandler: resets the response", status: 409, handle: func(fiber.Ctx) error { return fiber.ErrConflict }, skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error {
				c.Response().Reset()
				return c.Status(409).SendString(err.Error())
			})},
		{name: "ErrorHandler: fasthttp's Error", status: 409, handle: func(fiber.Ctx) error { return fiber.ErrConflict }, skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error { c.RequestCtx().Error(err.Error(), 409); return nil })},
		{name: "ErrorHandler: sets Vary", status: 409, vary: []string{"Accept"}, handle: func(fiber.Ctx) error { return fiber.ErrConflict }, skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error {
				c.Set("Vary", "Accept")
				return c.Status(409).SendString(err.Error())
			})},
		{name: "ErrorHandler: CORS headers of its own", status: 409, handle: func(fiber.Ctx) error { return fiber.ErrConflict }, skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error {
				c.Set("Access-Control-Allow-Origin", "*")
				return c.Status(409).SendString(err.Error())
			})},
		{name: "ErrorHandler: resets after a panic", status: 500, outside: recovering, handle: func(fiber.Ctx) error { panic("broken") }, skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error { c.RequestCtx().Error(err.Error(), 500); return nil })},
		{name: "ErrorHandler: resets after 404", status: 404, request: first("GET /nowhere"), skip: needsWrap,
			config: rejecting(func(c fiber.Ctx, err error) error { c.RequestCtx().Error(err.Error(), 404); return nil })},

		{name: "a file", status: 200, handle: func(c fiber.Ctx) error { return c.SendFile("corsfiber.go") }},
		{name: "a part of a file", status: 206, handle: func(c fiber.Ctx) error { return sendPart(c, "corsfiber.go") },
			request: first("GET /", "Range: bytes=0-9")},
		{name: "a file that is not there", status: 404, handle: func(c fiber.Ctx) error { return c.SendFile("missing") }},
		{name: "a static file", status: 200, inside: staticFiles, request: first("GET /files/a.txt")},
		{name: "a static file, compressed", status: 200, inside: staticFiles, vary: []string{"Accept-Encoding"},
			request: first("GET /files/a.txt", "Accept-Encoding: gzip")},
		{name: "a static file that is not there", status: 404, inside: staticFiles, request: first("GET /files/b.txt")},
		{name: "a stream", status: 200, handle: func(c fiber.Ctx) error { return c.SendStream(strings.NewReader("streamed")) }},
		{name: "a stream writer", status: 200, handle: func(c fiber.Ctx) error {
			return sendStream(c, func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
		}},
		{name: "server-sent events", status: 200, handle: func(c fiber.Ctx) error {
			c.Set("Content-Type", "text/event-stream")
			return sendStream(c, func(w *bufio.Writer) {
				_, _ = w.WriteString("data: 1\n\n")
				_ = w.Flush()
			})
		}},
		{name: "a handler of net/http", status: 202, inside: func(_ testing.TB, app *fiber.App) {
			app.Get("/", adaptor.HTTPHandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.WriteHeader(http.StatusAccepted)
			}))
		}},

		{name: "TimeoutError", status: 408, handle: func(c fiber.Ctx) error { c.RequestCtx().TimeoutError("late"); return nil }},
		{name: "fasthttp.TimeoutHandler", status: 408, inside: func(t testing.TB, app *fiber.App) {
			responded := make(chan struct{})
			t.Cleanup(func() { close(responded) })
			late := fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
				<-responded
				ctx.Request.Header.Del("Origin")
				ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			}, time.Millisecond, "late")
			app.Get("/", func(c fiber.Ctx) error { late(c.RequestCtx()); return nil })
		}},
		{name: "TimeoutErrorWithResponse", status: 503, vary: []string{"Accept"}, handle: func(c fiber.Ctx) error {
			var r fasthttp.Response
			r.SetStatusCode(503)
			r.Header.Set("Vary", "Accept")
			r.Header.Set("Access-Control-Allow-Origin", "https://upstream.example")
			c.RequestCtx().TimeoutErrorWithResponse(&r)
			return nil
		}},
		{name: "timeout middleware: a handler that gives up", status: 408, inside: func(_ testing.TB, app *fiber.App) {
			app.Get("/", timed(func(c fiber.Ctx) error {
				<-c.Context().Done()
				return c.Context().Err()
			}, time.Millisecond))
		}},
		{name: "timeout middleware: in time", status: 200, inside: func(_ testing.TB, app *fiber.App) {
			app.Get("/", timed(func(c fiber.Ctx) error { return c.SendString("ok") }, time.Hour))
		}},

		{name: "a panic, recovered outside", status: 500, outside: recovering, handle: func(fiber.Ctx) error { panic("broken") }},
		{name: "a panic, recovered outside, after a reset", status: 500, outside: recovering, handle: func(c fiber.Ctx) error {
			c.Response().Reset()
			panic(fiber.ErrInternalServerError)
		}},
		{name: "a panic, recovered inside", status: 500, inside: func(_ testing.TB, app *fiber.App) {
			app.Use(recover.New())
			app.Get("/", func(fiber.Ctx) error { panic("broken") })
		}},

		{name: "404", status: 404, request: first("GET /nowhere")},
		{name: "404 by a handler at the end", status: 404, inside: func(_ testing.TB, app *fiber.App) {
			app.Use(func(c fiber.Ctx) error { return c.SendStatus(404) })
		}},
		{name: "405", status: 405, inside: getOnly, request: first("DELETE /")},
		{name: "HEAD of a route for GET", status: 200, inside: getOnly, request: first("HEAD /")},
		{name: "a method that Fiber does not know", status: unknownMethodStatus, inside: getOnly, request: first("PURGE /"), skip: needsWrap},

		{name: "an upstream's response", status: 201, vary: []string{"Accept-Encoding"}, handle: func(c fiber.Ctx) error {
			upstreamResponse().CopyTo(c.Response())
			return nil
		}},
		{name: "the proxy middleware", status: 201, vary: []string{"Accept-Encoding"}, inside: func(t testing.TB, app *fiber.App) {
			client := upstream(t)
			app.Get("/", func(c fiber.Ctx) error { return proxy.Do(c, "http://upstream.example/", client) })
		}},
		{name: "CORS headers of the handler's own", status: 200, handle: func(c fiber.Ctx) error {
			c.Set("Access-Control-Allow-Origin", "*")
			c.Set("Access-Control-Allow-Credentials", "true")
			c.Set("Access-Control-Allow-Methods", "PATCH")
			c.Set("Access-Control-Expose-Headers", "X-Secret")
			return nil
		}},
		{name: "CORS headers of the handler's own, twice", status: 200, handle: func(c fiber.Ctx) error {
			c.Response().Header.Add("Access-Control-Allow-Origin", "*")
			c.Response().Header.Add("Access-Control-Allow-Origin", allowedOrigin)
			return nil
		}},

		{name: "c.Vary", status: 200, vary: []string{"Accept", "Accept-Language"}, handle: func(c fiber.Ctx) error {
			c.Vary("Accept", "Accept-Language")
			return nil
		}},
		{name: "c.Vary, Origin too", status: 200, vary: []string{"Accept", "ORIGIN"}, handle: func(c fiber.Ctx) error {
			c.Vary("Accept", "ORIGIN")
			return nil
		}},
		{name: "Vary with a name that has Origin in it", status: 200, vary: []string{"X-Origin-Country"}, handle: func(c fiber.Ctx) error {
			c.Vary("X-Origin-Country")
			return nil
		}},
		{name: "Vary, overwritten", status: 200, vary: []string{"Accept-Encoding"}, handle: func(c fiber.Ctx) error {
			c.Set("Vary", "Accept-Encoding")
			return nil
		}},

		{name: "a request that is reset", status: 200, handle: func(c fiber.Ctx) error { c.Request().Reset(); return nil }},
		{name: "a request without Origin", status: 200, handle: func(c fiber.Ctx) error {
			c.Request().Header.Del("Origin")
			return nil
		}},
		{name: "a request with another Origin", status: 200, handle: func(c fiber.Ctx) error {
			c.Request().Header.Set("Origin", "https://other.example")
			return nil
		}},
		{name: "c.RestartRouting", status: 200, inside: func(_ testing.TB, app *fiber.App) {
			app.Get("/old", func(c fiber.Ctx) error { c.Path("/new"); return c.RestartRouting() })
			app.Get("/new", func(c fiber.Ctx) error { return c.SendString("ok") })
		}, request: first("GET /old")},

		{name: "Immutable", status: 418, config: fiber.Config{Immutable: true}, handle: func(fiber.Ctx) error { return fiber.NewError(418) }},
		{name: "names not normalized", status: 200, vary: []string{"Accept"}, config: fiber.Config{DisableHeaderNormalizing: true},
			handle: func(c fiber.Ctx) error {
				c.Response().Header.Set("access-control-allow-origin", "*")
				c.Response().Header.Set("vary", "Accept")
				return nil
			}},
		{name: "names not normalized, sent in lower case", status: 418, config: fiber.Config{DisableHeaderNormalizing: true},
			handle: func(fiber.Ctx) error { return fiber.NewError(418) },
			request: func(origin []string) []string {
				lines := []string{"GET /"}
				for _, line := range origin {
					lines = append(lines, strings.Replace(line, "Origin", "origin", 1))
				}
				return lines
			}},
		{name: "OPTIONS that is no preflight", status: 200, request: first("OPTIONS /"), inside: func(_ testing.TB, app *fiber.App) {
			app.Options("/", func(c fiber.Ctx) error { return c.SendStatus(200) })
		}},
	}
}

// first makes a request of a first line and headers.
func first(line string, headers ...string) func([]string) []string {
	return func(origin []string) []string { return slices.Concat([]string{line}, headers, origin) }
}

func getOnly(_ testing.TB, app *fiber.App) {
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("ok") })
}

func staticFiles(t testing.TB, app *fiber.App) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("static ", 100)), 0o600))
	serveFiles(app, "/files", dir)
}

// upstreamResponse has each CORS header, with values that are not ours.
func upstreamResponse() *fasthttp.Response {
	r := new(fasthttp.Response)
	r.SetStatusCode(201)
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Headers", "Access-Control-Allow-Private-Network", "Access-Control-Expose-Headers",
		"Access-Control-Max-Age",
	} {
		r.Header.Set(name, "upstream")
	}
	r.Header.Set("Vary", "Accept-Encoding")
	return r
}

// upstream returns a client whose every request is answered by upstreamResponse.
func upstream(t testing.TB) *fasthttp.Client {
	listener := fasthttputil.NewInmemoryListener()
	server := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) { upstreamResponse().CopyTo(&ctx.Response) }}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	client := &fasthttp.Client{Dial: func(string) (net.Conn, error) { return listener.Dial() }}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		require.NoError(t, listener.Close())
		require.NoError(t, <-done)
	})
	return client
}

func TestHeadersAreThereHoweverARequestEnds(t *testing.T) {
	for _, e := range slices.Concat(endings(), endingsOfThisVersion()) {
		for _, way := range installations {
			if e.skip == way.name {
				continue
			}
			t.Run(e.name+"/"+way.name, func(t *testing.T) {
				for _, config := range []struct {
					policy string
					of     func(class) http.Header
					vary   []string
				}{
					{"listed", func(c class) http.Header { return c.listed }, []string{"Origin"}},
					{"public", func(c class) http.Header { return c.public }, nil},
				} {
					app := newApp(e.config)
					if e.outside != nil {
						e.outside(app)
					}
					policy := listed()
					if config.policy == "public" {
						policy = public()
					}
					way.install(app, policy)
					if e.inside != nil {
						e.inside(t, app)
					}
					if e.handle != nil {
						app.Get("/", e.handle)
					}
					w := serve(t, app)
					for _, class := range classes() {
						lines := append([]string{"GET /"}, class.origin...)
						if e.request != nil {
							lines = e.request(class.origin)
						}
						method, path, _ := strings.Cut(lines[0], " ")
						r := w.ask(method, path, lines[1:]...)
						about := config.policy + ", " + class.name
						assert.Equal(t, e.status, r.status, about)
						assert.Equal(t, config.of(class), r.corsHeaders(), about)
						want := slices.Concat(e.vary, config.vary)
						if slices.Contains(e.vary, "ORIGIN") {
							want = slices.Clone(e.vary)
						}
						if method == "OPTIONS" { // which some CDNs cache, and preflights are OPTIONS
							want = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}
						}
						assertVary(t, r, want...)
					}
				}
			})
		}
	}
}

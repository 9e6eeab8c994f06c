package cors_test

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// A body that nobody reads is the next request on its connection, as far as fasthttp is concerned. Whoever answers
// in a handler's stead has to see to it that it is not.

// around are the ways in which the middleware is put around a handler.
var around = []struct {
	name string
	wrap func(*cors.Middleware, fasthttp.RequestHandler) fasthttp.RequestHandler
}{
	{"Wrap", (*cors.Middleware).Wrap},
	{"Begin", func(m *cors.Middleware, next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			var x cors.Exchange
			if m.Begin(ctx, &x) {
				return
			}
			defer x.Finish(ctx)
			next(ctx)
		}
	}},
	{"Select", func(m *cors.Middleware, next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return cors.Select(func(*fasthttp.RequestCtx) *cors.Middleware { return m }, next)
	}},
}

const longerLength = "a length and chunks, of which the length is longer"

// framings are the ways in which a body is announced. Each is one that holds another request.
var framings = []struct {
	name   string
	write  func(body string) string // the header lines, an empty line, and the body
	closes string                   // for which servers the connection has to close behind a preflight
}{
	{"a length", func(body string) string {
		return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	}, "streaming"},
	{"a length that is waited for", func(body string) string {
		return fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}, "streaming"},
	{"chunks", func(body string) string {
		return "Transfer-Encoding: chunked\r\n\r\n" + inChunks(body)
	}, "streaming, in memory"},
	{"a length and chunks", func(body string) string {
		return "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks(body)
	}, "streaming, in memory"},
	{longerLength, func(body string) string {
		return fmt.Sprintf("Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n", len(body))
	}, "streaming, in memory"},
}

// inChunks returns the body as one chunk and the end of the last.
func inChunks(body string) string {
	if body == "" {
		return "0\r\n\r\n"
	}
	return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

// TestABodyIsNotTheNextRequest: nothing of a preflight's body reaches a handler, whether the preflight is allowed or
// refused, however its body comes, and however the middleware is put around the handler.
func TestABodyIsNotTheNextRequest(t *testing.T) {
	const start = "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n"
	smuggled := "POST /account/delete HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
	for _, way := range around {
		for _, framing := range framings {
			for _, server := range []string{"in memory", "streaming"} {
				for _, origin := range []string{fooOrigin, "https://evil.example"} {
					for _, body := range []string{"", smuggled, strings.Repeat(" ", 4096) + smuggled, strings.Repeat(smuggled, 200)} {
						name := fmt.Sprintf("%s, %s, %s, from %s, %d bytes", way.name, framing.name, server, origin, len(body))
						var mu sync.Mutex
						var seen []string
						m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}})
						w := serve(t, &fasthttp.Server{
							StreamRequestBody: server == "streaming",
							Handler: way.wrap(m, func(ctx *fasthttp.RequestCtx) {
								mu.Lock()
								defer mu.Unlock()
								seen = append(seen, string(ctx.Method())+" "+string(ctx.Path()))
							}),
						})
						conn := w.dial()
						sent := make(chan struct{})
						go func() {
							defer close(sent)
							_, _ = io.WriteString(conn, fmt.Sprintf(start, origin)+framing.write(body)+
								"GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
						}()
						r := bufio.NewReader(conn)
						if strings.Contains(framing.name, "waited") {
							head, err := r.Peek(len("HTTP/1.1 100"))
							require.NoError(t, err)
							require.Equal(t, "HTTP/1.1 100", string(head))
							_, err = r.Discard(len("HTTP/1.1 100 Continue\r\n\r\n"))
							require.NoError(t, err)
						}
						answer := readReply(t, r, "OPTIONS")
						closing := slices.Contains(answer.lines, "Connection: close")
						_, err := io.Copy(io.Discard, r) // to the end of the connection
						require.NoError(t, err, name)
						require.NoError(t, conn.Close())
						<-sent

						mu.Lock()
						want := []string{"GET /next"}
						if closing {
							want = nil
						}
						assert.Equal(t, want, seen, name)
						mu.Unlock()
						// Of chunks without a byte in them, fasthttp tells nothing once they are read.
						inDoubt := strings.Contains(framing.closes, server) && (server == "streaming" || len(body) > 0 && framing.name != longerLength)
						assert.Equal(t, inDoubt, closing, name)
						answer.requireCORS(t, map[bool][]string{
							true:  {"Access-Control-Allow-Origin: " + origin, "Access-Control-Allow-Methods: PUT", preflightVary},
							false: {preflightVary},
						}[origin == fooOrigin]...)
					}
				}
			}
		}
	}
}

// TestPreflightsKeepTheirConnection where there is no body: a connection is not given up for nothing.
func TestPreflightsKeepTheirConnection(t *testing.T) {
	for _, streaming := range []bool{false, true} {
		m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
		w := serve(t, &fasthttp.Server{Handler: m.Wrap(ok), StreamRequestBody: streaming})
		conn := w.dial()
		r := bufio.NewReader(conn)
		for range 3 {
			for _, origin := range []string{"foo", "evil"} {
				answer := exchange(t, conn, r, strings.Replace(preflight("GET"), "foo", origin, 1))
				assert.NotContains(t, answer.lines, "Connection: close")
			}
		}
		require.NoError(t, conn.Close())
	}
}

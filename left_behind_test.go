package cors_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// TestOtherHeadersKeepTheirOrder (RFC 9110 section 5.3): what has to go, goes without moving what stays.
func TestOtherHeadersKeepTheirOrder(t *testing.T) {
	links := []string{"X-First: 0", "Link: 1", "Link: 2", "X-A: a", "Link: 3", "X-Last: 9"}
	for _, test := range []struct {
		name  string
		lines []string // in front of, between and behind the others
		vary  string
	}{
		{"one Vary", []string{"Vary: A"}, "A, Origin"},
		{"several lines of Vary", []string{"Vary: A", "Vary: B", "Vary: C"}, "A, B, C, Origin"},
		{"Vary in odd case", []string{"vARY: A", "vary: B"}, "A, B, Origin"},
		{"an allowed origin", []string{"Access-Control-Allow-Origin: *"}, "Origin"},
		{"allowed origins in odd case", []string{"access-control-allow-origin: *", "ACCESS-CONTROL-ALLOW-ORIGIN: null"}, "Origin"},
		{"everything", []string{"Access-Control-Max-Age: 7", "Vary: A, b", "Access-Control-Expose-Headers: X", "Vary: B"}, "A, b, Origin"},
	} {
		for at := range len(links) + 1 {
			for apart := range 2 {
				var lines []string
				for i := range len(links) + 1 {
					if i == at {
						lines = append(lines, test.lines[:1]...)
					}
					if i == min(at+apart, len(links)) {
						lines = append(lines, test.lines[1:]...)
					}
					if i < len(links) {
						lines = append(lines, links[i])
					}
				}
				w := serveHandler(t, cors.Config{AllowOrigins: []string{fooOrigin}}, func(ctx *fasthttp.RequestCtx) {
					ctx.Response.Header.DisableNormalizing()
					for _, line := range lines {
						name, value, _ := strings.Cut(line, ": ")
						ctx.Response.Header.Add(name, value)
					}
				})
				r := w.send("GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\n")
				r.requireCORS(t, "Access-Control-Allow-Origin: https://foo.example", "Vary: "+test.vary)
				var kept []string
				for _, line := range r.lines {
					if slices.Contains(links, line) {
						kept = append(kept, line)
					}
				}
				assert.Equal(t, links, kept, "%s, in %q", test.name, lines)
			}
		}
	}
}

// FuzzLeftBehind: whatever a handler leaves in a response, what is not the middleware's leaves as it would without
// it, in the same order, byte for byte.
func FuzzLeftBehind(f *testing.F) {
	f.Add("X-A: 1\nVary: A\nLink: 1\nLink: 2\nAccess-Control-Allow-Origin: *\nX-B: 2", uint16(0), 200)
	f.Add("Set-Cookie: a=b\nVary: A\nVary: B\nSet-Cookie: c=d\nContent-Type: text/html\nServer: mine", uint16(1), 404)
	f.Add("access-control-max-age: 1\nConnection: upgrade\nConnection: x\nDate: yesterday\nX-A: 1", uint16(2|8), 101)
	f.Add("Access-Control-Allow-Headers: x\nTransfer-Encoding: chunked\nX-A: 1\nX-A: 2", uint16(2), 204)
	f.Add("Access-Control-Allow-Headers: x\nContent-Length: 7\nTrailer: X-Sum, Vary", uint16(4|16), 304)
	f.Add("vary: *\nAccess-Control-Expose-Headers: y\nVary: Accept", uint16(32|64), 200)
	f.Add("ACCESS-CONTROL-ALLOW-ORIGIN: x\nContent-Encoding: br\nVary: Origin, origin, ORIGIN", uint16(128|256|1), 500)
	f.Add("Access-Control-Max-Age,X: 1\nVary,X: a\nDate,X: 1\nConnection,X: 1\nTransfer-Encoding,X: 1\nAccess-Control-Max-Age: 7", uint16(0), 200)
	f.Add("x-a: 1\nX-b: 2\naccess-control-max-age: 7", uint16(1|1024), 200)
	f.Add("access-control-max-age: 1\nConnection: upgrade\x15", uint16(8|16|32|1), 101)
	f.Add("Access-Control-Allow-Headers: x\nContent-Length: 7", uint16(256|128|32|8|1), 350)
	f.Add("Access-Control-Allow-Headers: x\nTransfer-Encoding: chunked\nX-A: 1", uint16(1|2|4|256), 200)
	f.Add("Access-Control-Allow-Headers: x\nTransfer-Encoding:x: 1", uint16(4|8|16|32|128), 227)
	f.Add("Access-Control-Allow-Headers: x\nTransfer-Encoding: chunked\nX-A: 1", uint16(2|256|2048), 200)
	f.Add("Vary: a,b,c,d,a,b,c,d,a,b,c,d,a,b,,\nVary: e,f", uint16(0), 200)
	f.Add("access-control-max-age: 1\nConnection:  \x7f \x00x", uint16(4), 200)
	// What begins like ours, and has the length, in front of ours and behind.
	f.Add("Vote: 1\nApplication-Defined-Header: 1\nVary: A\nView: 2\nVary: B\nVote: 3\nAccess-Control-Max-Age: 7\nAdministrative-Contact-1: x", uint16(0), 200)
	f.Add("Vote: 1\nVary: A\nView: 2", uint16(0), 200)
	f.Add("Access-Control-Max-Age: 7\nTrailer: Vote, Application-Defined-Trailer, Vary", uint16(4|16), 200)
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: []string{"X-A"}})
	f.Fuzz(func(t *testing.T, text string, how uint16, status int) {
		if status < 100 || status > 999 {
			status = 200
		}
		handler := leaving(text, how, status)
		bare, with := answered(handler), answered(m.Wrap(handler))
		require.Equal(t, others(bare), others(with))

		var names []string
		star, listed := false, 0 // with empty elements
		for _, line := range bare {
			if name, value, _ := strings.Cut(line, ": "); strings.EqualFold(name, "vary") {
				names = append(names, naiveElements([]string{value})...)
				listed += 1 + strings.Count(value, ",")
			}
		}
		star = slices.Contains(names, "*")
		var got []string
		lines := 0
		for _, line := range with {
			if name, value, _ := strings.Cut(line, ": "); strings.EqualFold(name, "vary") {
				lines++
				got = append(got, naiveElements([]string{value})...)
			}
		}
		if star {
			require.Equal(t, names, got)
			return
		}
		require.Equal(t, 1, lines)
		want := []string{}
		for i, name := range append(names, "Origin") {
			if listed > 16 && (i < len(names) || !slices.ContainsFunc(names, func(s string) bool { return naiveASCIILower(s) == "origin" })) {
				want = append(want, name) // a list that nobody writes by hand stays as it is
			} else if !slices.ContainsFunc(want, func(s string) bool { return naiveASCIILower(s) == naiveASCIILower(name) }) {
				want = append(want, name)
			}
		}
		require.Equal(t, want, got)
	})
}

// leaving is a handler that leaves the header lines of text in a response, in one of many ways.
func leaving(text string, how uint16, status int) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		h := &ctx.Response.Header
		if how&1 != 0 {
			h.DisableNormalizing()
		}
		if how&2 != 0 { // as a proxy does
			var upstream fasthttp.Response
			head := "HTTP/1.1 200 OK\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n\r\n"
			if upstream.Header.Read(bufio.NewReader(strings.NewReader(head))) == nil {
				upstream.Header.CopyTo(h)
			}
		} else {
			for line := range strings.SplitSeq(text, "\n") {
				if name, value, ok := strings.Cut(line, ": "); ok && name != "" {
					h.Add(name, value)
				}
			}
		}
		h.SetStatusCode(status)
		if how&4 != 0 {
			h.SetStatusMessage([]byte("Odd"))
		}
		if how&8 != 0 {
			h.SetConnectionClose()
		}
		if how&16 != 0 {
			h.SetContentLength(-1)
		}
		if how&32 != 0 {
			h.SetContentType("text/x-odd")
		}
		if how&64 != 0 {
			h.SetNoDefaultContentType(true)
		}
		if how&128 != 0 {
			h.SetProtocol([]byte("HTTP/1.0"))
		}
		if how&(256|16) == 256 {
			h.SetContentLength(-2)
		}
		if how&2048 != 0 {
			h.ResetConnectionClose()
		}
		if how&1024 != 0 {
			h.EnableNormalizing()
		}
		if how&512 != 0 {
			ctx.TimeoutErrorWithResponse(&ctx.Response)
		}
	}
}

// answered returns what the handler's response is sent as: the status line, and the lines of the header.
func answered(handler fasthttp.RequestHandler) []string {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", fooOrigin)
	ctx.Response.Header.SetServer("theirs")
	handler(&ctx)
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		h = &late.Header
	}
	if h.ContentLength() == -2 && h.ConnectionClose() {
		h.SetStatusMessage(fmt.Append(h.StatusMessage(), " to the end")) // of the connection, which is not in the header
	}
	return strings.Split(strings.TrimSuffix(h.String(), "\r\n\r\n"), "\r\n")
}

// others returns the lines that are none of the middleware's, but for the second that it is.
func others(lines []string) (kept []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		switch lower := naiveASCIILower(name); {
		case lower == "vary" || slices.Contains(naiveOwned, lower):
		case lower == "date":
			kept = append(kept, "Date")
		case lower == "trailer":
			var names []string
			for _, name := range naiveElements([]string{value}) {
				if lower := naiveASCIILower(name); lower != "vary" && !slices.Contains(naiveOwned, lower) {
					names = append(names, name)
				}
			}
			if len(names) > 0 {
				kept = append(kept, "Trailer: "+strings.Join(names, ", "))
			}
		case fromReading(line) > 0:
			// fasthttp reads no control characters, so that there are spaces in their place.
			kept = append(kept, name+": "+strings.TrimSpace(strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return ' '
				}
				return r
			}, value)))
		default:
			kept = append(kept, strings.TrimRight(line, " \t")) // which is no part of a value
		}
	}
	// fasthttp reads these three before it takes anything else, so that they come first once lines were taken out.
	slices.SortStableFunc(kept[1:], func(a, b string) int {
		return fromReading(b) - fromReading(a)
	})
	return kept
}

func fromReading(line string) int {
	name, _, _ := strings.Cut(naiveASCIILower(line)+" ", ": ") // a name that a handler has set can have a colon
	return 1 + slices.Index([]string{"transfer-encoding", "connection", "date"}, name)
}

// TestTheWorkOnAResponseIsLinear in the lines and the names that an upstream has sent: a list or a header that is 64
// times as long must not cost 4,096 times as much. Most in between is left to the machine.
func TestTheWorkOnAResponseIsLinear(t *testing.T) {
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "x-%d,", i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, fill := range map[string]func(h *fasthttp.ResponseHeader, n int){
		"names in Vary": func(h *fasthttp.ResponseHeader, n int) { h.Set("Vary", names(n)) },
		"lines of Vary": func(h *fasthttp.ResponseHeader, n int) {
			for i := range n {
				h.Add("Vary", fmt.Sprint("x-", i))
			}
		},
		"CORS lines": func(h *fasthttp.ResponseHeader, n int) {
			for i := range n {
				h.Add([]string{"Access-Control-Allow-Origin", "X-Other"}[i%2], "x")
			}
		},
		"CORS lines in every case": func(h *fasthttp.ResponseHeader, n int) {
			h.DisableNormalizing()
			spelled := []byte("access-control-allow-origin")
			for i := range n {
				for bit := range 12 {
					c := spelled[bit] &^ 0x20
					if i>>bit&1 != 0 {
						c |= 0x20
					}
					if spelled[bit] != '-' {
						spelled[bit] = c
					}
				}
				h.Add(string(spelled), "x")
			}
			h.EnableNormalizing()
		},
		"trailers": func(h *fasthttp.ResponseHeader, n int) {
			_ = h.SetTrailer(names(n) + ",Access-Control-Allow-Origin")
		},
	} {
		m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
		cost := func(n int) time.Duration {
			var prepared fasthttp.ResponseHeader
			fill(&prepared, n)
			handler := m.Wrap(func(ctx *fasthttp.RequestCtx) { prepared.CopyTo(&ctx.Response.Header) })
			least := time.Hour
			for range 7 {
				var ctx fasthttp.RequestCtx
				ctx.Request.Header.Set("Origin", fooOrigin)
				start := time.Now()
				handler(&ctx)
				least = min(least, time.Since(start))
			}
			return least
		}
		cost(32000)
		small, large := cost(500), cost(32000)
		assert.Less(t, large, 1000*small, "%s: %v, then %v", name, small, large)
	}
}

// TestNothingOfOursIsLeft in a response to an origin that is refused, whatever stands beside it.
func TestNothingOfOursIsLeft(t *testing.T) {
	const long = "X-A-Header-Of-Twenty-Two-Letters-And-More"
	for name, lines := range map[string][]string{
		"beside a Vary of all":         {"Vary", "*", "Access-Control-Allow-Origin", "*"},
		"the shortest name alone":      {"Access-Control-Max-Age", "7"},
		"in front of another long one": {"Access-Control-Allow-Origin", "*", long, "1"},
		"beside a name without a byte": {"", "1", "Access-Control-Allow-Origin", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.Set("Origin", "https://evil.example")
			cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).Wrap(func(ctx *fasthttp.RequestCtx) {
				for i := 0; i < len(lines); i += 2 {
					ctx.Response.Header.Add(lines[i], lines[i+1])
				}
			})(&ctx)
			for name := range ctx.Response.Header.All() {
				assert.NotContains(t, string(name), "Access-Control-")
			}
			assert.NotEmpty(t, ctx.Response.Header.Peek("Vary"))
		})
	}
}

// TestWhatAServerManagesStays: lines that fasthttp takes from an upstream and not from a handler, of any length.
func TestWhatAServerManagesStays(t *testing.T) {
	for length := range 4300 {
		if length > 100 && length < 3900 {
			continue
		}
		var ctx fasthttp.RequestCtx
		head := "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: yesterday\r\nConnection: x" + strings.Repeat("y", length) +
			"\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
		cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).Wrap(func(ctx *fasthttp.RequestCtx) {
			require.NoError(t, ctx.Response.Header.Read(bufio.NewReaderSize(strings.NewReader(head), 8192)))
		})(&ctx)
		h := &ctx.Response.Header
		require.Equal(t, "yesterday", string(h.Peek("Date")))
		require.Equal(t, "x"+strings.Repeat("y", length), string(h.Peek("Connection")))
		require.Empty(t, h.Peek("Access-Control-Allow-Origin"))
	}
}

// TestWhatCannotBeReadBackLosesNothingElse: a handler can set what fasthttp would not read.
func TestWhatCannotBeReadBackLosesNothingElse(t *testing.T) {
	for c := range 256 {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.Set("Origin", fooOrigin)
		cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}}).Wrap(func(ctx *fasthttp.RequestCtx) {
			h := &ctx.Response.Header
			h.SetStatusCode(418)
			h.Set("Connection", "a"+string([]byte{byte(c)})+"b")
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("X-Other", "kept")
			h.SetConnectionClose()
		})(&ctx)
		h := &ctx.Response.Header
		require.Equal(t, 418, h.StatusCode(), c)
		require.True(t, h.ConnectionClose(), c)
		require.Equal(t, "kept", string(h.Peek("X-Other")), c)
		require.Equal(t, fooOrigin, string(h.Peek("Access-Control-Allow-Origin")), c)
		want := "a" + string([]byte{byte(c)}) + "b"
		if c < ' ' && c != '\t' || c == 0x7f {
			want = "a b" // a control character is no part of a value (RFC 9110 section 5.5)
		}
		require.Contains(t, h.String(), "\r\nConnection: "+want+"\r\n", c)
	}
}

// TestOtherHeadersOfTheResponseStay: names that begin or end like the middleware's own, and what is declared
// to come behind the body.
func TestOtherHeadersOfTheResponseStay(t *testing.T) {
	others := []string{
		"Access-Control-Allow-Originx", "Access-Control-Allow-Origi", "Access-Control-Allow", "Access-Control-", "Access-Control",
		"Access-Control-Request-Method", "Access-Control-Foo-Credentials", "X-Access-Control-Allow-Origin", "Bccess-Control-Allow-Origin",
		"Access_Control-Allow-Origin", "Varyx", "Xary", "Var", "X-Vary", "V", "A", "Vara", "Timing-Allow-Origin", "Trailer-Park",
	}
	w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
		for _, name := range others {
			ctx.Response.Header.Set(name, "kept")
		}
		for _, name := range naiveOwned {
			ctx.Response.Header.Set(name, "dropped")
		}
		_ = ctx.Response.Header.SetTrailer("X-One, Access-Control-Max-Age, X-Two, vary, X-Three")
		ctx.Response.Header.Set("X-One", "1")
		ctx.Response.Header.Set("X-Two", "2")
		ctx.Response.Header.Set("X-Three", "3")
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	})
	conn := w.dial()
	defer conn.Close()
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\nOrigin: https://example.com\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "streamed", string(body))
	require.Equal(t, http.Header{"X-One": {"1"}, "X-Two": {"2"}, "X-Three": {"3"}}, response.Trailer)
	for _, name := range others {
		require.Equal(t, "kept", response.Header.Get(name), name)
	}
	for _, name := range naiveOwned[1:] {
		require.Empty(t, response.Header.Values(name), name)
	}
	require.Equal(t, []string{"https://example.com"}, response.Header.Values("Access-Control-Allow-Origin"))
	require.Equal(t, []string{"Origin"}, response.Header.Values("Vary"))
}

// TestOneTrailerIsEnough to hide a header that has to come before the body.
func TestOneTrailerIsEnough(t *testing.T) {
	for _, name := range append([]string{"Vary"}, naiveOwned...) {
		w := serveHandler(t, cors.Config{AllowOrigins: []string{"https://example.com"}}, func(ctx *fasthttp.RequestCtx) {
			_ = ctx.Response.Header.SetTrailer(name)
			ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
		})
		r := w.send("GET / HTTP/1.1\nHost: h\nOrigin: https://example.com\n")
		r.requireCORS(t, "Access-Control-Allow-Origin: https://example.com", "Vary: Origin")
		require.Empty(t, r.header.Values("Trailer"), name)
	}
}

// TestShortTrailers: one letter is a name here as well.
func TestShortTrailers(t *testing.T) {
	var ctx fasthttp.RequestCtx
	cors.MustNew(cors.Config{AllowOrigins: []string{"https://example.com"}}).Wrap(func(ctx *fasthttp.RequestCtx) {
		require.NoError(t, ctx.Response.Header.SetTrailer("A, Vary, B, C"))
	})(&ctx)
	require.Equal(t, "A, B, C", string(ctx.Response.Header.Peek("Trailer")))
}

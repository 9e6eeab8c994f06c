package cors_test

import (
	"bufio"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// An answer to a preflight that was prepared is, byte for byte, the one that is written header by header, whatever
// the server adds and whatever somebody further out has set before.
func TestPreparedAnswersAreThoseThatAreWritten(t *testing.T) {
	set := func(lines ...string) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			h := &ctx.Response.Header
			for i := 0; i < len(lines); i += 2 {
				h.SetCanonical([]byte(lines[i]), []byte(lines[i+1]))
			}
		}
	}
	vary := strings.TrimPrefix(preflightVary, "Vary: ")
	c := cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}}
	shared := cors.MustNew(c)
	servers := map[string]func(*fasthttp.Server){
		"plain":             func(*fasthttp.Server) {},
		"named":             func(s *fasthttp.Server) { s.Name = "n" },
		"with a long name":  func(s *fasthttp.Server) { s.Name = strings.Repeat("n", 100) },
		"with a name of 64": func(s *fasthttp.Server) { s.Name = strings.Repeat("n", 64) },
		"with a name of 20": func(s *fasthttp.Server) { s.Name = strings.Repeat("n", 20) },
		"with a name that is cut before what looks like a date": func(s *fasthttp.Server) {
			s.Name, s.NoDefaultDate = strings.Repeat("n", 66)+"Date: Thu, 01 Jan 1970 00:00:00 GMT", true
		},
		"with a name like a date": func(s *fasthttp.Server) { s.Name, s.NoDefaultDate = "Date: 123456789", true },
		"with nothing": func(s *fasthttp.Server) {
			s.NoDefaultServerHeader, s.NoDefaultDate, s.NoDefaultContentType = true, true, true
		},
		"without a name":      func(s *fasthttp.Server) { s.NoDefaultServerHeader = true },
		"without a date":      func(s *fasthttp.Server) { s.NoDefaultDate = true },
		"without a type":      func(s *fasthttp.Server) { s.NoDefaultContentType = true },
		"with names as given": func(s *fasthttp.Server) { s.DisableHeaderNamesNormalizing = true },
	}
	outside := map[string]struct{ before, after fasthttp.RequestHandler }{
		"nothing":            {},
		"a header":           {before: set("X-Outer", "1")},
		"a status":           {before: func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(201) }},
		"a message":          {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetStatusMessage([]byte("Fine")) }},
		"a short message":    {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetStatusMessage([]byte("No")) }},
		"a protocol":         {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetProtocol([]byte("HTTP/1.0")) }},
		"a server's name":    {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetServer("other") }},
		"a name of a letter": {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetServer("o") }},
		"a short protocol":   {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.SetProtocol([]byte("H")) }},
		"a line of 20 bytes": {before: set("X-Outer", "123456789")},
		"a content type":     {before: func(ctx *fasthttp.RequestCtx) { ctx.SetContentType("text/html") }},
		"a cookie":           {before: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Set-Cookie", "a=b") }},
		"a date":             {before: set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")},
		"close":              {before: func(ctx *fasthttp.RequestCtx) { ctx.SetConnectionClose() }},
		"a line of the length of a date": {before: func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Set("Dots", strings.Repeat(".", len("Thu, 01 Jan 1970 00:00:00 GMT")))
		}},
		"a name in lower case, afterwards": {after: func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("x-after", "1") }},
		"a body, afterwards":               {after: func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("body") }},
	}
	for server, configure := range servers {
		own := cors.MustNew(c)
		for change, o := range outside {
			for _, c := range []struct {
				name, origin string
				byHand       fasthttp.RequestHandler
			}{
				{"allowed", fooOrigin, func(ctx *fasthttp.RequestCtx) {
					ctx.SetStatusCode(204)
					set("Access-Control-Allow-Origin", fooOrigin, "Access-Control-Allow-Methods", "PUT", "Vary", vary)(ctx)
				}},
				{"refused", "https://evil.example", func(ctx *fasthttp.RequestCtx) {
					ctx.SetStatusCode(403)
					set("Vary", vary)(ctx)
				}},
			} {
				t.Run(server+"/"+change+"/"+c.name, func(t *testing.T) {
					answer := func(handler fasthttp.RequestHandler) string {
						s := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
							if o.before != nil {
								o.before(ctx)
							}
							handler(ctx)
							if o.after != nil {
								o.after(ctx)
							}
						}}
						configure(s)
						conn := serve(t, s).dial()
						_, err := io.WriteString(conn, "OPTIONS / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: "+c.origin+
							"\r\nAccess-Control-Request-Method: PUT\r\n\r\n")
						require.NoError(t, err)
						all, err := io.ReadAll(bufio.NewReader(conn))
						require.NoError(t, err)
						return inOrder(string(all))
					}
					byHand := answer(c.byHand)
					require.Equal(t, byHand, answer(own.Wrap(ok)))
					require.Equal(t, byHand, answer(shared.Wrap(ok)), "a policy that servers of all kinds share")
				})
			}
		}
	}
}

var servedAt = regexp.MustCompile(`Date: [^\r]*(20\d\d)[^\r]*`)

// inOrder returns a response without the time, and with its header lines in order, which has no meaning for those of
// different names.
func inOrder(response string) string {
	head, body, _ := strings.Cut(servedAt.ReplaceAllString(response, "Date: now"), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	rest := lines[1:]
	slices.Sort(rest)
	return strings.Join(lines, "\n") + "\n\n" + body
}

package browsertest

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// handler is a way in which an API may answer. Its response has, beside what the middleware and the protocol add, this
// status and these headers.
type handler struct {
	run    fasthttp.RequestHandler
	status int
	header map[string]string

	// outside is run around the middleware, if not nil.
	outside func(fasthttp.RequestHandler) fasthttp.RequestHandler

	// special is whether it is only for tests that ask for it by name.
	special bool

	// twice is whether browsers send the request twice.
	twice   bool
	departs map[corstest.Engine]handlerDeparture
	// repeated says why engines, other than the standard has it, send the request once more.
	repeated map[corstest.Engine]string
}

// handlerDeparture is what an engine is known to make of the response, other than the standard has it.
type handlerDeparture struct {
	why    string
	fails  bool              // script gets nothing
	header map[string]string // what script reads
}

func (h handler) serve(ctx *fasthttp.RequestCtx, m *cors.Middleware) {
	wrapped := m.Wrap(h.run)
	if h.outside != nil {
		wrapped = h.outside(wrapped)
	}
	wrapped(ctx)
}

const body = "what script may read, or not"

// allHeaders are of each kind: safelisted, exposed by some policies and by none.
var allHeaders = map[string]string{
	"cache-control":    "no-cache",
	"content-language": "en",
	"content-length":   "28",
	"content-type":     "text/plain; charset=utf-8",
	"etag":             `"1"`,
	"expires":          "Thu, 01 Jan 1970 00:00:00 GMT",
	"last-modified":    "Thu, 01 Jan 1970 00:00:00 GMT",
	"pragma":           "no-cache",
	"set-cookie":       "seen=1; path=/seen",
	"set-cookie2":      "seen=1",
	"x-request-id":     "17",
	"x-shard":          "b3",
}

var plainHeaders = map[string]string{"content-length": "28", "content-type": "text/plain; charset=utf-8", "x-request-id": "17"}

func errorHeaders(length string) map[string]string {
	return map[string]string{"content-length": length, "content-type": "text/plain; charset=utf-8"}
}

// handlers by name.
var handlers = map[string]handler{
	"plain": {run: plain, status: 200, header: plainHeaders},
	"full": {run: func(ctx *fasthttp.RequestCtx) {
		for name, value := range allHeaders {
			if name != "content-length" {
				ctx.Response.Header.Set(name, value)
			}
		}
		ctx.SetBodyString(body)
	}, status: 200, header: allHeaders},
	"no-content": {run: func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(204)
		ctx.Response.Header.Set("X-Request-Id", "17")
	}, status: 204, header: map[string]string{"x-request-id": "17"}},
	"unauthorized": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.SetStatusCode(401)
	}, status: 401, header: plainHeaders},
	"server-error": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.SetStatusCode(500)
	}, status: 500, header: plainHeaders},
	"ctx-error": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.Error("away", 503)
	}, status: 503, header: errorHeaders("4")},
	"not-found": {run: func(ctx *fasthttp.RequestCtx) { ctx.NotFound() }, status: 404, header: errorHeaders("18")},
	"not-modified": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.NotModified()
	}, status: 304, header: map[string]string{}},
	"reset": {run: func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://left.example")
		ctx.Response.Reset()
		plain(ctx)
	}, status: 200, header: plainHeaders},
	"timeout-error": {run: func(ctx *fasthttp.RequestCtx) {
		ctx.TimeoutErrorWithCode("late", 503)
		// As a handler that is still at work would.
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://late.example")
	}, status: 503, header: errorHeaders("4")},
	"timeout-handler": {run: timeOut(fasthttp.StatusServiceUnavailable), status: 503, header: errorHeaders("4")},
	"timeout-handler-408": {
		run: timeOut(fasthttp.StatusRequestTimeout), status: 408, header: errorHeaders("4"),
		repeated: map[corstest.Engine]string{
			corstest.Chromium: "Chromium takes status 408 on a connection that has been used before for the end of that connection, " +
				"and repeats the request, whatever its method",
		},
	},
	"misdirected": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.SetStatusCode(421)
	}, status: 421, header: plainHeaders, twice: true, special: true, departs: map[corstest.Engine]handlerDeparture{
		corstest.Firefox: {
			why:    "Firefox joins the Content-Type of both responses",
			header: map[string]string{"content-type": "text/plain; charset=utf-8,text/plain; charset=utf-8"},
		},
	}},
	"no-proxy": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.SetStatusCode(407)
	}, status: 407, header: plainHeaders, special: true, departs: map[corstest.Engine]handlerDeparture{
		corstest.Chromium: {why: "Chromium takes status 407 for that of a proxy, and fails where there is none", fails: true},
	}},
	"upstream": {run: copyUpstream, status: 200, header: plainHeaders},
	"own-header": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
		ctx.Response.Header.Set("Access-Control-Expose-Headers", "X-Nothing")
	}, status: 200, header: plainHeaders},
	"own-headers-twice": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		for range 2 {
			ctx.Response.Header.Add("Access-Control-Allow-Origin", string(ctx.Request.Header.Peek("Origin")))
			ctx.Response.Header.Add("Access-Control-Allow-Credentials", "true")
		}
	}, status: 200, header: plainHeaders},
	"request-gone": {run: func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Reset()
		ctx.Request.Header.Set("Origin", "https://changed.example")
		plain(ctx)
	}, status: 200, header: plainHeaders},
	"vary": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		ctx.Response.Header.Set("Vary", "Accept-Encoding")
	}, status: 200, header: plainHeaders},
	"stream": {run: func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("text/plain; charset=utf-8")
		ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
			for part := range strings.SplitSeq(body, " ") {
				_, _ = w.WriteString(part)
				_ = w.Flush()
			}
		})
	}, status: 200, header: map[string]string{"content-type": "text/plain; charset=utf-8"}},
	"panic": {run: func(ctx *fasthttp.RequestCtx) {
		plain(ctx)
		panic("as handlers do")
	}, status: 500, header: plainHeaders, outside: recovering},
	// The server answers in its place.
	"too-large": {run: plain, status: 413, header: errorHeaders("24"), special: true},
	"script":    {run: content("text/javascript", "globalThis.loaded = true;"), special: true},
	"font":      {run: content("font/ttf", string(goregular.TTF)), special: true},
	"style":     {run: content("text/css", "html { color: black }"), special: true},
	"image":     {run: content("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`), special: true},
	"events": {run: func(ctx *fasthttp.RequestCtx) {
		message := "id: 7\nretry: 1\ndata: one\n\n"
		if string(ctx.Request.Header.Peek("Last-Event-ID")) == "7" {
			message = "data: two\n\n"
		}
		content("text/event-stream", message)(ctx)
	}, special: true},
	"socket": {run: func(ctx *fasthttp.RequestCtx) {
		// RFC 6455 section 4.2.2.
		sum := sha1.Sum(append(ctx.Request.Header.Peek("Sec-WebSocket-Key"), "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"...))
		ctx.SetStatusCode(fasthttp.StatusSwitchingProtocols)
		ctx.Response.Header.Set("Upgrade", "websocket")
		ctx.Response.Header.Set("Connection", "Upgrade")
		ctx.Response.Header.Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
		ctx.Hijack(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	}, special: true},
	"redirect": {run: func(ctx *fasthttp.RequestCtx) {
		args := ctx.QueryArgs()
		ctx.Redirect(string(args.Peek("to")), args.GetUintOrZero("status"))
	}, special: true},
}

func content(contentType, text string) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType(contentType)
		ctx.SetBodyString(text)
	}
}

func plain(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.Response.Header.Set("X-Request-Id", "17")
	ctx.SetBodyString(body)
}

// timeOut returns a handler within which another is still using ctx when the response is sent.
func timeOut(status int) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		release := make(chan struct{})
		defer close(release)
		fasthttp.TimeoutWithCodeHandler(func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://early.example")
			<-release
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://late.example")
		}, time.Millisecond, "late", status)(ctx)
	}
}

// copyUpstream answers with the response of another server, which has a policy of its own.
func copyUpstream(ctx *fasthttp.RequestCtx) {
	upstream := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(upstream)
	upstream.Header.SetContentType("text/plain; charset=utf-8")
	upstream.Header.Set("X-Request-Id", "17")
	upstream.Header.Set("Access-Control-Allow-Origin", string(ctx.Request.Header.Peek("Origin")))
	upstream.Header.Set("Access-Control-Allow-Credentials", "true")
	upstream.Header.Set("Access-Control-Expose-Headers", "X-Request-Id, X-Shard")
	upstream.Header.Set("Vary", "Origin")
	upstream.SetBodyString(body)
	upstream.CopyTo(&ctx.Response)
}

func recovering(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				ctx.SetStatusCode(500)
			}
		}()
		next(ctx)
	}
}

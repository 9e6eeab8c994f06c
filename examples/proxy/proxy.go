package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// maxRefusal is for how many bytes the answer to a WebSocket handshake that is refused may have.
const maxRefusal = 1 << 20

// proxy forwards to one upstream what the policies let through.
type proxy struct {
	upstream string // host and port
	choose   func(*fasthttp.RequestCtx) *cors.Middleware
	silence  time.Duration // for which the upstream may send nothing
	client   *fasthttp.HostClient
}

func newProxy(upstream string, choose func(*fasthttp.RequestCtx) *cors.Middleware, silence time.Duration) *proxy {
	p := &proxy{upstream: upstream, choose: choose, silence: silence}
	p.client = &fasthttp.HostClient{
		Addr:                     upstream,
		Dial:                     p.dial,
		StreamResponseBody:       true, // or an event stream would be kept until it ends
		NoDefaultUserAgentHeader: true,
		RetryIfErr: func(r *fasthttp.Request, _ int, err error) (resetTimeout, retry bool) {
			// A kept connection that the upstream has closed meanwhile, and not an upstream that is slow.
			return false, errors.Is(err, io.EOF) && (r.Header.IsGet() || r.Header.IsHead())
		},
	}
	return p
}

// server returns a server for the proxy. CORS is around all that answers: what the upstream sends, and what is
// sent in its place. It has no WriteTimeout, which would end event streams.
func (p *proxy) server() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                      refuseAmbiguous(cors.Select(p.choose, p.serve)),
		ErrorHandler:                 cors.SelectErrorHandler(p.choose, nil),
		ReadTimeout:                  30 * time.Second,
		IdleTimeout:                  time.Minute,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true, // bodies go on as they are
	}
}

// refuseAmbiguous refuses a request that has both a Content-Length and a Transfer-Encoding. fasthttp goes by the
// second, but whatever stands in front of this may have gone by the first, and would take the rest of the body
// for another request (RFC 9112 section 6.3).
func refuseAmbiguous(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		var hasLength, hasEncoding bool
		for line := range bytes.Lines(ctx.Request.Header.RawHeaders()) {
			name, _, _ := bytes.Cut(line, []byte(":"))
			hasLength = hasLength || bytes.EqualFold(name, []byte(fasthttp.HeaderContentLength))
			hasEncoding = hasEncoding || bytes.EqualFold(name, []byte(fasthttp.HeaderTransferEncoding))
		}
		if hasLength && hasEncoding {
			ctx.Error("both Content-Length and Transfer-Encoding", fasthttp.StatusBadRequest)
			ctx.SetConnectionClose()
			return
		}
		next(ctx)
	}
}

func (p *proxy) serve(ctx *fasthttp.RequestCtx) {
	webSocket := isWebSocket(&ctx.Request.Header)
	if webSocket && !p.mayOpenWebSocket(ctx) {
		ctx.Error("this origin may not open a WebSocket here", fasthttp.StatusForbidden)
		return
	}
	removeHopByHop(&ctx.Request.Header)
	ctx.Request.Header.Del(fasthttp.HeaderExpect) // the body is here
	ctx.Request.Header.Set(fasthttp.HeaderXForwardedFor, ctx.RemoteIP().String())
	// The path goes on as the policy was chosen by it: without dots and double slashes.
	ctx.Request.URI().SetScheme("http")
	ctx.Request.SetHost(p.upstream)
	forward := p.forward
	if webSocket {
		forward = p.forwardWebSocket
	}
	if err := forward(ctx); err != nil {
		status := fasthttp.StatusBadGateway
		var timed interface{ Timeout() bool }
		if errors.As(err, &timed) && timed.Timeout() || errors.Is(err, fasthttp.ErrDialTimeout) {
			status = fasthttp.StatusGatewayTimeout
		}
		ctx.Error(fasthttp.StatusMessage(status), status)
	}
}

func (p *proxy) forward(ctx *fasthttp.RequestCtx) error {
	ctx.Request.Header.SetNoDefaultContentType(true)
	if err := p.client.Do(&ctx.Request, &ctx.Response); err != nil {
		return err
	}
	removeHopByHop(&ctx.Response.Header)
	ctx.Response.Header.SetProtocol([]byte("HTTP/1.1")) // a version, too, is of one connection
	ctx.Response.Header.SetNoDefaultContentType(true)
	// A page is told of an event stream before the first event.
	ctx.Response.ImmediateHeaderFlush = ctx.Response.Header.ContentLength() < 0
	return nil
}

// mayOpenWebSocket looks at Origin, as the server has to: browsers ask nobody whether a page may open a WebSocket,
// and send cookies along.
func (p *proxy) mayOpenWebSocket(ctx *fasthttp.RequestCtx) bool {
	origins := ctx.Request.Header.PeekAll(fasthttp.HeaderOrigin)
	if len(origins) == 0 {
		return true // it is no browser
	}
	m := p.choose(ctx)
	return m != nil && len(origins) == 1 && m.AllowsOrigin(origins[0])
}

// forwardWebSocket connects a page with the upstream.
func (p *proxy) forwardWebSocket(ctx *fasthttp.RequestCtx) error {
	conn, err := p.dial(p.upstream)
	if err != nil {
		return err
	}
	setUpgrade(&ctx.Request.Header)
	reader := bufio.NewReader(conn)
	if _, err = ctx.Request.WriteTo(conn); err == nil {
		err = ctx.Response.ReadLimitBody(reader, maxRefusal)
	}
	if err != nil {
		conn.Close()
		return err
	}
	removeHopByHop(&ctx.Response.Header)
	if ctx.Response.StatusCode() != fasthttp.StatusSwitchingProtocols {
		conn.Close() // what follows is no WebSocket, and must not be passed on as one
		return nil
	}
	setUpgrade(&ctx.Response.Header)
	ctx.Hijack(func(page net.Conn) {
		go func() {
			_, _ = io.Copy(conn, page)
			conn.Close()
		}()
		_, _ = io.Copy(page, reader)
		conn.Close()
	})
	return nil
}

func isWebSocket(h *fasthttp.RequestHeader) bool {
	return h.IsGet() && h.ConnectionUpgrade() && bytes.EqualFold(h.Peek(fasthttp.HeaderUpgrade), []byte("websocket"))
}

func setUpgrade(h interface{ Set(name, value string) }) {
	h.Set(fasthttp.HeaderConnection, "Upgrade")
	h.Set(fasthttp.HeaderUpgrade, "websocket")
}

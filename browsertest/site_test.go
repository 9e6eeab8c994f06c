package browsertest

import (
	"context"
	"crypto/tls"
	_ "embed"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/browsertest/engine"
)

//go:embed page/index.html
var pageHTML string

//go:embed page/frame.html
var frameHTML string

//go:embed page/kinds.js
var kindsScript string

//go:embed page/cells.js
var pageScript string

// site serves pages and APIs under all host names, on two ports, so that a page may be of the API's origin, of another
// port, of another host, and so on.
//
//	/                        the page that fetches
//	/api/POLICY/HANDLER?id=  an API with that policy; requests are recorded by id
type site struct {
	port, otherPort string
	securePort      string // by https

	mu       sync.Mutex
	policies map[string]*cors.Middleware
	records  map[string]*record
}

// record is what the API received for one id.
type record struct {
	preflights []asked
	methods    []string // of the actual requests
	origins    []string // of the actual requests
	cookie     bool     // whether all actual requests came with the session's cookie
	leaked     bool     // whether a preflight came with a cookie
}

// asked is what a preflight asks permission for.
type asked struct{ method, headers string }

const (
	sessionCookie = "session=1"
	// secureCookie is sent by https alone, and from pages of all sites.
	secureCookie = "secure=1"

	maxRequestBody = 32 << 10
)

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{policies: make(map[string]*cors.Middleware), records: make(map[string]*record)}
	server := &fasthttp.Server{
		Handler:               s.recorded(s.handle),
		ErrorHandler:          s.handleError,
		MaxRequestBodySize:    maxRequestBody,
		NoDefaultServerHeader: true,
		IdleTimeout:           time.Minute,
		Logger:                silent{},
	}
	s.port = s.serve(t, server, false)
	s.otherPort = s.serve(t, server, false)
	s.securePort = s.serve(t, server, true)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = server.ShutdownWithContext(ctx) // does not wait for connections that the browser keeps in stock
	})
	return s
}

// silent keeps what handlers do on purpose out of the tests' output.
type silent struct{}

func (silent) Printf(string, ...any) {}

func (s *site) serve(t *testing.T, server *fasthttp.Server, secure bool) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	if secure {
		listener = tls.NewListener(listener, engine.ServerTLS())
	}
	go func() { _ = server.Serve(listener) }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// add puts a policy into force under a name.
func (s *site) add(t *testing.T, p policy) *cors.Middleware {
	t.Helper()
	m, err := cors.New(p.config)
	require.NoError(t, err, p.name)
	m.SetDebug(p.debug)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[p.name] = m
	return m
}

func (s *site) has(p policy) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policies[p.name] != nil
}

// recordOf returns what was received under an id.
func (s *site) recordOf(id string) record {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.records[id]; r != nil {
		return *r
	}
	return record{}
}

func (s *site) policyOf(ctx *fasthttp.RequestCtx) (m *cors.Middleware, handlerName string) {
	parts := strings.Split(string(ctx.Path()), "/")
	if len(parts) != 4 || parts[1] != "api" {
		return nil, ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policies[parts[2]], parts[3]
}

func (s *site) handle(ctx *fasthttp.RequestCtx) {
	m, name := s.policyOf(ctx)
	if m == nil {
		s.servePage(ctx)
		return
	}
	handlers[name].serve(ctx, m)
}

func (s *site) handleError(ctx *fasthttp.RequestCtx, err error) {
	if m, _ := s.policyOf(ctx); m != nil {
		s.recorded(func(ctx *fasthttp.RequestCtx) { m.WrapErrorHandler(nil)(ctx, err) })(ctx)
		return
	}
	ctx.Error(err.Error(), fasthttp.StatusBadRequest)
}

func (s *site) servePage(ctx *fasthttp.RequestCtx) {
	switch string(ctx.Path()) {
	case "/":
		if host, _, _ := strings.Cut(string(ctx.Host()), ":"); strings.HasSuffix(host, ".example.localhost") || host == "example.localhost" {
			cookie := sessionCookie + "; Domain=example.localhost; Path=/api; SameSite=Lax"
			if ctx.IsTLS() {
				cookie = secureCookie + "; Domain=example.localhost; Path=/api; SameSite=None; Secure"
			}
			ctx.Response.Header.Set("Set-Cookie", cookie)
		}
		ctx.SetContentType("text/html; charset=utf-8")
		ctx.SetBodyString(pageHTML)
	case "/frame":
		ctx.SetContentType("text/html; charset=utf-8")
		ctx.SetBodyString(frameHTML)
	case "/kinds.js":
		ctx.SetContentType("text/javascript; charset=utf-8")
		ctx.SetBodyString(kindsScript)
	case "/cells.js":
		ctx.SetContentType("text/javascript; charset=utf-8")
		ctx.SetBodyString(pageScript)
	default:
		ctx.NotFound()
	}
}

// recorded returns a handler that records each request that has an id, before next runs.
func (s *site) recorded(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if id := string(ctx.QueryArgs().Peek("id")); id != "" {
			cookie := sessionCookie
			if ctx.IsTLS() {
				cookie = secureCookie
			}
			s.record(id, &ctx.Request.Header, cookie)
		}
		next(ctx)
	}
}

func (s *site) record(id string, h *fasthttp.RequestHeader, expected string) {
	cookie := strings.Contains(string(h.Peek("Cookie")), expected)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[id]
	if r == nil {
		r = &record{cookie: true}
		s.records[id] = r
	}
	if method := h.Peek("Access-Control-Request-Method"); h.IsOptions() && len(method) > 0 {
		r.preflights = append(r.preflights, asked{string(method), string(h.Peek("Access-Control-Request-Headers"))})
		r.leaked = r.leaked || cookie
		return
	}
	r.methods = append(r.methods, string(h.Method()))
	r.origins = append(r.origins, string(h.Peek("Origin")))
	r.cookie = r.cookie && cookie
}

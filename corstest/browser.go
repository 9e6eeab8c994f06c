package corstest

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Browser is a page in a browser. It has the page's origin and shares the preflight cache and the server with the
// browser's other pages (see [Browser.Page]).
//
// The exported fields may be set before the first fetch. After that a Browser may be used by several goroutines at
// once.
type Browser struct {
	// Engine is whose preflight cache this is. The zero value follows the standard.
	Engine Engine

	// Now is the clock of the preflight cache; time.Now if nil.
	Now func() time.Time

	// Timeout bounds each exchange with the server, body included; 30 seconds if zero.
	Timeout time.Duration

	// HeadLimit is how many bytes a response's head may have; 256 KiB, as in Chromium, if zero.
	HeadLimit int

	// BodyLimit, if not zero, makes a fetch end with the response's head, as the promise of a page's fetch does. No more
	// than these bytes of a body are read, and not for long; [Exchange.BodyErr] says why there are no more. Otherwise
	// a body that does not come whole is a failure, and so is one of more than 64 MiB.
	BodyLimit int

	// Jar holds cookies, may be nil, and is shared with [Browser.Page]. See [CookieJar].
	Jar http.CookieJar

	// Dial opens the connections; a live browser's is nil. See [DialFunc].
	Dial DialFunc

	// RoundTrip, if not nil, takes the place of a connection: it fills in the response of x, or x.Err. It must be safe for
	// concurrent use.
	RoundTrip func(ctx context.Context, x *Exchange)

	// TLSConfig is used by live browsers for https URLs; may be nil. HTTP/2 is spoken where the server agrees to it, unless
	// NextProtos says otherwise.
	TLSConfig *tls.Config

	// Proxy tells live browsers which proxy leads to a URL, or none by returning nil; [http.ProxyFromEnvironment]'s
	// counterpart for URLs is in golang.org/x/net/http/httpproxy. Proxies are of the schemes http and socks5.
	Proxy func(*url.URL) (*url.URL, error)

	// UserAgent is sent as User-Agent where the page sets none.
	UserAgent string

	origin string
	shared *shared
}

// shared is what the pages of one browser have in common.
type shared struct {
	mu     sync.Mutex
	cache  preflightCache // made at the first fetch, when the engine is settled
	memory *memoryServer  // nil for a live browser
	// visited are the addresses to which there has been a connection, which may serve again.
	visited map[string]bool
}

// visit tells whether there was a visit to an address before.
func (s *shared) visit(address string) (before bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visited == nil {
		s.visited = make(map[string]bool)
	}
	before = s.visited[address]
	s.visited[address] = true
	return before
}

// NewBrowser returns a page of this origin in a browser for which handler serves every URL, whatever the host,
// through a fasthttp server in memory. It panics where origin is no origin (see [CheckOrigin]), or handler is nil.
func NewBrowser(origin string, handler fasthttp.RequestHandler) *Browser {
	if handler == nil {
		panic("corstest: the handler is nil: pass the fasthttp.RequestHandler that is to be tested")
	}
	return NewServerBrowser(origin, &fasthttp.Server{Handler: handler, NoDefaultServerHeader: true})
}

// NewServerBrowser is [NewBrowser] with a server of the caller's own, so that its settings count: error
// handlers, size limits, the treatment of header names. The server may serve elsewhere too. It panics where origin is
// no origin, or the server or its Handler is nil.
func NewServerBrowser(origin string, server *fasthttp.Server) *Browser {
	if server == nil || server.Handler == nil {
		panic("corstest: the server is nil or has no Handler: pass the fasthttp.Server that is to be tested")
	}
	memory := &memoryServer{server: server}
	b := newBrowser(origin)
	b.shared.memory = memory
	b.Dial = memory.dial
	return b
}

// NewLiveBrowser returns a page of this origin in a browser that fetches over the network. It panics where origin is no origin (see [CheckOrigin]).
func NewLiveBrowser(origin string) *Browser { return newBrowser(origin) }

func newBrowser(origin string) *Browser {
	if err := CheckOrigin(origin); err != nil {
		panic("corstest: " + err.Error())
	}
	return &Browser{origin: origin, shared: &shared{}, UserAgent: "corstest"}
}

// Page returns another page in the same browser: one server, one preflight cache. It panics where origin is no
// origin (see [CheckOrigin]).
func (b *Browser) Page(origin string) *Browser {
	page := newBrowser(origin)
	*page = *b
	page.origin = origin
	return page
}

// Incognito returns a page in a window of its own: the same server and settings, but neither the preflights nor the cookies of
// b. It panics where origin is no origin (see [CheckOrigin]).
func (b *Browser) Incognito(origin string) *Browser {
	page := b.Page(origin)
	page.shared, page.Jar = &shared{memory: b.shared.memory}, nil
	return page
}

// Origin returns the page's origin.
func (b *Browser) Origin() string { return b.origin }

// ForgetPreflights empties the preflight cache.
func (b *Browser) ForgetPreflights() {
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	b.shared.cache = nil
}

// Close stops serving in memory. Fetches fail from then on. A live browser holds nothing and needs no Close.
func (b *Browser) Close() {
	if b.shared.memory != nil {
		b.shared.memory.close()
	}
}

// withCache runs use while no other fetch looks at the cache.
func (b *Browser) withCache(use func(cache preflightCache, now time.Time)) {
	now := time.Now
	if b.Now != nil {
		now = b.Now
	}
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	if b.shared.cache == nil {
		b.shared.cache = b.Engine.newCache()
	}
	use(b.shared.cache, now())
}

package corstest

import (
	"crypto/tls"
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

	// Dial opens the connections. The constructors set it; see [DialFunc].
	Dial DialFunc

	// TLSConfig is used by live browsers for https URLs; may be nil.
	TLSConfig *tls.Config

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
}

// NewBrowser returns a page of this origin in a browser for which handler serves every URL, whatever the host,
// through a fasthttp server in memory. It panics where origin is no origin (see [CheckOrigin]).
func NewBrowser(origin string, handler fasthttp.RequestHandler) *Browser {
	return NewServerBrowser(origin, &fasthttp.Server{Handler: handler, NoDefaultServerHeader: true})
}

// NewServerBrowser is [NewBrowser] with a server of the caller's own, so that its settings count: error
// handlers, size limits, the treatment of header names. The server may serve elsewhere too.
func NewServerBrowser(origin string, server *fasthttp.Server) *Browser {
	memory := &memoryServer{server: server}
	b := newBrowser(origin)
	b.shared.memory = memory
	b.Dial = memory.dial
	return b
}

// NewLiveBrowser returns a page of this origin in a browser that fetches over the network, with HTTP/1.1. It panics
// where origin is no origin (see [CheckOrigin]).
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
	page.Engine, page.Now, page.Timeout = b.Engine, b.Now, b.Timeout
	page.Dial, page.TLSConfig, page.UserAgent = b.Dial, b.TLSConfig, b.UserAgent
	page.shared = b.shared
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

package browsertest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/browsertest/engine"
	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/crossorigin"
)

// crossSite serves pages of several origins, and an API that is protected.
//
//	/            a page that does nothing by itself
//	/api?id=     the API; what is decided about each request is sent to the test
//	/trusting    the same, trusting the origins of the CORS policy
//	/bounce?to=  sends a POST on to another address
type crossSite struct {
	port, otherPort, plainPort string
	decisions                  chan decided
}

// decided is what a browser sent with an id, and what was made of it.
type decided struct {
	id, method, site, origin, host string
	outcome                        crossorigin.Outcome
	fallback                       crossorigin.Outcome // what it is without Sec-Fetch-Site, as over plain http
}

func newCrossSite(t *testing.T) *crossSite {
	t.Helper()
	s := &crossSite{decisions: make(chan decided, 100)}
	server := &fasthttp.Server{Handler: s.handle, NoDefaultServerHeader: true, IdleTimeout: time.Minute, Logger: silent{}}
	s.port, s.otherPort, s.plainPort = s.serve(t, server, true), s.serve(t, server, true), s.serve(t, server, false)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = server.ShutdownWithContext(ctx) // does not wait for connections that the browser keeps in stock
	})
	return s
}

func (s *crossSite) serve(t *testing.T, server *fasthttp.Server, secure bool) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	if secure {
		listener = tls.NewListener(listener, engine.ServerTLS())
	}
	go func() { _ = server.Serve(listener) }()
	return port
}

func (s *crossSite) api() string     { return "https://api.example.localhost:" + s.port }
func (s *crossSite) sibling() string { return "https://www.example.localhost:" + s.port }
func (s *crossSite) evil() string    { return "https://evil.localhost:" + s.port }

// pages are where requests to the API come from.
func (s *crossSite) pages() map[string]string {
	return map[string]string{
		"same origin":  s.api(),
		"sibling":      s.sibling(), // same-site
		"another port": "https://api.example.localhost:" + s.otherPort,
		"another site": s.evil(),
		"plain http":   "http://api.example.localhost:" + s.plainPort,
	}
}

func (s *crossSite) handle(ctx *fasthttp.RequestCtx) {
	policy := cors.MustNew(cors.Config{
		AllowOrigins: []string{s.sibling()}, AllowMethods: []string{"DELETE"}, AllowCredentials: true,
	})
	done := func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("done") }
	options := crossorigin.Options{WebSockets: []string{"/"}, OnDecision: s.tell}
	switch string(ctx.Path()) {
	case "/":
		ctx.SetContentType("text/html; charset=utf-8")
		ctx.SetBodyString(`<!doctype html><link rel="icon" href="data:,">`)
	case "/bounce":
		ctx.Response.Header.SetBytesV("Location", ctx.QueryArgs().Peek("to"))
		ctx.SetStatusCode(fasthttp.StatusTemporaryRedirect)
	case "/trusting":
		options.TrustPolicy = policy
		fallthrough
	case "/api":
		policy.Wrap(crossorigin.MustNew(options).Wrap(done))(ctx)
	}
}

// tell is an OnDecision.
func (s *crossSite) tell(ctx *fasthttp.RequestCtx, d crossorigin.Decision) {
	id := string(ctx.QueryArgs().Peek("id"))
	if id == "" {
		return
	}
	var plain fasthttp.RequestCtx
	ctx.Request.CopyTo(&plain.Request)
	plain.Request.Header.Del("Sec-Fetch-Site")
	s.decisions <- decided{
		id: id, method: string(ctx.Method()), site: string(ctx.Request.Header.Peek("Sec-Fetch-Site")),
		origin: string(ctx.Request.Header.Peek("Origin")), host: string(ctx.Host()),
		outcome:  d.Outcome,
		fallback: crossorigin.MustNew(crossorigin.Options{WebSockets: []string{"/"}}).Evaluate(&plain).Outcome,
	}
}

// await returns the decision about the request with the id.
func (s *crossSite) await(t *testing.T, id string) decided {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case d := <-s.decisions:
			if d.id == id {
				return d
			}
		case <-timeout:
			t.Fatalf("the browser has sent nothing for %s", id)
		}
	}
}

// senders are the ways in which a page makes a browser send something without asking, as functions of the address.
var senders = []struct{ name, script string }{
	{"form", `(url) => formIn(document, url)`},
	{"form, no referrer", `(url) => formIn(document, url, (form) => { form.rel = "noreferrer"; })`},
	{"form in a sandbox", `(url) => {
		const frame = document.createElement("iframe");
		frame.sandbox = "allow-forms allow-scripts";
		frame.srcdoc = '<form method="post" action="' + url + '"></form><script>document.forms[0].submit()</' + 'script>';
		document.body.append(frame);
	}`},
	{"form, redirected by another site", `(url) => formIn(document, BOUNCE + encodeURIComponent(url))`},
	{"fetch, no-cors", `(url) => { fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: "a=b" }).catch(() => {}); }`},
	{"fetch, no-cors, no referrer", `(url) => { fetch(url, { method: "POST", mode: "no-cors", referrerPolicy: "no-referrer", body: "a=b" }).catch(() => {}); }`},
	{"fetch, cors", `(url) => { fetch(url, { method: "POST", body: "a=b" }).catch(() => {}); }`},
	{"sendBeacon", `(url) => { navigator.sendBeacon(url, "a=b"); }`},
	{"WebSocket", `(url) => { new WebSocket(url.replace("https:", "wss:")); }`},
	{"image", `(url) => { new Image().src = url; }`},
	{"frame", `(url) => { const frame = document.createElement("iframe"); frame.src = url; document.body.append(frame); }`},
}

// formIn submits a form into a frame, so that the page stays.
const formIn = `const formIn = (document, url, change = () => {}) => {
	const frame = document.createElement("iframe");
	frame.name = "frame" + document.querySelectorAll("iframe").length;
	document.body.append(frame);
	const form = document.createElement("form");
	Object.assign(form, { method: "post", action: url, target: frame.name });
	change(form);
	document.body.append(form);
	form.submit();
};`

// crossOriginPages are the columns of the tables below.
var crossOriginPages = []string{"same origin", "sibling", "another port", "another site", "plain http"}

// crossOriginTable says what comes of a request to a protected API over https: the value of Sec-Fetch-Site, whose origin
// Origin has ("page", or "null"), and whether the request passes (+) or is refused (-), first as it is and then without
// Sec-Fetch-Site, as over plain http. An image and a frame send GET.
const crossOriginTable = `
form                             | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
form, no referrer                | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
form in a sandbox                | cross-site null --   | cross-site null --   | cross-site null --   | cross-site null --   | cross-site null --
form, redirected by another site | cross-site null --   | cross-site null --   | cross-site null --   | cross-site null --   | cross-site null --
fetch, no-cors                   | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
fetch, no-cors, no referrer      | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
fetch, cors                      | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
sendBeacon                       | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
WebSocket                        | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | cross-site page --
image                            | same-origin - ++     | same-site - ++       | same-site - ++       | cross-site - ++      | cross-site - ++
frame                            | same-origin - ++     | same-site - ++       | same-site - ++       | cross-site - ++      | cross-site - ++
`

// crossOriginDepartures are the rows in which an engine differs.
var crossOriginDepartures = map[corstest.Engine]string{
	// Sends no Sec-Fetch-Site with WebSocket handshakes.
	corstest.Chromium: `
WebSocket                        | - page ++            | - page --            | - page --            | - page --            | - page --
`,
	// A page of plain http is of the same site. A request of one that sends no referrer has the origin null, also to its own.
	corstest.Firefox: `
form                             | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
form, no referrer                | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
form, redirected by another site | cross-site null --   | cross-site null --   | cross-site null --   | cross-site page --   | cross-site null --
fetch, no-cors                   | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
fetch, no-cors, no referrer      | same-origin null +-  | same-site null --    | same-site null --    | cross-site null --   | same-site null --
fetch, cors                      | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
sendBeacon                       | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
WebSocket                        | same-origin page ++  | same-site page --    | same-site page --    | cross-site page --   | same-site page --
image                            | same-origin - ++     | same-site - ++       | same-site - ++       | cross-site - ++      | same-site - ++
frame                            | same-origin - ++     | same-site - ++       | same-site - ++       | cross-site - ++      | same-site - ++
`,
	corstest.WebKitGTK: `
fetch, no-cors, no referrer      | same-origin null +-  | same-site null --    | same-site null --    | cross-site null --   | cross-site null --
`,
}

// readCrossOriginTable returns the cells, by row and column.
func readCrossOriginTable(t *testing.T, tables ...string) map[string]string {
	t.Helper()
	cells := map[string]string{}
	for _, table := range tables {
		for line := range strings.Lines(strings.TrimSpace(table)) {
			row := strings.Split(strings.TrimSpace(line), "|")
			require.Len(t, row, 1+len(crossOriginPages), line)
			for i, where := range crossOriginPages {
				cells[strings.TrimSpace(row[0])+", from "+where] = strings.TrimSpace(row[i+1])
			}
		}
	}
	return cells
}

// cell returns what is in the table for the decision.
func (d decided) cell(origin string) string {
	sign := func(o crossorigin.Outcome) string {
		if o.IsRefused() {
			return "-"
		}
		return "+"
	}
	whose := map[string]string{"": "-", origin: "page", "null": "null"}[d.origin]
	if d.site == "" {
		d.site = "-"
	}
	return d.site + " " + whose + " " + sign(d.outcome) + sign(d.fallback)
}

// Only what changes nothing, or comes from the API's own origin, passes.
func whatPagesSendToAProtectedAPI(t *testing.T, b *browser) {
	s := newCrossSite(t)
	standard := readCrossOriginTable(t, crossOriginTable)
	want := readCrossOriginTable(t, crossOriginTable, crossOriginDepartures[b.as])
	for _, where := range crossOriginPages {
		origin := s.pages()[where]
		p := b.open(t, origin+"/")
		for i, sender := range senders {
			function := fmt.Sprintf("(url) => { const BOUNCE = %q; %s (%s)(url); }", s.evil()+"/bounce?to=", formIn, sender.script)
			id := fmt.Sprintf("%s-%d", strings.ReplaceAll(where, " ", "-"), i)
			p.call(function, s.api()+"/api?id="+id, nil)
			d := s.await(t, id)
			require.Equal(t, strings.TrimPrefix(s.api(), "https://"), d.host)
			name, got := sender.name+", from "+where, d.cell(origin)
			b.count(false, got != standard[name], got != want[name])
			assert.Equal(t, want[name], got, name)
		}
	}
}

// And nowhere else. A preflight is not refused, whatever becomes of its request.
func refusalsCanBeReadWhereCORSAllows(t *testing.T, b *browser) {
	const read = `async ({ url, method }) => {
		try {
			return String((await fetch(url, { method, credentials: "include" })).status);
		} catch {
			return "nothing";
		}
	}`
	s := newCrossSite(t)
	pages := map[string]*tab{}
	for _, origin := range []string{s.sibling(), s.api(), s.evil()} {
		pages[origin] = b.open(t, origin+"/")
	}
	for _, test := range []struct {
		origin, path, method, want string
	}{
		{s.sibling(), "/api", "GET", "200"},
		{s.sibling(), "/api", "POST", "403"},
		{s.sibling(), "/api", "DELETE", "403"},
		{s.sibling(), "/trusting", "POST", "200"},
		{s.sibling(), "/trusting", "DELETE", "200"},
		{s.api(), "/api", "DELETE", "200"},
		{s.evil(), "/trusting", "GET", "nothing"},
		{s.evil(), "/trusting", "POST", "nothing"},
		{s.evil(), "/trusting", "DELETE", "nothing"},
	} {
		var got string
		pages[test.origin].call(read, map[string]string{"url": s.api() + test.path, "method": test.method}, &got)
		b.count(test.want != "nothing", false, got != test.want)
		assert.Equal(t, test.want, got, "%s %s from %s", test.method, test.path, test.origin)
	}
}

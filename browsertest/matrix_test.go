package browsertest

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// pages returns a page of each kind of origin. The API is at api.example.localhost.
func (s *site) pages() map[string]page {
	at := func(host, port string, hasCookie bool) page {
		origin := "http://" + host + ":" + port
		return page{url: origin + "/", origin: origin, hasCookie: hasCookie}
	}
	sandbox := at("app.example.localhost", s.port, false)
	sandbox.origin, sandbox.within, sandbox.departs = "null", "sandbox", frameOfSite
	localhost := at("localhost", s.port, false)
	localhost.departs = map[corstest.Engine]pageDeparture{
		corstest.WebKitGTK: {why: "WebKitGTK takes localhost for one of the site of a name under it", sendsCookie: true},
	}
	return map[string]page{
		"app":       at("app.example.localhost", s.port, true),
		"port":      at("app.example.localhost", s.otherPort, true),
		"deep":      at("a.b.example.localhost", s.port, true),
		"apex":      at("example.localhost", s.port, true),
		"suffix":    at("notexample.localhost", s.port, false),
		"prefix":    at("app.example.localhost.evil.localhost", s.port, false),
		"localhost": localhost,
		"loopback":  at("127.0.0.1", s.port, false),
		"same":      at("api.example.localhost", s.port, true),
		"sandbox":   sandbox,
	}
}

// frameOfSite is how frames of no origin depart.
var frameOfSite = map[corstest.Engine]pageDeparture{
	corstest.WebKitGTK: {why: "WebKitGTK takes a frame for one of the site around it, and sends that site's cookies", sendsCookie: true},
}

func (s *site) apiURL(p policy, handlerName string) string {
	return "http://api.example.localhost:" + s.port + "/api/" + p.name + "/" + handlerName
}

var (
	allModes = []corstest.Credentials{corstest.Omit, corstest.SameOrigin, corstest.Include}
	// Between different origins, "omit" is no different from "same-origin". Some tests show that; for others, these do.
	twoModes = []corstest.Credentials{corstest.SameOrigin, corstest.Include}
)

// cross returns a cell for each combination.
func (s *site) cross(policies []policy, pages []page, requests []request, modes []corstest.Credentials, handlerNames []string) []cell {
	var cells []cell
	for _, p := range policies {
		for _, where := range pages {
			for _, r := range requests {
				for _, r.credentials = range modes {
					for _, name := range handlerNames {
						cells = append(cells, cell{policy: p, page: where, request: r, handler: name, url: s.apiURL(p, name)})
					}
				}
			}
		}
	}
	return cells
}

// inBothModes returns the policies, and the same again in debug mode, where a preflight says more but allows as much.
func inBothModes(policies []policy) []policy {
	both := slices.Clone(policies)
	for _, p := range policies {
		p.name += "-debug"
		p.debug = true
		both = append(both, p)
	}
	return both
}

func withCredentials(c cors.Config) cors.Config {
	c.AllowCredentials = true
	c.DangerouslyAllowInsecureOrigins = true
	return c
}

func originsAreAllowedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	app, apex := pages["app"].origin, pages["apex"].origin
	subdomains := "http://*.example.localhost:" + s.port
	origins := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowMethods: []string{"PUT"}}
	}
	isPartner := func(_ *fasthttp.RequestCtx, origin []byte) bool {
		return bytes.HasPrefix(origin, []byte("http://notexample.localhost:"))
	}
	byFunc := cors.Config{AllowOriginFunc: isPartner, AllowMethods: []string{"PUT"}}
	policies := inBothModes([]policy{
		{name: "any", config: origins("*")},
		{name: "one", config: origins(app)},
		{name: "several", config: origins(app, apex, "https://example.org")},
		{name: "subdomains", config: origins(subdomains)},
		{name: "any-port", config: origins("http://app.example.localhost:*", "http://localhost:*")},
		{name: "subdomains-any-port", config: origins("http://*.example.localhost:*")},
		{name: "null", config: origins("null")},
		{name: "func", config: byFunc},
		{name: "one-credentials", config: withCredentials(origins(app))},
		{name: "several-credentials", config: withCredentials(origins(app, apex))},
		{name: "subdomains-credentials", config: withCredentials(origins(subdomains))},
		{name: "localhost-credentials", config: withCredentials(origins("http://localhost:*", "http://127.0.0.1:*"))},
		{name: "func-credentials", config: withCredentials(byFunc)},
	})
	// The page whose cookie it is comes first.
	var all []page
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		all = append(all, pages[name])
	}
	requests := []request{{name: "GET", method: "GET"}, {name: "PUT", method: "PUT"}}
	b.compare(t, s, s.cross(policies, all, requests, allModes, []string{"plain"}))
}

func methodsAreAllowedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	methods := func(methods ...string) cors.Config {
		return cors.Config{AllowOrigins: []string{app.origin}, AllowMethods: methods}
	}
	policies := inBothModes([]policy{
		{name: "none", config: methods()},
		{name: "listed", config: methods("PUT", "PATCH", "OPTIONS")},
		{name: "lower-case", config: methods("patch", "query", "DELETE")},
		{name: "all", config: methods("*")},
		{name: "listed-credentials", config: withCredentials(methods("PUT", "PATCH", "QUERY"))},
		{name: "all-credentials", config: withCredentials(methods("*"))},
		{name: "all-and-listed-credentials", config: withCredentials(methods("*", "PUT"))},
	})
	var requests []request
	for _, method := range []string{
		"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "M-SEARCH",
		"patch", "Patch", "query", "CONNECTED",
	} {
		requests = append(requests, request{name: method, method: method})
	}
	for _, method := range []string{"get", "Head", "pOST", "put", "Delete", "options"} {
		requests = append(requests, request{name: method, method: method, sent: strings.ToUpper(method)})
	}
	for _, method := range []string{"CONNECT", "TRACE", "track", "Connect", "A B", "PUT:"} {
		requests = append(requests, request{name: "no " + method, method: method, throws: true})
	}
	b.compare(t, s, s.cross(policies, []page{app}, requests, allModes, []string{"plain"}))
}

func requestHeadersAreAllowedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	headers := func(names ...string) cors.Config {
		return cors.Config{AllowOrigins: []string{app.origin}, AllowHeaders: names}
	}
	policies := inBothModes([]policy{
		{name: "none", config: headers()},
		{name: "one", config: headers("X-Token")},
		{name: "several", config: headers("content-type", "X-TOKEN", "Authorization", "X-Trace-Id")},
		{name: "safelisted-too", config: headers("Accept", "Accept-Language", "Content-Language", "Content-Type", "Range")},
		{name: "all", config: headers("*")},
		{name: "all-and-authorization", config: headers("*", "Authorization")},
		{name: "several-credentials", config: withCredentials(headers("content-type", "X-TOKEN", "Authorization"))},
		{name: "all-credentials", config: withCredentials(headers("*"))},
		{name: "all-and-authorization-credentials", config: withCredentials(headers("*", "authorization"))},
	})
	b.compare(t, s, s.cross(policies, []page{app}, headerRequests(), twoModes, []string{"plain"}))
}

func responseHeadersAreReadableAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	expose := func(origin string, names ...string) cors.Config {
		return cors.Config{AllowOrigins: []string{origin}, ExposeHeaders: names, AllowMethods: []string{"PUT"}}
	}
	app := pages["app"].origin
	policies := []policy{
		{name: "none", config: expose(app)},
		{name: "listed", config: expose(app, "X-Request-Id", "etag", "X-Absent", "Content-Type")},
		{name: "all", config: expose(app, "*")},
		{name: "all-and-listed", config: expose(app, "x-request-id", "*")},
		{name: "any-none", config: expose("*")},
		{name: "any-listed", config: expose("*", "x-request-id")},
		{name: "any-all", config: expose("*", "*")},
		{name: "listed-credentials", config: withCredentials(expose(app, "X-Request-Id", "X-Shard"))},
	}
	where := []page{pages["app"], pages["suffix"], pages["sandbox"], pages["same"]}
	requests := []request{
		{name: "GET", method: "GET"}, {name: "HEAD", method: "HEAD"}, {name: "PUT", method: "PUT", body: "new"},
	}
	var names []string
	for name, h := range handlers {
		if !h.special {
			names = append(names, name)
		}
	}
	b.compare(t, s, s.cross(policies, where, requests, twoModes, names))
}

func serverErrorsAreReadableAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	app := pages["app"].origin
	policies := []policy{
		{name: "one", config: cors.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}}},
		{name: "any", config: cors.Config{AllowOrigins: []string{"*"}, ExposeHeaders: []string{"*"}}},
		{name: "one-credentials", config: withCredentials(cors.Config{AllowOrigins: []string{app}})},
	}
	where := []page{pages["app"], pages["suffix"], pages["sandbox"], pages["same"]}
	large := strings.Repeat("x", maxRequestBody+1)
	requests := []request{{name: "POST", method: "POST", body: large}, {name: "PUT", method: "PUT", body: large}}
	b.compare(t, s, s.cross(policies, where, requests, allModes, []string{"too-large"}))
}

// Browsers send a request again for which they are told that they have come to the wrong server.
func statusesOfConnections(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	policies := []policy{
		{name: "one", config: cors.Config{AllowOrigins: []string{pages["app"].origin}, AllowMethods: []string{"PUT"}}},
		{name: "any", config: cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}}},
	}
	where := []page{pages["app"], pages["suffix"], pages["same"]}
	requests := []request{
		{name: "GET", method: "GET"}, {name: "POST", method: "POST", body: "text"}, {name: "PUT", method: "PUT", body: "text"},
	}
	cells := s.cross(policies, where, requests, twoModes, []string{"misdirected"})
	// With credentials, Firefox would ask a person for a password.
	without := []corstest.Credentials{corstest.Omit}
	b.compare(t, s, append(cells, s.cross(policies, where, requests, without, []string{"no-proxy"})...))
}

func maxAgeDecidesNothing(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	maxAge := func(seconds int) cors.Config {
		return cors.Config{AllowOrigins: []string{pages["app"].origin}, AllowMethods: []string{"PUT"}, MaxAge: seconds}
	}
	policies := []policy{
		{name: "0", config: maxAge(0)},
		{name: "600", config: maxAge(600)},
		{name: "86400", config: maxAge(86400)},
		{name: "negative", config: maxAge(-1)},
		{name: "negative-credentials", config: withCredentials(maxAge(-1))},
	}
	where := []page{pages["app"], pages["suffix"]}
	requests := []request{
		{name: "GET", method: "GET"}, {name: "PUT", method: "PUT"}, {name: "DELETE", method: "DELETE"},
	}
	b.compare(t, s, s.cross(policies, where, requests, allModes, []string{"plain"}))
}

package browsertest

import (
	"testing"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// apart is how engines depart that send no cookie of a site from pages of another, unless a person has allowed it.
var apart = map[corstest.Engine]pageDeparture{
	corstest.Chromium: {why: "Chromium, headless, sends no cookies of a site from pages of another", noCookie: true},
	corstest.Firefox:  {why: "Firefox keeps the cookies of a site apart for the pages of each other site", noCookie: true},
}

// otherSchemeApart is the same of pages that came by http.
var otherSchemeApart = map[corstest.Engine]pageDeparture{
	corstest.Chromium: {why: "Chromium takes pages by http and by https for those of two sites", noCookie: true},
}

// Over https, a cookie may be for pages of all sites: SameSite=None, which has to be Secure.
func securePagesAreAllowedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	secure := func(host string, departs map[corstest.Engine]pageDeparture) page {
		origin := "https://" + host + ":" + s.securePort
		return page{url: origin + "/", origin: origin, hasCookie: true, departs: departs}
	}
	app, same := secure("app.example.localhost", nil), secure("api.example.localhost", nil)
	insecure := s.pages()["app"]
	insecure.departs = otherSchemeApart
	where := []page{app, same, secure("a.b.example.localhost", nil), secure("notexample.localhost", apart), insecure}
	b.open(t, app.url) // whose cookie it is

	origins := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowMethods: []string{"PUT"}, ExposeHeaders: []string{"X-Request-Id"}}
	}
	credentials := func(c cors.Config) cors.Config {
		c.AllowCredentials = true
		return c
	}
	policies := []policy{
		{name: "any", config: origins("*")},
		{name: "app", config: origins(app.origin)},
		{name: "app-credentials", config: credentials(origins(app.origin))},
		{name: "all-credentials", config: credentials(origins(where[0].origin, where[2].origin, where[3].origin))},
		{name: "subdomains-credentials", config: credentials(origins("https://*.example.localhost:" + s.securePort))},
	}
	requests := []request{{name: "GET", method: "GET"}, {name: "POST", method: "POST", body: "text"}, {name: "PUT", method: "PUT", body: "text"}}
	cells := s.cross(policies, where, requests, twoModes, []string{"plain"})
	for i := range cells {
		cells[i].url = same.origin + "/api/" + cells[i].policy.name + "/plain"
	}
	b.compare(t, s, cells)
}

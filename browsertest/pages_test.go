package browsertest

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// oddPages are pages, frames and workers whose addresses are no web addresses.
func (s *site) oddPages(t *testing.T) []page {
	t.Helper()
	app := s.pages()["app"]
	var pages []page
	// Frames and workers of these have their page's origin.
	for _, within := range []string{"srcdoc", "blob", "worker-blob"} {
		where := app
		where.within = within
		if within == "blob" {
			where.departs = map[corstest.Engine]pageDeparture{
				corstest.WebKitGTK: {why: "WebKitGTK takes a blob: frame for one of no site", noCookie: true},
			}
		}
		pages = append(pages, where)
	}
	for _, within := range []string{"srcdoc-sandbox", "worker-data"} {
		pages = append(pages, page{url: app.url, origin: "null", within: within, departs: frameOfSite})
	}
	for _, within := range []string{"blob-sandbox", "data"} {
		pages = append(pages, page{url: app.url, origin: "null", within: within})
	}

	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte("<title>a file</title>"), 0o600))
	ofAnySite := pageDeparture{why: "WebKitGTK takes a page without a site for one of every site", sendsCookie: true}
	isolated := map[corstest.Engine]pageDeparture{
		corstest.WebKitGTK: ofAnySite,
		corstest.Chromium:  {why: "Chromium lets a tab's own data: and blank pages reach nothing on this machine", isolated: true},
	}
	return append(pages,
		page{url: "file://" + filepath.ToSlash(file), origin: "null", departs: map[corstest.Engine]pageDeparture{corstest.WebKitGTK: ofAnySite}},
		page{url: "data:text/html," + url.PathEscape("<title>data</title>"), origin: "null", departs: isolated},
		page{url: "about:blank", origin: "null", departs: isolated},
	)
}

func pagesWithoutWebAddressesAreAllowedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"].origin
	origins := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowMethods: []string{"PUT"}}
	}
	policies := []policy{
		{name: "any", config: origins("*")},
		{name: "app", config: origins(app)},
		{name: "null", config: origins("null")},
		{name: "app-and-null", config: origins(app, "null")},
		{name: "app-credentials", config: withCredentials(origins(app))},
	}
	requests := []request{{name: "GET", method: "GET"}, {name: "PUT", method: "PUT", body: "new"}}
	b.compare(t, s, s.cross(policies, s.oddPages(t), requests, twoModes, []string{"plain"}))
}

package main

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"

	"github.com/bytecors/cors/corstest"
)

// measurePreflights counts the preflights that a browser sends for 20 requests to one URL: 4 methods, each with
// 5 sets of headers, all of them allowed, and cached for 600 seconds.
func measurePreflights(r *report) (names []string, counts []float64) {
	t := r.table("Preflights",
		"What the preflight cache of a browser makes of the responses: the preflights for 20 requests to one URL (PUT, DELETE, PATCH, POST, each with "+
			"five sets of request headers; all of them allowed; max-age 600), by the model of Chromium in corstest. Each preflight is a "+
			"round trip that the user waits for.",
		"library", "preflights for 20 requests")
	p := allow(page)
	p.methods = []string{"PUT", "DELETE", "PATCH", "POST"}
	p.headers = []string{"Authorization", "Content-Type", "X-A", "X-B", "X-C"}
	sets := [][]string{{"x-a"}, {"x-b"}, {"x-a", "x-b"}, {"content-type", "x-c"}, {"authorization"}}
	unlisted := p
	unlisted.headers = nil
	server := httptest.NewServer(p.rs())
	defer server.Close()
	onServer := corstest.NewLiveBrowser(page)
	onServer.Dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}

	for _, row := range []struct {
		name    string
		browser *corstest.Browser
	}{
		{"bytecors/cors", corstest.NewBrowser(page, p.bytecors())},
		{"lab259/cors", corstest.NewBrowser(page, p.lab259())},
		{"rs/cors (net/http)", onServer},
		{"Fiber v2", corstest.NewBrowser(page, fiberv2App(p.fiberv2()))},
		{"Fiber v3", corstest.NewBrowser(page, fiberv3App(p.fiberv3()))},
		{"Fiber v3, no AllowHeaders", corstest.NewBrowser(page, fiberv3App(unlisted.fiberv3()))},
	} {
		row.browser.Engine = corstest.Chromium
		preflights := 0
		for _, method := range p.methods {
			for _, set := range sets {
				request := corstest.Request{Method: method, URL: "http://api.example.net/items/7"}
				for _, name := range set {
					value := "1"
					if name == "content-type" {
						value = "application/json"
					}
					request.Header = append(request.Header, [2]string{name, value})
				}
				result := row.browser.Fetch(request)
				if !result.Allowed {
					panic(fmt.Sprint(row.name, ": ", result))
				}
				preflights += result.Preflights()
			}
		}
		row.browser.Close()
		t.row(row.name, fmt.Sprint(preflights))
		names, counts = append(names, row.name), append(counts, float64(preflights))
	}
	r.finding("Preflights for 20 requests to one URL", "1", fmt.Sprint(counts[0]), counts[0] == 1)
	return names, counts
}

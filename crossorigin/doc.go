// Package crossorigin refuses requests that a page of another origin makes a browser send, such as a form that
// acts for whoever is logged in (cross-site request forgery). CORS does not: it keeps pages from reading.
//
//	p := crossorigin.MustNew(crossorigin.Options{TrustPolicy: m}) // a *cors.Middleware, or nil
//	server := &fasthttp.Server{Handler: m.Wrap(p.Wrap(handler))}
//
// It needs no token and no session. A request with a safe method (GET, HEAD, OPTIONS) passes: what such a request
// does must not change anything. For all others,
//
//   - Sec-Fetch-Site decides, where there is one: same-origin and none (the visitor's own doing) pass
//   - else Origin, where there is one: it passes if it is that of the server, by the Host header
//   - else the request passes: it does not come from a browser that could be misused, or from the same origin
//
// and what does not pass is refused with status 403, unless its Origin is trusted or its path bypasses the check.
// Every browser since 2023 sends Sec-Fetch-Site over https and to localhost; over plain http none does, and Origin
// decides. A page on a sibling domain is another origin: same-site does not pass, since a forgotten subdomain in
// foreign hands is same-site, too.
//
// # Behind CORS, not in front
//
// Put it inside of the CORS middleware. A request that is refused then has the CORS headers of any other response,
// so that a page of an origin that CORS allows can read the status. Preflights are answered outside of it, and
// would pass here, too.
//
// # Differences from net/http
//
// The rules are those of http.CrossOriginProtection, Go's own, but for these, which refuse more:
//
//   - Origin is compared with Host as browsers write it, scheme://host or scheme://host:port with a host in ASCII.
//     There, it is parsed as a URL, and may have a user, a path, a query or percent-encoding.
//   - A request with an empty Host, or none, is from no origin of the server. There, "null" passes for it.
//   - An origin is trusted if there is one Origin line. There, the first of several counts.
//   - A path bypasses the check only if it was sent as the server reads it: no percent-encoding, no empty segments,
//     no dots for segments. Routers differ in what they make of these.
//
// Of several lines with Sec-Fetch-Site, or with Origin, the first counts, as there. Names are found in any case, also
// with fasthttp.Server.DisableHeaderNamesNormalizing; a name that is spelled in two ways in one request is read in its
// usual spelling.
package crossorigin

// Package cors is CORS middleware for fasthttp: it tells browsers which origins may use an API, and how.
//
//	m := cors.MustNew(cors.Config{
//		AllowOrigins: []string{"https://example.com", "https://*.example.com"},
//		AllowMethods: []string{"PUT", "DELETE"},
//		AllowHeaders: []string{"Authorization", "Content-Type"},
//		MaxAge:       600,
//	})
//	server := &fasthttp.Server{
//		Handler:      m.Wrap(handler),
//		ErrorHandler: m.WrapErrorHandler(nil),
//	}
//
// It follows the CORS protocol of the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol). A
// request takes one path:
//
//   - classify: no Origin header, a preflight, or an actual request
//   - decide: by the policy that the Config was compiled to
//   - write: answer the preflight; or run the handler, and write the headers once it is done
//
// Nothing on that path allocates, and what a stranger sends does not make it work longer than the policy
// warrants.
//
// # What a policy means
//
// CORS is no access control. It keeps a page from reading a response, and from sending requests that no form
// could send. A request from an origin that is not allowed reaches the handler, unless it is a preflight. Package
// crossorigin refuses those that change something.
//
// Origins are compared byte by byte with what browsers send, so a pattern has to be written the same way;
// New refuses whatever could never match. Methods are compared with regard to case, header names without.
//
// A preflight that is refused is answered with status 403 and no CORS header. To learn which of its parts was
// refused, see Config.OnDecision, or Middleware.SetDebug and the browser's console.
//
// # Whose headers they are
//
// The middleware owns the response headers of the protocol, Access-Control-Allow-Origin and the others: once
// the handler is done, whatever was left in them is replaced or removed. Vary is shared: names are added to
// what is there, and none is listed twice. All other headers leave as the handler left them, in their order.
//
// # Other middleware
//
// Put this one outside of all that may answer a request: routers, authentication, rate limits, time limits,
// compression, caches. A preflight carries no credentials, so authentication in front of it makes every
// preflight fail; and what is answered in front of it has no CORS headers, so that a page cannot read even the
// status. A time limit outside of it, or between two policies, such as fasthttp.TimeoutHandler, is a data race
// besides: the response to a late request would be written by two goroutines. Nothing here can see that; the race
// detector does. A recovery from panics may stand outside or inside; outside, it must not reset the response.
//
// A request is read with fasthttp's own calls, so that what a middleware further out has changed in it counts, and so
// that it means the same to all. With fasthttp.Server.DisableHeaderNamesNormalizing, names are found in any case.
//
// A handler that was put inside may do with the request and the response whatever fasthttp permits, also time
// out with fasthttp.TimeoutHandler or ctx.TimeoutError. (Chromium repeats a request, a PUT too, that is answered
// with status 408, fasthttp's default for that: fasthttp.TimeoutWithCodeHandler takes another, such as 503.)
//
// What the server answers on its own is out of reach: responses of fasthttp.Server.ErrorHandler, unless that
// is WrapErrorHandler, and those to an Expect header that ExpectHandler or ContinueHandler turn down.
//
// # Bodies that nobody reads
//
// With fasthttp.Server.StreamRequestBody, what a handler does not read of a body is taken for the next request on
// the connection: fasthttp does that to every handler, and whoever shares connections between clients, as proxies
// do, hands one client's request to another. A preflight is answered here without reading a body, of which no
// browser's has one: the connection closes behind it. Handlers, and other middleware that answers in their place,
// have to read the body, or close the connection with ctx.SetConnectionClose. fasthttp also accepts a
// Content-Length beside Transfer-Encoding and goes by the latter; refuse such requests in front of it.
//
// # Intermediaries
//
// Browsers ask for headers in lower case, sorted, in one line. Proxies may change that: order and case do not
// matter, repeats, white space, empty elements and several lines are fine, as long as all lines together are no
// longer than the whole list of allowed names, 4 bytes more for each of them, and another 32, or than 512 bytes.
// Where "*" is allowed, there is no list, and 2048 bytes are looked at. Anything longer is refused. Requests with several
// Origin lines, or several Access-Control-Request-Method lines, were not sent by a browser and are refused.
//
// A cache between server and browser must heed Vary, which names what a response depends on: Origin, where it is
// not the same for all of them, and what Config.VaryBy adds. Responses to OPTIONS are not cacheable by HTTP's rules;
// for those CDNs that cache them anyway, each has the Vary of a preflight.
package cors

//go:generate go run ./internal/headergen
//go:generate go run ./internal/suffixgen

// Package corstest is a browser to test servers against: it does for a request what the Fetch standard says that
// browsers do, and tells what script would see of the response, and why.
//
// CORS is decided by browsers. A test that looks for a header in a response proves that the header is there; it
// does not prove that a page can read the response, which takes the right header, with the right value, once, on
// the preflight's response as well as on the actual one, with errors and redirects too. So ask a browser:
//
//	func TestPageEditsItems(t *testing.T) {
//		page := corstest.NewBrowser("https://app.example.com", handler)
//		defer page.Close()
//
//		corstest.Readable(t, page, corstest.Request{
//			Method: "PUT",
//			URL:    "https://api.example.com/items",
//			Header: corstest.Header{{"Content-Type", "application/json"}},
//			Body:   `{"name":"chair"}`,
//		})
//	}
//
// On failure the test prints what a browser's console would, a remedy, and every line of the exchange. [Blocked] and
// [BlockedBy] ask the opposite. [Browser.Fetch] returns a [Result] for all other questions: which headers script
// reads, how many preflights were sent, what a preflight asked for. [Browser.Preflight] stops after the preflight.
//
// # Servers
//
// [NewBrowser] runs a handler, and [NewServerBrowser] a whole server with its settings, in memory: bytes go over a
// connection as they would over a network, so that timeouts, size limits and the server's own errors are tested
// as well. Every host name leads there. [NewLiveBrowser] fetches from the network. [Browser.Dial] leads anywhere else.
//
// # The preflight cache
//
// A [Browser] remembers what preflights allowed, by [Browser.Now]; [Browser.Page] is another page that shares it. How long
// browsers remember, and what they add up, differs: see [Engine].
//
// # Cookies
//
// [Request.Cookie] is sent as it is. With [Browser.Jar], logins work: a [CookieJar] keeps and sends what a browser would, by
// SameSite and Secure.
//
// # Causes
//
// A [Reason] names the rule that a response breaks. Where that leaves open what is wrong (a preflight that is answered with 403 and
// nothing else), the package diagnose asks the server again and finds out; the command corscheck does so from a terminal.
//
// # What is left out
//
// Only what decides CORS is here: no HTTP cache, no authentication dialogs, no service workers, no content security policy, no
// blocking of mixed content or of ports, no Referer, no Sec-Fetch headers, no compression.
//
// Sections of the standard (https://fetch.spec.whatwg.org) are named where they are implemented.
package corstest

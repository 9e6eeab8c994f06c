// Package requesthead has the requests that benchmarks measure with, as they come over the wire but for the line
// ends.
package requesthead

import "strings"

// Heads of requests, with a line "CORS" in the place of the headers that CORS reads.
const (
	// Minimal has nothing but what HTTP requires.
	Minimal = `Host: api.example.net
CORS
`

	// Chromium is what Chromium sends with an actual request, in its order.
	Chromium = `Host: api.example.net
Connection: keep-alive
sec-ch-ua-platform: "Linux"
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
Accept: application/json, text/plain, */*
sec-ch-ua: "Chromium";v="156", "Not;A=Brand";v="24"
sec-ch-ua-mobile: ?0
CORS
Sec-Fetch-Site: cross-site
Sec-Fetch-Mode: cors
Sec-Fetch-Dest: empty
Referer: https://app.example.com/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9
`

	// ChromiumPreflight is what it sends with a preflight.
	ChromiumPreflight = `Host: api.example.net
Connection: keep-alive
Accept: */*
CORS
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
Sec-Fetch-Mode: cors
Sec-Fetch-Site: cross-site
Sec-Fetch-Dest: empty
Referer: https://app.example.com/
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9
`
)

// Actual is an actual request from a page, or, where origin is "", one that is not subject to CORS.
func Actual(head, origin string) string {
	lines := ""
	if origin != "" {
		lines = "Origin: " + origin + "\n"
	}
	return "GET /items?page=2 HTTP/1.1\n" + strings.Replace(head, "CORS\n", lines, 1)
}

// Preflight is a preflight, with a line of Access-Control-Request-Headers for each of the values.
func Preflight(head, origin, method string, headers ...string) string {
	lines := "Access-Control-Request-Method: " + method + "\n"
	for _, value := range headers {
		lines += "Access-Control-Request-Headers: " + value + "\n"
	}
	lines += "Origin: " + origin + "\n"
	return "OPTIONS /items/7 HTTP/1.1\n" + strings.Replace(head, "CORS\n", lines, 1)
}

package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
)

// Requests are bytes as they come over the wire, parsed by the server's own parser. They are built once: what
// is measured begins where a server calls its handler.

const page = "https://app.example.com"

// Headers beside those of CORS, which take the place of the line "CORS": none but what HTTP requires, and what
// Chromium sends, in its order.
const (
	minimalHead = `Host: api.example.net
CORS
`
	browserHead = `Host: api.example.net
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
	browserPreflightHead = `Host: api.example.net
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

// wire is a request without a body.
type wire []byte

// get is an actual request from a page, or, where origin is "", one that is not subject to CORS.
func get(head, origin string) wire {
	lines := ""
	if origin != "" {
		lines = "Origin: " + origin + "\n"
	}
	return newWire("GET /items?page=2 HTTP/1.1\n" + strings.Replace(head, "CORS\n", lines, 1))
}

// ask is a preflight, with a line of Access-Control-Request-Headers for each of the values.
func ask(head, origin, method string, headers ...string) wire {
	lines := "Access-Control-Request-Method: " + method + "\n"
	for _, value := range headers {
		lines += "Access-Control-Request-Headers: " + value + "\n"
	}
	lines += "Origin: " + origin + "\n"
	return newWire("OPTIONS /items/7 HTTP/1.1\n" + strings.Replace(head, "CORS\n", lines, 1))
}

func newWire(lines string) wire {
	return wire(strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n")
}

func (w wire) isPreflight() bool {
	return strings.HasPrefix(string(w), fasthttp.MethodOptions)
}

// fasthttp returns the context in which a fasthttp server calls its handler.
func (w wire) fasthttp() *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Init2(nil, nil, false)
	if err := ctx.Request.Header.Read(w.reader()); err != nil {
		panic(fmt.Errorf("request %.200q: %w", w, err))
	}
	return ctx
}

// nethttp returns the request with which a net/http server calls its handler.
func (w wire) nethttp() *http.Request {
	r, err := http.ReadRequest(w.reader())
	if err != nil {
		panic(fmt.Errorf("request %.200q: %w", w, err))
	}
	return r
}

func (w wire) reader() *bufio.Reader {
	return bufio.NewReaderSize(strings.NewReader(string(w)), len(w))
}

// numberedOrigins returns n origins, none of which is page.
func numberedOrigins(n int) []string {
	origins := make([]string, n, n+1)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://tenant-%07d.example.com", i)
	}
	return origins
}

// numberedHeaders returns n names in the order in which a browser asks for them.
func numberedHeaders(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x-header-%03d", i)
	}
	return names
}

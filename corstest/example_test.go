package corstest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	"github.com/valyala/fasthttp"
)

// handler allows one origin to read, and to put JSON.
func handler(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	h.Set("Access-Control-Allow-Origin", "https://app.example.com")
	h.Set("Vary", "Origin")
	if ctx.IsOptions() {
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "content-type")
		h.Set("Access-Control-Max-Age", "600")
		ctx.SetStatusCode(fasthttp.StatusNoContent)
		return
	}
	ctx.SetBodyString("done")
}

// printer stands for a *testing.T.
type printer struct{}

func (*printer) Helper() {}

func (*printer) Fatalf(format string, args ...any) { fmt.Printf(format, args...) }

func ExampleBrowser_Fetch() {
	page := corstest.NewBrowser("https://app.example.com", handler)
	defer page.Close()

	request := corstest.Request{
		Method: "PUT",
		URL:    "https://api.example.com/items",
		Header: corstest.Header{{"Content-Type", "application/json"}},
		Body:   "{}",
	}
	for range 2 {
		result := page.Fetch(request)
		fmt.Println(result.Allowed, result.Status, string(result.Body), "preflights:", result.Preflights())
	}

	request.Method = "DELETE"
	fmt.Println(page.Fetch(request).Reason.Message)
	// Output:
	// true 200 done preflights: 1
	// true 200 done preflights: 0
	// Access-Control-Allow-Methods of the preflight's response ("PUT") does not list the method DELETE
}

func ExampleReadable() {
	t := new(printer) // in a test, its *testing.T

	page := corstest.NewBrowser("https://app.example.com", handler)
	defer page.Close()
	result := corstest.Readable(t, page, corstest.Request{URL: "https://api.example.com/items"})

	fmt.Println(result.Header.Get("Content-Type"))
	fmt.Println(result.Header.Has("Vary"))
	// Output:
	// text/plain; charset=utf-8
	// false
}

func ExampleBlockedBy() {
	t := new(printer) // in a test, its *testing.T

	stranger := corstest.NewBrowser("https://stranger.example", handler)
	defer stranger.Close()
	result := corstest.BlockedBy(t, stranger, corstest.Request{URL: "https://api.example.com/items"}, corstest.AllowOriginMismatch)

	fmt.Println(result.Reason.Remedy)
	// Output: Add https://stranger.example to the allowed origins. Where there are several, send the one of the request, with Vary: Origin, and not always the same.
}

func ExampleCheckOrigin() {
	fmt.Println(corstest.CheckOrigin("https://app.example.com/"))
	// Output: "https://app.example.com/" is not an origin: a trailing slash is no part of it; did you mean "https://app.example.com"?
}

func ExampleBrowser_Page() {
	page := corstest.NewBrowser("https://app.example.com", handler)
	defer page.Close()
	for _, other := range []*corstest.Browser{page, page.Page("https://app.example.com"), page.Page("null")} {
		result := other.Fetch(corstest.Request{Method: "PUT", URL: "https://api.example.com/items"})
		fmt.Println(other.Origin(), result.Allowed, result.Preflights())
	}
	// Output:
	// https://app.example.com true 1
	// https://app.example.com true 0
	// null false 1
}

// A handler of net/http, through a server of its own: Dial leads every host name there.
func ExampleBrowser_netHTTP() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "hello")
	})
	server := httptest.NewServer(handler)
	defer server.Close()

	page := corstest.NewLiveBrowser("https://app.example.com")
	page.Dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	result := page.Fetch(corstest.Request{URL: "https://api.example.com/"})
	fmt.Println(result.Allowed, string(result.Body))
	// Output: true hello
}

// A server that runs, with its certificate and its redirects.
func ExampleNewLiveBrowser() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}))
	defer server.Close()

	page := corstest.NewLiveBrowser("https://app.example.com")
	authorities := x509.NewCertPool()
	authorities.AddCert(server.Certificate())
	page.TLSConfig = &tls.Config{RootCAs: authorities}

	fmt.Println(page.Fetch(corstest.Request{URL: server.URL}).Allowed)
	fmt.Println(page.Fetch(corstest.Request{URL: server.URL, Credentials: corstest.Include}).Reason.Message)
	// Output:
	// true
	// the request includes credentials, and the response has no Access-Control-Allow-Credentials
}

// A login: the cookie that it sets goes with the next request.
func ExampleCookieJar() {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	page := corstest.NewBrowser("https://app.example.com", m.Wrap(func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/login" {
			ctx.Response.Header.Set("Set-Cookie", "session=1; Secure; HttpOnly")
			return
		}
		fmt.Fprintf(ctx, "session %s", ctx.Request.Header.Cookie("session"))
	}))
	defer page.Close()
	page.Jar = new(corstest.CookieJar)

	page.Fetch(corstest.Request{Method: "POST", URL: "https://api.example.com/login", Credentials: corstest.Include})
	result := page.Fetch(corstest.Request{URL: "https://api.example.com/me", Credentials: corstest.Include})
	fmt.Println(string(result.Body))
	// Output: session 1
}

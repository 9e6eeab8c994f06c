package corstest

import (
	"context"
	"net"
	"testing"
)

// FuzzResponse reads whatever a server may send: no panic, nothing beyond the limits, and what is shown of it
// is nothing that a terminal obeys.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204\nX: 1\n folded\n\ttwice\n\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
		"HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: //\x80\r\n\r\n",
		" folded\r\n\r\n", "HTTP/1.1 -20 x\r\n\r\n", "\x15\x03\x01", "\x00\x00\x06\x04\x00\x00\x00\x00\x00", "\x1b[31m", "",
		"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Methods: \x1b,\x00\r\nSet-Cookie: a=\x1b\r\n\r\n",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, response string, headCounts bool) {
		b := NewLiveBrowser(page)
		b.HeadLimit = 4096
		if headCounts {
			b.BodyLimit = 512
		}
		b.Jar = new(CookieJar)
		b.Dial = func(context.Context, string, bool) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				go func() { _, _ = server.Read(make([]byte, 4096)) }()
				_, _ = server.Write([]byte(response))
			}()
			return client, nil
		}
		for _, request := range []Request{{URL: api, Credentials: Include}, {URL: api, Method: "PUT", Header: Header{{"X-A", "1"}}}} {
			r := b.Fetch(request)
			if headCounts && len(r.Body) > 512 {
				t.Fatalf("%d bytes of body", len(r.Body))
			}
			for _, c := range r.String() {
				if c < ' ' && c != '\n' || 0x7f <= c && c < 0xa0 {
					t.Fatalf("%q reaches the terminal: %q", c, r.String())
				}
			}
			if (r.Reason.Failure == "") != r.Allowed {
				t.Fatalf("allowed %t, reason %q", r.Allowed, r.Reason.Failure)
			}
		}
	})
}

package cors_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzWholeRequest sends raw bytes through a server, with any policy and a handler that misbehaves in any way.
// Each response parses and carries exactly the CORS headers that the policy means, once; a browser lets it
// pass exactly if the policy does; and so does a whole browser that comes afterwards.
func FuzzWholeRequest(f *testing.F) {
	head := func(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }
	seeds := []string{
		head("GET /resources/public-data/ HTTP/1.1", "Host: bar.other", "Origin: https://example.com"),
		head("OPTIONS /doc HTTP/1.1", "Host: bar.other", "Origin: https://example.com", "Access-Control-Request-Method: POST",
			"Access-Control-Request-Headers: content-type,x-pingother"),
		head("GET /credentialed HTTP/1.1", "Host: bar.other", "Origin: https://a.example.com", "Cookie: pageAccess=2"),
		head("GET / HTTP/1.1", "Host: bar.other"),
		head("GET / HTTP/1.1", "Host: bar.other", "Origin: https://example.com", "origin: https://evil.example"),
		head("OPTIONS / HTTP/1.1", "Host: h", "origin: https://example.com", "access-control-request-method: PUT",
			"ACCESS-CONTROL-REQUEST-HEADERS: x-a", "Access-Control-Request-Headers: \tContent-Type , ,x-pingother"),
		head("OPTIONS * HTTP/1.1", "Host: h", "Origin: null", "Access-Control-Request-Method:"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: DELETE",
			"Access-Control-Request-Method: PUT", "Access-Control-Request-Private-Network: true"),
		head("OPTIONS / HTTP/1.0", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: authorization", "Cookie: a=1; b=2", "Connection: keep-alive"),
		head("HEAD / HTTP/1.1", "Host: h", "Origin:https://example.com", "Accept: */*"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Content-Length: 3") + "abc" +
			head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Transfer-Encoding: chunked", "Trailer: X-Sum") +
			"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n" + head("GET / HTTP/1.1", "Host: h", "Origin: https://evil.example"),
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Expect: 100-continue", "Content-Length: 3") + "abc",
		head("POST / HTTP/1.1", "Host: h", "Origin: https://example.com", "Content-Length: 100000"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com", " folded"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: x-a,", "\tx-pingother", "Access-Control-Request-Headers: content-type", "Trailer: X-Sum"),
		head("OPTIONS / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: "+strings.Repeat(",", 3000)),
		head("CONNECT example.com:443 HTTP/1.1", "Host: h", "Origin: https://example.com"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com\x00"),
		head("GET / HTTP/1.1", "Origin: https://example.com", strings.Repeat("X-Many: 1\r\n", 200)+"X-Last: 1", "Host: h"),
		head("GET / HTTP/1.1", "Host: h", "Origin: https://example.com", "X-Long: "+strings.Repeat("a", 5000)),
		head("get / HTTP/1.1", "Host: h", "Origin: https://example.com") + "rest",
		head("options / HTTP/1.1", "Host: h", "Origin: https://example.com", "Access-Control-Request-Method: PUT"),
	}
	for i, raw := range seeds {
		for policy := range scriptOrigins {
			n := i + policy*5
			choices := []byte{byte(n), byte(n / 2), byte(n / 4), byte(policy), byte(n), byte(n / 3), byte(n), byte(n), byte(n),
				byte(n), byte(n / 2), byte(n / 5), byte(n), 4, byte(n), byte(n + 7), byte(n * 3), byte(n * 5), byte(n), 3, byte(n * 7), byte(n + 3), byte(n + 9)}
			f.Add([]byte(raw), choices)
		}
	}
	for i := range misbehaviours {
		f.Add([]byte(seeds[2]), []byte{0, 0, 0, 3, 1, 1, 1, 2, 0, 0, 1, 0, 0, 1, byte(i)})
		f.Add([]byte(seeds[4]), []byte{1, 0, 0, 3, 1, 1, 1, 2, 0, 0, 1, 0, 0, 2, 22, byte(i)})
	}
	f.Fuzz(func(t *testing.T, raw, choices []byte) {
		r := &run{script: choices}
		s := scriptServerFor(r.script.flip(), r.script.flip(), r.script.flip())
		r.config, r.middleware = scriptPolicy(&r.script)
		r.middleware.SetDebug(r.script.flip())
		atOnce := max(pick(&r.script, []int{1 << 20, 1, 7, 100}), len(raw)/20) // fasthttp begins anew with each part of a head

		br := bufio.NewReader(bytes.NewReader(s.serveBytes(r, raw, atOnce)))
		whole := true
		for _, a := range r.answers {
			if whole {
				a.check(t, br)
				whole = !a.unframed && !a.failed
			}
		}
		if whole {
			_, err := br.ReadByte()
			require.Equal(t, io.EOF, err, "more responses than requests")
		}
		checkPage(t, s, r)
	})
}

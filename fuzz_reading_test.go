package cors_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// FuzzReadings: a preflight with a cookie or a trailer is read in another way than all others, and means the same.
func FuzzReadings(f *testing.F) {
	for _, lines := range []string{
		"Origin: https://foo.example\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a, X-B\r\n",
		"Origin: https://foo.example\r\nOrigin: https://foo.example\r\nAccess-Control-Request-Method: PUT\r\n",
		"Origin:\r\nAccess-Control-Request-Method:\r\nAccess-Control-Request-Method: PUT\r\n",
		"Origin: https://foo.example\r\nAccess-Control-Request-Method: GET\r\naccess-control-request-headers: x-a\r\nAccess-Control-Request-Headers:\r\nAccess-Control-Request-Headers: x-z\r\n",
		"ORIGIN: https://foo.example\r\n folded\r\nAccess-Control-Request-Methods: PUT\r\nAccess-Control-Request-: a\r\nAccess-Control-: b\r\n",
		"Origin: https://foo.example\r\nAccess-Control-Request-Method: PUT\r\n" + strings.Repeat("Access-Control-Request-Headers:\r\n", 300),
	} {
		f.Add([]byte(lines))
	}
	listed := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A", "X-B"}})
	echo := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true})
	f.Fuzz(func(t *testing.T, lines []byte) {
		for _, m := range []*cors.Middleware{listed, echo} {
			var want string
			for i, extra := range []string{"", "Cookie: a=b\r\n", "Cookie:\r\nCookie: a=b\r\n", "Trailer: X-Sum\r\n", "Cookie: " + strings.Repeat("a", 5000) + "\r\n"} {
				ctx := new(fasthttp.RequestCtx)
				ctx.Init2(nil, nil, false)
				head := "OPTIONS / HTTP/1.1\r\nHost: h\r\n" + extra + string(lines) + "\r\n"
				if ctx.Request.Header.Read(bufio.NewReaderSize(strings.NewReader(head), len(head))) != nil {
					return // the lines are not headers
				}
				d := m.Evaluate(ctx)
				refused := string(d.Refused)
				m.Wrap(ok)(ctx)
				got := fmt.Sprintf("%s %q %d", d, refused, ctx.Response.StatusCode())
				for name, value := range ctx.Response.Header.All() {
					got += fmt.Sprintf("\n%s: %s", name, value)
				}
				if i == 0 {
					want = got
				} else {
					require.Equal(t, want, got, "%q", extra)
				}
			}
		}
	})
}

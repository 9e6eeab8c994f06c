package cors_test

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// FuzzReconfigure runs a program of requests, reconfigurations and switches of debug mode, also from within
// handlers and from within decisions. Each response belongs wholly to the policy that was in force when
// its request came.
func FuzzReconfigure(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3})
	f.Add([]byte("reconfigure between and within requests"))
	f.Add(bytes.Repeat([]byte{4, 1, 0, 3, 2, 5, 1}, 12))
	for i := range 12 {
		f.Add(bytes.Repeat([]byte{byte(i), byte(i * 5), 3, byte(7 * i), 1, 2}, 8))
	}
	origins := []string{"https://example.com", "https://a.example.com", "null", "https://evil.example"}
	f.Fuzz(func(t *testing.T, program []byte) {
		s := script(program)
		m := new(cors.Middleware)
		var policies []cors.Config
		for i := range 3 {
			c, _ := scriptPolicy(&s)
			// No two of them can be taken for each other.
			c.ExposeHeaders = []string{fmt.Sprint("X-Policy-", i)}
			c.AllowHeaders = append(slices.Clone(c.AllowHeaders), fmt.Sprint("X-Policy-", i))
			c.MaxAge = 100 + i
			policies = append(policies, c)
		}
		inForce, debug := 0, false
		reconfigure := func() {
			inForce = s.choose(len(policies))
			require.NoError(t, m.Reconfigure(policies[inForce]))
		}
		for i := range policies {
			policies[i].OnDecision = func(*fasthttp.RequestCtx, cors.Decision) {
				if s.choose(4) == 3 {
					reconfigure()
				}
			}
			if ask := policies[i].AllowOriginFunc; ask != nil {
				policies[i].AllowOriginFunc = func(ctx *fasthttp.RequestCtx, origin []byte) bool {
					if ctx != nil && s.choose(4) == 3 {
						reconfigure()
					}
					return ask(ctx, origin)
				}
			}
		}
		require.NoError(t, m.Reconfigure(policies[0]))

		for range 40 {
			if len(s) == 0 {
				return
			}
			switch s.choose(6) {
			case 0:
				reconfigure()
			case 1:
				debug = s.flip()
				m.SetDebug(debug)
			case 2:
				broken := policies[0]
				broken.AllowOrigins = []string{"https://example.com/"}
				require.Error(t, m.Reconfigure(broken))
			default:
				a := answer{config: policies[inForce], debug: debug, vary: nil}
				a.request = naiveRequest{method: "GET", origins: []string{pick(&s, origins)}}
				head := "GET / HTTP/1.1\nHost: h\nOrigin: " + a.request.origins[0] + "\n"
				if s.flip() {
					a.request.method = "OPTIONS"
					a.request.requestMethods = []string{pick(&s, []string{"GET", "PUT", "patch"})}
					a.request.requestHeaders = []string{pick(&s, []string{"x-policy-0", "x-policy-1", "x-policy-2", "x-none"})}
					head = strings.Replace(head, "GET", "OPTIONS", 1) +
						"Access-Control-Request-Method: " + a.request.requestMethods[0] + "\n" +
						"Access-Control-Request-Headers: " + a.request.requestHeaders[0] + "\n"
				}
				handler := m.Wrap(func(ctx *fasthttp.RequestCtx) {
					a.handlerRan = true
					if s.flip() {
						reconfigure()
					}
				})
				ctx := received(t, head)
				handler(ctx)
				a.check(t, bufio.NewReader(strings.NewReader(ctx.Response.String())))
			}
		}
	})
}

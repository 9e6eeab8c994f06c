package cors_test

import (
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// script hands out the bytes of a fuzz input as choices. At its end, every choice is the first.
type script []byte

func (s *script) choose(n int) int {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return int(b) % n
}

func (s *script) flip() bool { return s.choose(2) == 1 }

func pick[T any](s *script, from []T) T { return from[s.choose(len(from))] }

var (
	scriptOrigins = [][]string{
		{"https://example.com"},
		{"*"},
		{"null", "https://*.example.com"},
		{"https://example.com", "https://*.example.com:*", "app://obsidian.md", "http://localhost:*"},
		{"*", "*"},
		append([]string{"https://example.com", "https://*.example.com:8443"}, fillerPatterns...),
		nil, // an AllowOriginFunc in their place
	}
	scriptMethods = [][]string{nil, {"PUT", "patch", "PUT"}, {"*"}, {"DELETE", "PUT", "PATCH"}, {"PUT", "*"}}
	scriptHeaders = [][]string{nil, {"X-Pingother", "Content-Type"}, {"*"}, {"*", "Authorization"}, {"authorization", "x-a", "X-A"}}
	scriptExposed = [][]string{nil, {"X-Request-Id", "x-other", "X-Other"}, {"*"}}
	scriptMaxAges = []int{0, -1, 600, 86400}
	scriptStatus  = []int{0, 200, 299}
)

// scriptPolicy makes a Config that New accepts.
func scriptPolicy(s *script) (cors.Config, *cors.Middleware) {
	c := cors.Config{
		AllowOrigins:        pick(s, scriptOrigins),
		AllowMethods:        pick(s, scriptMethods),
		AllowHeaders:        pick(s, scriptHeaders),
		ExposeHeaders:       pick(s, scriptExposed),
		MaxAge:              pick(s, scriptMaxAges),
		PreflightStatus:     pick(s, scriptStatus),
		AllowPrivateNetwork: s.flip(),
		AllowCredentials:    s.flip(),

		DangerouslyAllowInsecureOrigins:             true,
		DangerouslyAllowPrivateNetworkFromAnyOrigin: true,
	}
	if c.AllowOrigins == nil {
		c.AllowOriginFunc = func(_ *fasthttp.RequestCtx, origin []byte) bool { return len(origin)%2 == 0 }
	}
	m, err := cors.New(c)
	if err != nil {
		c.AllowCredentials = false
		m = cors.MustNew(c)
	}
	return c, m
}

package main

import (
	"bytes"
	"slices"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Groups makes groups of a router that have a policy. Groups may lie in one another: the inner policy counts.
type Groups struct {
	Router   *router.Router
	policies []group // the longest prefix first
}

type group struct {
	prefix []byte
	policy *cors.Middleware // nil: no CORS
}

// Group is router.Group, with a policy.
func (g *Groups) Group(prefix string, policy *cors.Middleware) *router.Group {
	g.policies = append(g.policies, group{[]byte(prefix), policy})
	slices.SortStableFunc(g.policies, func(a, b group) int { return len(b.prefix) - len(a.prefix) })
	return g.Router.Group(prefix)
}

// Choose is for cors.Select. No group may be made any more when it is in use.
func (g *Groups) Choose(ctx *fasthttp.RequestCtx) *cors.Middleware {
	path := ctx.Path()
	for i := range g.policies {
		prefix := g.policies[i].prefix
		if bytes.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/') {
			return g.policies[i].policy
		}
	}
	return nil
}

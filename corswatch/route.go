package corswatch

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
)

// routes finds the policy for a request:
//
//	host                         paths, the longest first
//	exact     api.example     -> /admin, /
//	below     .api.example    -> /          (written *.api.example)
//	any                       -> /feed, /
//
// The hosts are tried from the most exact to the least, and of each the paths. It never changes.
type routes struct {
	exact map[string][]route
	below map[string][]route // by what follows the labels that "*" stands for, with the dot
	any   []route
}

type route struct {
	path   string // without a slash at its end, so that "/" is ""
	policy *enforced
}

// maxHostLen is that of a host name (RFC 1035 section 2.3.4), with a dot at its end.
const maxHostLen = 254

// find returns the policy for a request, or nil.
func (r *routes) find(ctx *fasthttp.RequestCtx) *enforced {
	path := ctx.Path()
	if len(r.exact) > 0 || len(r.below) > 0 {
		host := hostname(ctx.URI().Host())
		if len(host) <= maxHostLen {
			if found := match(r.exact[string(host)], path); found != nil {
				return found
			}
			for i := 1; i < len(host) && len(r.below) > 0; i++ {
				if host[i] != '.' {
					continue
				}
				if found := match(r.below[string(host[i:])], path); found != nil {
					return found
				}
			}
		}
	}
	return match(r.any, path)
}

// match returns the policy of the longest path that the request's is, or is below.
func match(routes []route, path []byte) *enforced {
	for i := range routes {
		prefix := routes[i].path
		if len(path) >= len(prefix) && string(path[:len(prefix)]) == prefix &&
			(len(path) == len(prefix) || path[len(prefix)] == '/') {
			return routes[i].policy
		}
	}
	return nil
}

// hostname cuts off a port, and the dot behind a name that is complete.
func hostname(host []byte) []byte {
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && bytes.IndexByte(host[i:], ']') < 0 {
		host = host[:i]
	}
	return bytes.TrimSuffix(host, []byte("."))
}

// newRoutes puts policies where they are for. Two for the same place are a mistake of the later one.
func newRoutes(ms *mistakes, specs []*policySpec, policies map[string]*enforced) *routes {
	r := &routes{exact: map[string][]route{}, below: map[string][]route{}}
	taken := map[string]string{} // names of policies
	for _, spec := range specs {
		for i, host := range orAll(spec.hosts) {
			for j, path := range orAll(spec.paths) {
				path = strings.TrimSuffix(path, "/")
				if other, ok := taken[host+path]; ok {
					spec.collision(ms, other, host, path, i, j)
					continue
				}
				taken[host+path] = spec.name
				r.add(host, route{path, policies[spec.name]})
			}
		}
	}
	for _, hosts := range []map[string][]route{r.exact, r.below, {"": r.any}} {
		for _, routes := range hosts {
			slices.SortStableFunc(routes, func(a, b route) int { return len(b.path) - len(a.path) })
		}
	}
	return r
}

// orAll is a list of hosts or paths, with one that stands for all of them where it is empty.
func orAll(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

func (r *routes) add(host string, to route) {
	if suffix, ok := strings.CutPrefix(host, "*"); ok {
		r.below[suffix] = append(r.below[suffix], to)
	} else if host != "" {
		r.exact[host] = append(r.exact[host], to)
	} else {
		r.any = append(r.any, to)
	}
}

// collision reports a host and path that another policy is for, too.
func (spec *policySpec) collision(ms *mistakes, other, host, path string, i, j int) {
	if other == spec.name {
		what, field, index := path, fieldPaths, j
		if len(spec.paths) < 2 {
			what, field, index = host, fieldHosts, i
		}
		spec.mistake(ms, fmt.Sprintf("%q is there a second time", what), field, index)
		return
	}
	var parts []string
	field := fieldPaths
	if host != "" {
		parts = append(parts, "host "+host)
		field = fieldHosts
	}
	if len(spec.paths) > 0 {
		parts = append(parts, "path "+path+"/")
		field = fieldPaths
	}
	if len(parts) == 0 {
		spec.mistake(ms, fmt.Sprintf("is for all hosts and paths, as is policy %q; say what it is for, with hosts or paths", other))
		return
	}
	spec.mistake(ms, fmt.Sprintf("policy %q is for %s, too", other, strings.Join(parts, " and ")), field)
}

// hostMistake tells what keeps s from being a host that policies can be for.
func hostMistake(s string) string {
	name := strings.TrimPrefix(s, "*.")
	switch {
	case strings.Contains(s, "://"):
		return "has a scheme; a host is what follows it"
	case strings.Contains(s, "/"):
		return "has a path; those go into paths"
	case strings.ToLower(s) != s:
		return fmt.Sprintf("has capitals: did you mean %q?", strings.ToLower(s))
	case len(name) > maxHostLen-1:
		return "is too long for a host"
	case strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"):
		if strings.Trim(s[1:len(s)-1], "0123456789abcdef:.") == "" {
			return ""
		}
	case strings.Contains(s, ":"):
		return "has a port, which a policy is not for; leave it out"
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return `is no host: those are labels of letters, digits, - and _, in their ASCII form, maybe with "*." in front`
		}
	}
	return ""
}

// pathMistake tells what keeps s from being a path that policies can be for.
func pathMistake(s string) string {
	switch {
	case !strings.HasPrefix(s, "/"):
		return "does not begin with a slash"
	case strings.Contains(s, "*"):
		return "has a *, which means nothing here: a path is for what lies below it, too"
	case strings.ContainsAny(s, "?#"):
		return "has more than a path in it"
	case strings.Contains(s, "%"):
		return "is encoded; write the characters that it stands for"
	case strings.Contains(s, "//") || strings.Contains(s+"/", "/./") || strings.Contains(s+"/", "/../"):
		return "is never the path of a request, which has no empty parts, no . and no .. in it"
	}
	return ""
}

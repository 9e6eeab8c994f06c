package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// measureProfiles says where the middleware's time goes: by the call of fasthttp that it is spent in, and
// otherwise by the middleware's own function.
func measureProfiles(r *report, turn time.Duration) error {
	t := r.table("Where the time goes",
		"Shares of a CPU profile of the middleware, for requests with a browser's headers. A call of fasthttp is counted with all that it does; "+
			"a function of the middleware without what it calls. The floor consists of the bare handler, the reset of the response and the calls of "+
			"`SetCanonical`.",
		"request", "share", "function")
	for _, row := range []struct {
		name   string
		policy policy
		wire   wire
	}{
		{"actual, one origin", allow(page), get(browserHead, page)},
		{"actual, subdomain pattern", allow("https://*.example.com"), get(browserHead, page)},
		{"actual, no `Origin`", allow(page), get(browserHead, "")},
		{"preflight, 2 headers, max-age", allow(page), ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with")},
	} {
		s := onFasthttp("", row.wire, row.policy.bytecors())
		shares, err := profileOf(s, turn)
		if err != nil {
			return err
		}
		names := slices.SortedFunc(maps.Keys(shares), func(a, b string) int { return cmp.Compare(shares[b], shares[a]) })
		for _, name := range names {
			if shares[name] >= 0.02 {
				t.row(row.name, fmt.Sprintf("%.0f %%", 100*shares[name]), name)
			}
		}
	}
	return nil
}

// profileOf returns the share of each function in what a subject takes.
func profileOf(s subject, turn time.Duration) (map[string]float64, error) {
	n := fit(s, turn)
	var recorded bytes.Buffer
	if err := pprof.StartCPUProfile(&recorded); err != nil {
		return nil, err
	}
	s.answer(n)
	pprof.StopCPUProfile()
	p, err := profile.Parse(&recorded)
	if err != nil {
		return nil, err
	}
	counts, total := map[string]float64{}, 0.0
	for _, sample := range p.Sample {
		if name := attribute(sample); name != "" {
			counts[name] += float64(sample.Value[0])
			total += float64(sample.Value[0])
		}
	}
	for name := range counts {
		counts[name] /= total
	}
	return counts, nil
}

const (
	ownModule      = "github.com/bytecors/cors."
	fasthttpModule = "github.com/valyala/fasthttp."
	benchmarks     = "main."
)

// attribute returns the function that a sample counts for: the outermost one of fasthttp, or else the innermost
// one of the middleware or of this program. It returns "" for what has nothing to do with requests.
func attribute(sample *profile.Sample) string {
	var names []string // from the innermost outwards
	for _, location := range sample.Location {
		for _, line := range location.Line {
			names = append(names, line.Function.Name)
		}
	}
	outermost := ""
	for i, name := range names {
		caller := ""
		if i+1 < len(names) {
			caller = names[i+1]
		}
		switch {
		case strings.HasPrefix(name, fasthttpModule):
			outermost = name
		case strings.HasPrefix(name, ownModule) && outermost == "":
			return "middleware: " + strings.TrimPrefix(name, ownModule)
		case strings.HasPrefix(name, benchmarks):
			if strings.HasPrefix(name, benchmarks+"bare") {
				return "bare handler"
			}
			if outermost != "" {
				return "fasthttp: " + strings.TrimPrefix(outermost, fasthttpModule)
			}
			if strings.HasPrefix(name, benchmarks+"onFasthttp") {
				return "loop of the benchmark"
			}
		case strings.HasPrefix(name, ownModule) && !strings.HasPrefix(caller, fasthttpModule):
			return "fasthttp: " + strings.TrimPrefix(outermost, fasthttpModule)
		}
	}
	return ""
}

package corsprom_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
	"github.com/bytecors/cors/corswatch/corsprom"
)

const document = `
policies:
  public:
    paths: [/public]
    allowOrigins: ["*"]
  partners:
    allowOrigins: ["https://*.partner.example"]
    allowMethods: [PUT, DELETE]
    shadow:
      allowOrigins: ["https://app.partner.example"]
      allowMethods: [PUT]
`

// request is a request as a server has read it, or a preflight if method is not empty.
func request(path, origin, method string) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.SetRequestURI("https://api.example" + path)
	if origin != "" {
		ctx.Request.Header.Set("Origin", origin)
	}
	if method != "" {
		ctx.Request.Header.SetMethod("OPTIONS")
		ctx.Request.Header.Set("Access-Control-Request-Method", method)
	}
	return ctx
}

var requests = []*fasthttp.RequestCtx{
	request("/public", "https://a.example", ""),
	request("/public", "https://a.example", "PUT"),
	request("/", "https://app.partner.example", ""),
	request("/", "https://old.partner.example", ""),
	request("/", "https://evil.example", ""),
	request("/", "", ""),
	request("/", "https://app.partner.example", "DELETE"),
	request("/", "https://app.partner.example", "PATCH"),
}

// lines are those of a scrape that begin with a prefix and are no 0.
func lines(t *testing.T, registry *prometheus.Registry, prefixes ...string) []string {
	t.Helper()
	recorder := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, 200, recorder.Code, recorder.Body)
	var found []string
	for line := range strings.Lines(recorder.Body.String()) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(line, prefix) && !strings.HasSuffix(line, " 0\n") {
				found = append(found, strings.TrimSpace(line))
			}
		}
	}
	return found
}

func newSet(t *testing.T) (*corswatch.Set, *prometheus.Registry) {
	set, registry := new(corswatch.Set), prometheus.NewPedanticRegistry()
	registry.MustRegister(corsprom.New(set))
	return set, registry
}

func TestDecisionsAreCountedByPolicyAndOutcome(t *testing.T) {
	set, registry := newSet(t)
	require.NoError(t, set.Load(corswatch.Document{Version: "1", Data: []byte(document)}))
	handler := cors.Select(set.Choose, func(*fasthttp.RequestCtx) {})
	for _, ctx := range requests {
		handler(ctx)
	}
	// The counts of a policy go on when another document comes.
	require.NoError(t, set.Load(corswatch.Document{Version: "2", Data: []byte(document + "    maxAge: 5\n")}))
	handler(requests[0])
	assert.Equal(t, []string{
		`cors_decisions_total{outcome="actual_allowed",policy="partners"} 2`,
		`cors_decisions_total{outcome="actual_allowed",policy="public"} 2`,
		`cors_decisions_total{outcome="actual_refused",policy="partners"} 1`,
		`cors_decisions_total{outcome="not_cors",policy="partners"} 1`,
		`cors_decisions_total{outcome="preflight_allowed",policy="partners"} 1`,
		`cors_decisions_total{outcome="preflight_refused_method",policy="partners"} 1`,
		`cors_decisions_total{outcome="preflight_refused_method",policy="public"} 1`,
		`cors_shadow_differences_total{outcome="actual_allowed",policy="partners",shadow="actual_refused"} 1`,
		`cors_shadow_differences_total{outcome="preflight_allowed",policy="partners",shadow="preflight_refused_method"} 1`,
	}, lines(t, registry, "cors_decisions", "cors_shadow"))
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
}

// down is a source that cannot be asked.
type down struct{}

func (down) Next(context.Context, string) (corswatch.Document, error) {
	return corswatch.Document{}, errors.New("down")
}

func TestTheDocumentAndItsSourceAreSeen(t *testing.T) {
	set, registry := newSet(t)
	number := regexp.MustCompile(` 1\.[0-9.]+e\+09$`)
	seen := func() []string {
		found := lines(t, registry, "cors_document", "cors_source")
		for i := range found {
			found[i] = number.ReplaceAllString(found[i], " now")
		}
		return found
	}
	assert.Empty(t, seen())

	require.NoError(t, set.Load(corswatch.Document{Version: "1", Data: []byte(document)}))
	assert.Equal(t, []string{"cors_document_info{version=\"1\"} 1", "cors_document_loads_total 1",
		"cors_document_timestamp_seconds now", "cors_source_checked_timestamp_seconds now"}, seen())

	require.Error(t, set.Load(corswatch.Document{Version: "2", Data: []byte("maxAge: 5\n")}))
	assert.Contains(t, seen(), `cors_source_failing{reason="document"} 1`)
	assert.Contains(t, seen(), "cors_source_failures_total 1")
	assert.Contains(t, seen(), `cors_document_info{version="1"} 1`)

	require.Error(t, corswatch.Follow(t.Context(), down{}, set, corswatch.Options{Start: 1}))
	assert.Contains(t, seen(), `cors_source_failing{reason="source"} 1`)
	assert.NotContains(t, seen(), `cors_source_failing{reason="document"} 1`)
	assert.Contains(t, seen(), "cors_source_failures_total 2")
}

func TestAnObserverThatWasThereIsTold(t *testing.T) {
	var decided, compared []string
	set := &corswatch.Set{Observe: func(policy string) corswatch.Observer {
		return corswatch.Observer{
			Decision: func(_ *fasthttp.RequestCtx, d cors.Decision) { decided = append(decided, policy+" "+d.String()) },
			Shadow:   func(*fasthttp.RequestCtx, cors.Decision, cors.Decision) { compared = append(compared, policy) },
		}
	}}
	corsprom.New(set)
	require.NoError(t, set.Load(corswatch.Document{Version: "1", Data: []byte(document)}))
	handler := cors.Select(set.Choose, func(*fasthttp.RequestCtx) {})
	handler(request("/public", "https://a.example", ""))
	handler(request("/", "https://a.example", ""))
	assert.Equal(t, []string{"public actual_allowed", "partners actual_refused"}, decided)
	assert.Equal(t, []string{"partners"}, compared)
}

func TestCountingIsSafeForConcurrentUse(t *testing.T) {
	set, registry := newSet(t)
	require.NoError(t, set.Load(corswatch.Document{Version: "1", Data: []byte(document)}))
	handler := cors.Select(set.Choose, func(*fasthttp.RequestCtx) {})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 250 {
				handler(request("/", "https://old.partner.example", ""))
			}
		})
	}
	lines(t, registry, "cors")
	group.Wait()
	assert.Equal(t, []string{
		`cors_decisions_total{outcome="actual_allowed",policy="partners"} 1000`,
		`cors_shadow_differences_total{outcome="actual_allowed",policy="partners",shadow="actual_refused"} 1000`,
	}, lines(t, registry, "cors_decisions", "cors_shadow"))
}

package browsertest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// step is one fetch of several to the same URLs, where an earlier one's preflight may serve a later one.
type step struct {
	page    int // an index
	policy  string
	request request
	pause   time.Duration // before it
	before  func()        // runs before it, if not nil
}

// walked is how many preflights each step cost: in the browser, in corstest as this engine, and by the standard.
type walked struct{ real, model, standard []int }

// walk takes the steps in the browser and in corstest, which is told the time at which the browser took them.
func (b *browser) walk(t *testing.T, s *site, pages []page, steps []step) (w walked) {
	t.Helper()
	var (
		tabs  []*tab
		now   time.Time
		clock = func() time.Time { return now }
	)
	models := map[corstest.Engine][]*corstest.Browser{}
	for _, engine := range []corstest.Engine{b.as, corstest.Standard} {
		first := s.model(pages[0], engine)
		first.Now = clock
		for _, where := range pages {
			models[engine] = append(models[engine], first.Page(where.origin))
		}
	}
	for _, where := range pages {
		tabs = append(tabs, b.open(t, where.url))
	}
	id := fmt.Sprintf("walk-%d", rand.Uint64())
	for _, step := range steps {
		url := s.apiURL(policy{name: step.policy}, "plain") + "?id=" + id
		if step.before != nil {
			step.before()
		}
		time.Sleep(step.pause)
		sent := len(s.recordOf(id).preflights)
		var got []fetched
		tabs[step.page].call("fetchInTurn", []fetchCall{step.request.call(url)}, &got)
		now = time.Now()
		w.real = append(w.real, len(s.recordOf(id).preflights)-sent)

		for engine, browsers := range models {
			result := browsers[step.page].Fetch(step.request.inModel(url+"-"+engine.String(), pages[step.page]))
			require.Equal(t, got[0].Allowed, result.Allowed, "%s %s: %s", engine, step.request.name, result)
			if engine == corstest.Standard {
				w.standard = append(w.standard, result.Preflights())
			} else {
				w.model = append(w.model, result.Preflights())
			}
		}
		last := len(w.real) - 1
		b.count(got[0].Allowed, w.real[last] != w.standard[last], w.real[last] != w.model[last])
	}
	for i := range steps {
		require.Equal(t, w.model[i], w.real[i], "preflights predicted and sent at step %d: page %d, policy %s, %s",
			i, steps[i].page, steps[i].policy, steps[i].request.name)
	}
	return w
}

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

// twenty are four methods, each with five sets of headers. None goes without permission.
func twenty(credentials corstest.Credentials) []step {
	sets := [][][2]string{
		{{"X-Token", "1"}},
		{{"X-Trace-Id", "1"}},
		{{"X-Token", "1"}, {"X-Trace-Id", "1"}},
		{{"Content-Type", "application/json"}},
		{{"Authorization", "Bearer 1"}, {"X-Token", "1"}},
	}
	var steps []step
	for _, method := range []string{"PUT", "DELETE", "PATCH", "POST"} {
		for _, header := range sets {
			steps = append(steps, step{policy: "p", request: request{
				name: fmt.Sprint(method, header), method: method, header: header, credentials: credentials,
			}})
		}
	}
	return steps
}

func listing(origin string, maxAge int) cors.Config {
	return cors.Config{
		AllowOrigins: []string{origin}, AllowMethods: []string{"PUT", "DELETE", "PATCH"},
		AllowHeaders: []string{"X-Token", "X-Trace-Id", "Content-Type", "Authorization"}, MaxAge: maxAge,
	}
}

func onePreflightServesTwentyRequests(t *testing.T, b *browser) {
	for _, credentials := range []corstest.Credentials{corstest.SameOrigin, corstest.Include} {
		t.Run(credentials.String(), func(t *testing.T) {
			s := newSite(t)
			app := s.pages()["app"]
			s.add(t, policy{name: "p", config: withCredentials(listing(app.origin, 600))})
			w := b.walk(t, s, []page{app}, twenty(credentials))
			require.Equal(t, 1, sum(w.real))
			require.Equal(t, w.real, w.standard)
		})
	}
}

func onePreflightServesTwoPagesOfOneOrigin(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 600)})
	steps := twenty(corstest.SameOrigin)
	for i := range steps {
		steps[i].page = i % 2
	}
	w := b.walk(t, s, []page{app, app}, steps)
	require.Equal(t, 1, sum(w.real))
	require.Equal(t, w.real, w.standard)
}

func twoOriginsShareNoPreflight(t *testing.T, b *browser) {
	s := newSite(t)
	app, apex := s.pages()["app"], s.pages()["apex"]
	config := listing(app.origin, 600)
	config.AllowOrigins = append(config.AllowOrigins, apex.origin)
	s.add(t, policy{name: "p", config: config})
	steps := twenty(corstest.SameOrigin)
	for i := range steps {
		steps[i].page = i % 2
	}
	w := b.walk(t, s, []page{app, apex}, steps)
	require.Equal(t, 2, sum(w.real))
	require.Equal(t, w.real, w.standard)
}

func negativeMaxAgeCostsAPreflightForEachRequest(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, -1)})
	w := b.walk(t, s, []page{app}, twenty(corstest.SameOrigin))
	require.Equal(t, 20, sum(w.real))
	require.Equal(t, w.real, w.standard)
}

// Twenty fetches take far less than the five seconds that browsers assume. Should they take longer, corstest knows,
// as it is told when each of them was made.
func withoutMaxAgeAPreflightServesFiveSeconds(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 0)})
	steps := twenty(corstest.SameOrigin)
	steps = append(steps, step{policy: "p", request: steps[0].request, pause: 5200 * time.Millisecond})
	began := time.Now()
	w := b.walk(t, s, []page{app}, steps)
	require.Equal(t, w.real, w.standard)
	require.Equal(t, 1, w.real[len(w.real)-1], "after more than five seconds")
	if time.Since(began) < 10*time.Second {
		require.Equal(t, 2, sum(w.real))
	}
}

func maxAgeIsHowLongAPreflightServes(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 2)})
	put := request{name: "PUT", method: "PUT"}
	w := b.walk(t, s, []page{app}, []step{
		{policy: "p", request: put},
		{policy: "p", request: put},
		{policy: "p", request: put, pause: 2200 * time.Millisecond},
		{policy: "p", request: put},
	})
	require.Equal(t, 1, w.real[2])
	require.Equal(t, w.real, w.standard)
}

// With credentials, "*" is no wildcard to a browser, and what was asked for is all that can be allowed. It pays to
// list methods and headers.
func wildcardsWithCredentialsCostPreflights(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: withCredentials(cors.Config{
		AllowOrigins: []string{app.origin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*", "Authorization"}, MaxAge: 600,
	})})
	w := b.walk(t, s, []page{app}, twenty(corstest.Include))
	t.Logf("%d preflights, and %d by the standard", sum(w.real), sum(w.standard))
	if b.as == corstest.Firefox {
		require.Equal(t, sum(w.standard), sum(w.real))
		return
	}
	require.Greater(t, sum(w.real), 10)
	require.Less(t, sum(w.standard), sum(w.real), "what the standard's cache is told adds up, this one forgets")
}

// A "*" that Firefox has cached covers nothing, so that it pays to list methods and headers without credentials too.
func wildcardsWithoutCredentials(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: cors.Config{
		AllowOrigins: []string{app.origin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*", "Authorization"}, MaxAge: 600,
	}})
	w := b.walk(t, s, []page{app}, twenty(corstest.SameOrigin))
	require.Equal(t, 1, sum(w.standard))
	require.Equal(t, map[corstest.Engine]int{corstest.Chromium: 1, corstest.Firefox: 20, corstest.WebKitGTK: 1}[b.as], sum(w.real))
}

// A CORS failure of the actual request, after a preflight that allowed it, is what a change of policy brings about.
// By the standard, the browser then forgets the preflight; Chromium and WebKitGTK keep it.
func preflightsAfterTheActualRequestFails(t *testing.T, b *browser) {
	s := newSite(t)
	app := s.pages()["app"]
	allow := listing(app.origin, 600)
	m := s.add(t, policy{name: "p", config: allow})
	reconfigure := func(c cors.Config) func() {
		return func() { require.NoError(t, m.Reconfigure(c)) }
	}
	put := request{name: "PUT", method: "PUT"}
	w := b.walk(t, s, []page{app}, []step{
		{policy: "p", request: put},
		{policy: "p", request: put, before: reconfigure(listing("https://example.org", 600))},
		{policy: "p", request: put, before: reconfigure(allow)},
	})
	require.Equal(t, []int{1, 0, 1}, w.standard)
	if b.as == corstest.Firefox {
		require.Equal(t, w.standard, w.real)
	} else {
		require.Equal(t, []int{1, 0, 0}, w.real)
	}
}

// Requests of all kinds to a few URLs, in an order that nobody chose.
func corstestPredictsEachPreflight(t *testing.T, b *browser) {
	s := newSite(t)
	pages := []page{s.pages()["app"], s.pages()["apex"], s.pages()["app"]}
	several := func(c cors.Config) cors.Config {
		c.AllowOrigins = []string{pages[0].origin, pages[1].origin}
		c.MaxAge = 600
		return c
	}
	few := cors.Config{AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-Token"}}
	all := cors.Config{AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}
	policies := map[string]cors.Config{
		"listed": several(withCredentials(listing("", 600))),
		"few":    several(few),
		"all":    several(all),
		"echo":   several(withCredentials(all)),
	}
	var names []string
	for _, name := range []string{"listed", "few", "all", "echo"} {
		s.add(t, policy{name: name, config: policies[name]})
		names = append(names, name)
	}
	sets := [][][2]string{
		{},
		{{"X-Token", "1"}},
		{{"X-Trace-Id", "1"}},
		{{"X-Token", "1"}, {"Content-Type", "application/json"}},
	}
	seed := walkSeed(t)
	t.Logf("seed %d: set BYTECORS_WALK_SEED for another", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	steps := make([]step, 400)
	for i := range steps {
		method := []string{"GET", "POST", "PUT", "PATCH"}[random.IntN(4)]
		header := sets[random.IntN(len(sets))]
		credentials := allModes[random.IntN(len(allModes))]
		steps[i] = step{page: random.IntN(len(pages)), policy: names[random.IntN(len(names))], request: request{
			name: fmt.Sprint(method, header, credentials), method: method, header: header, credentials: credentials,
		}}
	}
	w := b.walk(t, s, pages, steps)
	t.Logf("%d requests, %d preflights", len(steps), sum(w.real))
}

const walkSeedVariable = "BYTECORS_WALK_SEED"

// walkSeed is what decides the way of random walks.
func walkSeed(t *testing.T) uint64 {
	t.Helper()
	value := os.Getenv(walkSeedVariable)
	if value == "" {
		return 1
	}
	seed, err := strconv.ParseUint(value, 10, 64)
	require.NoError(t, err, "BYTECORS_WALK_SEED")
	return seed
}

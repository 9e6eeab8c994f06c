package browsertest

import (
	"fmt"
	"math/rand/v2"
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

// walk takes the steps in Chromium and in corstest, which is told the time at which Chromium took them, and returns
// how many preflights each step cost. Corstest does so once by the standard and once as Chromium.
func (s *site) walk(t *testing.T, pages []page, steps []step) (chromium, asChromium, byStandard []int) {
	t.Helper()
	var (
		tabs  []*tab
		now   time.Time
		clock = func() time.Time { return now }
	)
	models := map[corstest.Engine][]*corstest.Browser{}
	for _, engine := range []corstest.Engine{corstest.Chromium, corstest.Standard} {
		first := s.model(pages[0], engine)
		first.Now = clock
		for _, where := range pages {
			models[engine] = append(models[engine], first.Page(where.origin))
		}
	}
	for _, where := range pages {
		tabs = append(tabs, openTab(t, where.url))
	}
	id := fmt.Sprintf("walk-%d", rand.Uint64())
	for _, step := range steps {
		url := s.apiURL(policy{name: step.policy}, "plain") + "?id=" + id
		if step.before != nil {
			step.before()
		}
		sent := len(s.recordOf(id).preflights)
		call := step.request.call(url)
		call.Pause = int(step.pause.Milliseconds())
		var got []fetched
		tabs[step.page].call("fetchInTurn", []fetchCall{call}, &got)
		now = time.Now()
		chromium = append(chromium, len(s.recordOf(id).preflights)-sent)

		for engine, browsers := range models {
			result := browsers[step.page].Fetch(step.request.inModel(url+"-"+engine.String(), pages[step.page]))
			require.Equal(t, got[0].Allowed, result.Allowed, "%s %s: %s", engine, step.request.name, result)
			if engine == corstest.Chromium {
				asChromium = append(asChromium, result.Preflights())
			} else {
				byStandard = append(byStandard, result.Preflights())
			}
		}
	}
	return chromium, asChromium, byStandard
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

func TestOnePreflightServesTwentyRequests(t *testing.T) {
	for _, credentials := range []corstest.Credentials{corstest.SameOrigin, corstest.Include} {
		t.Run(credentials.String(), func(t *testing.T) {
			s := newSite(t)
			app := s.pages()["app"]
			s.add(t, policy{name: "p", config: withCredentials(listing(app.origin, 600))})
			chromium, asChromium, byStandard := s.walk(t, []page{app}, twenty(credentials))
			require.Equal(t, 1, sum(chromium))
			require.Equal(t, chromium, asChromium)
			require.Equal(t, chromium, byStandard)
		})
	}
}

func TestOnePreflightServesTwoPagesOfOneOrigin(t *testing.T) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 600)})
	steps := twenty(corstest.SameOrigin)
	for i := range steps {
		steps[i].page = i % 2
	}
	chromium, asChromium, byStandard := s.walk(t, []page{app, app}, steps)
	require.Equal(t, 1, sum(chromium))
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
}

func TestTwoOriginsShareNoPreflight(t *testing.T) {
	s := newSite(t)
	app, apex := s.pages()["app"], s.pages()["apex"]
	config := listing(app.origin, 600)
	config.AllowOrigins = append(config.AllowOrigins, apex.origin)
	s.add(t, policy{name: "p", config: config})
	steps := twenty(corstest.SameOrigin)
	for i := range steps {
		steps[i].page = i % 2
	}
	chromium, asChromium, byStandard := s.walk(t, []page{app, apex}, steps)
	require.Equal(t, 2, sum(chromium))
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
}

func TestNegativeMaxAgeCostsAPreflightForEachRequest(t *testing.T) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, -1)})
	chromium, asChromium, byStandard := s.walk(t, []page{app}, twenty(corstest.SameOrigin))
	require.Equal(t, 20, sum(chromium))
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
}

// Twenty fetches take far less than the five seconds that browsers assume. Should they take longer, corstest knows,
// as it is told when each of them was made.
func TestWithoutMaxAgeAPreflightServesFiveSeconds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 0)})
	steps := twenty(corstest.SameOrigin)
	steps = append(steps, step{policy: "p", request: steps[0].request, pause: 5200 * time.Millisecond})
	began := time.Now()
	chromium, asChromium, byStandard := s.walk(t, []page{app}, steps)
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
	require.Equal(t, 1, chromium[len(chromium)-1], "after more than five seconds")
	if time.Since(began) < 10*time.Second {
		require.Equal(t, 2, sum(chromium))
	}
}

func TestMaxAgeIsHowLongAPreflightServes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: listing(app.origin, 2)})
	put := request{name: "PUT", method: "PUT"}
	chromium, asChromium, byStandard := s.walk(t, []page{app}, []step{
		{policy: "p", request: put},
		{policy: "p", request: put},
		{policy: "p", request: put, pause: 2200 * time.Millisecond},
		{policy: "p", request: put},
	})
	require.Equal(t, 1, chromium[2])
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
}

// With credentials, "*" is no wildcard to a browser, and what was asked for is all that can be allowed. It pays to
// list methods and headers.
func TestWildcardsWithCredentialsCostAPreflightForEachRequest(t *testing.T) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: withCredentials(cors.Config{
		AllowOrigins: []string{app.origin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*", "Authorization"}, MaxAge: 600,
	})})
	chromium, asChromium, byStandard := s.walk(t, []page{app}, twenty(corstest.Include))
	require.Equal(t, chromium, asChromium)
	t.Logf("%d preflights in Chromium, %d by the standard", sum(chromium), sum(byStandard))
	require.Greater(t, sum(chromium), 10)
	require.Less(t, sum(byStandard), sum(chromium), "what the standard's cache is told adds up, Chromium's forgets")
}

func TestWildcardsWithoutCredentialsCostOnePreflight(t *testing.T) {
	s := newSite(t)
	app := s.pages()["app"]
	s.add(t, policy{name: "p", config: cors.Config{
		AllowOrigins: []string{app.origin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*", "Authorization"}, MaxAge: 600,
	}})
	chromium, asChromium, byStandard := s.walk(t, []page{app}, twenty(corstest.SameOrigin))
	require.Equal(t, 1, sum(chromium))
	require.Equal(t, chromium, asChromium)
	require.Equal(t, chromium, byStandard)
}

// A CORS failure of the actual request, after a preflight that allowed it, is what a change of policy brings about.
// By the standard, the browser then forgets the preflight; Chromium keeps it.
func TestChromiumKeepsAPreflightAfterTheActualRequestFails(t *testing.T) {
	s := newSite(t)
	app := s.pages()["app"]
	allow := listing(app.origin, 600)
	m := s.add(t, policy{name: "p", config: allow})
	reconfigure := func(c cors.Config) func() {
		return func() { require.NoError(t, m.Reconfigure(c)) }
	}
	put := request{name: "PUT", method: "PUT"}
	chromium, asChromium, byStandard := s.walk(t, []page{app}, []step{
		{policy: "p", request: put},
		{policy: "p", request: put, before: reconfigure(listing("https://example.org", 600))},
		{policy: "p", request: put, before: reconfigure(allow)},
	})
	require.Equal(t, []int{1, 0, 0}, chromium)
	require.Equal(t, chromium, asChromium)
	require.Equal(t, []int{1, 0, 1}, byStandard)
}

// Requests of all kinds to a few URLs, in an order that nobody chose.
func TestCorstestPredictsEachPreflightOfChromium(t *testing.T) {
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
	random := rand.New(rand.NewPCG(1, 2))
	steps := make([]step, 400)
	for i := range steps {
		method := []string{"GET", "POST", "PUT", "PATCH"}[random.IntN(4)]
		header := sets[random.IntN(len(sets))]
		credentials := allModes[random.IntN(len(allModes))]
		steps[i] = step{page: random.IntN(len(pages)), policy: names[random.IntN(len(names))], request: request{
			name: fmt.Sprint(method, header, credentials), method: method, header: header, credentials: credentials,
		}}
	}
	chromium, asChromium, _ := s.walk(t, pages, steps)
	for i := range steps {
		require.Equal(t, asChromium[i], chromium[i], "step %d: page %d, policy %s, %s",
			i, steps[i].page, steps[i].policy, steps[i].request.name)
	}
	t.Logf("%d requests, %d preflights", len(steps), sum(chromium))
}

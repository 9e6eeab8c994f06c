package browsertest

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// journey is a request that is redirected from each stop but the last.
type journey struct {
	page    page
	request request
	stops   []stop
	status  int
}

// stop is an API on a journey.
type stop struct {
	origin string
	policy policy
}

func (s stop) url(handlerName string) string {
	return s.origin + "/api/" + s.policy.name + "/" + handlerName
}

func (j journey) String() string {
	var stops []string
	for _, at := range j.stops {
		stops = append(stops, at.origin+" "+at.policy.name)
	}
	return fmt.Sprintf("%s %s | %s", j.request.name, j.request.credentials, strings.Join(stops, fmt.Sprintf(", %d to ", j.status)))
}

func (j journey) url(id string) string {
	last := len(j.stops) - 1
	to := j.stops[last].url("plain") + "?id=" + id
	for _, at := range slices.Backward(j.stops[:last]) {
		to = fmt.Sprintf("%s?id=%s&status=%d&to=%s", at.url("redirect"), id, j.status, url.QueryEscape(to))
	}
	return to
}

// arrival is what comes of a journey.
type arrival struct {
	Allowed    bool
	Status     int
	Preflights int
	Methods    []string // of the actual requests
	Origins    []string // that these came with
}

// preflightsAgain are engines that ask again after a redirect where they have asked before it, or would have for a header, although
// what is left of the request needs no permission: a GET that a PUT became, or what an Authorization was dropped from.
var preflightsAgain = []corstest.Engine{corstest.Firefox, corstest.WebKitGTK}

// meaning says what the two policies mean to an engine, from their Configs alone.
func (j journey) meaning(as corstest.Engine) (a arrival) {
	method, unsafe, foreign := j.request.method, j.request.unsafe, false
	origin := j.page.origin
	for i, at := range j.stops {
		foreign = foreign || at.origin != j.page.origin
		include := j.request.credentials == corstest.Include
		if i > 0 && at.origin != j.stops[i-1].origin {
			if as != corstest.WebKitGTK { // which goes on asking for what it does not send any more
				unsafe = slices.DeleteFunc(slices.Clone(unsafe), func(name string) bool { return name == "authorization" })
			}
			if method == "DELETE" && as == corstest.WebKitGTK {
				method = "GET"
			}
			if j.stops[i-1].origin != j.page.origin {
				// Nobody can tell any more who asks: the page, or the API that sent it here.
				origin = "null"
			}
		}
		// WebKitGTK asks for more of a redirect that follows one of the page's own origin.
		strict := as == corstest.WebKitGTK && j.stops[0].origin == j.page.origin && i < len(j.stops)-1 &&
			j.request.credentials == corstest.SameOrigin
		mayReadAs := func(origin string, include bool) bool {
			return !foreign || allowsOrigin(at.policy.config, origin) && (!include || at.policy.config.AllowCredentials)
		}
		mayRead, asker := mayReadAs(origin, include || strict), origin
		if as == corstest.Firefox {
			asker = j.page.origin // in preflights, whatever redirects have made of it
		}
		mayAsk := mayReadAs(asker, include) || as == corstest.Firefox && at.origin == j.page.origin
		again := (a.Preflights > 0 || len(j.request.unsafe) > 0) && slices.Contains(preflightsAgain, as)
		if simple := method == "GET" || method == "POST"; foreign && (!simple || len(unsafe) > 0 || again) {
			a.Preflights++
			if !mayAsk || !simple && !slices.Contains(at.policy.config.AllowMethods, method) ||
				slices.ContainsFunc(unsafe, func(name string) bool { return !allowsHeader(at.policy.config, name) }) {
				return a
			}
		}
		sent := ""
		if foreign || method != "GET" || i > 0 && a.Origins[i-1] != "" && as == corstest.WebKitGTK {
			sent = origin
		}
		a.Methods, a.Origins = append(a.Methods, method), append(a.Origins, sent)
		if !mayRead {
			return a
		}
		if method == "POST" && j.status <= 302 || j.status == 303 {
			method = "GET"
		}
	}
	a.Allowed, a.Status = true, handlers["plain"].status
	return a
}

func (s *site) arrivalOf(allowed bool, status int, id string) arrival {
	r := s.recordOf(id)
	return arrival{allowed, status, len(r.preflights), r.methods, r.origins}
}

// journeys returns all combinations, and those with more stops or other requests of a few policies.
func (s *site) journeys() []journey {
	app := s.pages()["app"]
	config := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowMethods: []string{"PUT", "DELETE"}, AllowHeaders: []string{"X-Token", "Authorization"}}
	}
	policies := []policy{
		{name: "any", config: config("*")},
		{name: "app", config: config(app.origin)},
		{name: "app-and-null", config: config(app.origin, "null")},
		{name: "app-credentials", config: withCredentials(config(app.origin))},
	}
	api, other := "http://api.example.localhost:"+s.port, "http://other.localhost:"+s.port
	var stops []stop
	for _, origin := range []string{api, other, app.origin} {
		for _, p := range policies {
			stops = append(stops, stop{origin, p})
		}
	}
	requests := []request{
		{name: "GET", method: "GET"},
		{name: "POST", method: "POST", body: "text"},
		{name: "PUT", method: "PUT", body: "text"},
		{name: "GET with token", method: "GET", header: [][2]string{{"X-Token", "1"}}, unsafe: []string{"x-token"}},
	}
	var journeys []journey
	add := func(requests []request, stops ...stop) {
		for _, r := range requests {
			for _, r.credentials = range twoModes {
				for _, status := range []int{301, 303, 307} { // 302 is as 301, and 308 as 307
					journeys = append(journeys, journey{app, r, stops, status})
				}
			}
		}
	}
	special := []request{
		{name: "DELETE", method: "DELETE"},
		{name: "GET with authorization", method: "GET", header: [][2]string{{"Authorization", "Bearer 1"}}, unsafe: []string{"authorization"}},
	}
	for _, from := range stops {
		if from.origin == other {
			continue // no different from the other API
		}
		for _, to := range stops {
			add(requests, from, to)
			if from.policy.name == to.policy.name {
				add(special, from, to)
			}
		}
	}
	for _, first := range []string{app.origin, api} {
		for _, p := range policies {
			for _, last := range []stop{{api, policies[0]}, {other, policies[0]}, {app.origin, policies[2]}} {
				add(append(requests[:2:2], special[0]), stop{first, policies[0]}, stop{other, p}, last)
			}
		}
	}
	return journeys
}

func redirectsAreFollowedAsBothPoliciesSay(t *testing.T, b *browser) {
	s := newSite(t)
	journeys := s.journeys()
	calls := make([]fetchCall, len(journeys))
	for i, j := range journeys {
		for _, at := range j.stops {
			if !s.has(at.policy) {
				s.add(t, at.policy)
			}
		}
		calls[i] = j.request.call(j.url(fmt.Sprint(i)))
	}
	real := b.fetchAll(t, journeys[0].page, calls)
	var wrong []string
	for i, j := range journeys {
		id := fmt.Sprint(i)
		standard := s.arrive(j, corstest.Standard, id+"-standard")
		model := s.arrive(j, b.as, id+"-model")
		got := s.arrivalOf(real[i].Allowed, real[i].Status, id)
		want, known := j.meaning(corstest.Standard), j.meaning(b.as)
		agreed := reflect.DeepEqual(want, standard) && reflect.DeepEqual(known, got) && reflect.DeepEqual(model, got)
		if !agreed {
			wrong = append(wrong, fmt.Sprintf("%s\n\tpolicies %+v\n\tstandard %+v\n\tas known of %s %+v\n\tcorstest as %s %+v\n\t%s %+v",
				j, want, standard, b.Name(), known, b.Name(), model, b.Name(), got))
		}
		b.count(want.Allowed, !reflect.DeepEqual(standard, got), !agreed)
	}
	require.Empty(t, wrong, "%d disagreements, of which the first are\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
}

// arrive has corstest make the journey.
func (s *site) arrive(j journey, as corstest.Engine, id string) arrival {
	result := s.model(j.page, as).Fetch(j.request.inModel(j.url(id), j.page))
	return s.arrivalOf(result.Allowed, result.Status, id)
}

package browsertest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// sequence is a few requests to one URL, where what an earlier one's preflight brought may serve a later one.
type sequence struct {
	name      string
	steps     []scripted
	sandboxed bool // whether the page is
}

// scripted is a request and what is sent in answer to it.
type scripted struct {
	request request
	answer  exchange
	pause   time.Duration // before it
}

const (
	// open allows all that is asked here, with credentials and without.
	open = "A-C-Allow-Origin: $O; A-C-Allow-Credentials: true; A-C-Expose-Headers: X-Request-Id"
	// beyondDefault is longer than browsers keep what came without Access-Control-Max-Age.
	beyondDefault = 5500 * time.Millisecond
)

// granting returns an exchange whose preflight lists this, as "Allow-Methods: PUT; Max-Age: 600".
func granting(lines string) exchange {
	header := open
	if lines != "" {
		header += "; A-C-" + strings.ReplaceAll(lines, "; ", "; A-C-")
	}
	return exchange{preflight: answer{header: header}, actual: answer{header: open}}
}

// Requests of sequences, by short names.
var (
	put      = request{name: "PUT", method: "PUT"}
	del      = request{name: "DELETE", method: "DELETE"}
	get      = request{name: "GET", method: "GET"}
	getA     = request{name: "GET x-a", method: "GET", header: [][2]string{{"X-A", "1"}}}
	getB     = request{name: "GET x-b", method: "GET", header: [][2]string{{"X-B", "1"}}}
	headA    = request{name: "HEAD x-a", method: "HEAD", header: [][2]string{{"X-A", "1"}}}
	postA    = request{name: "POST x-a", method: "POST", header: [][2]string{{"X-A", "1"}}}
	putA     = request{name: "PUT x-a", method: "PUT", header: [][2]string{{"X-A", "1"}}}
	authed   = request{name: "GET authorization", method: "GET", header: [][2]string{{"Authorization", "Bearer 1"}}}
	uploaded = request{name: "POST with listener", method: "POST", body: "text", upload: true}
	bare     = request{name: "POST with listener, without a body", method: "POST", upload: true}
	watched  = request{name: "GET with listener", method: "GET", upload: true}
	patch    = request{name: "patch", method: "patch"}
)

func included(r request) request {
	r.name += " include"
	r.credentials = corstest.Include
	return r
}

// sequences are all that are tried.
func sequences() (all []sequence) {
	add := func(name string, steps ...scripted) { all = append(all, sequence{name: name, steps: steps}) }
	same := func(lines string, requests ...request) (steps []scripted) {
		for _, r := range requests {
			steps = append(steps, scripted{request: r, answer: granting(lines)})
		}
		return steps
	}
	for _, maxAge := range []string{
		"", "Max-Age: 0", "Max-Age: -1", "Max-Age: -600", "Max-Age: 2", "Max-Age: 600", "Max-Age: 7200", "Max-Age: 86400", "Max-Age: 86401",
		"Max-Age: 99999999999", "Max-Age: 99999999999999999999999", "Max-Age: abc", "Max-Age:", "Max-Age:   600  ", "Max-Age: +600",
		"Max-Age: 600.5", "Max-Age: 6e2", "Max-Age: 0600", "Max-Age: 600s", "Max-Age: 600, 600", `Max-Age: "600"`, "Max-Age: 0x10",
		"Max-Age: 600;x", "Max-Age: 600; Max-Age: 600", "Max-Age: 600; Max-Age: 0",
	} {
		lines := strings.TrimSuffix("Allow-Methods: PUT; "+maxAge, "; ")
		at := same(lines, put, put)
		add(fmt.Sprintf("%q at once", maxAge), at...)
		later := slices.Clone(at)
		later[1].pause = beyondDefault
		add(fmt.Sprintf("%q later", maxAge), later...)
	}
	const list = "Allow-Methods: PUT, DELETE; Allow-Headers: X-A, x-b; Max-Age: 600"
	add("what is listed", same(list, put, del, getA, getB, postA, putA, put)...)
	add("what is listed, included", same(list, included(put), included(del), included(getA), put, getB)...)
	add("without, then with credentials", same(list, put, included(put), put, included(put))...)
	add("HEAD", same("Allow-Headers: x-a; Max-Age: 600", getA, headA, headA, postA)...)
	add("HEAD listed", same("Allow-Methods: HEAD; Allow-Headers: x-a; Max-Age: 600", getA, headA, headA)...)
	add("methods by case", same("Allow-Methods: patch, PUT; Max-Age: 600", patch, put, patch)...)
	add("methods in two lines", same("Allow-Methods: PUT; Allow-Methods: DELETE; Max-Age: 600", put, del)...)
	add("methods and nothing between", same("Allow-Methods: , PUT,,DELETE ,; Max-Age: 600", put, del)...)
	add("* of methods", same("Allow-Methods: *; Max-Age: 600", put, del, patch, put)...)
	add("* of methods, then included", same("Allow-Methods: *, PUT; Max-Age: 600", put, included(put), put)...)
	add("* of methods, included", same("Allow-Methods: *, PUT; Max-Age: 600", included(put), included(del), put, del)...)
	add("* of headers", same("Allow-Headers: *; Max-Age: 600", getA, getB, postA, getA)...)
	add("* of headers and Authorization", same("Allow-Headers: *; Max-Age: 600", getA, authed, authed, getA)...)
	add("* of headers and Authorization listed", same("Allow-Headers: *, authorization; Max-Age: 600", getA, authed, getB)...)
	add("* of headers, included", same("Allow-Headers: *, X-A; Max-Age: 600", included(getA), included(getB), getB)...)
	add("* of headers, included and not", same("Allow-Headers: *, X-A; Max-Age: 600", getA, included(getA), getB, included(getB))...)
	add("upload", same("Max-Age: 600", uploaded, uploaded, getA)...)
	add("upload, PUT listed", same("Allow-Methods: PUT; Max-Age: 600", uploaded, uploaded, put)...)
	add("upload, POST listed", same("Allow-Methods: POST; Max-Age: 600", uploaded, uploaded)...)
	add("upload without a body", same("Max-Age: 600", bare, bare, watched)...)
	add("upload included", same("Max-Age: 600", included(uploaded), included(uploaded), uploaded)...)

	echo := func(r request) scripted {
		names := make([]string, len(r.header))
		for i, line := range r.header {
			names[i] = line[0]
		}
		return scripted{request: r, answer: granting("Allow-Methods: " + r.method + "; Allow-Headers: " + strings.Join(names, ",") + "; Max-Age: 600")}
	}
	add("echo", echo(put), echo(del), echo(put), echo(getA), echo(getB), echo(putA), echo(put))
	add("echo, included", echo(included(put)), echo(included(del)), echo(included(put)), echo(put), echo(included(putA)), echo(put))

	good := granting("Allow-Methods: PUT; Max-Age: 600")
	refused := exchange{preflight: answer{header: "X-Nothing: 1"}, actual: answer{header: open}}
	forbidden := exchange{preflight: answer{status: 403}, actual: answer{header: open}}
	unreadable := exchange{preflight: good.preflight, actual: answer{header: "X-Nothing: 1"}}
	failing := exchange{preflight: good.preflight, actual: answer{status: 500, header: open}}
	failingUnreadable := exchange{preflight: good.preflight, actual: answer{status: 500}}
	add("refused, then allowed", scripted{request: put, answer: refused}, scripted{request: put, answer: good}, scripted{request: put, answer: good})
	add("403, then allowed", scripted{request: put, answer: forbidden}, scripted{request: put, answer: good}, scripted{request: put, answer: good})
	add("another refused between", scripted{request: put, answer: good}, scripted{request: del, answer: refused}, scripted{request: put, answer: good})
	for name, bad := range map[string]exchange{"unreadable": unreadable, "500": failing, "500 unreadable": failingUnreadable} {
		add(name+" between", scripted{request: put, answer: good}, scripted{request: put, answer: bad}, scripted{request: put, answer: good})
		add("simple "+name+" between", scripted{request: put, answer: good}, scripted{request: get, answer: bad}, scripted{request: put, answer: good})
	}
	// What one preflight's response listed may be kept although it refused the request that asked.
	add("not listed, then listed", append(same("Allow-Methods: PUT; Max-Age: 600", del, put, del, put), same("Allow-Methods: PUT, DELETE; Max-Age: 600", del)...)...)
	add("header not listed", same("Allow-Headers: x-a; Max-Age: 600", getB, getA, getA)...)
	add("max-age shrinks", append(append(same("Allow-Methods: PUT; Max-Age: 600", put), same("Allow-Methods: DELETE; Max-Age: 0", del, del)...), same("Allow-Methods: PUT; Max-Age: 600", put)...)...)

	renewed := append(same("Allow-Methods: PUT; Max-Age: 600", put), same("Allow-Methods: PUT, DELETE", del, put)...)
	renewed = append(renewed, scripted{request: put, answer: good, pause: beyondDefault})
	add("a later response shortens", renewed...)
	used := same("Allow-Methods: PUT; Max-Age: 8", put, put, put)
	used[1].pause = 4200 * time.Millisecond
	used[2].pause = beyondDefault
	add("use does not prolong", used...)

	all = append(all, sequence{name: "a sandboxed page", steps: []scripted{{request: put, answer: good}, {request: put, answer: good}}, sandboxed: true})
	short := granting("Allow-Methods: PUT; Max-Age: 600")
	short.preflight = answer{status: 200, header: short.preflight.header, short: true}
	add("preflight cut short", scripted{request: put, answer: short}, scripted{request: put, answer: short})
	for _, status := range []int{200, 299} {
		x := good
		x.preflight.status = status
		add(fmt.Sprint("preflight ", status), scripted{request: put, answer: x}, scripted{request: put, answer: x})
	}
	return all
}

// begins returns how much of its sequence's pauses is over at a step.
func (q sequence) begins(step int) (at time.Duration) {
	for _, s := range q.steps[:step+1] {
		at += s.pause
	}
	return at
}

// inGroups returns the places of those sequences that go on at the same time, so that they also wait at the same time. Firefox has
// room for a hundred results, and when it makes room, it drops those first that list nothing, as uploads' may: these stay alone.
func inGroups(all []sequence) (groups [][]int) {
	var waiting, others []int
	for i, q := range all {
		switch {
		case q.steps[0].request.upload:
			groups = append(groups, []int{i})
		case q.begins(len(q.steps)-1) > 0:
			waiting = append(waiting, i)
		default:
			others = append(others, i)
		}
	}
	return append(groups, others, waiting)
}

// Time goes on while requests are made, and how long a busy machine takes for them nobody knows. Corstest is told twice when they
// were made: when script began with them and when it had the responses. Where the two make a difference, nothing can be said.
func sequencesCostThePreflightsThatCorstestSays(t *testing.T, b *browser) {
	s := newScript(t)
	where := map[bool]page{false: s.page("app.example.localhost"), true: s.sandboxed("app.example.localhost")} // whether it is sandboxed
	tabs := make(map[bool]*tab)
	for sandboxed, where := range where {
		tabs[sandboxed] = b.open(t, where.url)
	}
	all := sequences()
	paths, players := make([]string, len(all)), make([]*player, len(all))
	for i, q := range all {
		paths[i] = fmt.Sprintf("/sequence/%d", i)
		players[i] = newPlayer(s, where[q.sandboxed], b.as)
	}
	var wrong []string
	undecided := 0
	take := func(due []int, k int) {
		calls := make(map[bool][]fetchCall)
		for _, i := range due {
			step, sandboxed := all[i].steps[k], all[i].sandboxed
			s.answer(paths[i], step.answer)
			calls[sandboxed] = append(calls[sandboxed], step.request.call(s.url(paths[i])))
		}
		got := make(map[bool][]fetched)
		for sandboxed, calls := range calls {
			var results []fetched
			tabs[sandboxed].call("fetchCells", calls, &results)
			got[sandboxed] = results
		}
		for _, i := range due {
			q, step := all[i], all[i].steps[k]
			result := got[q.sandboxed][0]
			got[q.sandboxed] = got[q.sandboxed][1:]
			real := outcome{result.Allowed, preflightsIn(s.take(paths[i]))}
			begun, ended := players[i].play(step, paths[i], result.Began, result.Ended)
			if begun != ended {
				undecided++
				b.count(real.allowed, false, false)
				continue
			}
			standard := players[i].standard
			b.count(real.allowed, real != standard, real != begun)
			if real != begun {
				wrong = append(wrong, fmt.Sprintf("%s, step %d, %s: %s %v, corstest as it %v, the standard %v",
					q.name, k, step.request.name, b.Name(), real, begun, standard))
			}
		}
	}
	for _, together := range inGroups(all) {
		rounds := make(map[time.Duration]int) // how many steps there may be at a time
		for _, i := range together {
			for k := range all[i].steps {
				rounds[all[i].begins(k)] = max(rounds[all[i].begins(k)], k+1)
			}
		}
		now := time.Duration(0)
		for _, at := range slices.Sorted(maps.Keys(rounds)) {
			time.Sleep(at - now)
			now = at
			for k := range rounds[at] {
				due := slices.DeleteFunc(slices.Clone(together), func(i int) bool {
					return k >= len(all[i].steps) || all[i].begins(k) != at
				})
				take(due, k)
			}
		}
	}
	require.Less(t, undecided, len(all)/4, "the machine is too slow for anything to be said")
	require.Empty(t, wrong, "%s", strings.Join(wrong, "\n"))
}

// Firefox keeps what came of preflights for a hundred URLs.
func manyURLsCostThePreflightsThatCorstestSays(t *testing.T, b *browser) {
	s := newScript(t)
	where := s.page("app.example.localhost")
	p, player := b.open(t, where.url), newPlayer(s, where, b.as)
	path := func(url int) string { return fmt.Sprintf("/many/%d", url) }
	step := scripted{request: put, answer: granting("Allow-Methods: PUT; Max-Age: 600")}
	visit := func(urls []int) {
		var calls []fetchCall
		for _, url := range urls {
			s.answer(path(url), step.answer)
			calls = append(calls, step.request.call(s.url(path(url))))
		}
		var got []fetched
		p.call("fetchInTurn", calls, &got)
		for i, url := range urls {
			real := outcome{got[i].Allowed, preflightsIn(s.take(path(url)))}
			begun, _ := player.play(step, path(url), got[i].Began, got[i].Ended)
			b.count(real.allowed, real != player.standard, real != begun)
			require.Equal(t, begun, real, "URL %d", url)
		}
	}
	var urls []int
	for url := range 102 {
		urls = append(urls, url)
	}
	visit(urls)
	visit([]int{101, 50, 2, 1, 0})
}

// outcome is what comes of a step.
type outcome struct {
	allowed    bool
	preflights int
}

// player takes steps in corstest: by the standard, and as an engine, by either clock.
type player struct {
	script   *script
	where    page
	now      time.Time
	browsers [3]*corstest.Browser // as the engine by two clocks, and by the standard
	standard outcome              // of the last step
}

func newPlayer(s *script, where page, as corstest.Engine) *player {
	p := &player{script: s, where: where}
	for i, engine := range []corstest.Engine{as, as, corstest.Standard} {
		p.browsers[i] = s.model(where, engine)
		p.browsers[i].Now = func() time.Time { return p.now }
	}
	return p
}

func (p *player) play(step scripted, path string, began, ended int64) (begun, over outcome) {
	var outcomes [3]outcome
	for i, at := range []int64{began, ended, ended} {
		p.now = time.UnixMilli(at)
		result := p.browsers[i].Fetch(step.request.inModel(p.script.url(path), p.where))
		p.script.take(path)
		outcomes[i] = outcome{result.Allowed, result.Preflights()}
	}
	p.standard = outcomes[2]
	return outcomes[0], outcomes[1]
}

// Requests and responses of all kinds to a few URLs, in an order that nobody chose.
func walkCostsThePreflightsThatCorstestSays(t *testing.T, b *browser) {
	s := newScript(t)
	seed := walkSeed(t)
	t.Logf("seed %d: set BYTECORS_WALK_SEED for another", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	requests := []request{get, put, del, getA, getB, headA, postA, putA, authed, uploaded, patch}
	where := s.page("app.example.localhost")
	p := b.open(t, where.url)
	player := newPlayer(s, where, b.as)
	preflights := 0
	for i := range 400 {
		step := scripted{request: requests[random.IntN(len(requests))]}
		if random.IntN(2) == 0 {
			step.request = included(step.request)
		}
		step.answer = granting(strings.Join([]string{
			"Allow-Methods: " + pick([]string{"PUT", "PUT, DELETE, patch", "DELETE", "*", "*, PUT", "HEAD, PUT", "POST"}),
			"Allow-Headers: " + pick([]string{"x-a", "X-A, X-B, Authorization", "*", "*, x-a", "*, authorization", "x-b"}),
			"Max-Age: " + pick([]string{"600", "600", "600", "0", "-1", "+600", "600s"}),
		}, "; "))
		switch random.IntN(12) {
		case 0:
			step.answer.actual.header = ""
		case 1:
			step.answer.preflight.header = ""
		}
		path := "/walk/" + pick([]string{"a", "b", "c", "d"})
		s.answer(path, step.answer)
		var got []fetched
		p.call("fetchInTurn", []fetchCall{step.request.call(s.url(path))}, &got)
		real := outcome{got[0].Allowed, preflightsIn(s.take(path))}
		begun, ended := player.play(step, path, got[0].Began, got[0].Ended)
		preflights += real.preflights
		b.count(real.allowed, real != player.standard, real != begun)
		require.Equal(t, begun, ended, "the machine is too slow for anything to be said")
		require.Equal(t, begun, real, "step %d: %s of %s, answered %q", i, step.request.name, path, step.answer.preflight.header)
	}
	t.Logf("400 requests, %d preflights", preflights)
}

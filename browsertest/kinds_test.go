package browsertest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// kind is a way in which a page makes requests without fetch.
type kind struct {
	name    string
	call    map[string]any // for runKinds in kinds.js, without the URL
	handler string

	method  string // GET if empty
	mode    mode
	include bool   // credentials
	unsafe  string // the header name that needs permission, or ""

	outcome, blocked string // what script learns where all goes well, and where CORS forbids it
	requests         int    // how many actual requests there are; 1 if zero

	departs map[corstest.Engine]kindDeparture
}

// kindDeparture is what an engine is known to make of a kind of request, other than the standard has it.
type kindDeparture struct {
	why     string
	noCORS  bool // it is sent as in mode no-cors
	content bool // script learns nothing of a failure
}

// mode is the standard's request mode: https://fetch.spec.whatwg.org/#concept-request-mode.
type mode int

const (
	noCORS mode = iota
	withCORS
	webSocket
)

func element(tag, property string, attributes ...string) map[string]any {
	set := map[string]string{}
	for _, attribute := range attributes {
		name, value, _ := strings.Cut(attribute, "=")
		set[name] = value
	}
	return map[string]any{"run": "loadElement", "tag": tag, "property": property, "attributes": set}
}

// kinds of requests, with what the HTML standard says of their modes: crossorigin attributes make them CORS requests, modules and
// fonts always are, and what has none of these is sent whatever the policy, and used, though not read.
func kinds() []kind {
	event := func(name string, include bool) kind {
		return kind{
			name: name, call: map[string]any{"run": "listenToEvents", "withCredentials": include}, handler: "events",
			mode: withCORS, include: include, outcome: "one, two", blocked: "error", requests: 2,
		}
	}
	beacon := func(name, contentType, unsafe string, m mode) kind {
		return kind{
			name: name, call: map[string]any{"run": "sendBeacon", "type": contentType}, handler: "plain",
			method: "POST", mode: m, include: true, unsafe: unsafe, outcome: "true", blocked: "true",
		}
	}
	all := []kind{
		{name: "module script", call: element("script", "src", "type=module"), handler: "script", mode: withCORS},
		{name: "module script with credentials", call: element("script", "src", "type=module", "crossorigin=use-credentials"),
			handler: "script", mode: withCORS, include: true},
		{name: "import", call: map[string]any{"run": "importModule"}, handler: "script", mode: withCORS},
		{name: "module preload", call: element("link", "href", "rel=modulepreload"), handler: "script", mode: withCORS, departs: map[corstest.Engine]kindDeparture{
			corstest.Firefox: {why: "Firefox has a module preloaded, as far as script knows, whatever came of it", content: true},
		}},
		{name: "font of a script", call: map[string]any{"run": "loadFont"}, handler: "font", mode: withCORS, departs: map[corstest.Engine]kindDeparture{
			corstest.WebKitGTK: {why: "WebKitGTK asks for the fonts of a script in mode no-cors", noCORS: true},
		}},
		{name: "font of a style sheet", call: map[string]any{"run": "loadStyledFont"}, handler: "font", mode: withCORS, departs: map[corstest.Engine]kindDeparture{
			corstest.WebKitGTK: {why: "WebKitGTK asks for the fonts of a style sheet in mode no-cors", noCORS: true},
		}},
		{name: "font preload", call: element("link", "href", "rel=preload", "as=font", "crossorigin=anonymous"), handler: "font", mode: withCORS, departs: map[corstest.Engine]kindDeparture{
			corstest.Firefox: {why: "Firefox has a font preloaded, as far as script knows, whatever came of it", content: true},
		}},
		event("events", false),
		event("events with credentials", true),
		beacon("beacon of text", "text/plain", "", noCORS),
		beacon("beacon of a form", "application/x-www-form-urlencoded", "", noCORS),
		beacon("beacon of JSON", "application/json", "content-type", withCORS),
		{name: "keepalive", call: map[string]any{"run": "keepAlive", "method": "PUT", "credentials": "same-origin"},
			handler: "plain", method: "PUT", mode: withCORS},
		{name: "keepalive with credentials", call: map[string]any{"run": "keepAlive", "method": "PUT", "credentials": "include"},
			handler: "plain", method: "PUT", mode: withCORS, include: true},
		{name: "WebSocket", call: map[string]any{"run": "openSocket"}, handler: "socket", mode: webSocket, outcome: "open"},
	}
	for _, e := range []struct{ name, tag, property, attribute, handler string }{
		{"script", "script", "src", "data-of=tests", "script"},
		{"image", "img", "src", "alt=", "image"},
		{"style sheet", "link", "href", "rel=stylesheet", "style"},
	} {
		all = append(all,
			kind{name: e.name, call: element(e.tag, e.property, e.attribute), handler: e.handler, mode: noCORS, include: true},
			kind{name: e.name + ", anonymous", call: element(e.tag, e.property, e.attribute, "crossorigin=anonymous"),
				handler: e.handler, mode: withCORS},
			kind{name: e.name + ", with credentials", call: element(e.tag, e.property, e.attribute, "crossorigin=use-credentials"),
				handler: e.handler, mode: withCORS, include: true},
		)
	}
	for i := range all {
		k := &all[i]
		if k.method == "" {
			k.method = "GET"
		}
		if k.outcome == "" {
			k.outcome = "load"
		}
		if k.blocked == "" {
			k.blocked = "error"
		}
		k.requests = max(1, k.requests)
	}
	return all
}

// resource is what comes of such a request.
type resource struct {
	Outcome    string
	Preflights []asked
	Methods    []string
	Origins    []string
	Cookie     bool
}

// meaning says what a policy means for a kind of request from a page.
func (k kind) meaning(config cors.Config, where page) (r resource) {
	mayRead := k.mode != withCORS || allowsOrigin(config, where.origin) && (!k.include || config.AllowCredentials)
	r.Outcome = k.blocked
	if k.mode == withCORS && (k.unsafe != "" || k.method == "PUT") {
		r.Preflights = []asked{{k.method, k.unsafe}}
		if !mayRead {
			return r
		}
	}
	origin := where.origin
	if k.mode == noCORS && k.method == "GET" {
		origin = ""
	}
	requests := 1
	if mayRead {
		r.Outcome, requests = k.outcome, k.requests
	}
	for range requests {
		r.Methods, r.Origins = append(r.Methods, k.method), append(r.Origins, origin)
	}
	r.Cookie = where.hasCookie && (k.include || k.mode != withCORS)
	return r
}

// departing returns the kind as an engine is known to take it.
func (k kind) departing(d kindDeparture) kind {
	if d.noCORS {
		k.mode = noCORS
	}
	if d.content {
		k.blocked = k.outcome
	}
	return k
}

func resourcesAreUsedAsThePolicySays(t *testing.T, b *browser) {
	s := newSite(t)
	pages := s.pages()
	app := pages["app"].origin
	allow := func(origins ...string) cors.Config {
		return cors.Config{AllowOrigins: origins, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"Content-Type"}}
	}
	policies := []policy{
		{name: "any", config: allow("*")},
		{name: "app", config: allow(app)},
		{name: "other", config: allow("https://example.org")},
		{name: "app-credentials", config: withCredentials(allow(app))},
	}
	type trial struct {
		kind   kind
		policy policy
		where  page
		id     string
	}
	var trials []trial
	outcomes := map[string]string{}
	for _, name := range []string{"app", "suffix"} {
		var calls []map[string]any
		first := len(trials)
		for _, p := range policies {
			if !s.has(p) {
				s.add(t, p)
			}
			for _, k := range kinds() {
				x := trial{k, p, pages[name], fmt.Sprint(len(trials))}
				call := map[string]any{"url": s.apiURL(p, k.handler) + "?id=" + x.id}
				for key, value := range k.call {
					call[key] = value
				}
				trials, calls = append(trials, x), append(calls, call)
			}
		}
		var got []string
		b.open(t, pages[name].url).call("runKinds", calls, &got)
		require.Len(t, got, len(calls))
		for i, outcome := range got {
			outcomes[trials[first+i].id] = outcome
		}
	}
	shown := map[string]bool{}
	for _, x := range trials {
		want := x.kind.meaning(x.policy.config, x.where)
		// Nothing tells script when a beacon has arrived.
		require.Eventually(t, func() bool {
			r := s.recordOf(x.id)
			return len(r.methods) >= len(want.Methods) && len(r.preflights) >= len(want.Preflights)
		}, time.Minute, 5*time.Millisecond, "%s of %s under %s: %+v", x.kind.name, x.where, x.policy.name, s.recordOf(x.id))
		record := s.recordOf(x.id)
		got := resource{outcomes[x.id], record.preflights, record.methods, record.origins, record.cookie && len(record.methods) > 0}
		departure, departs := x.kind.departs[b.as]
		departed := departs && !reflect.DeepEqual(want, got)
		if departs {
			shown[departure.why] = shown[departure.why] || departed
			want = x.kind.departing(departure).meaning(x.policy.config, x.where)
		}
		agreed := reflect.DeepEqual(want, got)
		b.count(want.Outcome == x.kind.outcome, departed, !agreed)
		if !agreed {
			t.Errorf("%s of %s under %s:\n%+v is what the policy means\n%+v is what %s does", x.kind.name, x.where, x.policy.name, want, got, b.Name())
		}
	}
	for why, shown := range shown {
		require.True(t, shown, "no cell shows any more that %s", why)
	}
}

package diagnose

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// stranger is an origin that no server has a reason to list: names under .invalid belong to nobody (RFC 6761).
const stranger = "https://corscheck.invalid"

func (d *diagnosis) warn(code Code, message string) {
	d.report.Notes = append(d.report.Notes, Note{code, true, message})
}

func (d *diagnosis) note(code Code, message string) {
	d.report.Notes = append(d.report.Notes, Note{code, false, message})
}

// notes looks for what hurts, or will, although it is not why a response is blocked.
func (d *diagnosis) notes() {
	if d.report.Verdict == Failed {
		return
	}
	if d.result.Allowed {
		d.reflection()
		d.maxAge()
	}
	d.localNetwork()
	for _, hop := range d.result.Hops {
		if x := hop.Actual; x != nil && !hop.SameOrigin {
			d.cookies(hop.URL, x)
			d.resourcePolicy(hop.URL, x)
		}
	}
	if x := d.result.Actual(); x != nil && x.BodyErr != nil && d.result.Allowed {
		d.note(BodyIncomplete, fmt.Sprintf("The body was not read to its end (%v); CORS is decided by the head.", x.BodyErr))
	}
	sort.SliceStable(d.report.Notes, func(i, j int) bool { return d.report.Notes[i].Warning && !d.report.Notes[j].Warning })
}

// reflection looks at a server that answers with the request's own origin: does it allow everybody, and do caches know?
func (d *diagnosis) reflection() {
	x := d.result.Actual()
	if x == nil {
		x = d.result.Preflight()
	}
	if x == nil || d.result.Hops[len(d.result.Hops)-1].SameOrigin {
		return
	}
	origin := x.RequestHeader.Get("Origin")
	if origin == "" || x.ResponseHeader.Get("Access-Control-Allow-Origin") != origin {
		return
	}
	credentials := x.ResponseHeader.Get("Access-Control-Allow-Credentials") == "true"
	d.asker.at(d.result.Hops[len(d.result.Hops)-1].URL)
	q, asked := d.asker.ask(stranger, "GET", nil)
	allowed, fixed := "", false
	if asked && q.Exchange.Err == nil {
		allowed = q.Exchange.ResponseHeader.Get("Access-Control-Allow-Origin")
		// A server that sends the same to everybody sends a cache nothing that it could mix up.
		fixed = allowed == origin
	}
	if allowed == stranger {
		if credentials && q.Exchange.ResponseHeader.Get("Access-Control-Allow-Credentials") == "true" {
			d.warn(AllowsAnyOrigin, fmt.Sprintf("The server allows any origin, with credentials: a preflight of %s, which was made up, was answered with that origin and "+
				"Access-Control-Allow-Credentials: true. Every site on the web can act here as its visitors, and read what it is told. List the origins that are trusted.", stranger))
		} else {
			d.warn(AllowsAnyOrigin, fmt.Sprintf("The server repeats any origin, also %s, which was made up. If everybody may read this, \"*\" says so and caches better; if not, list the origins.", stranger))
		}
	}
	if actual := d.result.Actual(); actual != nil && !fixed && !variesByOrigin(actual) {
		certainly := "If it allows several origins, a"
		if asked && q.Exchange.Err == nil && (allowed == stranger || allowed == "" && q.Exchange.Status < 500) {
			certainly = "Its answer depends on the origin, so that a"
		}
		d.warn(VaryMissing, "The response has the request's own origin in Access-Control-Allow-Origin, and no Vary: Origin. "+certainly+
			" cache hands what it got for one origin to another, where it is blocked. Send Vary: Origin, also where nothing is allowed.")
	}
}

func variesByOrigin(x *corstest.Exchange) bool {
	vary := x.ResponseHeader.Get("Vary")
	if hasListItem(vary, "origin") || hasListItem(vary, "*") {
		return true
	}
	return hasListItem(x.ResponseHeader.Get("Cache-Control"), "no-store")
}

// engineLimits is for how many seconds browsers keep a preflight, at most.
const engineLimits = "Chromium keeps a preflight for 7200 seconds at most, Firefox for 86400, WebKitGTK for 600"

func (d *diagnosis) maxAge() {
	x := d.result.Preflight()
	if x == nil {
		return
	}
	values := x.ResponseHeader.Values("Access-Control-Max-Age")
	value := strings.Join(values, ", ")
	seconds, err := strconv.Atoi(value)
	switch {
	case len(values) == 0:
		d.note(PreflightAlways, "The preflight's response has no Access-Control-Max-Age: browsers ask again after 5 seconds, which costs a round trip each time. "+engineLimits+".")
	case err != nil || strings.Trim(value, "0123456789") != "" && value != "-1":
		d.warn(MaxAgeUnreadable, fmt.Sprintf("Access-Control-Max-Age is %q, which is no number of seconds: browsers take 5, or 0.", clip(value)))
	case seconds < 5:
		d.note(PreflightAlways, fmt.Sprintf("Access-Control-Max-Age is %d: there is a preflight with nearly every request, which costs a round trip each time. %s.", seconds, engineLimits))
	case seconds > 86400:
		d.note(MaxAgeLimited, fmt.Sprintf("Access-Control-Max-Age is %d, more than any browser heeds: %s.", seconds, engineLimits))
	case seconds > 7200:
		d.note(MaxAgeLimited, fmt.Sprintf("Access-Control-Max-Age is %d; %s.", seconds, engineLimits))
	}
}

// cookies looks at what a cross-site response sets.
func (d *diagnosis) cookies(url string, x *corstest.Exchange) {
	if d.request.Credentials != corstest.Include || corstest.SameSite(d.result.Origin, originOf(url)) {
		return
	}
	for _, line := range x.ResponseHeader.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			continue
		}
		none := cookie.SameSite == http.SameSiteNoneMode
		switch {
		case none && cookie.Secure && (strings.HasPrefix(url, "https:") || isOwnMachine(hostOf(url))):
		case none && !cookie.Secure:
			d.warn(CookieDropped, fmt.Sprintf("Browsers drop the cookie %s: SameSite=None needs Secure.", clip(cookie.Name)))
		case none:
			d.warn(CookieDropped, fmt.Sprintf("Browsers drop the cookie %s: Secure needs https.", clip(cookie.Name)))
		default:
			d.warn(CookieDropped, fmt.Sprintf("Browsers drop the cookie %s, or do not send it along: page and server are of different sites, and it lacks SameSite=None; Secure. "+
				"(Browsers that block third-party cookies drop it even then.)", clip(cookie.Name)))
		}
	}
}

// resourcePolicy looks at Cross-Origin-Resource-Policy, which a fetch in mode cors does not heed.
func (d *diagnosis) resourcePolicy(url string, x *corstest.Exchange) {
	policy := x.ResponseHeader.Get("Cross-Origin-Resource-Policy")
	blocks := policy == "same-origin" || policy == "same-site" && !corstest.SameSite(d.result.Origin, originOf(url))
	if !blocks || d.request.NoCORS {
		return
	}
	d.note(ResourcePolicy, fmt.Sprintf("Cross-Origin-Resource-Policy: %s does not matter to this fetch, but the page cannot load the URL by <img>, <script>, <link>, <video> or <audio> "+
		"without a crossorigin attribute, nor fetch it in mode no-cors. Module scripts are always loaded with CORS, and so are fonts, but in WebKitGTK.", policy))
}

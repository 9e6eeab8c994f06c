package diagnose

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// preflight finds out why a preflight failed.
func (d *diagnosis) preflight() {
	reason := d.result.Reason
	x := d.hop.PreflightExchange
	method, names := requested(x)
	switch reason.Failure {
	case corstest.PreflightRedirect:
		d.byRule(reason)
	case corstest.AllowOriginMissing, corstest.PreflightStatus:
		d.nothingAllowed(x, method, names)
	case corstest.MethodNotAllowed:
		d.methodNotListed(x, method, names)
	case corstest.HeaderNotAllowed, corstest.AuthorizationNotListed:
		d.headerNotListed(reason)
	default:
		d.doubledOrByRule(reason)
	}
}

// doubledOrByRule tells two components that add one header from other reasons why its value is wrong.
func (d *diagnosis) doubledOrByRule(reason corstest.Reason) {
	values := d.failing().ResponseHeader.Values(reason.Header)
	doubled := len(values) > 1
	for _, value := range values {
		first, rest, _ := strings.Cut(value, ",")
		doubled = doubled || rest != "" && strings.TrimSpace(first) == strings.TrimSpace(rest)
	}
	isSingle := reason.Failure == corstest.AllowOriginMultiple || reason.Failure == corstest.AllowCredentialsMissing ||
		reason.Failure == corstest.AllowOriginMismatch
	if !doubled || !isSingle {
		d.byRule(reason)
		return
	}
	where := fmt.Sprintf("on %d lines", len(values))
	if len(values) == 1 {
		where = "twice in one line"
	}
	d.certain(AddedTwice, fmt.Sprintf("%s comes %s (%s): two components add it, such as a proxy and the application, and browsers "+
		"read that as one value which matches nothing.", reason.Header, where, clip(strings.Join(values, " | "))),
		"Let only one of them add CORS headers. Where a proxy has to, let it first remove what the application sent (nginx: proxy_hide_header).")
}

// methodNotListed is for an answer that allows the origin.
func (d *diagnosis) methodNotListed(x *corstest.Exchange, method string, names []string) {
	reason := d.result.Reason
	listed := x.ResponseHeader.Has("Access-Control-Allow-Methods") || x.ResponseHeader.Has("Access-Control-Allow-Headers")
	var plain Question
	var asked bool
	if !listed {
		plain, asked = d.asker.ask(d.origin(), "GET", nil)
	}
	switch {
	case listed:
		d.byRule(reason)
	case asked && plain.Exchange.ResponseHeader.Has("Access-Control-Allow-Methods"):
		// The answer depends on what is asked for, so that the question arrives.
		d.methodRefused(x, plain, method)
	default:
		d.suspect(TakenForOrdinary, "The server allows the origin and lists nothing, as in an answer to an ordinary request: "+
			"Access-Control-Request-Method does not reach what handles CORS, or nothing there answers preflights.",
			forwarding+" Where nothing is in between, the header Access-Control-Allow-Origin is probably added by hand: answer preflights too, "+
				"with Access-Control-Allow-Methods: "+method+headerLine(names)+".")
		d.suspect(MethodNotAllowed, fmt.Sprintf("The server allows no method but GET, HEAD and POST, and so not %s.", method), reason.Remedy)
		return
	}
	if again := d.replay(x, d.origin(), "GET", names); !again.Allowed && again.Reason.Header == "Access-Control-Allow-Headers" && x.ResponseHeader.Has("Access-Control-Allow-Headers") {
		d.byRule(again.Reason)
	}
}

const forwarding = "A proxy or a CDN has to forward OPTIONS requests with Origin, Access-Control-Request-Method and Access-Control-Request-Headers as they are."

func headerLine(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " and Access-Control-Allow-Headers: " + clip(strings.Join(names, ", "))
}

func (d *diagnosis) headerNotListed(reason corstest.Reason) {
	if reason.Value == "" {
		reason.Remedy += " Where the server repeats what it is asked for, something on the way drops Access-Control-Request-Headers: a proxy or a CDN has to forward it."
	}
	d.byRule(reason)
}

// nothingAllowed is for an answer without Access-Control-Allow-Origin, or with a status that spoils it. It may be about the
// origin, the method, a header, or about nothing of that.
func (d *diagnosis) nothingAllowed(x *corstest.Exchange, method string, names []string) {
	plain, asked := d.asker.ask(d.origin(), "GET", nil)
	switch {
	case !asked:
		d.byStatus(x, false)
	case plain.Allowed:
		d.bisect(x, plain, method, names)
	case plain.Reason.Failure != corstest.AllowOriginMissing && plain.Reason.Failure != corstest.PreflightStatus && plain.Exchange.Err == nil:
		// Of a plain GET the server says more.
		d.byRule(plain.Reason)
	default:
		d.byStatus(x, true)
	}
}

// bisect finds what it is that is not allowed, where plain GET is.
func (d *diagnosis) bisect(x *corstest.Exchange, plain Question, method string, names []string) {
	origin := d.origin()
	with := method
	methodAllowed, asked := true, true
	if !isSafelistedMethod(method) {
		var alone Question
		if alone, asked = d.asker.ask(origin, method, nil); asked && !alone.Allowed {
			methodAllowed = false
			d.methodRefused(x, plain, method)
			with = "GET"
		}
	}
	if !asked {
		d.byStatus(x, false)
		return
	}
	refused, complete := d.refusedHeaders(with, names, methodAllowed)
	if len(refused) > 0 {
		d.headersRefused(x, plain, refused)
	}
	switch {
	case len(d.report.Causes) > 0:
	case !complete:
		d.byStatus(x, false)
	case len(names) == 0:
		d.certain(Unstable, "The same preflight was refused at first, and allowed when it was asked again.",
			"Look for several servers behind one name of which not all have the same policy, a rate limit, or a policy that was just being changed.")
	default:
		d.certain(HeadersTogether, fmt.Sprintf("The server allows each of these, but not all together: the method %s, the request headers %s.", method, clip(strings.Join(names, ", "))),
			"Look for a limit on the length of Access-Control-Request-Headers or on the number of names in it, or for a firewall's rule.")
	}
}

// refusedHeaders finds the names that are refused with a method that is allowed, by halves. refusedTogether tells that this is
// known of all of them. complete is false where not everything could be asked.
func (d *diagnosis) refusedHeaders(method string, names []string, refusedTogether bool) (refused []string, complete bool) {
	if len(names) == 0 {
		return nil, true
	}
	if !refusedTogether {
		q, asked := d.asker.ask(d.origin(), method, names)
		if !asked || q.Allowed {
			return nil, asked
		}
	}
	if len(names) == 1 {
		return names, true
	}
	half := len(names) / 2
	first, firstComplete := d.refusedHeaders(method, names[:half], false)
	second, secondComplete := d.refusedHeaders(method, names[half:], false)
	return append(append([]string(nil), first...), second...), firstComplete && secondComplete
}

func (d *diagnosis) methodRefused(x *corstest.Exchange, plain Question, method string) {
	remedy := fmt.Sprintf("Add %s to the allowed methods.", method)
	if list := plain.Exchange.ResponseHeader.Get("Access-Control-Allow-Methods"); list != "" && list != "*" {
		remedy = fmt.Sprintf("Add %s to the allowed methods: Access-Control-Allow-Methods: %s.", method, extended(list, method))
	}
	d.certain(MethodNotAllowed, fmt.Sprintf("The server does not allow the method %s: it allows the page's origin, %s, when it is asked about GET.", method, d.origin()),
		remedy+refusalHint(x))
}

func (d *diagnosis) headersRefused(x *corstest.Exchange, plain Question, refused []string) {
	joined := strings.Join(refused, ", ")
	word, add := "header", "it"
	if len(refused) > 1 {
		word, add = "headers", "them"
	}
	remedy := fmt.Sprintf("Add %s to the allowed request headers.", add)
	list := plain.Exchange.ResponseHeader.Get("Access-Control-Allow-Headers")
	if list != "" && (list != "*" || joined == "authorization") {
		remedy = fmt.Sprintf("Add %s to the allowed request headers: Access-Control-Allow-Headers: %s.", add, extended(list, refused...))
	}
	d.certain(HeaderNotAllowed, fmt.Sprintf("The server does not allow the request %s %s: it allows the page's origin, %s, when no headers are asked for.", word, joined, d.origin()),
		remedy+refusalHint(x))
}

// extended returns a list with more in it.
func extended(list string, more ...string) string {
	var elements []string
	for _, element := range strings.Split(list, ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return clip(strings.Join(append(elements, more...), ", "))
}

// refusalHint is for answers that say nothing, to whoever runs the server.
func refusalHint(x *corstest.Exchange) string {
	if x.Status == 403 && !x.ResponseHeader.Has("Access-Control-Allow-Origin") {
		return " If the server runs bytecors, SetDebug(true) makes the browser's console say so too."
	}
	return ""
}

// similarOrigins returns origins that are often listed in place of the page's own.
func similarOrigins(origin, target string) []string {
	var similar []string
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	add := func(scheme, host, port string) {
		if port != "" {
			host += ":" + port
		}
		if o := scheme + "://" + host; o != origin && corstest.CheckOrigin(o) == nil {
			similar = append(similar, o)
		}
	}
	other := map[string]string{"http": "https", "https": "http"}[u.Scheme]
	host, port := u.Hostname(), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	add(other, host, port)
	switch {
	case host == "localhost":
		add(u.Scheme, "127.0.0.1", port)
	case host == "127.0.0.1":
		add(u.Scheme, "localhost", port)
	case strings.HasPrefix(host, "www."):
		add(u.Scheme, strings.TrimPrefix(host, "www."), port)
	case strings.Contains(host, ".") && strings.Trim(host, "0123456789.") != "" && !strings.HasPrefix(host, "["):
		add(u.Scheme, "www."+host, port)
	}
	if port != "" {
		add(u.Scheme, host, "")
	}
	if own, err := url.Parse(target); err == nil {
		if o := own.Scheme + "://" + own.Host; o != origin && corstest.CheckOrigin(o) == nil {
			similar = append(similar, o)
		}
	}
	return similar
}

package browsertest

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
)

// policy is a Config with a name, which is part of URLs.
type policy struct {
	name   string
	config cors.Config
	debug  bool
}

// page is where script runs.
type page struct {
	url       string // to open
	origin    string
	within    string // the frame or worker in which script runs there, by its name in cells.js
	hasCookie bool   // whether the API's site is its own, so that it shares cookies with it

	departs map[corstest.Engine]pageDeparture
}

// pageDeparture is what an engine is known to make of a page, other than the standard has it.
type pageDeparture struct {
	why string

	sendsCookie bool // as if the API's site were its own
	noCookie    bool
	isolated    bool // nothing that it sends goes out
}

// request is what script passes to fetch, and what the standard makes of that.
type request struct {
	name        string
	method      string
	header      [][2]string
	body        string
	credentials corstest.Credentials
	upload      bool // sent by XMLHttpRequest, with a listener for its progress

	throws bool     // fetch itself does
	sent   string   // the method that goes out, if it is another
	unsafe []string // header names that need permission, in lower case and in order

	// Engines that make something else of it than the standard does.
	departs map[corstest.Engine]departure
	// Engines in which fetch fails before anything is sent, and why.
	fails map[corstest.Engine]string
}

// departure is what an engine is known to make of a request.
type departure struct {
	why    string
	unsafe []string // the names that it asks permission for
}

// cell is one combination.
type cell struct {
	policy  policy
	page    page
	request request
	handler string
	url     string // without the id

	arrives  handlerDeparture // what becomes of a response
	isolated bool             // nothing goes out
}

func (c cell) String() string {
	return strings.Join([]string{
		c.policy.name, c.page.String(), c.request.name, c.request.credentials.String(), c.handler,
	}, " | ")
}

// departs says why an engine does something else than the standard says, or "".
func (c cell) departs(as corstest.Engine) string {
	if d, ok := c.request.departs[as]; ok {
		return d.why
	}
	if why, ok := c.request.fails[as]; ok {
		return why
	}
	if d, ok := c.page.departs[as]; ok {
		return d.why
	}
	if d, ok := handlers[c.handler].departs[as]; ok {
		return d.why
	}
	return handlers[c.handler].repeated[as]
}

// departure returns the cell as the engine is known to take it.
func (c cell) departure(as corstest.Engine) cell {
	if d, ok := c.request.departs[as]; ok {
		c.request.unsafe = d.unsafe
	}
	_, fails := c.request.fails[as]
	c.request.throws = c.request.throws || fails
	c.arrives = handlers[c.handler].departs[as]
	d := c.page.departs[as]
	c.page.hasCookie = (c.page.hasCookie || d.sendsCookie) && !d.noCookie
	c.isolated = d.isolated
	return c
}

// repeats tells whether the engine may send the request more than once.
func (c cell) repeats(as corstest.Engine) bool { return handlers[c.handler].repeated[as] != "" }

// verdict is what comes of a cell.
type verdict struct {
	Allowed    bool
	Status     int               // that script reads
	Header     map[string]string // that script reads
	Preflights int
	Asked      asked    // of the preflight
	Methods    []string // of the actual requests that the API received
	Cookie     bool     // whether these came with the cookie

	// These are beyond a policy's meaning.
	Body  string // that script reads
	Cause string // why it reads nothing, in the words of Chromium's developer tools
}

// meaning says what the policy means for the cell, from its Config alone.
func (c cell) meaning() verdict {
	var v verdict
	r, config := c.request, c.policy.config
	if r.throws || c.isolated {
		return v
	}
	method := r.method
	if r.sent != "" {
		method = r.sent
	}
	handler := handlers[c.handler]
	include := r.credentials == corstest.Include
	if c.page.origin == originOf(c.url) {
		v.Allowed, v.Status, v.Methods = true, handler.status, []string{method}
		v.Header = visible(handler.header, []string{"*"})
		v.Cookie = c.page.hasCookie && r.credentials != corstest.Omit
		return c.arrived(v)
	}
	mayRead := allowsOrigin(config, c.page.origin) && (!include || config.AllowCredentials)
	maySend := true
	if simple := slices.Contains([]string{"GET", "HEAD", "POST"}, method); !simple || len(r.unsafe) > 0 {
		v.Preflights = 1
		v.Asked = asked{method: method, headers: strings.Join(r.unsafe, ",")}
		maySend = mayRead &&
			(simple || slices.Contains(config.AllowMethods, method) || slices.Contains(config.AllowMethods, "*"))
		for _, name := range r.unsafe {
			maySend = maySend && allowsHeader(config, name)
		}
	}
	if maySend {
		v.Methods = []string{method}
		v.Cookie = c.page.hasCookie && include
	}
	if maySend && mayRead {
		v.Allowed, v.Status = true, handler.status
		v.Header = visible(handler.header, config.ExposeHeaders)
	}
	return c.arrived(v)
}

// arrived adds to a verdict what the handler's response has a browser do.
func (c cell) arrived(v verdict) verdict {
	if handlers[c.handler].twice {
		v.Methods = append(v.Methods, v.Methods...)
	}
	if c.arrives.fails && v.Allowed {
		v.Allowed, v.Status, v.Header = false, 0, nil
	}
	if v.Allowed {
		maps.Copy(v.Header, c.arrives.header)
	}
	return v
}

func originOf(url string) string {
	return regexp.MustCompile(`^https?://[^/]+`).FindString(url)
}

// allowsOrigin reads the patterns as regular expressions.
func allowsOrigin(config cors.Config, origin string) bool {
	for _, pattern := range config.AllowOrigins {
		expression := regexp.QuoteMeta(pattern)
		expression = strings.Replace(expression, `//\*\.`, `//([a-z0-9-]+\.)+`, 1)
		if strings.HasSuffix(expression, `:\*`) {
			expression = strings.TrimSuffix(expression, `:\*`) + `(:[0-9]+)?`
		}
		if pattern == "*" || regexp.MustCompile("^"+expression+"$").MatchString(origin) {
			return true
		}
	}
	return config.AllowOriginFunc != nil && config.AllowOriginFunc(nil, []byte(origin))
}

func allowsHeader(config cors.Config, name string) bool {
	return slices.ContainsFunc(config.AllowHeaders, func(listed string) bool {
		return strings.EqualFold(listed, name) || listed == "*" && name != "authorization"
	})
}

// visible returns the headers that script may read.
func visible(header map[string]string, exposed []string) map[string]string {
	safelisted := []string{
		"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
	}
	seen := make(map[string]string)
	for name, value := range header {
		listed := slices.ContainsFunc(exposed, func(e string) bool { return e == "*" || strings.EqualFold(e, name) })
		if name != "set-cookie" && name != "set-cookie2" && (listed || slices.Contains(safelisted, name)) {
			seen[name] = value
		}
	}
	return seen
}

func (p page) String() string {
	scheme, _, _ := strings.Cut(p.url, ":")
	switch {
	case p.within != "":
		return p.within + " of " + p.origin
	case p.origin == "null":
		return scheme + " page"
	}
	return p.origin
}

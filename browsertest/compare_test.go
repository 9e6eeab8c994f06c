package browsertest

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// compare runs all cells and reports where the verdicts differ: what the policy means, what corstest says by the standard and
// as this engine, and what the engine does.
func (b *browser) compare(t *testing.T, s *site, cells []cell) {
	t.Helper()
	for _, c := range cells {
		if !s.has(c.policy) {
			s.add(t, c.policy)
		}
	}
	var (
		real     = b.runInBrowser(t, cells)
		wrong    []string
		departed = make(map[string]bool) // by reason: whether a cell shows it
	)
	for i, c := range cells {
		id := fmt.Sprint(i)
		want := c.meaning()
		standard := s.runInModel(c, corstest.Standard, id+"-standard")
		got := s.verdictOf(real[i], id)
		require.False(t, s.recordOf(id).leaked, "%s: a preflight came with a cookie", c)
		agreed := true
		disagree := func(who, diff string) {
			if diff != "" {
				wrong = append(wrong, fmt.Sprintf("%s\n\t%s: %s", c, who, diff))
				agreed = false
			}
		}
		disagree("policy and corstest", difference(want, withoutProtocol(standard)))
		model := standard
		why := c.departs(b.as)
		if departure := c.departure(b.as); departure.isolated {
			model = verdict{}
		} else if why != "" || b.as == corstest.Chromium {
			model = s.runInModel(departure, b.as, id+"-model")
			if model.Allowed {
				maps.Copy(model.Header, departure.arrives.header)
			}
		}
		if c.page.within != "" || c.departure(b.as).isolated || b.as != corstest.Chromium {
			got.Cause = model.Cause // only Chromium tells, and a frame may be out of the observer's sight
		}
		shown := difference(standard, got) != ""
		if why != "" {
			departed[why] = departed[why] || shown
			if c.repeats(b.as) {
				got.Methods, model.Methods = slices.Compact(slices.Clone(got.Methods)), slices.Compact(slices.Clone(model.Methods))
			}
			disagree("known departure and "+b.Name(), difference(c.departure(b.as).meaning(), withoutProtocol(got)))
		} else {
			disagree("corstest and "+b.Name(), difference(standard, got))
		}
		disagree("corstest as "+b.Name()+" and "+b.Name(), difference(model, got))
		b.count(want.Allowed, why != "" && shown, !agreed)
	}
	for why, shown := range departed {
		if !shown {
			t.Errorf("no cell shows any more that %s", why)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%d disagreements, of which the first are\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
}

// fetched is what script got.
type fetched struct {
	Allowed bool        `json:"allowed"`
	Status  int         `json:"status"`
	Header  [][2]string `json:"header"`
	Body    string      `json:"body"`
	Error   string      `json:"error"`
	Began   int64       `json:"began"` // in milliseconds of Unix time
	Ended   int64       `json:"ended"`

	cause string // why it got nothing, in the words of Chromium's developer tools; of other engines ""
	named string // and which header or method they name
}

// fetchCall is what the page's script fetches.
type fetchCall struct {
	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Header      [][2]string `json:"header"`
	Credentials string      `json:"credentials"`
	Body        string      `json:"body,omitempty"`
	Upload      bool        `json:"upload,omitempty"` // by XMLHttpRequest, with a listener for its progress
}

func (r request) call(url string) fetchCall {
	header := r.header
	if header == nil {
		header = [][2]string{}
	}
	return fetchCall{URL: url, Method: r.method, Header: header, Credentials: r.credentials.String(), Body: r.body, Upload: r.upload}
}

// runInBrowser fetches each cell from a page of its origin. The results have the cells' order.
func (b *browser) runInBrowser(t *testing.T, cells []cell) []fetched {
	t.Helper()
	byPage := make(map[[2]string][]int)
	var keys [][2]string // in the cells' order
	for i, c := range cells {
		key := [2]string{c.page.url, c.page.within}
		if byPage[key] == nil {
			keys = append(keys, key)
		}
		byPage[key] = append(byPage[key], i)
	}
	results := make([]fetched, len(cells))
	for _, key := range keys {
		indexes := byPage[key]
		where := cells[indexes[0]].page
		calls := make([]fetchCall, len(indexes))
		for k, i := range indexes {
			calls[k] = cells[i].request.call(fmt.Sprintf("%s?id=%d", cells[i].url, i))
		}
		for k, f := range b.fetchAll(t, where, calls) {
			results[indexes[k]] = f
		}
	}
	return results
}

// fetchAll opens the page and has it fetch.
func (b *browser) fetchAll(t *testing.T, where page, calls []fetchCall) []fetched {
	t.Helper()
	p := b.open(t, where.url)
	var causes *causes
	if b.as == corstest.Chromium {
		causes = p.observeCauses()
	}
	var results []fetched
	p.call(inPage(where.within), calls, &results)
	require.Len(t, results, len(calls))
	if causes != nil {
		for i := range results {
			results[i].cause, results[i].named = causes.of(calls[i].URL)
		}
	}
	return results
}

// inPage returns a function that fetches in the frame or worker of this name, or in the page itself: the script comes with it,
// since not every page is one of the site's.
func inPage(within string) string {
	return fmt.Sprintf("(calls) => { %s; return fetchWithin(%q, calls); }", pageScript, within)
}

// model returns corstest's browser at a page, connected to the site.
func (s *site) model(where page, as corstest.Engine) *corstest.Browser {
	return connected(where.origin, as)
}

// connected returns a page of corstest's browser, for which every host is this machine.
func connected(origin string, as corstest.Engine) *corstest.Browser {
	b := corstest.NewLiveBrowser(origin)
	b.Engine = as
	b.Dial = func(ctx context.Context, address string, secure bool) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil && secure {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		return conn, err
	}
	return b
}

func (s *site) runInModel(c cell, engine corstest.Engine, id string) verdict {
	result := s.model(c.page, engine).Fetch(c.request.inModel(c.url+"?id="+id, c.page))
	return s.verdictOf(fetched{
		Allowed: result.Allowed, Status: result.Status, Header: result.Header, Body: string(result.Body), cause: causeOf(result),
	}, id)
}

func (r request) inModel(url string, where page) corstest.Request {
	request := corstest.Request{
		Method: r.method, URL: url, Header: r.header, Body: r.body, Credentials: r.credentials, ForcePreflight: r.upload,
	}
	if where.hasCookie {
		request.Cookie = sessionCookie
		if strings.HasPrefix(url, "https:") {
			request.Cookie = secureCookie
		}
	}
	return request
}

// verdictOf puts together what script got and what the API received.
func (s *site) verdictOf(f fetched, id string) verdict {
	v := verdict{Allowed: f.Allowed, Status: f.Status, Body: f.Body, Cause: f.cause}
	if f.Allowed {
		v.Header = make(map[string]string, len(f.Header))
	}
	for _, line := range f.Header {
		v.Header[line[0]] = line[1]
		if line[0] == "date" {
			v.Header["date"] = "now"
		}
	}
	r := s.recordOf(id)
	v.Preflights = len(r.preflights)
	if v.Preflights > 0 {
		v.Asked = r.preflights[0]
	}
	v.Methods = r.methods
	v.Cookie = len(r.methods) > 0 && r.cookie
	return v
}

// withoutProtocol leaves out what a policy's meaning does not go into.
func withoutProtocol(v verdict) verdict {
	v.Body, v.Cause = "", ""
	v.Header = maps.Clone(v.Header)
	maps.DeleteFunc(v.Header, func(name, _ string) bool {
		switch name {
		case "connection", "date", "transfer-encoding", "vary":
			return true
		}
		return strings.HasPrefix(name, "access-control-")
	})
	return v
}

// difference names the fields that differ, or returns "".
func difference(a, b verdict) string {
	var parts []string
	left, right := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range left.NumField() {
		if x, y := left.Field(i).Interface(), right.Field(i).Interface(); !reflect.DeepEqual(x, y) {
			parts = append(parts, fmt.Sprintf("%s %v and %v", left.Type().Field(i).Name, x, y))
		}
	}
	return strings.Join(parts, "; ")
}

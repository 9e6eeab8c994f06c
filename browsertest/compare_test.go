package browsertest

import (
	"context"
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

// compare runs all cells and reports where the three verdicts differ.
func compare(t *testing.T, s *site, cells []cell) {
	t.Helper()
	for _, c := range cells {
		if !s.has(c.policy) {
			s.add(t, c.policy)
		}
	}
	var (
		chromium = s.runInChromium(t, cells)
		wrong    []string
		departed = make(map[string]bool) // by reason: whether a cell shows it
		allowed  int
	)
	disagree := func(c cell, who, diff string) {
		if diff != "" {
			wrong = append(wrong, fmt.Sprintf("%s\n\t%s: %s", c, who, diff))
		}
	}
	for i, c := range cells {
		id := fmt.Sprint(i)
		want := c.meaning()
		model := s.runInModel(c, corstest.Standard, id+"-standard")
		got := s.verdictOf(chromium[i], id)
		require.False(t, s.recordOf(id).leaked, "%s: a preflight came with a cookie", c)
		disagree(c, "policy and corstest", difference(want, withoutProtocol(model)))
		if c.page.sandboxed {
			got.Cause = model.Cause // the frame may be out of the observer's sight
		}
		if c.departs() == "" {
			disagree(c, "corstest and Chromium", difference(model, got))
		} else {
			departed[c.departs()] = departed[c.departs()] || difference(model, got) != ""
			c.compareDeparture(s, got, id, disagree)
		}
		if want.Allowed {
			allowed++
		}
	}
	for why, shown := range departed {
		require.True(t, shown, "no cell shows that %s", why)
	}
	if len(wrong) > 0 {
		t.Errorf("%d disagreements, of which the first are\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
	t.Logf("%d cells, of which %d are allowed", len(cells), allowed)
}

// compareDeparture compares a cell in which Chromium is known to depart from the standard with what it is known to
// do instead.
func (c cell) compareDeparture(s *site, got verdict, id string, disagree func(c cell, who, diff string)) {
	if handlers[c.handler].repeated {
		got.Methods = slices.Compact(slices.Clone(got.Methods))
	}
	if c.request.departs != "" {
		c.request.unsafe = c.request.inChromium
	}
	disagree(c, "known departure and Chromium", difference(c.meaning(), withoutProtocol(got)))
	model := s.runInModel(c, corstest.Chromium, id+"-chromium")
	disagree(c, "corstest as Chromium and Chromium", difference(model, got))
}

// fetched is what script got.
type fetched struct {
	Allowed bool        `json:"allowed"`
	Status  int         `json:"status"`
	Header  [][2]string `json:"header"`
	Body    string      `json:"body"`
	Error   string      `json:"error"`

	cause string // why it got nothing, in the words of Chromium's developer tools
}

// fetchCall is what the page's script fetches.
type fetchCall struct {
	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Header      [][2]string `json:"header"`
	Credentials string      `json:"credentials"`
	Body        string      `json:"body,omitempty"`
	Pause       int         `json:"pause,omitempty"` // milliseconds to wait before
}

func (r request) call(url string) fetchCall {
	header := r.header
	if header == nil {
		header = [][2]string{}
	}
	return fetchCall{URL: url, Method: r.method, Header: header, Credentials: r.credentials.String(), Body: r.body}
}

// runInChromium fetches each cell from a page of its origin. The results have the cells' order.
func (s *site) runInChromium(t *testing.T, cells []cell) []fetched {
	t.Helper()
	byPage := make(map[page][]int)
	for i, c := range cells {
		byPage[c.page] = append(byPage[c.page], i)
	}
	results := make([]fetched, len(cells))
	for where, indexes := range byPage {
		calls := make([]fetchCall, len(indexes))
		for k, i := range indexes {
			calls[k] = cells[i].request.call(fmt.Sprintf("%s?id=%d", cells[i].url, i))
		}
		for k, f := range fetchAll(t, where, calls) {
			results[indexes[k]] = f
		}
	}
	return results
}

// fetchAll opens the page and has it fetch.
func fetchAll(t *testing.T, where page, calls []fetchCall) []fetched {
	t.Helper()
	function := "fetchCells"
	if where.sandboxed {
		function = "fetchCellsInSandbox"
	}
	p := openTab(t, where.url)
	causes := p.observeCauses()
	var results []fetched
	p.call(function, calls, &results)
	require.Len(t, results, len(calls))
	for i := range results {
		results[i].cause = causes.of(calls[i].URL)
	}
	return results
}

// model returns corstest's browser at a page, connected to the site.
func (s *site) model(where page, engine corstest.Engine) *corstest.Browser {
	b := corstest.NewLiveBrowser(where.origin)
	b.Engine = engine
	b.Dial = func(ctx context.Context, address string, _ bool) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
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
	request := corstest.Request{Method: r.method, URL: url, Header: r.header, Body: r.body, Credentials: r.credentials}
	if where.hasCookie {
		request.Cookie = sessionCookie
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

package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// written is a response whose lines no server should send, and some do.
type written struct {
	name    string
	request request
	answer  exchange
	read    bool                       // whether script reads it, by the standard
	departs map[corstest.Engine]string // engines that do otherwise, and why
}

// The places to which redirects lead.
const (
	end       = "/written/end"
	elsewhere = "/written/elsewhere"
)

func writtenResponses() []written {
	const (
		space = " leaves out a line with white space before its colon"
		ends  = "Chromium ends a line at a carriage return"
		kept  = "Firefox keeps a carriage return at the end of a value"
		once  = " counts two lines of Location once where they are alike"
		join  = "WebKitGTK joins two lines of Location"
		empty = "Chromium takes an empty Location for none"

		origin = "A-C-Allow-Origin: $O"
	)
	type whys = map[corstest.Engine]string
	leftOut := whys{corstest.Firefox: "Firefox" + space, corstest.WebKitGTK: "WebKitGTK" + space}
	actual := func(name, header string, read bool, departs whys) written {
		return written{name, get, exchange{actual: answer{header: header}}, read, departs}
	}
	asking := func(name string, r request, header string, read bool, departs whys) written {
		return written{name, r, exchange{preflight: answer{header: header}, actual: answer{header: open}}, read, departs}
	}
	redirect := func(name, location string, read bool, departs whys) written {
		return written{name, get, exchange{actual: answer{status: 302, header: open + "; " + location}}, read, departs}
	}
	return []written{
		actual("letter case", "access-control-ALLOW-origin:$O", true, nil),
		actual("white space after", "A-C-Allow-Origin: \t *\t ", true, nil),
		actual("folded", "X-A: 1; A-C-Allow-Origin:\r\n *", true, nil),
		actual("folded into another", "X-A: 1;  A-C-Allow-Origin: *", false, nil),
		actual("no colon", "A-C-Allow-Origin", false, nil),
		actual("no name", ": 1; A-C-Allow-Origin: *", true, nil),

		actual("space before the colon", "A-C-Allow-Origin : *", true, leftOut),
		actual("tab before the colon", "A-C-Allow-Origin\t: $O", true, leftOut),
		actual("with a space and without", "A-C-Allow-Origin : *; A-C-Allow-Origin: *", false, leftOut),
		actual("space in another line", "X-A : 1; A-C-Allow-Origin: *", true, nil),
		{"space, credentials", included(get), exchange{actual: answer{header: origin + "; A-C-Allow-Credentials : true"}}, true, leftOut},
		asking("space, preflight", put, "A-C-Allow-Origin : $O; A-C-Allow-Methods: PUT", true, leftOut),
		asking("space, methods", put, origin+"; A-C-Allow-Methods : PUT", true, leftOut),
		asking("space, headers", getA, origin+"; A-C-Allow-Headers : x-a", true, leftOut),

		actual("carriage return after", "A-C-Allow-Origin: *\r", true, whys{corstest.Firefox: kept}),
		actual("carriage return before", "A-C-Allow-Origin: \r*", true, whys{corstest.Chromium: ends, corstest.Firefox: kept}),
		actual("carriage return between", "X-A: 1\rA-C-Allow-Origin: *", false, whys{corstest.Chromium: ends}),
		{"carriage return, credentials", included(get), exchange{actual: answer{header: origin + "; A-C-Allow-Credentials: true\r"}}, true,
			whys{corstest.Firefox: kept}},
		asking("carriage return, methods", put, origin+"; A-C-Allow-Methods: PUT\r", true, nil),
		asking("carriage return, first method", put, origin+"; A-C-Allow-Methods: PUT\r, DELETE", true, nil),
		asking("carriage return, last method", del, origin+"; A-C-Allow-Methods: PUT\r, DELETE", true, whys{corstest.Chromium: ends}),

		redirect("one Location", "Location: "+end, true, nil),
		redirect("two alike", "Location: "+end+"; Location: "+end, false, whys{
			corstest.Chromium: "Chromium" + once, corstest.Firefox: "Firefox" + once, corstest.WebKitGTK: join,
		}),
		redirect("two that differ", "Location: "+end+"; Location: "+elsewhere, false, whys{corstest.WebKitGTK: join}),
		redirect("empty", "Location:", false, whys{corstest.Chromium: empty}),
		redirect("Location and carriage return", "Location: "+end+"\r", true, whys{corstest.Firefox: kept}),
	}
}

// reading is what script learns of a response.
type reading struct {
	allowed bool
	status  int
	token   string
}

func responsesAreReadAsTheyAreWritten(t *testing.T, b *browser) {
	s := newScript(t)
	for _, path := range []string{end, elsewhere, end + ", " + end, end + ", " + elsewhere} {
		s.answer(path, exchange{actual: answer{header: open}})
	}
	where := s.page("app.example.localhost")
	var calls []fetchCall
	for i, w := range writtenResponses() {
		path := fmt.Sprintf("/written/%d", i)
		w.answer.actual.header += "; X-Request-Id : 17; A-C-Expose-Headers: X-Request-Id"
		s.answer(path, w.answer)
		calls = append(calls, w.request.call(s.url(path)))
	}
	results := b.fetchAll(t, where, calls)
	shown := make(map[string]bool)
	for i, w := range writtenResponses() {
		read := func(as corstest.Engine) reading {
			r := s.model(where, as).Fetch(w.request.inModel(calls[i].URL, where))
			return reading{r.Allowed, r.Status, r.Header.Get("X-Request-Id")}
		}
		got := reading{allowed: results[i].Allowed, status: results[i].Status}
		for _, line := range results[i].Header {
			if line[0] == "x-request-id" {
				got.token = line[1]
			}
		}
		standard, model := read(corstest.Standard), read(b.as)
		why := w.departs[b.as]
		shown[why] = shown[why] || got.allowed != standard.allowed
		agreed := standard.allowed == w.read && got.allowed == (w.read != (why != "")) && got == model
		b.count(got.allowed, why != "" && got.allowed != standard.allowed, !agreed)
		if !agreed {
			t.Errorf("%s, %q: the standard %+v, corstest as %s %+v, %s %+v", w.name,
				strings.TrimPrefix(w.answer.preflight.header+" | "+w.answer.actual.header, " | "), standard, b.as, model, b.Name(), got)
		}
	}
	delete(shown, "")
	for why, shown := range shown {
		require.True(t, shown, "no cell shows any more that %s", why)
	}
}

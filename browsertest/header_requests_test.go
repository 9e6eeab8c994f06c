package browsertest

import (
	"slices"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// headerRequests are requests that differ in the headers that script sets. Which of them need permission is written
// beside each, after https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
func headerRequests() []request {
	get := func(name string, unsafe []string, header ...[2]string) request {
		return request{name: name, method: "GET", header: header, unsafe: unsafe}
	}
	post := func(name string, unsafe []string, header ...[2]string) request {
		return request{name: name, method: "POST", body: "text", header: header, unsafe: unsafe}
	}
	type names = []string
	long := strings.Repeat("x", 128)
	return append(departingRequests(), []request{
		get("none", nil),
		get("token", names{"x-token"}, [2]string{"X-Token", "1"}),
		get("token in lower case", names{"x-token"}, [2]string{"x-token", "1"}),
		get("token in odd case", names{"x-token"}, [2]string{"x-toKEN", "1"}),
		get("token, empty", names{"x-token"}, [2]string{"X-Token", ""}),
		get("several", names{"x-token", "x-trace-id"}, [2]string{"X-Trace-Id", "1"}, [2]string{"X-Token", "1"}),
		get("not listed", names{"x-other"}, [2]string{"X-Other", "1"}),
		get("one of two listed", names{"x-other", "x-token"}, [2]string{"X-Token", "1"}, [2]string{"X-Other", "1"}),
		get("prefix of a listed one", names{"x-toke"}, [2]string{"X-Toke", "1"}),
		get("unusual name", names{"!#$%&'*+-.^_`|~"}, [2]string{"!#$%&'*+-.^_`|~", "1"}),
		get("authorization", names{"authorization"}, [2]string{"Authorization", "Bearer 1"}),
		get("authorization and token", names{"authorization", "x-token"},
			[2]string{"X-Token", "1"}, [2]string{"authorization", "Bearer 1"}),
		get("many", names{"x-1", "x-10", "x-2", "x-a", "x-b", "x-token"}, [2]string{"X-b", "1"}, [2]string{"X-a", "1"},
			[2]string{"X-2", "1"}, [2]string{"X-10", "1"}, [2]string{"X-1", "1"}, [2]string{"X-Token", "1"}),

		get("accept", nil, [2]string{"Accept", "application/json;q=0.9, */*"}),
		get("accept, unsafe byte", names{"accept"}, [2]string{"Accept", `text/html;v="1"`}),
		get("accept, 128 bytes", nil, [2]string{"Accept", long}),
		get("accept, 129 bytes", names{"accept"}, [2]string{"Accept", long + "x"}),
		get("accept-language", nil, [2]string{"Accept-Language", "de-CH, de;q=0.9, *;q=0.1"}),
		get("accept-language, unsafe byte", names{"accept-language"}, [2]string{"Accept-Language", "de_CH"}),
		get("content-language", nil, [2]string{"Content-Language", "en"}),
		get("content-language, unsafe byte", names{"content-language"}, [2]string{"content-language", "en@x"}),
		get("range from", nil, [2]string{"Range", "bytes=5-"}),
		get("range from to", nil, [2]string{"Range", "bytes=0-9"}),
		get("range backwards", names{"range"}, [2]string{"Range", "bytes=9-0"}),
		get("range of the end", names{"range"}, [2]string{"Range", "bytes=-5"}),
		get("two ranges", names{"range"}, [2]string{"Range", "bytes=0-1,3-4"}),
		get("range with a space", names{"range"}, [2]string{"Range", "bytes= 0-9"}),
		get("range of lines", names{"range"}, [2]string{"Range", "lines=0-9"}),

		post("body alone", nil),
		post("text", nil, [2]string{"Content-Type", "text/plain"}),
		post("text in upper case", nil, [2]string{"CONTENT-TYPE", "TEXT/PLAIN;CHARSET=UTF-8"}),
		post("form", nil, [2]string{"Content-Type", "application/x-www-form-urlencoded"}),
		{name: "form with files", method: "POST", header: [][2]string{{"Content-Type", "multipart/form-data; boundary=x"}},
			body: "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"},
		post("json", names{"content-type"}, [2]string{"Content-Type", "application/json"}),
		post("xml", names{"content-type"}, [2]string{"content-type", "text/xml; charset=UTF-8"}),
		post("no type", names{"content-type"}, [2]string{"Content-Type", "text"}),
		post("type, unsafe byte", names{"content-type"}, [2]string{"Content-Type", `text/plain; a="b"`}),
		post("type, 128 bytes", nil, [2]string{"Content-Type", "text/plain;" + strings.Repeat("a", 117)}),
		post("type, 129 bytes", names{"content-type"}, [2]string{"Content-Type", "text/plain;" + strings.Repeat("a", 118)}),
		post("json and token", names{"content-type", "x-token"},
			[2]string{"X-Token", "1"}, [2]string{"Content-Type", "application/json"}),

		// What a page may not set is left out without a word.
		get("cookie", nil, [2]string{"Cookie", "a=b"}),
		get("host", nil, [2]string{"Host", "evil.localhost"}),
		get("origin", nil, [2]string{"Origin", "http://evil.localhost"}),
		get("requested method", nil, [2]string{"Access-Control-Request-Method", "PUT"}),
		get("sec-", nil, [2]string{"Sec-Token", "1"}),
		get("proxy-", nil, [2]string{"Proxy-Token", "1"}),
		get("via, te, date, dnt", nil, [2]string{"Via", "1"}, [2]string{"TE", "1"}, [2]string{"Date", "1"}, [2]string{"DNT", "1"}),
		get("forbidden and token", names{"x-token"}, [2]string{"Via", "1"}, [2]string{"X-Token", "1"}),
		get("method override, forbidden", nil, [2]string{"X-HTTP-Method-Override", "trace"}),
		get("method override", names{"x-http-method-override"}, [2]string{"X-HTTP-Method-Override", "PUT"}),
		get("referrer", nil, [2]string{"Referer", "http://evil.localhost/"}),

		{name: "no name", method: "GET", header: [][2]string{{"X Token", "1"}}, throws: true},
		{name: "line break", method: "GET", header: [][2]string{{"X-Token", "1\n2"}}, throws: true},
		{name: "body of a GET", method: "GET", body: "text", throws: true},
	}...)
}

// departingRequests are those about whose headers Chromium and the standard disagree.
func departingRequests() []request {
	const (
		asOne = "Chromium and WebKitGTK measure all lines of one name as one value, so that 128 bytes is the limit for the sum"
		noSum = "Firefox has no limit for the sum of all safelisted values"
		agent = "Chromium lets no page set User-Agent, and ignores it"
		hints = "Chromium still takes the old client hints for safelisted, as an earlier standard did"
		ascii = "Firefox takes no byte above 0x7F for safelisted in Accept and Content-Type"

		eachLine = "Firefox names a header once for each of its lines"
		comma    = "Firefox takes no comma for safelisted among the parameters of a Content-Type"
		big      = "the engines read no number of more than 64 bits, Chromium of no more than 63"
		listed   = "WebKitGTK takes bytes in any case, and numbers with a plus"
	)
	type names = []string
	lines := func(n int, more ...[2]string) (lines [][2]string) {
		for range n {
			lines = append(lines, [2]string{"Accept", strings.Repeat("x", 128)})
		}
		return append(lines, more...)
	}
	language := [2]string{"Accept-Language", "e"}
	inChromium := func(why string, unsafe ...string) map[corstest.Engine]departure {
		return map[corstest.Engine]departure{corstest.Chromium: {why, unsafe}}
	}
	inCombining := func(unsafe ...string) map[corstest.Engine]departure {
		return map[corstest.Engine]departure{corstest.Chromium: {asOne, unsafe}, corstest.WebKitGTK: {asOne, unsafe}}
	}
	inFirefox := func(why string, unsafe ...string) map[corstest.Engine]departure {
		return map[corstest.Engine]departure{corstest.Firefox: {why, unsafe}}
	}
	andFirefox := func(departures map[corstest.Engine]departure, unsafe ...string) map[corstest.Engine]departure {
		departures[corstest.Firefox] = departure{noSum, unsafe}
		return departures
	}
	requests := []request{
		{name: "1024 bytes", header: lines(8), departs: inCombining("accept")},
		{
			name: "over 1024 bytes", header: lines(8, language), unsafe: names{"accept", "accept-language"},
			departs: andFirefox(inCombining("accept")),
		},
		{
			name: "over 1024 bytes with token", header: lines(8, language, [2]string{"X-Token", "1"}),
			unsafe:  names{"accept", "accept-language", "x-token"},
			departs: andFirefox(inCombining("accept", "x-token"), "x-token"),
		},
		{
			name: "token twice", header: [][2]string{{"X-Token", "1"}, {"x-token", "2"}}, unsafe: names{"x-token"},
			departs: inFirefox(eachLine, "x-token", "x-token"),
		},
		{
			name: "token forty times", header: slices.Repeat([][2]string{{"X-Token", "1"}}, 40), unsafe: names{"x-token"},
			departs: inFirefox(eachLine, slices.Repeat(names{"x-token"}, 40)...),
		},
		{
			name: "dictionary", header: [][2]string{{"Available-Dictionary", ":AA==:"}}, unsafe: names{"available-dictionary"},
			fails: map[corstest.Engine]string{corstest.Chromium: "Chromium sends no request in which a page has set Available-Dictionary"},
		},
		{name: "accept, Latin-1", header: [][2]string{{"Accept", "caf\u00e9"}}, departs: inFirefox(ascii, "accept")},
		{name: "user agent", header: [][2]string{{"User-Agent", "page"}}, unsafe: names{"user-agent"}, departs: inChromium(agent)},
	}
	type departures = map[corstest.Engine]departure
	requests = append(requests, []request{
		{
			name: "type, Latin-1", header: [][2]string{{"Content-Type", "text/plain;a=caf\u00e9"}},
			departs: inFirefox(ascii, "content-type"),
		},
		{
			name: "type, comma", header: [][2]string{{"Content-Type", "text/plain;a=b,c"}},
			departs: inFirefox(comma, "content-type"),
		},
		{
			name: "range of 64 bits", header: [][2]string{{"Range", "bytes=9223372036854775807-"}},
			departs: departures{corstest.Chromium: {big, names{"range"}}},
		},
		{
			name: "range of more than 64 bits", header: [][2]string{{"Range", "bytes=18446744073709551616-"}},
			departs: departures{
				corstest.Chromium: {big, names{"range"}}, corstest.Firefox: {big, names{"range"}}, corstest.WebKitGTK: {big, names{"range"}},
			},
		},
		{
			name: "range in upper case", header: [][2]string{{"Range", "BYTES=0-1"}}, unsafe: names{"range"},
			departs: departures{corstest.WebKitGTK: {listed, nil}},
		},
		{
			name: "range with a plus", header: [][2]string{{"Range", "bytes=+0-1"}}, unsafe: names{"range"},
			departs: departures{corstest.WebKitGTK: {listed, nil}},
		},
	}...)
	for _, hint := range []string{"device-memory", "downlink", "dpr", "rtt", "viewport-width", "width"} {
		requests = append(requests, request{
			name: hint, header: [][2]string{{hint, "1"}}, unsafe: names{hint}, departs: inChromium(hints),
		})
	}
	for i := range requests {
		requests[i].method = "GET"
	}
	return requests
}

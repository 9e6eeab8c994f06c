package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bytecors/cors/corstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chromium is "Copy as cURL (bash)" of Chromium, as it comes.
const chromiumCurl = `curl 'https://api.example.com/items?a=1' \
  -X 'PUT' \
  -H 'accept: */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'authorization: Bearer x' \
  -H 'cache-control: no-cache' \
  -H 'content-type: application/json' \
  -b 'id=1; theme=dark' \
  -H 'origin: https://app.example.com' \
  -H 'pragma: no-cache' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example.com/page' \
  -H 'sec-ch-ua: "Chromium";v="156"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0' \
  -H 'x-token: it'\''s' \
  --data-raw $'{"a":"\u00e4\'\\n"}'`

func TestCurlCommands(t *testing.T) {
	const page = "https://app.example.com"
	type h = corstest.Header
	for name, tt := range map[string]struct {
		text   string
		origin string
		want   corstest.Request
	}{
		"Chromium, bash": {chromiumCurl, page, corstest.Request{
			Method: "PUT", URL: "https://api.example.com/items?a=1", Credentials: corstest.Include, Cookie: "id=1; theme=dark",
			Header: h{{"accept", "*/*"}, {"authorization", "Bearer x"}, {"content-type", "application/json"}, {"x-token", "it's"}},
			Body:   "{\"a\":\"\u00e4'\\n\"}",
		}},
		"Chromium, cmd": {"curl ^\"https://api.example.com/items?a=1^&b=2^\" ^\r\n  -X ^\"PUT^\" ^\r\n  -H ^\"origin: https://app.example.com^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":1^}^\"", page,
			corstest.Request{Method: "PUT", URL: "https://api.example.com/items?a=1&b=2", Body: `{"a":1}`, Header: h{{"Content-Type", "application/x-www-form-urlencoded"}}}},
		"Firefox": {`curl 'https://api.example.com/' --compressed -X DELETE -H 'User-Agent: Mozilla/5.0' -H 'Referer: https://app.example.com/' -H 'X-A;'`, page,
			corstest.Request{Method: "DELETE", URL: "https://api.example.com/", Header: h{{"X-A", ""}}}},
		"short letters together": {`curl -sSLXPATCH -HX-A:1 -d a -d b api.example.com -k`, "",
			corstest.Request{Method: "PATCH", URL: "https://api.example.com", Body: "a&b", Header: h{{"X-A", "1"}, {"Content-Type", "application/x-www-form-urlencoded"}}}},
		"data in the query": {`curl -G -d a=1 -d b=2 "https://api.example.com/?c"`, "", corstest.Request{URL: "https://api.example.com/?c&a=1&b=2"}},
		"head":              {`curl -I --url https://api.example.com`, "", corstest.Request{Method: "HEAD", URL: "https://api.example.com"}},
		"json":              {`curl --json={} https://api.example.com`, "", corstest.Request{Method: "POST", URL: "https://api.example.com", Body: "{}", Header: h{{"Content-Type", "application/json"}}}},
		"a form":            {`curl -F a=@b https://api.example.com`, "", corstest.Request{Method: "POST", URL: "https://api.example.com", Body: "a=@b", Header: h{{"Content-Type", "multipart/form-data; boundary=x"}}}},
		"a password":        {`curl -u u:p https://api.example.com`, "", corstest.Request{URL: "https://api.example.com", Header: h{{"Authorization", "Basic dTpw"}}}},
		"only cache-control": {`curl -H 'Cache-Control: no-cache' https://api.example.com`, "",
			corstest.Request{URL: "https://api.example.com", Header: h{{"Cache-Control", "no-cache"}}}},
		"escapes": {`curl "https://api.example.com/\"\$\\\a" -H X-A:\ b\'`, "", corstest.Request{URL: `https://api.example.com/"$\\a`, Header: h{{"X-A", "b'"}}}},
		"more escapes": {`curl https://api.example.com -X PUT --data-raw $'\x41\t\u00e4\U0001F600\q'`, "",
			corstest.Request{Method: "PUT", URL: "https://api.example.com", Body: "A\t\u00e4\U0001F600q", Header: h{{"Content-Type", "application/x-www-form-urlencoded"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var o options
			require.NoError(t, o.takeCurl(tt.text))
			assert.Equal(t, tt.origin, o.origin)
			assert.Equal(t, tt.want, o.request)
		})
	}
}

func TestCurlCommandsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `choose "Copy as cURL"`,
		"Invoke-WebRequest -Uri https://x":  `choose "Copy as cURL"`,
		"curl":                              "no URL",
		"curl 'https://x":                   "a quote is not closed",
		"curl https://x https://y":          "one URL at a time",
		"curl --nonsense https://x":         "--nonsense is not known",
		"curl https://x -H":                 "nothing follows -H",
		"curl https://x -H nonsense":        `want "Name: value"`,
		"curl -H 'Origin: x' https://x -?y": "-? is not known",
	} {
		var o options
		assert.ErrorContains(t, o.takeCurl(text), want)
	}
}

func TestCurlCommandIsAsked(t *testing.T) {
	url := serve(t, sound, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Equal(t, "PUT x=1 id=1", r.Method+" "+string(body)+" "+r.Header.Get("Cookie"))
		sound.ServeHTTP(w, r)
	}))
	command := "curl '" + url + "' -X PUT -H 'Origin: " + page + "' -H 'X-Token: 1' -b id=1 -d x=1"
	status, out, errs := check("-curl", command)
	assert.Equal(t, exitAllowed, status, errs)
	assert.Contains(t, out, "> Access-Control-Request-Headers: x-token\n")
	status, _, errs = check("-curl", command, "-origin", page, "-H", "X-Other: 1")
	assert.Equal(t, exitBlocked, status, errs)
	_, _, errs = check("-curl", "curl "+url)
	assert.Contains(t, errs, "which origin does the page have?")
	status, _, errs = checkWith(command, "-curl", "-")
	assert.Equal(t, exitAllowed, status, errs)
}

func FuzzCurl(f *testing.F) {
	for _, seed := range []string{chromiumCurl, `curl -sSLXPOST -d @x https://x`, "curl ^\"x^\" ^\r\n", "curl $'\\u00e", "curl \\", `curl "\`, "curl -H 'a;' -H b: x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var o options
		if o.takeCurl(text) != nil {
			return
		}
		assert.NotEmpty(t, o.request.URL)
		for _, line := range o.request.Header {
			assert.NotContains(t, []string{"origin", "cookie", "referer"}, strings.ToLower(line[0]))
		}
	})
}

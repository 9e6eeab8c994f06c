package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entry writes an entry of a HAR file. Header lines are "Name: value".
func entry(method, url string, sent []string, status int, received ...string) string {
	pairs := func(lines []string) string {
		list := []map[string]string{}
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			list = append(list, map[string]string{"name": name, "value": value})
		}
		text, _ := json.Marshal(list)
		return string(text)
	}
	failed := ""
	if status == 0 {
		failed = `, "_error": "net::ERR_FAILED"`
	}
	quoted, _ := json.Marshal(url)
	return fmt.Sprintf(`{"request": {"method": %q, "url": %s, "headers": %s}, "response": {"status": %d, "statusText": "", "headers": %s%s}}`,
		method, quoted, pairs(sent), status, pairs(received), failed)
}

func harFile(t *testing.T, entries ...string) string {
	path := filepath.Join(t.TempDir(), "a.har")
	text := "\ufeff" + `{"log": {"version": "1.2", "entries": [` + strings.Join(entries, ",\n") + `]}}`
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestHAR(t *testing.T) {
	const (
		url    = "https://api.example.com/items"
		from   = "Origin: " + page
		cors   = "Sec-Fetch-Mode: cors"
		all    = "Access-Control-Allow-Origin: *"
		asking = "Access-Control-Request-Method: PUT"
	)
	for _, tt := range []struct {
		name    string
		entries []string
		args    []string
		status  int
		verdict []string // of each request that counts
		says    string
	}{
		{"allowed", []string{entry("GET", url, []string{from, cors}, 200, all)}, nil, exitAllowed, []string{"allowed"}, "1 cross-origin requests: 0 blocked, 1 allowed, 0 not known"},
		{"blocked", []string{entry("GET", url, []string{from, cors}, 200, "Access-Control-Allow-Origin: https://other.example.com")}, nil,
			exitBlocked, []string{"blocked"}, `is "https://other.example.com", not the page's origin`},
		{"blocked by its preflight, which comes first", []string{
			entry("OPTIONS", url, []string{from, asking, "Access-Control-Request-Headers: content-type,x-token"}, 204, all, "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: content-type"),
			entry("PUT", url, []string{from, "Content-Type: application/json"}, 0),
		}, nil, exitBlocked, []string{"blocked"}, "Access-Control-Allow-Headers: content-type, x-token."},
		{"blocked by its preflight, which comes last", []string{
			entry("PUT", url, []string{from}, 0),
			entry("OPTIONS", url, []string{from, asking}, 404),
		}, nil, exitBlocked, []string{"blocked"}, "There is no route for OPTIONS at this path"},
		{"the preflight alone is there", []string{entry("OPTIONS", url, []string{from, asking}, 204, all)}, nil, exitBlocked, []string{"blocked"}, "PUT"},
		{"both fine", []string{
			entry("OPTIONS", url, []string{from, asking}, 204, all, "Access-Control-Allow-Methods: PUT"), entry("PUT", url, []string{from}, 200, all),
		}, nil, exitAllowed, []string{"allowed"}, ""},
		{"preflight fine, response without headers", []string{
			entry("OPTIONS", url, []string{from, asking}, 204, all, "Access-Control-Allow-Methods: PUT"), entry("PUT", url, []string{from}, 502),
		}, nil, exitBlocked, []string{"blocked"}, "add_header ... always"},
		{"cookies mean credentials", []string{entry("GET", url, []string{from, cors, "Cookie: id=1"}, 200, all)}, nil, exitBlocked, []string{"blocked"}, `is "*", which allows no request that includes credentials`},
		{"so does the flag", []string{entry("GET", url, []string{from, cors}, 200, all)}, []string{"-credentials"}, exitBlocked, []string{"blocked"}, ""},
		{"lines that the browser has joined", []string{entry("GET", url, []string{from, cors}, 200, all+"\n*")}, nil, exitBlocked, []string{"blocked"}, "on 2 lines"},
		{"a redirect, followed", []string{
			entry("GET", url, []string{from, cors}, 302, all, "Location: /other"), entry("GET", "https://api.example.com/other", []string{from, cors}, 200),
		}, nil, exitBlocked, []string{"blocked"}, "no Access-Control-Allow-Origin"},
		{"response not recorded", []string{entry("GET", url, []string{from, cors}, 0)}, nil, exitFailed, []string{"failed"},
			"ask the server: corscheck -origin https://app.example.com https://api.example.com/items"},
		{"not CORS", []string{
			entry("GET", page+"/own", []string{cors}, 200), entry("GET", url, []string{"Sec-Fetch-Mode: no-cors", "Referer: " + page + "/"}, 200),
			entry("GET", url, []string{"Sec-Fetch-Mode: navigate"}, 200), entry("POST", page+"/own", []string{from, cors}, 200),
		}, nil, exitAllowed, nil, "0 cross-origin requests"},
		{"escapes", []string{entry("GET", url+"?\x1b[31m", []string{from, cors}, 200, "Access-Control-Allow-Origin: \x1b[31m\u202e")}, nil, exitBlocked, []string{"blocked"}, `\x1b[31m`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := harFile(t, tt.entries...)
			status, out, errs := check(append(tt.args, "-har", path)...)
			assert.Equal(t, tt.status, status, errs)
			assert.Contains(t, out, tt.says)
			assert.NotContains(t, out, "\x1b")
			status, out, _ = check(append(tt.args, "-har", path, "-json")...)
			assert.Equal(t, tt.status, status)
			var got document
			require.NoError(t, json.Unmarshal([]byte(out), &got))
			var verdicts []string
			for _, e := range got.Entries {
				verdicts = append(verdicts, e.Verdict)
			}
			assert.Equal(t, tt.verdict, verdicts)
		})
	}
}

// The files of testdata are what the developer tools of Chromium 156 and Firefox 153.7 have exported of a page that fetches from another
// origin, and that then tells its server what came of each fetch, by the query of a URL which the file has, too.
func TestHARsOfBrowsers(t *testing.T) {
	for _, name := range []string{"chromium", "firefox"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".har")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			file, err := parseHAR(text)
			require.NoError(t, err)
			var seen []string // by the browser, as "/path allowed"
			for _, e := range file.Log.Entries {
				if u, err := url.Parse(e.Request.URL); err == nil && u.Path == "/done" {
					told, err := url.PathUnescape(u.RawQuery)
					require.NoError(t, err)
					seen = strings.Split(told, ",")
				}
			}
			require.Len(t, seen, 11)

			status, out, errs := check("-har", path, "-json")
			assert.Equal(t, exitBlocked, status, errs)
			var got document
			require.NoError(t, json.Unmarshal([]byte(out), &got))
			var judged []string
			for _, e := range got.Entries {
				u, err := url.Parse(e.URL)
				require.NoError(t, err)
				judged = append(judged, u.Path+" "+e.Verdict)
			}
			assert.Equal(t, seen, judged)
		})
	}
}

func TestHARsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":              "it is no HAR file",
		"{}":            `there is no "log" with "entries"`,
		`{"log": 1}`:    "it is no HAR file",
		"curl https://": "it is no HAR file",
	} {
		status, _, errs := checkWith(text, "-har", "-")
		assert.Equal(t, exitFailed, status)
		assert.Contains(t, errs, want)
	}
	_, _, errs := check("-har", "no such file")
	assert.Contains(t, errs, "no such file")
	_, _, errs = check("-har", "x", "https://api.example.com")
	assert.Contains(t, errs, "-har takes all requests from the file")
}

func FuzzHAR(f *testing.F) {
	f.Add(`{"log": {"entries": [` + entry("OPTIONS", "https://b.example/", []string{"Origin: " + page, "Access-Control-Request-Method: PUT"}, 204, "Access-Control-Allow-Origin: *") + `]}}`)
	f.Add(`{"log": {"entries": [` + entry("GET", "https://b.example/", []string{"Origin: " + page}, 302, "Access-Control-Allow-Origin: *", "Location: /") + `]}}`)
	f.Add(`{"log": {"entries": [{"request": {"method": "\n", "url": "\u0000", "headers": [{"name": ":a"}, {"name": "Origin", "value": "null"}]}, "response": {"status": 999}}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parseHAR([]byte(text))
		if err != nil || len(file.Log.Entries) > 50 {
			return
		}
		status, out, errs := checkWith(text, "-har", "-", "-no-color")
		if errs != "" {
			t.Fatal(errs)
		}
		assert.Contains(t, []int{exitAllowed, exitBlocked, exitFailed}, status)
		for _, r := range out {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				t.Fatalf("%q reaches the terminal", r)
			}
		}
	})
}

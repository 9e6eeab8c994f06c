package browsertest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

const saysFile = "../docs/browser-says.md"

// saying is a way for CORS to fail, of which consoles have sentences.
type saying struct {
	request request
	answer  exchange

	failure   corstest.Failure
	preflight bool
	meaning   string
	field     string // of cors.Config
}

// sayings are all ways for CORS to fail that a server can bring about.
func sayings() []saying {
	ok := answer{header: open}
	asking := func(header string) exchange { return exchange{preflight: answer{header: header}, actual: ok} }
	const own = "A-C-Allow-Origin: $O"
	return []saying{
		{request: get, answer: exchange{actual: answer{}}, failure: corstest.AllowOriginMissing,
			meaning: "The response does not say that any page may read it.",
			field:   "`AllowOrigins` does not have the page's origin; or something other than the middleware has answered."},
		{request: put, answer: asking(""), failure: corstest.AllowOriginMissing, preflight: true,
			meaning: "The preflight was refused, or never reached the middleware. Refusals have no CORS headers, so the origin, the method and " +
				"the header names are all in question: `SetDebug` tells them apart.",
			field: "`AllowOrigins`, `AllowMethods`, `AllowHeaders`"},
		{request: get, answer: exchange{actual: answer{header: "A-C-Allow-Origin: https://other.example"}}, failure: corstest.AllowOriginMismatch,
			meaning: "The response is for pages of another origin. Scheme, host and port have to be the same, without a slash at the end.",
			field:   "`AllowOrigins`; if it has the origin, a cache gives one origin what is for another, or an upstream's header was left in place."},
		{request: get, answer: exchange{actual: answer{header: own + "; " + own}}, failure: corstest.AllowOriginMultiple,
			meaning: "Two components have set the header.",
			field:   "None: let the middleware alone set it, around all others."},
		{request: included(get), answer: exchange{actual: answer{header: "A-C-Allow-Origin: *; A-C-Allow-Credentials: true"}}, failure: corstest.AllowOriginWildcard,
			meaning: "The page sends credentials, and `*` is for requests without.",
			field:   "`AllowOrigins` with the origin by name, and `AllowCredentials`"},
		{request: included(get), answer: exchange{actual: answer{header: own}}, failure: corstest.AllowCredentialsMissing,
			meaning: "The page sends credentials, and the response does not say that it may be read then.",
			field:   "`AllowCredentials`"},
		{request: put, answer: exchange{preflight: answer{status: 302, header: open + "; Location: /elsewhere"}, actual: ok},
			failure: corstest.PreflightRedirect, preflight: true,
			meaning: "The preflight was redirected: to https, to another path, or to where one logs in.",
			field:   "None: put the middleware before what redirects, or have the page use the final URL."},
		{request: put, answer: exchange{preflight: answer{status: 404, header: open}, actual: ok},
			failure: corstest.PreflightStatus, preflight: true,
			meaning: "The preflight was answered by something that does not know it.",
			field:   "None: the middleware answers with 204; let OPTIONS reach it."},
		{request: put, answer: asking(open + "; A-C-Allow-Methods: POST"), failure: corstest.MethodNotAllowed, preflight: true,
			meaning: "The method is not among those that the preflight's response lists.",
			field:   "`AllowMethods`"},
		{request: getA, answer: asking(open + "; A-C-Allow-Headers: x-b"), failure: corstest.HeaderNotAllowed, preflight: true,
			meaning: "A header that the page sets is not among those that the preflight's response lists.",
			field:   "`AllowHeaders`"},
		{request: put, answer: asking(open + "; A-C-Allow-Methods: PUT POST"), failure: corstest.AllowMethodsSyntax, preflight: true,
			meaning: "The header is no list: commas stand between its elements.",
			field:   "None: the middleware writes it; something else has."},
		{request: getA, answer: asking(open + "; A-C-Allow-Headers: x-a x-b"), failure: corstest.AllowHeadersSyntax, preflight: true,
			meaning: "The header is no list: commas stand between its elements.",
			field:   "None: the middleware writes it; something else has."},
	}
}

func (s saying) title() string {
	if s.preflight {
		return string(s.failure) + ", of a preflight"
	}
	return string(s.failure)
}

// about finds messages that are about CORS, rather than about a request that failed.
var about = regexp.MustCompile(`(?i)cors|access.control|cross-origin|preflight`)

// aftermath is what Firefox adds to the sentence about a preflight, sooner or later.
var aftermath = regexp.MustCompile("CORS request did not succeed")

func consolesSayWhatTheDocumentationSays(t *testing.T, b *browser) {
	s := newScript(t)
	where := s.page("app.example.localhost")
	document := readSayings(t)
	var calls []fetchCall
	for i, saying := range sayings() {
		path := fmt.Sprintf("/saying/%d/", i)
		s.answer(path, saying.answer)
		calls = append(calls, saying.request.call(s.url(path)))
		result := s.model(where, corstest.Standard).Fetch(saying.request.inModel(s.url(path), where))
		require.Equal(t, saying.failure, result.Reason.Failure, result)
		require.Equal(t, saying.preflight, result.Reason.Preflight)
		document.set(saying, "corstest", strings.ReplaceAll(result.Reason.Message, where.origin, "ORIGIN"))
		b.count(false, false, false)
	}
	messages := b.messagesOf(t, where.origin+"/say", calls)
	for i, saying := range sayings() {
		var said []string
		for _, message := range messages[i] {
			message = strings.NewReplacer(calls[i].URL, "URL", where.origin, "ORIGIN").Replace(message)
			said = append(said, strings.TrimSpace(message))
		}
		document.set(saying, b.as.String(), strings.Join(said, " "))
	}
	text := document.String()
	if *update {
		require.NoError(t, os.WriteFile(saysFile, []byte(text), 0o644))
		return
	}
	written, err := os.ReadFile(saysFile)
	require.NoError(t, err)
	require.Equal(t, string(written), text, "%s: run go test ./browsertest -update", saysFile)
}

// messagesOf returns what the console says of each call that a page makes. Chromium and Firefox name the URL, and may be late;
// WebKitGTK names none, and is always in time.
func (b *browser) messagesOf(t *testing.T, page string, calls []fetchCall) [][]string {
	t.Helper()
	encoded, err := json.Marshal(calls)
	require.NoError(t, err)
	shown, err := b.Show(page + "#" + url.PathEscape(string(encoded)))
	require.NoError(t, err)
	defer func() { require.NoError(t, shown.Close()) }()
	_, err = shown.AwaitConsole(regexp.MustCompile(fmt.Sprintf("^said %d$", len(calls)-1)))
	require.NoError(t, err)
	if b.as != corstest.WebKitGTK {
		for _, call := range calls {
			_, err = shown.AwaitConsole(regexp.MustCompile(regexp.QuoteMeta(call.URL) + `.*(policy|Reason)`))
			require.NoError(t, err)
		}
	}
	messages := make([][]string, len(calls))
	at := 0
	for _, message := range shown.Console() {
		var said int
		if n, _ := fmt.Sscanf(message, "said %d", &said); n == 1 {
			at = said + 1
			continue
		}
		i := slices.IndexFunc(calls, func(c fetchCall) bool { return strings.Contains(message, c.URL) })
		if i < 0 {
			i = at
		}
		if about.MatchString(message) && !aftermath.MatchString(message) {
			messages[i] = append(messages[i], message)
		}
	}
	return messages
}

// said is who says what, by the saying's title.
type said map[string]map[string]string

func (d said) set(s saying, who, what string) {
	if d[s.title()] == nil {
		d[s.title()] = make(map[string]string)
	}
	d[s.title()][who] = strings.ReplaceAll(what, "`", "'")
}

var speakers = []struct{ who, name string }{
	{"chromium", "Chromium"}, {"firefox", "Firefox"}, {"webkitgtk", "WebKitGTK"}, {"corstest", "corscheck"},
}

// readSayings reads what String has written.
func readSayings(t *testing.T) said {
	t.Helper()
	d := make(said)
	written, err := os.ReadFile(saysFile)
	if *update && os.IsNotExist(err) {
		return d
	}
	require.NoError(t, err)
	title := ""
	for line := range strings.SplitSeq(string(written), "\n") {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			title = heading
			d[title] = make(map[string]string)
		}
		for _, speaker := range speakers {
			if what, ok := strings.CutPrefix(line, "| "+speaker.name+" | `"); ok {
				d[title][speaker.who] = strings.TrimSuffix(what, "` |")
			}
		}
	}
	return d
}

func (d said) String() string {
	var b strings.Builder
	b.WriteString(`# What browsers say, and what it means

When CORS keeps a response from a page, script learns nothing but that its fetch failed. The reason is in the console of the
developer tools, in other words in each browser. Look for the sentence, and read what it means, which field of ` + "`cors.Config`" + ` is
about it, and what ` + "`corscheck`" + ` says of the same response. ORIGIN stands for the page's origin, URL for what was fetched.

The sentences are those of the browsers that the tests run in; the tests of ` + "`browsertest`" + ` fail where a browser has come to say another.
`)
	for _, s := range sayings() {
		fmt.Fprintf(&b, "\n## %s\n\n%s Field: %s\n\n| who | says |\n| --- | --- |\n", s.title(), s.meaning, strings.TrimSuffix(s.field, ".")+".")
		for _, speaker := range speakers {
			fmt.Fprintf(&b, "| %s | `%s` |\n", speaker.name, d[s.title()][speaker.who])
		}
	}
	return b.String()
}

package diagnose

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"
)

const page = "https://app.example.com"

// reply is a status and header lines, "$O" being the request's origin.
type reply struct {
	status int
	header []string
	body   string
}

func (a reply) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, line := range a.header {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Add(name, strings.ReplaceAll(value, "$O", r.Header.Get("Origin")))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}

// sent is what a server has received: the method, and for a preflight what it asks for.
type sent struct {
	mu    sync.Mutex
	lines []string
}

func (s *sent) add(r *http.Request) {
	line := r.Method
	if asked := r.Header.Get("Access-Control-Request-Method"); asked != "" {
		line += " " + asked
	}
	if names := r.Header.Get("Access-Control-Request-Headers"); names != "" {
		line += " " + names
	}
	if origin := r.Header.Get("Origin"); origin != page {
		line += " of " + origin
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

// serve starts a server on loopback, and returns its URL and what it receives.
func serve(t *testing.T, handler http.Handler) (url string, received *sent) {
	received = new(sent)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received.add(r)
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/items", received
}

func isPreflight(r *http.Request) bool {
	return r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != ""
}

// split answers preflights one way, and all else another.
func split(preflight, actual http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if isPreflight(r) {
			preflight.ServeHTTP(w, r)
		} else {
			actual.ServeHTTP(w, r)
		}
	}
}

// policy answers preflights as many servers do: all or nothing, with refused where one thing is not allowed.
type policy struct {
	origins, methods, headers []string
	refused                   reply
	limit                     int // of Access-Control-Request-Headers, in bytes
}

func (p policy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowed := slices.Contains(p.origins, r.Header.Get("Origin"))
	if isPreflight(r) {
		method, names := r.Header.Get("Access-Control-Request-Method"), r.Header.Get("Access-Control-Request-Headers")
		allowed = allowed && (isSafelistedMethod(method) || slices.Contains(p.methods, method)) && (p.limit == 0 || len(names) <= p.limit)
		for _, name := range strings.FieldsFunc(names, func(r rune) bool { return r == ',' }) {
			allowed = allowed && slices.Contains(p.headers, name)
		}
		if !allowed {
			p.refused.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Methods", strings.Join(p.methods, ", "))
		w.Header().Set("Access-Control-Allow-Headers", strings.Join(p.headers, ", "))
	}
	if allowed {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}
	w.Header().Set("Vary", "Origin")
}

const allowed = "Access-Control-Allow-Origin: $O"

var (
	fine    = reply{200, []string{allowed, "Vary: Origin", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT, DELETE", "Access-Control-Allow-Headers: x-token", "Access-Control-Max-Age: 600"}, ""}
	silent  = reply{200, nil, ""}
	put     = corstest.Request{Method: "PUT"}
	get     = corstest.Request{}
	token   = corstest.Request{Method: "PUT", Header: corstest.Header{{"X-Token", "1"}}}
	cookie  = corstest.Request{Credentials: corstest.Include}
	several = corstest.Request{Method: "PUT", Header: corstest.Header{{"X-A", "1"}, {"X-B", "1"}, {"X-C", "1"}, {"X-D", "1"}, {"X-E", "1"}}}
)

// codes lists the causes, those that are certain with "!".
func codes(r *Report) (codes []string) {
	for _, cause := range r.Causes {
		code := string(cause.Code)
		if cause.Certain {
			code += "!"
		}
		codes = append(codes, code)
	}
	return codes
}

func ask(t *testing.T, url string, r corstest.Request, o Options) *Report {
	t.Helper()
	r.URL = url
	b := corstest.NewLiveBrowser(page)
	b.BodyLimit = 64 << 10
	return Fetch(context.Background(), b, r, o)
}

func TestCauses(t *testing.T) {
	refusing := func(status int, header ...string) policy {
		return policy{[]string{page}, []string{"PUT"}, []string{"x-token", "x-a", "x-c", "x-d"}, reply{status, header, ""}, 0}
	}
	stranger := refusing(403)
	stranger.origins = []string{"https://www.app.example.com"}
	unknown := refusing(403, "Vary: Origin")
	unknown.origins = nil
	unknownPlain := unknown
	unknownPlain.refused = reply{403, nil, ""}
	passesOn := unknown
	passesOn.refused = reply{404, []string{"Vary: Origin"}, ""}
	short := refusing(403)
	short.limit, short.headers = 11, []string{"x-a", "x-b", "x-c", "x-d", "x-e"}
	del := corstest.Request{Method: "DELETE"}
	delToken := corstest.Request{Method: "DELETE", Header: corstest.Header{{"X-Bad", "1"}, {"X-Token", "1"}}}
	options := reply{200, []string{"Allow: GET, PUT, OPTIONS"}, ""}
	origin := []string{allowed}

	for _, tt := range []struct {
		name    string
		server  http.Handler
		request corstest.Request
		causes  []string
		says    []string
	}{
		{"403 for the method", refusing(403), del, []string{"method-not-allowed!"},
			[]string{"does not allow the method DELETE", "Access-Control-Allow-Methods: PUT, DELETE", "SetDebug(true)"}},
		{"403 for a header", refusing(403), several, []string{"header-not-allowed!"}, []string{"request headers x-b, x-e", "x-token, x-a, x-c, x-d, x-b, x-e"}},
		{"403 for method and header", refusing(403), delToken, []string{"method-not-allowed!", "header-not-allowed!"}, []string{"the method DELETE", "the request header x-bad"}},
		{"204 without CORS headers for the method", refusing(204), del, []string{"method-not-allowed!"}, []string{"the method DELETE"}},
		{"400 for a header", refusing(400), several, []string{"header-not-allowed!"}, []string{"x-b, x-e"}},
		{"404 with the origin for the method", refusing(404, allowed), del, []string{"method-not-allowed!"}, []string{"the method DELETE"}},
		{"400 for a header, with the method's list left out", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Access-Control-Request-Headers") != "" {
				w.WriteHeader(400)
			}
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}), token, []string{"method-not-allowed!", "header-not-allowed!"}, nil},
		{"headers that pass one by one", short, several, []string{"headers-together!"}, []string{"each of these, but not all together"}},
		{"403 for the origin, of which a sibling is listed", stranger, put, []string{"origin-not-allowed!"}, []string{"It does allow https://www.app.example.com."}},
		{"403 for the origin, with Vary", unknown, put, []string{"origin-not-allowed", "refused-in-front", "request-headers-lost"}, []string{"depends on the origin"}},
		{"403 for the origin, without", unknownPlain, put, []string{"origin-not-allowed", "refused-in-front", "request-headers-lost"}, []string{"a firewall"}},
		{"404 for the origin, with Vary", passesOn, put, []string{"origin-not-allowed", "not-routed", "path-not-found"}, nil},
		{"what a body says", split(reply{403, nil, "Invalid CORS request"}, silent), put, []string{"origin-not-allowed"}, []string{`It says: "Invalid CORS request"`}},
		{"what another body says", split(reply{403, nil, "blocked by rule 7"}, silent), put, []string{"origin-not-allowed", "refused-in-front", "request-headers-lost"}, []string{`It says: "blocked by rule 7"`}},

		{"a router's automatic OPTIONS", split(options, fine), put, []string{"automatic-options", "origin-not-allowed", "request-headers-lost"}, []string{"Allow: GET, PUT, OPTIONS", "in front of the router"}},
		{"2xx and nothing", split(silent, fine), put, []string{"origin-not-allowed", "automatic-options", "request-headers-lost"}, nil},
		{"2xx with lists and without the origin", split(reply{204, []string{"Access-Control-Allow-Methods: PUT"}, ""}, fine), put, []string{"allow-origin-left-out", "origin-not-allowed"}, []string{"set in two places"}},
		{"the same, with Vary", split(reply{204, []string{"Access-Control-Allow-Methods: PUT", "Vary: Origin"}, ""}, fine), put, []string{"origin-not-allowed", "allow-origin-left-out"}, []string{"depends on the origin"}},
		{"2xx with the origin and no list", split(reply{200, origin, ""}, fine), put, []string{"preflight-taken-ordinary", "method-not-allowed"},
			[]string{"Access-Control-Request-Method does not reach", "has to forward OPTIONS requests with Origin, Access-Control-Request-Method and Access-Control-Request-Headers"}},
		{"2xx with the origin and the method, no headers", split(reply{200, append(origin, "Access-Control-Allow-Methods: PUT"), ""}, fine), token, []string{"header-not-allowed!"}, []string{"drops Access-Control-Request-Headers"}},
		{"listed neither", split(reply{200, append(origin, "Access-Control-Allow-Methods: GET", "Access-Control-Allow-Headers: x-other"), ""}, fine), token,
			[]string{"method-not-allowed!", "header-not-allowed!"}, []string{"Access-Control-Allow-Methods: GET, PUT.", "Access-Control-Allow-Headers: x-other, x-token."}},

		{"405", split(reply{405, []string{"Allow: GET, PUT"}, ""}, fine), put, []string{"not-routed", "origin-not-allowed"}, []string{"The router refuses OPTIONS (Allow: GET, PUT) (status 405)"}},
		{"405 with the origin", split(reply{405, origin, ""}, fine), put, []string{"not-routed!"}, []string{"status 405"}},
		{"401", split(reply{401, []string{"WWW-Authenticate: Bearer"}, ""}, fine), put, []string{"authentication-first!"}, []string{"in front of authentication"}},
		{"401 with the origin", split(reply{401, origin, ""}, fine), put, []string{"authentication-first!"}, nil},
		{"407", split(reply{407, nil, ""}, fine), put, []string{"proxy-authentication!"}, []string{"not the server's answer"}},
		{"redirect", split(reply{301, []string{"Location: /items/"}, ""}, fine), put, []string{"preflight-redirect!"}, []string{"the right slash at its end"}},
		{"redirect to a login", split(reply{302, []string{"Location: /login"}, ""}, fine), put, []string{"preflight-redirect!"}, []string{"authentication comes before CORS"}},
		{"404", split(reply{404, nil, ""}, fine), put, []string{"not-routed", "path-not-found", "origin-not-allowed"}, []string{"the URL is wrong"}},
		{"404 with the origin", split(reply{404, origin, ""}, fine), put, []string{"not-routed", "path-not-found"}, nil},
		{"500", split(reply{500, nil, "nil pointer"}, fine), put, []string{"server-error!"}, []string{`It says: "nil pointer"`}},
		{"502", split(reply{502, nil, "<html>"}, fine), put, []string{"server-error!"}, []string{"got no answer"}},
		{"503", split(reply{503, nil, ""}, fine), put, []string{"server-error!"}, nil},
		{"504", split(reply{504, nil, ""}, fine), put, []string{"server-error!"}, nil},
		{"501", split(reply{501, nil, ""}, fine), put, []string{"not-routed!"}, nil},
		{"429", split(reply{429, nil, ""}, fine), put, []string{"rate-limited!"}, nil},

		{"actual response without headers", split(fine, silent), put, []string{"actual-not-handled", "cached-response"}, []string{"in preflights, and its responses to actual requests have no CORS headers"}},
		{"simple request, answered without headers", split(fine, silent), get, []string{"actual-not-handled", "cached-response"}, nil},
		{"error without headers", split(fine, reply{500, nil, ""}), put, []string{"error-path", "actual-not-handled", "cached-response"}, []string{"add_header ... always"}},
		{"answered by a cache", split(fine, reply{200, []string{"Age: 120"}, ""}), get, []string{"cached-response", "actual-not-handled"}, []string{"(Age: 120)"}},
		{"another origin's response", split(fine, reply{200, []string{"Access-Control-Allow-Origin: https://b.example", "X-Cache: HIT"}, ""}), get, []string{"cached-response", "added-twice"}, []string{"(X-Cache: HIT)"}},
		{"no CORS at all", silent, get, []string{"origin-not-allowed", "request-headers-lost"}, []string{"does not handle CORS at all"}},
		{"an error and no CORS at all", reply{404, nil, ""}, get, []string{"origin-not-allowed", "error-path", "request-headers-lost"}, nil},
		{"a failure and no CORS at all", reply{500, nil, ""}, get, []string{"error-path", "origin-not-allowed", "request-headers-lost"}, nil},
		{"always another origin", reply{200, []string{"Access-Control-Allow-Origin: https://b.example"}, ""}, get, []string{"allow-origin-mismatch!"}, []string{"Add https://app.example.com"}},

		{"the origin with a slash", split(fine, reply{200, []string{"Access-Control-Allow-Origin: $O/"}, ""}), get, []string{"allow-origin-mismatch!"}, []string{"a trailing slash is no part of it"}},

		{"redirect of the actual request to a slash", split(fine, reply{301, []string{"Location: /items/"}, ""}), put, []string{"redirect-outside!"}, []string{"It only adds or removes a slash", "/items/ from the start"}},
		{"redirect of the actual request to https", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusPermanentRedirect)
		}), get, []string{"redirect-outside!"}, []string{"It leads from http to https.", "Let the page fetch https://127.0.0.1"}},
		{"redirect of the actual request to a login", split(fine, reply{302, []string{"Location: https://login.example.com/?next=x"}, ""}), cookie, []string{"redirect-outside!"}, []string{"the session may have expired"}},

		{"credentials on two lines", reply{200, append(origin, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true"), ""}, cookie, []string{"added-twice!"}, []string{"on 2 lines", "Let only one of them"}},
		{"credentials twice in a line", reply{200, append(origin, "Access-Control-Allow-Credentials: true, true"), ""}, cookie, []string{"added-twice!"}, []string{"twice in one line"}},
		{"origin on two lines", reply{200, []string{allowed, allowed}, ""}, get, []string{"added-twice!"}, []string{"on 2 lines"}},
		{"origin twice in a line", reply{200, []string{"Access-Control-Allow-Origin: $O, $O"}, ""}, put, []string{"added-twice!"}, []string{"twice in one line"}},
		{"credentials in capitals", reply{200, append(origin, "Access-Control-Allow-Credentials: True"), ""}, cookie, []string{"allow-credentials-missing!"}, []string{"in lower case"}},
		{"two origins in a line", reply{200, []string{"Access-Control-Allow-Origin: $O, https://b.example"}, ""}, get, []string{"allow-origin-multiple!"}, []string{"Send one value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, received := serve(t, tt.server)
			report := ask(t, url, tt.request, Options{})
			assert.Equal(t, Blocked, report.Verdict)
			assert.Equal(t, tt.causes, codes(report), report)
			text := report.String()
			for _, want := range tt.says {
				assert.Contains(t, text, want)
			}
			actual := 0
			for _, line := range received.lines {
				if !strings.HasPrefix(line, "OPTIONS ") {
					actual++
				}
			}
			assert.LessOrEqual(t, actual, 1, "an actual request is sent once: %q", received.lines)

			// Without asking again, what is certain is certain still, and never something else.
			passive := ask(t, url, tt.request, Options{Passive: true})
			assert.Empty(t, passive.Asked)
			for _, cause := range passive.Causes {
				if cause.Certain {
					assert.Contains(t, tt.causes, string(cause.Code)+"!", passive)
				}
			}
			assert.NotEmpty(t, passive.Causes)
		})
	}
}

func TestOwnMiddleware(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{page}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"Content-Type"}})
	b := corstest.NewBrowser(page, m.Wrap(func(*fasthttp.RequestCtx) {}))
	defer b.Close()
	for _, debug := range []bool{false, true} {
		m.SetDebug(debug)
		report := Fetch(context.Background(), b, corstest.Request{URL: "https://api.example.com/", Method: "DELETE"}, Options{})
		assert.Equal(t, []string{"method-not-allowed!"}, codes(report), report)
		assert.Contains(t, report.String(), "Access-Control-Allow-Methods: PUT, DELETE")
		report = Fetch(context.Background(), b, corstest.Request{URL: "https://api.example.com/", Method: "PUT", Header: corstest.Header{{"X-Token", "1"}}}, Options{})
		assert.Equal(t, []string{"header-not-allowed!"}, codes(report), report)
		report = Fetch(context.Background(), b.Page("https://b.example"), corstest.Request{URL: "https://api.example.com/", Method: "PUT"}, Options{})
		assert.Equal(t, OriginNotAllowed, report.Causes[0].Code, report)
	}
}

func TestQuestionsAreBounded(t *testing.T) {
	var request corstest.Request
	var names []string
	for i := range 100 {
		name := "x-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		request.Header = append(request.Header, [2]string{name, "1"})
		names = append(names, name)
	}
	// Each is refused by itself.
	url, received := serve(t, policy{[]string{page}, nil, nil, reply{403, nil, ""}, 0})
	report := ask(t, url, request, Options{})
	assert.LessOrEqual(t, len(report.Asked), maxQuestions)
	assert.Len(t, received.lines, len(report.Asked)+1)
	assert.NotEmpty(t, report.Causes)
	assert.Subset(t, names, strings.Split(strings.TrimPrefix(strings.Split(report.Causes[0].Message, ": it allows")[0], "The server does not allow the request headers "), ", "))
}

func TestUnstableServer(t *testing.T) {
	first := true
	url, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			w.WriteHeader(403)
			return
		}
		fine.ServeHTTP(w, r)
	}))
	assert.Equal(t, []string{"unstable!"}, codes(ask(t, url, put, Options{})))
}

// discardLog is for servers that are expected to complain.
var discardLog = log.New(io.Discard, "", 0)

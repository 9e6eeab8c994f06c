package diagnose

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/bytecors/cors/corstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noteCodes lists the notes, those that are warnings with "!".
func noteCodes(r *Report) (codes []string) {
	for _, note := range r.Notes {
		code := string(note.Code)
		if note.Warning {
			code += "!"
		}
		codes = append(codes, code)
	}
	return codes
}

// elsewhere is a browser for which a server on loopback serves every host, by https too.
func elsewhere(t *testing.T, origin string, handler http.Handler) *corstest.Browser {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	require.NoError(t, err)
	b := corstest.NewLiveBrowser(origin)
	b.Dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", target.Host)
		return publicConn{conn}, err
	}
	return b
}

// publicConn is a connection whose far end seems to be a public address.
type publicConn struct{ net.Conn }

func (publicConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 443} }

func TestNotes(t *testing.T) {
	const (
		api     = "https://api.example.org/items"
		sibling = "https://api.example.com/items"
		vary    = "Vary: Origin"
		age     = "Access-Control-Max-Age: 600"
		with    = "Access-Control-Allow-Credentials: true"
		all     = "Access-Control-Allow-Origin: *"
		puts    = "Access-Control-Allow-Methods: PUT"
		fixed   = "Access-Control-Allow-Origin: " + page
	)
	listed := policy{[]string{page}, []string{"PUT"}, nil, reply{403, nil, ""}, 0}
	noVary := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		listed.ServeHTTP(w, r)
		w.Header().Del("Vary")
	})
	ok := func(header ...string) reply { return reply{200, header, ""} }
	include := corstest.Request{URL: api, Credentials: corstest.Include}
	for _, tt := range []struct {
		name    string
		server  http.Handler
		request corstest.Request
		notes   []string
		says    string
	}{
		{"a list with Vary", listed, corstest.Request{URL: api}, nil, ""},
		{"everybody", ok(all), corstest.Request{URL: api}, nil, ""},
		{"one origin, always", ok(fixed), corstest.Request{URL: api}, nil, ""},
		{"a list without Vary", noVary, corstest.Request{URL: api}, []string{"vary-missing!"}, "Its answer depends on the origin"},
		{"a list without Vary, not to be stored", ok(allowed, "Cache-Control: private, no-store"), corstest.Request{URL: api}, []string{"allows-any-origin!"}, ""},
		{"any origin", ok(allowed, vary), corstest.Request{URL: api}, []string{"allows-any-origin!"}, "repeats any origin"},
		{"any origin with credentials", ok(allowed, vary, with), include, []string{"allows-any-origin!"}, "any origin, with credentials"},
		{"any origin, and no Vary", ok(allowed, with), include, []string{"allows-any-origin!", "vary-missing!"}, ""},
		{"preflights are not answered", split(reply{404, nil, ""}, ok(allowed)), corstest.Request{URL: api}, []string{"vary-missing!"}, ""},

		{"no Max-Age", ok(all, puts), corstest.Request{URL: api, Method: "PUT"}, []string{"preflight-each-request"}, "has no Access-Control-Max-Age"},
		{"short Max-Age", ok(all, puts, "Access-Control-Max-Age: 4"), corstest.Request{URL: api, Method: "PUT"}, []string{"preflight-each-request"}, "is 4"},
		{"negative Max-Age", ok(all, puts, "Access-Control-Max-Age: -1"), corstest.Request{URL: api, Method: "PUT"}, []string{"preflight-each-request"}, "is -1"},
		{"Max-Age with a unit", ok(all, puts, "Access-Control-Max-Age: 600s"), corstest.Request{URL: api, Method: "PUT"}, []string{"max-age-unreadable!"}, `"600s"`},
		{"Max-Age on two lines", ok(all, puts, age, age), corstest.Request{URL: api, Method: "PUT"}, []string{"max-age-unreadable!"}, "600, 600"},
		{"long Max-Age", ok(all, puts, "Access-Control-Max-Age: 86400"), corstest.Request{URL: api, Method: "PUT"}, []string{"max-age-limited"}, "Chromium keeps a preflight for 7200"},
		{"longer Max-Age", ok(all, puts, "Access-Control-Max-Age: 86401"), corstest.Request{URL: api, Method: "PUT"}, []string{"max-age-limited"}, "more than any browser heeds"},
		{"good Max-Age", ok(all, puts, age), corstest.Request{URL: api, Method: "PUT"}, nil, ""},

		{"CORP same-origin", ok(all, "Cross-Origin-Resource-Policy: same-origin"), corstest.Request{URL: api}, []string{"resource-policy"}, "<img>, <script>"},
		{"CORP same-site, another site", ok(all, "Cross-Origin-Resource-Policy: same-site"), corstest.Request{URL: api}, []string{"resource-policy"}, ""},
		{"CORP same-site, the same", ok(all, "Cross-Origin-Resource-Policy: same-site"), corstest.Request{URL: sibling}, nil, ""},
		{"CORP cross-origin", ok(all, "Cross-Origin-Resource-Policy: cross-origin"), corstest.Request{URL: api}, nil, ""},

		{"cookie without SameSite", ok(fixed, with, "Set-Cookie: id=1; Secure"), include, []string{"cookie-dropped!"}, "lacks SameSite=None; Secure"},
		{"cookie None without Secure", ok(fixed, with, "Set-Cookie: id=1; SameSite=None"), include, []string{"cookie-dropped!"}, "needs Secure"},
		{"good cookie", ok(fixed, with, "Set-Cookie: id=1; SameSite=None; Secure"), include, nil, ""},
		{"cookie of the same site", ok(fixed, with, "Set-Cookie: id=1"), corstest.Request{URL: sibling, Credentials: corstest.Include}, nil, ""},
		{"cookie without credentials", ok(fixed, "Set-Cookie: id=1"), corstest.Request{URL: api}, nil, ""},

		{"one's own machine", ok(all), corstest.Request{URL: "http://localhost:8080/"}, []string{"local-network-access"}, "on this machine (loopback)"},
		{"a private address", ok(all), corstest.Request{URL: "https://10.0.0.7/"}, []string{"local-network-access"}, "142 and later"},
		{"an address that only looks private", ok(all), corstest.Request{URL: "https://10.example/"}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := Fetch(context.Background(), elsewhere(t, page, tt.server), tt.request, Options{})
			require.Equal(t, Allowed, report.Verdict, report)
			assert.Equal(t, tt.notes, noteCodes(report), report)
			assert.Contains(t, report.String(), tt.says)
			passive := Fetch(context.Background(), elsewhere(t, page, tt.server), tt.request, Options{Passive: true})
			assert.Empty(t, passive.Asked)
		})
	}
}

func TestMixedContent(t *testing.T) {
	all := reply{200, []string{"Access-Control-Allow-Origin: *"}, ""}
	for _, tt := range []struct {
		origin, url string
		causes      []string
	}{
		{page, "http://api.example.com/", []string{"mixed-content!"}},
		{page, "http://10.0.0.7/", []string{"mixed-content!"}},
		{page, "http://127.0.0.1:8080/", nil},
		{page, "http://localhost:8080/", nil},
		{page, "http://api.localhost/", nil},
		{page, "http://[::1]:8080/", nil},
		{page, "https://api.example.com/", nil},
		{"http://app.example.com", "http://api.example.com/", nil},
		{"null", "http://api.example.com/", nil},
	} {
		report := Fetch(context.Background(), elsewhere(t, tt.origin, all), corstest.Request{URL: tt.url}, Options{})
		assert.Equal(t, tt.causes, codes(report), "%s %s", tt.origin, tt.url)
		if tt.causes == nil {
			assert.Equal(t, Allowed, report.Verdict)
			continue
		}
		assert.Equal(t, Blocked, report.Verdict)
		assert.True(t, report.Result.Allowed)
		assert.Contains(t, report.String(), "CORS allows it, but a page that came by https")
	}
}

func TestPagesOfThePrivateNetworkNeedNoPermission(t *testing.T) {
	all := reply{200, []string{"Access-Control-Allow-Origin: *"}, ""}
	for _, origin := range []string{"http://localhost:3000", "http://192.168.1.7", "http://127.0.0.1:3000", "http://[fd00::1]"} {
		report := Fetch(context.Background(), elsewhere(t, origin, all), corstest.Request{URL: "http://10.0.0.7/"}, Options{})
		assert.Empty(t, report.Notes, origin)
	}
	// A name may lead there, too.
	report := ask(t, "http://localhost:1/", corstest.Request{}, Options{})
	assert.Equal(t, Failed, report.Verdict)
	url, _ := serve(t, all)
	assert.Equal(t, []string{"local-network-access"}, noteCodes(ask(t, url, get, Options{})))
}

func TestNoCORS(t *testing.T) {
	for policy, allowed := range map[string]bool{"same-origin": false, "same-site": false, "cross-origin": true, "": true} {
		var header []string
		if policy != "" {
			header = []string{"Cross-Origin-Resource-Policy: " + policy}
		}
		report := Fetch(context.Background(), elsewhere(t, page, reply{200, header, ""}), corstest.Request{URL: "https://api.example.org/a.png", NoCORS: true}, Options{})
		assert.Equal(t, allowed, report.Verdict == Allowed, policy)
		assert.Empty(t, report.Asked)
		if !allowed {
			assert.Equal(t, []string{"resource-policy!"}, codes(report))
			assert.Contains(t, report.String(), "Cross-Origin-Resource-Policy: cross-origin")
		}
	}
}

func TestServersOfAnotherKind(t *testing.T) {
	secure := httptest.NewUnstartedServer(fine)
	secure.Config.ErrorLog = discardLog
	secure.StartTLS()
	defer secure.Close()
	// net/http says so in a body.
	report := ask(t, "http"+secure.URL[len("https"):], put, Options{})
	assert.Equal(t, []string{"expects-tls!"}, codes(report), report)
	assert.Contains(t, report.String(), "Use "+secure.URL)

	report = ask(t, secure.URL, put, Options{})
	assert.Equal(t, Failed, report.Verdict)
	assert.Equal(t, []string{"network-failure!"}, codes(report))
	assert.Contains(t, report.String(), "-cacert FILE trusts an authority, -k any certificate")

	plain, _ := serve(t, fine)
	report = ask(t, "https"+plain[len("http"):], put, Options{})
	assert.Contains(t, report.String(), "is it http rather than https?")
}

// A server that ends the connection where no TLS comes is asked by TLS.
func TestServerThatHangsUpWithoutTLS(t *testing.T) {
	secure := httptest.NewUnstartedServer(fine)
	secure.Config.ErrorLog = discardLog
	secure.StartTLS()
	defer secure.Close()
	b := corstest.NewLiveBrowser(page)
	b.Dial = func(ctx context.Context, address string, wantsTLS bool) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil || wantsTLS {
			client, server := net.Pipe()
			go func() { fakeTLS(server) }()
			return client, err
		}
		conn.Close()
		client, server := net.Pipe()
		go func() {
			_, _ = server.Read(make([]byte, 4096))
			server.Close()
		}()
		return client, nil
	}
	report := Fetch(context.Background(), b, corstest.Request{URL: "http" + secure.URL[len("https"):]}, Options{})
	assert.Equal(t, []string{"expects-tls!"}, codes(report), report)
}

// fakeTLS answers as a server would after a handshake.
func fakeTLS(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 4096))
	_, _ = conn.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
	conn.Close()
}

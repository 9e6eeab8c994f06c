package corsfiber_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	corsfiber "github.com/bytecors/cors/fiber"
)

func TestABadConfigPanicsWithAllMistakes(t *testing.T) {
	defer func() {
		err, ok := recover().(error)
		require.True(t, ok, "the panic is an error")
		var mistake *cors.ConfigError
		require.True(t, errors.As(err, &mistake))
		assert.Equal(t, "AllowOrigins", mistake.Field)
		assert.Contains(t, err.Error(), `did you mean "https://example.com"?`)
		assert.Contains(t, err.Error(), "AllowMethods[0]")
		assert.Contains(t, err.Error(), "MaxAge")
	}()
	corsfiber.New(cors.Config{
		AllowOrigins: []string{"https://example.com/"},
		AllowMethods: []string{"CONNECT"},
		MaxAge:       86401,
	})
	t.Error("no panic")
}

func TestNothingIsAllowedByDefault(t *testing.T) {
	assert.PanicsWithError(t, mistakesOf(cors.Config{}), func() { corsfiber.New(cors.Config{}) })
	assert.PanicsWithValue(t, "corsfiber: NewWith of a nil Middleware", func() { corsfiber.NewWith(nil) })
	assert.PanicsWithValue(t, "corsfiber: Wrap with a nil Middleware", func() { corsfiber.Wrap(fiber.New(), nil) })
	assert.PanicsWithValue(t, "corsfiber: Wrap of a nil App", func() { corsfiber.Wrap(nil, new(cors.Middleware)) })
	for _, origin := range []string{
		"*", "null", "localhost", "http://foo.[a-z]*.example.com", "http://*", "https://*", "http://*.com*", "invalid url",
		"https://a.example,https://b.example", " https://a.example", "https://*.github.io", "http://a.example",
	} {
		assert.Panics(t, func() {
			corsfiber.New(cors.Config{AllowOrigins: []string{origin}, AllowCredentials: true})
		}, origin)
	}
}

func mistakesOf(config cors.Config) string {
	_, err := cors.New(config)
	return "cors: " + err.Error()
}

// Each row is one that Fiber's own middleware is tested for, or allows although it should not.
func TestWhichOriginsAPolicyAllows(t *testing.T) {
	second := func(_ *fasthttp.RequestCtx, origin []byte) bool {
		return strings.HasSuffix(string(origin), "-2.example")
	}
	all := func(*fasthttp.RequestCtx, []byte) bool { return true }
	for _, c := range []struct {
		name    string
		config  cors.Config
		allowed []string
		refused []string
	}{
		{
			"one of a list", cors.Config{AllowOrigins: []string{"http://a.example", "http://b.example"}},
			[]string{"http://a.example", "http://b.example"},
			[]string{"http://c.example", "https://a.example", "http://a.example:8080", "http://sub.a.example", "null"},
		},
		{
			"byte by byte", cors.Config{AllowOrigins: []string{"https://a.example"}},
			[]string{"https://a.example"},
			[]string{"HTTPS://A.EXAMPLE", "https://A.example", "https://a.example/", "https://a.example:443", "https://a.example."},
		},
		{
			"ports", cors.Config{AllowOrigins: []string{"http://a.example:8080", "http://localhost:*"}},
			[]string{"http://a.example:8080", "http://localhost", "http://localhost:1", "http://localhost:65535"},
			[]string{"http://a.example", "http://a.example:8081", "http://localhost:", "http://localhost:0", "http://localhost:80a", "http://localhost:65536"},
		},
		{
			"subdomains", cors.Config{AllowOrigins: []string{"https://*.example.com"}},
			[]string{"https://a.example.com", "https://a.b.example.com"},
			[]string{
				"https://example.com", "https://example.com.evil.com", "https://evilexample.com", "http://a.example.com",
				"https://a.example.com:8443", "https://.example.com", "https://a..example.com", "https://evil.com/.example.com",
				"https://evil.com#.example.com", "https://evil.com?.example.com", "https://evil.com@a.example.com",
				"https://evil.com:80.example.com", "https://-.example.com-", "https://*.example.com",
			},
		},
		{
			"a list and a function", cors.Config{AllowOrigins: []string{"https://a-1.example"}, AllowOriginFunc: second},
			[]string{"https://a-1.example", "https://a-2.example", "http://b-2.example"},
			[]string{"https://a-3.example", "https://evil.com/a-2.example"},
		},
		{
			"a function that allows all, and is asked about origins only", cors.Config{AllowOriginFunc: all},
			[]string{"https://a.example", "http://b.example:8080", "null"},
			[]string{
				"http://user:pass@example.com", "http://example.com/path", "http://example.com?query=1", "http://example.com#part",
				"http://a.example, http://b.example", "*", "NULL", "Null", "",
			},
		},
		{
			"a function that allows none", cors.Config{AllowOrigins: []string{"https://a.example"}, AllowOriginFunc: func(*fasthttp.RequestCtx, []byte) bool { return false }},
			[]string{"https://a.example"}, []string{"https://b.example"},
		},
		{
			"apps", cors.Config{AllowOrigins: []string{"app://obsidian.md", "vscode-webview://*"}},
			[]string{"app://obsidian.md", "vscode-webview://0abc"}, []string{"app://other", "http://obsidian.md"},
		},
		{
			"null", cors.Config{AllowOrigins: []string{"null"}},
			[]string{"null"}, []string{"Null", "https://a.example"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := newApp()
			app.Use(corsfiber.New(c.config))
			app.Get("/", func(c fiber.Ctx) error { return c.SendString("ok") })
			w := serve(t, app)
			for _, origin := range c.allowed {
				want := http.Header{"Access-Control-Allow-Origin": {origin}}
				assert.Equal(t, want, w.ask("GET", "/", "Origin: "+origin).corsHeaders(), origin)
				r := w.preflight("/", origin, "GET")
				assert.Equal(t, 204, r.status, origin)
				assert.Equal(t, want, r.corsHeaders(), origin)
			}
			for _, origin := range c.refused {
				r := w.ask("GET", "/", "Origin: "+origin)
				assert.Equal(t, 200, r.status, "the handler runs: CORS is no access control")
				assert.Empty(t, r.corsHeaders(), origin)
				r = w.preflight("/", origin, "GET")
				assert.Equal(t, 403, r.status, origin)
				assert.Empty(t, r.corsHeaders(), origin)
			}
		})
	}
}

func TestSeveralOriginLinesAreNoOrigin(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			app := newApp()
			way.install(app, listed())
			w := serve(t, app)
			r := w.ask("GET", "/", "Origin: "+allowedOrigin, "Origin: "+refusedOrigin)
			assert.Empty(t, r.corsHeaders())
			r = w.ask("OPTIONS", "/", "Origin: "+allowedOrigin, "Origin: "+allowedOrigin, "Access-Control-Request-Method: PUT")
			assertPreflight(t, r, 403, http.Header{})
		})
	}
}

// Which response headers a field of the Config brings about, and for which requests.
func TestWhatAPreflightAndAnActualRequestAreTold(t *testing.T) {
	const privateNetwork = "Access-Control-Request-Private-Network: true"
	for _, c := range []struct {
		name      string
		config    cors.Config
		headers   []string // of both requests
		preflight http.Header
		actual    http.Header
	}{
		{
			"every origin", cors.Config{AllowOrigins: []string{"*"}}, nil,
			http.Header{"Access-Control-Allow-Origin": {"*"}},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
		{
			"wildcards", cors.Config{
				AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, ExposeHeaders: []string{"*"},
			}, []string{"Access-Control-Request-Headers: x-any"},
			http.Header{
				"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"*"}, "Access-Control-Allow-Headers": {"*"},
			},
			http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Expose-Headers": {"*"}},
		},
		{
			"wildcards with credentials, where browsers take * literally", cors.Config{
				AllowOrigins: []string{allowedOrigin}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true,
			}, []string{"Access-Control-Request-Headers: x-any"},
			http.Header{
				"Access-Control-Allow-Origin": {allowedOrigin}, "Access-Control-Allow-Credentials": {"true"},
				"Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Headers": {"x-any"},
			},
			http.Header{"Access-Control-Allow-Origin": {allowedOrigin}, "Access-Control-Allow-Credentials": {"true"}},
		},
		{
			"whole lists, not what was asked for", cors.Config{
				AllowOrigins: []string{allowedOrigin}, AllowMethods: []string{"PUT", "PATCH"}, AllowHeaders: []string{"X-B", "X-A"},
			}, []string{"Access-Control-Request-Headers: x-b"},
			http.Header{
				"Access-Control-Allow-Origin":  {allowedOrigin},
				"Access-Control-Allow-Methods": {"PUT,PATCH"}, "Access-Control-Allow-Headers": {"x-a,x-b"},
			},
			http.Header{"Access-Control-Allow-Origin": {allowedOrigin}},
		},
		{
			"max-age", cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, MaxAge: 3600}, nil,
			http.Header{
				"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Max-Age": {"3600"},
			},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
		{
			"no caching", cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, MaxAge: -1}, nil,
			http.Header{
				"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Max-Age": {"0"},
			},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
		{
			"private network", cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, AllowPrivateNetwork: true, DangerouslyAllowPrivateNetworkFromAnyOrigin: true},
			[]string{privateNetwork},
			http.Header{
				"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Private-Network": {"true"},
			},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
		{
			"private network, not asked for", cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, AllowPrivateNetwork: true, DangerouslyAllowPrivateNetworkFromAnyOrigin: true}, nil,
			http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
		{
			"private network, not allowed", cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}}, []string{privateNetwork},
			http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}},
			http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.config.AllowMethods) == 0 {
				c.config.AllowMethods = []string{"PUT"}
				c.preflight.Set("Access-Control-Allow-Methods", "PUT")
			}
			app := newApp()
			app.Use(corsfiber.New(c.config))
			w := serve(t, app)
			headers := append([]string{"Origin: " + allowedOrigin}, c.headers...)
			r := w.ask("OPTIONS", "/", append([]string{"Access-Control-Request-Method: PUT"}, headers...)...)
			assert.Equal(t, 204, r.status)
			assert.Equal(t, c.preflight, r.corsHeaders())
			for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"} {
				assert.Equal(t, c.actual, w.ask(method, "/", headers...).corsHeaders(), method)
			}
		})
	}
}

// Fiber uses its contexts again and again: nothing of one request may show in the response to another.
func TestRequestsAtTheSameTimeDoNotMix(t *testing.T) {
	for _, way := range installations {
		t.Run(way.name, func(t *testing.T) {
			config := listed()
			config.AllowOrigins = []string{"https://*.example.com"}
			app := newApp()
			way.install(app, config)
			app.Get("/", func(c fiber.Ctx) error { return c.SendString(c.Get("Origin")) })
			w := serve(t, app)
			var group sync.WaitGroup
			for _, label := range []string{"a", "bb", "ccc", "dddd"} {
				group.Go(func() {
					for range 50 {
						origin := "https://" + label + ".example.com"
						r := w.ask("GET", "/", "Origin: "+origin)
						assert.Equal(t, origin, r.body)
						assert.Equal(t, []string{origin}, r.header.Values("Access-Control-Allow-Origin"))
						assert.Empty(t, w.ask("GET", "/", "Origin: https://"+label+".example.org").corsHeaders())
					}
				})
			}
			group.Wait()
		})
	}
}

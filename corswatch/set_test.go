package corswatch

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// request is a request as a server has read it, or a preflight if method is not empty.
func request(url, origin, method string) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.SetRequestURI(url)
	ctx.Request.Header.Set("Origin", origin)
	if method != "" {
		ctx.Request.Header.SetMethod("OPTIONS")
		ctx.Request.Header.Set("Access-Control-Request-Method", method)
	}
	return ctx
}

// onePolicy is a document that allows one origin.
func onePolicy(origin string) []byte { return []byte("allowOrigins: [\"" + origin + "\"]\n") }

const manyPlaces = `
policies:
  everywhere: {allowOrigins: ["https://everywhere.example"]}
  feed: {allowOrigins: ["*"], paths: [/feed, /news/]}
  feed-of-today: {allowOrigins: ["*"], paths: [/feed/today]}
  api: {allowOrigins: ["*"], hosts: [api.example, "[::1]"]}
  api-admin: {allowOrigins: ["*"], hosts: [api.example], paths: [/admin]}
  tenants: {allowOrigins: ["*"], hosts: ["*.api.example"], paths: [/a, /b]}
  one-tenant: {allowOrigins: ["*"], hosts: ["acme.api.example"], paths: [/a]}
  deep-tenants: {allowOrigins: ["*"], hosts: ["*.eu.api.example"]}
`

func TestThePolicyOfTheMostExactPlaceIsChosen(t *testing.T) {
	var set Set
	require.NoError(t, set.Load(Document{"1", []byte(manyPlaces)}))
	for _, test := range []struct{ url, want string }{
		{"https://other.example/", "everywhere"},
		{"https://other.example/feed", "feed"},
		{"https://other.example/feed/", "feed"},
		{"https://other.example/feed/yesterday", "feed"},
		{"https://other.example/feed/today", "feed-of-today"},
		{"https://other.example/feed/today/noon", "feed-of-today"},
		{"https://other.example/feed/todays", "feed"},
		{"https://other.example/feeds", "everywhere"},
		{"https://other.example/Feed", "everywhere"},
		{"https://other.example/news", "feed"},
		{"https://other.example/x/../feed?a=b", "feed"},
		{"https://other.example/%66eed", "feed"},
		{"https://api.example/", "api"},
		{"https://API.EXAMPLE:8443/", "api"},
		{"https://api.example./", "api"},
		{"https://api.example/feed", "api"},
		{"https://api.example/admin/x", "api-admin"},
		{"http://[::1]/", "api"},
		{"http://[::1]:8080/", "api"},
		{"http://[::2]:8080/", "everywhere"},
		{"https://acme.api.example/a", "one-tenant"},
		{"https://acme.api.example/b", "tenants"},
		{"https://acme.api.example/c", "everywhere"},
		{"https://x.acme.api.example/a", "tenants"},
		{"https://x.eu.api.example/a", "deep-tenants"},
		{"https://eu.api.example/a", "tenants"},
		{"https://eu.api.example/c", "everywhere"},
		{"https://notapi.example/", "everywhere"},
		{"https://.api.example/a", "everywhere"},
	} {
		ctx := request(test.url, "https://a.example", "")
		assert.Same(t, set.Policy(test.want), set.Choose(ctx), test.url)
		ctx = request(test.url, "https://a.example", "PUT")
		assert.Same(t, set.Policy(test.want), set.Choose(ctx), "a preflight for "+test.url)
	}
}

func TestNoPolicyIsChosenWhereNoneFits(t *testing.T) {
	var set Set
	assert.Nil(t, set.Choose(request("https://a.example/", "https://b.example", "")), "nothing is in force")
	require.NoError(t, set.Load(Document{"1", []byte("allowOrigins: [\"*\"]\nhosts: [a.example]\npaths: [/x]\n")}))
	for url, want := range map[string]*cors.Middleware{
		"https://a.example/x": set.Policy("default"), "https://a.example/y": nil, "https://b.example/x": nil, "/x": nil, "": nil,
	} {
		assert.Same(t, want, set.Choose(request(url, "https://b.example", "")), url)
	}
}

func TestChoosingDoesNotAllocate(t *testing.T) {
	var set Set
	require.NoError(t, set.Load(Document{"1", []byte(manyPlaces)}))
	for _, url := range []string{"https://other.example/", "https://acme.api.example/c", "https://x.y.z.eu.api.example/feed/today"} {
		ctx := request(url, "https://a.example", "PUT")
		assert.Zero(t, testing.AllocsPerRun(100, func() { set.Choose(ctx) }), url)
	}
}

const withShadow = `
allowOrigins: ["https://*.example.com"]
allowMethods: [PUT, DELETE]
shadow:
  allowOrigins: ["https://app.example.com", "https://new.example"]
  allowMethods: [PUT]
`

func TestAShadowIsCountedAndChangesNothing(t *testing.T) {
	type told struct {
		policy           string
		enforced, shadow cors.Outcome
	}
	var decisions []cors.Outcome
	var shadows []told
	set := Set{Observe: func(policy string) Observer {
		return Observer{
			Decision: func(_ *fasthttp.RequestCtx, d cors.Decision) { decisions = append(decisions, d.Outcome) },
			Shadow: func(_ *fasthttp.RequestCtx, enforced, shadow cors.Decision) {
				shadows = append(shadows, told{policy, enforced.Outcome, shadow.Outcome})
			},
		}
	}}
	var plain Set
	require.NoError(t, set.Load(Document{"1", []byte(withShadow)}))
	require.NoError(t, plain.Load(Document{"1", []byte("allowOrigins: [\"https://*.example.com\"]\nallowMethods: [PUT, DELETE]\n")}))
	handler := func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("ok") }
	for _, r := range []struct{ origin, method string }{
		{"https://app.example.com", ""}, {"https://app.example.com", "PUT"}, // the same
		{"https://old.example.com", ""}, {"https://app.example.com", "DELETE"}, {"https://old.example.com", "PUT"}, // stricter
		{"https://new.example", ""},              // looser
		{"https://app.example.com", "PATCH"},     // the same
		{"https://evil.example", ""},             // the same
		{"https://old.example.com", "PROPPATCH"}, // other
	} {
		a, b := request("https://api.example/", r.origin, r.method), request("https://api.example/", r.origin, r.method)
		cors.Select(set.Choose, handler)(a)
		cors.Select(plain.Choose, handler)(b)
		assert.Equal(t, b.Response.String(), a.Response.String())
	}
	assert.Equal(t, map[string]ShadowCount{"default": {Same: 4, Stricter: 3, Looser: 1, Other: 1}}, set.Status().Shadows)
	assert.Len(t, decisions, 9)
	require.Len(t, shadows, 9)
	assert.Equal(t, told{"default", cors.ActualAllowed, cors.ActualRefused}, shadows[2])
	assert.Equal(t, told{"default", cors.PreflightRefusedMethod, cors.PreflightRefusedOrigin}, shadows[8])

	// Counting goes on where neither policy has changed, and begins anew where one has.
	require.NoError(t, set.Load(Document{"2", []byte("# a comment\n" + withShadow)}))
	assert.Equal(t, uint64(4), set.Status().Shadows["default"].Same)
	require.NoError(t, set.Load(Document{"3", []byte(withShadow + "  maxAge: 5\n")}))
	assert.Zero(t, set.Status().Shadows["default"])
	require.NoError(t, set.Load(Document{"4", []byte("allowOrigins: [\"*\"]\n")}))
	assert.Nil(t, set.Status().Shadows)
}

func TestARequestIsUnderTheDocumentThatItCameUnder(t *testing.T) {
	var set Set
	require.NoError(t, set.Load(Document{"1", onePolicy("https://old.example")}))
	ctx := request("https://api.example/", "https://old.example", "")
	cors.Select(set.Choose, func(*fasthttp.RequestCtx) {
		require.NoError(t, set.Load(Document{"2", onePolicy("https://new.example")}))
	})(ctx)
	assert.Equal(t, "https://old.example", string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	assert.True(t, set.Policy("default").AllowsOrigin([]byte("https://new.example")))
}

func TestTheSameDataUnderAnotherVersionReplacesNothing(t *testing.T) {
	var set Set
	require.NoError(t, set.Load(Document{"1", onePolicy("https://a.example")}))
	before, since := set.Policy("default"), set.Status().Since
	require.NoError(t, set.Load(Document{"2", onePolicy("https://a.example")}))
	assert.Same(t, before, set.Policy("default"))
	status := set.Status()
	assert.Equal(t, "2", status.Version)
	assert.Equal(t, since, status.Since)
	assert.Equal(t, uint64(1), status.Loads)
}

func TestHealthTellsWhatIsInForce(t *testing.T) {
	var set Set
	check := func() (int, map[string]any) {
		var ctx fasthttp.RequestCtx
		set.Health(&ctx)
		var body map[string]any
		require.NoError(t, json.Unmarshal(ctx.Response.Body(), &body))
		return ctx.Response.StatusCode(), body
	}
	status, _ := check()
	assert.Equal(t, 503, status, "nothing is in force")

	require.NoError(t, set.Load(Document{"1", []byte(withShadow)}))
	status, body := check()
	assert.Equal(t, 200, status)
	assert.Equal(t, "1", body["version"])
	assert.Equal(t, []any{"default"}, body["policies"])
	assert.NotContains(t, body, "error")
	assert.Contains(t, body, "ageSeconds")
	assert.Contains(t, body["shadows"], "default")

	require.Error(t, set.Load(Document{"2", []byte("maxAge: 5\n")}))
	status, body = check()
	assert.Equal(t, 200, status, "the last good document is in force")
	assert.Equal(t, "1", body["version"])
	assert.Contains(t, body["error"], "document 2 is not in force: line 1: allowOrigins: lists no origins")
	assert.Contains(t, body, "failingSeconds")
	var refused *DocumentError
	require.True(t, errors.As(set.Status().Err, &refused))
	assert.Equal(t, "2", refused.Version)
	assert.Equal(t, uint64(1), set.Status().Failures)

	require.NoError(t, set.Load(Document{"3", []byte(withShadow)}))
	_, body = check()
	assert.NotContains(t, body, "error")
}

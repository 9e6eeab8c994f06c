package corstest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fasthttp"
)

// everyEngine are the standard and the engines that depart from it.
var everyEngine = append([]Engine{Standard}, Engines()...)

func TestEngineNames(t *testing.T) {
	var names []string
	for _, engine := range everyEngine {
		names = append(names, engine.String())
	}
	assert.Equal(t, []string{"standard", "chromium", "firefox", "webkitgtk"}, names)
}

func TestStatusesThatHaveARequestRepeated(t *testing.T) {
	for _, tt := range []struct {
		status   int
		before   bool // whether there was a connection before
		repeated map[Engine]bool
	}{
		{421, false, map[Engine]bool{Standard: true, Chromium: true, Firefox: true, WebKitGTK: true}},
		{408, true, map[Engine]bool{Chromium: true}},
		{408, false, map[Engine]bool{}},
		{503, true, map[Engine]bool{}},
	} {
		for _, engine := range everyEngine {
			b := browse(t, page, reply(tt.status, "Access-Control-Allow-Origin: *"))
			b.Engine = engine
			if tt.before {
				b.Fetch(Request{URL: api})
			}
			r := Readable(t, b, Request{Method: "POST", URL: api, Body: "text"})
			assert.Equal(t, tt.status, r.Status)
			assert.Equal(t, tt.repeated[engine], r.Hops[0].Repeated != nil, "%d in %s", tt.status, engine)
		}
	}
}

func TestProxyStatusFailsInChromium(t *testing.T) {
	for _, engine := range everyEngine {
		b := browse(t, page, reply(407, "Access-Control-Allow-Origin: *"))
		b.Engine = engine
		r := b.Fetch(Request{URL: api})
		assert.Equal(t, engine != Chromium, r.Allowed, engine)
	}
}

func TestUploadListenersForceNothingForAnEmptyBodyInChromium(t *testing.T) {
	for _, body := range []string{"", "text"} {
		for _, engine := range everyEngine {
			b := browse(t, page, allowAll)
			b.Engine = engine
			r := Readable(t, b, Request{Method: "POST", URL: api, Body: body, ForcePreflight: true})
			assert.Equal(t, engine != Chromium || body != "", r.Preflights() == 1, "%s, body %q", engine, body)
		}
	}
}

func TestLocationLinesByEngine(t *testing.T) {
	const head = "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n"
	for _, tt := range []struct {
		lines string
		want  map[Engine]Failure
	}{
		// The script answers every request, so what is followed is followed until the limit.
		{"Location: /a\r\nLocation: /a\r\n", map[Engine]Failure{
			Standard: RedirectLocation, Chromium: RedirectLimit, Firefox: RedirectLimit, WebKitGTK: RedirectLimit,
		}},
		{"Location: /a\r\nLocation: /b\r\n", map[Engine]Failure{
			Standard: RedirectLocation, Chromium: RedirectLocation, Firefox: RedirectLocation, WebKitGTK: RedirectLimit,
		}},
		{"Location:\r\n", map[Engine]Failure{
			Standard: RedirectLimit, Chromium: "", Firefox: RedirectLimit, WebKitGTK: RedirectLocation,
		}},
	} {
		for engine, want := range tt.want {
			b := NewLiveBrowser(page)
			b.Engine, b.Dial = engine, dialScript(t, head+tt.lines+"\r\n")
			assert.Equal(t, want, b.Fetch(Request{URL: api}).Reason.Failure, "%s: %q", engine, tt.lines)
		}
	}
}

func TestPreflightCutShort(t *testing.T) {
	const script = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\nContent-Length: 10\r\n\r\nshort"
	for _, engine := range everyEngine {
		b := NewLiveBrowser(page)
		b.Engine, b.Dial = engine, dialScript(t, script)
		r := b.Preflight(Request{Method: "PUT", URL: api})
		assert.Equal(t, engine == Chromium || engine == Firefox, r.Allowed, engine)
	}
}

func TestSafelistByEngine(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		safe        []Engine
	}{
		{"Accept", "caf\xe9", []Engine{Standard, Chromium, WebKitGTK}},
		{"Content-Type", "text/plain;a=caf\xe9", []Engine{Standard, Chromium, WebKitGTK}},
		{"Content-Type", "text/plain;a=b,c", []Engine{Standard, Chromium, WebKitGTK}},
		{"Range", "bytes=9223372036854775806-", everyEngine},
		{"Range", "bytes=9223372036854775807-", []Engine{Standard, Firefox, WebKitGTK}},
		{"Range", "bytes=0-18446744073709551616", []Engine{Standard}},
		{"Range", "BYTES=0-1", []Engine{WebKitGTK}},
		{"Range", "bytes=+0-+1", []Engine{WebKitGTK}},
		{"Range", "bytes=+0", nil},
		{"Range", "bytes", nil},
	} {
		for _, engine := range everyEngine {
			assert.Equal(t, slices.Contains(tt.safe, engine), isSafelisted(tt.name, tt.value, engine), "%s: %s in %s", tt.name, tt.value, engine)
		}
	}
}

// A request that begins at the page's own origin, and is redirected from another to a third.
func TestWebKitGTKAsksForCredentialsOnTheWay(t *testing.T) {
	request := Request{URL: page + "/302/https://b.example/302/https://c.example/end"}
	for _, engine := range everyEngine {
		b := browse(t, page, func(ctx *fasthttp.RequestCtx) {
			via(ctx)
			ctx.Response.Header.Del("Access-Control-Allow-Credentials")
		})
		b.Engine = engine
		assert.Equal(t, engine != WebKitGTK, b.Fetch(request).Allowed, engine)
		without := request
		without.Credentials = Omit
		Readable(t, b, without)
	}
}

package cors_test

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// misbehaveBefore is what an outer middleware leaves behind.
func (r *run) misbehaveBefore(h *fasthttp.ResponseHeader) {
	h.Set("Vary", "Accept-Encoding")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Add("Access-Control-Allow-Headers", "everything")
	h.SetCanonical([]byte("access-control-allow-credentials"), []byte("true"))
}

// misbehaviours are what handlers do to requests and responses.
var misbehaviours = []func(r *run, ctx *fasthttp.RequestCtx){
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Reset() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Error("no", 500) },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.NotFound() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.NotModified() },
	func(r *run, ctx *fasthttp.RequestCtx) {
		if !r.forBrowser {
			ctx.Redirect("/elsewhere", 302)
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.TimeoutError("late") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.TimeoutErrorWithCode("late", 503) },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var response fasthttp.Response
		response.SetStatusCode(504)
		response.Header.Add("Access-Control-Allow-Origin", "https://late.example")
		response.Header.Add("Access-Control-Allow-Origin", "*")
		response.Header.Add("Vary", "Accept")
		response.Header.Add("Vary", "accept-ENCODING,,origin")
		ctx.TimeoutErrorWithResponse(&response)
	},
	func(r *run, ctx *fasthttp.RequestCtx) {
		gate := r.gate
		r.late.Add(1)
		fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
			defer r.late.Done()
			<-gate
			r.lateTurn.Lock()
			defer r.lateTurn.Unlock()
			ctx.Request.Header.Set("Origin", "https://late.example")
			ctx.Response.Reset()
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "*")
		}, time.Microsecond, "late")(ctx)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Request.Reset() },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Set("Origin", "https://other.example")
		ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Request.Header.Del("Origin") },
	func(_ *run, ctx *fasthttp.RequestCtx) { // fills the request's buffers anew
		ctx.Request.Header.Reset()
		for i := range 8 {
			ctx.Request.Header.Set(fmt.Sprint("X-Fill-", i), strings.Repeat("https://fill.example ", 4))
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "https://handler.example")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		for _, name := range naiveOwned {
			ctx.Response.Header.Add(name, "*")
			ctx.Response.Header.Add(strings.ToUpper(name), "true")
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		for i, name := range naiveOwned {
			odd := []byte(name)
			odd[(i*3)%len(odd)] &^= 0x20
			ctx.Response.Header.SetCanonical(bytes.ReplaceAll(odd, []byte{'-' &^ 0x20}, []byte{'-'}), []byte("odd"))
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var upstream fasthttp.Response
		upstream.Header.DisableNormalizing()
		upstream.Header.Add("access-control-allow-origin", "https://upstream.example")
		upstream.Header.Add("access-control-allow-credentials", "true")
		upstream.Header.Add("access-control-MAX-age", "5")
		upstream.Header.Add("vary", "Accept-Language, origin")
		upstream.Header.Add("VARY", "X-Origin-Country")
		upstream.SetBodyString("upstream")
		upstream.CopyTo(&ctx.Response)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(200) // fasthttp loses count where a status has no body
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(200)
		ctx.Response.SetBodyStream(strings.NewReader("streamed"), len("streamed"))
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { // headers behind the body
		_ = ctx.Response.Header.SetTrailer("X-Checksum, Vary, Access-Control-Allow-Origin")
		ctx.Response.Header.Set("X-Checksum", "1")
		ctx.SetStatusCode(200) // fasthttp loses count where a status has no body
		ctx.Response.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { panic("handler") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.DisableNormalizing() },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", "Accept-Encoding") },
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Add("Vary", "*") },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Vary", " , oRiGiN ,\tX-Origin-Country,")
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.Header.Add("Vary", "") },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.SetCanonical([]byte("vArY"), []byte("X-Odd, access-control-request-method"))
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		var cookie fasthttp.Cookie
		cookie.SetKey("session")
		cookie.SetValue("1")
		ctx.Response.Header.SetCookie(&cookie)
	},
	func(_ *run, ctx *fasthttp.RequestCtx) {
		if !ctx.Response.IsBodyStream() {
			ctx.SetStatusCode(204)
		}
	},
	func(r *run, ctx *fasthttp.RequestCtx) {
		ctx.Response.SkipBody = !r.forBrowser
		r.answers[len(r.answers)-1].unframed = true
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.Response.ImmediateHeaderFlush = true },
	func(_ *run, ctx *fasthttp.RequestCtx) {
		if !ctx.Response.IsBodyStream() { // whose length would be lost, so that there is no response at all
			ctx.Response.Header.Reset()
		}
	},
	func(_ *run, ctx *fasthttp.RequestCtx) { ctx.SetConnectionClose() },
}

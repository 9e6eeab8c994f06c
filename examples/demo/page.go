package main

import (
	"embed"
	"encoding/json"
	"path"

	"github.com/valyala/fasthttp"
)

//go:embed page
var pageFiles embed.FS

// What the operating system has to say about these is not always right.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

// newPage serves the files of the page, and what the page's script asks for.
func newPage(d *demo, rec *recorder, a *api) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		switch name := string(ctx.Path()); name {
		case "/settings":
			writeJSON(ctx, map[string]any{"page": d.pageURL, "other": d.otherURL, "api": d.apiURL, "debug": a.debug()})
		case "/debug":
			// The page's own script alone: another site's form has another origin, and none sets a header.
			if ctx.IsPost() && len(ctx.Request.Header.Peek("X-Demo")) > 0 {
				a.setDebug(string(ctx.PostBody()) == "on")
			}
			writeJSON(ctx, map[string]bool{"debug": a.debug()})
		case "/reason":
			answerReason(ctx, a.handler)
		case "/exchanges":
			writeJSON(ctx, rec.get(string(ctx.QueryArgs().Peek("id"))))
		case "/":
			writeFile(ctx, "index.html")
		default:
			writeFile(ctx, path.Base(name))
		}
	}
}

func writeFile(ctx *fasthttp.RequestCtx, name string) {
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		ctx.NotFound()
		return
	}
	ctx.SetContentType(contentTypes[path.Ext(name)])
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-cache")
	ctx.SetBody(content)
}

func writeJSON(ctx *fasthttp.RequestCtx, value any) {
	ctx.SetContentType("application/json")
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	if err := json.NewEncoder(ctx).Encode(value); err != nil {
		ctx.Error(err.Error(), fasthttp.StatusInternalServerError)
	}
}

package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/corstest"
)

// No page is shown why a request of its was blocked: a browser tells its console alone. The sentence here is from
// corstest, which asks the API the same question as the page has, and is held to Chromium.

// asked is a request as the page passes it to fetch.
type asked struct {
	Origin      string            `json:"origin"`
	URL         string            `json:"url"`
	Method      string            `json:"method"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Credentials string            `json:"credentials"`
}

// answerReason writes why a browser would block the request in the body, or "" if it would not.
func answerReason(ctx *fasthttp.RequestCtx, api fasthttp.RequestHandler) {
	var a asked
	if err := json.Unmarshal(ctx.PostBody(), &a); err != nil || corstest.CheckOrigin(a.Origin) != nil {
		ctx.Error("not a request", fasthttp.StatusBadRequest)
		return
	}
	page := corstest.NewBrowser(a.Origin, api)
	defer page.Close()
	page.Engine = corstest.Chromium
	request := corstest.Request{Method: a.Method, URL: a.URL, Body: a.Body}
	if a.Credentials == "include" {
		request.Credentials = corstest.Include
	}
	for name, value := range a.Headers {
		request.Header = append(request.Header, [2]string{name, value})
	}
	slices.SortFunc(request.Header, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	result := page.FetchContext(context.Background(), request)
	writeJSON(ctx, map[string]string{"message": result.Reason.Message})
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/valyala/fasthttp"
)

// model answers a prompt, a piece at a time.
type model func(prompt string) iter.Seq[string]

func repeat(prompt string) iter.Seq[string] { return strings.SplitAfterSeq(prompt, " ") }

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func serveAPI(m model) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		switch {
		case string(ctx.Path()) != "/v1/chat/completions":
			fail(ctx, fasthttp.StatusNotFound, "there is nothing here")
		case !ctx.IsPost():
			fail(ctx, fasthttp.StatusMethodNotAllowed, "a completion is asked for with POST")
		default:
			complete(ctx, m)
		}
	}
}

func complete(ctx *fasthttp.RequestCtx, m model) {
	var asked struct {
		Messages []message `json:"messages"`
		Stream   bool      `json:"stream"`
	}
	if err := json.Unmarshal(ctx.PostBody(), &asked); err != nil || len(asked.Messages) == 0 {
		fail(ctx, fasthttp.StatusBadRequest, "the body has no messages")
		return
	}
	pieces := m(asked.Messages[len(asked.Messages)-1].Content)
	if !asked.Stream {
		var answer strings.Builder
		for piece := range pieces {
			answer.WriteString(piece)
		}
		writeJSON(ctx, map[string]message{"message": {"assistant", answer.String()}})
		return
	}
	ctx.SetContentType("text/event-stream")
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	ctx.Response.ImmediateHeaderFlush = true
	ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
		for piece := range pieces {
			data, _ := json.Marshal(map[string]message{"delta": {"assistant", piece}}) // of strings: it does not fail
			fmt.Fprintf(w, "data: %s\n\n", data)
			if w.Flush() != nil {
				return // the page is gone
			}
		}
		_, _ = w.WriteString("data: [DONE]\n\n")
	})
}

// fail answers with an error as clients of such APIs expect it.
func fail(ctx *fasthttp.RequestCtx, status int, text string) {
	ctx.Response.Reset()
	writeJSON(ctx, map[string]map[string]string{"error": {"message": text}})
	ctx.SetStatusCode(status)
}

func writeJSON(ctx *fasthttp.RequestCtx, value any) {
	ctx.SetContentType("application/json")
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	if err := json.NewEncoder(ctx).Encode(value); err != nil {
		ctx.Error(err.Error(), fasthttp.StatusInternalServerError)
	}
}

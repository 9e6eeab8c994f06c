package main

import (
	"strings"
	"sync"

	"github.com/valyala/fasthttp"
)

// exchange is one request that the API received, and what it answered: first line and headers, as on the wire.
type exchange struct {
	Request  []string `json:"request"`
	Response []string `json:"response"`
}

// recorder keeps what went over the wire, since no page is shown its own preflights, nor most of the headers.
// A page gives its requests an id, as the parameter "exchange" of the URL.
type recorder struct {
	mu        sync.Mutex
	exchanges map[string][]exchange
	ids       []string // oldest first
}

const maxRecordedIDs = 200

func newRecorder() *recorder {
	return &recorder{exchanges: make(map[string][]exchange)}
}

// wrap returns a handler that records what next does with the requests that have an id.
func (rec *recorder) wrap(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		id := string(ctx.QueryArgs().Peek("exchange"))
		if id == "" {
			next(ctx)
			return
		}
		// Before next, which may change it.
		request := append([]string{
			string(ctx.Method()) + " " + string(ctx.Path()) + " " + string(ctx.Request.Header.Protocol()),
		}, lines(ctx.Request.Header.RawHeaders())...)
		next(ctx)
		response := &ctx.Response
		if late := ctx.LastTimeoutErrorResponse(); late != nil {
			response = late
		}
		if body := response.Body(); len(body) > 0 {
			response.Header.SetContentLength(len(body)) // as the server is about to do
		}
		rec.add(id, exchange{request, lines(response.Header.Header())})
	}
}

// lines splits a block of header lines, which ends with an empty one.
func lines(block []byte) []string {
	return strings.Split(strings.TrimRight(string(block), "\r\n"), "\r\n")
}

func (rec *recorder) add(id string, x exchange) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if _, known := rec.exchanges[id]; !known {
		rec.ids = append(rec.ids, id)
		if len(rec.ids) > maxRecordedIDs {
			delete(rec.exchanges, rec.ids[0])
			rec.ids = rec.ids[1:]
		}
	}
	rec.exchanges[id] = append(rec.exchanges[id], x)
}

// get returns the exchanges with this id, in order.
func (rec *recorder) get(id string) []exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return append([]exchange{}, rec.exchanges[id]...)
}

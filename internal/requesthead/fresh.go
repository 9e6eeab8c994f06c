package requesthead

import "github.com/valyala/fasthttp"

// Fresh returns a function that makes a request's header what it is now, in a few nanoseconds and without allocating:
// fasthttp remembers of a header that it has looked for cookies, which would make each turn but the first of a loop over
// one request cheaper than it is in a server.
func Fresh(h *fasthttp.RequestHeader) (restore func()) {
	for _, name := range []string{"Cookie", "Origin", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network"} {
		h.PeekAll(name) // makes its buffers as large as they will be
	}
	fresh := new(fasthttp.RequestHeader)
	share(fresh, h)
	return func() { share(h, fresh) }
}

// share makes dst share everything with src.
func share[T any](dst, src *T) {
	*dst = *src
}

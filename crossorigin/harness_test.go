package crossorigin_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

// received returns the request as a server would hand it to a handler. Its lines end in "\n" here, and a Host is
// added where it has none.
func received(t testing.TB, request string) *fasthttp.RequestCtx {
	t.Helper()
	if !strings.Contains(strings.ToLower(request), "\nhost:") {
		request += "\nHost: api.example"
	}
	ctx := new(fasthttp.RequestCtx)
	require.NoError(t, readInto(ctx, raw(request), false))
	return ctx
}

// raw returns the request as it is sent.
func raw(request string) string {
	return strings.ReplaceAll(request, "\n", "\r\n") + "\r\n\r\n"
}

// readInto reads the head of a request, as a server with or without DisableHeaderNamesNormalizing does.
func readInto(ctx *fasthttp.RequestCtx, request string, namesAsSent bool) error {
	if namesAsSent {
		ctx.Request.Header.DisableNormalizing()
	}
	return ctx.Request.Header.Read(bufio.NewReaderSize(strings.NewReader(request), 16<<10))
}

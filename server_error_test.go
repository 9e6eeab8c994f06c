package cors_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

func TestServerErrors(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, ExposeHeaders: []string{"Retry-After"}})
	big := "POST / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nContent-Length: 100\n\n" + strings.Repeat("x", 100)
	allowed := []string{"Access-Control-Allow-Origin: https://foo.example", "Access-Control-Expose-Headers: Retry-After", "Vary: Origin"}
	var reported error
	own := func(ctx *fasthttp.RequestCtx, err error) {
		reported = err
		ctx.Error("own", 499)
	}
	for _, test := range []struct {
		name    string
		next    func(*fasthttp.RequestCtx, error)
		request string
		status  int
		want    []string
	}{
		{"body too large", nil, big, 413, allowed},
		{"body too large, own handler", own, big, 499, allowed},
		{"body too large, preflight", nil,
			"OPTIONS / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nAccess-Control-Request-Method: GET\nContent-Length: 100\n\n" +
				strings.Repeat("x", 100), 413, []string{preflightVary}},
		{"body too large, refused origin", nil, strings.Replace(big, "foo", "evil", 1), 413, []string{"Vary: Origin"}},
		{"header too large", nil, "GET / HTTP/1.1\nHost: a\nOrigin: https://foo.example\nX: " + strings.Repeat("x", 5000) + "\n", 431, []string{"Vary: Origin"}},
		{"no HTTP at all", nil, "nonsense\n", 400, []string{"Vary: Origin"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var decided int
			c := m.Config()
			c.OnDecision = func(*fasthttp.RequestCtx, cors.Decision) { decided++ }
			m := cors.MustNew(c)
			r := serve(t, &fasthttp.Server{
				Handler:            m.Wrap(ok),
				ErrorHandler:       m.WrapErrorHandler(test.next),
				MaxRequestBodySize: 10,
			}).send(test.request)
			assert.Equal(t, test.status, r.status)
			assert.Equal(t, 1, decided)
			r.requireCORS(t, test.want...)
		})
	}
	assert.True(t, errors.Is(reported, fasthttp.ErrBodyTooLarge))
}

func TestServerErrorAfterATimeoutToReadTheBody(t *testing.T) {
	m := cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}})
	w := serve(t, &fasthttp.Server{
		Handler:      m.Wrap(ok),
		ErrorHandler: m.WrapErrorHandler(nil),
		ReadTimeout:  20 * time.Millisecond,
	})
	conn := w.dial()
	defer conn.Close()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nOrigin: https://foo.example\r\nContent-Length: 5\r\n\r\nab")
	require.NoError(t, err)
	r := readReply(t, bufio.NewReader(conn), "POST")
	assert.Equal(t, 408, r.status)
	r.requireCORS(t, "Vary: Origin") // fasthttp has dropped the request, and with it the origin
}

type networkError struct{ timeout bool }

func (networkError) Error() string     { return "network" }
func (e networkError) Timeout() bool   { return e.timeout }
func (e networkError) Temporary() bool { return true }

// TestStatusOfServerErrors, also where they are wrapped in others.
func TestStatusOfServerErrors(t *testing.T) {
	handler := cors.MustNew(cors.Config{AllowOrigins: []string{"*"}}).WrapErrorHandler(nil)
	for _, test := range []struct {
		err  error
		want int
	}{
		{fasthttp.ErrBodyTooLarge, 413},
		{&fasthttp.ErrSmallBuffer{}, 431},
		{networkError{timeout: true}, 408},
		{networkError{timeout: false}, 400},
		{io.ErrUnexpectedEOF, 400},
	} {
		for _, err := range []error{test.err, fmt.Errorf("while reading: %w", test.err), errors.Join(errors.New("two"), test.err)} {
			var ctx fasthttp.RequestCtx
			handler(&ctx, err)
			assert.Equal(t, test.want, ctx.Response.StatusCode(), "%v", err)
			assert.Equal(t, "*", string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
		}
	}
}

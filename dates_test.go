package cors_test

import (
	"bufio"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// dateClient has a connection to one of the servers that share a policy.
type dateClient struct {
	conn   net.Conn
	reader *bufio.Reader
	dated  bool
}

// dateServer starts a server; one that does not listen is given its connection.
func dateServer(t *testing.T, s *fasthttp.Server, listens bool) dateClient {
	t.Helper()
	s.Logger = discard{}
	var conn net.Conn
	if listens {
		conn = serve(t, s).dial()
		t.Cleanup(func() { conn.Close() })
	} else {
		client, server := net.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- s.ServeConn(server) }()
		t.Cleanup(func() {
			client.Close()
			require.NoError(t, <-ended)
		})
		conn = client
	}
	return dateClient{conn, bufio.NewReader(conn), !s.NoDefaultDate}
}

func (c dateClient) get(t *testing.T) {
	t.Helper()
	exchange(t, c.conn, c.reader, "GET / HTTP/1.1\nHost: a\n")
}

func (c dateClient) preflight(t *testing.T, message string, args ...any) {
	t.Helper()
	r := exchange(t, c.conn, c.reader, "OPTIONS / HTTP/1.1\nHost: a\nOrigin: "+fooOrigin+"\nAccess-Control-Request-Method: PUT\n")
	r.requireCORS(t, "Access-Control-Allow-Origin: "+fooOrigin, "Access-Control-Allow-Methods: PUT", preflightVary)
	require.Equal(t, c.dated, r.header.Get("Date") != "", append([]any{message}, args...)...)
}

func sharedPolicy() *cors.Middleware {
	return cors.MustNew(cors.Config{AllowOrigins: []string{fooOrigin}, AllowMethods: []string{"PUT"}})
}

// TestDatesAreEachServersOwn: a server that dates its responses and one that does not share a policy. Another may have
// answered before, and the connection may have had requests that were no preflights.
func TestDatesAreEachServersOwn(t *testing.T) {
	for _, listen := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
		for _, getFirst := range []bool{false, true} {
			for order := range 1 << 5 { // which of the two answers next, bit for bit
				m := sharedPolicy()
				var clients [2]dateClient
				for i := range clients {
					clients[i] = dateServer(t, &fasthttp.Server{Handler: m.Wrap(ok), NoDefaultDate: i == 1}, listen[i])
				}
				if getFirst {
					clients[0].get(t)
					clients[1].get(t)
				}
				for step := range 5 {
					clients[order>>step&1].preflight(t, "listening: %v, GET first: %t, order %05b, answer %d", listen, getFirst, order, step)
				}
			}
		}
	}
}

// TestDatesOfManyServers has more than are remembered, which all ask for the first time at once.
func TestDatesOfManyServers(t *testing.T) {
	m := sharedPolicy()
	var clients []dateClient
	for i := range 24 {
		clients = append(clients, dateServer(t, &fasthttp.Server{Handler: m.Wrap(ok), NoDefaultDate: i%2 == 0}, i%3 != 0))
	}
	for round := range 3 {
		var asked sync.WaitGroup
		for i, c := range clients {
			asked.Go(func() { c.preflight(t, "server %d, round %d", i, round) })
		}
		asked.Wait()
	}
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
)

// measureLoopback compares the throughput of a real server with and without the middleware. Server and clients
// share the machine.
func measureLoopback(r *report, rounds int, turn time.Duration) error {
	const clients = 8
	t := r.table("A real server",
		fmt.Sprintf("Requests per second of a fasthttp server on the loopback interface, asked by %d keep-alive connections of the same "+
			"process, one request at a time on each, with a browser's headers. The servers take turns of %v. The one in the middle sends "+
			"the same bytes as the one with the middleware, and decides nothing.", clients, turn),
		"request", "without", "headers by hand", "with", "with / without", "with / by hand", "its 95 % confidence interval", "goal")
	for _, row := range []struct {
		name    string
		wire    wire
		without fasthttp.RequestHandler
		floor   fasthttp.RequestHandler
		goal    float64
	}{
		{"actual", get(browserHead, page), floor.Bare, floor.Allowed, 0.98},
		{"preflight", ask(browserPreflightHead, page, "PUT", "content-type,x-requested-with"), floor.BareNoContent, floor.Preflight, 0},
	} {
		var loads [3]*load
		for i, handler := range []fasthttp.RequestHandler{row.without, row.floor, allow(page).bytecors()} {
			l, err := startLoad(handler, row.wire, clients)
			if err != nil {
				return err
			}
			defer l.stop()
			loads[i] = l
		}
		var without, byHand, with, toWithout, toByHand []float64
		for round := range rounds + 1 {
			var perSecond [3]float64
			for _, i := range rand.Perm(len(loads)) {
				n, err := loads[i].run(turn)
				if err != nil {
					return err
				}
				perSecond[i] = n
			}
			if round == 0 {
				continue // connections and buffers have been warmed up
			}
			without, byHand, with = append(without, perSecond[0]), append(byHand, perSecond[1]), append(with, perSecond[2])
			toWithout, toByHand = append(toWithout, perSecond[2]/perSecond[0]), append(toByHand, perSecond[2]/perSecond[1])
		}
		goal := "—"
		if row.goal > 0 {
			goal = "≥ " + times(row.goal)
			f := r.finding("Requests per second of a server on loopback, with / without the middleware, "+row.name, goal,
				fmt.Sprintf("%.3f", median(toWithout)), median(toWithout) >= row.goal)
			f.why = fmt.Sprintf("sending the same headers without deciding anything comes to %.3f of the server without them; the middleware "+
				"to %.3f of that.", median(toWithout)/median(toByHand), median(toByHand))
		}
		low, high := medianInterval(toByHand)
		interval := fmt.Sprintf("%.3f to %.3f", low, high)
		f := r.finding("Requests per second of a server on loopback, with / the same headers by hand, "+row.name,
			"not to be told from 1, within ± 0.01", interval, low <= 1 && high >= 1 && high-low <= 0.02)
		f.why = "the interval is that of the median of paired rounds."
		t.row(row.name, fmt.Sprintf("%.0f", median(without)), fmt.Sprintf("%.0f", median(byHand)), fmt.Sprintf("%.0f", median(with)),
			fmt.Sprintf("%.3f", median(toWithout)), fmt.Sprintf("%.3f", median(toByHand)), interval, goal)
	}
	return nil
}

// load is a server on the loopback interface, and connections to it.
type load struct {
	server  *fasthttp.Server
	served  chan error
	clients []*client
	request wire
}

type client struct {
	conn     net.Conn
	response []byte // of the length that all responses have
}

func startLoad(handler fasthttp.RequestHandler, request wire, clients int) (*load, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &load{server: &fasthttp.Server{Handler: handler}, served: make(chan error, 1), request: request}
	go func() { l.served <- l.server.Serve(listener) }()
	for range clients {
		c, err := dial(listener.Addr().String(), request)
		if err != nil {
			return nil, errors.Join(err, l.stop())
		}
		l.clients = append(l.clients, c)
	}
	return l, nil
}

// dial connects, and asks once to learn how long a response is.
func dial(address string, request wire) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	var seen bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &seen))
	method, _, _ := bytes.Cut(request, []byte(" "))
	response, err := http.ReadResponse(r, &http.Request{Method: string(method)})
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	return &client{conn, make([]byte, seen.Len())}, nil
}

// run asks from all clients for as long as a turn lasts, and returns the requests per second.
func (l *load) run(turn time.Duration) (float64, error) {
	var answered atomic.Int64
	var clients sync.WaitGroup
	errs := make([]error, len(l.clients))
	start := time.Now()
	for i, c := range l.clients {
		clients.Go(func() {
			n := 0
			for ; time.Since(start) < turn; n++ {
				if _, errs[i] = c.conn.Write(l.request); errs[i] != nil {
					return
				}
				if _, errs[i] = io.ReadFull(c.conn, c.response); errs[i] != nil {
					return
				}
			}
			answered.Add(int64(n))
		})
	}
	clients.Wait()
	return float64(answered.Load()) / time.Since(start).Seconds(), errors.Join(errs...)
}

func (l *load) stop() error {
	for _, c := range l.clients {
		c.conn.Close()
	}
	if err := l.server.Shutdown(); err != nil {
		return err
	}
	return <-l.served
}

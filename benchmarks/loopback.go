package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors/internal/floor"
)

// measureLoopback compares the throughput of a real server with and without the middleware. Server and clients
// share the machine.
func measureLoopback(r *report, rounds int, turn time.Duration) (err error) {
	const clients = 8
	g, err := startGenerator()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	t := r.table("A real server",
		fmt.Sprintf("Requests per second of a fasthttp server on the loopback interface, asked by %d keep-alive connections of another "+
			"process, one request at a time on each, with a browser's headers. The servers take turns of %v. The second one sends "+
			"the same bytes as those with a tailored handler (see above) and with the middleware, and decides nothing.", clients, turn),
		"request", "without", "headers by hand", "tailored", "with", "with / without", "with / by hand", "its 95 % confidence interval", "goal",
		"the same of tailored / by hand", "the server's processor time, with / by hand")
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
		var servers [4]*onLoopback
		for i, handler := range []fasthttp.RequestHandler{row.without, row.floor, allow(page).bytecors(), allow(page).tailored(row.wire)} {
			if servers[i], err = startOnLoopback(handler); err != nil {
				return err
			}
			defer servers[i].stop()
		}
		var without, byHand, with, tailored, toWithout, toByHand, tailoredToByHand, processor []float64
		for round := range rounds + 1 {
			var perSecond, used [len(servers)]float64
			for _, i := range rand.Perm(len(servers)) {
				before := processorTime()
				n, err := g.run(order{servers[i].address, row.wire, clients, turn})
				if err != nil {
					return err
				}
				perSecond[i], used[i] = n, float64(processorTime()-before)/n
			}
			if round == 0 {
				continue // connections and buffers have been warmed up
			}
			without, byHand, with = append(without, perSecond[0]), append(byHand, perSecond[1]), append(with, perSecond[2])
			tailored, tailoredToByHand = append(tailored, perSecond[3]), append(tailoredToByHand, perSecond[3]/perSecond[1])
			processor = append(processor, used[2]/used[1])
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
		leastLow, leastHigh := medianInterval(tailoredToByHand)
		least := fmt.Sprintf("%.3f to %.3f", leastLow, leastHigh)
		f := r.finding("Requests per second of a server on loopback, with / the same headers by hand, "+row.name,
			"not to be told from 1, within ± 0.01", interval, low <= 1 && high >= 1 && high-low <= 0.02)
		f.why = fmt.Sprintf("the interval is that of the median of paired rounds. Between two system calls, code and data come from further away "+
			"than in a loop: the server's processor time for a request, system calls included, is %.3f of that for the same headers by hand. A "+
			"tailored handler comes to %s.", median(processor), least)
		t.row(row.name, fmt.Sprintf("%.0f", median(without)), fmt.Sprintf("%.0f", median(byHand)), fmt.Sprintf("%.0f", median(tailored)),
			fmt.Sprintf("%.0f", median(with)), fmt.Sprintf("%.3f", median(toWithout)), fmt.Sprintf("%.3f", median(toByHand)), interval, goal, least,
			fmt.Sprintf("%.3f", median(processor)))
	}
	return nil
}

// onLoopback is a server on the loopback interface.
type onLoopback struct {
	server  *fasthttp.Server
	address string
	served  chan error
}

func startOnLoopback(handler fasthttp.RequestHandler) (*onLoopback, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &onLoopback{&fasthttp.Server{Handler: handler}, listener.Addr().String(), make(chan error, 1)}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func (s *onLoopback) stop() error {
	if err := s.server.Shutdown(); err != nil {
		return err
	}
	return <-s.served
}

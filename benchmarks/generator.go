package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// The load generator is a process of its own, so that neither its scheduling nor its garbage is the server's. It is
// this program, which is told by its environment, and gets an order for each turn.

const generatorEnvironment = "BYTECORS_GENERATOR"

// An order is one turn of a server.
type order struct {
	Address string
	Request wire
	Clients int
	Turn    time.Duration
}

type outcome struct {
	PerSecond float64
	Error     string
}

// generator is the process, seen from the one with the servers.
type generator struct {
	command *exec.Cmd
	input   io.Closer
	orders  *json.Encoder
	answers *json.Decoder
}

func startGenerator() (*generator, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	g := &generator{command: exec.Command(program)}
	g.command.Env = append(os.Environ(), generatorEnvironment+"=1")
	g.command.Stderr = os.Stderr
	input, err := g.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := g.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	g.input, g.orders, g.answers = input, json.NewEncoder(input), json.NewDecoder(output)
	return g, g.command.Start()
}

// run returns the requests per second of a turn.
func (g *generator) run(o order) (float64, error) {
	if err := g.orders.Encode(o); err != nil {
		return 0, err
	}
	var answered outcome
	if err := g.answers.Decode(&answered); err != nil {
		return 0, err
	}
	if answered.Error != "" {
		return 0, errors.New(answered.Error)
	}
	return answered.PerSecond, nil
}

// stop ends the process: it has no orders any more.
func (g *generator) stop() error {
	g.input.Close()
	return g.command.Wait()
}

// generate is what the process does.
func generate(orders io.Reader, answers io.Writer) error {
	clients := map[string][]*client{} // by address
	in, out := json.NewDecoder(orders), json.NewEncoder(answers)
	for {
		var o order
		if err := in.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for len(clients[o.Address]) < o.Clients {
			c, err := dial(o.Address, o.Request)
			if err != nil {
				return err
			}
			clients[o.Address] = append(clients[o.Address], c)
		}
		var answered outcome
		n, err := askAll(clients[o.Address], o)
		if answered.PerSecond = n; err != nil {
			answered.Error = err.Error()
		}
		if err := out.Encode(answered); err != nil {
			return err
		}
	}
}

// client is one connection.
type client struct {
	conn     net.Conn
	response []byte // of the length that all responses have
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

// askAll asks from all clients for as long as a turn lasts, and returns the requests per second.
func askAll(clients []*client, o order) (float64, error) {
	var answered atomic.Int64
	var asking sync.WaitGroup
	errs := make([]error, len(clients))
	start := time.Now()
	for i, c := range clients {
		asking.Go(func() {
			n := 0
			for ; time.Since(start) < o.Turn; n++ {
				if _, errs[i] = c.conn.Write(o.Request); errs[i] != nil {
					return
				}
				if _, errs[i] = io.ReadFull(c.conn, c.response); errs[i] != nil {
					return
				}
			}
			answered.Add(int64(n))
		})
	}
	asking.Wait()
	return float64(answered.Load()) / time.Since(start).Seconds(), errors.Join(errs...)
}

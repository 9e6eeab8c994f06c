package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// rpc is commands and events as JSON over a WebSocket, which is what the DevTools protocol and BiDi have in common.
type rpc struct {
	conn    net.Conn
	onEvent func(session, method string, params json.RawMessage) // runs on the goroutine that reads

	mu      sync.Mutex
	lastID  int
	waiting map[int]chan message // by the command's id
	err     error                // why the connection ended
}

type message struct {
	ID        *int            `json:"id"`
	SessionID string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Error     json.RawMessage `json:"error"`
	Message   string          `json:"message"`
}

func dialRPC(url string, onEvent func(session, method string, params json.RawMessage)) (*rpc, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	conn, early, _, err := ws.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	var r io.Reader = conn
	if early != nil {
		r = io.MultiReader(early, conn)
	}
	c := &rpc{conn: conn, onEvent: onEvent, waiting: make(map[int]chan message)}
	go c.read(bufio.NewReader(r))
	return c, nil
}

func (c *rpc) read(r io.Reader) {
	rw := struct {
		io.Reader
		io.Writer
	}{r, lockedWriter{c}}
	for {
		data, _, err := wsutil.ReadServerData(rw)
		if err != nil {
			c.end(err)
			return
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			c.end(fmt.Errorf("%.200q: %w", data, err))
			return
		}
		if m.ID == nil {
			c.onEvent(m.SessionID, m.Method, m.Params)
			continue
		}
		c.mu.Lock()
		waiting := c.waiting[*m.ID]
		delete(c.waiting, *m.ID)
		c.mu.Unlock()
		if waiting != nil {
			waiting <- m
		}
	}
}

func (c *rpc) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	for _, waiting := range c.waiting {
		close(waiting)
	}
	c.waiting = nil
	_ = c.conn.Close()
}

// lockedWriter is for the answers to pings, which the reading goroutine sends between the commands of others.
type lockedWriter struct{ c *rpc }

func (w lockedWriter) Write(b []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.conn.Write(b)
}

// command sends a command and decodes its result, which may be nil. The session may be "".
func (c *rpc) command(session, method string, params, result any, limit time.Duration) error {
	waiting, err := c.send(session, method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case m, ok := <-waiting:
		switch {
		case !ok:
			return fmt.Errorf("%s: the connection ended: %w", method, c.err)
		case len(m.Error) > 0:
			return fmt.Errorf("%s: %s %s", method, m.Error, m.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-timer.C:
		return fmt.Errorf("%s: no answer within %v", method, limit)
	}
}

func (c *rpc) send(session, method string, params any) (chan message, error) {
	if params == nil {
		params = struct{}{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	c.lastID++
	data, err := json.Marshal(struct {
		ID        int    `json:"id"`
		SessionID string `json:"sessionId,omitempty"`
		Method    string `json:"method"`
		Params    any    `json:"params"`
	}{c.lastID, session, method, params})
	if err != nil {
		return nil, err
	}
	waiting := make(chan message, 1)
	c.waiting[c.lastID] = waiting
	return waiting, wsutil.WriteClientText(c.conn, data)
}

// A function and its argument become text, and its result text again, so that each protocol carries one string.
const asText = "async (text) => JSON.stringify(await (%s)(JSON.parse(text)) ?? null)"

func functionOfText(function string) string { return fmt.Sprintf(asText, function) }

func toText(argument any) (string, error) {
	b, err := json.Marshal(argument)
	return string(b), err
}

func fromText(text string, result any) error {
	if result == nil {
		return nil
	}
	return json.Unmarshal([]byte(text), result)
}

// scriptError is what the page's script threw.
func scriptError(what string) error { return errors.New("script threw " + what) }

package main

import (
	"net"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// hopByHop names the headers that are about one connection, and not about the message
// (RFC 9110 section 7.6.1).
var hopByHop = []string{
	fasthttp.HeaderConnection, fasthttp.HeaderKeepAlive, fasthttp.HeaderProxyConnection, fasthttp.HeaderProxyAuthenticate,
	fasthttp.HeaderProxyAuthorization, fasthttp.HeaderTE, fasthttp.HeaderTrailer, fasthttp.HeaderTransferEncoding,
	fasthttp.HeaderUpgrade,
}

// removeHopByHop removes them, and those that Connection names besides.
func removeHopByHop(h interface {
	PeekAll(name string) [][]byte
	Del(name string)
	ResetConnectionClose()
}) {
	h.ResetConnectionClose()
	for _, line := range h.PeekAll(fasthttp.HeaderConnection) {
		for name := range strings.SplitSeq(string(line), ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
}

// dial connects to the upstream. Each read waits for p.silence at most: fasthttp's own deadlines are for a whole
// response, and would end an event stream.
func (p *proxy) dial(address string) (net.Conn, error) {
	conn, err := fasthttp.DialTimeout(address, p.silence)
	if err != nil {
		return nil, err
	}
	return patientConn{conn, p.silence}, nil
}

type patientConn struct {
	net.Conn
	silence time.Duration
}

func (c patientConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

package cors

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Closing a connection while the client is still sending resets it, and the client then loses the response that it
// has not read yet. Browsers read only when they have sent their whole body: the page would get a network error in
// place of a 413. So the response is sent, its end made known, and what is left of the request read and dropped,
// as RFC 9112 section 9.6 has it.
//
// fasthttp has nowhere to do that but in the body of the response. That is as well: responses to requests that were
// pipelined in front of this one are sent first, and the connection belongs to fasthttp before and after.

const (
	lingerBytes   = 32 << 20
	lingerTime    = 10 * time.Second
	lingerSilence = 2 * time.Second

	// The largest file, such as an error page, that is read into memory to linger behind it.
	lingerMaxFile = 64 << 10
)

// linger limits what is read of a request after its response.
type linger struct {
	bytes int64
	time  time.Duration
}

// An ErrorOption is for WrapErrorHandler and SelectErrorHandler.
type ErrorOption func(*linger)

// Linger limits how much of what the server did not read of a request is read and dropped once the response is
// sent: so many bytes, for so long, the time to send the response included. At 0 of either, the server closes the
// connection at once. Without this option, it is 32 MiB and 10 seconds. A client that sends nothing for 2 seconds is
// not waited for any longer, nor is one that closes the connection. Each such connection counts as open meanwhile:
// fasthttp's Shutdown waits for it.
//
// A client that sends more than that loses the response: Firefox and WebKitGTK report a network error then. Chromium
// reads what has arrived all the same.
func Linger(bytes int64, d time.Duration) ErrorOption {
	return func(l *linger) { *l = linger{bytes, d} }
}

func newLinger(options []ErrorOption) linger {
	l := linger{lingerBytes, lingerTime}
	for _, set := range options {
		set(&l)
	}
	return l
}

// after has the connection closed lingeringly, after the response that is there now. A response that has no body,
// or is streamed, is left as it is.
func (l linger) after(ctx *fasthttp.RequestCtx) {
	r := &ctx.Response
	switch status := r.StatusCode(); {
	case l.bytes <= 0 || l.time <= 0:
		return
	case r.SkipBody || status < 200 || status == fasthttp.StatusNoContent || status == fasthttp.StatusNotModified:
		return
	case r.IsBodyStream() && uint(r.Header.ContentLength()) > lingerMaxFile: // also where it is not known
		return
	}
	b := lingeringBodies.Get().(*lingeringBody)
	// A copy, since SetBodyStream takes the old body away.
	b.body = append(b.body[:0], r.Body()...)
	b.limits, b.response, b.conn = l, r, ctx.Conn()
	r.SetBodyStream(b, len(b.body))
}

// lingeringBody is the body of a response, at whose end the connection is half-closed and drained.
type lingeringBody struct {
	limits   linger
	response *fasthttp.Response
	conn     net.Conn
	body     []byte
	read     int
}

var lingeringBodies = sync.Pool{New: func() any { return new(lingeringBody) }}

// Read makes an io.Reader of it, which WriteTo is used in place of.
func (b *lingeringBody) Read(p []byte) (int, error) {
	n := copy(p, b.body[b.read:])
	b.read += n
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close is called once, when nothing refers to the stream any longer.
func (b *lingeringBody) Close() error {
	body := b.body[:0]
	if cap(body) > lingerMaxFile {
		body = nil
	}
	*b = lingeringBody{body: body}
	lingeringBodies.Put(b)
	return nil
}

// WriteTo writes the body to w, and lingers if w is the server's writer.
func (b *lingeringBody) WriteTo(w io.Writer) (int64, error) {
	// Others that look at the body have no buffer to flush, or look at it before fasthttp marks the response as
	// the connection's last.
	flusher, ok := w.(interface{ Flush() error })
	if !ok || b.conn == nil || !b.response.ConnectionClose() {
		n, err := w.Write(b.body[b.read:])
		return int64(n), err
	}
	end := time.Now().Add(b.limits.time)
	if err := b.conn.SetDeadline(end); err != nil {
		return 0, err
	}
	n, err := w.Write(b.body[b.read:])
	if err == nil {
		err = flusher.Flush()
	}
	if err == nil {
		b.limits.drain(b.conn, end)
	}
	return int64(n), err
}

// drain reads from conn until the client has closed it, is silent, or a limit is reached.
func (l linger) drain(conn net.Conn, end time.Time) {
	// Clients for which Content-Length does not end the response see its end.
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // what is broken is silent, too
	}
	_, _ = io.CopyN(io.Discard, impatient{conn, end}, l.bytes)
}

// impatient waits for what a client sends, but not for one that is silent.
type impatient struct {
	conn net.Conn
	end  time.Time
}

func (r impatient) Read(p []byte) (int, error) {
	until := time.Now().Add(lingerSilence)
	if until.After(r.end) {
		until = r.end
	}
	if err := r.conn.SetReadDeadline(until); err != nil {
		return 0, err
	}
	return r.conn.Read(p)
}

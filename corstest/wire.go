package corstest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// Chromium reads no more of a head than this.
const defaultHeadLimit = 256 << 10

const defaultBodyLimit = 64 << 20

// limits is how much of a response is read, in bytes.
type limits struct {
	head, body int
	headCounts bool // whether a response counts whose body does not come whole
}

func (b *Browser) limits() limits {
	l := limits{head: defaultHeadLimit, body: defaultBodyLimit}
	if b.HeadLimit > 0 {
		l.head = b.HeadLimit
	}
	if b.BodyLimit > 0 {
		l.body, l.headCounts = b.BodyLimit, true
	}
	return l
}

func (l limits) headTooLarge() error {
	return fmt.Errorf("the response's head is larger than %d bytes", l.head)
}

func (l limits) bodyTooLarge() error {
	return fmt.Errorf("the response's body is larger than %d bytes", l.body)
}

var (
	errCutShort = errors.New("the server closed the connection before the response was complete")
	errNotHTTP  = errors.New("this is no HTTP response")
	errTLS      = fmt.Errorf("%w, but TLS", errNotHTTP)
	errHTTP2    = fmt.Errorf("%w of version 1, but HTTP/2", errNotHTTP)
)

// Exchange is one request and its response as they went over the wire.
type Exchange struct {
	Method        string
	URL           string // without a fragment
	RequestHeader Header
	RequestBody   []byte

	Status         int    // 0 where no response came
	StatusText     string // as in "No Content"; may be empty
	ResponseHeader Header // every line, as the server wrote it
	ResponseBody   []byte

	Proto      string   // "HTTP/2", or empty for HTTP/1.1
	RemoteAddr net.Addr // the server's address, or nil where it is not known

	Err     error // why no whole response came, or nil
	BodyErr error // why ResponseBody is not the whole body, or nil; it is Err too but with [Browser.BodyLimit]

	reused bool // whether there was a connection before that browsers may have used again
}

// appendRequest appends the request's bytes to dst.
func (x *Exchange) appendRequest(dst []byte, target string) []byte {
	dst = fmt.Appendf(dst, "%s %s HTTP/1.1\r\n", x.Method, target)
	for _, line := range x.RequestHeader {
		dst = fmt.Appendf(dst, "%s: %s\r\n", line[0], line[1])
	}
	dst = append(dst, "\r\n"...)
	return append(dst, x.RequestBody...)
}

// readResponse reads the final response. Names keep their case and lines their order, which net/http would change.
func (x *Exchange) readResponse(conn io.Reader, limits limits) error {
	limited := &io.LimitedReader{R: conn, N: int64(limits.head)}
	br := bufio.NewReader(limited)
	if err := checkHTTP1(br); err != nil {
		return err
	}
	for {
		if err := x.readHead(br); err != nil {
			if limited.N == 0 {
				return limits.headTooLarge()
			}
			return err
		}
		if x.Status >= 200 || x.Status == 101 {
			break
		}
		// An interim response (100, 103) announces another.
	}
	if deadline, ok := conn.(net.Conn); ok && limits.headCounts {
		_ = deadline.SetReadDeadline(time.Now().Add(bodyPatience))
	}
	limited.N = int64(limits.body) + int64(br.Size()) // the framing of chunks counts for little
	body, err := x.readBody(br, limits)
	x.ResponseBody = body
	x.BodyErr = err
	if limits.headCounts {
		err = nil
	}
	return err
}

// checkHTTP1 looks for what a server sends that takes the connection for another kind.
func checkHTTP1(br *bufio.Reader) error {
	if _, err := br.Peek(1); err != nil {
		return nil // which readHead finds, too
	}
	start, _ := br.Peek(min(br.Buffered(), 9))
	switch {
	case len(start) > 1 && start[0] == 0x15 && start[1] == 3:
		// An alert: https://www.rfc-editor.org/rfc/rfc8446#section-5.1.
		return errTLS
	case start[0] == 0:
		// The length of a first frame, which is SETTINGS: RFC 9113 section 3.4.
		if start, _ = br.Peek(9); len(start) == 9 && start[3] == 4 {
			return errHTTP2
		}
	}
	return nil
}

func (x *Exchange) readHead(br *bufio.Reader) error {
	status, err := readLine(br)
	if err != nil {
		return err
	}
	version, rest, _ := strings.Cut(status, " ")
	code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	x.Status, err = strconv.Atoi(code)
	if err != nil || len(code) != 3 || x.Status < 100 || !strings.HasPrefix(version, "HTTP/1.") {
		x.Status = 0
		return fmt.Errorf("%w: it begins with %.80q", errNotHTTP, status)
	}
	x.StatusText, x.ResponseHeader = text, nil
	var folded []string // the parts of the last line, which are put together once
	unfold := func() {
		if len(folded) > 1 {
			x.ResponseHeader[len(x.ResponseHeader)-1][1] = strings.Trim(strings.Join(folded, " "), " ")
		}
		folded = folded[:0]
	}
	for {
		line, err := readLine(br)
		if err != nil {
			unfold()
			return err
		}
		switch name, value, found := strings.Cut(line, ":"); {
		case line == "":
			unfold()
			return nil
		case (line[0] == ' ' || line[0] == '\t') && len(folded) > 0:
			// A folded line goes on with the one before it (RFC 9112 section 5.2).
			folded = append(folded, strings.Trim(line, "\t "))
		case found:
			unfold()
			value = strings.Trim(value, "\t ")
			x.ResponseHeader = append(x.ResponseHeader, [2]string{name, value})
			folded = append(folded, value)
		}
	}
}

func readLine(br *bufio.Reader) (string, error) {
	line, err := br.ReadString('\n')
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errCutShort
		}
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// readBody reads the body, whose length RFC 9112 section 6.3 settles.
func (x *Exchange) readBody(br *bufio.Reader, limits limits) ([]byte, error) {
	var r io.Reader = br
	length := int64(-1)
	header := Standard.received(x.ResponseHeader)
	switch {
	case x.Method == "HEAD" || x.Status == 101 || x.Status == 204 || x.Status == 304:
		return nil, nil
	case strings.HasSuffix(asciiLower(header.Get("Transfer-Encoding")), "chunked"):
		r = httputil.NewChunkedReader(br)
	case header.Has("Content-Length"):
		value := header.Values("Content-Length")[0]
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return nil, fmt.Errorf("Content-Length %.80q is no number", value)
		}
		length = int64(n)
		r = io.LimitReader(br, length)
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(limits.body)+1))
	switch {
	case len(body) > limits.body:
		return body[:limits.body], limits.bodyTooLarge()
	case err == nil && int64(len(body)) < length:
		err = fmt.Errorf("the body ended after %d of %d bytes", len(body), length)
	}
	return body, err
}

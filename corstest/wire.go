package corstest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"
)

const (
	maxHeaderBytes = 1 << 20
	maxBodyBytes   = 64 << 20
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

	Err error // why no whole response came, or nil
}

// appendRequest appends the request's bytes to dst.
func (x *Exchange) appendRequest(dst []byte, u *webURL) []byte {
	dst = fmt.Appendf(dst, "%s %s HTTP/1.1\r\n", x.Method, u.target())
	for _, line := range x.RequestHeader {
		dst = fmt.Appendf(dst, "%s: %s\r\n", line[0], line[1])
	}
	dst = append(dst, "\r\n"...)
	return append(dst, x.RequestBody...)
}

// readResponse reads the final response. Names keep their case and lines their order, which net/http would change.
func (x *Exchange) readResponse(r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: maxHeaderBytes}
	br := bufio.NewReader(limited)
	for {
		if err := x.readHead(br); err != nil {
			return err
		}
		if x.Status >= 200 || x.Status == 101 {
			break
		}
		// An interim response (100, 103) announces another.
	}
	limited.N = maxBodyBytes
	body, err := x.readBody(br)
	x.ResponseBody = body
	if err == nil && limited.N == 0 {
		err = fmt.Errorf("the response is larger than %d bytes", maxBodyBytes)
	}
	return err
}

func (x *Exchange) readHead(br *bufio.Reader) error {
	status, err := readLine(br)
	if err != nil {
		return err
	}
	version, rest, _ := strings.Cut(status, " ")
	code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	x.Status, err = strconv.Atoi(code)
	if err != nil || len(code) != 3 || !strings.HasPrefix(version, "HTTP/1.") {
		x.Status = 0
		return fmt.Errorf("this is no HTTP/1.1 response: %.80q", status)
	}
	x.StatusText, x.ResponseHeader = text, nil
	for {
		line, err := readLine(br)
		if err != nil {
			return err
		}
		last := len(x.ResponseHeader) - 1
		switch name, value, found := strings.Cut(line, ":"); {
		case line == "":
			return nil
		case (line[0] == ' ' || line[0] == '\t') && last >= 0:
			// A folded line goes on with the one before it (RFC 9112 section 5.2).
			x.ResponseHeader[last][1] = strings.Trim(x.ResponseHeader[last][1]+" "+strings.Trim(line, "\t "), " ")
		case found:
			x.ResponseHeader = append(x.ResponseHeader, [2]string{strings.TrimRight(name, "\t "), strings.Trim(value, "\t ")})
		}
	}
}

func readLine(br *bufio.Reader) (string, error) {
	line, err := br.ReadString('\n')
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the server closed the connection before the response was complete")
		}
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// readBody reads the body, whose length RFC 9112 section 6.3 settles.
func (x *Exchange) readBody(br *bufio.Reader) ([]byte, error) {
	switch {
	case x.Method == "HEAD" || x.Status == 101 || x.Status == 204 || x.Status == 304:
		return nil, nil
	case strings.HasSuffix(asciiLower(x.ResponseHeader.Get("Transfer-Encoding")), "chunked"):
		return io.ReadAll(httputil.NewChunkedReader(br))
	case x.ResponseHeader.Has("Content-Length"):
		length := x.ResponseHeader.Values("Content-Length")[0]
		n, err := strconv.ParseUint(length, 10, 63)
		if err != nil {
			return nil, fmt.Errorf("Content-Length %q is no number", length)
		}
		body, err := io.ReadAll(io.LimitReader(br, int64(n)))
		if err == nil && uint64(len(body)) < n {
			err = fmt.Errorf("the body ended after %d of %d bytes", len(body), n)
		}
		return body, err
	}
	return io.ReadAll(br)
}

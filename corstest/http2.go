package corstest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// stream is the one stream that an exchange over HTTP/2 uses of its connection, which is not kept. net/http's client
// would do the same, but forgets in which order header lines came.
type stream struct {
	x      *Exchange
	conn   net.Conn
	framer *http2.Framer
	limits limits

	unsent                     []byte // of the request's body
	connWindow, streamWindow   int64  // how much of it the server takes
	initialWindow, maxFrameLen int64
}

const streamID = 1

// overHTTP2 sends the request and reads the response: RFC 9113.
func (x *Exchange) overHTTP2(conn net.Conn, u *webURL, limits limits) error {
	x.Proto = "HTTP/2"
	const window = 65535
	s := &stream{
		x: x, conn: conn, framer: http2.NewFramer(conn, conn), limits: limits,
		unsent: x.RequestBody, connWindow: window, streamWindow: window, initialWindow: window, maxFrameLen: 16384,
	}
	s.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	s.framer.MaxHeaderListSize = uint32(limits.head)
	err := s.send(u)
	for done := false; err == nil && !done; {
		done, err = s.receive()
	}
	return err
}

// send writes the request's head, and of its body as much as may be sent before the server has said anything.
func (s *stream) send(u *webURL) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	fields := Header{{":method", s.x.Method}, {":scheme", u.scheme}, {":authority", u.hostPort()}, {":path", u.target()}}
	for _, line := range s.x.RequestHeader.without("Host", "Connection") {
		fields = append(fields, [2]string{asciiLower(line[0]), line[1]})
	}
	for _, field := range fields {
		_ = encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}) // a Buffer takes everything
	}
	if _, err := io.WriteString(s.conn, http2.ClientPreface); err != nil {
		return err
	}
	if err := s.framer.WriteSettings(http2.Setting{ID: http2.SettingEnablePush},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: uint32(s.limits.head)}); err != nil {
		return err
	}
	first := block.Next(int(s.maxFrameLen))
	err := s.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: streamID, BlockFragment: first, EndStream: len(s.unsent) == 0, EndHeaders: block.Len() == 0,
	})
	for err == nil && block.Len() > 0 {
		next := block.Next(int(s.maxFrameLen))
		err = s.framer.WriteContinuation(streamID, block.Len() == 0, next)
	}
	if err != nil {
		return err
	}
	return s.sendBody()
}

// sendBody writes what the server's windows have room for.
func (s *stream) sendBody() error {
	for len(s.unsent) > 0 {
		n := min(int64(len(s.unsent)), s.maxFrameLen, s.connWindow, s.streamWindow)
		if n <= 0 {
			return nil
		}
		chunk := s.unsent[:n]
		s.unsent = s.unsent[n:]
		s.connWindow -= n
		s.streamWindow -= n
		if err := s.framer.WriteData(streamID, len(s.unsent) == 0, chunk); err != nil {
			return err
		}
	}
	return nil
}

// receive reads a frame. done tells that the response has ended.
func (s *stream) receive() (done bool, err error) {
	frame, err := s.framer.ReadFrame()
	if err != nil {
		return s.ended(err)
	}
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		return false, s.settings(frame)
	case *http2.PingFrame:
		if !frame.IsAck() {
			return false, s.framer.WritePing(true, frame.Data)
		}
	case *http2.WindowUpdateFrame:
		if frame.StreamID == 0 {
			s.connWindow += int64(frame.Increment)
		} else {
			s.streamWindow += int64(frame.Increment)
		}
		return false, s.sendBody()
	case *http2.MetaHeadersFrame:
		return s.head(frame)
	case *http2.DataFrame:
		return s.data(frame)
	case *http2.RSTStreamFrame:
		if frame.ErrCode == http2.ErrCodeNo && s.x.Status != 0 {
			return true, nil
		}
		return s.ended(fmt.Errorf("the server reset the HTTP/2 stream: %v", frame.ErrCode))
	case *http2.GoAwayFrame:
		if frame.LastStreamID < streamID {
			return s.ended(fmt.Errorf("the server closed the HTTP/2 connection: %v", frame.ErrCode))
		}
	}
	return false, nil
}

// ended deals with a response that stops short. Where the head has come, and it alone counts, that is the body's matter.
func (s *stream) ended(err error) (done bool, _ error) {
	if errors.Is(err, io.EOF) {
		err = errCutShort
	}
	if s.x.Status != 0 && s.limits.headCounts {
		s.x.BodyErr = err
		return true, nil
	}
	return true, err
}

func (s *stream) settings(frame *http2.SettingsFrame) error {
	if frame.IsAck() {
		return nil
	}
	if v, ok := frame.Value(http2.SettingInitialWindowSize); ok {
		s.streamWindow += int64(v) - s.initialWindow
		s.initialWindow = int64(v)
	}
	if err := s.framer.WriteSettingsAck(); err != nil {
		return err
	}
	return s.sendBody()
}

func (s *stream) head(frame *http2.MetaHeadersFrame) (done bool, err error) {
	if frame.StreamID != streamID {
		return false, nil
	}
	if frame.Truncated {
		return true, s.limits.headTooLarge()
	}
	if s.x.Status == 0 {
		status, err := strconv.Atoi(frame.PseudoValue("status"))
		if err != nil || status < 100 || status > 999 {
			return true, fmt.Errorf("%w: its status is %q", errNotHTTP, frame.PseudoValue("status"))
		}
		if status < 200 {
			return false, nil // an interim response announces another
		}
		s.x.Status = status
		for _, field := range frame.RegularFields() {
			s.x.ResponseHeader = append(s.x.ResponseHeader, [2]string{field.Name, strings.Trim(field.Value, "\t ")})
		}
		if s.limits.headCounts {
			_ = s.conn.SetReadDeadline(time.Now().Add(bodyPatience))
		}
	}
	return frame.StreamEnded(), nil
}

func (s *stream) data(frame *http2.DataFrame) (done bool, err error) {
	if frame.StreamID != streamID {
		return false, nil
	}
	room := s.limits.body - len(s.x.ResponseBody)
	s.x.ResponseBody = append(s.x.ResponseBody, frame.Data()[:min(room, len(frame.Data()))]...)
	if len(frame.Data()) > room {
		return s.ended(s.limits.bodyTooLarge())
	}
	if frame.StreamEnded() {
		return true, nil
	}
	if n := frame.Length; n > 0 { // padding counts
		if err := s.framer.WriteWindowUpdate(0, n); err != nil {
			return true, err
		}
		return false, s.framer.WriteWindowUpdate(streamID, n)
	}
	return false, nil
}

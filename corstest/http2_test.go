package corstest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Server serves handler by TLS and HTTP/2 and returns its URL and a live page that trusts it.
func http2Server(t *testing.T, handler http.HandlerFunc) (*Browser, string) {
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = discardLog
	server.StartTLS()
	t.Cleanup(server.Close)
	b := NewLiveBrowser(page)
	b.TLSConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	return b, server.URL
}

func TestHTTP2(t *testing.T) {
	b, url := http2Server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header()["Access-Control-Allow-Methods"] = []string{"PUT", "DELETE"}
		w.Header().Set("Access-Control-Allow-Headers", "x-a")
		w.Header().Set("X-Seen", r.Proto+" "+r.Method+" "+r.Host+" "+r.Header.Get("X-A"))
		w.Header().Set("Access-Control-Expose-Headers", "x-seen")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = w.Write(body)
	})
	// More than the windows that a connection begins with, both ways.
	body := strings.Repeat("x", 300_000)
	r := Readable(t, b, Request{URL: url, Method: "PUT", Header: Header{{"X-A", "1"}}, Body: body})
	assert.Equal(t, body, string(r.Body))
	assert.Equal(t, "HTTP/2.0 PUT "+strings.TrimPrefix(url, "https://")+" 1", r.Header.Get("X-Seen"))
	assert.Equal(t, "HTTP/2", r.Actual().Proto)
	assert.Equal(t, []string{"PUT", "DELETE"}, r.Preflight().ResponseHeader.Values("access-control-allow-methods"))
	assert.Contains(t, r.Actual().ResponseHeader, [2]string{"x-seen", r.Header.Get("X-Seen")}, "as it came: in lower case")
	assert.NotNil(t, r.Actual().RemoteAddr)

	r = Readable(t, b, Request{URL: url, Method: "POST"})
	assert.Empty(t, r.Body)
	r = Readable(t, b, Request{URL: url, Header: Header{{"Accept", strings.Repeat("a", 128)}}})
	assert.Equal(t, 200, r.Status)
	b.BodyLimit = 1000
	r = Readable(t, b, Request{URL: url, Method: "POST", Body: body})
	assert.Len(t, r.Body, 1000)
	assert.ErrorContains(t, r.Actual().BodyErr, "larger than 1000 bytes")
}

// frames writes what a scripted HTTP/2 server says after the client's preface and first frames.
func scriptedHTTP2(t *testing.T, script func(f *http2.Framer)) error {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		if _, err := io.ReadFull(server, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		framer := http2.NewFramer(server, server)
		for range 2 { // SETTINGS, HEADERS
			if _, err := framer.ReadFrame(); err != nil {
				return
			}
		}
		go func() { _, _ = io.Copy(io.Discard, server) }()
		script(framer)
	}()
	u, err := parseURL("https://b.example/", nil)
	require.NoError(t, err)
	x := &Exchange{Method: "GET"}
	return x.overHTTP2(client, u, limits{head: 64 << 10, body: 64 << 10})
}

func head(fields ...string) []byte {
	var block strings.Builder
	encoder := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		_ = encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return []byte(block.String())
}

func TestHTTP2Endings(t *testing.T) {
	write := func(f *http2.Framer, end bool, fields ...string) {
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: head(fields...), EndHeaders: true, EndStream: end})
	}
	for name, tt := range map[string]struct {
		script func(f *http2.Framer)
		fails  string
	}{
		"whole":           {func(f *http2.Framer) { _ = f.WriteSettings(); write(f, true, ":status", "200") }, ""},
		"with a ping":     {func(f *http2.Framer) { _ = f.WritePing(false, [8]byte{1}); write(f, true, ":status", "200") }, ""},
		"trailers":        {func(f *http2.Framer) { write(f, false, ":status", "200"); write(f, true, "x-a", "1") }, ""},
		"graceful":        {func(f *http2.Framer) { _ = f.WriteGoAway(1, 0, nil); write(f, true, ":status", "200") }, ""},
		"early answer":    {func(f *http2.Framer) { write(f, false, ":status", "200"); _ = f.WriteRSTStream(1, 0) }, ""},
		"reset":           {func(f *http2.Framer) { _ = f.WriteRSTStream(1, http2.ErrCodeRefusedStream) }, "reset the HTTP/2 stream: REFUSED_STREAM"},
		"goaway":          {func(f *http2.Framer) { _ = f.WriteGoAway(0, http2.ErrCodeInadequateSecurity, nil) }, "closed the HTTP/2 connection: INADEQUATE_SECURITY"},
		"closed":          {func(*http2.Framer) {}, "closed the connection before"},
		"no status":       {func(f *http2.Framer) { write(f, true, "x-a", "1") }, "no HTTP response"},
		"bad status":      {func(f *http2.Framer) { write(f, true, ":status", "x") }, "no HTTP response"},
		"line feed":       {func(f *http2.Framer) { write(f, true, ":status", "200", "x-a", "a\nb") }, "INTERNAL_ERROR|PROTOCOL_ERROR|invalid"},
		"upper case name": {func(f *http2.Framer) { write(f, true, ":status", "200", "X-A", "1") }, "PROTOCOL_ERROR|invalid"},
		"large body": {func(f *http2.Framer) {
			write(f, false, ":status", "200")
			for range 5 {
				if f.WriteData(1, false, make([]byte, 16384)) != nil {
					return
				}
			}
		}, "body is larger than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := scriptedHTTP2(t, tt.script)
			if tt.fails == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Regexp(t, tt.fails, err.Error())
		})
	}
}

func TestHTTP2HeadHasALimit(t *testing.T) {
	b, url := http2Server(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			w.Header().Add("X-A", strings.Repeat("a", 1000))
		}
	})
	b.HeadLimit = 64 << 10
	r := b.FetchContext(context.Background(), Request{URL: url})
	assert.Equal(t, NetworkFailure, r.Reason.Failure)
	assert.Contains(t, r.Reason.Message, "the response's head is larger than 65536 bytes")
}

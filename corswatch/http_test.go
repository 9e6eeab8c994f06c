package corswatch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// site is a web server that has a document.
type site struct {
	mu      sync.Mutex
	answer  http.HandlerFunc
	whole   atomic.Int64  // responses with a body
	request http.Header   // of the last request
	same    chan struct{} // of each 304, where somebody waits for one
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.request = r.Header.Clone()
	answer := s.answer
	s.mu.Unlock()
	answer(w, r)
}

// has answers as a file server does.
func (s *site) has(tag, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		if tag != "" {
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				tell(s.same)
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		s.whole.Add(1)
		fmt.Fprint(w, data)
	}
}

func (s *site) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func (s *site) serve(t *testing.T) *httpSource {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	source := HTTP(server.URL, server.Client()).(*httpSource)
	source.every = time.Millisecond
	return source
}

func TestADocumentBehindAURLIsFollowed(t *testing.T) {
	for _, tags := range [][]string{{`"1"`, `"2"`, `"3"`}, {`W/"1"`, `W/"2"`, `W/"3"`}, {"", "", ""}} {
		t.Run(tags[0], func(t *testing.T) {
			s := new(site)
			s.has(tags[0], goodDocument)
			w := mustFollow(t, s.serve(t), Options{})
			if tags[0] != "" {
				assert.Equal(t, tags[0], w.Status().Version)
			}
			s.has(tags[1], onePolicyText("https://next.example"))
			w.until("the next", func(Status) bool { return w.allows("https://next.example") })

			s.answers(500)
			status := w.until("an error", func(s Status) bool { return s.Err != nil })
			assert.ErrorContains(t, status.Err, ": 500 Internal Server Error")
			s.answers(304) // to no question
			w.until("another error", func(s Status) bool { return s.Err != nil && strings.Contains(s.Err.Error(), "304") })
			s.answers(404)
			w.until("another error", func(s Status) bool { return s.Err != nil && strings.Contains(s.Err.Error(), "404") })
			assert.True(t, w.allows("https://next.example"))

			s.has(tags[2], onePolicyText("https://last.example"))
			w.until("the last", func(s Status) bool { return w.allows("https://last.example") && s.Err == nil })
		})
	}
}

func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	s := &site{same: make(chan struct{})}
	s.has(`"1"`, goodDocument)
	source := s.serve(t)
	_, err := source.Next(context.Background(), "")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := source.Next(ctx, `"1"`)
		done <- err
	}()
	for range 3 {
		<-s.same
	}
	cancel()
	assert.ErrorIs(t, <-done, context.Canceled)
	assert.Equal(t, int64(1), s.whole.Load())
	assert.Contains(t, s.request.Get("Accept"), "application/yaml")
}

// A document that comes slowly is not in force by its first half, and nobody waits for the second.
func TestASlowSiteHoldsNothingUp(t *testing.T) {
	s := new(site)
	s.has(`"1"`, goodDocument)
	w := mustFollow(t, s.serve(t), Options{})
	half, release := make(chan struct{}, 1), make(chan struct{})
	s.mu.Lock()
	s.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"2"`)
		fmt.Fprint(w, "allowOrigins:\n- https://first-half.example\n")
		w.(http.Flusher).Flush()
		half <- struct{}{}
		<-release
		fmt.Fprint(w, "- https://second-half.example\n")
	}
	s.mu.Unlock()
	<-half
	for range 1000 {
		assert.True(t, w.allows("https://good.example"))
		assert.False(t, w.allows("https://first-half.example"))
	}
	assert.Equal(t, `"1"`, w.Status().Version)
	close(release)
	w.untilVersion(`"2"`)
	assert.True(t, w.allows("https://first-half.example"))
	assert.True(t, w.allows("https://second-half.example"))
}

func TestASiteThatDoesNotAnswerIsGivenUp(t *testing.T) {
	s := new(site)
	gone := make(chan struct{})
	s.answer = func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(gone)
	}
	source := s.serve(t)
	source.client.Timeout = 10 * time.Millisecond
	_, err := source.Next(context.Background(), "")
	assert.ErrorContains(t, err, "Client.Timeout")
	<-gone
	assert.Positive(t, HTTP("", nil).(*httpSource).client.Timeout, "the usual client has a limit")
}

func TestABodyThatEndsTooEarlyIsNoDocument(t *testing.T) {
	raw := func(response string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(conn, response)
			conn.Close()
		}
	}
	for name, test := range map[string]struct{ response, want string }{
		"with a length":    {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nallowOrigins:\n", "unexpected EOF"},
		"in chunks":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nallow\r\n", "unexpected EOF"},
		"without a length": {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nallowOrigins: [https://example.com", "ends in the middle of line 1"},
		"too long":         {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + strings.Repeat("#", MaxDocument+1), "is longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{answer: raw(test.response)}
			_, err := s.serve(t).Next(context.Background(), "")
			assert.ErrorContains(t, err, test.want)
		})
	}
}

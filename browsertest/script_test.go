package browsertest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// script is a server that sends what a test says, byte for byte: also what no middleware of ours would ever send. It
// serves the page that fetches at "/", and under all other paths what is written for the path.
type script struct {
	port string

	mu       sync.Mutex
	answers  map[string]exchange // by path
	received map[string][]received
}

// exchange is what is sent for the two requests that a fetch may make.
type exchange struct{ preflight, actual answer }

// answer is a response.
type answer struct {
	status int    // 204 for a preflight and 200 for others if zero
	header string // lines, apart by "; ", whose "$O" stands for the request's Origin, and "A-C-" for "Access-Control-"
	short  bool   // the body ends before its length, and the connection with it
}

// received is a request that came.
type received struct {
	method, origin string
	preflight      bool
	asked          string // names in Access-Control-Request-Headers
	header         http.Header
}

// sayHTML is a page that fetches in turn what its address says, and says so.
const sayHTML = `<!doctype html><link rel="icon" href="data:,"><script src="/cells.js"></script><script>
(async () => {
  for (const [i, call] of JSON.parse(decodeURIComponent(location.hash.slice(1))).entries()) {
    await fetchCell(call);
    console.log("said " + i);
  }
})();
</script>`

func newScript(t *testing.T) *script {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	s := &script{
		port:    strconv.Itoa(listener.Addr().(*net.TCPAddr).Port),
		answers: make(map[string]exchange), received: make(map[string][]received),
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *script) origin(host string) string { return "http://" + host + ":" + s.port }

// page returns the page that fetches, at a host.
func (s *script) page(host string) page {
	return page{url: s.origin(host) + "/", origin: s.origin(host)}
}

// sandboxed returns the same page with an origin of its own, which is "null" to others.
func (s *script) sandboxed(host string) page {
	return page{url: s.origin(host) + "/sandboxed", origin: "null"}
}

// url returns the URL of a path at the API's host.
func (s *script) url(path string) string { return s.origin("api.example.localhost") + path }

// answer sets what is sent for a path, until further notice.
func (s *script) answer(path string, x exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = x
}

// take returns what has come for a path since the last call.
func (s *script) take(path string) []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.received[path]
	delete(s.received, path)
	return r
}

func preflightsIn(requests []received) (n int) {
	for _, r := range requests {
		if r.preflight {
			n++
		}
	}
	return n
}

func (s *script) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		response, last := s.respond(request)
		if _, err := io.WriteString(conn, response); err != nil || last {
			return
		}
	}
}

func (s *script) respond(r *http.Request) (response string, last bool) {
	got := received{
		method: r.Method, origin: r.Header.Get("Origin"), header: r.Header,
		preflight: r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != "",
		asked:     r.Header.Get("Access-Control-Request-Headers"),
	}
	switch r.URL.Path {
	case "/":
		return respond(answer{status: 200, header: "Content-Type: text/html"}, got, pageHTML), false
	case "/sandboxed":
		return respond(answer{status: 200, header: "Content-Type: text/html; Content-Security-Policy: sandbox allow-scripts"}, got, pageHTML), false
	case "/say":
		return respond(answer{status: 200, header: "Content-Type: text/html"}, got, sayHTML), false
	case "/cells.js":
		return respond(answer{status: 200, header: "Content-Type: text/javascript"}, got, pageScript), false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[r.URL.Path] = append(s.received[r.URL.Path], got)
	a, status, content := s.answers[r.URL.Path].actual, 200, body
	if got.preflight {
		a, status, content = s.answers[r.URL.Path].preflight, 204, ""
	}
	if a.status == 0 {
		a.status = status
	}
	if r.Method == "HEAD" {
		content = ""
	}
	return respond(a, got, content), a.short
}

func respond(a answer, r received, content string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	lines := strings.ReplaceAll(strings.ReplaceAll(a.header, "$O", r.origin), "A-C-", "Access-Control-")
	for line := range strings.SplitSeq(lines, "; ") {
		if line != "" {
			b.WriteString(line + "\r\n")
		}
	}
	if a.short {
		content = "this is not"
	}
	length := len(content)
	if a.short {
		length += len(" the whole")
	}
	if a.status != 204 && a.status != 304 {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", length)
	}
	b.WriteString("\r\n" + content)
	return b.String()
}

// model returns corstest's browser at a page, connected to the script.
func (s *script) model(where page, as corstest.Engine) *corstest.Browser {
	return connected(where.origin, as)
}

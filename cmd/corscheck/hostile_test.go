//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endless sends a beginning, and then a pattern for as long as somebody reads.
func endless(beginning, pattern string) func(net.Conn) {
	chunk := []byte(strings.Repeat(pattern, 64<<10/len(pattern)+1))
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, beginning); err != nil {
			return
		}
		for {
			if _, err := conn.Write(chunk); err != nil {
				return
			}
		}
	}
}

func times(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// hostile starts a server that answers every request with script, after the request's head, and then closes the connection.
func hostile(t *testing.T, script func(net.Conn)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 16<<10))
				script(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
}

// process runs the command as a process of its own, and returns what it writes and how much memory it had at most.
func process(t *testing.T, args ...string) (text string, kilobytes int64) {
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), asCommand+"=1")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	var failed *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	assert.Contains(t, []int{exitAllowed, exitBlocked, exitFailed}, command.ProcessState.ExitCode())
	assert.NotContains(t, out.String(), "goroutine ")
	return out.String(), command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
}

// asCommand makes the test's binary the command.
const asCommand = "CORSCHECK_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Whatever a server sends, the command ends in time, uses little memory and writes no more than a screenful, of which a terminal obeys
// nothing. Time is bounded by -timeout and not measured here; a test that hangs fails.
func TestHostileServers(t *testing.T) {
	const (
		ok   = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
		end  = "Content-Length: 0\r\n\r\n"
		loop = "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /\r\n" + end
	)
	var steps atomic.Int64
	for name, script := range map[string]func(net.Conn){
		"nothing":                 says(""),
		"one byte, then silence":  func(conn net.Conn) { _, _ = conn.Write([]byte("H")); _, _ = conn.Read(make([]byte, 1)) },
		"an endless first line":   endless("HTTP/1.1 200 ", "x"),
		"endless header lines":    endless(ok, "X-A: 1\r\n"),
		"endless folded line":     endless(ok+"X-A: 1\r\n", " x\r\n"),
		"a folded line of 60 KB":  says(ok + "X-A: 1\r\n" + strings.Repeat(" \r\n", 20_000) + end),
		"a header value of 60 KB": says(ok + "X-A: " + strings.Repeat("x", 60<<10) + "\r\n" + end),
		"an origin of 60 KB":      says("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: " + strings.Repeat("x", 60<<10) + "\r\n" + end),
		"4000 origins":            says("HTTP/1.1 200 OK\r\n" + times(1500, "Access-Control-Allow-Origin: %d\r\n") + end),
		"many names":              says(ok + times(6000, "X%d:\r\n") + end),
		"many exposed names":      says(ok + "Access-Control-Expose-Headers: " + times(4000, "x%d,") + "\r\n" + times(4000, "x%d:\r\n") + end),
		"many methods":            says(ok + "Access-Control-Allow-Methods: " + times(9000, "M%d,") + "\r\n" + end),
		"many headers allowed":    says(ok + "Access-Control-Allow-Methods: PUT\r\nAccess-Control-Allow-Headers: " + times(9000, "m%d,") + "\r\n" + end),
		"endless interim":         endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
		"an endless body":         endless(ok+"\r\n", "x"),
		"an endless chunked body": endless(ok+"Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
		"a chunk of 2^62 bytes":   endless(ok+"Transfer-Encoding: chunked\r\n\r\n3fffffffffffffff\r\n", "x"),
		"a length of 2^62 bytes":  endless(ok+"Content-Length: 4611686018427387904\r\n\r\n", "x"),
		"a stream of events": func(conn net.Conn) {
			_, _ = io.WriteString(conn, ok+"Content-Type: text/event-stream\r\n\r\ndata: 1\n\n")
			_, _ = conn.Read(make([]byte, 1))
		},
		"a redirect to itself": says(loop),
		"redirects without end": func(conn net.Conn) {
			_, _ = io.WriteString(conn, strings.Replace(loop, "/\r\n", fmt.Sprintf("/%d\r\n", steps.Add(1)), 1))
		},
		"a long Location":          says(strings.Replace(loop, "/\r\n", "/"+strings.Repeat("x", 50<<10)+"\r\n", 1)),
		"control characters":       says(strings.Replace(ok, "OK", "\x1b[2J\x07", 1) + "X-\x1b]0;A: \x1b[31m\x9b31m\x00\x08\x7f\u202e\u2066\u200b\rX\r\n" + end),
		"control characters in it": says("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: \x1b[31m\u202e\r\n" + end),
		"not HTTP":                 says("\x1b[31m\x00\xff\u202e\r\n"),
		"not HTTP, endless":        endless("", "\xff"),
		"TLS":                      says("\x15\x03\x01\x00\x02\x02\x46"),
		"HTTP/2":                   says("\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
		"a bad status":             says("HTTP/1.1 999999 \x1b\r\n\r\n"),
		"a negative status":        says("HTTP/1.1 -12 x\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := hostile(t, script)
			for _, args := range [][]string{{"-X", "PUT", "-H", "X-Token: 1"}, {}, {"-json"}} {
				text, kilobytes := process(t, append(args, "-origin", page, "-timeout", "2s", url)...)
				assert.Less(t, kilobytes, int64(64<<10))
				if len(args) == 1 {
					continue
				}
				assert.Less(t, len(text), 16<<10)
				assert.Less(t, strings.Count(text, "\n"), 150)
				for _, r := range text {
					if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200b {
						t.Fatalf("%q reaches the terminal in %q", r, text)
					}
				}
			}
		})
	}
}

func TestCircleIsShownOnce(t *testing.T) {
	url := hostile(t, says("HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"))
	_, out, _ := check("-origin", page, url)
	assert.Equal(t, 1, strings.Count(out, "> GET "))
	assert.Contains(t, out, "(then 20 times more the same: the redirects go round in a circle)")
	assert.Contains(t, out, "there were more than 20 redirects")
}

func TestRestIsShownOnDemand(t *testing.T) {
	url := hostile(t, says("HTTP/1.1 200 OK\r\n"+times(100, "X-%d: "+strings.Repeat("y", 300)+"\r\n")+"Access-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n"))
	_, out, _ := check("-origin", page, url)
	assert.Contains(t, out, "< Access-Control-Allow-Origin: *\n", "what decides is shown however late it comes")
	assert.Contains(t, out, "more lines: -verbose shows them)")
	assert.Contains(t, out, "bytes more)")
	assert.NotContains(t, out, "< X-99")
	_, out, _ = check("-origin", page, "-v", url)
	assert.Contains(t, out, "< X-99: "+strings.Repeat("y", 300)+"\n")
}

func TestStreamIsJudgedByItsHead(t *testing.T) {
	url := hostile(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\ndata: 1\n\n")
		_, _ = conn.Read(make([]byte, 1))
	})
	status, out, _ := check("-origin", page, "-timeout", "1m", url)
	assert.Equal(t, exitAllowed, status)
	assert.Contains(t, out, "The body was not read to its end")
}

func TestWhiteSpaceBeforeAColonIsShownAndJudgedByEngine(t *testing.T) {
	url := hostile(t, says("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin : *\r\nContent-Length: 0\r\n\r\n"))
	status, out, _ := check("-origin", page, url)
	assert.Equal(t, exitAllowed, status, out)
	assert.Contains(t, out, "< Access-Control-Allow-Origin : *\n")
	assert.Contains(t, out, "engines do not agree:\n  standard   allowed\n  chromium   allowed\n  firefox    blocked: ")
	assert.Contains(t, out, `firefox leaves out the line "Access-Control-Allow-Origin : *", for the white space before its colon`)
	assert.Contains(t, out, "webkitgtk  blocked: ")

	status, out, _ = check("-origin", page, "-engine", "webkitgtk", url)
	assert.Equal(t, exitBlocked, status)
	assert.Contains(t, out, "Send Access-Control-Allow-Origin without white space before its colon")
}

//go:build unix

package proxytest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// find returns the path of a program. Without it the test is skipped, or fails where it is required.
func find(t *testing.T, program string) string {
	t.Helper()
	for _, name := range []string{program, filepath.Join("/usr/sbin", program), filepath.Join("/usr/local/sbin", program)} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	variable := "BYTECORS_REQUIRE_" + strings.ToUpper(strings.TrimSuffix(program, "d"))
	if os.Getenv(variable) == "1" {
		t.Fatalf("%s is not installed, and %s is 1", program, variable)
	}
	t.Skipf("%s is not installed", program)
	return ""
}

// process is a program that serves on Unix sockets.
type process struct {
	command *exec.Cmd
	output  output
	ended   chan struct{}
}

// output is what a program says, for when it fails.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs a program until it takes connections on all of the sockets.
func start(sockets []string, program string, arguments ...string) (*process, error) {
	p := &process{command: exec.Command(program, arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.SysProcAttr = child()
	p.command.WaitDelay = 10 * time.Second
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	for deadline := time.Now().Add(time.Minute); len(sockets) > 0; {
		conn, err := net.Dial("unix", sockets[0])
		if err == nil {
			_ = conn.Close()
			sockets = sockets[1:]
			continue
		}
		select {
		case <-p.ended:
			return nil, fmt.Errorf("%s: %s\n%s", program, p.command.ProcessState, &p.output)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.stop()
			return nil, fmt.Errorf("%s takes no connections\n%s", program, &p.output)
		}
	}
	return p, nil
}

// stop ends the process and what it has started.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

// configure writes a configuration of testdata into dir, with each word of replace replaced by the next.
func configure(t *testing.T, dir, source string, replace ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", source))
	require.NoError(t, err)
	path := filepath.Join(dir, filepath.Base(source))
	require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(replace...).Replace(string(content))), 0o600))
	return path
}

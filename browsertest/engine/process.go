package engine

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// group is the processes of one browser and the directory that they write to.
//
//	this process --- pipe --- keeper (sh)
//	     |                       | at the end of the pipe: kill, remove
//	     +-- Xvfb, driver, browser, and what these start: one process group
//
// The keeper sees to it that nothing stays behind, however this process ends.
type group struct {
	dir string

	keeper *exec.Cmd
	pipe   io.WriteCloser
	leader *exec.Cmd
	others []*exec.Cmd
}

// The group's number comes as the first line. Nothing is sent after it.
const keeperScript = `read -r group; read -r _; [ -z "$group" ] || kill -s KILL -- "-$group"; rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

func newGroup() (*group, error) {
	dir, err := os.MkdirTemp("", "bytecors-engine-")
	if err != nil {
		return nil, err
	}
	g := &group{dir: dir, keeper: exec.Command("sh", "-c", keeperScript, "sh", dir)}
	g.keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of an interrupt's reach
	if g.pipe, err = g.keeper.StdinPipe(); err == nil {
		err = g.keeper.Start()
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return g, nil
}

// mkdir makes a directory within the group's own.
func (g *group) mkdir(name string) (string, error) {
	dir := filepath.Join(g.dir, name)
	return dir, os.Mkdir(dir, 0o700)
}

// start starts a program in the group. What it prints is returned while it runs. The program finds files as its file
// descriptors from 3 on.
func (g *group) start(environment []string, files []*os.File, path string, args ...string) (*output, error) {
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), environment...)
	command.ExtraFiles = files
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if g.leader != nil {
		command.SysProcAttr.Pgid = g.leader.Process.Pid
	}
	// A pipe of our own: were it the command's, Wait would wait for all who inherited it.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	command.Stdout, command.Stderr = w, w
	if err := command.Start(); err != nil {
		r.Close()
		return nil, err
	}
	if g.leader != nil {
		g.others = append(g.others, command)
	} else {
		g.leader = command
		if _, err := fmt.Fprintln(g.pipe, command.Process.Pid); err != nil {
			return nil, err
		}
	}
	out := &output{changed: newSignal()}
	go out.read(r)
	return out, nil
}

// stop ends the group. Whoever was asked to go already has a moment to do so.
func (g *group) stop() {
	if g.leader != nil {
		gone := make(chan struct{})
		go func() {
			_ = g.leader.Wait()
			close(gone)
		}()
		if len(g.others) == 0 {
			select {
			case <-gone:
			case <-time.After(5 * time.Second):
			}
		}
		_ = syscall.Kill(-g.leader.Process.Pid, syscall.SIGKILL)
		<-gone
		for _, command := range g.others {
			_ = command.Wait()
		}
	}
	_ = g.pipe.Close()
	_ = g.keeper.Wait()
}

// output is what a program has printed.
type output struct {
	mu      sync.Mutex
	text    []byte
	ended   bool
	changed *signal
}

func (o *output) read(r io.ReadCloser) {
	defer r.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := r.Read(buffer)
		o.mu.Lock()
		o.text = append(o.text, buffer[:n]...)
		o.ended = err != nil
		o.mu.Unlock()
		o.changed.raise()
		if err != nil {
			return
		}
	}
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// await waits until the program has printed what matches, and returns the match's first group.
func (o *output) await(pattern *regexp.Regexp) (string, error) {
	var match []string
	err := o.changed.await(commandTimeout, func() bool {
		match = pattern.FindStringSubmatch(o.String())
		o.mu.Lock()
		defer o.mu.Unlock()
		return match != nil || o.ended
	})
	if match == nil {
		return "", fmt.Errorf("the program did not print what matches %s (%v), but\n%s", pattern, err, o)
	}
	return match[1], nil
}

// signal wakes those who wait for a change.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func newSignal() *signal { return &signal{ch: make(chan struct{})} }

func (s *signal) raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ch)
	s.ch = make(chan struct{})
}

// await returns when done does true, which it is asked after each change.
func (s *signal) await(limit time.Duration, done func() bool) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		ch := s.ch
		s.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-ch:
		case <-timer.C:
			return fmt.Errorf("not within %v", limit)
		}
	}
}

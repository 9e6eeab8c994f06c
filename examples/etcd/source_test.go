package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/bytecors/cors/corswatch"
)

// store is a real etcd, which keeps what it has and its port when it is restarted.
type store struct {
	t        *testing.T
	binary   string
	dir      string
	endpoint string
	peer     string
	process  *exec.Cmd
}

func newStore(t *testing.T) *store {
	binary, err := exec.LookPath("etcd")
	if err != nil {
		if os.Getenv("BYTECORS_REQUIRE_ETCD") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no etcd (apt-get install etcd-server)")
	}
	free := func() string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		return listener.Addr().String()
	}
	s := &store{t: t, binary: binary, dir: t.TempDir(), endpoint: free(), peer: free()}
	t.Cleanup(s.stop)
	s.start()
	return s
}

func (s *store) start() {
	s.process = exec.Command(s.binary, "--data-dir", s.dir, "--listen-client-urls", "http://"+s.endpoint, "--advertise-client-urls", "http://"+s.endpoint,
		"--listen-peer-urls", "http://"+s.peer, "--initial-advertise-peer-urls", "http://"+s.peer, "--initial-cluster", "default=http://"+s.peer)
	s.process.Stdout, s.process.Stderr = nil, nil
	require.NoError(s.t, s.process.Start())
}

func (s *store) stop() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait() // tells that it was killed
		s.process = nil
	}
}

func (s *store) client() *clientv3.Client {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{s.endpoint}, DialTimeout: time.Minute})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = client.Close() })
	return client
}

func (s *store) put(client *clientv3.Client, data string) {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	// A client does not repeat what a store that is just coming or going has broken off: it may have been done.
	_, err := client.Put(ctx, "cors", data)
	for err != nil && ctx.Err() == nil {
		_, err = client.Put(ctx, "cors", data)
	}
	require.NoError(s.t, err)
}

func TestAKeyOfEtcdIsFollowed(t *testing.T) {
	s := newStore(t)
	client := s.client()
	const document = "allowOrigins: [\"https://%s.example\"]\n"
	s.put(client, fmt.Sprintf(document, "first"))

	var set corswatch.Set
	told := make(chan corswatch.Status, 100)
	ctx, stop := context.WithCancel(context.Background())
	defer set.Wait()
	defer stop()
	require.NoError(t, corswatch.Follow(ctx, source{s.client(), "cors"}, &set, corswatch.Options{
		Start: time.Minute, Reread: time.Minute, OnChange: func(s corswatch.Status) { told <- s },
	}))
	until := func(what string, reached func(corswatch.Status) bool) corswatch.Status {
		t.Helper()
		deadline := time.After(2 * time.Minute)
		for {
			select {
			case status := <-told:
				if reached(status) {
					return status
				}
			case <-deadline:
				t.Fatalf("never: %s; %+v", what, set.Status())
			}
		}
	}
	allowed := func(name string) func(corswatch.Status) bool {
		return func(s corswatch.Status) bool {
			return s.Err == nil && set.Policy("default").AllowsOrigin([]byte("https://"+name+".example"))
		}
	}
	s.put(client, fmt.Sprintf(document, "second"))
	until("second", allowed("second"))
	s.put(client, "allowOrigin: []\n")
	status := until("a mistake", func(s corswatch.Status) bool { return s.Err != nil })
	assert.ErrorContains(t, status.Err, `did you mean "allowOrigins"?`)
	s.put(client, fmt.Sprintf(document, "third"))
	until("third", allowed("third"))
	_, err := client.Delete(t.Context(), "cors")
	require.NoError(t, err)
	status = until("deleted", func(s corswatch.Status) bool { return s.Err != nil })
	assert.ErrorContains(t, status.Err, "etcd has no key cors")
	s.put(client, fmt.Sprintf(document, "fourth"))
	until("fourth", allowed("fourth"))

	s.stop()
	assert.True(t, allowed("fourth")(corswatch.Status{}))
	s.start()
	since := time.Now()
	s.put(client, fmt.Sprintf(document, "fifth"))
	until("fifth", allowed("fifth"))
	t.Logf("after a restart: %v", time.Since(since).Round(time.Millisecond))
}

func TestASourceTakesLessThanSixtyLines(t *testing.T) {
	content, err := os.ReadFile("source.go")
	require.NoError(t, err)
	assert.Less(t, bytes.Count(content, []byte("\n")), 60)
}

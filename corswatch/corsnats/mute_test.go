package corsnats

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corswatch"
)

// mute stands between a client and a server, and keeps a kind of message from getting through.
type mute struct {
	listener net.Listener
	server   string
	kind     string
	kept     chan struct{} // is sent to when something was kept, if there is room
	reads    atomic.Int64  // questions for an entry, which went through
	ended    atomic.Int64  // subscriptions that the client had given up at the last of them
	ending   atomic.Int64
}

func newMute(c *cluster, kind string) *mute {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(c.t, err)
	m := &mute{listener: listener, server: strings.TrimPrefix(c.url(), "nats://"), kind: kind, kept: make(chan struct{}, 1)}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { m.connect(client) })
		}
	})
	c.t.Cleanup(func() {
		_ = listener.Close()
		connections.Wait()
	})
	return m
}

// connect serves one connection. It ends at both ends when it ends at one.
func (m *mute) connect(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", m.server)
	if err != nil {
		return
	}
	defer server.Close()
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() {
		defer server.Close()
		m.forward(server, client)
	})
	defer client.Close()
	m.forward(client, server)
}

// look tells whether a message goes through.
func (m *mute) look(line string) bool {
	switch {
	case strings.Contains(line, m.kind):
		select {
		case m.kept <- struct{}{}:
		default:
		}
		return false
	case strings.HasPrefix(line, "PUB $JS.API.DIRECT.GET."):
		m.reads.Add(1)
		m.ended.Store(m.ending.Load())
	case strings.HasPrefix(line, "UNSUB "):
		m.ending.Add(1)
	}
	return true
}

// forward copies messages of NATS's protocol, each a line and for some as many bytes as the line says.
func (m *mute) forward(to io.Writer, from io.Reader) {
	reader := bufio.NewReader(from)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		var payload []byte
		if fields := strings.Fields(line); strings.Contains("MSG HMSG PUB HPUB", fields[0]) {
			size, err := strconv.Atoi(fields[len(fields)-1])
			if err != nil {
				return
			}
			payload = make([]byte, size+len("\r\n"))
			if _, err := io.ReadFull(reader, payload); err != nil {
				return
			}
		}
		if !m.look(line) {
			continue
		}
		if _, err := to.Write(append([]byte(line), payload...)); err != nil {
			return
		}
	}
}

// muted is a set that follows the key through a mute.
type muted struct {
	*mute
	t    *testing.T
	set  corswatch.Set
	told chan mutedStatus
}

type mutedStatus struct {
	corswatch.Status
	reads, ended int64 // of the mute, at that time
}

func followMuted(c *cluster, kind string) *muted {
	m := &muted{mute: newMute(c, kind), t: c.t, told: make(chan mutedStatus, 1000)}
	conn, err := nats.Connect(m.listener.Addr().String(), Options()...)
	require.NoError(c.t, err)
	c.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(c.t, err)
	s := KeyValue(js, "policies", "cors").(*source)
	s.every = 100 * time.Millisecond
	ctx, stop := context.WithCancel(context.Background())
	c.t.Cleanup(func() {
		stop()
		m.set.Wait()
	})
	require.NoError(c.t, corswatch.Follow(ctx, s, &m.set, corswatch.Options{Start: time.Minute, Reread: time.Hour,
		// Nothing is read while this runs.
		OnChange: func(s corswatch.Status) { m.told <- mutedStatus{s, m.reads.Load(), m.ended.Load()} }}))
	return m
}

func (m *muted) until(what string, is func(mutedStatus) bool) mutedStatus {
	m.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case s := <-m.told:
			if is(s) {
				return s
			}
		case <-deadline:
			m.t.Fatalf("never: %s; %+v", what, m.set.Status())
		}
	}
}

func (m *muted) untilAllowed(origin string) mutedStatus {
	m.t.Helper()
	return m.until(origin, func(s mutedStatus) bool {
		return s.Err == nil && m.set.Policy("default").AllowsOrigin([]byte(origin))
	})
}

func (m *muted) untilKept() {
	m.t.Helper()
	select {
	case <-m.kept:
	case <-time.After(time.Minute):
		m.t.Fatalf("there was no %q to keep", m.kind)
	}
}

// A watch whose announcements do not come is as dead as one that a restarted server has forgotten. The next
// reading has the document, before a restart and after it.
func TestADeadWatchDelaysADocumentUntilTheNextReading(t *testing.T) {
	c := newCluster(t)
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	m := followMuted(c, "MSG $KV.")
	m.untilKept() // there is a watch
	for i, origin := range []string{"https://second.example", "https://third.example", "https://fourth.example"} {
		if i > 0 {
			c.stop()
			m.until("down", func(s mutedStatus) bool { return s.Err != nil })
			c.start()
		}
		put(t, c.bucket(), document1(origin))
		before := m.reads.Load()
		in := m.untilAllowed(origin)
		assert.LessOrEqual(t, in.reads-before, int64(2), "%s: one may have gone out before it, and the next one has it", origin)
	}
}

// Whether there will be a watch is known after seconds, where a server that goes down has lost the question, or where
// a user may not ask it. Documents come meanwhile.
func TestReadingDoesNotWaitForAWatch(t *testing.T) {
	c := newCluster(t)
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	m := followMuted(c, "PUB $JS.API.CONSUMER.CREATE.")
	m.untilKept()
	put(t, c.bucket(), document1("https://second.example"))
	in := m.untilAllowed("https://second.example")
	assert.Zero(t, in.ended, "the question for a watch had not been given up")
}

// From the moment that a restarted server has a document, to its coming into force: whatever is being waited for
// ends within three seconds. A watch by itself was seen to take nineteen.
func TestNothingIsWaitedForLongerThanThreeSeconds(t *testing.T) {
	longest := time.Duration(0)
	for range 10_000 {
		longest = max(longest, varied(KeyValue(nil, "", "").(*source).every))
	}
	connecting := nats.GetDefaultOptions()
	for _, option := range Options() {
		require.NoError(t, option(&connecting))
	}
	for what, wait := range map[string]time.Duration{
		"the next reading":    longest,
		"the next connection": connecting.ReconnectWait + max(connecting.ReconnectJitter, connecting.ReconnectJitterTLS),
		"an answer":           patience,
	} {
		assert.Less(t, wait, 3*time.Second, what)
		assert.Positive(t, wait, what)
	}
	assert.Equal(t, -1, connecting.MaxReconnect, "never given up")
	assert.True(t, connecting.RetryOnFailedConnect)
}

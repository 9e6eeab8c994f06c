package corsnats

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corswatch"
	"github.com/bytecors/cors/corswatch/internal/fleettest"
)

func TestMain(m *testing.M) {
	fleettest.Main(m, func(url string) (corswatch.Source, error) {
		conn, err := nats.Connect(url, Options()...)
		if err != nil {
			return nil, err
		}
		js, err := jetstream.New(conn)
		if err != nil {
			return nil, err
		}
		return KeyValue(js, "policies", "cors"), nil
	})
}

// cluster is one real NATS server, which keeps what it has and its port when it is restarted.
type cluster struct {
	t       *testing.T
	dir     string
	port    int
	options *server.Options // beside where it listens and keeps what it has
	user    nats.Option     // who connects
	server  *server.Server
}

func newCluster(t *testing.T) *cluster {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	c := &cluster{t: t, dir: t.TempDir(), port: listener.Addr().(*net.TCPAddr).Port, options: new(server.Options)}
	t.Cleanup(c.stop)
	return c
}

func (c *cluster) url() string { return "nats://127.0.0.1:" + strconv.Itoa(c.port) }

func (c *cluster) start() {
	c.t.Helper()
	o := c.options.Clone()
	o.Host, o.Port, o.JetStream, o.StoreDir, o.NoSigs, o.NoLog = "127.0.0.1", c.port, true, c.dir, true, true
	var err error
	c.server, err = server.NewServer(o)
	require.NoError(c.t, err)
	c.server.Start()
	require.True(c.t, c.server.ReadyForConnections(time.Minute))
}

func (c *cluster) stop() {
	if c.server != nil {
		c.server.Shutdown()
		c.server.WaitForShutdown()
		c.server = nil
	}
}

func (c *cluster) connect() jetstream.JetStream {
	c.t.Helper()
	options := Options()
	if c.user != nil {
		options = append(options, c.user)
	}
	conn, err := nats.Connect(c.url(), options...)
	require.NoError(c.t, err)
	c.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(c.t, err)
	return js
}

// bucket returns the bucket, over a connection of its own, and makes it if need be.
func (c *cluster) bucket() jetstream.KeyValue {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	kv, err := c.connect().CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "policies", History: 5})
	require.NoError(c.t, err)
	return kv
}

func put(t *testing.T, kv jetstream.KeyValue, data string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := kv.PutString(ctx, "cors", data)
	require.NoError(t, err)
}

func document1(origin string) string { return "allowOrigins: [\"" + origin + "\"]\n" }

// watched is a set that follows the key.
type watched struct {
	t *testing.T
	*corswatch.Set
	told chan corswatch.Status
}

func follow(c *cluster, change func(*source)) *watched {
	c.t.Helper()
	s := KeyValue(c.connect(), "policies", "cors").(*source)
	change(s)
	w := &watched{c.t, new(corswatch.Set), make(chan corswatch.Status, 1000)}
	ctx, stop := context.WithCancel(context.Background())
	c.t.Cleanup(func() {
		stop()
		w.Wait()
	})
	require.NoError(c.t, corswatch.Follow(ctx, s, w.Set, corswatch.Options{Start: time.Minute, Reread: time.Hour,
		OnChange: func(s corswatch.Status) { w.told <- s }}))
	return w
}

func (w *watched) until(what string, reached func(corswatch.Status) bool) corswatch.Status {
	w.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case s := <-w.told:
			if reached(s) {
				return s
			}
		case <-deadline:
			w.t.Fatalf("never: %s; %+v", what, w.Status())
		}
	}
}

func (w *watched) untilAllowed(origin string) corswatch.Status {
	w.t.Helper()
	return w.until(origin, func(s corswatch.Status) bool {
		return s.Err == nil && w.Policy("default").AllowsOrigin([]byte(origin))
	})
}

// Either way is enough by itself: watching, since it does not wait for the next reading, and reading.
var ways = map[string]func(*source){
	"watching": func(s *source) { s.every = time.Hour },
	"reading":  func(s *source) { s.deaf, s.every = true, time.Millisecond },
}

func TestWhatIsPutUnderTheKeyComesIntoForce(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			c.start()
			kv := c.bucket()
			put(t, kv, document1("https://first.example"))
			w := follow(c, way)
			assert.Regexp(t, `^1-[0-9a-f]{8}$`, w.Status().Version)
			put(t, kv, document1("https://second.example"))
			w.untilAllowed("https://second.example")
			put(t, kv, "allowOrigins: https://third.example\n")
			status := w.until("a mistake", func(s corswatch.Status) bool { return s.Err != nil })
			assert.ErrorContains(t, status.Err, "is not in force: line 1: allowOrigins: has to be a list of strings")
			put(t, kv, document1("https://fourth.example"))
			w.untilAllowed("https://fourth.example")
		})
	}
}

func TestADocumentMayHaveTenThousandOrigins(t *testing.T) {
	c := newCluster(t)
	c.start()
	kv := c.bucket()
	put(t, kv, document1("https://first.example"))
	w := follow(c, ways["watching"])
	var b strings.Builder
	b.WriteString("allowOrigins:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "- https://tenant-%d.example.com\n", i)
	}
	put(t, kv, b.String())
	w.untilAllowed("https://tenant-9999.example.com")
}

func TestAKeyThatIsDeletedLeavesThePolicy(t *testing.T) {
	c := newCluster(t)
	c.start()
	kv := c.bucket()
	put(t, kv, document1("https://first.example"))
	w := follow(c, func(s *source) { s.every = time.Millisecond })
	require.NoError(t, kv.Delete(t.Context(), "cors"))
	status := w.until("an error", func(s corswatch.Status) bool { return s.Err != nil })
	assert.ErrorIs(t, status.Err, jetstream.ErrKeyNotFound)
	assert.True(t, w.Policy("default").AllowsOrigin([]byte("https://first.example")))
	put(t, kv, document1("https://second.example"))
	w.untilAllowed("https://second.example")
}

// Its revisions begin at 1 again.
func TestABucketThatIsMadeAnewIsFollowed(t *testing.T) {
	c := newCluster(t)
	c.start()
	kv := c.bucket()
	put(t, kv, document1("https://first.example"))
	put(t, kv, document1("https://second.example"))
	w := follow(c, func(s *source) { s.every = time.Millisecond })
	require.NoError(t, c.connect().DeleteKeyValue(t.Context(), "policies"))
	w.until("an error", func(s corswatch.Status) bool { return s.Err != nil })
	put(t, c.bucket(), document1("https://third.example"))
	status := w.untilAllowed("https://third.example")
	assert.Regexp(t, `^1-`, status.Version)
}

// A watch may be dead for long after a restart, and reading has to do. How long it all takes is logged, from the
// moment that the new server has the document.
func TestAServerThatIsRestartedIsFollowed(t *testing.T) {
	c := newCluster(t)
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	both := follow(c, func(*source) {})
	reading := follow(c, func(s *source) { s.deaf = true })
	for _, origin := range []string{"https://second.example", "https://third.example"} {
		c.stop()
		for _, w := range []*watched{both, reading} {
			status := w.until("down", func(s corswatch.Status) bool { return s.Err != nil })
			assert.NotEmpty(t, status.Version)
		}
		c.start()
		put(t, c.bucket(), document1(origin))
		since := time.Now()
		both.untilAllowed(origin)
		t.Logf("watching and reading: %v", time.Since(since).Round(time.Millisecond))
		reading.untilAllowed(origin)
		t.Logf("reading alone: %v", time.Since(since).Round(time.Millisecond))
	}
	// Watching goes on, too.
	put(t, c.bucket(), document1("https://last.example"))
	both.untilAllowed("https://last.example")
}

func TestAServerThatIsDownAtTheStartIsWaitedFor(t *testing.T) {
	c := newCluster(t)
	started := make(chan *watched)
	go func() {
		defer close(started)
		started <- follow(c, func(*source) {})
	}()
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	w := <-started
	require.NotNil(t, w)
	assert.NoError(t, w.Status().Err)

	nobody := newCluster(t) // which is not started
	var set corswatch.Set
	err := corswatch.Follow(t.Context(), KeyValue(nobody.connect(), "policies", "cors"), &set, corswatch.Options{Start: time.Millisecond})
	assert.ErrorContains(t, err, "there is no connection to NATS")
}

func TestAServerThatRefusesTheUserForATimeIsFollowed(t *testing.T) {
	c := newCluster(t)
	refused := make(chan struct{}, 1000)
	c.user = nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrAuthorization) {
			refused <- struct{}{}
		}
	})
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	w := follow(c, func(*source) {})
	c.stop()
	open := c.options
	c.options = &server.Options{Username: "another", Password: "secret"}
	c.start()
	for range 10 { // of some connections, each several times
		select {
		case <-refused:
		case <-time.After(time.Minute):
			t.Fatal("nobody tries again")
		}
	}
	c.stop()
	c.options = open
	c.start()
	put(t, c.bucket(), document1("https://second.example"))
	w.untilAllowed("https://second.example")
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	c := newCluster(t)
	c.start()
	s := KeyValue(c.connect(), "policies", "cors")
	_, err := s.Next(t.Context(), "")
	assert.ErrorIs(t, err, jetstream.ErrBucketNotFound)
	assert.ErrorContains(t, err, "bucket policies")
	c.bucket()
	_, err = s.Next(t.Context(), "")
	assert.ErrorIs(t, err, jetstream.ErrKeyNotFound)
	assert.ErrorContains(t, err, "key cors")
}

func TestNextEndsWithItsContext(t *testing.T) {
	c := newCluster(t)
	c.start()
	put(t, c.bucket(), document1("https://first.example"))
	s := KeyValue(c.connect(), "policies", "cors").(*source)
	d, err := s.Next(t.Context(), "")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Next(ctx, d.Version)
	assert.True(t, errors.Is(err, context.DeadlineExceeded), err)
	require.NoError(t, s.Close())
}

// A replica of a bucket may answer that has not heard of the newest entry.
func TestAnOlderEntryDoesNotComeBack(t *testing.T) {
	now := time.Now()
	for _, test := range []struct {
		name string
		a, b stamp
		want bool
	}{
		{"the next revision", stamp{1, now}, stamp{2, now.Add(1)}, true},
		{"the same", stamp{1, now}, stamp{1, now}, false},
		{"newer", stamp{2, now.Add(1)}, stamp{1, now}, false},
		{"of a bucket that was made anew", stamp{1, now.Add(1)}, stamp{7, now}, false},
		{"the first of all", stamp{1, now}, stamp{}, false},
	} {
		assert.Equal(t, test.want, test.a.isBefore(test.b), test.name)
	}
}

func TestEveryResponseOfAFleetComesOfOneDocument(t *testing.T) {
	c := newCluster(t)
	c.start()
	kv := c.bucket()
	put(t, kv, fleettest.Document(1))
	fleet := fleettest.Start(t, 8, c.url())
	fleet.Judge(t, 10, func(i int) { put(t, kv, fleettest.Document(i)) })
	fleet.Rush(t, 11, 1000, func(i int) { put(t, kv, fleettest.Document(i)) })
	put(t, kv, fleettest.Document(1012)+"    maxage: 5\n")
	fleet.AwaitError(t, `policy "b": maxage: is no field that there is: did you mean "maxAge"?`)
	put(t, kv, fleettest.Document(1013))
	fleet.Await(t, 1013, time.Now())
}

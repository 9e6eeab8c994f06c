package corswatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// store is a Source in memory, which can be down, deaf, or slow.
type store struct {
	mu      sync.Mutex
	d       Document
	err     error
	changed chan struct{} // closed with each change
	deaf    bool          // announces nothing
	asked   chan struct{} // of each call of Next, where somebody waits for one
	closed  bool
}

// tell sends to whoever waits at the moment.
func tell(waiting chan struct{}) {
	select {
	case waiting <- struct{}{}:
	default:
	}
}

func newStore(version, data string) *store {
	return &store{d: Document{version, []byte(data)}, changed: make(chan struct{}), asked: make(chan struct{})}
}

func (s *store) put(version, data string) {
	s.set(func() { s.d, s.err = Document{version, []byte(data)}, nil })
}

func (s *store) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *store) Next(ctx context.Context, version string) (Document, error) {
	for {
		s.mu.Lock()
		d, err, changed, deaf := s.d, s.err, s.changed, s.deaf
		s.mu.Unlock()
		tell(s.asked)
		switch {
		case err != nil:
			return Document{}, err
		case version == "" || d.Version != version && !deaf:
			return d, nil
		case deaf:
			changed = nil
		}
		select {
		case <-ctx.Done():
			return Document{}, ctx.Err()
		case <-changed:
		}
	}
}

func (s *store) Close() error {
	s.set(func() { s.closed = true })
	return nil
}

// watched is a set that follows a source, and what OnChange was told.
type watched struct {
	t *testing.T
	*Set
	told chan Status
	stop context.CancelFunc
}

// follow follows a source until the test ends. Times are such that nothing happens by itself, but that errors
// are followed by an attempt soon.
func follow(t *testing.T, s Source, o Options) (*watched, error) {
	ctx, stop := context.WithCancel(context.Background())
	w := &watched{t, new(Set), make(chan Status, 10_000), stop}
	o.OnChange = func(s Status) { w.told <- s }
	for _, d := range []*time.Duration{&o.Reread, &o.Start} {
		if *d == 0 {
			*d = time.Hour
		}
	}
	if o.Backoff == 0 {
		o.Backoff, o.MaxBackoff = time.Millisecond, 5*time.Millisecond
	}
	err := Follow(ctx, s, w.Set, o)
	t.Cleanup(func() {
		stop()
		w.Wait()
	})
	return w, err
}

func mustFollow(t *testing.T, s Source, o Options) *watched {
	t.Helper()
	w, err := follow(t, s, o)
	require.NoError(t, err)
	return w
}

// until waits for a status, however long the machine takes.
func (w *watched) until(what string, reached func(Status) bool) Status {
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

func (w *watched) untilVersion(version string) Status {
	w.t.Helper()
	return w.until("version "+version, func(s Status) bool { return s.Version == version && s.Err == nil })
}

func (w *watched) allows(origin string) bool {
	m := w.Policy("default")
	return m != nil && m.AllowsOrigin([]byte(origin))
}

const goodDocument = "allowOrigins: [https://good.example]\n"

func TestTheFirstDocumentFailsTheStart(t *testing.T) {
	for _, test := range []struct {
		name   string
		source *store
		want   string
	}{
		{"a mistake", newStore("1", "allowOrigin: []\n"), `corswatch: document 1 is not in force: line 1: allowOrigin: is no field that there is: did you mean "allowOrigins"?`},
		{"no version", newStore("", goodDocument), "corswatch: *corswatch.store returned a document without a version"},
		{"down", &store{err: errors.New("down"), changed: make(chan struct{})}, "corswatch: down"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := follow(t, test.source, Options{Start: 10 * time.Millisecond})
			require.ErrorContains(t, err, test.want)
			w.Wait() // nothing is followed
			assert.True(t, test.source.closed)
			assert.Nil(t, w.Policy("default"))
		})
	}
}

func TestADefaultIsInForceUntilThereIsADocument(t *testing.T) {
	for _, test := range []struct {
		name   string
		source *store
		want   string // of Status.Err
	}{
		{"a mistake", newStore("1", "maxAge: 5\n"), "lists no origins"},
		{"down", &store{err: errors.New("down"), changed: make(chan struct{})}, "down"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := mustFollow(t, test.source, Options{Default: onePolicy("https://default.example")})
			assert.True(t, w.allows("https://default.example"))
			status := w.Status()
			assert.Equal(t, "default", status.Version)
			assert.True(t, status.Default)
			assert.ErrorContains(t, status.Err, test.want)

			test.source.put("2", goodDocument)
			status = w.untilVersion("2")
			assert.False(t, status.Default)
			assert.True(t, w.allows("https://good.example"))
		})
	}
	_, err := follow(t, newStore("1", goodDocument), Options{Default: []byte("maxAge: 5\n")})
	assert.ErrorContains(t, err, "corswatch: Options.Default: ")
	w := mustFollow(t, newStore("1", goodDocument), Options{Default: onePolicy("https://default.example")})
	assert.Equal(t, "1", w.Status().Version, "the source has a document")
}

func TestAStoreThatIsDownAtTheStartIsTriedAgain(t *testing.T) {
	source := newStore("1", goodDocument)
	source.err = errors.New("down")
	failures := 0
	set := new(Set)
	ctx, stop := context.WithCancel(context.Background())
	defer set.Wait()
	defer stop()
	require.NoError(t, Follow(ctx, source, set, Options{Start: time.Hour, Backoff: time.Microsecond, OnChange: func(s Status) {
		if s.Err != nil {
			failures++
			source.put("1", goodDocument)
		}
	}}))
	assert.Equal(t, 1, failures)
	assert.Equal(t, "1", set.Status().Version)
	assert.NoError(t, set.Status().Err)
}

func TestTheLastGoodDocumentStaysInForce(t *testing.T) {
	source := newStore("1", goodDocument)
	w := mustFollow(t, source, Options{})
	source.put("2", "allowOrigins: [https://bad.example/]\n")
	status := w.until("a mistake", func(s Status) bool { return s.Err != nil })
	assert.Equal(t, "1", status.Version)
	assert.True(t, w.allows("https://good.example"))
	var mistake *Mistake
	require.True(t, errors.As(status.Err, &mistake))
	assert.Equal(t, 1, mistake.Line)

	source.set(func() { source.err = errors.New("down") })
	status = w.until("down", func(s Status) bool { return s.Err != nil && s.Err.Error() == "down" })
	assert.Equal(t, "1", status.Version)
	assert.False(t, status.Failing.IsZero())
	assert.True(t, w.allows("https://good.example"))

	source.put("3", onePolicyText("https://better.example"))
	status = w.untilVersion("3")
	assert.True(t, status.Failing.IsZero())
	assert.True(t, w.allows("https://better.example"))
	assert.False(t, w.allows("https://good.example"))
}

func onePolicyText(origin string) string { return string(onePolicy(origin)) }

// After an error, the same document means that all is well again.
func TestASourceThatComesBackUnchangedIsNoLongerFailing(t *testing.T) {
	source := newStore("1", goodDocument)
	w := mustFollow(t, source, Options{})
	source.set(func() { source.err = errors.New("down") })
	w.until("down", func(s Status) bool { return s.Err != nil })
	source.set(func() { source.err = nil })
	w.untilVersion("1")
	assert.Equal(t, uint64(1), w.Status().Loads)
}

func TestWhatASourceDoesNotAnnounceIsReadAtTimes(t *testing.T) {
	source := newStore("1", goodDocument)
	source.deaf = true
	w := mustFollow(t, source, Options{Reread: time.Millisecond})
	source.put("2", onePolicyText("https://missed.example"))
	w.untilVersion("2")
	assert.True(t, w.allows("https://missed.example"))
	source.put("3", "maxAge: 5\n")
	w.until("a mistake", func(s Status) bool { return s.Err != nil })
	failures := w.Status().Failures
	for range 10 {
		<-source.asked
	}
	assert.Equal(t, failures, w.Status().Failures, "the same mistake is counted once")
}

// A thousand changes in a row: some may be passed over, the last one counts, and none is in force by half.
func TestAThousandChangesInARow(t *testing.T) {
	document := func(i int) string {
		return fmt.Sprintf("policies:\n  a: {allowOrigins: [\"https://a.example\"], maxAge: %d, paths: [/a]}\n  b: {allowOrigins: [\"https://b.example\"], maxAge: %d, paths: [/b]}\n", i, i)
	}
	source := newStore("1", document(1))
	w := mustFollow(t, source, Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 2; i <= 1000; i++ {
			source.put(fmt.Sprint(i), document(i))
		}
	}()
	for looking := true; looking; {
		select {
		case <-done:
			looking = false
		default:
		}
		p := w.inForce.Load()
		assert.Equal(t, p.byName["a"].m.Config().MaxAge, p.byName["b"].m.Config().MaxAge)
	}
	w.untilVersion("1000")
	assert.Equal(t, 1000, w.Policy("a").Config().MaxAge)
}

func TestTheSourceIsClosedWhenNobodyFollowsIt(t *testing.T) {
	source := newStore("1", goodDocument)
	w := mustFollow(t, source, Options{})
	w.stop()
	w.Wait()
	assert.True(t, source.closed)
	assert.True(t, w.allows("https://good.example"), "what is in force stays")
}

// repeating breaks the rule of Source that Next waits for another version.
type repeating struct{ *store }

func (r repeating) Next(ctx context.Context, _ string) (Document, error) {
	return r.store.Next(ctx, "")
}

func TestASourceThatDoesNotWaitIsAnError(t *testing.T) {
	w := mustFollow(t, repeating{newStore("1", goodDocument)}, Options{})
	status := w.until("an error", func(s Status) bool { return s.Err != nil })
	assert.ErrorContains(t, status.Err, `corswatch.repeating returned version "1" a second time`)
}

func TestErrorsAreWaitedForLongerEachTime(t *testing.T) {
	f := follower{o: Options{Backoff: time.Second, MaxBackoff: 10 * time.Second}}
	for failed, longest := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 1 << 40: 10 * time.Second} {
		f.failed = failed
		lowest, highest := longest, time.Duration(0)
		for range 1000 {
			d := f.backoff()
			lowest, highest = min(lowest, d), max(highest, d)
		}
		assert.GreaterOrEqual(t, lowest, longest/2)
		assert.LessOrEqual(t, highest, longest)
		assert.Greater(t, highest-lowest, longest/4, "replicas must not all come at once")
	}
	lowest, highest := time.Hour, time.Duration(0)
	for range 1000 {
		d := jitter(time.Minute)
		lowest, highest = min(lowest, d), max(highest, d)
	}
	assert.GreaterOrEqual(t, lowest, 48*time.Second)
	assert.LessOrEqual(t, highest, 72*time.Second)
	assert.Greater(t, highest-lowest, 12*time.Second)
}

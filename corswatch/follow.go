package corswatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Options are for Follow. The zero value is fit for use.
type Options struct {
	// Default, if not nil, is the document that is in force until the source has one, so that the program
	// starts without.
	Default []byte

	// Start is for how long the first document may be tried for; 0 means ten seconds.
	Start time.Duration

	// Reread is after how long the source is asked which document it has, whether it has announced one or not;
	// 0 means a minute. It is varied by a fifth, so that a fleet does not ask all at once.
	Reread time.Duration

	// Backoff is for how long to wait after the first error of the source, at most; it is doubled with each error
	// that follows, up to MaxBackoff. Of that, a random part is waited for. 0 means 100 ms, and 2 seconds.
	Backoff, MaxBackoff time.Duration

	// OnChange, if not nil, is called after each document that came into force, and after each error that
	// is another than the one before: for logs. It must not block.
	OnChange func(Status)
}

// Follow brings the source's document into force in set, and returns. From then on, it does the same with each
// document that follows, in a goroutine of its own, until ctx is done; Set.Status tells how that does. The source,
// if it is an io.Closer, is closed then.
//
// Where the first document cannot be had, or has a mistake, Follow returns an error and follows nothing, unless
// there is a Default. A server that is down is tried again for Options.Start; with a Default, the first error is
// enough to go on without. The error joins a *Mistake for each mistake of the document.
//
// A process follows by itself: with prefork, each child calls Follow.
func Follow(ctx context.Context, s Source, set *Set, o Options) error {
	f := &follower{source: s, set: set, o: o.withDefaults()}
	if o.Default != nil {
		if err := f.loadDefault(); err != nil {
			return fmt.Errorf("corswatch: Options.Default: %w", err)
		}
	}
	if err := f.start(ctx); err != nil {
		if o.Default == nil || ctx.Err() != nil {
			f.close()
			return fmt.Errorf("corswatch: %w", err)
		}
	}
	set.following.Go(func() {
		defer f.close()
		f.run(ctx)
	})
	return nil
}

// Wait returns when nothing follows a source any more: after the contexts of all calls of Follow are done.
func (s *Set) Wait() { s.following.Wait() }

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&o.Start, 10 * time.Second}, {&o.Reread, time.Minute}, {&o.Backoff, 100 * time.Millisecond}, {&o.MaxBackoff, 2 * time.Second}} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	return o
}

type follower struct {
	source Source
	set    *Set
	o      Options

	seen   Document // the last that came, in force or not
	failed int      // errors of the source in a row
	told   string   // the last error that OnChange was told
}

func (f *follower) close() {
	if closer, ok := f.source.(io.Closer); ok {
		_ = closer.Close()
	}
}

// start brings the first document into force.
func (f *follower) start(ctx context.Context) error {
	starting, cancel := context.WithTimeout(ctx, f.o.Start)
	defer cancel()
	for {
		d, err := f.source.Next(starting, "")
		if err == nil {
			return f.load(d)
		}
		f.fail(err)
		if f.o.Default != nil || sleep(starting, f.backoff()) != nil {
			return err
		}
	}
}

func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		d, err := f.next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			f.fail(err)
			_ = sleep(ctx, f.backoff())
			continue
		}
		f.failed = 0
		_ = f.load(d) // Status has the error
	}
}

// next waits for a document that was not seen, or for the time to ask which there is.
func (f *follower) next(ctx context.Context) (Document, error) {
	// After an error, only the answer to the plain question tells that the source is there again.
	if f.seen.Version != "" && f.failed == 0 {
		waiting, cancel := context.WithTimeout(ctx, jitter(f.o.Reread))
		d, err := f.source.Next(waiting, f.seen.Version)
		expired := waiting.Err() != nil
		cancel()
		if err == nil && d.Version == f.seen.Version {
			// Not what Next is for, and without an end to it.
			err = fmt.Errorf("corswatch: %T returned version %q a second time", f.source, d.Version)
		}
		if err == nil || !expired {
			return d, err
		}
	}
	asking, cancel := context.WithTimeout(ctx, f.o.Start)
	defer cancel()
	return f.source.Next(asking, "")
}

// load brings a document into force, if it is another and has no mistake.
func (f *follower) load(d Document) error {
	if d.Version == "" {
		err := fmt.Errorf("corswatch: %T returned a document without a version", f.source)
		f.fail(err)
		return err
	}
	if refused := f.refusal(); refused != nil && d.Version == f.seen.Version && bytes.Equal(d.Data, f.seen.Data) {
		f.set.status.checked(time.Now())
		return refused // it has not become better
	}
	f.seen = d
	before := f.set.inForce.Load()
	err := f.set.Load(d)
	if err != nil {
		f.tell(err)
	} else if f.set.inForce.Load() != before || f.told != "" {
		f.tell(nil)
	}
	return err
}

// refusal is why the document that was seen last is not in force.
func (f *follower) refusal() error {
	var refused *DocumentError
	if errors.As(f.set.Status().Err, &refused) && refused.Version == f.seen.Version {
		return refused
	}
	return nil
}

func (f *follower) loadDefault() error {
	f.set.loading.Lock()
	defer f.set.loading.Unlock()
	return f.set.load(Document{"default", f.o.Default}, true)
}

func (f *follower) fail(err error) {
	f.failed++
	f.set.status.failed(err, time.Now())
	f.tell(err)
}

// tell calls OnChange, but not for an error that it was told.
func (f *follower) tell(err error) {
	sentence := ""
	if err != nil {
		if sentence = err.Error(); sentence == f.told {
			return
		}
	}
	f.told = sentence
	if f.o.OnChange != nil {
		f.o.OnChange(f.set.Status())
	}
}

// backoff is for how long to wait after an error: a random part of what doubles each time.
func (f *follower) backoff() time.Duration {
	longest := f.o.Backoff << min(f.failed-1, 20)
	if longest > f.o.MaxBackoff || longest <= 0 {
		longest = f.o.MaxBackoff
	}
	return longest/2 + rand.N(longest/2+1)
}

// jitter varies a time by a fifth.
func jitter(d time.Duration) time.Duration {
	return d - d/5 + rand.N(2*(d/5)+1)
}

// Package corsnats has a fleet follow the CORS policies under one key of a bucket in NATS JetStream. Whoever puts
// a document there has it in force on all replicas some milliseconds later.
//
//	conn, err := nats.Connect(urls, corsnats.Options()...)
//	js, err := jetstream.New(conn)
//	err = corswatch.Follow(ctx, corsnats.KeyValue(js, "policies", "cors"), &set, corswatch.Options{})
//
// With the command line tool of NATS:
//
//	nats kv add policies --history 10 --replicas 3
//	nats kv put policies cors "$(cat cors.yaml)"
//
// A value is at most 1 MiB long, unless the server's max_payload says otherwise. Replicas need to read the key;
// who may write it decides who may use the API.
package corsnats

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/bytecors/cors/corswatch"
)

// Options are for a connection that outlives its server: it starts without one, and never gives up. (By itself,
// nats.Connect fails without a server, and a connection is closed for good after two minutes, or when its user is
// refused twice, as it may be while secrets are being changed.)
func Options() []nats.Option {
	return []nats.Option{
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
	}
}

const (
	// A watch that a server has forgotten over a restart is only taken up again when its heartbeats have been missed
	// for long, so the key is read every two seconds besides.
	defaultEvery = 2 * time.Second

	// How long one question may take, or a connection may take to come.
	patience = 2 * time.Second
)

// KeyValue is the document under a key of a bucket. Its version is the revision and a sum of the content. A key
// that is deleted is an error of the source: the document in force stays.
func KeyValue(js jetstream.JetStream, bucket, key string) corswatch.Source {
	return &source{js: js, bucket: bucket, key: key, every: defaultEvery}
}

type source struct {
	js          jetstream.JetStream
	bucket, key string
	every       time.Duration // between readings that nothing has asked for
	deaf        bool          // do not watch

	kv      jetstream.KeyValue
	updates <-chan jetstream.KeyValueEntry // of the watch, if there is one
	stop    context.CancelFunc             // of the watch
	newest  stamp
}

// stamp tells which of two entries is the newer one. A bucket that is made anew counts from 1 again.
type stamp struct {
	revision uint64
	created  time.Time
}

// isBefore tells whether s is older than t. Replicas of a bucket may lag behind, and they may answer.
func (s stamp) isBefore(t stamp) bool {
	return s.revision < t.revision && !s.created.After(t.created)
}

// Next implements corswatch.Source.
func (s *source) Next(ctx context.Context, version string) (corswatch.Document, error) {
	if version == "" {
		return s.read(ctx)
	}
	s.watch() // which begins with the present entry: no change falls in between
	poll := time.NewTimer(varied(s.every))
	defer poll.Stop()
	for {
		var d corswatch.Document
		var err error
		select {
		case <-ctx.Done():
			return d, ctx.Err()
		case <-poll.C:
			if d, err = s.read(ctx); err != nil || d.Version != version {
				// The watch should have told: it may be one that the server has forgotten.
				_ = s.Close()
				return d, err
			}
			s.watch()
			poll.Reset(varied(s.every))
		case entry, ok := <-s.updates:
			if !ok {
				_ = s.Close()
			}
			// nil comes between what was there and what follows. That a key is gone is for reading to tell.
			if entry == nil || entry.Operation() != jetstream.KeyValuePut || !s.accept(entry) {
				continue
			}
			d = document(entry)
		}
		if d.Version != version {
			return d, nil
		}
	}
}

// Close stops watching. The connection is not its own.
func (s *source) Close() error {
	if s.stop != nil {
		s.stop()
		s.stop, s.updates = nil, nil
	}
	return nil
}

// watch has changes announced, where that can be had. Reading at times does it otherwise, and does not wait for it:
// when a server goes down, it may be seconds until the question for a watch is given up.
func (s *source) watch() {
	if s.updates != nil || s.deaf || s.kv == nil || !s.js.Conn().IsConnected() {
		return
	}
	watching, stop := context.WithCancel(context.Background())
	updates := make(chan jetstream.KeyValueEntry)
	go func(kv jetstream.KeyValue) {
		defer close(updates)
		watcher, err := kv.Watch(watching, s.key)
		if err != nil {
			return
		}
		for entry := range watcher.Updates() {
			select {
			case updates <- entry:
			case <-watching.Done():
				return
			}
		}
	}(s.kv)
	s.updates, s.stop = updates, stop
}

// read asks for the present entry.
func (s *source) read(ctx context.Context) (corswatch.Document, error) {
	if err := s.connected(ctx); err != nil {
		return corswatch.Document{}, err
	}
	if err := s.open(ctx); err != nil {
		return corswatch.Document{}, err
	}
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	entry, err := s.kv.Get(asking, s.key)
	if err != nil {
		s.kv = nil // the bucket may be another one by now
		return corswatch.Document{}, fmt.Errorf("corsnats: key %s of bucket %s: %w", s.key, s.bucket, err)
	}
	if !s.accept(entry) {
		return corswatch.Document{}, fmt.Errorf("corsnats: key %s of bucket %s: a replica that lags behind has answered", s.key, s.bucket)
	}
	return document(entry), nil
}

// connected waits a moment for a connection that is about to come. Questions would wait in its buffer otherwise.
func (s *source) connected(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for tick := 10 * time.Millisecond; !s.js.Conn().IsConnected(); {
		select {
		case <-waiting.Done():
			return errors.New("corsnats: there is no connection to NATS")
		case <-time.After(tick):
		}
	}
	return nil
}

// open finds the bucket.
func (s *source) open(ctx context.Context) error {
	if s.kv != nil {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	kv, err := s.js.KeyValue(asking, s.bucket)
	if err != nil {
		return fmt.Errorf("corsnats: bucket %s: %w", s.bucket, err)
	}
	s.kv = kv
	return nil
}

// accept notes which entry is the newest, and tells whether this is not older.
func (s *source) accept(entry jetstream.KeyValueEntry) bool {
	this := stamp{entry.Revision(), entry.Created()}
	if this.isBefore(s.newest) {
		return false
	}
	s.newest = this
	return true
}

func document(entry jetstream.KeyValueEntry) corswatch.Document {
	return corswatch.Document{
		Version: fmt.Sprintf("%d-%08x", entry.Revision(), crc32.ChecksumIEEE(entry.Value())),
		Data:    entry.Value(),
	}
}

// varied varies a time by a fifth, so that a fleet does not ask all at once.
func varied(d time.Duration) time.Duration {
	return d - d/5 + rand.N(2*(d/5)+1)
}

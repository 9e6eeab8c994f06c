package corswatch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// File is a document in a file. Its version is a hash of its content, so that it is the same on every replica.
//
// The folder is watched, and not the file: editors write another and rename it, and Kubernetes swaps a link that
// leads to the folder of a ConfigMap. Besides, the file is read every two seconds, because network file systems
// announce nothing. (A file that Kubernetes mounts by subPath never changes at all.)
//
// A file that is being written may be read too early. It counts when it has been the same twice, 50 ms apart, and
// YAML has to end with the end of a line. To be certain, write another file in the same folder and rename it.
func File(path string) Source {
	return &fileSource{path: path, poll: 2 * time.Second, settle: 50 * time.Millisecond, sleep: sleep}
}

type fileSource struct {
	path   string
	poll   time.Duration // between readings that nothing has asked for
	settle time.Duration // for which the file has to stay the same
	sleep  func(context.Context, time.Duration) error

	watcher *fsnotify.Watcher // nil: nothing announces changes
	blind   bool              // do not even try
}

// Next implements Source.
func (f *fileSource) Next(ctx context.Context, version string) (Document, error) {
	// Before the first reading, so that no change falls in between.
	f.watch()
	for {
		d, err := f.read(ctx)
		if errors.Is(err, fs.ErrNotExist) && version != "" && f.sleep(ctx, 4*f.settle) == nil {
			d, err = f.read(ctx) // some editors move the file away before they write it anew
		}
		if err != nil || d.Version != version {
			return d, err
		}
		if err := f.wait(ctx); err != nil {
			return Document{}, err
		}
	}
}

// Close stops watching.
func (f *fileSource) Close() error {
	if f.watcher == nil {
		return nil
	}
	err := f.watcher.Close()
	f.watcher = nil
	return err
}

// watch has changes announced, where that can be had: there is a limit to how many may watch, and the folder may
// come later. Reading at times does it otherwise.
func (f *fileSource) watch() {
	if f.watcher != nil || f.blind {
		return
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return
	}
	if err := watcher.Add(filepath.Dir(f.path)); err != nil {
		_ = watcher.Close()
		return
	}
	f.watcher = watcher
}

// read returns the file once it has settled.
func (f *fileSource) read(ctx context.Context) (Document, error) {
	data, err := readFile(f.path)
	if err != nil {
		return Document{}, err
	}
	if f.isFresh() {
		for tries := 0; ; tries++ {
			if err := f.sleep(ctx, f.settle); err != nil {
				return Document{}, err
			}
			again, err := readFile(f.path)
			if err != nil {
				return Document{}, err
			}
			if bytes.Equal(again, data) {
				break
			}
			if tries == 100 {
				return Document{}, fmt.Errorf("corswatch: %s does not stop changing", f.path)
			}
			data = again
		}
	}
	if err := endsWell(data); err != nil {
		return Document{}, fmt.Errorf("corswatch: %s %w", f.path, err)
	}
	return Document{hashed(data), data}, nil
}

// isFresh tells whether somebody may be writing the file. The clock of a file server may be ahead.
func (f *fileSource) isFresh() bool {
	info, err := os.Stat(f.path)
	return err != nil || time.Since(info.ModTime()) < max(2*time.Second, 10*f.settle)
}

// wait returns when the file may have changed.
func (f *fileSource) wait(ctx context.Context) error {
	poll := time.NewTimer(f.poll)
	defer poll.Stop()
	for {
		var events chan fsnotify.Event
		var failures chan error
		if f.watcher != nil {
			events, failures = f.watcher.Events, f.watcher.Errors
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
			f.checkWatch()
			return nil
		case event, ok := <-events:
			if !ok || f.concerns(event) {
				return nil
			}
		case <-failures: // there were too many events
			return nil
		}
	}
}

// concerns tells whether an event may be about the file: about its name, or the link that Kubernetes swaps.
func (f *fileSource) concerns(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	return name == filepath.Base(f.path) || strings.HasPrefix(name, "..")
}

// checkWatch notices that the folder is not there any more, or another by the same name, which is not watched.
func (f *fileSource) checkWatch() {
	if f.watcher != nil && len(f.watcher.WatchList()) == 0 {
		_ = f.Close()
		f.watch()
	}
}

// readFile reads a file that is no larger than documents may be.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readDocument(file)
}

func readDocument(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxDocument+1))
	if err == nil && len(data) > MaxDocument {
		err = fmt.Errorf("corswatch: the document is longer than %d bytes", MaxDocument)
	}
	return data, err
}

// endsWell tells whether a document that comes in parts may be whole. Half an origin in YAML is an origin, and not
// the one that was meant; JSON ends with a brace.
func endsWell(data []byte) error {
	if !isJSON(data) && !bytes.HasSuffix(data, []byte("\n")) {
		return fmt.Errorf("ends in the middle of line %d: a file of YAML has to end with the end of a line", lineAt(data, len(data)))
	}
	return nil
}

// hashed is the version of a document that has no other.
func hashed(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// sleep waits, unless ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

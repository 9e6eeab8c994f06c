package corswatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path, data string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
}

// The ways in which editors and deployments save a file.
var saves = []struct {
	name string
	save func(t *testing.T, path, data string)
}{
	{"in place", write},
	{"another, renamed", func(t *testing.T, path, data string) {
		write(t, path+".new", data)
		require.NoError(t, os.Rename(path+".new", path))
	}},
	{"moved to a backup, and written anew", func(t *testing.T, path, data string) {
		require.NoError(t, os.Rename(path, path+"~"))
		write(t, path, data)
	}},
	{"deleted, and written anew", func(t *testing.T, path, data string) {
		require.NoError(t, os.Remove(path))
		write(t, path, data)
	}},
	{"emptied, and appended to", func(t *testing.T, path, data string) {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
		require.NoError(t, err)
		for i := range data {
			_, err := file.WriteString(data[i : i+1])
			require.NoError(t, err)
		}
		require.NoError(t, file.Close())
	}},
	{"as a link to another", func(t *testing.T, path, data string) {
		target := filepath.Join(t.TempDir(), "target.yaml")
		write(t, target, data)
		require.NoError(t, os.Symlink(target, path+".link"))
		require.NoError(t, os.Rename(path+".link", path))
	}},
}

// Each way is noticed by what is announced, without reading at times, and by reading at times, where nothing
// is announced.
func TestEveryWayToSaveAFileIsNoticed(t *testing.T) {
	for _, way := range saves {
		for _, blind := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/blind %t", way.name, blind), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "cors.yaml")
				write(t, path, goodDocument)
				source := File(path).(*fileSource)
				source.settle = time.Millisecond
				if source.poll = time.Hour; blind {
					source.poll, source.blind = time.Millisecond, true
				}
				w := mustFollow(t, source, Options{})
				for i := range 3 {
					origin := fmt.Sprintf("https://saved-%d.example", i)
					way.save(t, path, onePolicyText(origin))
					w.until(origin, func(s Status) bool { return w.allows(origin) && s.Err == nil })
				}
			})
		}
	}
}

// The kubelet writes a ConfigMap into a folder of its own, and swaps the link through which all files lead.
func TestTheSwapOfAConfigMapIsNoticed(t *testing.T) {
	mount := t.TempDir()
	swap := func(generation int) {
		folder := filepath.Join(mount, fmt.Sprintf("..2026_11_25_%d", generation))
		require.NoError(t, os.Mkdir(folder, 0o700))
		write(t, filepath.Join(folder, "cors.yaml"), onePolicyText(fmt.Sprintf("https://generation-%d.example", generation)))
		before, _ := os.Readlink(filepath.Join(mount, "..data"))
		require.NoError(t, os.Symlink(filepath.Base(folder), filepath.Join(mount, "..data_tmp")))
		require.NoError(t, os.Rename(filepath.Join(mount, "..data_tmp"), filepath.Join(mount, "..data")))
		if before != "" {
			require.NoError(t, os.RemoveAll(filepath.Join(mount, before)))
		}
	}
	swap(0)
	path := filepath.Join(mount, "cors.yaml")
	require.NoError(t, os.Symlink(filepath.Join("..data", "cors.yaml"), path))
	source := File(path).(*fileSource)
	source.poll, source.settle = time.Hour, time.Millisecond
	w := mustFollow(t, source, Options{})
	for generation := range 5 {
		if generation > 0 {
			swap(generation)
			w.until("the swap", func(s Status) bool { return w.allows(fmt.Sprintf("https://generation-%d.example", generation)) })
		}
		assert.Len(t, w.Policy("default").Config().AllowOrigins, 1)
	}
	assert.Zero(t, w.Status().Failures, "there is a whole file at any time")
}

func TestAFileThatIsGoneLeavesThePolicy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	write(t, path, goodDocument)
	source := File(path).(*fileSource)
	source.settle = time.Millisecond
	w := mustFollow(t, source, Options{})
	require.NoError(t, os.Remove(path))
	status := w.until("gone", func(s Status) bool { return s.Err != nil })
	assert.ErrorIs(t, status.Err, fs.ErrNotExist)
	assert.True(t, w.allows("https://good.example"))
	write(t, path, goodDocument)
	w.until("back", func(s Status) bool { return s.Err == nil })
}

// Nor does the folder have to stay.
func TestAFolderThatIsReplacedIsFollowed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "etc")
	path := filepath.Join(folder, "cors.yaml")
	require.NoError(t, os.Mkdir(folder, 0o700))
	write(t, path, goodDocument)
	source := File(path).(*fileSource)
	source.poll, source.settle = time.Millisecond, time.Millisecond
	w := mustFollow(t, source, Options{})
	for i := range 3 {
		origin := fmt.Sprintf("https://folder-%d.example", i)
		require.NoError(t, os.RemoveAll(folder))
		require.NoError(t, os.Mkdir(folder, 0o700))
		write(t, path, onePolicyText(origin))
		w.until(origin, func(s Status) bool { return w.allows(origin) && s.Err == nil })
	}
}

// What is half written when it is read is no document, even where it could be one.
func TestAFileThatIsBeingWrittenIsWaitedFor(t *testing.T) {
	const half, whole = "allowOrigins:\n- https://a.example\n", "allowOrigins:\n- https://a.example\n- https://b.example\n"
	path := filepath.Join(t.TempDir(), "cors.yaml")
	source := File(path).(*fileSource)
	source.settle = time.Hour // so that the file counts as fresh on any machine
	pauses := 0
	source.sleep = func(context.Context, time.Duration) error {
		if pauses++; pauses == 2 {
			write(t, path, whole) // the second half comes while the first is waited on
		}
		return nil
	}
	write(t, path, "")
	source.sleep(context.Background(), 0)
	write(t, path, half)
	d, err := source.Next(context.Background(), "")
	require.NoError(t, err)
	assert.Equal(t, whole, string(d.Data))
	assert.Equal(t, 3, pauses, "it has to be the same twice")
	require.NoError(t, source.Close())
}

func TestAFileThatDoesNotStopChangingIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	source := File(path).(*fileSource)
	source.settle = time.Hour
	written := 0
	source.sleep = func(context.Context, time.Duration) error {
		written++
		write(t, path, fmt.Sprintf("maxAge: %d\n", written))
		return nil
	}
	write(t, path, goodDocument)
	_, err := source.Next(context.Background(), "")
	assert.ErrorContains(t, err, "does not stop changing")
	require.NoError(t, source.Close())
}

func TestAFileThatEndsTooEarlyIsAnError(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{"allowOrigins:\n- https://example.co", "ends in the middle of line 2"},
		{"{\"allowOrigins\": [\"https://example.com\"]}", ""},
		{" {\"allowOrigins\": [\"https://example.com\"", ""}, // which Load refuses
		{"allowOrigins:\n- https://example.com\n", ""},
		{"allowOrigins:\r\n- https://example.com\r\n", ""},
	} {
		path := filepath.Join(t.TempDir(), "cors")
		write(t, path, test.data)
		source := File(path).(*fileSource)
		source.settle = time.Millisecond
		_, err := source.Next(context.Background(), "")
		if test.want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, test.want)
		}
		require.NoError(t, source.Close())
	}
}

func TestAFileThatIsTooLongIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Truncate(path, MaxDocument+1))
	_, err := File(path).Next(context.Background(), "")
	assert.ErrorContains(t, err, "is longer than 4194304 bytes")
}

func TestNextWaitsForAnotherVersionOrForTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	write(t, path, goodDocument)
	for _, source := range []*fileSource{{path: path, poll: time.Millisecond, sleep: sleep}, {path: path, poll: time.Hour, sleep: sleep}} {
		d, err := source.Next(context.Background(), "")
		require.NoError(t, err)
		assert.Equal(t, hashed([]byte(goodDocument)), d.Version)
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		_, err = source.Next(ctx, d.Version)
		assert.True(t, errors.Is(err, context.DeadlineExceeded), err)
		cancel()
		require.NoError(t, source.Close())
	}
}

package fleettest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Fleet is some replicas.
type Fleet struct {
	replicas []*replica
}

type replica struct {
	address string
	said    chan string // lines, but for the first
}

// Start starts n replicas of a source, which serve until the test ends.
func Start(t *testing.T, n int, of string) *Fleet {
	t.Helper()
	f := new(Fleet)
	for range n {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), replicaOf+"="+of)
		command.Stderr = os.Stderr
		input, err := command.StdinPipe()
		require.NoError(t, err)
		output, err := command.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		r := &replica{said: make(chan string, 10_000)}
		read := make(chan struct{})
		go func() {
			defer close(read)
			for lines := bufio.NewScanner(output); lines.Scan(); {
				r.said <- lines.Text()
			}
		}()
		t.Cleanup(func() {
			require.NoError(t, input.Close())
			<-read
			require.NoError(t, command.Wait(), "a replica has to end in good order")
		})
		f.replicas = append(f.replicas, r)
	}
	for _, r := range f.replicas {
		r.address = r.await(t, "listening ")
	}
	return f
}

// await reads on to a line that begins with prefix, and returns the rest of it.
func (r *replica) await(t *testing.T, prefix string) string {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		select {
		case line := <-r.said:
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
			require.False(t, strings.HasPrefix(line, "failed"), line)
		case <-deadline:
			t.Fatalf("a replica never said %q", prefix)
		}
	}
}

// AwaitError waits until every replica has reported an error with text in it.
func (f *Fleet) AwaitError(t *testing.T, text string) {
	t.Helper()
	for _, r := range f.replicas {
		for !strings.Contains(r.await(t, "error "), text) {
		}
	}
}

// Await waits until document i is in force everywhere, and returns after how long it was.
func (f *Fleet) Await(t *testing.T, i int, since time.Time) []time.Duration {
	t.Helper()
	var took []time.Duration
	for _, r := range f.replicas {
		var at int64
		_, err := fmt.Sscan(r.await(t, fmt.Sprintf("document %d ", i)), &at)
		require.NoError(t, err)
		took = append(took, time.Unix(0, at).Sub(since))
	}
	return took
}

// Document returns document i. Everything in it says i, so that a response tells which parts it came of.
func Document(i int) string {
	var b strings.Builder
	b.WriteString("policies:\n")
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, `  %[1]s:
    paths: [/%[1]s]
    allowOrigins: ["https://page.example", "https://page-%[2]d.example"]
    allowMethods: [M-%[2]d]
    allowHeaders: [%[1]s-%[2]d]
    exposeHeaders: [%[1]s-%[2]d]
    allowCredentials: true
    maxAge: %[2]d
`, name, i)
	}
	return b.String()
}

// Judge holds the fleet to changes documents: it puts one after the other, waits until it is in force everywhere,
// and meanwhile judges every response to some clients of every replica. It logs how long the documents took.
func (f *Fleet) Judge(t *testing.T, changes int, put func(i int)) {
	t.Helper()
	load := f.load(changes + 1)
	var took []time.Duration
	for i := 2; i <= changes+1; i++ {
		since := time.Now()
		put(i)
		took = append(took, f.Await(t, i, since)...)
	}
	responses, err := load.end()
	require.NoError(t, err)
	require.Positive(t, responses)
	slices.Sort(took)
	t.Logf("%d replicas, %d changes, %d responses; a document took %v in the median, %v at worst",
		len(f.replicas), changes, responses, took[len(took)/2].Round(time.Millisecond/10), took[len(took)-1].Round(time.Millisecond/10))
}

// Rush puts changes documents without waiting in between: replicas may pass over any but the last.
func (f *Fleet) Rush(t *testing.T, after, changes int, put func(i int)) {
	t.Helper()
	for i := range changes {
		put(after + 1 + i)
	}
	took := f.Await(t, after+changes, time.Now())
	t.Logf("%d changes in a row; the last document took %v at worst", changes, slices.Max(took).Round(time.Millisecond/10))
}

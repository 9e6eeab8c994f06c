package corswatch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asked is a source that notes when it was asked, announces nothing, and may be down. Time is that of synctest.
type asked struct {
	down  bool
	plain []time.Time // when the present document was asked for
}

func (a *asked) Next(ctx context.Context, version string) (Document, error) {
	if version != "" {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		return Document{}, ctx.Err()
	}
	a.plain = append(a.plain, time.Now())
	if a.down {
		return Document{}, errors.New("down")
	}
	return Document{"1", []byte(goodDocument)}, nil
}

// gaps are the times between questions.
func (a *asked) gaps() []time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(a.plain); i++ {
		gaps = append(gaps, a.plain[i].Sub(a.plain[i-1]))
	}
	return gaps
}

func assertBetween(t *testing.T, low, high, got time.Duration) {
	t.Helper()
	assert.GreaterOrEqual(t, got, low)
	assert.LessOrEqual(t, got, high)
}

func TestEverySourceIsAskedAgainAboutEachMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source asked
		var set Set
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, Follow(ctx, &source, &set, Options{}))
		time.Sleep(time.Hour)
		stop()
		set.Wait()
		require.Greater(t, len(source.plain), 45)
		for _, gap := range source.gaps() {
			assertBetween(t, 48*time.Second, 72*time.Second, gap)
		}
		assertBetween(t, time.Hour-72*time.Second, time.Hour, set.Status().Checked.Sub(source.plain[0]))
		assert.Zero(t, set.Status().Failures)
	})
}

func TestASourceThatFailsIsAskedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := asked{down: true}
		var set Set
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, Follow(ctx, &source, &set, Options{Default: []byte(goodDocument)}))
		time.Sleep(time.Hour)
		stop()
		set.Wait()
		gaps := source.gaps()
		require.Greater(t, len(gaps), 1000)
		assert.Zero(t, gaps[0], "what failed at the start is taken up by who goes on")
		for i, gap := range gaps[1:] {
			longest := min(200*time.Millisecond<<min(i, 10), 2*time.Second)
			assertBetween(t, longest/2, longest, gap)
		}
	})
}

func TestTheFirstDocumentIsTriedForTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := asked{down: true}
		since := time.Now()
		assert.ErrorContains(t, Follow(t.Context(), &source, new(Set), Options{}), "down")
		assertBetween(t, 8*time.Second, 10*time.Second, time.Since(since))
		for i, gap := range source.gaps() {
			longest := min(100*time.Millisecond<<i, 2*time.Second)
			assertBetween(t, longest/2, longest, gap)
		}
		assert.Greater(t, len(source.plain), 5)
	})
}

package pushgatewayreceiver

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However many want all that they can get, there is something for a small push.
func TestBudgetKeepsSomethingForSmallPushes(t *testing.T) {
	const size = 64 << 20
	for _, greedy := range []int{1, 8, 63} {
		b := newBudget(size, 0)
		var all []*share
		for range greedy {
			all = append(all, enter(t, b))
		}
		for more := true; more; {
			more = false
			for i, s := range all {
				more = s.take(64<<10+i) == nil || more
			}
		}
		assert.LessOrEqual(t, b.inFlight(), int64(size))
		small := enter(t, b)
		require.NoError(t, small.take(size/4/64-pushMemory), "%d", greedy)
		require.Error(t, small.take(1))
		for _, s := range append(all, small) {
			s.leave()
		}
		assert.Zero(t, b.inFlight())
	}
}

func TestPushThatIsAlone(t *testing.T) {
	b := newBudget(4<<20, 0)
	s := enter(t, b)
	require.NoError(t, s.take(3<<20-pushMemory), "three quarters of the budget, to the byte")
	var tooMuch *pushMemoryError
	require.ErrorAs(t, s.take(1), &tooMuch)
	require.EqualError(t, tooMuch, "the push takes more memory than a push may: 3072 KiB and more, of 3072 KiB (three quarters of limits.in_flight_mib, 4 MiB)")
	s.leave()
	s = enter(t, b)
	require.NoError(t, s.foresee(100<<20), "no more than a quarter is taken before it is needed")
	assert.Equal(t, int64(1<<20), s.held)
	require.NoError(t, s.take(1<<19))
	assert.Equal(t, int64(1<<20), s.held)
	s.putBack(1 << 19)
	require.NoError(t, s.take(1<<19))
	assert.Equal(t, int64(1<<20), s.held, "what was put back is taken first")
	s.leave()
	assert.Zero(t, b.inFlight())
}

func TestWaitForMemory(t *testing.T) {
	b := newBudget(4<<20, time.Minute)
	large := enter(t, b)
	require.NoError(t, large.take(2900<<10))
	done := make(chan error)
	small := enter(t, b)
	go func() { done <- small.take(1 << 20) }()
	require.Eventually(t, func() bool { return waitingAt(b) == 1 }, 5*time.Second, time.Millisecond)
	large.leave()
	require.NoError(t, <-done)
	assert.Equal(t, int64(1<<20+pushMemory), b.inFlight())

	b.wait = 10 * time.Millisecond
	begin := time.Now()
	var over *overBudgetError
	require.ErrorAs(t, enter(t, b).take(5<<19), &over)
	assert.Less(t, time.Since(begin), 5*time.Second)
	assert.Zero(t, waitingAt(b))

	b.wait = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	s, err := b.enter(ctx)
	require.NoError(t, err)
	cancel()
	require.ErrorAs(t, s.take(5<<19), &over, "the client is gone")
}

func waitingAt(b *budget) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// With many at once nothing is given out twice, and nothing is lost.
func TestBudgetOfMany(t *testing.T) {
	const size = 4 << 20
	b := newBudget(size, time.Millisecond)
	var pushes sync.WaitGroup
	for range 32 {
		pushes.Go(func() {
			for range 100 {
				s, err := b.enter(context.Background())
				if err != nil {
					continue
				}
				for range rand.IntN(20) {
					taken := rand.IntN(100 << 10)
					if s.take(taken) != nil {
						break
					}
					if rand.IntN(3) == 0 {
						s.putBack(taken)
					}
				}
				assert.LessOrEqual(t, b.inFlight(), int64(size))
				s.leave()
			}
		})
	}
	pushes.Wait()
	assert.Zero(t, b.inFlight())
	assert.Zero(t, waitingAt(b))
}

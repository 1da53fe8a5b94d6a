package pushgatewayreceiver

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

func TestTimesOfAGroupGrow(t *testing.T) {
	s, now := turnSlot{}, time.UnixMicro(1_700_000_000_000_300)
	assert.Equal(t, now, s.next(now), "the time is exact when the millisecond is free")
	for i := range 1500 {
		assert.Equal(t, now.UnixMilli()+int64(i)+1, s.next(now).UnixMilli())
	}
	later := now.Add(time.Minute)
	assert.Equal(t, later, s.next(later))
	assert.Equal(t, now, s.next(now), "the wall clock was set back")
}

func TestTurnsOfAGroup(t *testing.T) {
	turns, key := newTurns(), groupingkey.Key{Job: "j", Labels: []groupingkey.Label{{Name: "l", Value: "v"}}}
	same := groupingkey.Key{Job: "j", Labels: []groupingkey.Label{{Name: "empty"}, {Name: "l", Value: "v"}}}
	first, end, err := turns.take(t.Context(), key)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = turns.take(ctx, same)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	end()
	second, end, err := turns.take(t.Context(), same)
	require.NoError(t, err)
	assert.Greater(t, second.UnixMilli(), first.UnixMilli())
	end()
}

// A group that is pushed more than a thousand times a second has to wait, or Prometheus would refuse its samples.
func TestTurnsStayNearTheWallClock(t *testing.T) {
	turns, key := newTurns(), groupingkey.Key{Job: "j"}
	last := time.Time{}
	for range 1200 {
		received, end, err := turns.take(t.Context(), key)
		require.NoError(t, err)
		end()
		require.Greater(t, received.UnixMilli(), last.UnixMilli())
		require.LessOrEqual(t, time.Until(received), maxAhead)
		last = received
	}
	turns.slots[turns.hash(key)%turnSlots].last += maxAhead.Milliseconds() / 2
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err := turns.take(ctx, key)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// Pushes of one group come to the pipeline in turn, those of different groups at once.
func TestPushesInTurn(t *testing.T) {
	var inPipeline, most atomic.Int32
	slow, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error {
		most.Store(max(most.Load(), inPipeline.Add(1)))
		time.Sleep(20 * time.Millisecond)
		inPipeline.Add(-1)
		return nil
	})
	require.NoError(t, err)
	r := start(t, slow, nil)
	push := func(paths ...string) int32 {
		most.Store(0)
		var clients sync.WaitGroup
		for _, path := range paths {
			clients.Go(func() {
				assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, path, "m 1\n").StatusCode)
			})
		}
		clients.Wait()
		return most.Load()
	}
	assert.EqualValues(t, 1, push("/metrics/job/a", "/metrics/job@base64/YQ", "/metrics/job/a/l/"))
	assert.Greater(t, push("/metrics/job/a", "/metrics/job/b", "/metrics/job/c", "/metrics/job/d"), int32(1))
}

// A push that waits too long for its turn is one that the pipeline does not take now.
func TestPushThatWaitsTooLong(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.WriteTimeout = 120 * time.Millisecond })
	_, end, err := r.turns.take(t.Context(), groupingkey.Key{Job: "a"})
	require.NoError(t, err)
	a := r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n")
	assert.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
	assert.NotEmpty(t, a.Header.Get("Retry-After"))
	bad := r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n", "Content-Encoding", "snappy")
	assert.Equal(t, http.StatusBadRequest, bad.StatusCode, "what is wrong with the body matters more: %s", bad.body)
	end()
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n").StatusCode)
}

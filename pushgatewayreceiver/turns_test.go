package pushgatewayreceiver

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

func TestTimesOfAGroupGrow(t *testing.T) {
	s, now := timeSlot(0), time.UnixMicro(1_700_000_000_000_300)
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
	first, end, err := turns.take(t.Context(), turns.hash(key))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err = turns.take(ctx, turns.hash(same))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	end()
	second, end, err := turns.take(t.Context(), turns.hash(same))
	require.NoError(t, err)
	assert.Greater(t, second.UnixMilli(), first.UnixMilli())
	end()
	assert.Empty(t, turns.groups, "nothing is kept of a group without pushes")
}

// However many groups have pushes that wait, that of another one does not wait for them.
func TestGroupsDoNotWaitForEachOther(t *testing.T) {
	turns := newTurns()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for i := range 5 * timeSlots {
		_, end, err := turns.take(ctx, turns.hash(groupingkey.Key{Job: strconv.Itoa(i)}))
		require.NoError(t, err)
		defer end()
	}
}

// A group that is pushed more than a thousand times a second has to wait, or Prometheus would refuse its samples.
func TestTurnsStayNearTheWallClock(t *testing.T) {
	turns, key := newTurns(), groupingkey.Key{Job: "j"}
	last := time.Time{}
	for range 1200 {
		received, end, err := turns.take(t.Context(), turns.hash(key))
		require.NoError(t, err)
		end()
		require.Greater(t, received.UnixMilli(), last.UnixMilli())
		require.LessOrEqual(t, time.Until(received), maxAhead)
		last = received
	}
	turns.last[turns.hash(key)%timeSlots] = timeSlot(time.Now().Add(maxAhead + maxAhead*9/10).UnixMilli())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err := turns.take(ctx, turns.hash(key))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestPushesOfAGroupGoInTurn(t *testing.T) {
	var inPipeline atomic.Int32
	r := start(t, consumerFunc(t, func(context.Context) error {
		defer inPipeline.Add(-1)
		if inPipeline.Add(1) > 1 {
			return errors.New("another push of the group is in the pipeline")
		}
		time.Sleep(20 * time.Millisecond)
		return nil
	}), nil)
	pushAtOnce(t, r, "/metrics/job/a", "/metrics/job@base64/YQ", "/metrics/job/a/l/")
}

func TestPushesOfGroupsGoAtOnce(t *testing.T) {
	paths := []string{"/metrics/job/a", "/metrics/job/b", "/metrics/job/c", "/metrics/job/a/l/v"}
	var inPipeline atomic.Int32
	all := make(chan struct{})
	pushAtOnce(t, start(t, consumerFunc(t, func(ctx context.Context) error {
		if inPipeline.Add(1) == int32(len(paths)) {
			close(all)
		}
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}), nil), paths...)
}

func pushAtOnce(t *testing.T, r running, paths ...string) {
	t.Helper()
	var clients sync.WaitGroup
	for _, path := range paths {
		clients.Go(func() {
			a := r.do(t, http.MethodPost, path, "m 1\n")
			assert.Equal(t, http.StatusOK, a.StatusCode, a.body)
		})
	}
	clients.Wait()
}

// A push that waits too long for its turn is one that the pipeline does not take now.
func TestPushThatWaitsTooLong(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.WriteTimeout = 360 * time.Millisecond })
	_, end, err := r.turns.take(t.Context(), r.turns.hash(groupingkey.Key{Job: "a"}))
	require.NoError(t, err)
	a := r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n")
	assert.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
	assert.NotEmpty(t, a.Header.Get("Retry-After"))
	bad := r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n", "Content-Encoding", "snappy")
	assert.Equal(t, http.StatusBadRequest, bad.StatusCode, "what is wrong with the body matters more: %s", bad.body)
	end()
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, "/metrics/job/a", "m 1\n").StatusCode)
}

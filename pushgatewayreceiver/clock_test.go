package pushgatewayreceiver

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

func TestNoTwoPushesOfAGroupHaveTheSameMillisecond(t *testing.T) {
	c, now := newPushClock(), time.UnixMicro(1_700_000_000_000_300)
	key := groupingkey.Key{Job: "j", Labels: []groupingkey.Label{{Name: "l", Value: "v"}}}
	given := map[int64]bool{}
	var mu sync.Mutex
	var pushing sync.WaitGroup
	for range 8 {
		pushing.Go(func() {
			for range 100 {
				next := c.next(key, now)
				mu.Lock()
				given[next.UnixMilli()] = true
				mu.Unlock()
			}
		})
	}
	pushing.Wait()
	assert.Len(t, given, 800)
	later := now.Add(time.Minute)
	assert.Equal(t, later, c.next(key, later), "the time is exact when the millisecond is free")
}

func TestPushClockStaysNearTheWallClock(t *testing.T) {
	c, now := newPushClock(), time.UnixMilli(1_700_000_000_000)
	for range 5000 {
		assert.LessOrEqual(t, c.next(groupingkey.Key{Job: "j"}, now).Sub(now), maxAhead)
	}
	back := now.Add(-time.Hour)
	assert.Equal(t, back, c.next(groupingkey.Key{Job: "j"}, back))
}

func TestGroupsDoNotWaitForEachOther(t *testing.T) {
	c, now := newPushClock(), time.UnixMilli(1_700_000_000_000)
	moved := 0
	for _, job := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if !c.next(groupingkey.Key{Job: job}, now).Equal(now) {
			moved++
		}
	}
	assert.LessOrEqual(t, moved, 2, "eight groups hardly ever share a slot")
}

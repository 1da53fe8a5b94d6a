package pushgatewayreceiver

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

const (
	// clockSlots is how many groups are told apart. Two groups that share a slot do each other no harm but that of a
	// millisecond.
	clockSlots = 4096
	// maxAhead is how far the times of pushes may run ahead of the wall clock. A group that is pushed more than a thousand
	// times a second gets there, and one whose wall clock was set back.
	maxAhead = time.Second
)

// pushClock gives each push its time. Prometheus keeps one sample of a series for each millisecond and refuses a second
// one with another value, which push_time_seconds always has. So no two pushes of a group get the same millisecond: a
// client that pushes and adds at once would lose the second push otherwise. Its size is fixed, whatever is pushed.
type pushClock struct {
	seed  maphash.Seed
	slots [clockSlots]atomic.Int64 // the last millisecond that was given
}

func newPushClock() *pushClock { return &pushClock{seed: maphash.MakeSeed()} }

// next returns now, or the next millisecond that is free for the group.
func (c *pushClock) next(key groupingkey.Key, now time.Time) time.Time {
	slot := &c.slots[c.hash(key)%clockSlots]
	for {
		t := now
		last := slot.Load()
		if ms := last + 1; t.UnixMilli() < ms && ms-t.UnixMilli() <= maxAhead.Milliseconds() {
			t = time.UnixMilli(ms)
		}
		if slot.CompareAndSwap(last, t.UnixMilli()) {
			return t
		}
	}
}

func (c *pushClock) hash(key groupingkey.Key) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	_, _ = h.WriteString(key.Job) // a Hash takes everything
	for _, l := range key.Labels {
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Name)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Value)
	}
	return h.Sum64()
}

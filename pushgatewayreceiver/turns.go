package pushgatewayreceiver

import (
	"context"
	"hash/maphash"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

const (
	// turnSlots is how many groups are told apart. Two groups that share a slot wait for each other.
	turnSlots = 1024
	// maxAhead is how far the times of pushes may run ahead of the wall clock.
	maxAhead = time.Second
)

// turns lets the pushes of a group reach the pipeline one after the other, as the Pushgateway does with all pushes, and gives
// each a time of its own.
//
// Prometheus keeps one sample of a series for each millisecond, and refuses one with another value, or with a time before that of
// the last. Each push has another push_time_seconds, so of two pushes of a group at once the second would be lost. Its size is
// fixed, whatever is pushed.
type turns struct {
	seed  maphash.Seed
	slots [turnSlots]turnSlot
}

type turnSlot struct {
	taken chan struct{} // has room for one
	last  int64         // the last millisecond that was given; its owner has the turn
}

func newTurns() *turns {
	t := &turns{seed: maphash.MakeSeed()}
	for i := range t.slots {
		t.slots[i].taken = make(chan struct{}, 1)
	}
	return t
}

// take waits for the turn of a push, which lasts until end is called, and returns the time of the push. The error is that of ctx,
// which does not matter if there is nothing to wait for: the time of a push whose client is gone is worth having.
func (t *turns) take(ctx context.Context, key groupingkey.Key) (received time.Time, end func(), err error) {
	slot := &t.slots[t.hash(key)%turnSlots]
	select {
	case slot.taken <- struct{}{}:
	default:
		select {
		case slot.taken <- struct{}{}:
		case <-ctx.Done():
			return time.Time{}, nil, ctx.Err()
		}
	}
	end = func() { <-slot.taken }
	now := time.Now()
	received = slot.next(now)
	if wait := received.Sub(now) - maxAhead; wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			end()
			return time.Time{}, nil, ctx.Err()
		}
	}
	return received, end, nil
}

// next returns now, or the millisecond behind the last one. If that is much later, the wall clock was set back.
func (s *turnSlot) next(now time.Time) time.Time {
	if next := time.UnixMilli(s.last + 1); now.Before(next) && next.Sub(now) <= 2*maxAhead {
		now = next
	}
	s.last = now.UnixMilli()
	return now
}

// hash tells groups apart. Labels without value do not: the series are the same.
func (t *turns) hash(key groupingkey.Key) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	_, _ = h.WriteString(key.Job) // a Hash takes everything
	for _, l := range key.Labels {
		if l.Value == "" {
			continue
		}
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Name)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Value)
	}
	return h.Sum64()
}

package pushgatewayreceiver

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

const (
	// timeSlots is how many last times are kept. Two groups that share a slot are never given the same millisecond, which they
	// could be; together they have a thousand a second.
	timeSlots = 1024
	// maxAhead is how far the times of pushes may run ahead of the wall clock.
	maxAhead = time.Second
)

// turns lets the pushes of a group reach the pipeline one after the other, as the Pushgateway does with all pushes, and gives
// each a time of its own. Groups do not wait for each other.
//
// Prometheus keeps one sample of a series for each millisecond, and refuses one with another value, or with a time before that of
// the last. Each push has another push_time_seconds, so of two pushes of a group at once the second would be lost. What is kept
// grows with the pushes that are here now, and not with the groups that have been.
type turns struct {
	seed maphash.Seed

	mu     sync.Mutex
	groups map[uint64]*turn // those that have pushes here now
	last   [timeSlots]timeSlot
}

// A turn is that of one group.
type turn struct {
	taken chan struct{} // has room for one
	users int           // the push that has it, and those that wait for it; turns.mu
}

// A timeSlot is the last millisecond that was given; turns.mu.
type timeSlot int64

func newTurns() *turns {
	return &turns{seed: maphash.MakeSeed(), groups: map[uint64]*turn{}}
}

// take waits for the turn of a push of the group with that hash, which lasts until end is called, and returns the time of the push.
// The error is that of ctx, which does not matter if there is nothing to wait for: the time of a push whose client is gone is
// worth having.
func (t *turns) take(ctx context.Context, group uint64) (received time.Time, end func(), err error) {
	turn := t.enter(group)
	select {
	case turn.taken <- struct{}{}:
	default:
		select {
		case turn.taken <- struct{}{}:
		case <-ctx.Done():
			t.leave(group, turn)
			return time.Time{}, nil, ctx.Err()
		}
	}
	end = t.ender(group, turn)
	now := time.Now()
	received = t.next(group, now)
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

// tryTake is take without waiting.
func (t *turns) tryTake(group uint64) (at time.Time, end func(), ok bool) {
	turn := t.enter(group)
	select {
	case turn.taken <- struct{}{}:
	default:
		t.leave(group, turn)
		return time.Time{}, nil, false
	}
	end = t.ender(group, turn)
	now := time.Now()
	if at = t.next(group, now); at.Sub(now) > maxAhead {
		end()
		return time.Time{}, nil, false
	}
	return at, end, true
}

func (t *turns) ender(group uint64, turn *turn) func() {
	return func() {
		<-turn.taken
		t.leave(group, turn)
	}
}

// saw says that a group had a push at that time, before this process began.
func (t *turns) saw(group uint64, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slot := &t.last[group%timeSlots]
	*slot = max(*slot, timeSlot(at.UnixMilli()))
}

func (t *turns) enter(group uint64) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groups[group]
	if g == nil {
		g = &turn{taken: make(chan struct{}, 1)}
		t.groups[group] = g
	}
	g.users++
	return g
}

func (t *turns) leave(group uint64, g *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(t.groups, group)
	}
}

// next returns the time of a push of the group that has the turn.
func (t *turns) next(group uint64, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last[group%timeSlots].next(now)
}

// next returns now, or the millisecond behind the last one. If that is much later, the wall clock was set back.
func (s *timeSlot) next(now time.Time) time.Time {
	if next := time.UnixMilli(int64(*s) + 1); now.Before(next) && next.Sub(now) <= 2*maxAhead {
		now = next
	}
	*s = timeSlot(now.UnixMilli())
	return now
}

// hash tells groups apart, by a seed that nobody knows.
func (t *turns) hash(key groupingkey.Key) uint64 { return maphash.Bytes(t.seed, key.Identity()) }

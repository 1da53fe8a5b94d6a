package pushgatewayreceiver

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A budget is the memory that all pushes in flight may take together, so that what the receiver takes is a setting and not a
// consequence of who connects.
//
// A quarter of it is for small pushes alone, which nearly all are: those that hold no more than a 64th of that quarter. A
// semaphore would serve who comes first, so a few large bodies that come slowly would keep everybody else out.
type budget struct {
	size     int64
	reserved int64         // for small pushes
	small    int64         // what a small push may hold
	wait     time.Duration // how long a push waits for memory, in all, before it is refused

	mu      sync.Mutex
	free    int64
	waiting []*waiter // in the order in which they came
}

const (
	// pushMemory is what a push takes before its body is there: the buffers of the connection, the request and the goroutine.
	pushMemory = 32 << 10
	// grantMemory is how much a share asks for at once, to ask not too often.
	grantMemory = 16 << 10
	// yieldMemory is how much a push takes until it lets others pass: some tenths of a millisecond.
	yieldMemory = 128 << 10
)

func newBudget(size int64, wait time.Duration) *budget {
	return &budget{size: size, free: size, reserved: size / 4, small: size / 4 / 64, wait: wait}
}

// A waiter is a share that waits for memory.
type waiter struct {
	share   *share
	bytes   int64
	granted chan struct{} // closed when it has it
}

// A share is what one push has of the budget. It is used by one goroutine.
type share struct {
	budget *budget
	ctx    context.Context //nolint:containedctx // a share lives no longer than its request
	held   int64           // of the budget
	used   int64           // of that
	waited time.Duration

	sinceYield int // bytes taken since other goroutines were let pass
}

// overBudgetError is a push that does not fit in now.
type overBudgetError struct{ free, size int64 }

func (e *overBudgetError) Error() string {
	return fmt.Sprintf("too many pushes at once: of limits.in_flight_mib, %d MiB, %d KiB are free; push it again later", e.size>>20, e.free>>10)
}

// Redacted is Error, which has nothing of the body.
func (e *overBudgetError) Redacted() string { return e.Error() }

// pushMemoryError is a push that cannot fit in, however little there is to do.
type pushMemoryError struct{ needed, most, size int64 }

func (e *pushMemoryError) Error() string {
	return fmt.Sprintf("the push takes more memory than a push may: %d KiB and more, of %d KiB (three quarters of limits.in_flight_mib, %d MiB)",
		e.needed>>10, e.most>>10, e.size>>20)
}

// Redacted is Error, which has nothing of the body.
func (e *pushMemoryError) Redacted() string { return e.Error() }

// enter returns the share of a push, which must leave.
func (b *budget) enter(ctx context.Context) (*share, error) {
	s := &share{budget: b, ctx: ctx}
	if err := s.take(pushMemory); err != nil {
		return nil, err
	}
	return s, nil
}

// leave gives back all that the share holds.
func (s *share) leave() {
	s.budget.give(s.held)
	s.held, s.used = 0, 0
}

// take takes so many bytes more. It waits for them, if need be and not for long. An error is an *overBudgetError or a
// *pushMemoryError.
func (s *share) take(bytes int) error {
	s.used += int64(bytes)
	if s.sinceYield += bytes; s.sinceYield > yieldMemory {
		s.sinceYield = 0
		runtime.Gosched() // let small pushes pass: many large ones would keep the processors for long
	}
	if s.used <= s.held {
		return nil
	}
	return s.hold(max(s.used-s.held, grantMemory))
}

// putBack says that so many bytes of those taken are not needed any more. They stay with the share, for what it takes next.
func (s *share) putBack(bytes int) { s.used -= int64(bytes) }

// foresee takes what will be needed, up to a quarter of the budget, so that a push is not halfway when it has to wait.
func (s *share) foresee(bytes int) error {
	more := min(s.used+int64(bytes), s.budget.size/4) - s.held
	if more <= 0 {
		return nil
	}
	return s.hold(more)
}

// hold takes so many bytes more of the budget.
func (s *share) hold(bytes int64) error {
	b := s.budget
	if most := b.most(); s.held+bytes > most {
		if bytes = s.used - s.held; s.held+bytes > most { // perhaps it fits in to the byte
			return &pushMemoryError{needed: s.used, most: most, size: b.size}
		}
	}
	b.mu.Lock()
	if b.fits(s, bytes) {
		b.grant(s, bytes)
		b.mu.Unlock()
		return nil
	}
	w := &waiter{share: s, bytes: bytes, granted: make(chan struct{})}
	b.waiting = append(b.waiting, w)
	b.mu.Unlock()
	return b.await(w)
}

// most is what a push may hold when it is alone.
func (b *budget) most() int64 { return b.size - b.reserved }

// fits and grant need the lock.
func (b *budget) fits(s *share, bytes int64) bool {
	if s.held+bytes <= b.small {
		return bytes <= b.free
	}
	return bytes <= b.free-b.reserved
}

func (b *budget) grant(s *share, bytes int64) {
	b.free -= bytes
	s.held += bytes
}

func (b *budget) await(w *waiter) error {
	begin := time.Now()
	timer := time.NewTimer(b.wait - w.share.waited)
	defer func() {
		timer.Stop()
		w.share.waited += time.Since(begin)
	}()
	select {
	case <-w.granted:
		return nil
	case <-timer.C:
	case <-w.share.ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.waiting, w)
	if i < 0 {
		return nil // it was granted at the last moment
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	return &overBudgetError{free: b.free, size: b.size}
}

// give takes memory back, and hands it to those who wait, as far as they fit in.
func (b *budget) give(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free += bytes
	b.waiting = slices.DeleteFunc(b.waiting, func(w *waiter) bool {
		if !b.fits(w.share, w.bytes) {
			return false
		}
		b.grant(w.share, w.bytes)
		close(w.granted)
		return true
	})
}

// inFlight returns how many bytes are held.
func (b *budget) inFlight() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size - b.free
}

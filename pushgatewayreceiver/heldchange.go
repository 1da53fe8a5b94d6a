package pushgatewayreceiver

import (
	"context"
	"errors"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// storageError is a change that cannot be made to last. Its text is for the log only.
type storageError struct{ err error }

func (e *storageError) Error() string { return "the storage did not take it: " + e.err.Error() }
func (e *storageError) Unwrap() error { return e.err }

// Redacted is Error: storages do not quote what they keep.
func (e *storageError) Redacted() string { return e.Error() }

// push lets a push change its group, and sends it on. received is the time of its turn.
func (h *heldGroups) push(ctx context.Context, p *pushRecord, push *translate.Builder, replaces bool, received time.Time, memory *share) error {
	families, err := push.Families()
	if err != nil {
		return err
	}
	change, err := h.store.Push(groups.Push{ID: p.group, Key: p.key, Families: families, Replace: replaces})
	if err != nil {
		return err
	}
	at := received
	if len(change.Left) > 0 {
		at = h.turns.next(p.group, received) // values follow their markers
	}
	change.Stamp(at)
	return h.apply(ctx, change, func(batch *translate.Batch) error {
		if err := h.mark(ctx, batch, change, received, memory); err != nil {
			return err
		}
		return batch.AddPush(push, change.After)
	})
}

// failure notes and sends that a push was refused for what it is. If the pipeline does not take it now, it goes with the next
// republication. It is written a second later: a job that fails all the time must not have its group written each time.
func (h *heldGroups) failure(ctx context.Context, p *pushRecord, at time.Time) error {
	change, err := h.store.Failure(p.group, p.key, at)
	if err != nil {
		return err
	}
	change.Commit()
	h.unwritten.add(change.After)
	batch := translate.NewBatch(h.options)
	if err := batch.AddTimes(change.After, at); err != nil {
		return err
	}
	return h.consume(ctx, batch)
}

// apply makes the change of a push, and sends what fill adds to a batch.
func (h *heldGroups) apply(ctx context.Context, change *groups.Change, fill func(*translate.Batch) error) error {
	if err := h.storage.Put(ctx, change.After); err != nil {
		change.Abort()
		return &storageError{err: err}
	}
	batch := translate.NewBatch(h.options)
	err := fill(batch)
	if err == nil {
		err = h.consume(ctx, batch)
	}
	if err != nil {
		change.Abort()
		h.unwritten.settle(context.WithoutCancel(ctx), change.After)
		return err
	}
	change.Commit()
	return nil
}

const (
	// markerMemory is what a marker takes, with the series that is unpacked for it, beside its labels.
	markerMemory = 1 << 10
	// unpacked is how many times as much the labels take when they are unpacked, and copied to the markers.
	unpacked = 3
	// largeChange is one for which the others do not wait: it is done without a share of the budget, one at a time.
	largeChange = 4 << 20
)

// mark adds the markers of what leaves to the batch. If there are very many, it sends them, but for the last. Memory is nil for visits,
// which are done one after the other anyway.
func (h *heldGroups) mark(ctx context.Context, batch *translate.Batch, change *groups.Change, at time.Time, memory *share) error {
	bytes := 0
	for _, left := range change.Left {
		bytes += len(left.Family.Series)*markerMemory + len(left.Family.Data)*unpacked
	}
	if memory != nil {
		done, err := h.takeForMarkers(ctx, bytes, memory)
		if err != nil {
			return err
		}
		defer done()
	}
	return batch.AddMarkers(change.Before, change.Left, at, func() error { return h.hand(ctx, batch, memory) })
}

// hand is consume, which in visits has its own timeout for each batch.
func (h *heldGroups) hand(ctx context.Context, batch *translate.Batch, memory *share) error {
	if memory == nil {
		return h.consumeSoon(ctx, batch)
	}
	return h.consume(ctx, batch)
}

// takeForMarkers takes memory of the budget, or if it is more than there may be, waits until no other change is as large.
func (h *heldGroups) takeForMarkers(ctx context.Context, bytes int, memory *share) (done func(), err error) {
	if bytes <= largeChange {
		if err := memory.take(bytes); !errors.As(err, new(*pushMemoryError)) {
			return func() {}, err
		}
	}
	select {
	case h.large <- struct{}{}:
		return func() { <-h.large }, nil
	case <-ctx.Done():
		return nil, &consumeError{err: ctx.Err()}
	}
}

// remove removes a group that is held, and sends markers of all its series.
func (h *heldGroups) remove(ctx context.Context, id uint64, at time.Time, cause string, memory *share) error {
	change := h.store.Remove(id)
	if err := h.end(ctx, change, at, memory); err != nil {
		change.Abort()
		return err
	}
	change.Commit()
	h.reporter.removed(ctx, cause)
	return nil
}

func (h *heldGroups) end(ctx context.Context, change *groups.Change, at time.Time, memory *share) error {
	batch := translate.NewBatch(h.options)
	if err := h.mark(ctx, batch, change, at, memory); err != nil {
		return err
	}
	if err := batch.AddEnd(change.Before, at); err != nil {
		return err
	}
	if err := h.hand(ctx, batch, memory); err != nil {
		return err
	}
	if err := h.storage.Delete(ctx, change.Before.Key); err != nil {
		return &storageError{err: err}
	}
	return nil
}

// delete removes a group for good, if it is held. Of one that is not, the storage may have what could not be taken back.
func (h *heldGroups) delete(ctx context.Context, key groupingkey.Key, memory *share) error {
	id := h.turns.hash(key)
	at, end, err := h.turns.take(ctx, id)
	if err != nil {
		return &consumeError{err: err}
	}
	defer end()
	if h.store.Get(id) != nil {
		return h.remove(ctx, id, at, "deleted", memory)
	}
	if err := h.storage.Delete(ctx, key); err != nil {
		return &storageError{err: err}
	}
	return nil
}

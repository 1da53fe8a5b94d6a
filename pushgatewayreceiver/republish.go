package pushgatewayreceiver

import (
	"context"
	"errors"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// Groups are visited one slot after the other, so that what they hold is sent again evenly over the interval, however many were pushed
// at midnight.

// What becomes of a group when it is to be sent again.
const (
	republished = "accepted"
	notTaken    = "refused" // by the pipeline
	passedOver  = "skipped" // the pipeline has just refused others
	sentByPush  = "pushed"  // a push is on its way
)

const (
	// visitTimeout is how long the pipeline may take for a batch. The pushes of its groups wait as long.
	visitTimeout = 5 * time.Second
	// maxBatchBytes is what the groups of a batch hold together, if they are several. As pdata it is some times as much.
	maxBatchBytes = 4 << 20
)

// visitAll visits all groups, again and again, until ctx ends. What is on its way then may end, until abandoned ends, too.
func (h *heldGroups) visitAll(ctx, abandoned context.Context) {
	slots, tick := h.settings.visits()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	begin, visited := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		due := int(time.Since(begin) / tick)
		// What is more than a whole round behind comes anyway.
		for next := max(visited+1, due-slots+1); next <= due && ctx.Err() == nil; next++ {
			visited = next
			v := visit{heldGroups: h, ctx: ctx, abandoned: abandoned, batch: translate.NewBatch(h.options)}
			if v.slot(next % slots) {
				continue
			}
			for visited < due { // the pipeline has too much to do: what is late comes with the next round
				visited++
				h.reporter.republished(ctx, passedOver, len(h.store.Slot(visited%slots)))
			}
		}
	}
}

// A visit is that of one slot.
type visit struct {
	*heldGroups
	ctx, abandoned context.Context //nolint:containedctx // a visit is a call

	batch *translate.Batch
	bytes int64    // what its groups hold
	ends  []func() // of their turns
}

// slot visits the groups of a slot. It returns false if the pipeline has refused their values.
func (v *visit) slot(slot int) bool {
	defer v.release()
	var expired []uint64
	ids := v.store.Slot(slot)
	for i, id := range ids {
		g := v.store.Get(id)
		switch {
		case v.ctx.Err() != nil:
			return true
		case g == nil:
		case v.isExpired(g, time.Now()):
			expired = append(expired, id) // later: the groups of the batch would wait for it
		case v.settings.RepublishInterval > 0 && !v.add(id):
			v.reporter.republished(v.ctx, passedOver, len(ids)-i)
			return false
		}
	}
	if !v.flush() {
		return false
	}
	for _, id := range expired {
		if v.ctx.Err() != nil || !v.expire(id) {
			break
		}
	}
	return true
}

func (h *heldGroups) isExpired(g *groups.Group, now time.Time) bool {
	return h.settings.TTL > 0 && now.Sub(g.Active()) >= h.settings.TTL
}

// add adds the values of a group to the batch. It returns false if it had to send the batch before, and the pipeline has refused it.
func (v *visit) add(id uint64) bool {
	at, end, ok := v.turns.tryTake(id)
	if !ok {
		v.reporter.republished(v.ctx, sentByPush, 1)
		return true
	}
	g := v.store.Get(id)
	if g == nil {
		end()
		return true
	}
	if (v.batch.Points()+g.Points() > translate.MaxPoints || v.bytes+g.Bytes() > maxBatchBytes) && !v.flush() {
		end()
		return false
	}
	v.ends = append(v.ends, end)
	v.bytes += g.Bytes()
	if err := v.batch.AddValues(g, at); err != nil {
		v.reporter.notRepublished(1, err)
	}
	return true
}

// expire removes a group, if nobody has pushed it meanwhile. It returns false if the pipeline does not take its markers: the next visit
// tries again.
func (v *visit) expire(id uint64) bool {
	at, end, ok := v.turns.tryTake(id)
	if !ok {
		return true
	}
	defer end()
	g := v.store.Get(id)
	if g == nil || !v.isExpired(g, at) {
		return true
	}
	if err := v.remove(v.abandoned, id, at, "expired", nil); err != nil {
		v.reporter.notRemoved(g.Key, err)
		return !errors.As(err, new(*consumeError))
	}
	return true
}

// flush sends the batch, and ends the turns of its groups. What the pipeline refuses is not sent again: its groups come with the next
// round.
func (v *visit) flush() bool {
	if len(v.ends) == 0 {
		return true
	}
	err := v.consumeSoon(v.abandoned, v.batch)
	outcome := republished
	if err != nil {
		outcome = notTaken
		v.reporter.notRepublished(len(v.ends), err)
	}
	v.reporter.republished(v.ctx, outcome, len(v.ends))
	v.release()
	return err == nil
}

// release ends the turns of the groups in the batch.
func (v *visit) release() {
	for _, end := range v.ends {
		end()
	}
	v.ends, v.bytes = nil, 0
}

// consumeSoon is consume within visitTimeout.
func (h *heldGroups) consumeSoon(ctx context.Context, batch *translate.Batch) error {
	ctx, cancel := context.WithTimeout(ctx, visitTimeout)
	defer cancel()
	return h.consume(ctx, batch)
}

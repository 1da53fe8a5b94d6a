package pushgatewayreceiver

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// Groups are visited one slot after the other, so that what they hold is sent again evenly over the interval, however many were pushed
// at midnight.

// What becomes of a group when it is visited.
const (
	republished = "accepted"
	notTaken    = "refused" // by the pipeline
	passedOver  = "skipped" // its turn is another's, or the pipeline has just refused others
)

// visitTimeout is how long the pipeline may take for a batch. The pushes of its groups wait as long.
const visitTimeout = 5 * time.Second

// visitAll visits all groups, again and again, until ctx ends.
func (h *heldGroups) visitAll(ctx context.Context) {
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
		h.unwritten.settleAll(ctx)
		due := int(time.Since(begin) / tick)
		// What is more than a whole round behind comes anyway.
		for next := max(visited+1, due-slots+1); next <= due && ctx.Err() == nil; next++ {
			visited = next
			if h.visit(ctx, next%slots) {
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
	ctx   context.Context //nolint:containedctx // a visit is a call
	batch *translate.Batch
	ends  []func() // of the turns of the groups in the batch
}

// visit returns false if the pipeline refused anything.
func (h *heldGroups) visit(ctx context.Context, slot int) bool {
	ids := h.store.Slot(slot)
	v := visit{heldGroups: h, ctx: ctx, batch: translate.NewBatch(h.options)}
	defer v.release()
	for i, id := range ids {
		if ctx.Err() != nil {
			return false
		}
		if !v.group(id) {
			h.reporter.republished(ctx, passedOver, len(v.ends)+len(ids)-i-1)
			return false
		}
	}
	return v.flush()
}

// group visits one group. A batch may be sent before.
func (v *visit) group(id uint64) bool {
	at, end, ok := v.turns.tryTake(id)
	if !ok {
		v.reporter.republished(v.ctx, passedOver, 1) // a push sends it
		return true
	}
	g := v.store.Get(id)
	switch {
	case g == nil:
		end()
		return true
	case v.settings.TTL > 0 && at.Sub(g.Active()) >= v.settings.TTL:
		defer end()
		return v.expire(g, at)
	case v.settings.RepublishInterval == 0:
		end()
		return true
	}
	if v.batch.Points()+g.Points() > translate.MaxPoints && !v.flush() {
		end()
		return false
	}
	v.ends = append(v.ends, end)
	if err := v.batch.AddValues(g, at); err != nil {
		v.logger.Error("Cannot republish a group", zap.String("grouping_key", g.Key.String()), zap.Error(err))
		return true
	}
	return true
}

// expire removes a group. If the pipeline does not take its markers, the next visit tries again.
func (v *visit) expire(g *groups.Group, at time.Time) bool {
	ctx, cancel := v.withTimeout()
	defer cancel()
	if err := v.remove(ctx, g.ID, at, "expired", nil); err != nil {
		v.reporter.notRemoved(g.Key, err)
		return false
	}
	return true
}

// withTimeout lets what is on its way end, also when the visits end.
func (v *visit) withTimeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(v.ctx), visitTimeout)
}

// flush sends the batch, and ends the turns of its groups. What the pipeline refuses is not sent again: its groups come with the next
// round.
func (v *visit) flush() bool {
	if len(v.ends) == 0 {
		return true
	}
	ctx, cancel := v.withTimeout()
	defer cancel()
	err := v.consume(ctx, v.batch)
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
	v.ends = nil
}

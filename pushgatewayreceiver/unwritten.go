package pushgatewayreceiver

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// unwritten are the groups of which the storage has something else than what is held: a push that was refused and could not be taken
// back, which a restart would bring; or not yet the time of the last failure. They are written each second.
type unwritten struct {
	*heldGroups

	mu   sync.Mutex
	keys map[uint64]groupingkey.Key // by the group's id; max_groups at most
}

// add lets a group be written soon.
func (u *unwritten) add(g *groups.Group) {
	if u.storage == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.keys) < u.settings.MaxGroups {
		u.keys[g.ID] = g.Key
	}
}

// settle makes the storage have of a group what is held of it. The caller must have its turn.
func (u *unwritten) settle(ctx context.Context, g *groups.Group) {
	var err error
	if held := u.store.Get(g.ID); held != nil {
		err = u.storage.Put(ctx, held)
	} else {
		err = u.storage.Delete(ctx, g.Key)
	}
	if err != nil {
		u.reporter.notWritten(g.Key, err)
		u.add(g)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.keys, g.ID)
}

// settleEvery is how often.
const settleEvery = time.Second

// settleOften writes them until ctx ends, and then once more. That has no part in the visits, which it could hold up.
func (u *unwritten) settleOften(ctx, abandoned context.Context) {
	ticker := time.NewTicker(settleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			u.settleAll(abandoned)
			return
		case <-ticker.C:
			u.settleAll(abandoned)
		}
	}
}

// settleAll writes all whose turn it may be.
func (u *unwritten) settleAll(ctx context.Context) {
	u.mu.Lock()
	keys := maps.Clone(u.keys)
	u.mu.Unlock()
	for id, key := range keys {
		if ctx.Err() != nil {
			return
		}
		if _, end, ok := u.turns.tryTake(id); ok {
			u.settle(ctx, &groups.Group{ID: id, Key: key})
			end()
		}
	}
}

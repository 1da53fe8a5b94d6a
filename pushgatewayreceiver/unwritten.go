package pushgatewayreceiver

import (
	"context"
	"maps"
	"sync"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// unwritten are the groups of which the storage has a push that was refused, because it could not be taken back: a restart would bring
// it. Until that succeeds, each tick tries again.
type unwritten struct {
	*heldGroups

	mu   sync.Mutex
	keys map[uint64]groupingkey.Key // by the group's id; max_groups at most
}

// settle makes the storage have of a group what is held of it. The caller must have its turn.
func (u *unwritten) settle(ctx context.Context, g *groups.Group) {
	var err error
	if held := u.store.Get(g.ID); held != nil {
		err = u.storage.Put(ctx, held)
	} else {
		err = u.storage.Delete(ctx, g.Key)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		delete(u.keys, g.ID)
		return
	}
	if _, known := u.keys[g.ID]; !known {
		u.reporter.notTakenBack(g.Key, err)
		if len(u.keys) < u.settings.MaxGroups {
			u.keys[g.ID] = g.Key
		}
	}
}

// settleAll tries again with all whose turn it may be.
func (u *unwritten) settleAll(ctx context.Context) {
	u.mu.Lock()
	keys := maps.Clone(u.keys)
	u.mu.Unlock()
	for id, key := range keys {
		if _, end, ok := u.turns.tryTake(id); ok {
			u.settle(ctx, &groups.Group{ID: id, Key: key})
			end()
		}
	}
}

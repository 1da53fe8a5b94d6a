package persistence

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// commits write what comes at the same time in one transaction, because it is the transaction that takes long: with fsync, as long as the
// disk does. While one is being written, those that come wait for the next one, which has all of them.
type commits struct {
	client storage.Client

	mu   sync.Mutex
	next *commit // nil: nothing waits

	writing sync.Mutex
}

// A commit is one transaction.
type commit struct {
	operations []*storage.Operation // commits.mu, until it is written
	written    bool                 // commits.writing
	errs       []error              // of each operation, or nil; commits.writing
}

// do returns when the operation is written.
func (c *commits) do(ctx context.Context, operation *storage.Operation) error {
	mine, place := c.join(operation)
	c.writing.Lock()
	defer c.writing.Unlock()
	if !mine.written {
		c.mu.Lock()
		c.next = nil // which is mine: only who writes it takes it from there
		c.mu.Unlock()
		mine.write(context.WithoutCancel(ctx), c.client) // the others must not fail because this client is gone
	}
	if mine.errs == nil {
		return nil
	}
	return mine.errs[place]
}

func (c *commits) join(operation *storage.Operation) (mine *commit, place int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = &commit{}
	}
	c.next.operations = append(c.next.operations, operation)
	return c.next, len(c.next.operations) - 1
}

// write writes all operations. If that fails, it may be because of one of them, so each is tried alone.
func (c *commit) write(ctx context.Context, client storage.Client) {
	c.written = true
	err := client.Batch(ctx, c.operations...)
	switch {
	case err == nil:
	case len(c.operations) == 1:
		c.errs = []error{err}
	default:
		for _, operation := range c.operations {
			c.errs = append(c.errs, client.Batch(ctx, operation))
		}
	}
}

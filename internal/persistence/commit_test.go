package persistence

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// A slowClient waits for a permission to write, and writes nothing with a poisoned entry in it.
type slowClient struct {
	storage.Client
	may     chan struct{}
	batches []int // the sizes of what was written
}

func (c *slowClient) Batch(ctx context.Context, operations ...*storage.Operation) error {
	<-c.may
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, operation := range operations {
		if operation.Key == "poison" {
			return errors.New("poison")
		}
	}
	c.batches = append(c.batches, len(operations))
	return nil
}

// What comes while something is written is written together.
func TestCommits(t *testing.T) {
	client := &slowClient{may: make(chan struct{})}
	c := &commits{client: client}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the client of one of them is gone
	const many = 20
	errs := make([]error, many)
	var writers sync.WaitGroup
	join := func(i int, ctx context.Context, key string) {
		writers.Go(func() { errs[i] = c.do(ctx, storage.SetOperation(key, nil)) })
	}
	join(0, ctx, "first")
	client.may <- struct{}{} // it is being written, or has been
	for i := 1; i < many; i++ {
		join(i, t.Context(), fmt.Sprint(i))
	}
	close(client.may)
	writers.Wait()
	written := 0
	for _, n := range client.batches {
		written += n
	}
	assert.Equal(t, many, written, "each of them once")
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// What cannot be written does no harm to what is written with it.
func TestCommitWithSomethingThatCannotBe(t *testing.T) {
	client := &slowClient{may: make(chan struct{})}
	close(client.may)
	one := &commit{operations: []*storage.Operation{
		storage.SetOperation("a", nil), storage.SetOperation("poison", nil), storage.DeleteOperation("b"),
	}}
	one.write(t.Context(), client)
	require.Len(t, one.errs, 3)
	require.NoError(t, one.errs[0])
	require.EqualError(t, one.errs[1], "poison")
	require.NoError(t, one.errs[2])
	alone := &commit{operations: one.operations[1:2]}
	alone.write(t.Context(), client)
	require.EqualError(t, alone.errs[0], "poison")
}

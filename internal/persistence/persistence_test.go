package persistence

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A volatile client hands out values that are valid during a walk only, as file_storage does.
type volatile struct {
	storage.Client
	entries map[string][]byte
}

func (v volatile) Batch(_ context.Context, operations ...*storage.Operation) error {
	for _, set := range operations {
		v.entries[set.Key] = set.Value
	}
	return nil
}

func (v volatile) Walk(_ context.Context, fn storage.WalkFunc) error {
	var buffer []byte
	for key, value := range v.entries {
		buffer = append(buffer[:0], value...)
		if _, err := fn(key, buffer); err != nil {
			return err
		}
		clear(buffer)
	}
	return nil
}

// Entries are read at the same time, each of them once.
func TestLoad(t *testing.T) {
	const count = 500
	client := volatile{entries: map[string][]byte{"foreign": []byte("x"), entryPrefix + "cut": []byte(magic)}}
	s, err := Open(client)
	require.NoError(t, err)
	want := map[string]int{}
	for i := range count {
		g := exampleGroup()
		g.Key = groupingkey.Key{Job: fmt.Sprint(i)}
		require.NoError(t, s.Put(t.Context(), g))
		want[g.Key.Job] = 1
	}
	moved := entryPrefix + "moved"
	client.entries[moved] = client.entries[entryOf(groupingkey.Key{Job: "1"})]

	var mu sync.Mutex
	loaded, skipped := map[string]int{}, map[string]string{}
	require.NoError(t, s.Load(t.Context(), func(g *groups.Group) error {
		mu.Lock()
		defer mu.Unlock()
		loaded[g.Key.Job]++
		assert.Equal(t, exampleGroup().Families, g.Families)
		return nil
	}, func(entry string, err error) {
		mu.Lock()
		defer mu.Unlock()
		skipped[entry] = err.Error()
	}))
	assert.Equal(t, want, loaded)
	assert.Equal(t, map[string]string{
		"foreign": "it is none of a group", entryPrefix + "cut": errForeign.Error(),
		moved: "its content is that of " + entryOf(groupingkey.Key{Job: "1"}),
	}, skipped)
}

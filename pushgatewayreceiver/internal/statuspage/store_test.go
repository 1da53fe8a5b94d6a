package statuspage

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

var testBounds = groups.Options{Groups: 10_000, Samples: 1_000_000, Bytes: 1 << 30}

// newTestStore returns a store, and what pushes to it.
func newTestStore(t testing.TB) (*groups.Store, func(id uint64, key groupingkey.Key, body string, at time.Time)) {
	store := groups.New(testBounds)
	return store, func(id uint64, key groupingkey.Key, body string, at time.Time) {
		t.Helper()
		b := translate.NewBuilder(key, translate.Options{}, nil)
		require.NoError(t, exposition.Decode(body, exposition.Options{NameValidation: model.UTF8Validation}, b))
		families, err := b.Families()
		require.NoError(t, err)
		change, err := store.Push(groups.Push{ID: id, Key: key, Families: families})
		require.NoError(t, err)
		change.Stamp(at)
		change.Commit()
	}
}

func failed(t testing.TB, store *groups.Store, id uint64, key groupingkey.Key, at time.Time) {
	change, err := store.Failure(id, key, at)
	require.NoError(t, err)
	change.Commit()
}

// newHeldPage returns a page of what is held, and of the journal.
func newHeldPage(store *groups.Store) *Page {
	p := newTestPage(newJournal())
	p.options.Held = &Held{Store: store, Bounds: testBounds, TTL: 72 * time.Hour}
	return p
}

package pushgatewayreceiver

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
)

var storageID = component.MustNewID("file_storage")

// A testStorage is a storage extension that can fail when it shall. It has one client.
type testStorage struct {
	component.StartFunc
	component.ShutdownFunc

	mu      sync.Mutex
	entries map[string][]byte
	fails   bool
	closed  int
}

func newTestStorage() *testStorage { return &testStorage{entries: map[string][]byte{}} }

func (s *testStorage) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return s, nil
}

func (s *testStorage) fail(fails bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = fails
}

func (s *testStorage) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries)
}

func (s *testStorage) do(what func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails {
		return errors.New("the disk is full")
	}
	what()
	return nil
}

func (s *testStorage) Get(ctx context.Context, key string) ([]byte, error) {
	get := storage.GetOperation(key)
	err := s.Batch(ctx, get)
	return get.Value, err
}

func (s *testStorage) Set(ctx context.Context, key string, value []byte) error {
	return s.Batch(ctx, storage.SetOperation(key, value))
}

func (s *testStorage) Delete(ctx context.Context, key string) error {
	return s.Batch(ctx, storage.DeleteOperation(key))
}

func (s *testStorage) Batch(_ context.Context, operations ...*storage.Operation) error {
	return s.do(func() {
		for _, o := range operations {
			switch o.Type {
			case storage.Set:
				s.entries[o.Key] = o.Value
			case storage.Delete:
				delete(s.entries, o.Key)
			default:
				o.Value = s.entries[o.Key]
			}
		}
	})
}

func (s *testStorage) Close(context.Context) error { return s.do(func() { s.closed++ }) }

func (s *testStorage) Walk(_ context.Context, fn storage.WalkFunc) error {
	var entries map[string][]byte
	if err := s.do(func() { entries = maps.Clone(s.entries) }); err != nil {
		return err
	}
	for key, value := range entries {
		if _, err := fn(key, value); err != nil {
			return err
		}
	}
	return nil
}

// notListing is a storage whose clients cannot list.
type notListing struct{ *testStorage }

func (notListing) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return storage.NewNopClient(), nil
}

func TestGroupsSurviveARestart(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil)
	r.send(t, 200, http.MethodPut, groupA, "x 1\ny 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n")
	r.send(t, 200, http.MethodPost, groupB, "x{m=\"1\",otel_scope_name=\"s\",otel_scope_version=\"1\",otel_scope_k=\"2\"} 1\n")
	r.send(t, 200, http.MethodPost, "/metrics/job/c/otel_scope_name/o", "x 1\n")
	r.send(t, 400, http.MethodPost, groupB, "x\n")
	before := r.held.store.All()
	totals := r.held.store.Totals()
	stop()
	assert.Equal(t, 1, s.closed)

	r, stop = startHolding(t, d, s, nil)
	defer stop()
	assert.Equal(t, totals, r.held.store.Totals())
	for _, g := range before {
		after := r.held.store.Get(r.turns.hash(g.Key))
		require.NotNil(t, after)
		assert.Equal(t, g.LastPush.UnixNano(), after.LastPush.UnixNano())
		assert.Equal(t, g.LastFailure.IsZero(), after.LastFailure.IsZero())
	}
	calls := d.calls
	r.send(t, 200, http.MethodPut, groupA, "x 2\n")
	r.send(t, 200, http.MethodPut, groupB, "x{m=\"1\",otel_scope_name=\"s\",otel_scope_version=\"1\",otel_scope_k=\"2\"} 2\n")
	assert.Equal(t, calls+2, d.calls)
	r.send(t, 400, http.MethodPut, "/metrics/job/d", "# TYPE x counter\nx 2\n")
	for _, path := range []string{groupA, groupB, "/metrics/job/c/otel_scope_name/o", "/metrics/job/d"} {
		r.send(t, 202, http.MethodDelete, path, "")
	}
	d.requireVisible()
	assert.Empty(t, s.entries)
	assert.Zero(t, r.held.store.Totals())
}

func TestEntriesThatAreNone(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil)
	for _, path := range []string{groupA, groupB, "/metrics/job/c"} {
		r.send(t, 200, http.MethodPut, path, "x 1\n")
	}
	stop()
	a, b := s.named("a"), s.named("b")
	s.entries[a][len(s.entries[a])-1]++
	s.entries[b] = s.entries[s.named("c")]
	s.entries["something"] = []byte("else")
	r, stop = startHolding(t, d, s, nil)
	defer stop()
	assert.EqualValues(t, 1, r.held.store.Totals().Groups)
	var skipped []string
	for _, entry := range r.logs.FilterMessage("Skipped an entry of the storage").All() {
		skipped = append(skipped, entry.ContextMap()["entry"].(string))
	}
	assert.ElementsMatch(t, []string{a, b, "something"}, skipped)
	assert.Len(t, s.entries, 4, "they stay where they are")
}

func (s *testStorage) named(job string) string {
	for entry := range s.entries {
		if strings.Contains(entry, `{job="`+job+`"`) {
			return entry
		}
	}
	return ""
}

func TestStorageThatFails(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil)
	defer stop()
	r.send(t, 200, http.MethodPut, groupA, "x 1\n")
	s.fail(true)
	assert.Contains(t, r.send(t, 503, http.MethodPut, groupA, "x 2\n"), "cannot be written to the storage")
	d.requireVisible("x{job=a} 1")
	r.send(t, 503, http.MethodDelete, groupA, "")
	s.fail(false)
	assert.Equal(t, 2, r.logs.FilterField(zap.String("reason", "storage")).Len())
	assert.EqualValues(t, 1, r.held.store.Totals().Groups)
	r.send(t, 202, http.MethodDelete, groupA, "")
	d.requireVisible()
}

func TestStoragesThatCannotBe(t *testing.T) {
	f := func(id string, s component.Component, want string) {
		t.Helper()
		cfg := createDefaultConfig().(*Config)
		cfg.ServerConfig.NetAddr.Endpoint = freeAddress(t)
		other := component.MustNewID(id)
		holding(func(g *Groups) { g.Storage = &other })(cfg)
		r, err := newReceiver(cfg, receivertest.NewNopSettings(typ), newDatabase(t))
		require.NoError(t, err)
		require.ErrorContains(t, r.Start(t.Context(), storageHost{s}), want)
		require.NoError(t, r.Shutdown(t.Context()))
	}
	f("missing", newTestStorage(), "groups.storage is missing, which is none of the service's extensions")
	f("other", newTestStorage(), "groups.storage is other, which is no storage extension")
	f("file_storage", notListing{newTestStorage()}, "groups.storage is file_storage: it cannot list what is in it; file_storage can")
	failing := newTestStorage()
	failing.fail(true)
	f("file_storage", failing, "cannot read groups.storage file_storage: the disk is full")
}

// A push that the pipeline refuses while the storage fails is in the storage until that works again.
func TestPushesThatCannotBeTakenBack(t *testing.T) {
	s := newTestStorage()
	refuses := consumerFunc(t, func(context.Context) error {
		s.fail(true)
		return errors.New("away")
	})
	r, stop := startHolding(t, refuses, s, func(g *Groups) { g.RepublishInterval = 100 * time.Millisecond })
	defer stop()
	r.send(t, 503, http.MethodPut, groupA, "x 1\n")
	require.Eventually(t, func() bool {
		return r.logs.FilterMessage("A group cannot be written to the storage now, which has an older or a refused push of it").Len() == 1
	}, time.Second, time.Millisecond)
	s.fail(false)
	require.Eventually(t, func() bool { return s.len() == 0 }, 5*time.Second, time.Millisecond)
	assert.Zero(t, r.held.store.Totals())
	unwritten := r.held.unwritten
	unwritten.mu.Lock()
	defer unwritten.mu.Unlock()
	assert.Empty(t, unwritten.keys)
}

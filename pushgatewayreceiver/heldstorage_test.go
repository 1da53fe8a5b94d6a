package pushgatewayreceiver

import (
	"context"
	"errors"
	"maps"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
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

func (s *testStorage) Get(_ context.Context, key string) (value []byte, err error) {
	err = s.do(func() { value = s.entries[key] })
	return value, err
}

func (s *testStorage) Set(_ context.Context, key string, value []byte) error {
	return s.do(func() { s.entries[key] = value })
}

func (s *testStorage) Delete(_ context.Context, key string) error {
	return s.do(func() { delete(s.entries, key) })
}

func (s *testStorage) Batch(context.Context, ...*storage.Operation) error {
	return errors.New("not used")
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

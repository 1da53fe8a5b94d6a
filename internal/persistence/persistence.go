// Package persistence keeps groups beyond the end of the process, each in an entry of its own in a storage of the Collector.
package persistence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A Storage has the entries. nil keeps nothing.
type Storage struct {
	client  storage.Client
	walker  storage.Walker
	commits commits
}

// Open returns a storage that keeps its entries with a client, which it closes. The client must be able to list them.
func Open(client storage.Client) (*Storage, error) {
	walker, ok := client.(storage.Walker)
	if !ok {
		return nil, errors.New("it cannot list what is in it; file_storage can")
	}
	return &Storage{client: client, walker: walker, commits: commits{client: client}}, nil
}

// Load calls yield with each group that is in the storage, without its id and the series of its families. What is no entry, or one that
// yield returns an error for, stays where it is, and skip is told of it. Both are called by several goroutines at once: to read an entry
// takes much longer than to find it, and nobody can push meanwhile.
func (s *Storage) Load(ctx context.Context, yield func(*groups.Group) error, skip func(entry string, err error)) error {
	type found struct {
		entry string
		value []byte
	}
	entries := make(chan found)
	var reading sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		reading.Go(func() {
			for e := range entries {
				g, err := load(e.entry, e.value)
				if err == nil {
					err = yield(g)
				}
				if err != nil {
					skip(e.entry, err)
				}
			}
		})
	}
	err := s.walker.Walk(ctx, func(entry string, value []byte) ([]*storage.Operation, error) {
		entries <- found{strings.Clone(entry), bytes.Clone(value)} // they are valid during the walk only
		return nil, nil
	})
	close(entries)
	reading.Wait()
	return err
}

func load(entry string, value []byte) (*groups.Group, error) {
	if !strings.HasPrefix(entry, entryPrefix) {
		return nil, errors.New("it is none of a group")
	}
	g, err := decode(value)
	if err != nil {
		return nil, err
	}
	if want := entryOf(g.Key); want != entry {
		return nil, fmt.Errorf("its content is that of %s", exposition.Cut(want))
	}
	return g, nil
}

// Put writes a group, in the place of what was there under its key.
func (s *Storage) Put(ctx context.Context, g *groups.Group) error {
	if s == nil {
		return nil
	}
	return s.commits.do(ctx, storage.SetOperation(entryOf(g.Key), encode(g)))
}

// Delete removes the group of that key, if it is there.
func (s *Storage) Delete(ctx context.Context, key groupingkey.Key) error {
	if s == nil {
		return nil
	}
	return s.commits.do(ctx, storage.DeleteOperation(entryOf(key)))
}

// Close ends the use of the client.
func (s *Storage) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	return s.client.Close(ctx)
}

const (
	entryPrefix = "group/"
	// shownOfKey is how much of a key stands in the name of its entry, for people: storages have limits for names.
	shownOfKey = 200
)

// entryOf returns the name of a group's entry.
func entryOf(key groupingkey.Key) string {
	text := shown(key)
	sum := sha256.Sum256(key.Identity())
	return entryPrefix + strings.ToValidUTF8(text[:min(len(text), shownOfKey)], "") + "#" + hex.EncodeToString(sum[:16])
}

// shown returns the key as people read it, the same for all that are of the same group.
func shown(key groupingkey.Key) string {
	told := groupingkey.Key{Job: key.Job}
	for _, l := range key.Labels {
		if l.Value != "" {
			told.Labels = append(told.Labels, l)
		}
	}
	return told.String()
}

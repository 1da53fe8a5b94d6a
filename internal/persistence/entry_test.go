package persistence

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

func exampleGroup() *groups.Group {
	return &groups.Group{
		Key:      groupingkey.Key{Job: "j", Labels: []groupingkey.Label{{Name: "empty"}, {Name: "l", Value: "v\x00"}}},
		LastPush: time.Unix(0, 1_750_000_000_123_456_789),
		Families: []groups.Family{
			{Name: "a", Type: exposition.TypeStateSet, Pushed: time.Unix(0, 5), Data: []byte("some data")},
			{Name: "", Data: []byte{}},
		},
	}
}

func TestEntries(t *testing.T) {
	for _, g := range []*groups.Group{exampleGroup(), {Key: groupingkey.Key{Job: "j"}, LastFailure: time.Unix(0, -1)}} {
		again, err := decode(encode(g))
		require.NoError(t, err)
		assert.Equal(t, g, again)
	}
}

// Whatever a storage has lost or added is noticed.
func TestEntriesThatAreNotWhole(t *testing.T) {
	entry := encode(exampleGroup())
	for i := range entry {
		_, err := decode(entry[:i])
		require.Error(t, err)
		for _, flip := range []byte{1, 0x80} {
			other := append([]byte(nil), entry...)
			other[i] ^= flip
			_, err = decode(other)
			require.Error(t, err, i)
		}
	}
	_, err := decode(append(entry, 0))
	require.ErrorIs(t, err, errChecksum)
	_, err = decode([]byte("PGG2 of a later version"))
	require.ErrorIs(t, err, errForeign)
}

// FuzzEntry looks for entries with the right checksum that make trouble.
func FuzzEntry(f *testing.F) {
	f.Add(encode(exampleGroup())[len(magic)+4:])
	f.Add([]byte{0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, content []byte) {
		g, err := decode(sealed(content))
		if err != nil {
			return
		}
		again, err := decode(encode(g))
		require.NoError(t, err)
		assert.Equal(t, g, again)
	})
}

func sealed(content []byte) []byte {
	entry := append(make([]byte, len(magic)+4), content...)
	copy(entry, magic)
	seal(entry)
	return entry
}

func TestNamesOfEntries(t *testing.T) {
	key := exampleGroup().Key
	assert.Equal(t, `group/{job="j",l="v\x00"}#`, entryOf(key)[:len(entryOf(key))-32])
	assert.Equal(t, entryOf(key), entryOf(groupingkey.Key{Job: "j", Labels: key.Labels[1:]}), "a label without value is none")
	long := groupingkey.Key{Job: strings.Repeat("j", 10_000)}
	assert.Less(t, len(entryOf(long)), 300)
	other := groupingkey.Key{Job: strings.Repeat("j", 10_001)}
	assert.NotEqual(t, entryOf(long), entryOf(other))
}

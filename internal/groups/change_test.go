package groups

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

func keyOf(id uint64) groupingkey.Key { return groupingkey.Key{Job: fmt.Sprint(id)} }

// gauge returns a family with series of these hashes.
func gauge(name string, hashes ...uint64) Family {
	f := Family{Name: name, Type: exposition.TypeGauge, Data: []byte(name)}
	for _, hash := range hashes {
		f.Series = append(f.Series, Series{Hash: hash})
	}
	f.Samples = int64(len(hashes))
	return f
}

// push pushes and commits.
func push(t *testing.T, s *Store, p Push) *Change {
	t.Helper()
	p.Key = keyOf(p.ID)
	c, err := s.Push(p)
	require.NoError(t, err)
	c.Stamp(time.Unix(int64(p.ID), 0))
	c.Commit()
	return c
}

func (c *Change) leftHashes() []uint64 {
	var hashes []uint64
	for _, left := range c.Left {
		for _, place := range left.Places {
			hashes = append(hashes, left.Family.Series[place].Hash)
		}
	}
	slices.Sort(hashes)
	return hashes
}

func TestWhatLeavesWithAPush(t *testing.T) {
	s := New(Options{})
	push(t, s, Push{ID: 1, Families: []Family{gauge("a", 1, 2), gauge("b", 3)}})
	c := push(t, s, Push{ID: 1, Families: []Family{gauge("a", 2, 4), gauge("c", 5)}})
	assert.Equal(t, []uint64{1}, c.leftHashes())
	assert.Equal(t, []string{"a", "b", "c"}, namesOf(s.Get(1)))
	c = push(t, s, Push{ID: 1, Families: []Family{gauge("a", 2, 4)}, Replace: true})
	assert.Equal(t, []uint64{3, 5}, c.leftHashes())
	shaped := gauge("a", 2, 4)
	shaped.Series[1].Shape = 7
	c = push(t, s, Push{ID: 1, Families: []Family{shaped}})
	assert.Equal(t, []uint64{4}, c.leftHashes(), "its shape is another one")
	assert.Contains(t, s.series, uint64(4))
	c = s.Remove(1)
	assert.Equal(t, []uint64{2, 4}, c.leftHashes())
	c.Abort()
	assert.Len(t, s.series, 2)
	s.Remove(1).Commit()
	assert.Nil(t, s.Get(1))
	assert.Empty(t, s.series)
	assert.Empty(t, s.names)
}

func namesOf(g *Group) []string {
	var names []string
	for _, f := range g.Families {
		names = append(names, f.Name)
	}
	return names
}

// Only the families of the push get its time.
func TestStamp(t *testing.T) {
	s := New(Options{})
	push(t, s, Push{ID: 1, Families: []Family{gauge("a", 1), gauge("b", 2)}})
	c, err := s.Push(Push{ID: 1, Families: []Family{gauge("b", 2), gauge("c", 3)}})
	require.NoError(t, err)
	later := time.Unix(100, 0)
	c.Stamp(later)
	c.Commit()
	g := s.Get(1)
	assert.Equal(t, later, g.LastPush)
	assert.Equal(t, []time.Time{time.Unix(1, 0), later, later}, []time.Time{g.Families[0].Pushed, g.Families[1].Pushed, g.Families[2].Pushed})
}

func TestFailure(t *testing.T) {
	s := New(Options{Groups: 1})
	at := time.Unix(5, 0)
	c, err := s.Failure(1, keyOf(1), at)
	require.NoError(t, err)
	c.Commit()
	assert.Equal(t, at, s.Get(1).Active())
	push(t, s, Push{ID: 1, Families: []Family{gauge("a", 1)}})
	assert.Equal(t, at, s.Get(1).LastFailure)
	assert.Equal(t, time.Unix(1, 0), s.Get(1).Active())
	_, err = s.Failure(2, keyOf(2), at)
	require.ErrorAs(t, err, new(*FullError))
	c, err = s.Failure(1, keyOf(1), at.Add(1))
	require.NoError(t, err)
	c.Abort()
	assert.Equal(t, at, s.Get(1).LastFailure)
	assert.Equal(t, []string{"a"}, namesOf(s.Get(1)))
}

// Two pushes that contradict each other cannot both be on their way.
func TestChangesThatOverlap(t *testing.T) {
	s := New(Options{})
	counter := gauge("a", 9)
	counter.Type = exposition.TypeCounter
	first, err := s.Push(Push{ID: 1, Key: keyOf(1), Families: []Family{gauge("a", 1)}})
	require.NoError(t, err)
	var conflict *ConflictError
	_, err = s.Push(Push{ID: 2, Key: keyOf(2), Families: []Family{counter}})
	require.ErrorAs(t, err, &conflict)
	assert.Nil(t, conflict.Other, "it is not held yet")
	_, err = s.Push(Push{ID: 2, Key: keyOf(2), Families: []Family{gauge("b", 1)}})
	require.ErrorAs(t, err, &conflict, "the same series")
	first.Abort()
	push(t, s, Push{ID: 2, Families: []Family{counter}})
	_, err = s.Push(Push{ID: 1, Key: keyOf(1), Families: []Family{gauge("a", 1)}})
	require.ErrorAs(t, err, &conflict)
	assert.Equal(t, `pushed metrics are inconsistent with what is held: "a" has the type gauge, but is held with the type counter, in group {job="2"}`, err.Error())
	assert.Equal(t, `pushed metrics are inconsistent with what is held: a metric has the type gauge, but is held with the type counter, in group {job="2"}`,
		exposition.Redact(err))
}

// The indexes of a store have what its groups have, whatever happened before, and at the same time.
func TestIndexes(t *testing.T) {
	committed := 0
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 2))
		s := New(Options{Groups: 8, Samples: 60, Slots: 3})
		begun := map[uint64]*Change{} // by the group
		for range 2000 {
			id := random.Uint64N(10)
			if c := begun[id]; c != nil {
				delete(begun, id)
				if random.IntN(2) == 0 {
					c.Abort()
				} else {
					c.Commit()
					committed++
				}
			} else if c = s.anyChange(id, random); c != nil {
				begun[id] = c
			}
			if len(begun) == 0 {
				s.requireIndexed(t)
			}
		}
		for _, c := range begun {
			c.Abort()
		}
		s.requireIndexed(t)
		for id := range s.groups {
			s.Remove(id).Commit()
		}
		s.requireIndexed(t)
		require.Empty(t, s.names)
		require.Empty(t, s.series)
	}
	assert.Greater(t, committed, 5000)
}

// anyChange begins a change of a group, or returns nil if it may not be.
func (s *Store) anyChange(id uint64, random *rand.Rand) *Change {
	switch random.IntN(10) {
	case 0:
		if s.Get(id) == nil {
			return nil
		}
		return s.Remove(id)
	case 1:
		c, err := s.Failure(id, keyOf(id), time.Unix(1, 0))
		if err != nil {
			return nil
		}
		return c
	default:
		c, err := s.Push(Push{ID: id, Key: keyOf(id), Families: anyFamilies(id, random), Replace: random.IntN(2) == 0})
		if err != nil {
			return nil
		}
		return c
	}
}

func anyFamilies(id uint64, random *rand.Rand) []Family {
	types := []exposition.Type{exposition.TypeGauge, exposition.TypeCounter, exposition.TypeHistogram}
	var families []Family
	for _, name := range []string{"a", "b", "c", "a_sum"}[random.IntN(4):] {
		ofName := 10 * uint64(len(name)) * uint64(name[0]) // the name is part of each hash
		f := gauge(name)
		for range random.IntN(4) {
			hash := 100_000*id + ofName + random.Uint64N(8)
			if random.IntN(10) == 0 {
				hash = ofName + 9 // may be another's
			}
			if !slices.ContainsFunc(f.Series, func(x Series) bool { return x.Hash == hash }) {
				f.Series = append(f.Series, Series{Hash: hash, Shape: random.Uint64N(2)})
			}
		}
		f.Samples = int64(len(f.Series))
		if random.IntN(10) == 0 {
			f.Type = types[random.IntN(3)]
		}
		families = append(families, f)
	}
	return families
}

func (s *Store) requireIndexed(t *testing.T) {
	var totals Totals
	series, names, slots := map[uint64]uint64{}, map[string]int{}, 0
	for id, g := range s.groups {
		totals = totals.plus(g.totals())
		for _, f := range g.Families {
			names[f.Name]++
			for _, x := range f.Series {
				series[x.Hash] = id
			}
		}
		require.Contains(t, s.slots[id%3], id)
	}
	for _, slot := range s.slots {
		slots += len(slot)
	}
	require.Equal(t, totals, s.totals)
	require.Equal(t, series, s.series)
	require.Len(t, s.groups, slots)
	require.Len(t, s.names, len(names))
	for name, n := range names {
		holders := 0
		for _, h := range s.names[name].holders {
			holders += h
		}
		require.Equal(t, n, holders)
	}
}

package groups

import (
	"slices"
	"strings"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// A Change is one that has begun. It must be committed or aborted.
type Change struct {
	// Before and After are the group; nil: there is none.
	Before, After *Group
	// Left are the series that are no more, or of another shape than before.
	Left []Left

	store    *Store
	id       uint64
	families []familyChange
	added    []uint64 // hashes of series that were not there
	gone     []uint64 // hashes of series that will not be there
	growth   Totals   // negative where there will be less
}

// A familyChange is a family that comes, goes, or takes the place of another one of its name.
type familyChange struct {
	before, after *Family
	pushed        bool // after is of the push, and not left as it was
	same          bool // the series are, though their values may be others
}

// isNew says whether there are series that may not have been there.
func (f familyChange) isNew() bool { return f.after != nil && !f.same }

func isSame(x, y *Family) bool { return x.Type == y.Type && slices.Equal(x.Series, y.Series) }

// A Push is one that the pipeline may take.
type Push struct {
	ID       uint64
	Key      groupingkey.Key
	Families []Family // each of another name; their Series and Data are kept
	// Replace says that what is not in the push leaves the group. Otherwise the families of the same names leave.
	Replace bool
}

// Push begins a push, which must be stamped before it is committed. An error is a *ConflictError or a *FullError.
func (s *Store) Push(p Push) (*Change, error) {
	c := s.change(p.ID, p.Key)
	c.merge(p)
	c.compare()
	return c, s.begin(c)
}

// Failure begins to note that a push was refused for what it is. An error is a *FullError.
func (s *Store) Failure(id uint64, key groupingkey.Key, at time.Time) (*Change, error) {
	c := s.change(id, key)
	c.After.LastFailure = at
	c.compare()
	return c, s.begin(c)
}

// Stamp sets the time of a push.
func (c *Change) Stamp(at time.Time) {
	c.After.LastPush = at
	for _, f := range c.families {
		if f.after != nil && f.pushed {
			f.after.Pushed = at
		}
	}
}

// change returns one that leaves the group as it is, or makes an empty one.
func (s *Store) change(id uint64, key groupingkey.Key) *Change {
	c := &Change{store: s, id: id, Before: s.Get(id)}
	if c.Before == nil {
		c.After = &Group{ID: id, Key: cloneKey(key)}
		return c
	}
	after := *c.Before
	c.After = &after
	return c
}

// cloneKey returns a key that does not keep a request in memory.
func cloneKey(key groupingkey.Key) groupingkey.Key {
	clone := groupingkey.Key{Job: strings.Clone(key.Job), Labels: make([]groupingkey.Label, 0, len(key.Labels))}
	for _, l := range key.Labels {
		clone.Labels = append(clone.Labels, groupingkey.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)})
	}
	return clone
}

// Remove begins to remove a group, which must be there.
func (s *Store) Remove(id uint64) *Change {
	c := &Change{store: s, id: id, Before: s.Get(id)}
	for i := range c.Before.Families {
		c.families = append(c.families, familyChange{before: &c.Before.Families[i]})
	}
	c.compare()
	_ = s.begin(c) // there is room for less
	return c
}

// merge makes the families of the group after a push.
func (c *Change) merge(p Push) {
	coming := make(map[string]int, len(p.Families))
	for i := range p.Families {
		coming[p.Families[i].Name] = i
	}
	after := make([]Family, 0, len(p.Families))
	var changes []familyChange // of each of these
	if c.Before != nil {
		for i := range c.Before.Families {
			old := &c.Before.Families[i]
			place, comes := coming[old.Name]
			switch {
			case comes:
				after = append(after, p.Families[place])
				changes = append(changes, familyChange{before: old, pushed: true, same: isSame(old, &p.Families[place])})
				delete(coming, old.Name)
			case p.Replace:
				c.families = append(c.families, familyChange{before: old})
			default:
				after = append(after, *old)
				changes = append(changes, familyChange{before: old, same: true})
			}
		}
	}
	for i := range p.Families {
		if _, comes := coming[p.Families[i].Name]; comes {
			after = append(after, p.Families[i])
			changes = append(changes, familyChange{pushed: true})
		}
	}
	for i := range changes {
		changes[i].after = &after[i]
	}
	c.After.Families, c.families = after, append(c.families, changes...)
}

// compare finds which series leave.
func (c *Change) compare() {
	for _, f := range c.families {
		if f.before == nil || f.same {
			continue
		}
		shapes := map[uint64]uint64{}
		if f.after != nil {
			for _, series := range f.after.Series {
				shapes[series.Hash] = series.Shape
			}
		}
		left := Left{Family: f.before}
		for place, series := range f.before.Series {
			shape, stays := shapes[series.Hash]
			if !stays {
				c.gone = append(c.gone, series.Hash)
			}
			if !stays || shape != series.Shape {
				left.Places = append(left.Places, place)
			}
		}
		if len(left.Places) > 0 {
			c.Left = append(c.Left, left)
		}
	}
	c.growth = c.After.totals().minus(c.Before.totals())
}

// begin makes room for what comes. What goes keeps its place until it is committed.
func (s *Store) begin(c *Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(c); err != nil {
		return err
	}
	if err := s.checkRoom(c); err != nil {
		return err
	}
	s.totals = s.totals.plus(c.growth.positive())
	for _, f := range c.families {
		if f.after == nil {
			continue
		}
		if f.same {
			f.after.Name = f.before.Name
			continue
		}
		s.addName(f.after, c.id)
		for _, series := range f.after.Series {
			if _, there := s.series[series.Hash]; !there {
				s.series[series.Hash] = c.id
				c.added = append(c.added, series.Hash)
			}
		}
	}
	return nil
}

// Commit makes the change.
func (c *Change) Commit() {
	s := c.store
	s.mu.Lock()
	defer s.mu.Unlock()
	s.totals = s.totals.plus(c.growth.negative())
	for _, f := range c.families {
		if f.before != nil && !f.same {
			s.dropName(f.before)
		}
	}
	s.forget(c.gone, c.id)
	if c.After == nil {
		s.drop(c.id)
		return
	}
	s.put(c.After)
}

// Abort leaves the group as it was.
func (c *Change) Abort() {
	s := c.store
	s.mu.Lock()
	defer s.mu.Unlock()
	s.totals = s.totals.minus(c.growth.positive())
	for _, f := range c.families {
		if f.isNew() {
			s.dropName(f.after)
		}
	}
	s.forget(c.added, c.id)
}

// forget needs the lock.
func (s *Store) forget(hashes []uint64, id uint64) {
	for _, hash := range hashes {
		if s.series[hash] == id {
			delete(s.series, hash)
		}
	}
}

// A name is that of families of several groups, which all have the same type.
type name struct {
	text    string
	holders [exposition.TypeGaugeHistogram + 1]int // by type: two while a change of the type is on its way
	last    uint64                                 // who began to hold it last; it may have ended
}

// addName and dropName need the lock. The name of a family that is held is the same string in all of them.
func (s *Store) addName(f *Family, id uint64) {
	n := s.names[f.Name]
	if n == nil {
		n = &name{text: strings.Clone(f.Name)}
		s.names[n.text] = n
	}
	f.Name = n.text
	n.holders[f.Type]++
	n.last = id
}

func (s *Store) dropName(f *Family) {
	n := s.names[f.Name]
	n.holders[f.Type]--
	for _, holders := range n.holders {
		if holders > 0 {
			return
		}
	}
	delete(s.names, f.Name)
}

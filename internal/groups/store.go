package groups

import "sync"

// Options are the bounds of a Store. A bound that is not positive is none.
type Options struct {
	Groups  int64
	Samples int64 // as in Family.Samples
	Bytes   int64
	// Slots is how many parts the groups are spread over, to be visited one after the other. At least one.
	Slots int
}

// A Store may be used by many goroutines at once.
type Store struct {
	options Options

	mu     sync.Mutex
	groups map[uint64]*Group
	slots  []map[uint64]struct{} // the ids of groups, by id % len(slots)
	names  map[string]*name      // of families
	series map[uint64]uint64     // by Series.Hash: the id of the group that has it
	totals Totals                // with what has begun
}

// New returns an empty store.
func New(o Options) *Store {
	s := &Store{
		options: o,
		groups:  map[uint64]*Group{},
		slots:   make([]map[uint64]struct{}, max(o.Slots, 1)),
		names:   map[string]*name{},
		series:  map[uint64]uint64{},
	}
	for i := range s.slots {
		s.slots[i] = map[uint64]struct{}{}
	}
	return s
}

// Get returns a group, or nil.
func (s *Store) Get(id uint64) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[id]
}

// Totals returns how much there is.
func (s *Store) Totals() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.totals
}

// All returns all groups, in no order.
func (s *Store) All() []*Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Group, 0, len(s.groups))
	for _, g := range s.groups {
		all = append(all, g)
	}
	return all
}

// Slot returns the ids of the groups in a slot.
func (s *Store) Slot(slot int) []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]uint64, 0, len(s.slots[slot]))
	for id := range s.slots[slot] {
		ids = append(ids, id)
	}
	return ids
}

// Load adds a group that is known to have been held before, whatever the bounds are, and reports whether it was new.
func (s *Store) Load(g *Group) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[g.ID] != nil {
		return false
	}
	for i := range g.Families {
		f := &g.Families[i]
		s.addName(f, g.ID)
		for _, series := range f.Series {
			if _, taken := s.series[series.Hash]; !taken {
				s.series[series.Hash] = g.ID
			}
		}
	}
	s.put(g)
	s.totals = s.totals.plus(g.totals())
	return true
}

// put and drop need the lock.
func (s *Store) put(g *Group) {
	s.groups[g.ID] = g
	s.slots[g.ID%uint64(len(s.slots))][g.ID] = struct{}{}
}

func (s *Store) drop(id uint64) {
	delete(s.groups, id)
	delete(s.slots[id%uint64(len(s.slots))], id)
}

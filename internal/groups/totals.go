package groups

// Totals are how much is held.
type Totals struct {
	Groups  int64
	Samples int64 // as in Family.Samples
	Bytes   int64 // about
}

func (g *Group) totals() Totals {
	if g == nil {
		return Totals{}
	}
	return Totals{Groups: 1, Samples: g.Samples(), Bytes: g.Bytes()}
}

func (t Totals) plus(u Totals) Totals {
	return Totals{Groups: t.Groups + u.Groups, Samples: t.Samples + u.Samples, Bytes: t.Bytes + u.Bytes}
}

func (t Totals) minus(u Totals) Totals {
	return Totals{Groups: t.Groups - u.Groups, Samples: t.Samples - u.Samples, Bytes: t.Bytes - u.Bytes}
}

// positive and negative are the two parts of which t is the sum.
func (t Totals) positive() Totals {
	return Totals{Groups: max(t.Groups, 0), Samples: max(t.Samples, 0), Bytes: max(t.Bytes, 0)}
}

func (t Totals) negative() Totals { return t.minus(t.positive()) }

// elbowRoom is how many times a bound the groups that are held may have together, if they grow. Without it, the first job that has a
// few series more than yesterday would fail when others have filled the store; with no bound at all, one that never ends would take all.
const elbowRoom = 2

// checkRoom refuses a new group for which there is no room, and an old one that grows far beyond. It needs the lock.
func (s *Store) checkRoom(c *Change) error {
	limit, with := s.options, s.totals.plus(c.growth)
	factor := int64(1)
	if c.Before != nil {
		factor = elbowRoom
	}
	for _, bound := range [...]struct {
		setting, what         string
		growth, actual, limit int64
		unit                  int64
	}{
		{"max_groups", "groups", c.growth.Groups, with.Groups, limit.Groups, 1},
		{"max_series", "series", c.growth.Samples, with.Samples, limit.Samples, 1},
		{"max_mib", "MiB", c.growth.Bytes, with.Bytes, limit.Bytes, 1 << 20},
	} {
		if bound.growth > 0 && bound.limit > 0 && bound.actual > factor*bound.limit {
			unit := bound.unit
			return &FullError{Setting: bound.setting, What: bound.what, Actual: (bound.actual + unit - 1) / unit, Limit: bound.limit / unit}
		}
	}
	return nil
}

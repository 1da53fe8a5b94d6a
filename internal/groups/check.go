package groups

import (
	"fmt"
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// A ConflictError is a push that contradicts what is held. The rules are those of the Pushgateway, which gathers all groups with each
// push: https://github.com/prometheus/pushgateway#about-metric-inconsistencies.
type ConflictError struct {
	Name   string // of the family that was pushed
	Reason string // what follows the name in the message
	// Other is the group that is in the way, if that is known.
	Other *groupingkey.Key
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("pushed metrics are inconsistent with what is held: %s %s", exposition.Quote(e.Name), e.reason())
}

// Redacted is Error without what is of the body.
func (e *ConflictError) Redacted() string {
	return "pushed metrics are inconsistent with what is held: a metric " + e.reason()
}

func (e *ConflictError) reason() string {
	if e.Other == nil {
		return e.Reason
	}
	return e.Reason + ", in group " + exposition.Cut(e.Other.String())
}

// A FullError is a push for which there is no room.
type FullError struct {
	Setting       string // what the bound is called in the configuration
	What          string // as in "groups"
	Actual, Limit int64
}

// Redacted is Error, which has nothing of the body.
func (e *FullError) Redacted() string { return e.Error() }

func (e *FullError) Error() string {
	return fmt.Sprintf("there is no room for it: with it, %d %s were held, but groups.%s is %d; push it again when others were deleted or have expired",
		e.Actual, e.What, e.Setting, e.Limit)
}

// check refuses what contradicts other groups, or what stays of the own one. It needs the lock.
func (s *Store) check(c *Change) error {
	around := surroundings{store: s, before: map[string]exposition.Type{}, after: map[string]exposition.Type{}}
	for _, f := range c.families {
		if f.before != nil {
			around.before[f.before.Name] = f.before.Type
		}
		if f.after != nil {
			around.after[f.after.Name] = f.after.Type
		}
	}
	for _, f := range c.families {
		if f.after == nil || f.same {
			continue
		}
		if err := around.check(f.after); err != nil {
			return err
		}
		for _, series := range f.after.Series {
			if owner, taken := s.series[series.Hash]; taken && owner != c.id {
				return s.conflict(f.after, "has a series with the same labels", owner)
			}
		}
	}
	return nil
}

// conflict needs the lock.
func (s *Store) conflict(f *Family, reason string, other uint64) error {
	e := &ConflictError{Name: f.Name, Reason: reason}
	if g := s.groups[other]; g != nil {
		e.Other = &g.Key
	}
	return e
}

// surroundings are the families beside those that leave with a change.
type surroundings struct {
	store         *Store
	before, after map[string]exposition.Type // what leaves and what comes
}

// holds says whether there is a family of that name and type, and who has it.
func (a *surroundings) holds(name string, t exposition.Type) (id uint64, ok bool) {
	if coming, ok := a.after[name]; ok && coming == t {
		return 0, true
	}
	n := a.store.names[name]
	if n == nil {
		return 0, false
	}
	holders := n.holders[t]
	if leaving, ok := a.before[name]; ok && leaving == t {
		holders--
	}
	return n.last, holders > 0
}

// parts are the suffixes that a type adds to its name in a text exposition.
var parts = map[exposition.Type][]string{
	exposition.TypeHistogram: {"_bucket", "_count", "_sum"},
	exposition.TypeSummary:   {"_count", "_sum"},
}

// check compares a family with all others.
func (a *surroundings) check(f *Family) error {
	for t := range exposition.TypeGaugeHistogram + 1 {
		if id, ok := a.holds(f.Name, t); ok && t != f.Type {
			return a.store.conflict(f, fmt.Sprintf("has the type %s, but is held with the type %s", f.Type, t), id)
		}
		for _, part := range parts[f.Type] {
			if id, ok := a.holds(f.Name+part, t); ok {
				return a.store.conflict(f, fmt.Sprintf("is a %s, which has a series of the name that ends in %s, but there is a metric of that name", f.Type, part), id)
			}
		}
		for _, part := range parts[t] {
			whole, ok := strings.CutSuffix(f.Name, part)
			if id, held := a.holds(whole, t); ok && held {
				return a.store.conflict(f, fmt.Sprintf("has the name of a series of a %s, ending in %s", t, part), id)
			}
		}
	}
	return nil
}

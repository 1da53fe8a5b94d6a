package groups

import (
	"fmt"
	"slices"
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
	if !slices.ContainsFunc(c.families, familyChange.isNew) {
		return nil // as with most pushes: what is there agrees
	}
	around := surroundings{store: s, id: c.id, before: map[string]exposition.Type{}, after: map[string]exposition.Type{}}
	for _, f := range c.families {
		if f.before != nil {
			around.before[f.before.Name] = f.before.Type
		}
		if f.after != nil {
			around.after[f.after.Name] = f.after.Type
		}
	}
	for _, f := range c.families {
		if !f.isNew() {
			continue
		}
		if err := around.check(f.after); err != nil {
			return err
		}
		for _, series := range f.after.Series {
			if owner, taken := s.series[series.Hash]; taken && owner != c.id {
				return s.conflict(f.after, "has a series with the same labels", s.groups[owner])
			}
		}
	}
	return nil
}

func (s *Store) conflict(f *Family, reason string, other *Group) error {
	e := &ConflictError{Name: f.Name, Reason: reason}
	if other != nil {
		e.Other = &other.Key
	}
	return e
}

// surroundings are the families beside those that leave with a change.
type surroundings struct {
	store         *Store
	id            uint64                     // of the group that changes
	before, after map[string]exposition.Type // what leaves it and what comes
}

// types says which types there are of a name.
type types [exposition.TypeGaugeHistogram + 1]bool

func (a *surroundings) typesOf(name string) types {
	var held types
	if n := a.store.names[name]; n != nil {
		for t, holders := range n.holders {
			held[t] = holders > 0
		}
		if leaving, ok := a.before[name]; ok && n.holders[leaving] == 1 {
			held[leaving] = false
		}
	}
	if coming, ok := a.after[name]; ok {
		held[coming] = true
	}
	return held
}

// parts are the suffixes that a type adds to its name in a text exposition.
func parts(t exposition.Type) []string {
	switch t {
	case exposition.TypeHistogram:
		return []string{"_count", "_sum", "_bucket"}
	case exposition.TypeSummary:
		return []string{"_count", "_sum"}
	default:
		return nil
	}
}

// check compares a family with all others.
func (a *surroundings) check(f *Family) error {
	held := a.typesOf(f.Name)
	for t, is := range held {
		if t := exposition.Type(t); is && t != f.Type {
			return a.conflict(f, fmt.Sprintf("has the type %s, but is held with the type %s", f.Type, t), f.Name, t)
		}
	}
	for _, part := range parts(f.Type) {
		for t, is := range a.typesOf(f.Name + part) {
			if is {
				return a.conflict(f, fmt.Sprintf("is a %s, which has a series of the name that ends in %s, but there is a metric of that name", f.Type, part),
					f.Name+part, exposition.Type(t))
			}
		}
	}
	for _, part := range parts(exposition.TypeHistogram) { // it has those of a summary, too
		whole, ok := strings.CutSuffix(f.Name, part)
		if !ok {
			continue
		}
		held := a.typesOf(whole)
		for _, t := range [...]exposition.Type{exposition.TypeHistogram, exposition.TypeSummary} {
			if held[t] && slices.Contains(parts(t), part) {
				return a.conflict(f, fmt.Sprintf("has the name of a series of a %s, ending in %s", t, part), whole, t)
			}
		}
	}
	return nil
}

// conflict names another group that has the family that is in the way, if there is one.
func (a *surroundings) conflict(f *Family, reason, name string, t exposition.Type) error {
	has := func(g *Group) bool {
		return g != nil && g.ID != a.id && slices.ContainsFunc(g.Families, func(f Family) bool { return f.Name == name && f.Type == t })
	}
	if n := a.store.names[name]; n != nil && has(a.store.groups[n.last]) {
		return a.store.conflict(f, reason, a.store.groups[n.last])
	}
	looked := 0
	for _, g := range a.store.groups {
		if has(g) {
			return a.store.conflict(f, reason, g)
		}
		if looked += len(g.Families) + 1; looked > maxLooked {
			break
		}
	}
	return a.store.conflict(f, reason, nil)
}

// maxLooked is among how many families the one that is in the way is looked for, while all others wait: a millisecond.
const maxLooked = 20_000

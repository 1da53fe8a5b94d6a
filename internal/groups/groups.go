// Package groups remembers what was pushed, as the Pushgateway does: of each group the metric families that its pushes have left. It
// decides what a push changes, and what of that contradicts the other groups, and it bounds how much there is.
//
// A change is in two parts, because between them the pipeline must take it: it is begun, which finds what is wrong with it and makes
// room, and then it is committed or aborted. Of each group there must be one change at a time; changes of several groups may overlap.
//
// What a family is made of is not known here: see translate.
package groups

import (
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// A Group is what is held under one grouping key. It is never changed: a push makes another one.
type Group struct {
	ID       uint64 // tells it from all others, in this process
	Key      groupingkey.Key
	Families []Family // in the order in which they were pushed first
	// LastPush and LastFailure are when the last push was accepted, and when the last one was refused; zero: never.
	LastPush, LastFailure time.Time
}

// A Family is a metric family of a group. It is never changed.
type Family struct {
	Name   string
	Type   exposition.Type
	Pushed time.Time
	// Series has all series of the family, in the order in which they are in Data.
	Series []Series
	// Samples is how many series Prometheus makes of them: a histogram has its buckets, its sum and its count.
	Samples int64
	Data    []byte // as translate makes it
}

// A Series is what tells a series from others.
type Series struct {
	// Hash is that of the name and all labels, those of the grouping key included. It is seeded, so that nobody can make two that are
	// alike; by chance, that two of a million series are is once in thirty million times.
	Hash uint64
	// Shape is the hash of what decides which series Prometheus makes of it: its kind, unit, bounds and quantiles.
	Shape uint64
}

// Left are series of a family that are no more.
type Left struct {
	Family *Family
	Places []int // of Family.Series, in ascending order
}

// Active returns when the group was pushed last, or when that was tried, if it never was.
func (g *Group) Active() time.Time {
	if g.LastPush.IsZero() {
		return g.LastFailure
	}
	return g.LastPush
}

// Samples returns how many series Prometheus makes of the group, without the push times.
func (g *Group) Samples() int64 {
	samples := int64(0)
	for i := range g.Families {
		samples += g.Families[i].Samples
	}
	return samples
}

// Points returns how many series there are, a histogram being one, without the push times.
func (g *Group) Points() int {
	points := 0
	for i := range g.Families {
		points += len(g.Families[i].Series)
	}
	return points
}

// What a group takes of memory, in bytes, beside its strings and data.
const (
	groupMemory  = 400 // with its place in the maps
	familyMemory = 160 // with its name among all names
	seriesMemory = 48  // with its place among all series
)

// Bytes returns about how much memory the group takes.
func (g *Group) Bytes() int64 {
	bytes := groupMemory + len(g.Key.Job)
	for _, l := range g.Key.Labels {
		bytes += len(l.Name) + len(l.Value) + 32
	}
	for i := range g.Families {
		f := &g.Families[i]
		bytes += familyMemory + len(f.Name) + len(f.Data) + seriesMemory*len(f.Series)
	}
	return int64(bytes)
}

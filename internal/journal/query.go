package journal

import (
	"math"
	"slices"
	"strings"
)

// A Query says what to return.
type Query struct {
	Job   string // a part of the job's name, in whatever case; empty: all
	Group uint64 // 0: all
	// Offset is how many to pass over, Limit how many to return at most.
	Offset, Limit int
}

// matches wants the query's job in lower case.
func (q *Query) matches(job string, group uint64) bool {
	return (q.Group == 0 || q.Group == group) && strings.Contains(strings.ToLower(job), q.Job)
}

// Groups returns groups, those that pushed last first, and how many there are in all. What they refer to must not be changed.
func (j *Journal) Groups(q Query) (page []Group, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return pageOf(j.groups.Values(), q, func(g *Group) (string, uint64) { return g.Job, g.ID })
}

// Refusals returns refusals, the newest first, and how many there are in all. What they refer to must not be changed.
func (j *Journal) Refusals(q Query) (page []Refusal, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := append(j.refusals.Values(), j.requests.Values()...)
	slices.SortStableFunc(all, func(a, b *Refusal) int { return a.At.Compare(b.At) })
	return pageOf(all, q, func(r *Refusal) (string, uint64) { return r.Job, r.GroupID })
}

// pageOf takes the oldest entry first. It goes through all entries only to find what matches.
func pageOf[T any](entries []*T, q Query, of func(*T) (job string, group uint64)) (page []T, total int) {
	q.Job = strings.ToLower(q.Job)
	last := math.MaxInt
	if q.Job == "" && q.Group == 0 {
		last = q.Offset + q.Limit
	}
	for _, entry := range slices.Backward(entries) {
		if total >= last {
			return page, len(entries)
		}
		if !q.matches(of(entry)) {
			continue
		}
		if total >= q.Offset && len(page) < q.Limit {
			page = append(page, *entry)
		}
		total++
	}
	return page, total
}

// Known returns how many groups and refusals there are.
func (j *Journal) Known() (groups, refusals int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.groups.Len(), j.refusals.Len() + j.requests.Len()
}

// Group returns a group. What it refers to must not be changed.
func (j *Journal) Group(id uint64) (Group, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	g, ok := j.groups.Peek(id)
	if !ok {
		return Group{}, false
	}
	return *g, true
}

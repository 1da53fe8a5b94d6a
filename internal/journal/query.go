package journal

import "strings"

// A Query says what to return.
type Query struct {
	Job   string // a part of the job's name, in whatever case; empty: all
	Group uint64 // 0: all
	// Offset is how many to pass over, Limit how many to return at most.
	Offset, Limit int
}

func (q *Query) matches(job string, group uint64) bool {
	return (q.Group == 0 || q.Group == group) && (q.Job == "" || strings.Contains(strings.ToLower(job), q.Job))
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
	return pageOf(j.refusals.Values(), q, func(r *Refusal) (string, uint64) { return r.Job, r.GroupID })
}

// pageOf takes the oldest entry first.
func pageOf[T any](entries []*T, q Query, of func(*T) (job string, group uint64)) (page []T, total int) {
	q.Job = strings.ToLower(q.Job)
	for i := len(entries) - 1; i >= 0; i-- {
		if !q.matches(of(entries[i])) {
			continue
		}
		if total >= q.Offset && len(page) < q.Limit {
			page = append(page, *entries[i])
		}
		total++
	}
	return page, total
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

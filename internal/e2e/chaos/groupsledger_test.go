package chaos

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A kind is what a job does to a group.
type kind string

const (
	replace kind = "PUT"
	add     kind = "POST"
	empty   kind = "PUT of nothing"
	remove  kind = "DELETE"
)

// kinds has often what is done often.
var kinds = [...]kind{replace, replace, replace, add, add, add, empty, remove, remove}

func (k kind) method() string {
	switch k {
	case add:
		return http.MethodPost
	case remove:
		return http.MethodDelete
	default:
		return http.MethodPut
	}
}

// done is the status that says that it was done.
func (k kind) done() int {
	if k == remove {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// An operation is done with a push, whose pusher is the group.
type operation struct {
	kind kind
	push push
}

// A state is what may be held of a group.
type state struct {
	there bool
	last  int // the number of the push that came last
	// newest are the numbers of the pushes that the metrics are of; 0: there is none.
	newest [len(metricNames)]int
}

func (s state) after(o operation) state {
	number := o.push.number
	if o.kind == remove {
		return state{}
	}
	s.there, s.last = true, number
	if o.kind != add {
		s.newest = [len(metricNames)]int{}
	}
	if o.kind != empty {
		s.newest[o.push.metric()] = number
	}
	return s
}

// A groupsLedger has what each group may be: after an operation without an answer there are two possibilities more.
type groupsLedger struct {
	mu      sync.Mutex
	may     map[int]map[state]bool // by the number of the group
	times   map[push][2]time.Time  // when a push was sent, and answered
	answers map[string]int         // by kind and status
	strange []string               // answers that there should not be

	compared, open, deleted int // groups that were compared; those that had several possibilities; those that had to be away
}

func newGroupsLedger() *groupsLedger {
	return &groupsLedger{may: map[int]map[state]bool{}, times: map[push][2]time.Time{}, answers: map[string]int{}}
}

func (l *groupsLedger) note(o operation, status int, from, to time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times[o.push] = [2]time.Time{from, to}
	answer := fmt.Sprintf("%s answered %d", o.kind, status)
	l.answers[answer]++
	before := l.possible(o.push.pusher)
	after := map[state]bool{}
	for s := range before {
		after[s.after(o)] = true
	}
	switch status {
	case o.kind.done():
		l.may[o.push.pusher] = after
	case unanswered:
		maps.Copy(before, after)
		l.may[o.push.pusher] = before
	case unreachable, http.StatusServiceUnavailable:
	default:
		l.strange = append(l.strange, answer)
	}
}

// possible needs the lock.
func (l *groupsLedger) possible(group int) map[state]bool {
	if l.may[group] == nil {
		return map[state]bool{{}: true}
	}
	return l.may[group]
}

// compare returns what is wrong with what is held.
func (l *groupsLedger) compare(found held) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	wrong := slices.Clone(found.alien())
	for group := range numPushers * owned {
		is, problem := found.group(group).state()
		switch possible := l.matching(group, found); {
		case problem != "":
			wrong = append(wrong, fmt.Sprintf("group %d: %s", group, problem))
		case len(possible) == 0:
			wrong = append(wrong, fmt.Sprintf("group %d is %+v, pushed at %v; it may be %+v", group, is, found.group(group).pushed,
				slices.Collect(maps.Keys(l.possible(group)))))
		}
	}
	return wrong
}

// matching returns the possibilities that agree with what is held. It needs the lock.
func (l *groupsLedger) matching(group int, found held) map[state]bool {
	const slack = 100 * time.Millisecond // times of a group increase strictly, if need be by a few of the future
	h := found.group(group)
	is, _ := h.state()
	matching := map[state]bool{}
	for s := range l.possible(group) {
		if s.there != is.there || s.newest != is.newest {
			continue
		}
		times := l.times[push{group, s.last}]
		if s.there && (h.pushed.Before(times[0].Truncate(time.Millisecond)) || h.pushed.After(times[1].Add(slack))) {
			continue
		}
		matching[s] = true
	}
	return matching
}

// settle forgets the possibilities that have not come true.
func (l *groupsLedger) settle(found held) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for group, possible := range l.may {
		l.compared++
		if len(possible) > 1 {
			l.open++
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(possible)), func(s state) bool { return s.there }) {
			l.deleted++
		}
		l.may[group] = l.matching(group, found)
	}
}

func (l *groupsLedger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%s\nafter the restarts %d groups were as they must be: %d of them had to be away, and of %d an operation had "+
		"had no answer", counts(l.answers), l.compared, l.deleted, l.open)
}

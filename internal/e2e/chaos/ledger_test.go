package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// figures are what became of the pushes.
type figures struct {
	kills    int
	troubles map[string]int // of the backend

	requests, pushes, accepted int
	refused                    map[int]int
	cut                        int

	lost      []push   // answered 200, and not in the backend or not all of it
	corrupted []string // values and series that nobody pushed
	// unacknowledged are pushes that arrived though no 200 did: the collector was killed before it could answer, or the
	// backend took them and the answer came too late. Jobs that push again are right to do so.
	unacknowledged int
	duplicates     int // -1: the backend cannot tell
}

// judge compares what was answered with what arrived.
func (f *figures) judge(p *pushers, found map[series][]float64, alien []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.requests, f.pushes, f.refused, f.cut = p.requests, len(p.sent), maps.Clone(p.refused), p.cut
	f.corrupted, f.lost, f.accepted, f.unacknowledged = slices.Clone(alien), nil, 0, 0
	for s, values := range found {
		_, sent := p.sent[s.push]
		for _, v := range values {
			if !sent || v != s.value() {
				f.corrupted = append(f.corrupted, fmt.Sprintf("%v: %v", s, v))
			}
		}
	}
	for push, accepted := range p.sent {
		parts := 0
		for i := range push.size() {
			if len(found[series{push, i}]) > 0 {
				parts++
			}
		}
		switch {
		case accepted:
			f.accepted++
			if parts < push.size() {
				f.lost = append(f.lost, push)
			}
		case parts > 0:
			f.unacknowledged++
		}
	}
}

func (f *figures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "collector killed %d times; backend: %s\n", f.kills, counts(f.troubles))
	fmt.Fprintf(&b, "%d pushes in %d requests: %d pushes answered 200; requests refused: %s; without an answer: %d\n",
		f.pushes, f.requests, f.accepted, counts(f.refused), f.cut)
	fmt.Fprintf(&b, "lost: %d, corrupted: %d, arrived though not answered 200: %d\n", len(f.lost), len(f.corrupted), f.unacknowledged)
	if f.duplicates >= 0 {
		fmt.Fprintf(&b, "datapoints that came more than once: %d (sent, but not yet deleted from the queue when the collector was "+
			"killed, or the answer of the backend was lost)\n", f.duplicates)
	}
	return b.String()
}

func counts[K int | string](m map[K]int) string {
	if len(m) == 0 {
		return "none"
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%v: %d times", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

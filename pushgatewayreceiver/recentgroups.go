package pushgatewayreceiver

import (
	"math"
	"sync/atomic"
	"time"
)

// recentGroups estimates how many groups pushed lately, in 256 KiB, however many there are: linear counting (Whang, Vander-Zanden
// and Taylor, 1990), with a time in each slot instead of a bit, so that groups are forgotten. The count is exact to half a
// percent up to 100,000 groups, and to some percent up to half a million.
type recentGroups struct {
	begin time.Time
	slots [groupSlots]atomic.Uint32 // seconds from begin to the last push of a group there, plus one; 0: none
}

const (
	groupSlots = 1 << 16
	// recently is what the description of the metric says.
	recently = time.Hour
)

func newRecentGroups(now time.Time) *recentGroups { return &recentGroups{begin: now} }

func (g *recentGroups) second(now time.Time) uint32 {
	return uint32(now.Sub(g.begin)/time.Second) + 1 //nolint:gosec // good for 136 years
}

// saw notes a push of the group with that hash.
func (g *recentGroups) saw(group uint64, now time.Time) {
	slot, second := &g.slots[group>>32%groupSlots], g.second(now)
	if slot.Load() < second { // pushes that came earlier may end later
		slot.Store(second)
	}
}

// count returns how many groups pushed within the last hour.
func (g *recentGroups) count(now time.Time) int64 {
	oldest := int64(g.second(now)) - int64(recently/time.Second)
	free := 0
	for i := range g.slots {
		if second := g.slots[i].Load(); second == 0 || int64(second) < oldest {
			free++
		}
	}
	// Of n groups a share of exp(-n/slots) of all slots is left free. With none left it is as if there were a last half.
	share := max(float64(free), 0.5) / groupSlots
	return int64(math.Round(-groupSlots * math.Log(share)))
}

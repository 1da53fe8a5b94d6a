package pushgatewayreceiver

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// Groups are the settings of the memory of groups, which makes the receiver do what the Pushgateway does: PUT replaces, DELETE
// deletes, and what was pushed stays visible.
type Groups struct {
	// TTL is how long a group is held since it was pushed last. 0: for good.
	TTL time.Duration `mapstructure:"ttl"`
	// RepublishInterval is how often what a group holds goes to the pipeline again, with a new time. 0: never.
	RepublishInterval time.Duration `mapstructure:"republish_interval"`
	// MaxGroups, MaxSeries and MaxMiB bound what is held. Beyond any of them a new group is refused; those that are held go on, and
	// may grow to twice as much together.
	MaxGroups int `mapstructure:"max_groups"`
	MaxSeries int `mapstructure:"max_series"`
	MaxMiB    int `mapstructure:"max_mib"`
	// Storage is a storage extension in which groups survive a restart. Nil: they are in memory only.
	Storage *component.ID `mapstructure:"storage"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func defaultGroups() Groups {
	return Groups{
		// More than a day, so that an alert can say that a daily job is late, and over a weekend.
		TTL:               72 * time.Hour,
		RepublishInterval: time.Minute, // well below the five minutes for which Prometheus shows a value
		MaxGroups:         10_000,
		MaxSeries:         1_000_000,
		MaxMiB:            1024, // some hundred for a million short series
	}
}

const (
	// minRepublishInterval is more often than anybody scrapes.
	minRepublishInterval = 100 * time.Millisecond
	// maxBound is more than a process can hold.
	maxBound = 1 << 30
	// minTTL is the least that can be told from never.
	minTTL = time.Second
)

// validate returns what is wrong with each key.
func (g *Groups) validate() []error {
	var errs []error
	if g.TTL != 0 && g.TTL < minTTL {
		errs = append(errs, fmt.Errorf("groups.ttl is %v: it must be at least %v, or 0 for never", g.TTL, minTTL))
	}
	if g.RepublishInterval != 0 && g.RepublishInterval < minRepublishInterval {
		errs = append(errs, fmt.Errorf("groups.republish_interval is %v: it must be at least %v, or 0 for never", g.RepublishInterval, minRepublishInterval))
	}
	if g.TTL > 0 && g.RepublishInterval > g.TTL {
		errs = append(errs, fmt.Errorf("groups.republish_interval is %v: it must not be longer than groups.ttl, which is %v, or 0 for never",
			g.RepublishInterval, g.TTL))
	}
	for _, bound := range [...]struct {
		key   string
		value int
	}{{"max_groups", g.MaxGroups}, {"max_series", g.MaxSeries}, {"max_mib", g.MaxMiB}} {
		if bound.value < 1 || bound.value > maxBound {
			errs = append(errs, fmt.Errorf("groups.%s is %d: it must be between 1 and %d", bound.key, bound.value, maxBound))
		}
	}
	return errs
}

// The visits of groups, one slot of them at each tick.
const (
	// fewestSlots are enough that there is no herd.
	fewestSlots = 60
	mostSlots   = 3600
	minTick     = 50 * time.Millisecond
	maxTick     = time.Second
)

// visits returns how many slots the groups are spread over, and the time from one to the next: all are visited once in a republish
// interval, or without one often enough to expire.
func (g *Groups) visits() (slots int, tick time.Duration) {
	period := g.RepublishInterval
	if period == 0 {
		period = time.Minute
		if g.TTL > 0 {
			period = min(period, max(g.TTL/10, minTick)) // they are held a tenth longer at most
		}
	}
	tick = min(max(period/fewestSlots, minTick), maxTick)
	slots = int(min(max(period/tick, 1), mostSlots))
	return slots, period / time.Duration(slots)
}

func (g *Groups) bounds() groups.Options {
	slots, _ := g.visits()
	return groups.Options{Groups: int64(g.MaxGroups), Samples: int64(g.MaxSeries), Bytes: int64(g.MaxMiB) << 20, Slots: slots}
}

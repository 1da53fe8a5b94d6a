package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// held are the groups that a collector shows, by their numbers. What no job pushed is in the group nobody.
type held map[int]*heldGroup

const nobody = -1

type heldGroup struct {
	pushed time.Time // push_time_seconds; it is zero if there is no group
	series map[series]float64
	alien  []string
}

func (h held) alien() []string { return h.group(nobody).alien }

// group never returns nil.
func (h held) group(number int) *heldGroup {
	if h[number] == nil {
		h[number] = &heldGroup{series: map[series]float64{}}
	}
	return h[number]
}

// add takes a series.
func (h held) add(l testbed.Labels, value float64) {
	group, err := strconv.Atoi(l["instance"])
	s, ok := seriesOf(l)
	switch name := l["__name__"]; {
	case ok:
		h.group(group).series[s] = value
	case err == nil && l["job"] == job && len(l) == 3 && name == "push_time_seconds":
		h.group(group).pushed = time.UnixMicro(int64(value * 1e6))
	case err == nil && l["job"] == job && len(l) == 3 && name == "push_failure_time_seconds" && value == 0:
	default:
		h.group(nobody).alien = append(h.group(nobody).alien, fmt.Sprintf("%s is %v", testbed.SeriesName(l), value))
	}
}

// state returns what is held of a group, and what is wrong with it in any case. It does not know which push was the last.
func (h *heldGroup) state() (state, string) {
	s := state{there: !h.pushed.IsZero()}
	for found, value := range h.series {
		switch newest := &s.newest[found.metric()]; {
		case value != found.value():
			return s, fmt.Sprintf("%v is %v, want %v", found, value, found.value())
		case *newest != 0 && *newest != found.number:
			return s, fmt.Sprintf("there are both push %d and push %d", *newest, found.number)
		default:
			*newest = found.number
		}
	}
	want := 0
	for _, number := range s.newest {
		if number > 0 {
			want += push{number: number}.size()
		}
	}
	if len(h.series) != want || want > 0 && !s.there {
		return s, fmt.Sprintf("%d series of %+v, want %d: %v", len(h.series), s, want, slices.Collect(maps.Keys(h.series)))
	}
	return s, ""
}

// readAPI adds what GET /api/v1/metrics answers.
func (h held) readAPI(t *testing.T, c *testbed.Collector) {
	t.Helper()
	for _, group := range testbed.PushedMetrics(t, c.Client, c.URL) {
		delete(group, "labels") // each metric has them too
		delete(group, "last_push_successful")
		for name, family := range group {
			var f struct {
				Metrics []struct {
					Labels testbed.Labels
					Value  float64 `json:",string"`
				}
			}
			require.NoErrorf(t, json.Unmarshal(family, &f), "%s: %s", name, family)
			for _, m := range f.Metrics {
				h.add(m.Labels.With("__name__", name), m.Value)
			}
		}
	}
}

// readExports adds what was sent while nobody pushed.
func (h held) readExports(exports []testbed.Export) {
	for _, e := range exports {
		for _, resource := range e.Metrics.ResourceMetrics().All() {
			group := testbed.Labels{}
			for name, value := range resource.Resource().Attributes().All() {
				group[map[string]string{"service.name": "job", "service.instance.id": "instance"}[name]] = value.AsString()
			}
			for _, scope := range resource.ScopeMetrics().All() {
				for _, m := range scope.Metrics().All() {
					h.readMetric(m, group.With("__name__", m.Name()))
				}
			}
		}
	}
}

func (h held) readMetric(m pmetric.Metric, l testbed.Labels) {
	if m.Type() != pmetric.MetricTypeGauge {
		h.group(nobody).alien = append(h.group(nobody).alien, fmt.Sprintf("%v is of type %v", l, m.Type()))
		return
	}
	for _, p := range m.Gauge().DataPoints().All() {
		own := l.With()
		for name, value := range p.Attributes().All() {
			own[name] = value.AsString()
		}
		if p.Flags().NoRecordedValue() {
			own = own.With("stale", "true") // nobody may have pushed that
		}
		h.add(own, p.DoubleValue())
	}
}

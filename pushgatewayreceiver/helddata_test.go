package pushgatewayreceiver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A database is what a backend makes of what it gets: the last sample of each series, and whether the samples came in order.
type database struct {
	mu      sync.Mutex
	t       testing.TB
	refuse  error // what it answers
	ending  bool  // whether only markers are refused
	calls   int
	largest int               // datapoints of a call
	samples map[string]sample // by the series
	alone   bool              // each marker was alone in its metric
}

type sample struct {
	value string // "stale" for a marker
	at    time.Time
}

func newDatabase(t testing.TB) *database {
	return &database{t: t, samples: map[string]sample{}, alone: true}
}

func (d *database) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (d *database) ConsumeMetrics(_ context.Context, metrics pmetric.Metrics) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	d.largest = max(d.largest, metrics.DataPointCount())
	if d.refuse != nil && (!d.ending || hasMarker(metrics)) {
		return d.refuse
	}
	for _, rm := range metrics.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				d.add(rm.Resource(), m)
			}
		}
	}
	return nil
}

func (d *database) refuseAll(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse, d.ending = err, false
}

func (d *database) refuseMarkers(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse, d.ending = err, true
}

func (d *database) called() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// hasMarker looks at gauges only.
func hasMarker(metrics pmetric.Metrics) bool {
	for _, rm := range metrics.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if m.Type() == pmetric.MetricTypeGauge && m.Gauge().DataPoints().At(0).Flags().NoRecordedValue() {
					return true
				}
			}
		}
	}
	return false
}

// add has the series of histograms and summaries by their bounds.
func (d *database) add(resource pcommon.Resource, m pmetric.Metric) {
	points, markers := 0, 0
	set := func(attributes pcommon.Map, flags pmetric.DataPointFlags, at pcommon.Timestamp, suffix string, value any) {
		points++
		text := fmt.Sprint(value)
		if flags.NoRecordedValue() {
			text = "stale"
			markers++
		}
		d.set(m.Name()+suffix+labelsOf(resource, attributes), sample{value: text, at: at.AsTime()})
	}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		for _, dp := range m.Gauge().DataPoints().All() {
			set(dp.Attributes(), dp.Flags(), dp.Timestamp(), "", dp.DoubleValue())
		}
	case pmetric.MetricTypeSum:
		for _, dp := range m.Sum().DataPoints().All() {
			set(dp.Attributes(), dp.Flags(), dp.Timestamp(), "", dp.DoubleValue())
		}
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			for _, q := range dp.QuantileValues().All() {
				set(dp.Attributes(), dp.Flags(), dp.Timestamp(), fmt.Sprintf("/%v", q.Quantile()), q.Value())
			}
		}
		points = m.Summary().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			for i, bound := range dp.ExplicitBounds().All() {
				set(dp.Attributes(), dp.Flags(), dp.Timestamp(), fmt.Sprintf("/%v", bound), dp.BucketCounts().At(i))
			}
		}
		points = m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			set(dp.Attributes(), dp.Flags(), dp.Timestamp(), "/native", dp.Count())
		}
	}
	d.alone = d.alone && (markers == 0 || points == 1)
}

// set wants samples of a series in order, each later by a millisecond at least: Prometheus refuses others.
func (d *database) set(series string, s sample) {
	if before, ok := d.samples[series]; ok && before.at.UnixMilli() >= s.at.UnixMilli() {
		d.t.Errorf("%s has %s at %v after %s at %v", series, s.value, s.at, before.value, before.at)
	}
	d.samples[series] = s
}

// visible returns the values that an instant query would see, for short without the push times.
func (d *database) visible() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var lines []string
	for _, series := range slices.Sorted(maps.Keys(d.samples)) {
		if value := d.samples[series].value; value != "stale" && !strings.HasPrefix(series, "push_") {
			lines = append(lines, series+" "+value)
		}
	}
	return strings.Join(lines, "\n")
}

func (d *database) get(series string) sample {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.samples[series]
}

func (d *database) requireVisible(want ...string) {
	d.t.Helper()
	assert.Equal(d.t, strings.Join(want, "\n"), d.visible())
	assert.True(d.t, d.alone, "each staleness marker is alone in its metric")
}

func labelsOf(resource pcommon.Resource, attributes pcommon.Map) string {
	var labels []string
	for name, value := range attributes.All() {
		labels = append(labels, name+"="+value.Str())
	}
	for _, name := range []string{"service.name", "service.instance.id"} {
		if value, ok := resource.Attributes().Get(name); ok {
			labels = append(labels, map[string]string{"service.name": "job", "service.instance.id": "instance"}[name]+"="+value.Str())
		}
	}
	slices.Sort(labels)
	return "{" + strings.Join(labels, ",") + "}"
}

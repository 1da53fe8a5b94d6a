package translate

import (
	"hash/maphash"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A hasher makes groups.Series of datapoints. Two datapoints are of one series if they have the same name and the same labels in
// Prometheus, wherever the labels come from.
type hasher struct {
	hashedKey
	named, scope uint64
	series       []groups.Series
	samples      int64
}

// A hashedKey is what all series of a group have in common.
type hashedKey struct {
	sum uint64
	// onKey has the grouping labels: they may be attributes too, and then count once.
	onKey map[string]struct{}
}

func hashKey(key groupingkey.Key) hashedKey {
	h := hashedKey{sum: hashLabel("job", key.Job), onKey: make(map[string]struct{}, len(key.Labels))}
	for _, l := range key.Labels {
		if l.Value != "" {
			h.onKey[l.Name] = struct{}{}
			h.sum += hashLabel(l.Name, l.Value)
		}
	}
	return h
}

func hashLabel(name, value string) uint64 {
	return exposition.HashLabel(exposition.HashName(name), value)
}

// scopeHash is that of the labels that stand for a scope. Ours has no name, and none of them.
func (h *hasher) scopeHash(sm pmetric.ScopeMetrics) uint64 {
	sum := uint64(0)
	for _, l := range scopeLabels(sm) {
		if _, onKey := h.onKey[l.Name]; !onKey {
			sum += hashLabel(l.Name, l.Value)
		}
	}
	return sum
}

// What decides, beside the labels, which series an exporter makes of a datapoint. So do the names of the metric and its unit, which are
// others if the configuration was another when they were stored.
const (
	shapeGauge = iota
	shapeSum
	shapeCounter
	shapeSummary
	shapeHistogram
	shapeExponential
)

// mix tells sums of hashes apart that are made of others.
func mix(h uint64, v uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15
	h = (h ^ v) * odd
	return h ^ h>>32
}

// seedOfShapes need not be secret: a job can only hurt its own series.
var seedOfShapes = maphash.MakeSeed()

func (h *hasher) add(m pmetric.Metric) {
	shape := mix(maphash.String(seedOfShapes, m.Unit()), maphash.String(seedOfShapes, m.Name()))
	switch m.Type() {
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			own := mix(shape, shapeSummary)
			for _, q := range dp.QuantileValues().All() {
				own += mix(shape, math.Float64bits(q.Quantile())) // in whatever order
			}
			h.addPoint(dp.Attributes(), own, dp.QuantileValues().Len()+2) // _sum, _count
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			own := mix(shape, shapeHistogram)
			for _, bound := range dp.ExplicitBounds().All() {
				own = mix(own, math.Float64bits(bound))
			}
			if dp.HasSum() {
				own = mix(own, shapeSum)
			}
			h.addPoint(dp.Attributes(), own, dp.ExplicitBounds().Len()+3) // +Inf, _sum, _count
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			h.addPoint(dp.Attributes(), mix(shape, shapeExponential), 1)
		}
	case pmetric.MetricTypeSum:
		shape = mix(shape, shapeSum)
		if m.Sum().IsMonotonic() {
			shape = mix(shape, shapeCounter)
		}
		for _, dp := range m.Sum().DataPoints().All() {
			h.addPoint(dp.Attributes(), shape, 1)
		}
	default:
		for _, dp := range m.Gauge().DataPoints().All() {
			h.addPoint(dp.Attributes(), mix(shape, shapeGauge), 1)
		}
	}
}

func (h *hasher) addPoint(attributes pcommon.Map, shape uint64, samples int) {
	sum := h.named + h.scope
	for name, value := range attributes.All() {
		if _, onKey := h.onKey[name]; onKey {
			shape++ // it may be on the resource alone, with another configuration
		} else {
			sum += hashLabel(name, value.Str())
		}
	}
	h.series = append(h.series, groups.Series{Hash: sum, Shape: shape})
	h.samples += int64(samples)
}

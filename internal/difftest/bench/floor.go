package main

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// floor has the ready values of metrics. Its build is the least that any decoder which makes the same metrics has to do:
// it knows all counts beforehand, and checks nothing.
type floor struct {
	resource []attribute
	scopes   []floorScope
}

type floorScope struct {
	name    string
	metrics []floorMetric
}

type floorMetric struct {
	name, description, unit string
	metadata                []attribute
	kind                    pmetric.MetricType
	monotonic               bool
	points                  []floorPoint
}

type floorPoint struct {
	attributes  []attribute
	start, time pcommon.Timestamp
	value       float64 // of a number, otherwise the sum
	count       uint64
	bounds      []float64
	counts      []uint64
	quantiles   []quantile
}

type attribute struct{ key, value string }

type quantile struct{ quantile, value float64 }

// newFloor takes metrics apart. It expects what the data sets have: one resource, no exemplars, no native histograms.
func newFloor(metrics pmetric.Metrics) floor {
	rm := metrics.ResourceMetrics().At(0)
	f := floor{resource: attributesOf(rm.Resource().Attributes())}
	for _, sm := range rm.ScopeMetrics().All() {
		scope := floorScope{name: sm.Scope().Name()}
		for _, m := range sm.Metrics().All() {
			scope.metrics = append(scope.metrics, newFloorMetric(m))
		}
		f.scopes = append(f.scopes, scope)
	}
	return f
}

func newFloorMetric(m pmetric.Metric) floorMetric {
	f := floorMetric{
		name: m.Name(), description: m.Description(), unit: m.Unit(), kind: m.Type(), metadata: attributesOf(m.Metadata()),
	}
	switch m.Type() {
	case pmetric.MetricTypeSum:
		f.monotonic = m.Sum().IsMonotonic()
		f.points = numbers(m.Sum().DataPoints())
	case pmetric.MetricTypeGauge:
		f.points = numbers(m.Gauge().DataPoints())
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			f.points = append(f.points, floorPoint{
				attributes: attributesOf(dp.Attributes()), start: dp.StartTimestamp(), time: dp.Timestamp(), value: dp.Sum(),
				count: dp.Count(), bounds: dp.ExplicitBounds().AsRaw(), counts: dp.BucketCounts().AsRaw(),
			})
		}
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			p := floorPoint{
				attributes: attributesOf(dp.Attributes()), start: dp.StartTimestamp(), time: dp.Timestamp(), value: dp.Sum(),
				count: dp.Count(),
			}
			for _, q := range dp.QuantileValues().All() {
				p.quantiles = append(p.quantiles, quantile{q.Quantile(), q.Value()})
			}
			f.points = append(f.points, p)
		}
	default:
		panic("no data set has this type: " + m.Type().String())
	}
	return f
}

func numbers(slice pmetric.NumberDataPointSlice) []floorPoint {
	var points []floorPoint
	for _, dp := range slice.All() {
		points = append(points, floorPoint{
			attributes: attributesOf(dp.Attributes()), start: dp.StartTimestamp(), time: dp.Timestamp(), value: dp.DoubleValue(),
		})
	}
	return points
}

func attributesOf(m pcommon.Map) []attribute {
	var attributes []attribute
	for k, v := range m.All() {
		attributes = append(attributes, attribute{k, v.Str()})
	}
	return attributes
}

// build makes the metrics again.
func (f *floor) build() pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	rm := metrics.ResourceMetrics().AppendEmpty()
	put(rm.Resource().Attributes(), f.resource)
	for i := range f.scopes {
		sm := rm.ScopeMetrics().AppendEmpty()
		sm.Scope().SetName(f.scopes[i].name)
		sm.Metrics().EnsureCapacity(len(f.scopes[i].metrics))
		for j := range f.scopes[i].metrics {
			f.scopes[i].metrics[j].build(sm.Metrics().AppendEmpty())
		}
	}
	return metrics
}

func (f *floorMetric) build(m pmetric.Metric) {
	m.SetName(f.name)
	m.SetDescription(f.description)
	m.SetUnit(f.unit)
	put(m.Metadata(), f.metadata)
	switch f.kind {
	case pmetric.MetricTypeSum:
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(f.monotonic)
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		f.buildNumbers(sum.DataPoints())
	case pmetric.MetricTypeGauge:
		f.buildNumbers(m.SetEmptyGauge().DataPoints())
	case pmetric.MetricTypeHistogram:
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		h.DataPoints().EnsureCapacity(len(f.points))
		for i := range f.points {
			p, dp := &f.points[i], h.DataPoints().AppendEmpty()
			dp.SetStartTimestamp(p.start)
			dp.SetTimestamp(p.time)
			put(dp.Attributes(), p.attributes)
			dp.SetCount(p.count)
			dp.SetSum(p.value)
			dp.ExplicitBounds().FromRaw(p.bounds)
			dp.BucketCounts().FromRaw(p.counts)
		}
	default:
		f.buildSummaries(m.SetEmptySummary().DataPoints())
	}
}

func (f *floorMetric) buildNumbers(slice pmetric.NumberDataPointSlice) {
	slice.EnsureCapacity(len(f.points))
	for i := range f.points {
		p, dp := &f.points[i], slice.AppendEmpty()
		dp.SetStartTimestamp(p.start)
		dp.SetTimestamp(p.time)
		dp.SetDoubleValue(p.value)
		put(dp.Attributes(), p.attributes)
	}
}

func (f *floorMetric) buildSummaries(slice pmetric.SummaryDataPointSlice) {
	slice.EnsureCapacity(len(f.points))
	for i := range f.points {
		p, dp := &f.points[i], slice.AppendEmpty()
		dp.SetStartTimestamp(p.start)
		dp.SetTimestamp(p.time)
		dp.SetCount(p.count)
		dp.SetSum(p.value)
		put(dp.Attributes(), p.attributes)
		dp.QuantileValues().EnsureCapacity(len(p.quantiles))
		for _, q := range p.quantiles {
			v := dp.QuantileValues().AppendEmpty()
			v.SetQuantile(q.quantile)
			v.SetValue(q.value)
		}
	}
}

func put(m pcommon.Map, attributes []attribute) {
	m.EnsureCapacity(len(attributes))
	for _, a := range attributes {
		m.PutStr(a.key, a.value)
	}
}

package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

const (
	// MaxPoints is how many datapoints a batch of several groups has, or of the markers of one. A group with more is a batch of its own.
	MaxPoints = 5000
	// maxMarked is what the series of the markers of a batch hold, in bytes.
	maxMarked = 4 << 20
)

// AddMarkers adds a staleness marker for each series that left a group, which was this before. Whenever there are MaxPoints, or many
// bytes, it calls full, which takes them. Markers are not to be told apart by their metrics: each is alone in one, because the Prometheus
// exporter passes over all that follows a marker.
func (b *Batch) AddMarkers(g *groups.Group, left []groups.Left, at time.Time, full func() error) error {
	m := markers{batch: b, group: g, at: pcommon.NewTimestampFromTime(at), full: full}
	for _, l := range left {
		held, err := unmarshal(l.Family)
		if err != nil {
			return err
		}
		m.places, m.next, m.size = l.Places, 0, len(l.Family.Data)/max(len(l.Family.Series), 1)
		for _, sm := range held.ScopeMetrics().All() {
			m.scope = pmetric.ScopeMetrics{}
			for _, metric := range sm.Metrics().All() {
				if err := m.add(sm, metric); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// AddEnd adds staleness markers for the push times of a group that is no more.
func (b *Batch) AddEnd(g *groups.Group, at time.Time) error {
	times, err := b.timesOf(g, at)
	if err != nil {
		return err
	}
	for _, sm := range times.ResourceMetrics().At(0).ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			setMarker(m.Gauge().DataPoints().At(0))
		}
	}
	b.add(times)
	return nil
}

// markers makes them for one group.
type markers struct {
	batch *Batch
	group *groups.Group
	at    pcommon.Timestamp
	full  func() error

	places   []int // of the family, in ascending order
	next     int   // the place of the next datapoint
	size     int   // what a series of the family holds on average
	marked   int   // what those in the batch hold
	resource pmetric.ResourceMetrics
	scope    pmetric.ScopeMetrics // the zero value: none yet
}

// add goes through the datapoints of one metric.
func (m *markers) add(sm pmetric.ScopeMetrics, metric pmetric.Metric) error {
	switch metric.Type() {
	case pmetric.MetricTypeSummary:
		return eachMarked(m, metric.Summary().DataPoints().All(), func(dp pmetric.SummaryDataPoint) error {
			return m.append(sm, metric, func(dest pmetric.Metric) { markSummary(dest, dp, m.at) })
		})
	case pmetric.MetricTypeHistogram:
		return eachMarked(m, metric.Histogram().DataPoints().All(), func(dp pmetric.HistogramDataPoint) error {
			return m.append(sm, metric, func(dest pmetric.Metric) { markHistogram(dest, dp, m.at) })
		})
	case pmetric.MetricTypeExponentialHistogram:
		return eachMarked(m, metric.ExponentialHistogram().DataPoints().All(), func(dp pmetric.ExponentialHistogramDataPoint) error {
			return m.append(sm, metric, func(dest pmetric.Metric) { markExponential(dest, dp, m.at) })
		})
	case pmetric.MetricTypeSum:
		return eachMarked(m, metric.Sum().DataPoints().All(), func(dp pmetric.NumberDataPoint) error {
			return m.append(sm, metric, func(dest pmetric.Metric) {
				sum := dest.SetEmptySum()
				sum.SetIsMonotonic(metric.Sum().IsMonotonic())
				sum.SetAggregationTemporality(metric.Sum().AggregationTemporality())
				markNumber(sum.DataPoints().AppendEmpty(), dp, m.at)
			})
		})
	default:
		return eachMarked(m, metric.Gauge().DataPoints().All(), func(dp pmetric.NumberDataPoint) error {
			return m.append(sm, metric, func(dest pmetric.Metric) {
				markNumber(dest.SetEmptyGauge().DataPoints().AppendEmpty(), dp, m.at)
			})
		})
	}
}

// eachMarked calls mark with each datapoint whose place is one of those.
func eachMarked[D any](m *markers, points func(func(int, D) bool), mark func(D) error) error {
	for _, dp := range points {
		place := m.next
		m.next++
		if len(m.places) == 0 || m.places[0] != place {
			continue
		}
		m.places = m.places[1:]
		if err := mark(dp); err != nil {
			return err
		}
	}
	return nil
}

// append adds a metric with one marker.
func (m *markers) append(sm pmetric.ScopeMetrics, source pmetric.Metric, fill func(pmetric.Metric)) error {
	if m.marked += m.size; m.batch.points >= MaxPoints || m.marked > maxMarked {
		if err := m.full(); err != nil {
			return err
		}
		m.marked = m.size
		m.resource, m.scope = pmetric.ResourceMetrics{}, pmetric.ScopeMetrics{}
	}
	if err := m.enter(sm); err != nil {
		return err
	}
	dest := m.scope.Metrics().AppendEmpty()
	dest.SetName(source.Name())
	dest.SetDescription(source.Description())
	dest.SetUnit(source.Unit())
	source.Metadata().CopyTo(dest.Metadata())
	fill(dest)
	m.batch.points++
	return nil
}

// enter makes the scope for the next marker, and its resource.
func (m *markers) enter(sm pmetric.ScopeMetrics) error {
	if m.resource == (pmetric.ResourceMetrics{}) {
		resource, err := m.batch.resourceOf(m.group)
		if err != nil {
			return err
		}
		m.resource = m.batch.metrics.ResourceMetrics().AppendEmpty()
		resource.CopyTo(m.resource.Resource())
	}
	if m.scope == (pmetric.ScopeMetrics{}) {
		m.scope = m.batch.scope(m.resource, sm)
	}
	return nil
}

func setMarker[D interface {
	SetFlags(pmetric.DataPointFlags)
}](dp D) {
	dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
}

func markNumber(dest, source pmetric.NumberDataPoint, at pcommon.Timestamp) {
	source.Attributes().CopyTo(dest.Attributes())
	dest.SetTimestamp(at)
	setMarker(dest)
}

// markSummary keeps the quantiles, and markHistogram the bounds: exporters make a series of each.
func markSummary(m pmetric.Metric, source pmetric.SummaryDataPoint, at pcommon.Timestamp) {
	dest := m.SetEmptySummary().DataPoints().AppendEmpty()
	source.Attributes().CopyTo(dest.Attributes())
	for _, q := range source.QuantileValues().All() {
		dest.QuantileValues().AppendEmpty().SetQuantile(q.Quantile())
	}
	dest.SetTimestamp(at)
	setMarker(dest)
}

func markHistogram(m pmetric.Metric, source pmetric.HistogramDataPoint, at pcommon.Timestamp) {
	m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	dest := m.Histogram().DataPoints().AppendEmpty()
	source.Attributes().CopyTo(dest.Attributes())
	source.ExplicitBounds().CopyTo(dest.ExplicitBounds())
	dest.BucketCounts().FromRaw(make([]uint64, source.BucketCounts().Len()))
	if source.HasSum() {
		dest.SetSum(0) // without one, its series gets no marker
	}
	dest.SetTimestamp(at)
	setMarker(dest)
}

func markExponential(m pmetric.Metric, source pmetric.ExponentialHistogramDataPoint, at pcommon.Timestamp) {
	m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	dest := m.ExponentialHistogram().DataPoints().AppendEmpty()
	source.Attributes().CopyTo(dest.Attributes())
	dest.SetScale(source.Scale())
	if source.HasSum() {
		dest.SetSum(0)
	}
	dest.SetTimestamp(at)
	setMarker(dest)
}

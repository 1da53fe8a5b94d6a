package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A Batch is pmetric.Metrics that are made of what groups hold, in the order in which it is added.
type Batch struct {
	options Options
	metrics pmetric.Metrics
	points  int
}

// NewBatch returns an empty batch.
func NewBatch(o Options) *Batch { return &Batch{options: o, metrics: pmetric.NewMetrics()} }

// Points returns how many datapoints there are.
func (b *Batch) Points() int { return b.points }

// Take returns what was added, and empties the batch.
func (b *Batch) Take() pmetric.Metrics {
	metrics := b.metrics
	b.metrics, b.points = pmetric.NewMetrics(), 0
	return metrics
}

func (b *Batch) add(metrics pmetric.Metrics) {
	b.points += metrics.DataPointCount()
	metrics.ResourceMetrics().MoveAndAppendTo(b.metrics.ResourceMetrics())
}

// AddPush finishes a push that leaves a group like this, and adds it. The builder must not be used any more.
func (b *Batch) AddPush(push *Builder, g *groups.Group) error {
	if !push.hasTarget {
		if err := push.setTarget(g); err != nil {
			return err
		}
	}
	push.addPushTimes(g)
	b.add(push.finish(g.LastPush))
	return nil
}

// AddTimes adds the push times of a group, and nothing else.
func (b *Batch) AddTimes(g *groups.Group, at time.Time) error {
	times, err := b.timesOf(g, at)
	if err == nil {
		b.add(times)
	}
	return err
}

func (b *Batch) timesOf(g *groups.Group, at time.Time) (pmetric.Metrics, error) {
	builder, err := b.builderOf(g)
	if err != nil {
		return pmetric.Metrics{}, err
	}
	builder.addPushTimes(g)
	return builder.finish(at), nil
}

// builderOf returns a builder for the target of a group.
func (b *Batch) builderOf(g *groups.Group) (*Builder, error) {
	builder := NewBuilder(g.Key, b.options, nil)
	return builder, builder.setTarget(g)
}

// resourceOf returns the resource of a group.
func (b *Batch) resourceOf(g *groups.Group) (pcommon.Resource, error) {
	builder, err := b.builderOf(g)
	if err != nil {
		return pcommon.Resource{}, err
	}
	return builder.finish(time.Time{}).ResourceMetrics().At(0).Resource(), nil
}

// AddValues adds all that a group holds, with that time. Exemplars were sent with the push, and stand for what happened before it.
func (b *Batch) AddValues(g *groups.Group, at time.Time) error {
	metrics, err := b.timesOf(g, at)
	if err != nil {
		return err
	}
	rm := metrics.ResourceMetrics().At(0)
	received := pcommon.NewTimestampFromTime(at)
	for i := range g.Families {
		held, err := unmarshal(&g.Families[i])
		if err != nil {
			return err
		}
		for _, sm := range held.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				refresh(m, received)
			}
			sm.Metrics().MoveAndAppendTo(b.scope(rm, sm).Metrics())
		}
	}
	b.add(metrics)
	return nil
}

// unmarshal returns what Families made of a family. Its error is that of a storage in which something else has the right checksum.
func unmarshal(f *groups.Family) (pmetric.ResourceMetrics, error) {
	held, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(f.Data)
	if err != nil {
		return pmetric.ResourceMetrics{}, err
	}
	if held.ResourceMetrics().Len() == 0 {
		return held.ResourceMetrics().AppendEmpty(), nil
	}
	return held.ResourceMetrics().At(0), nil
}

// scope returns the scope for the metrics of a family's. Nearly all are of the first scope, or of the one that came last; the others may
// be there several times, which does no harm.
func (b *Batch) scope(rm pmetric.ResourceMetrics, of pmetric.ScopeMetrics) pmetric.ScopeMetrics {
	if of.Scope().Name() == "" {
		of.Scope().SetName(b.options.ScopeName)
	}
	scopes := rm.ScopeMetrics()
	for _, i := range [...]int{0, scopes.Len() - 1} {
		if i >= 0 && i < scopes.Len() && isSameScope(scopes.At(i), of) {
			return scopes.At(i)
		}
	}
	sm := scopes.AppendEmpty()
	of.Scope().CopyTo(sm.Scope())
	sm.SetSchemaUrl(of.SchemaUrl())
	return sm
}

func isSameScope(x, y pmetric.ScopeMetrics) bool {
	return x.Scope().Name() == y.Scope().Name() && x.Scope().Version() == y.Scope().Version() && x.SchemaUrl() == y.SchemaUrl() &&
		x.Scope().Attributes().Equal(y.Scope().Attributes())
}

// refresh gives all datapoints a time, and takes their exemplars.
func refresh(m pmetric.Metric, at pcommon.Timestamp) {
	switch m.Type() {
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			dp.SetTimestamp(at)
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			refreshPoint(dp, at)
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			refreshPoint(dp, at)
		}
	case pmetric.MetricTypeSum:
		for _, dp := range m.Sum().DataPoints().All() {
			refreshPoint(dp, at)
		}
	default:
		for _, dp := range m.Gauge().DataPoints().All() {
			refreshPoint(dp, at)
		}
	}
}

func refreshPoint[D interface {
	SetTimestamp(pcommon.Timestamp)
	Exemplars() pmetric.ExemplarSlice
}](dp D, at pcommon.Timestamp) {
	dp.SetTimestamp(at)
	if dp.Exemplars().Len() > 0 {
		dp.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
	}
}

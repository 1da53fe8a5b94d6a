package translate

import (
	"hash/maphash"
	"math"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A family that is held is OTLP in protobuf: as few bytes as can be, with nothing for the garbage collector to follow, and of no body.
// It is what the push has of the family, but
//
//   - without the time of the push,
//   - without the name of a scope that has ours,
//   - without the grouping key on the resource, so that only what target_info says is there.

// seriesMemory is what a series takes while a push becomes part of a group.
const seriesMemory = 64

// Families returns the families of the push, as groups hold them. It must be called behind Check and before Metrics.
func (b *Builder) Families() ([]groups.Family, error) {
	families := make([]groups.Family, 0, b.used)
	key, lent := hashKey(b.key), pmetric.NewMetrics()
	lent.ResourceMetrics().AppendEmpty()
	for _, f := range b.families[:b.used] {
		held := lent
		switch {
		case f.dropped:
			continue
		case isTargetInfo(&f.Family):
			if !b.hasTarget {
				continue
			}
			held = b.target()
		case len(f.metrics) == 0:
			continue
		default:
			b.lend(f, lent)
		}
		family, err := newFamily(f.Name, f.Type, held, key)
		if len(f.metrics) > 0 {
			b.takeBack(f, held)
		}
		if err == nil {
			err = b.need(len(family.Data) + seriesMemory*len(family.Series))
		}
		if err != nil {
			return nil, err
		}
		families = append(families, family)
	}
	return families, nil
}

// target returns what target_info has set.
func (b *Builder) target() pmetric.Metrics {
	held := pmetric.NewMetrics()
	b.metrics.ResourceMetrics().At(0).Resource().CopyTo(held.ResourceMetrics().AppendEmpty().Resource())
	return held
}

// setTarget sets what the target_info says that a group holds.
func (b *Builder) setTarget(g *groups.Group) error {
	for i := range g.Families {
		f := &g.Families[i]
		if !isTargetInfo(&exposition.Family{Name: f.Name, Type: f.Type}) {
			continue
		}
		held, err := unmarshal(f)
		if err != nil {
			return err
		}
		held.Resource().CopyTo(b.metrics.ResourceMetrics().At(0).Resource())
	}
	return nil
}

// lend moves the metrics of a family to where they are alone, each scope after the other, without what was there. takeBack reverses it.
func (b *Builder) lend(f *family, lent pmetric.Metrics) {
	rm := lent.ResourceMetrics().At(0)
	rm.ScopeMetrics().RemoveIf(func(pmetric.ScopeMetrics) bool { return true })
	last := ""
	for i, number := range f.metrics {
		n := &b.numbered[number]
		if i == 0 || n.scope != last {
			source, dest := b.scopeOf(n.scope), rm.ScopeMetrics().AppendEmpty()
			source.Scope().CopyTo(dest.Scope())
			dest.SetSchemaUrl(source.SchemaUrl())
			if dest.Scope().Name() == b.options.ScopeName {
				dest.Scope().SetName("")
			}
			last = n.scope
		}
		n.MoveTo(rm.ScopeMetrics().At(rm.ScopeMetrics().Len() - 1).Metrics().AppendEmpty())
	}
}

func (b *Builder) takeBack(f *family, lent pmetric.Metrics) {
	i := 0
	for _, sm := range lent.ResourceMetrics().At(0).ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			m.MoveTo(b.numbered[f.metrics[i]].Metric)
			i++
		}
	}
}

func (b *Builder) scopeOf(id string) pmetric.ScopeMetrics {
	if sm, ok := b.scopes[id]; ok {
		return sm
	}
	return b.ownScope
}

func newFamily(name string, t exposition.Type, held pmetric.Metrics, key hashedKey) (groups.Family, error) {
	data, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(held)
	if err != nil {
		return groups.Family{}, err
	}
	f := groups.Family{Name: name, Type: t, Data: data}
	setSeries(&f, held, key)
	return f, nil
}

// SetSeries sets the series of the families of a group that was in a storage.
func SetSeries(g *groups.Group) error {
	key := hashKey(g.Key)
	for i := range g.Families {
		f := &g.Families[i]
		held, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(f.Data)
		if err != nil {
			return err
		}
		if err := checkStored(held); err != nil {
			return err
		}
		setSeries(f, held, key)
	}
	return nil
}

// checkStored refuses what Families does not make: a storage may have anything, with the right checksum.
func checkStored(held pmetric.Metrics) error {
	if held.ResourceMetrics().Len() > 1 {
		return exposition.Errorf("it is of %d resources", held.ResourceMetrics().Len())
	}
	for _, rm := range held.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if err := checkStoredMetric(m); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkStoredMetric(m pmetric.Metric) error {
	switch m.Type() {
	case pmetric.MetricTypeEmpty:
		return exposition.Errorf("it has no data")
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			if dp.Scale() < minSchema || dp.Scale() > maxSchema {
				return exposition.Errorf("its scale is %d", dp.Scale())
			}
		}
	}
	return nil
}

func setSeries(f *groups.Family, held pmetric.Metrics, key hashedKey) {
	h := hasher{
		hashedKey: key,
		named:     exposition.HashName(f.Name) + key.sum,
		series:    make([]groups.Series, 0, held.DataPointCount()),
	}
	for _, rm := range held.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			h.scope = h.scopeHash(sm)
			for _, m := range sm.Metrics().All() {
				h.add(m)
			}
		}
	}
	f.Series, f.Samples = h.series, h.samples
}

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
	add := func(name, value string) {
		if _, onKey := h.onKey[name]; !onKey && value != "" {
			sum += hashLabel(name, value)
		}
	}
	add(prometheus.ScopeNameLabelKey, sm.Scope().Name())
	add(prometheus.ScopeVersionLabelKey, sm.Scope().Version())
	add(prometheus.ScopeSchemaURLLabelKey, sm.SchemaUrl())
	for name, value := range sm.Scope().Attributes().All() {
		add(prometheus.ScopeLabelPrefix+name, value.Str())
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

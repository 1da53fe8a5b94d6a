package translate

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
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

package translate

import (
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

func kindOf(t exposition.Type, p *exposition.Point) pmetric.MetricType {
	switch t {
	case exposition.TypeCounter, exposition.TypeInfo, exposition.TypeStateSet:
		return pmetric.MetricTypeSum
	case exposition.TypeSummary:
		return pmetric.MetricTypeSummary
	case exposition.TypeHistogram:
		if n := p.Histogram.Native; n != nil && n.Schema != exposition.SchemaCustomBuckets {
			return pmetric.MetricTypeExponentialHistogram
		}
		return pmetric.MetricTypeHistogram
	default:
		return pmetric.MetricTypeGauge
	}
}

// metric returns the number of the Metric for datapoints of this kind. A staleness marker gets one for itself: the
// Prometheus exporter passes over all that follows a marker in its Metric.
func (b *Builder) metric(kind pmetric.MetricType, stale bool) (number int, err error) {
	f := b.family
	if len(b.scopeLabels) == 0 && !stale && f.usual >= 0 && f.usualKind == kind {
		return f.usual, nil
	}
	key := metricKey{family: f, scope: b.scopeID(), kind: kind}
	number, ok := b.inScopes[key]
	if ok && !stale {
		return number, nil
	}
	if err := b.need(b.metricNeed(key)); err != nil {
		return 0, err
	}
	number = b.addMetric(key)
	switch {
	case stale:
	case f.usual < 0 && key.scope == "":
		f.usual, f.usualKind = number, kind
	default:
		if b.inScopes == nil {
			b.inScopes = map[metricKey]int{}
		}
		b.inScopes[key] = number
	}
	return number, nil
}

func (b *Builder) addMetric(key metricKey) int {
	f := key.family
	m := b.scope(key.scope).Metrics().AppendEmpty()
	n := numberedMetric{Metric: m, family: f, scope: key.scope}
	switch key.kind {
	case pmetric.MetricTypeSum:
		sum := m.SetEmptySum()
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		sum.SetIsMonotonic(f.Type == exposition.TypeCounter)
		n.numbers = sum.DataPoints()
		n.numbers.EnsureCapacity(f.Points)
	case pmetric.MetricTypeSummary:
		m.SetEmptySummary().DataPoints().EnsureCapacity(f.Points)
	case pmetric.MetricTypeExponentialHistogram:
		m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		m.ExponentialHistogram().DataPoints().EnsureCapacity(f.Points)
	case pmetric.MetricTypeHistogram:
		m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		m.Histogram().DataPoints().EnsureCapacity(f.Points)
	default:
		n.numbers = m.SetEmptyGauge().DataPoints()
		n.numbers.EnsureCapacity(f.Points)
	}
	b.setMetricHead(m)
	// Another metric of this family has the rest of the points.
	f.Points = 0
	f.metrics = append(f.metrics, len(b.numbered))
	b.numbered = append(b.numbered, n)
	return len(b.numbered) - 1
}

// setMetricHead sets what a Metric has of its family, which is the current one.
func (b *Builder) setMetricHead(m pmetric.Metric) {
	f := b.family
	m.SetName(f.Name)
	if b.options.TrimMetricSuffixes {
		m.SetName(prometheus.TrimPromSuffixes(f.Name, m.Type(), f.Unit))
	}
	m.SetDescription(f.Help)
	if f.Unit != "" {
		m.SetUnit(b.units.ucum(f.Unit))
	}
	m.Metadata().PutStr(prometheus.MetricMetadataTypeKey, f.Type.String())
}

// A unitCache has the last unit that was looked up, which takes longer than to make the rest of a datapoint.
type unitCache struct{ word, unit string }

func (c *unitCache) ucum(word string) string {
	if c.word != word {
		*c = unitCache{word: strings.Clone(word), unit: prometheus.UnitWordToUCUM(strings.Clone(word))}
	}
	return c.unit
}

// Package translate turns the points of a push and its grouping key into pmetric.Metrics. The rules are those of
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/, and where it is silent, those of
// contrib's prometheusreceiver.
package translate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// A Builder is the unfinished pmetric.Metrics of one push, and the exposition.Sink that fills it. After an error it
// must be dropped. It keeps the strings that it is given.
type Builder struct {
	options  Options
	key      groupingkey.Key
	received pcommon.Timestamp

	metrics pmetric.Metrics
	scopes  map[string]pmetric.ScopeMetrics
	byKind  map[metricKey]pmetric.Metric

	families map[string]*family
	family   *family
	series   map[string]struct{} // identities of what was delivered
	gapsLeft int                 // empty buckets that this push may still have
	keyLeft  int                 // attributes made of grouping labels that its datapoints may still have

	hasTarget bool // there was a target_info

	keyResource   []exposition.Label // what the resource gets of the grouping key, job and instance included
	keyAttributes []exposition.Label // the grouping labels that every datapoint gets
	keyScope      []exposition.Label // the grouping labels that name the scope
	labels        []exposition.Label // of the current point: reused
	scopeLabels   []exposition.Label // of the current point: reused
	identity      []byte             // of the current point: reused
}

var _ exposition.Sink = (*Builder)(nil)

type family struct {
	exposition.Family
	index   uint64           // in the order of their first announcement
	metrics []pmetric.Metric // one for each scope and kind of datapoint, and one for each staleness marker
}

// metricKey is what the datapoints of one Metric have in common.
type metricKey struct {
	family *family
	scope  string
	kind   pmetric.MetricType
}

// NewBuilder returns a builder for one push, received at that time.
func NewBuilder(key groupingkey.Key, received time.Time, o Options) *Builder {
	b := &Builder{
		options:  o,
		key:      key,
		received: pcommon.NewTimestampFromTime(received),
		metrics:  pmetric.NewMetrics(),
		scopes:   map[string]pmetric.ScopeMetrics{},
		byKind:   map[metricKey]pmetric.Metric{},
		families: map[string]*family{},
		series:   map[string]struct{}{},
		gapsLeft: maxGapBuckets,
		keyLeft:  maxKeyAttributes,
	}
	b.metrics.ResourceMetrics().AppendEmpty()
	b.splitKey()
	return b
}

// Family makes f the family of the points that follow.
func (b *Builder) Family(f exposition.Family) error {
	known, ok := b.families[f.Name]
	if !ok {
		b.family = &family{Family: f, index: uint64(len(b.families))}
		b.families[f.Name] = b.family
		return b.checkKeyAgainst(f)
	}
	if known.Type != f.Type {
		return inconsistent(f.Name, nil, fmt.Errorf("it is a %s, and a %s", known.Type, f.Type))
	}
	if known.Help == "" {
		known.Help = f.Help
	}
	if known.Unit == "" {
		known.Unit = f.Unit
	}
	b.family = known
	return nil
}

// Point adds one datapoint.
func (b *Builder) Point(p *exposition.Point) error {
	if b.options.PushTimeMetrics && isPushTime(b.family.Name) {
		return nil
	}
	if err := b.setLabels(p.Labels); err != nil {
		return inconsistent(b.family.Name, p.Labels, err)
	}
	if !b.isNewSeries() {
		return inconsistent(b.family.Name, p.Labels, errDuplicateSeries)
	}
	if b.keyLeft -= len(b.keyAttributes); b.keyLeft < 0 {
		return errTooManyKeyAttributes
	}
	if err := b.add(p); err != nil {
		return inconsistent(b.family.Name, p.Labels, err)
	}
	return nil
}

// maxKeyAttributes is how many attributes grouping labels may become in one push: each is on every datapoint, so a short
// path could multiply a body to gigabytes. They take some 64 bytes each; a body of the default size that is full of sane
// series with ten grouping labels stays below.
const maxKeyAttributes = 4 << 20

var errTooManyKeyAttributes = &exposition.LimitError{What: "datapoint attributes made of grouping labels", Limit: maxKeyAttributes}

// isNewSeries says whether no point had these labels before. Prometheus knows no series by its timestamp or type.
func (b *Builder) isNewSeries() bool {
	const separator = 0xff // in no UTF-8 string
	b.identity = binary.AppendUvarint(b.identity[:0], b.family.index)
	for _, labels := range [...][]exposition.Label{b.labels, b.scopeLabels} {
		for _, l := range labels {
			b.identity = append(append(b.identity, l.Name...), separator)
			b.identity = append(append(b.identity, l.Value...), separator)
		}
	}
	if _, ok := b.series[string(b.identity)]; ok {
		return false
	}
	b.series[string(b.identity)] = struct{}{}
	return true
}

func (b *Builder) add(p *exposition.Point) error {
	if p.HasTimestamp && b.options.Timestamps == RejectTimestamps {
		return errTimestamp
	}
	if b.family.Name == prometheus.TargetInfoMetricName {
		return b.addTargetInfo()
	}
	kind := kindOf(b.family.Type, p)
	m := b.metric(kind, p.Stale)
	switch kind {
	case pmetric.MetricTypeSum:
		b.setNumber(m.Sum().DataPoints().AppendEmpty(), p)
	case pmetric.MetricTypeGauge:
		b.setNumber(m.Gauge().DataPoints().AppendEmpty(), p)
	case pmetric.MetricTypeSummary:
		return b.setSummary(m.Summary().DataPoints().AppendEmpty(), p)
	case pmetric.MetricTypeExponentialHistogram:
		return b.setExponential(m.ExponentialHistogram().DataPoints().AppendEmpty(), p)
	default:
		return b.setHistogram(m.Histogram().DataPoints().AppendEmpty(), p)
	}
	return nil
}

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

// metric returns the Metric for datapoints of this kind. A staleness marker gets one for itself: the Prometheus
// exporter passes over all that follows a marker in its Metric.
func (b *Builder) metric(kind pmetric.MetricType, stale bool) pmetric.Metric {
	key := metricKey{family: b.family, scope: b.scopeID(), kind: kind}
	if m, ok := b.byKind[key]; ok && !stale {
		return m
	}
	m := b.scope(key.scope).Metrics().AppendEmpty()
	b.family.metrics = append(b.family.metrics, m)
	if !stale {
		b.byKind[key] = m
	}
	switch kind {
	case pmetric.MetricTypeSum:
		m.SetEmptySum().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		m.Sum().SetIsMonotonic(b.family.Type == exposition.TypeCounter)
	case pmetric.MetricTypeSummary:
		m.SetEmptySummary()
	case pmetric.MetricTypeExponentialHistogram:
		m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	case pmetric.MetricTypeHistogram:
		m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	default:
		m.SetEmptyGauge()
	}
	return m
}

// Metrics finishes the push. The result has no datapoints if none was delivered and none was added. The builder must
// not be used any more.
func (b *Builder) Metrics() (pmetric.Metrics, error) {
	if err := b.checkNames(); err != nil {
		return pmetric.Metrics{}, err
	}
	if b.options.PushTimeMetrics {
		b.addPushTime(pushTimeSeconds)
	}
	return b.finish(), nil
}

// finish fills in what is known for certain only now: a family's help and unit may come after its samples.
func (b *Builder) finish() pmetric.Metrics {
	for _, f := range b.families {
		for _, m := range f.metrics {
			m.SetName(f.Name)
			if b.options.TrimMetricSuffixes {
				m.SetName(prometheus.TrimPromSuffixes(f.Name, m.Type(), f.Unit))
			}
			m.SetDescription(f.Help)
			m.SetUnit(prometheus.UnitWordToUCUM(f.Unit))
			m.Metadata().PutStr(prometheus.MetricMetadataTypeKey, f.Type.String())
		}
	}
	b.setResource()
	return b.metrics
}

// checkNames refuses families whose series would have the same names, as the Pushgateway does.
func (b *Builder) checkNames() error {
	var collisions []string
	for name, f := range b.families {
		if b.options.PushTimeMetrics && isPushTime(name) {
			continue // it is dropped
		}
		for _, suffix := range seriesSuffixes(f.Type) {
			if _, ok := b.families[name+suffix]; ok {
				collisions = append(collisions, name+suffix)
			}
		}
	}
	if len(collisions) == 0 {
		return nil
	}
	// The families are in no order; the message should be the same for the same push.
	return inconsistent(slices.Min(collisions), nil, errors.New("a histogram or summary has a series of that name too"))
}

// seriesSuffixes are those that a type adds to the names of its series.
func seriesSuffixes(t exposition.Type) []string {
	switch t {
	case exposition.TypeHistogram:
		return []string{"_bucket", "_count", "_sum"}
	case exposition.TypeSummary:
		return []string{"_count", "_sum"}
	default:
		return nil
	}
}

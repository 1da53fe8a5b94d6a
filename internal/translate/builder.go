// Package translate turns the points of a push and its grouping key into pmetric.Metrics. The rules are those of
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/, and where it is silent, those of
// contrib's prometheusreceiver.
package translate

import (
	"math"
	"sync"
	"time"

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

	metrics  pmetric.Metrics
	ownScope pmetric.ScopeMetrics
	scopes   map[string]pmetric.ScopeMetrics // by id, without our own
	inScopes map[metricKey]int               // metrics in these, by their number

	numbered []numberedMetric // all metrics
	families []*family        // by their index; behind them those that may be used again
	used     int              // how many of the families are of this push
	family   *family          // the points that come are of this one
	series   seriesSet
	gapsLeft int // empty buckets that this push may still have
	keyLeft  int // attributes made of grouping labels that its datapoints may still have

	hasTarget bool // there was a target_info

	keyResource   []exposition.Label // what the resource gets of the grouping key, job and instance included
	keyAttributes []exposition.Label // the grouping labels that every datapoint gets
	keyScope      []exposition.Label // the grouping labels that name the scope

	units       unitCache
	shape       shape
	labels      []exposition.Label // of the current point, for its attributes
	scopeLabels []exposition.Label // of the current point, for its scope
	hash        uint64             // of both
	hashMask    uint64             // the part of it that counts: all, save in tests
	kept        []exposition.Label // room for labels
	bounds      []float64          // room for a histogram
	counts      []uint64           // room for a histogram
}

var _ exposition.Sink = (*Builder)(nil)

// A family is what is known of a metric family so far.
type family struct {
	exposition.Family
	dropped   bool   // it has the name of one of our own
	hash      uint64 // what it adds to the hashes of its series
	usual     int    // the metric of our scope and the type's usual kind of datapoint, by its number; -1: none yet
	usualKind pmetric.MetricType
	metrics   []int // all metrics, one for each scope and kind of datapoint, and one for each staleness marker
}

type numberedMetric struct {
	pmetric.Metric
	family  *family
	scope   string
	numbers pmetric.NumberDataPointSlice // if it is a sum or gauge
}

// metricKey is what the datapoints of one Metric have in common.
type metricKey struct {
	family *family
	scope  string
	kind   pmetric.MetricType
}

// builders are kept for the room that they have. Those of pushes with errors are not.
var builders = sync.Pool{New: func() any { return &Builder{} }}

// maxKept is how much of everything a builder in the pool may have room for.
const maxKept = 4096

// NewBuilder returns a builder for one push, received at that time.
func NewBuilder(key groupingkey.Key, received time.Time, o Options) *Builder {
	b := builders.Get().(*Builder)
	b.options = o
	b.key = key
	b.received = pcommon.NewTimestampFromTime(received)
	b.metrics = pmetric.NewMetrics()
	b.gapsLeft, b.keyLeft, b.hashMask = maxGapBuckets, maxKeyAttributes, math.MaxUint64
	b.metrics.ResourceMetrics().AppendEmpty()
	b.splitKey()
	return b
}

// release puts the builder back into the pool, without anything of the push.
func (b *Builder) release() {
	if len(b.families) > maxKept || cap(b.numbered) > maxKept || cap(b.counts) > maxKept {
		return
	}
	for _, f := range b.families[:b.used] {
		*f = family{metrics: f.metrics[:0]}
	}
	for _, labels := range []*[]exposition.Label{&b.keyResource, &b.keyAttributes, &b.keyScope, &b.kept} {
		clear((*labels)[:cap(*labels)])
	}
	clear(b.numbered)
	*b = Builder{
		numbered: b.numbered[:0], families: b.families, series: b.series.forget(), shape: b.shape.forget(),
		keyResource: b.keyResource[:0], keyAttributes: b.keyAttributes[:0], keyScope: b.keyScope[:0],
		kept: b.kept[:0], bounds: b.bounds, counts: b.counts, units: b.units,
	}
	builders.Put(b)
}

// Family makes f the family of the points that follow.
func (b *Builder) Family(f *exposition.Family) error {
	if f.Index < b.used {
		b.family = b.families[f.Index]
		return b.completeHead(f)
	}
	b.addFamily(f)
	if b.options.PushTimeMetrics && isPushTime(f.Name) {
		b.family.dropped = true
		return nil
	}
	return b.checkKeyAgainst(f)
}

func (b *Builder) addFamily(f *exposition.Family) {
	if b.used == len(b.families) {
		b.families = append(b.families, &family{})
	}
	b.family = b.families[b.used]
	b.used++
	b.family.Family, b.family.usual = *f, -1
	b.family.hash = exposition.HashName(f.Name)
}

// completeHead takes over what was not known when the metrics were made.
func (b *Builder) completeHead(f *exposition.Family) error {
	if b.family.Help == f.Help && b.family.Unit == f.Unit {
		return nil
	}
	b.family.Help, b.family.Unit = f.Help, f.Unit
	for _, number := range b.family.metrics {
		b.setMetricHead(b.numbered[number].Metric)
	}
	return nil
}

// Point adds one datapoint.
func (b *Builder) Point(p *exposition.Point) error {
	if b.family.dropped {
		return nil
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

func (b *Builder) add(p *exposition.Point) error {
	if err := b.setLabels(p.Labels); err != nil {
		return err
	}
	if p.HasTimestamp && b.options.Timestamps == RejectTimestamps {
		return errTimestamp
	}
	if isTargetInfo(&b.family.Family) {
		return b.addTargetInfo()
	}
	kind := kindOf(b.family.Type, p)
	number := b.metric(kind, p.Stale)
	m := &b.numbered[number]
	index := 0
	var err error
	switch kind {
	case pmetric.MetricTypeSum, pmetric.MetricTypeGauge:
		index = m.numbers.Len()
		b.setNumber(m.numbers.AppendEmpty(), p)
	case pmetric.MetricTypeSummary:
		index = m.Summary().DataPoints().Len()
		err = b.setSummary(m.Summary().DataPoints().AppendEmpty(), p)
	case pmetric.MetricTypeExponentialHistogram:
		index = m.ExponentialHistogram().DataPoints().Len()
		err = b.setExponential(m.ExponentialHistogram().DataPoints().AppendEmpty(), p)
	default:
		index = m.Histogram().DataPoints().Len()
		err = b.setHistogram(m.Histogram().DataPoints().AppendEmpty(), p)
	}
	b.series.add(b.hash, number, index)
	return err
}

// Metrics finishes the push. The result has no datapoints if none was delivered and none was added. The builder must
// not be used any more.
func (b *Builder) Metrics() (pmetric.Metrics, error) {
	if err := b.checkSeries(); err != nil {
		return pmetric.Metrics{}, err
	}
	if b.options.PushTimeMetrics {
		b.addPushTime(pushTimeSeconds)
	}
	return b.finish(), nil
}

func (b *Builder) finish() pmetric.Metrics {
	b.setResource()
	metrics := b.metrics
	b.release()
	return metrics
}

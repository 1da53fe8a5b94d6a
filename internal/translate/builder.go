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
	options Options
	key     groupingkey.Key
	grow    func(bytes int) error

	metrics  pmetric.Metrics
	ownScope pmetric.ScopeMetrics
	scopes   map[string]pmetric.ScopeMetrics // by id, without our own
	inScopes map[metricKey]int               // metrics in these, by their number

	numbered []numberedMetric // all metrics
	families []*family        // by their index; behind them those that may be used again
	used     int              // how many of the families are of this push
	family   *family          // the points that come are of this one
	series   seriesSet
	samples  int // as in Options.Samples

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

// NewBuilder returns a builder for one push. It asks grow before it takes so many bytes of memory; an error of that is one of
// Family or Point. nil is without a limit.
func NewBuilder(key groupingkey.Key, o Options, grow func(bytes int) error) *Builder {
	b := builders.Get().(*Builder)
	b.options = o
	b.key = key
	b.grow = grow
	b.metrics = pmetric.NewMetrics()
	b.hashMask = math.MaxUint64
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
	if err := b.need(metricMemory); err != nil {
		return err
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
	if b.samples += samplesOf(p); b.options.Samples > 0 && b.samples > b.options.Samples {
		return nil // the others are counted only: see Check
	}
	if err := b.need(b.memoryOf(p)); err != nil {
		return err
	}
	if err := b.add(p); err != nil {
		return inconsistent(b.family.Name, p.Labels, err)
	}
	return nil
}

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
	number, err := b.metric(kind, p.Stale)
	if err != nil {
		return err
	}
	m := &b.numbered[number]
	index := 0
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

// Check refuses a push for what can be said of all of its points only.
func (b *Builder) Check() error {
	if limit := b.options.Samples; limit > 0 && b.samples > limit {
		return &exposition.LimitError{What: "samples", Actual: b.samples, Limit: limit, Setting: "samples_per_push"}
	}
	return b.checkSeries()
}

// Samples returns how many samples were delivered, as Options.Samples counts them.
func (b *Builder) Samples() int { return b.samples }

// Metrics finishes a push that was received at that time, which the points without a timestamp get. The result has no
// datapoints if none was delivered and none was added. The builder must not be used any more.
func (b *Builder) Metrics(received time.Time) pmetric.Metrics {
	if b.options.PushTimeMetrics {
		b.addPushTime(pushTimeSeconds, received)
	}
	return b.finish(received)
}

func (b *Builder) finish(received time.Time) pmetric.Metrics {
	b.setResource()
	b.setReceived(pcommon.NewTimestampFromTime(received))
	metrics := b.metrics
	b.release()
	return metrics
}

package translate

import (
	"iter"
	"math"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// A Sample is a series of a family that is held, with its value, as Prometheus knows it.
type Sample struct {
	// Labels are those of the grouping key, also the ones without value, and those of the series. None is there twice; there is
	// always a job and an instance.
	Labels []groupingkey.Label
	Value  float64 // of all types but histogram and summary

	Count     uint64
	Sum       float64
	HasSum    bool
	Quantiles []exposition.Quantile // of a summary
	Buckets   []exposition.Bucket   // of a classic histogram, with that of +Inf
	Native    []NativeBucket        // of a native histogram
	IsNative  bool
}

// A NativeBucket is one that has observations. The last digit of a bound may be another than in Prometheus, which has them in a table.
type NativeBucket struct {
	Lower, Upper                   float64
	LowerInclusive, UpperInclusive bool
	Count                          uint64
}

// An Exposed is a family that is held, to be shown.
type Exposed struct {
	Help string

	family *groups.Family
	key    []groupingkey.Label
	names  map[string]struct{} // of the key
	held   pmetric.ResourceMetrics
}

// Expose unpacks a family of the group with that key. That takes as much memory as its push did.
func Expose(f *groups.Family, key groupingkey.Key) (*Exposed, error) {
	held, err := unmarshal(f)
	if err != nil {
		return nil, err
	}
	e := newExposed(f, key)
	e.held = held
	for _, sm := range held.ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			e.Help = m.Description()
			return e, nil
		}
	}
	return e, nil
}

func newExposed(f *groups.Family, key groupingkey.Key) *Exposed {
	e := &Exposed{family: f, names: map[string]struct{}{model.JobLabel: {}}}
	e.key = append(e.key, groupingkey.Label{Name: model.JobLabel, Value: key.Job})
	e.key = append(e.key, key.Labels...)
	for _, l := range key.Labels {
		e.names[l.Name] = struct{}{}
	}
	return e
}

// Samples returns the series. A sample is valid until the next one is asked for.
func (e *Exposed) Samples() iter.Seq[*Sample] {
	return func(yield func(*Sample) bool) {
		s := &Sample{}
		if isTargetInfo(&exposition.Family{Name: e.family.Name, Type: e.family.Type}) {
			s.Value = 1
			e.setLabels(s, e.held.Resource().Attributes(), nil)
			yield(s)
			return
		}
		for _, sm := range e.held.ScopeMetrics().All() {
			scope := scopeLabels(sm)
			for _, m := range sm.Metrics().All() {
				if !e.each(s, m, scope, yield) {
					return
				}
			}
		}
	}
}

// scopeLabels are those that setScopeLabel has made a scope of.
func scopeLabels(sm pmetric.ScopeMetrics) []groupingkey.Label {
	var labels []groupingkey.Label
	add := func(name, value string) {
		if value != "" {
			labels = append(labels, groupingkey.Label{Name: name, Value: value})
		}
	}
	add(prometheus.ScopeNameLabelKey, sm.Scope().Name())
	add(prometheus.ScopeVersionLabelKey, sm.Scope().Version())
	add(prometheus.ScopeSchemaURLLabelKey, sm.SchemaUrl())
	for name, value := range sm.Scope().Attributes().All() {
		add(prometheus.ScopeLabelPrefix+name, value.Str())
	}
	return labels
}

// each yields the samples of one metric.
func (e *Exposed) each(s *Sample, m pmetric.Metric, scope []groupingkey.Label, yield func(*Sample) bool) bool {
	switch m.Type() {
	case pmetric.MetricTypeSummary:
		return eachPoint(m.Summary().DataPoints().All(), func(dp pmetric.SummaryDataPoint) bool {
			e.setLabels(s, dp.Attributes(), scope)
			s.setSummary(dp)
			return yield(s)
		})
	case pmetric.MetricTypeHistogram:
		return eachPoint(m.Histogram().DataPoints().All(), func(dp pmetric.HistogramDataPoint) bool {
			e.setLabels(s, dp.Attributes(), scope)
			s.setHistogram(dp)
			return yield(s)
		})
	case pmetric.MetricTypeExponentialHistogram:
		return eachPoint(m.ExponentialHistogram().DataPoints().All(), func(dp pmetric.ExponentialHistogramDataPoint) bool {
			e.setLabels(s, dp.Attributes(), scope)
			s.setNative(dp)
			return yield(s)
		})
	case pmetric.MetricTypeSum:
		return e.eachNumber(s, m.Sum().DataPoints(), scope, yield)
	default:
		return e.eachNumber(s, m.Gauge().DataPoints(), scope, yield)
	}
}

func eachPoint[D any](points iter.Seq2[int, D], do func(D) bool) bool {
	for _, dp := range points {
		if !do(dp) {
			return false
		}
	}
	return true
}

func (e *Exposed) eachNumber(s *Sample, points pmetric.NumberDataPointSlice, scope []groupingkey.Label, yield func(*Sample) bool) bool {
	return eachPoint(points.All(), func(dp pmetric.NumberDataPoint) bool {
		e.setLabels(s, dp.Attributes(), scope)
		if s.Value = dp.DoubleValue(); dp.Flags().NoRecordedValue() {
			s.Value = math.NaN()
		}
		return yield(s)
	})
}

// setLabels sets all labels of a series. The grouping key wins over what has its names, which is what it has added by itself.
func (e *Exposed) setLabels(s *Sample, attributes pcommon.Map, scope []groupingkey.Label) {
	s.Labels = append(s.Labels[:0], e.key...)
	_, hasInstance := e.names[model.InstanceLabel]
	add := func(name, value string) {
		if _, ofKey := e.names[name]; !ofKey {
			hasInstance = hasInstance || name == model.InstanceLabel
			s.Labels = append(s.Labels, groupingkey.Label{Name: name, Value: value})
		}
	}
	for name, value := range attributes.All() {
		add(name, value.Str())
	}
	for _, l := range scope {
		add(l.Name, l.Value)
	}
	if !hasInstance {
		add(model.InstanceLabel, "")
	}
}

// setCount sets what summaries and histograms have. The sum of a staleness marker is no number.
func (s *Sample) setCount(count uint64, sum float64, hasSum bool, flags pmetric.DataPointFlags) {
	s.Count, s.Sum, s.HasSum = count, sum, hasSum
	if flags.NoRecordedValue() {
		s.Sum, s.HasSum = math.NaN(), true
	}
}

func (s *Sample) setSummary(dp pmetric.SummaryDataPoint) {
	s.setCount(dp.Count(), dp.Sum(), true, dp.Flags())
	s.Quantiles = s.Quantiles[:0]
	for _, q := range dp.QuantileValues().All() {
		value := q.Value()
		if dp.Flags().NoRecordedValue() {
			value = math.NaN()
		}
		s.Quantiles = append(s.Quantiles, exposition.Quantile{Quantile: q.Quantile(), Value: value})
	}
}

func (s *Sample) setHistogram(dp pmetric.HistogramDataPoint) {
	s.setCount(dp.Count(), dp.Sum(), dp.HasSum(), dp.Flags())
	s.Buckets, s.IsNative = s.Buckets[:0], false
	below := uint64(0)
	for i, count := range dp.BucketCounts().All() {
		below += count
		bound := math.Inf(1)
		if i < dp.ExplicitBounds().Len() {
			bound = dp.ExplicitBounds().At(i)
		}
		s.Buckets = append(s.Buckets, exposition.Bucket{UpperBound: bound, CumulativeCount: below})
	}
}

// setNative sets the buckets in ascending order.
func (s *Sample) setNative(dp pmetric.ExponentialHistogramDataPoint) {
	s.setCount(dp.Count(), dp.Sum(), dp.HasSum(), dp.Flags())
	s.Native, s.IsNative = s.Native[:0], true
	negative := dp.Negative().BucketCounts()
	for i := negative.Len() - 1; i >= 0; i-- {
		lower, upper := bounds(dp.Negative().Offset(), i, dp.Scale())
		s.addNative(NativeBucket{Lower: -upper, Upper: -lower, LowerInclusive: true, Count: negative.At(i)})
	}
	s.addNative(NativeBucket{
		Lower: -dp.ZeroThreshold(), Upper: dp.ZeroThreshold(), LowerInclusive: true, UpperInclusive: true, Count: dp.ZeroCount(),
	})
	for i, count := range dp.Positive().BucketCounts().All() {
		lower, upper := bounds(dp.Positive().Offset(), i, dp.Scale())
		s.addNative(NativeBucket{Lower: lower, Upper: upper, UpperInclusive: true, Count: count})
	}
}

func (s *Sample) addNative(b NativeBucket) {
	if b.Count > 0 {
		s.Native = append(s.Native, b)
	}
}

// bounds are those of the bucket that is i behind the first one, by their absolute values.
func bounds(offset int32, i int, scale int32) (lower, upper float64) {
	index := int64(offset) + int64(i)
	return boundOf(index, scale), boundOf(index+1, scale)
}

// boundOf returns 2^(index * 2^-scale).
func boundOf(index int64, scale int32) float64 {
	fraction, exponent := 1.0, index
	if scale < 0 {
		exponent <<= -scale
	} else {
		fraction = math.Exp2(float64(index&(1<<scale-1)) / float64(int64(1)<<scale))
		exponent >>= scale
	}
	return min(math.Ldexp(fraction, int(exponent)), math.MaxFloat64) // observations of infinity are in no bucket
}

// A PushTime is one of the gauges of a group that say when it was pushed.
type PushTime struct {
	Name, Help string
	At         time.Time // since when it has its value
	Sample     Sample
}

// PushTimes returns both of them, whether they go to the pipeline or not.
func PushTimes(g *groups.Group) [2]PushTime {
	e := newExposed(&groups.Family{}, g.Key)
	times := [2]PushTime{{At: g.LastPush}, {At: g.LastFailure}}
	for i, f := range [2]*exposition.Family{&pushTimeSeconds, &pushFailureTimeSeconds} {
		t := &times[i]
		t.Name, t.Help, t.Sample.Value = f.Name, f.Help, seconds(t.At)
		e.setLabels(&t.Sample, pcommon.NewMap(), nil)
		if t.At.IsZero() { // the 0 came with the other
			t.At = times[1-i].At
		}
	}
	return times
}

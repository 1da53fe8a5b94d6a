package translate_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// point builds one point of family x.
func point(kind exposition.Type, p *exposition.Point) (pmetric.Metric, error) {
	b := translate.NewBuilder(groupingkey.Key{Job: "j"}, defaults(), room(1<<20))
	if err := b.Family(&exposition.Family{Name: "x", Type: kind}); err != nil {
		return pmetric.Metric{}, err
	}
	if err := b.Point(p); err != nil {
		return pmetric.Metric{}, err
	}
	if err := b.Check(); err != nil {
		return pmetric.Metric{}, err
	}
	return firstMetric(b.Metrics(received)), nil
}

func histogram(h *exposition.Histogram) (pmetric.Metric, error) {
	return point(exposition.TypeHistogram, &exposition.Point{Histogram: h})
}

// buckets returns buckets of bounds and cumulative counts in turn.
func buckets(boundsAndCounts ...float64) []exposition.Bucket {
	var all []exposition.Bucket
	for pair := range slices.Chunk(boundsAndCounts, 2) {
		all = append(all, exposition.Bucket{UpperBound: pair[0], CumulativeCount: uint64(pair[1])})
	}
	return all
}

// spans returns spans of offsets and lengths in turn.
func spans(offsetsAndLengths ...int64) []exposition.Span {
	var all []exposition.Span
	for pair := range slices.Chunk(offsetsAndLengths, 2) {
		all = append(all, exposition.Span{Offset: int32(pair[0]), Length: uint32(pair[1])})
	}
	return all
}

func TestClassicHistograms(t *testing.T) {
	inf := math.Inf(1)
	for _, tc := range []struct {
		name       string
		histogram  exposition.Histogram
		wantBounds []float64
		wantCounts []uint64
		wantError  string
	}{
		{name: "the count comes from _count", histogram: exposition.Histogram{Count: 5, HasCount: true, Buckets: buckets(1, 2, 2, 4)},
			wantBounds: []float64{1, 2}, wantCounts: []uint64{2, 2, 1}},
		{name: "the count comes from +Inf", histogram: exposition.Histogram{Buckets: buckets(1, 2, inf, 4)},
			wantBounds: []float64{1}, wantCounts: []uint64{2, 2}},
		{name: "buckets in any order", histogram: exposition.Histogram{Buckets: buckets(inf, 4, 2, 3, -1, 1)},
			wantBounds: []float64{-1, 2}, wantCounts: []uint64{1, 2, 1}},
		{name: "no buckets", histogram: exposition.Histogram{Count: 5, HasCount: true}, wantCounts: []uint64{5}},
		{name: "neither count nor +Inf", histogram: exposition.Histogram{Buckets: buckets(1, 2)},
			wantError: "the histogram has neither a _count nor a +Inf bucket"},
		{name: "count and +Inf disagree", histogram: exposition.Histogram{Count: 5, HasCount: true, Buckets: buckets(inf, 4)},
			wantError: "its _count is 5, but its +Inf bucket has 4"},
		{name: "falling counts", histogram: exposition.Histogram{Buckets: buckets(1, 2, 2, 1, inf, 4)},
			wantError: `its bucket counts fall: le="2" has 1 after 2`},
		{name: "falling at the end", histogram: exposition.Histogram{Count: 1, HasCount: true, Buckets: buckets(1, 2)},
			wantError: `its bucket counts fall: le="+Inf" has 1 after 2`},
		{name: "a bound twice", histogram: exposition.Histogram{Buckets: buckets(1, 2, 1, 2, inf, 4)},
			wantError: `bucket le="1" stands in it twice or out of order`},
		{name: "NaN as bound", histogram: exposition.Histogram{Buckets: buckets(1, 2, math.NaN(), 2, inf, 4)},
			wantError: "a bucket has NaN as its bound"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := histogram(&tc.histogram)
			if tc.wantError != "" {
				require.EqualError(t, err, "pushed metrics are invalid or inconsistent: x: "+tc.wantError)
				return
			}
			require.NoError(t, err)
			dp := m.Histogram().DataPoints().At(0)
			assert.Equal(t, tc.wantBounds, dp.ExplicitBounds().AsRaw())
			assert.Equal(t, tc.wantCounts, dp.BucketCounts().AsRaw())
			total := uint64(0)
			for _, c := range tc.wantCounts {
				total += c
			}
			assert.Equal(t, total, dp.Count())
			assert.Equal(t, tc.histogram.HasSum, dp.HasSum())
		})
	}
}

func TestNativeHistogramsThatAreRefused(t *testing.T) {
	type sparse = exposition.SparseBuckets
	for _, tc := range []struct {
		name   string
		count  uint64
		native exposition.Native
		want   string
	}{
		{"schema too small", 0, exposition.Native{Schema: -5}, "its schema is -5; OTLP can express -4 to 8"},
		{"schema too large", 0, exposition.Native{Schema: 9}, "its schema is 9; OTLP can express -4 to 8"},
		{"fewer counts than buckets", 1, exposition.Native{Positive: sparse{Spans: spans(0, math.MaxUint32, 0, math.MaxUint32), Deltas: []int64{1}}},
			"its spans have 8589934590 buckets, but 1 counts are there"},
		{"more counts than buckets", 1, exposition.Native{Positive: sparse{Deltas: []int64{1}}}, "its spans have 0 buckets, but 1 counts are there"},
		{"a count that is negative", 1, exposition.Native{Positive: sparse{Spans: spans(0, 2), Deltas: []int64{1, -2}}},
			"the count of its bucket 1 is negative or too large"},
		{"a count that wraps around", 1, exposition.Native{Positive: sparse{Spans: spans(0, 2), Deltas: []int64{math.MaxInt64, math.MaxInt64}}},
			"the count of its bucket 1 is negative or too large"},
		{"a sum that wraps around", 1, exposition.Native{Positive: sparse{Spans: spans(0, 3), Deltas: []int64{math.MaxInt64, 0, 0}}},
			"the sum of its bucket counts is too large"},
		{"spans that overlap", 2, exposition.Native{Positive: sparse{Spans: spans(0, 1, -1, 1), Deltas: []int64{1, 0}}},
			"its span 2 begins 1 buckets before the end of the one before it"},
		{"a bucket beyond infinity", 1, exposition.Native{Positive: sparse{Spans: spans(1026, 1), Deltas: []int64{1}}},
			"its bucket 1026 lies outside of what a float can be"},
		{"a bucket that OTLP cannot number", 1, exposition.Native{Positive: sparse{Spans: spans(math.MinInt32, 1), Deltas: []int64{1}}},
			"its bucket -2147483648 lies outside of what a float can be"},
		{"a gap that would fill the memory", 2, exposition.Native{Positive: sparse{Spans: spans(math.MinInt32+1, 1, math.MaxInt32, 1), Deltas: []int64{1, 0}}},
			"a gap of 2147483647 buckets between its spans: no room"},
		{"buckets and count disagree", 5, exposition.Native{ZeroCount: 1, Positive: sparse{Spans: spans(0, 1), Deltas: []int64{1}}},
			"its count is 5, but its buckets have 2"},
		{"negative zero threshold", 0, exposition.Native{ZeroThreshold: -1}, "its zero threshold is -1; it must be a number from 0 on"},
		{"zero threshold that is NaN", 0, exposition.Native{ZeroThreshold: math.NaN()}, "its zero threshold is NaN; it must be a number from 0 on"},
		{"infinite zero threshold", 0, exposition.Native{ZeroThreshold: math.Inf(1)}, "its zero threshold is +Inf; it must be a number from 0 on"},
		{"custom bounds that fall", 0, exposition.Native{Schema: -53, CustomBounds: []float64{2, 1}}, `bucket le="1" stands in it twice or out of order`},
		{"custom bounds with infinity", 0, exposition.Native{Schema: -53, CustomBounds: []float64{2, math.Inf(1)}},
			"its last custom bound is +Inf, which must not be listed"},
		{"custom buckets beyond the bounds", 1, exposition.Native{Schema: -53, CustomBounds: []float64{1}, Positive: sparse{Spans: spans(2, 1), Deltas: []int64{1}}},
			"its span reaches bucket 2, but it has 1 custom bounds"},
		{"custom buckets below zero", 1, exposition.Native{Schema: -53, Negative: sparse{Spans: spans(0, 1), Deltas: []int64{1}}},
			"a native histogram with custom buckets cannot have negative or zero buckets"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			begin := time.Now()
			_, err := histogram(&exposition.Histogram{Count: tc.count, HasCount: true, HasSum: true, Native: &tc.native})
			require.EqualError(t, err, "pushed metrics are invalid or inconsistent: x: "+tc.want)
			assert.Less(t, time.Since(begin), time.Second)
		})
	}
}

func TestGapsAreLimitedOverTheWholePush(t *testing.T) {
	b := translate.NewBuilder(groupingkey.Key{Job: "j"}, defaults(), room(15<<20))
	require.NoError(t, b.Family(&exposition.Family{Name: "x", Type: exposition.TypeHistogram}))
	h := &exposition.Histogram{Count: 2, HasCount: true, Native: &exposition.Native{Schema: 8, Positive: exposition.SparseBuckets{
		Spans: []exposition.Span{{Offset: -200_000, Length: 1}, {Offset: 400_000, Length: 1}}, Deltas: []int64{1, 0}}}}
	var err error
	for _, l := range []string{"1", "2", "3"} {
		require.NoError(t, err)
		err = b.Point(&exposition.Point{Labels: []exposition.Label{{Name: "l", Value: l}}, Histogram: h})
	}
	require.ErrorIs(t, err, errNoRoom)
}

// The largest float is in bucket 1024 of schema 0, infinity in the one behind it, which OTLP does not have.
func TestInfinityIsLeftOutOfExponentialHistograms(t *testing.T) {
	m, err := histogram(&exposition.Histogram{Count: 5, HasCount: true, Sum: math.Inf(1), HasSum: true, Native: &exposition.Native{
		Positive: exposition.SparseBuckets{Spans: []exposition.Span{{Offset: 1024, Length: 2}}, Deltas: []int64{2, 1}}}})
	require.NoError(t, err)
	dp := m.ExponentialHistogram().DataPoints().At(0)
	assert.Equal(t, uint64(2), dp.Count())
	assert.Equal(t, int32(1023), dp.Positive().Offset())
	assert.Equal(t, []uint64{2}, dp.Positive().BucketCounts().AsRaw())
}

func TestNaNObservationsAreInNoBucket(t *testing.T) {
	m, err := histogram(&exposition.Histogram{Count: 5, HasCount: true, Sum: math.NaN(), HasSum: true, Native: &exposition.Native{
		ZeroCount: 1, Positive: exposition.SparseBuckets{Spans: []exposition.Span{{Offset: 0, Length: 1}}, Deltas: []int64{2}}}})
	require.NoError(t, err)
	assert.Equal(t, uint64(3), m.ExponentialHistogram().DataPoints().At(0).Count())
}

func TestCustomBuckets(t *testing.T) {
	m, err := histogram(&exposition.Histogram{Count: 6, HasCount: true, Sum: 9, HasSum: true, Native: &exposition.Native{
		Schema: exposition.SchemaCustomBuckets, CustomBounds: []float64{1, 2, 3},
		Positive: exposition.SparseBuckets{Spans: []exposition.Span{{Offset: 1, Length: 1}, {Offset: 1, Length: 1}}, Deltas: []int64{2, 2}}}})
	require.NoError(t, err)
	dp := m.Histogram().DataPoints().At(0)
	assert.Equal(t, []float64{1, 2, 3}, dp.ExplicitBounds().AsRaw())
	assert.Equal(t, []uint64{0, 2, 0, 4}, dp.BucketCounts().AsRaw())
	assert.Equal(t, uint64(6), dp.Count())
}

func TestStalenessMarkersStandAlone(t *testing.T) {
	b := translate.NewBuilder(groupingkey.Key{Job: "j"}, defaults(), room(1<<20))
	require.NoError(t, b.Family(&exposition.Family{Name: "x"}))
	for i, stale := range []bool{false, true, true, false} {
		labels := []exposition.Label{{Name: "l", Value: string(rune('a' + i))}}
		require.NoError(t, b.Point(&exposition.Point{Labels: labels, Value: 1, Stale: stale}))
	}
	require.NoError(t, b.Check())
	metrics := b.Metrics(received)
	all := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	require.Equal(t, 3, all.Len())
	assert.Equal(t, 2, all.At(0).Gauge().DataPoints().Len())
	for i := 1; i < 3; i++ {
		require.Equal(t, 1, all.At(i).Gauge().DataPoints().Len())
		assert.True(t, all.At(i).Gauge().DataPoints().At(0).Flags().NoRecordedValue())
		assert.Equal(t, "x", all.At(i).Name())
	}
}

func TestStaleHistogramsKeepTheirBounds(t *testing.T) {
	m, err := point(exposition.TypeHistogram, &exposition.Point{Stale: true, Histogram: &exposition.Histogram{
		Buckets: []exposition.Bucket{{UpperBound: 1}, {UpperBound: math.Inf(1)}}}})
	require.NoError(t, err)
	dp := m.Histogram().DataPoints().At(0)
	assert.True(t, dp.Flags().NoRecordedValue())
	assert.Equal(t, []float64{1}, dp.ExplicitBounds().AsRaw())
	assert.Equal(t, []uint64{0, 0}, dp.BucketCounts().AsRaw())
	assert.False(t, dp.HasSum())

	m, err = point(exposition.TypeHistogram, &exposition.Point{Stale: true, Histogram: &exposition.Histogram{
		Native: &exposition.Native{Schema: exposition.SchemaCustomBuckets, CustomBounds: []float64{1}}}})
	require.NoError(t, err)
	assert.Equal(t, []float64{1}, m.Histogram().DataPoints().At(0).ExplicitBounds().AsRaw())

	m, err = point(exposition.TypeHistogram, &exposition.Point{Stale: true, Histogram: &exposition.Histogram{Native: &exposition.Native{Schema: 3}}})
	require.NoError(t, err)
	assert.True(t, m.ExponentialHistogram().DataPoints().At(0).Flags().NoRecordedValue())
	assert.Equal(t, int32(3), m.ExponentialHistogram().DataPoints().At(0).Scale())
}

func TestStaleSummariesKeepTheirQuantiles(t *testing.T) {
	m, err := point(exposition.TypeSummary, &exposition.Point{Stale: true, Summary: &exposition.Summary{
		Quantiles: []exposition.Quantile{{Quantile: 0.5, Value: 3}}}})
	require.NoError(t, err)
	dp := m.Summary().DataPoints().At(0)
	assert.True(t, dp.Flags().NoRecordedValue())
	require.Equal(t, 1, dp.QuantileValues().Len())
	assert.InDelta(t, 0.5, dp.QuantileValues().At(0).Quantile(), 0)
	assert.InDelta(t, 0, dp.QuantileValues().At(0).Value(), 0)
}

func TestExemplarIDs(t *testing.T) {
	f := func(name, value string, wantTrace, wantSpan bool) {
		t.Helper()
		m, err := point(exposition.TypeCounter, &exposition.Point{Exemplars: []exposition.Exemplar{
			{Labels: []exposition.Label{{Name: name, Value: value}}}}})
		require.NoError(t, err)
		e := m.Sum().DataPoints().At(0).Exemplars().At(0)
		assert.Equal(t, wantTrace, !e.TraceID().IsEmpty(), value)
		assert.Equal(t, wantSpan, !e.SpanID().IsEmpty(), value)
		attribute, ok := e.FilteredAttributes().Get(name)
		assert.Equal(t, !wantTrace && !wantSpan && value != "", ok, value)
		if ok {
			assert.Equal(t, value, attribute.Str())
		}
	}
	f("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736", true, false)
	f("TRACE_ID", "4BF92F3577B34DA6A3CE929D0E0E4736", true, false)
	f("trace_id", "4bf92f3577b34da6a3ce929d0e0e473", false, false)
	f("trace_id", "4bf92f3577b34da6a3ce929d0e0e473g", false, false)
	f("trace_id", "00000000000000000000000000000000", false, false)
	f("span_id", "00f067aa0ba902b7", false, true)
	f("span_id", "00", false, false)
	f("span_id", "", false, false)
	f("user", "x", false, false)
}

package hostile

import (
	"math"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// histogramCase is a push of a histogram in protobuf, which is refused.
func histogramCase(t *testing.T, name string, h *dto.Histogram) bodyCase {
	f := &dto.MetricFamily{Name: proto.String("h"), Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{{Histogram: h}}}
	return bodyCase{name: "protobuf: " + name, contentType: testbed.ProtobufType, body: testbed.Protobuf(t, f), want: 400, says: " h: "}
}

func protobufHistogramCases(t *testing.T) []bodyCase {
	classic := func(name string, count uint64, buckets ...*dto.Bucket) bodyCase {
		return histogramCase(t, name, &dto.Histogram{SampleCount: &count, SampleSum: proto.Float64(1), Bucket: buckets})
	}
	bucket := func(bound float64, count uint64) *dto.Bucket {
		return &dto.Bucket{UpperBound: &bound, CumulativeCount: &count}
	}
	inf := math.Inf(1)
	infinite := classic("a bound of -Inf", 1, bucket(-inf, 0), bucket(inf, 1))
	infinite.want = 200
	return []bodyCase{
		classic("a bound that is not a number", 1, bucket(math.NaN(), 1)),
		infinite,
		classic("+Inf twice", 1, bucket(inf, 1), bucket(inf, 1)),
		classic("a bucket of 2^64-1", 1, bucket(1, math.MaxUint64)),
		classic("counts that fall", 2, bucket(1, 2), bucket(2, 1), bucket(inf, 2)),
		classic("more in a bucket than in all", 1, bucket(1, 2)),
		classic("bounds that fall and repeat", 1, bucket(2, 1), bucket(1, 0), bucket(2, 1)),
		histogramCase(t, "a float count that is not a number", &dto.Histogram{SampleCountFloat: proto.Float64(math.NaN())}),
		histogramCase(t, "a float count of 1e300", &dto.Histogram{SampleCountFloat: proto.Float64(1e300), Bucket: []*dto.Bucket{
			{UpperBound: proto.Float64(1), CumulativeCountFloat: proto.Float64(1e300)},
		}}),
	}
}

func nativeHistogramCases(t *testing.T) []bodyCase {
	native := func(name string, change func(*dto.Histogram)) bodyCase {
		h := &dto.Histogram{
			SampleCount: proto.Uint64(2), SampleSum: proto.Float64(1), Schema: proto.Int32(0), ZeroThreshold: proto.Float64(0.1), ZeroCount: proto.Uint64(1),
			PositiveSpan: []*dto.BucketSpan{span(0, 1)}, PositiveDelta: []int64{1},
		}
		change(h)
		return histogramCase(t, "a native histogram with "+name, h)
	}
	spans := func(name string, spans ...*dto.BucketSpan) bodyCase {
		return native(name, func(h *dto.Histogram) { h.PositiveSpan = spans })
	}
	deltas := func(name string, deltas ...int64) bodyCase {
		return native(name, func(h *dto.Histogram) {
			h.PositiveSpan, h.PositiveDelta = []*dto.BucketSpan{span(0, uint32(len(deltas)))}, deltas
		})
	}
	cases := []bodyCase{
		spans("a span of 2^31", span(0, 1<<31)),
		spans("a span of 2^32-1", span(0, math.MaxUint32)),
		spans("spans that overflow together", span(0, math.MaxUint32), span(0, 2)),
		spans("an offset of 2^31-1", span(math.MaxInt32, 1)),
		spans("an offset of -2^31", span(math.MinInt32, 1)),
		spans("offsets that overflow together", span(math.MaxInt32, 0), span(math.MaxInt32, 0), span(math.MaxInt32, 1)),
		spans("a gap of 2^31", span(0, 0), span(math.MaxInt32, 1)),
		spans("a gap that is negative", span(5, 0), span(-3, 1)),
		deltas("a delta of 2^63-1", math.MaxInt64),
		deltas("a delta of -2^63", math.MinInt64),
		deltas("deltas that overflow", math.MaxInt64, math.MaxInt64, math.MaxInt64),
		deltas("counts whose sum overflows", math.MaxInt64, 0, 0, 0),
		deltas("a count below zero", 1, -2),
		native("a count of 2^64-1", func(h *dto.Histogram) { h.SampleCount = proto.Uint64(math.MaxUint64) }),
		native("a zero count of 2^64-1", func(h *dto.Histogram) { h.ZeroCount = proto.Uint64(math.MaxUint64) }),
		native("a zero threshold that is not a number", func(h *dto.Histogram) { h.ZeroThreshold = proto.Float64(math.NaN()) }),
		native("a zero threshold that is negative", func(h *dto.Histogram) { h.ZeroThreshold = proto.Float64(-1) }),
		native("a zero threshold that is infinite", func(h *dto.Histogram) { h.ZeroThreshold = proto.Float64(math.Inf(1)) }),
		native("float counts that are not numbers", func(h *dto.Histogram) {
			h.SampleCountFloat, h.PositiveDelta, h.PositiveCount = proto.Float64(math.NaN()), nil, []float64{math.NaN()}
		}),
		native("float counts of 1e300", func(h *dto.Histogram) {
			h.SampleCountFloat, h.PositiveDelta, h.PositiveCount = proto.Float64(1e300), nil, []float64{1e300}
		}),
		native("deltas and no spans", func(h *dto.Histogram) { h.PositiveSpan = nil }),
		native("spans and no deltas", func(h *dto.Histogram) { h.PositiveDelta = nil }),
	}
	for name, schema := range map[string]int32{
		"schema 127": 127, "schema -128": -128, "schema 2^31-1": math.MaxInt32, "schema -2^31": math.MinInt32, "custom buckets": -53, "schema 9": 9, "schema -5": -5,
	} {
		cases = append(cases, native(name, func(h *dto.Histogram) { h.Schema = proto.Int32(schema) }))
	}
	return cases
}

func span(offset int32, length uint32) *dto.BucketSpan {
	return &dto.BucketSpan{Offset: &offset, Length: &length}
}

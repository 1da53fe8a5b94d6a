package hostile

import (
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// Numbers of https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto.
const (
	familyName, familyType, familyMetric   = 1, 3, 4
	metricLabel, metricGauge, metricSumary = 1, 2, 4
	metricHistogram                        = 7
)

func varint(v uint64) string { return string(protowire.AppendVarint(nil, v)) }

func tag(number protowire.Number, wireType protowire.Type) string {
	return string(protowire.AppendTag(nil, number, wireType))
}

// field is a string or message within a message.
func field(number protowire.Number, content string) string {
	return tag(number, protowire.BytesType) + varint(uint64(len(content))) + content
}

// delimited is a message behind its length.
func delimited(message string) string { return varint(uint64(len(message))) + message }

// family is a family named m, of a gauge, with these metrics.
func family(metrics ...string) string {
	message := field(familyName, "m") + tag(familyType, protowire.VarintType) + varint(uint64(dto.MetricType_GAUGE))
	for _, m := range metrics {
		message += field(familyMetric, m)
	}
	return delimited(message)
}

// wireCases are not what a message looks like.
func wireCases(*testing.T) []bodyCase {
	gauge := field(metricGauge, "")
	pb := func(name, body string, want int, says string) bodyCase {
		return bodyCase{name: "protobuf: " + name, contentType: testbed.ProtobufType, body: body, want: want, says: says}
	}
	group := func(depth int) string {
		return strings.Repeat(tag(100, protowire.StartGroupType), depth) + strings.Repeat(tag(100, protowire.EndGroupType), depth)
	}
	return []bodyCase{
		pb("a length of 2^63", varint(1<<63)+"x", 400, "at byte 0"),
		pb("a length of 2^64-1", varint(math.MaxUint64)+"x", 400, "at byte 0"),
		pb("a length of 20 MiB, and nothing", varint(largest), 400, "at byte 0"),
		pb("a length that does not end", strings.Repeat("\xff", 1000), 400, "at byte 0"),
		pb("a length in eleven bytes", strings.Repeat("\x80", 10)+"\x01", 400, "at byte 0"),
		pb("a length with zeros", "\x80\x80\x80\x80\x00"+family(gauge), 400, "at byte"),
		pb("empty messages", filled("", "\x00", ""), 400, "at byte"),
		pb("a string of 2^62", delimited(tag(familyName, protowire.BytesType)+varint(1<<62)+"x"), 400, "at byte"),
		pb("a negative length in a message", delimited(field(familyName, "m")+tag(familyMetric, protowire.BytesType)+varint(math.MaxUint64)), 400, "at byte"),
		pb("a field number of 0", delimited("\x00\x00"+field(familyName, "m")), 400, "at byte"),
		pb("a field number of 2^29", delimited(varint(1<<32)+"\x00"), 400, "at byte"),
		pb("wire type 6", delimited("\x0e\x00"), 400, "at byte"),
		pb("wire type 7", delimited("\x0f\x00"), 400, "at byte"),
		pb("a group that ends and did not begin", delimited(tag(1, protowire.EndGroupType)), 400, "at byte"),
		pb("a group that does not end", delimited(tag(100, protowire.StartGroupType)), 400, "at byte"),
		pb("a group that ends as another", delimited(tag(100, protowire.StartGroupType)+tag(101, protowire.EndGroupType)), 400, "at byte"),
		pb("nested groups", delimited(field(familyName, "m")+group(50)+field(familyMetric, gauge)), 400, "counter"),
		pb("groups nested a million times", delimited(group(1_000_000)), 400, "at byte"),
		pb("groups one behind the other", delimited(strings.Repeat(group(1), 1_000_000)+field(familyName, "m")), 200, ""),
		pb("unknown fields", delimited(strings.Repeat(field(100, "x"), 4_000_000)+field(familyName, "m")), 200, ""),
		pb("the name a million times", delimited(strings.Repeat(field(familyName, "mm"), 1_000_000)), 200, ""),
		pb("the type as text", delimited(field(familyType, "x")+field(familyName, "m")), 200, ""),
		pb("a varint of ten bytes as type", delimited(field(familyName, "m")+tag(familyType, protowire.VarintType)+varint(math.MaxUint64)+field(familyMetric, gauge)), 400, "type"),
		pb("text", filled("", "m 1\n", ""), 400, "at byte"),
	}
}

func protobufValueCases(t *testing.T) []bodyCase {
	pb := func(name string, want int, says string, m *dto.Metric) bodyCase {
		f := &dto.MetricFamily{Name: proto.String("m"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{m}}
		return bodyCase{name: "protobuf: " + name, contentType: testbed.ProtobufType, body: testbed.Protobuf(t, f), want: want, says: says}
	}
	value := &dto.Gauge{Value: proto.Float64(math.Float64frombits(0x7ff8_dead_beef_0001))}
	labelled := func(name, value string) *dto.Metric {
		return &dto.Metric{Label: []*dto.LabelPair{{Name: &name, Value: &value}}, Gauge: &dto.Gauge{}}
	}
	return []bodyCase{
		pb("a NaN of its own kind", 200, "", &dto.Metric{Gauge: value}),
		pb("the first timestamp there is", 400, "timestamp", &dto.Metric{Gauge: value, TimestampMs: proto.Int64(math.MinInt64)}),
		pb("the last timestamp there is", 400, "timestamp", &dto.Metric{Gauge: value, TimestampMs: proto.Int64(math.MaxInt64)}),
		pb("a label value of 19 MiB", 413, tooMuch, labelled("a", strings.Repeat("a", 19*mebibyte))),
		pb("a label name of 19 MiB", 413, tooMuch, labelled(strings.Repeat("a", 19*mebibyte), "a")),
		pb("an empty label name", 400, `""`, labelled("", "a")),
		pb("a label named as the metric", 400, "__name__", labelled("__name__", "a")),
	}
}

// protobufFloodCases are many of one thing.
func protobufFloodCases(*testing.T) []bodyCase {
	pb := func(name, body string, want int, says string) bodyCase {
		return bodyCase{name: "protobuf: " + name, contentType: testbed.ProtobufType, body: body, want: want, says: says}
	}
	of := func(kind dto.MetricType, metric string) string {
		return delimited(field(familyName, "m") + tag(familyType, protowire.VarintType) + varint(uint64(kind)) + field(familyMetric, metric))
	}
	gauge := field(metricGauge, "")
	times := func(n int, field string) string { return strings.Repeat(field, n) }
	return []bodyCase{
		pb("a million metrics", delimited(field(familyName, "m")+"\x18\x01"+times(1_000_000, field(familyMetric, gauge))), 413, "limits.samples_per_push"),
		pb("families without metrics", times(2_000_000, delimited(field(familyName, "m"))), 200, ""),
		pb("empty labels by the million", family(times(1_000_000, field(metricLabel, ""))+gauge), 413, tooMuch),
		pb("gauges by the million", family(times(1_000_000, gauge)), 413, tooMuch),
		pb("quantiles by the million", of(dto.MetricType_SUMMARY, field(metricSumary, times(1_000_000, field(3, "")))), 413, tooMuch),
		pb("buckets by the million", of(dto.MetricType_HISTOGRAM, field(metricHistogram, times(1_000_000, field(3, "")))), 413, tooMuch),
		pb("exemplars by the million", of(dto.MetricType_HISTOGRAM, field(metricHistogram, times(1_000_000, field(16, "")))), 413, tooMuch),
		pb("exemplars of a native histogram by the million",
			of(dto.MetricType_HISTOGRAM, field(metricHistogram, "\x28\x00"+field(12, "")+times(1_000_000, field(16, "")))), 413, tooMuch),
		pb("an exemplar with a million labels", of(dto.MetricType_COUNTER, field(3, field(2, times(1_000_000, field(1, ""))))), 413, tooMuch),
		pb("spans by the million", of(dto.MetricType_HISTOGRAM, field(metricHistogram, "\x28\x00"+times(1_000_000, field(12, "")))), 413, tooMuch),
		pb("deltas by the million", of(dto.MetricType_HISTOGRAM, field(metricHistogram, "\x28\x00"+field(13, times(10_000_000, "\x00")))), 413, tooMuch),
		pb("deltas by the million, with a span for them",
			of(dto.MetricType_HISTOGRAM, field(metricHistogram, "\x28\x00"+field(12, "\x10"+varint(10_000_000))+field(13, times(10_000_000, "\x00")))), 413, tooMuch),
		pb("float counts by the million",
			of(dto.MetricType_HISTOGRAM, field(metricHistogram, "\x28\x00"+field(12, "\x10"+varint(2_000_000))+field(14, times(2_000_000, "\x00\x00\x00\x00\x00\x00\xf0\x3f")))), 413, tooMuch),
	}
}

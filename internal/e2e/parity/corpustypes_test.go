package parity

import (
	"math"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// typesText has every type that text 0.0.4 has, and the values that floats have.
const typesText = `# HELP jobs_total Jobs "that" ran,\nso far: \\.
# TYPE jobs_total counter
jobs_total{result="ok"} 42
jobs_total{result="failed"} 0
# TYPE jobs_without_suffix counter
jobs_without_suffix 1e300
# HELP only_help Metrics without a type.
only_help 1
neither 2
# TYPE raw untyped
raw -3.5
# TYPE temperature_celsius gauge
temperature_celsius{where="in"} -2398.283
# TYPE values gauge
values{v="nan"} NaN
values{v="inf"} +Inf
values{v="-inf"} -Inf
values{v="0"} 0
values{v="-0"} -0
values{v="denormal"} 5e-324
values{v="smallest normal"} 2.2250738585072014e-308
values{v="largest"} 1.7976931348623157e308
values{v="2^53+1"} 9007199254740993
values{v="third"} 0.3333333333333333
values{v="time"} 1.7e9
values{v="odd spellings"} +.5
# TYPE no_samples gauge
# TYPE duration_seconds histogram
duration_seconds_bucket{le="-1"} 0
duration_seconds_bucket{le="0"} 0
duration_seconds_bucket{le="1e-9"} 0
duration_seconds_bucket{le="0.005"} 1
duration_seconds_bucket{le="0.5"} 1
duration_seconds_bucket{le="1"} 2
duration_seconds_bucket{le="2.50"} 3
duration_seconds_bucket{le="1000000"} 3
duration_seconds_bucket{le="1e+21"} 3
duration_seconds_bucket{le="+Inf"} 4
duration_seconds_sum 1000007.25
duration_seconds_count 4
duration_seconds_bucket{step="load",le="1"} 0
duration_seconds_bucket{step="load",le="+Inf"} 0
duration_seconds_sum{step="load"} 0
duration_seconds_count{step="load"} 0
# TYPE nan_sum_seconds histogram
nan_sum_seconds_bucket{le="1"} 1
nan_sum_seconds_bucket{le="+Inf"} 2
nan_sum_seconds_sum NaN
nan_sum_seconds_count 2
# TYPE size_bytes summary
size_bytes{quantile="0"} -1
size_bytes{quantile="0.5"} 10
size_bytes{quantile="0.99"} NaN
size_bytes{quantile="1"} 100
size_bytes_sum 35
size_bytes_count 3
# TYPE no_quantiles summary
no_quantiles_sum 1.5
no_quantiles_count 2
`

// bareText has no buckets, no sum or no +Inf where they may be left out.
const bareText = `# TYPE no_inf_seconds histogram
no_inf_seconds_bucket{le="1"} 1
no_inf_seconds_sum 3
no_inf_seconds_count 2
# TYPE no_buckets_seconds histogram
no_buckets_seconds_sum 3
no_buckets_seconds_count 2
# TYPE no_sum_seconds histogram
no_sum_seconds_bucket{le="1"} 1
no_sum_seconds_bucket{le="+Inf"} 2
no_sum_seconds_count 2
# TYPE no_sum_bytes summary
no_sum_bytes{quantile="0.5"} 1
no_sum_bytes_count 2
`

// suffixText has names that end as parts of a metric do, without being one.
const suffixText = `# TYPE plain_total gauge
plain_total 1
# TYPE plain_bucket gauge
plain_bucket{le="1"} 2
plain_sum 3
# TYPE plain_count untyped
plain_count 4
# TYPE plain_created gauge
plain_created 1.7e9
# TYPE plain_info gauge
plain_info{version="1"} 1
# TYPE plain_seconds counter
plain_seconds 5
# TYPE plain_ratio gauge
plain_ratio 0.5
# TYPE quantile_gauge gauge
quantile_gauge{quantile="0.5",le="x"} 6
# TYPE le_counter_total counter
le_counter_total{le="1e6"} 7
# TYPE job:runs:rate5m gauge
job:runs:rate5m 8
:leading_colon 9
_leading_underscore 10
double__underscore 11
# TYPE UPPER_case gauge
UPPER_case 12
`

// nativeHistogram has what only protobuf has.
const nativeHistogram = `name: "latency_seconds" help: "With native buckets." type: HISTOGRAM metric: {
  label: {name: "buckets" value: "both"}
  histogram: {
    sample_count: 8 sample_sum: 3.5
    bucket: {upper_bound: 1 cumulative_count: 5}
    bucket: {upper_bound: 10 cumulative_count: 8}
    schema: 1 zero_threshold: 0.001 zero_count: 1
    positive_span: {offset: -2 length: 2}
    positive_span: {offset: 3 length: 1}
    positive_delta: 1 positive_delta: 1 positive_delta: -1
    negative_span: {offset: 0 length: 1}
    negative_delta: 3
  }
}
metric: {
  label: {name: "buckets" value: "native"}
  histogram: {
    sample_count: 3 sample_sum: 7 schema: 3 zero_threshold: 1e-128
    positive_span: {offset: 0 length: 2} positive_delta: 1 positive_delta: 1
  }
}`

// counterByDefault has no type, which in protobuf is how a counter may be written.
const counterByDefault = `name: "runs_total" metric: {counter: {value: 3}}`

// openMetricsText is valid in text 0.0.4 too, where it means something else.
const openMetricsText = `# TYPE cycles counter
# HELP cycles Cycles.
cycles_total 5
cycles_created 1.7e9
# TYPE cycle_seconds histogram
cycle_seconds_bucket{le="1.0"} 1
cycle_seconds_bucket{le="+Inf"} 2
cycle_seconds_count 2
cycle_seconds_sum 3.0
cycle_seconds_created 1.7e9
# TYPE spare_bytes gauge
# UNIT spare_bytes bytes
spare_bytes 7
# EOF
`

// The jobs that rules name.
const (
	openMetricsJob = "open_metrics"
	classicJob     = "scraped_as_classic" // has native histograms, and is scraped as text
)

func typePushes(t *testing.T) []push {
	t.Helper()
	return []push{
		{path: "/job/types/format/text", body: typesText},
		{path: "/job/types/format/protobuf", contentType: testbed.ProtobufType, body: protobufOf(t, typesText)},
		{path: "/job/bare/format/text", body: bareText},
		{path: "/job/bare/format/protobuf", contentType: testbed.ProtobufType, body: protobufOf(t, bareText)},
		{path: "/job/suffixes/format/text", body: suffixText},
		{path: "/job/suffixes/format/protobuf", contentType: testbed.ProtobufType, body: protobufOf(t, suffixText)},
		{path: "/job/native_histogram", contentType: testbed.ProtobufType, body: testbed.Protobuf(t, family(t, nativeHistogram))},
		{path: "/job/" + classicJob, contentType: testbed.ProtobufType, body: testbed.Protobuf(t, family(t, nativeHistogram))},
		{path: "/job/counter_by_default", contentType: testbed.ProtobufType, body: testbed.Protobuf(t, family(t, counterByDefault))},
		{path: "/job/stale", contentType: testbed.ProtobufType, body: testbed.Protobuf(t, staleFamily())},
		{path: "/job/" + openMetricsJob, contentType: openMetricsType, body: openMetricsText},
		{path: "/job/no_metrics"},
	}
}

// staleMetric is a gauge whose value is StaleNaN, which only protobuf can express.
const staleMetric = "stale_value"

func staleFamily() *dto.MetricFamily {
	const staleNaN = 0x7ff0000000000002
	return &dto.MetricFamily{
		Name: proto.String(staleMetric), Type: dto.MetricType_GAUGE.Enum(),
		Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(math.Float64frombits(staleNaN))}}},
	}
}

// family reads a MetricFamily in the text form of protobuf.
func family(t *testing.T, text string) *dto.MetricFamily {
	t.Helper()
	f := &dto.MetricFamily{}
	require.NoError(t, prototext.Unmarshal([]byte(text), f))
	return f
}

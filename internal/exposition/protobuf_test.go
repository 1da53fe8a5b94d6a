package exposition

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// protobufCases have families as prototext. They serve TestDecodeProtobuf, TestAsOracle, and as seeds of FuzzProtobuf.
var protobufCases = []struct {
	name     string
	families []string
	want     string
}{
	{"an empty body is an empty push", nil, ""},
	{"a family without points is none", []string{`name:"a" type:GAUGE`}, ""},
	{"a family without points is none, whatever its help and type are", []string{`name:"a" help:"\377"`, `name:"a" type:GAUGE metric:{gauge:{}}`},
		"# gauge a\n0"},
	{"counter with label, timestamp, created timestamp and exemplar",
		[]string{`name:"a" help:"A." type:COUNTER unit:"bytes" metric:{label:{name:"l" value:"v"} timestamp_ms:1700000000123
			counter:{value:1 created_timestamp:{seconds:1600000000 nanos:5}
			exemplar:{label:{name:"trace_id" value:"x"} value:0.5 timestamp:{seconds:1600000001}}}}`},
		"# counter a bytes A.\nl=\"v\" 1 at=1700000000123000000 created=1600000000000000005 exemplar=[{trace_id x}] 0.5 at=1600000001000000000(true)"},
	{"a type that is not set is counter", []string{`name:"a" metric:{counter:{value:1}}`}, "# counter a\n1"},
	{"gauge and untyped, in their order", []string{`name:"b" type:UNTYPED metric:{untyped:{value:1}}`, `name:"a" type:GAUGE metric:{gauge:{}}`},
		"# unknown b\n1\n# gauge a\n0"},
	{"values that are no numbers", []string{`name:"a" type:GAUGE metric:{gauge:{value:nan}} metric:{label:{name:"l"} gauge:{value:-inf}}`},
		"# gauge a\nNaN\nl=\"\" -Inf"},
	{"labels in any order and number", []string{`name:"a" type:GAUGE metric:{label:{name:"b" value:"1"} label:{name:"a" value:"2"} gauge:{}}
			metric:{label:{name:"b" value:"3"} gauge:{}} metric:{label:{name:"b"} label:{name:"a" value:"4"} label:{name:"c" value:"ü"} gauge:{}}
			metric:{label:{name:"a"} label:{name:"b"} gauge:{}} metric:{gauge:{}}`},
		"# gauge a\nb=\"1\" a=\"2\" 0\nb=\"3\" 0\nb=\"\" a=\"4\" c=\"ü\" 0\na=\"\" b=\"\" 0\n0"},
	{"long names and values", []string{`name:"` + longName + `" type:GAUGE metric:{label:{name:"` + longName + `" value:"` + longName + `"} gauge:{}}`},
		"# gauge " + longName + "\n" + longName + "=\"" + longName + "\" 0"},
	{"summary; absent counts and sums are 0", []string{`name:"s" type:SUMMARY metric:{summary:{quantile:{quantile:0.5 value:2}}}`},
		"# summary s\ncount=0(true) sum=0 quantiles=[{0.5 2}]"},
	{"summary with created timestamp", []string{`name:"s" type:SUMMARY metric:{summary:{sample_count:300 sample_sum:4 created_timestamp:{seconds:1}}}`},
		"# summary s\ncount=300(true) sum=4 quantiles=[] created=1000000000"},
	{"classic histogram with exemplars and created timestamp", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:3 sample_sum:4
			bucket:{upper_bound:1 cumulative_count:2 exemplar:{value:0.5}} bucket:{upper_bound:2 cumulative_count:3}
			bucket:{upper_bound:3 cumulative_count:3 exemplar:{value:2.5 label:{name:"0"}}} created_timestamp:{nanos:1}}}`},
		"# histogram h\ncount=3(true) sum=4(true) buckets=[{1 2} {2 3} {3 3}] created=1 exemplar=[] 0.5 at=0(false) exemplar=[{0 }] 2.5 at=0(false)"},
	{"an absent histogram count is 0", []string{`name:"h" type:HISTOGRAM metric:{histogram:{}}`},
		"# histogram h\ncount=0(true) sum=0(true) buckets=[]"},
	{"an absent histogram count with a bucket of infinity is that of the bucket",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{bucket:{upper_bound:inf cumulative_count:3}}}`},
		"# histogram h\ncount=0(false) sum=0(true) buckets=[{+Inf 3}]"},
	{"native histogram wins over the classic one",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:3 sample_sum:4 schema:3 zero_threshold:0.001 zero_count:1
			bucket:{upper_bound:1 cumulative_count:2 exemplar:{value:0.5}}
			positive_span:{offset:-2 length:2} positive_delta:1 positive_delta:0}}`},
		"# histogram h\nnative{Schema:3 ZeroThreshold:0.001 ZeroCount:1 Positive:{Spans:[{Offset:-2 Length:2}] Deltas:[1 0]} " +
			"Negative:{Spans:[] Deltas:[]} CustomBounds:[]} count=3(true) sum=4(true) buckets=[] exemplar=[] 0.5 at=0(false)"},
	{"native histogram of both signs, then a classic one", []string{`name:"h" type:HISTOGRAM
			metric:{histogram:{sample_count:300 schema:-4 positive_span:{length:1} positive_delta:200
			negative_span:{offset:1000 length:1} negative_span:{offset:1 length:1} negative_delta:500 negative_delta:-400}}
			metric:{label:{name:"l"} histogram:{sample_count:1 bucket:{upper_bound:-0.5 cumulative_count:1}}}`},
		"# histogram h\nnative{Schema:-4 ZeroThreshold:0 ZeroCount:0 Positive:{Spans:[{Offset:0 Length:1}] Deltas:[200]} " +
			"Negative:{Spans:[{Offset:1000 Length:1} {Offset:1 Length:1}] Deltas:[500 -400]} CustomBounds:[]} count=300(true) sum=0(true) buckets=[]\n" +
			"l=\"\" count=1(true) sum=0(true) buckets=[{-0.5 1}]"},
	{"a float count of 0 does not replace an integer",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 sample_count_float:0
			bucket:{upper_bound:1 cumulative_count:4 cumulative_count_float:0}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{1 4}]"},
	{"whole float counts",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count_float:7 bucket:{upper_bound:0.5} bucket:{upper_bound:1 cumulative_count_float:4}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{0.5 0} {1 4}]"},
	{"of a histogram with custom buckets the classic ones count",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 schema:-53 positive_span:{length:1} positive_delta:7
			bucket:{upper_bound:1 cumulative_count:7}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{1 7}]"},
	{"native histogram with its own exemplars", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:0 schema:0
			positive_span:{offset:0 length:0} exemplars:{value:7} exemplars:{value:8 label:{name:"l" value:"v"}}
			bucket:{exemplar:{value:9}} bucket:{exemplar:{label:{}}}}}`},
		"# histogram h\nnative{Schema:0 ZeroThreshold:0 ZeroCount:0 Positive:{Spans:[{Offset:0 Length:0}] Deltas:[]} " +
			"Negative:{Spans:[] Deltas:[]} CustomBounds:[]} count=0(true) sum=0(true) buckets=[] exemplar=[] 7 at=0(false) exemplar=[{l v}] 8 at=0(false)"},
	{"of several values that of the type counts", []string{`name:"a" type:UNTYPED
			metric:{gauge:{value:1} counter:{value:2} untyped:{value:3} summary:{sample_sum:4} histogram:{sample_sum:5}}`},
		"# unknown a\n3"},
	{"a family in several messages", []string{`name:"a" type:GAUGE metric:{gauge:{value:1}}`, `name:"b" type:GAUGE metric:{gauge:{value:2}}`,
		`name:"a" type:GAUGE metric:{gauge:{value:3}}`, `name:"a" type:GAUGE metric:{gauge:{value:4}}`},
		"# gauge a\n1\n# gauge b\n2\n# gauge a\n3\n4"},
	{"a family's help and unit, only in later messages", []string{`name:"a" type:GAUGE metric:{gauge:{value:1}}`,
		`name:"a" type:GAUGE help:"A." metric:{gauge:{value:2}}`, `name:"a" type:GAUGE help:"No." unit:"bytes" metric:{gauge:{value:3}}`},
		"# gauge a\n1\n2\n3\n# gauge a bytes A.\n# gauge a bytes A."},
}

var longName = strings.Repeat("n", 300)

func TestIgnoreNativeHistograms(t *testing.T) {
	o := Options{Format: Protobuf, NameValidation: model.UTF8Validation, IgnoreNative: true}
	f := func(histogram, want string) {
		t.Helper()
		got, err := decodeWith(delimited(t, `name:"h" type:HISTOGRAM metric:{histogram:{`+histogram+`}}`), o)
		require.NoError(t, err)
		assert.Equal(t, "# histogram h\n"+want, got)
	}
	const native = "sample_count:3 sample_sum:4 schema:3 zero_threshold:0.001 zero_count:1 positive_span:{length:1} positive_delta:2 "
	f(native+"exemplars:{value:7} bucket:{upper_bound:1 cumulative_count:2 exemplar:{value:0.5}}",
		"count=3(true) sum=4(true) buckets=[{1 2}] exemplar=[] 0.5 at=0(false)")
	f(native, "count=3(true) sum=4(true) buckets=[]")
	f("sample_count_float:3 zero_count_float:1 positive_span:{length:1} positive_count:2", "count=3(true) sum=0(true) buckets=[]")
}

func TestDecodeProtobuf(t *testing.T) {
	for _, tc := range protobufCases {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decode(delimited(t, tc.families...), Protobuf)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestStalenessMarkers(t *testing.T) {
	stale := proto.Float64(math.Float64frombits(staleNaN))
	f := func(kind dto.MetricType, m *dto.Metric) {
		t.Helper()
		family := &dto.MetricFamily{Name: proto.String("x"), Type: kind.Enum(), Metric: []*dto.Metric{m}}
		got, err := decode(lengthAndMessage(marshal(t, family)), Protobuf)
		require.NoError(t, err)
		assert.Contains(t, got, " stale")
	}
	f(dto.MetricType_COUNTER, &dto.Metric{Counter: &dto.Counter{Value: stale}})
	f(dto.MetricType_GAUGE, &dto.Metric{Gauge: &dto.Gauge{Value: stale}})
	f(dto.MetricType_SUMMARY, &dto.Metric{Summary: &dto.Summary{SampleSum: stale}})
	f(dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{SampleSum: stale}})
	f(dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{SampleCountFloat: stale,
		Bucket: []*dto.Bucket{{UpperBound: proto.Float64(1), CumulativeCountFloat: stale}}}})
	f(dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{SampleSum: stale, PositiveCount: []float64{1.5},
		PositiveSpan: []*dto.BucketSpan{{Length: proto.Uint32(1)}}}})
}

// badProtobufCases serve TestDecodeProtobufErrors, TestAsOracle, and as seeds of FuzzProtobuf.
var badProtobufCases = []struct{ name, family, want string }{
	{"empty metric name", `type:GAUGE metric:{gauge:{}}`, `metric name "" is not valid (name_validation is utf8)`},
	{"metric name that is not UTF-8", `name:"\377" metric:{}`, `metric name "\xff" is not valid (name_validation is utf8)`},
	{"empty label name", `name:"a" type:GAUGE metric:{gauge:{} label:{value:"v"}}`, `a: label name "" is not valid (name_validation is utf8)`},
	{"label name that is not UTF-8", `name:"a" type:GAUGE metric:{gauge:{} label:{name:"\377"}}`, `a: label name "\xff" is not valid (name_validation is utf8)`},
	{"label value that is not UTF-8", `name:"a" type:GAUGE metric:{gauge:{} label:{name:"l" value:"\377"}}`, `a: the value of label "l" is not UTF-8: "\xff"`},
	{"help text that is not UTF-8", `name:"a" help:"\377" metric:{}`, `metric "a": its help text or unit is not UTF-8`},
	{"unit that is not UTF-8", `name:"a" unit:"\377" metric:{}`, `metric "a": its help text or unit is not UTF-8`},
	{"a label twice", `name:"a" type:GAUGE metric:{gauge:{} label:{name:"l" value:"1"} label:{name:"l" value:"2"}}`,
		`a{l="1",l="2"}: it has label "l" twice`},
	{"a label twice, not one after the other", `name:"a" metric:{counter:{} label:{name:"l"} label:{name:"m"}}
		metric:{counter:{} label:{name:"l"} label:{name:"m"} label:{name:"l"}}`, `a{l="",m="",l=""}: it has label "l" twice`},
	{"exemplar label without a name", `name:"a" metric:{counter:{exemplar:{label:{value:"v"}}}}`,
		`a: exemplar: label name "" is not valid (name_validation is utf8)`},
	{"exemplar of a bucket that is not UTF-8", `name:"a" type:HISTOGRAM metric:{histogram:{bucket:{exemplar:{label:{name:"l" value:"\377"}}}}}`,
		`a: exemplar: the value of label "l" is not UTF-8: "\xff"`},
	{"a bad point names its series", `name:"a" metric:{label:{name:"l" value:"v"} gauge:{}}`, `a{l="v"}: it is a counter, but a point of it has no counter value`},
	{"gauge histogram", `name:"a" type:GAUGE_HISTOGRAM metric:{}`, `metric "a": its type (GAUGE_HISTOGRAM) cannot be translated to OTLP`},
	{"gauge histogram without points", `name:"a" type:GAUGE_HISTOGRAM`, `metric "a": its type (GAUGE_HISTOGRAM) cannot be translated to OTLP`},
	{"value of another type", `name:"a" type:GAUGE metric:{counter:{}}`, `a: it is a gauge, but a point of it has no gauge value`},
	{"no value", `name:"a" type:HISTOGRAM metric:{}`, `a: it is a histogram, but a point of it has no histogram value`},
	{"no value in the second point", `name:"a" type:SUMMARY metric:{summary:{}} metric:{}`, `a: it is a summary, but a point of it has no summary value`},
	{"float native histogram", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:1.5 positive_span:{length:1} positive_count:1.5}}`,
		`a: it is a native histogram with float counts; OTLP has integer counts only`},
	{"native histogram with a float zero bucket", `name:"a" type:HISTOGRAM metric:{histogram:{zero_count_float:1}}`,
		`a: it is a native histogram with float counts; OTLP has integer counts only`},
	{"negative float count", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:-1}}`,
		`a: its count is -1; it must be a whole number from 0 to 2^64`},
	{"fractional bucket", `name:"a" type:HISTOGRAM metric:{histogram:{bucket:{upper_bound:1} bucket:{upper_bound:2 cumulative_count_float:1.5}}}`,
		`a: its bucket le="2" is 1.5; it must be a whole number from 0 to 2^64`},
	{"count that is NaN", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:nan}}`,
		`a: its count is NaN; it must be a whole number from 0 to 2^64`},
	{"huge count", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:18446744073709551616}}`,
		`a: its count is 1.8446744073709552e+19; it must be a whole number from 0 to 2^64`},
	{"custom buckets without bounds", `name:"a" type:HISTOGRAM metric:{histogram:{schema:-53 positive_span:{length:1} positive_delta:7}}`,
		`a: it is a native histogram with custom buckets, whose bounds this format does not have`},
	{"timestamp zero", `name:"a" metric:{timestamp_ms:0 counter:{}}`, `a: the timestamp is 0, which in OTLP means that there is none`},
	{"timestamp after 2262", `name:"a" metric:{timestamp_ms:9223372036855 counter:{}}`,
		`a: timestamp 9223372036855 ms is outside the years 1970 to 2262, which OTLP can express`},
	{"created with nanoseconds that are none", `name:"a" metric:{counter:{created_timestamp:{seconds:1 nanos:-5}}}`,
		`a: timestamp is not valid: it has -5 nanoseconds beside its seconds`},
	{"created with a second of nanoseconds", `name:"a" type:HISTOGRAM metric:{histogram:{created_timestamp:{nanos:1000000000}}}`,
		`a: timestamp is not valid: it has 1000000000 nanoseconds beside its seconds`},
	{"created before 1970", `name:"a" metric:{counter:{created_timestamp:{seconds:-1}}}`,
		`a: timestamp -1 s is outside the years 1970 to 2262, which OTLP can express`},
	{"exemplar timestamp out of range", `name:"a" metric:{counter:{exemplar:{timestamp:{seconds:9223372036}}}}`,
		`a: exemplar: timestamp 9223372036 s is outside the years 1970 to 2262, which OTLP can express`},
	{"a family of the same name and another type", `name:"good" metric:{counter:{}}`, `metric "good": it is a gauge, and a counter`},
}

func TestDecodeProtobufErrors(t *testing.T) {
	good := delimited(t, `name:"good" type:GAUGE metric:{gauge:{}}`)
	for _, tc := range badProtobufCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(good+delimited(t, tc.family), Protobuf)
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			require.EqualError(t, err, "cannot decode protobuf at byte 13: "+tc.want)
			assert.Equal(t, int64(len(good)), e.Offset)
		})
	}
}

func TestSeriesOfTwoFamilies(t *testing.T) {
	for _, tc := range []struct {
		of       string
		families []string
	}{
		{"summary", []string{`name:"b" type:GAUGE metric:{gauge:{}}`, `name:"a_sum" type:GAUGE metric:{gauge:{}}`, `name:"a" type:SUMMARY metric:{summary:{}}`}},
		{"histogram", []string{`name:"a" type:HISTOGRAM metric:{histogram:{}}`, `name:"a_sum" metric:{counter:{}}`}},
	} {
		_, err := decode(delimited(t, tc.families...), Protobuf)
		var e *SyntaxError
		require.ErrorAs(t, err, &e)
		require.EqualError(t, e.Err, `metric "a_sum": a `+tc.of+` has a series of that name too`)
		assert.Equal(t, Protobuf, e.Format)
		assert.Equal(t, int64(len(delimited(t, tc.families[0]))), e.Offset)
	}
	_, err := decode(delimited(t, `name:"a" type:SUMMARY metric:{summary:{}}`, `name:"a_bucket" metric:{counter:{}}`, `name:"a_sum"`), Protobuf)
	assert.NoError(t, err)
}

func TestBrokenProtobuf(t *testing.T) {
	good := delimited(t, `name:"good" type:GAUGE metric:{gauge:{}}`)
	length := func(n uint64) string { return string(binary.AppendUvarint(nil, n)) }
	f := func(body, want string) {
		t.Helper()
		_, err := decode(body, Protobuf)
		assert.EqualError(t, err, "cannot decode protobuf "+want)
	}
	const broken = "the message is not a MetricFamily in the wire format of protobuf"
	f(length(1<<62)+good, "at byte 0: the body ends before the message does")
	f(length(3<<30)+good, "at byte 0: the body ends before the message does")
	f(length(math.MaxUint64), "at byte 0: the body ends before the message does")
	f(good+good[:5], "at byte 13: the body ends before the message does")
	f(good+"\x80", "at byte 13: the body ends before the message does")
	f(strings.Repeat("\xff", 20), "at byte 0: the length of the message is not a number")
	f("\x02\x0a\x05", "at byte 0: "+broken)
	f("\x00", `at byte 0: metric name "" is not valid (name_validation is utf8)`)
	f("a 1\n", "at byte 0: the body ends before the message does")
	f("\na 1\nb 12345", "at byte 0: "+broken)

	unknownType := bytesField(1, "a") + varintField(3, 99) + bytesField(4)
	f(lengthAndMessage(unknownType), `at byte 0: metric "a": its type (99) cannot be translated to OTLP`)
	f(lengthAndMessage(bytesField(1, "a")+varintField(3, math.MaxUint64)), `at byte 0: metric "a": its type (-1) cannot be translated to OTLP`)
}

func TestLegacyNamesInProtobuf(t *testing.T) {
	f := func(family, want string) {
		t.Helper()
		err := Decode(delimited(t, family), Options{Format: Protobuf, NameValidation: model.LegacyValidation}, &recorder{})
		assert.ErrorContains(t, err, want)
	}
	f(`name:"a.b" metric:{counter:{}}`, `metric name "a.b" is not valid (name_validation is legacy)`)
	f(`name:"a" metric:{counter:{} label:{name:"l.m"}}`, `a: label name "l.m" is not valid (name_validation is legacy)`)
	body := delimited(t, `name:"a" metric:{counter:{exemplar:{label:{name:"l.m"}}}}`)
	assert.NoError(t, Decode(body, Options{Format: Protobuf, NameValidation: model.LegacyValidation}, &recorder{}))
}

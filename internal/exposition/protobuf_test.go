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

// protobufCases have families as prototext. They serve TestDecodeProtobuf, and as seeds of FuzzDecode.
var protobufCases = []struct {
	name     string
	families []string
	want     string
}{
	{"an empty body is an empty push", nil, ""},
	{"a family without points is none", []string{`name:"a" type:GAUGE`}, ""},
	{"counter with label, timestamp, created timestamp and exemplar",
		[]string{`name:"a" help:"A." type:COUNTER unit:"bytes" metric:{label:{name:"l" value:"v"} timestamp_ms:1700000000123
			counter:{value:1 created_timestamp:{seconds:1600000000 nanos:5}
			exemplar:{label:{name:"trace_id" value:"x"} value:0.5 timestamp:{seconds:1600000001}}}}`},
		"# counter a bytes A.\nl=\"v\" 1 at=1700000000123000000 created=1600000000000000005 exemplar=[{trace_id x}] 0.5 at=1600000001000000000(true)"},
	{"a type that is not set is counter", []string{`name:"a" metric:{counter:{value:1}}`}, "# counter a\n1"},
	{"gauge and untyped, in their order", []string{`name:"b" type:UNTYPED metric:{untyped:{value:1}}`, `name:"a" type:GAUGE metric:{gauge:{}}`},
		"# unknown b\n1\n# gauge a\n0"},
	{"summary; absent counts and sums are 0", []string{`name:"s" type:SUMMARY metric:{summary:{quantile:{quantile:0.5 value:2}}}`},
		"# summary s\ncount=0(true) sum=0 quantiles=[{0.5 2}]"},
	{"classic histogram with exemplar", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:3 sample_sum:4
			bucket:{upper_bound:1 cumulative_count:2 exemplar:{value:0.5}} bucket:{upper_bound:2 cumulative_count:3}}}`},
		"# histogram h\ncount=3(true) sum=4(true) buckets=[{1 2} {2 3}] exemplar=[] 0.5 at=0(false)"},
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
	{"a float count of 0 does not replace an integer",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 sample_count_float:0
			bucket:{upper_bound:1 cumulative_count:4 cumulative_count_float:0}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{1 4}]"},
	{"whole float counts",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count_float:7 bucket:{upper_bound:1 cumulative_count_float:4}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{1 4}]"},
	{"of a histogram with custom buckets the classic ones count",
		[]string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 schema:-53 positive_span:{length:1} positive_delta:7
			bucket:{upper_bound:1 cumulative_count:7}}}`},
		"# histogram h\ncount=7(true) sum=0(true) buckets=[{1 7}]"},
	{"native histogram with its own exemplars", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:0 schema:0
			positive_span:{offset:0 length:0} exemplars:{value:7}}}`},
		"# histogram h\nnative{Schema:0 ZeroThreshold:0 ZeroCount:0 Positive:{Spans:[{Offset:0 Length:0}] Deltas:[]} " +
			"Negative:{Spans:[] Deltas:[]} CustomBounds:[]} count=0(true) sum=0(true) buckets=[] exemplar=[] 7 at=0(false)"},
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
		r := &recorder{}
		family := &dto.MetricFamily{Name: proto.String("x"), Type: kind.Enum(), Metric: []*dto.Metric{m}}
		require.NoError(t, walkFamilies([]*dto.MetricFamily{family}, model.UTF8Validation, r))
		assert.Contains(t, r.lines[1], " stale")
	}
	f(dto.MetricType_COUNTER, &dto.Metric{Counter: &dto.Counter{Value: stale}})
	f(dto.MetricType_GAUGE, &dto.Metric{Gauge: &dto.Gauge{Value: stale}})
	f(dto.MetricType_SUMMARY, &dto.Metric{Summary: &dto.Summary{SampleSum: stale}})
	f(dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{SampleSum: stale}})
	f(dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{SampleCountFloat: stale,
		Bucket: []*dto.Bucket{{UpperBound: proto.Float64(1), CumulativeCountFloat: stale}}}})
}

// badProtobufCases serve TestDecodeProtobufErrors, and as seeds of FuzzDecode.
var badProtobufCases = []struct{ name, family, want string }{
	{"empty metric name", `type:GAUGE metric:{gauge:{}}`, `metric name "" is not valid (name_validation is utf8)`},
	{"empty label name", `name:"a" type:GAUGE metric:{gauge:{} label:{value:"v"}}`, `a: label name "" is not valid (name_validation is utf8)`},
	{"too many labels", `name:"a" metric:{` + strings.Repeat(`label:{name:"l"}`, maxLabels+1) + ` counter:{}}`, `a: more than 256 labels`},
	{"too many labels of an exemplar", `name:"a" metric:{counter:{exemplar:{` + strings.Repeat(`label:{name:"l"}`, maxLabels+1) + `}}}`,
		`a: exemplar: more than 256 labels`},
	{"a bad point names its series", `name:"a" metric:{label:{name:"l" value:"v"} gauge:{}}`, `a{l="v"}: it is a counter, but a point of it has no counter value`},
	{"gauge histogram", `name:"a" type:GAUGE_HISTOGRAM metric:{}`, `metric "a": its type (GAUGE_HISTOGRAM) cannot be translated to OTLP`},
	{"value of another type", `name:"a" type:GAUGE metric:{counter:{}}`, `a: it is a gauge, but a point of it has no gauge value`},
	{"no value", `name:"a" type:HISTOGRAM metric:{}`, `a: it is a histogram, but a point of it has no histogram value`},
	{"float native histogram", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:1.5 positive_span:{length:1} positive_count:1.5}}`,
		`a: it is a native histogram with float counts; OTLP has integer counts only`},
	{"negative float count", `name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:-1}}`,
		`a: its count is -1; it must be a whole number from 0 to 2^64`},
	{"custom buckets without bounds", `name:"a" type:HISTOGRAM metric:{histogram:{schema:-53 positive_span:{length:1} positive_delta:7}}`,
		`a: it is a native histogram with custom buckets, whose bounds this format does not have`},
	{"created with nanoseconds that are none", `name:"a" metric:{counter:{created_timestamp:{seconds:1 nanos:-5}}}`, `a: timestamp is not valid: `},
	{"created before 1970", `name:"a" metric:{counter:{created_timestamp:{seconds:-1}}}`,
		`a: timestamp -1 s is outside the years 1970 to 2262, which OTLP can express`},
	{"exemplar timestamp out of range", `name:"a" metric:{counter:{exemplar:{timestamp:{seconds:9223372036}}}}`,
		`a: exemplar: timestamp 9223372036 s is outside the years 1970 to 2262, which OTLP can express`},
}

func TestDecodeProtobufErrors(t *testing.T) {
	good := delimited(t, `name:"good" type:GAUGE metric:{gauge:{}}`)
	for _, tc := range badProtobufCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(good+delimited(t, tc.family), Protobuf)
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			require.ErrorContains(t, err, "cannot decode protobuf at byte 13: "+tc.want)
			assert.Equal(t, int64(len(good)), e.Offset)
		})
	}
}

func TestBrokenProtobuf(t *testing.T) {
	good := delimited(t, `name:"good" type:GAUGE metric:{gauge:{}}`)
	length := func(n uint64) string { return string(binary.AppendUvarint(nil, n)) }
	f := func(body, want string) {
		t.Helper()
		_, err := decode(body, Protobuf)
		assert.ErrorContains(t, err, want)
	}
	f(length(1<<62)+good, "at byte 0: the body ends before the message does")
	f(length(3<<30)+good, "at byte 0: the body ends before the message does")
	f(length(math.MaxUint64), "at byte 0: the body ends before the message does")
	f(good+good[:5], "at byte 13: the body ends before the message does")
	f(good+"\x80", "at byte 13: ")
	f(strings.Repeat("\xff", 20), "at byte 0: ")
	f("\x02\x0a\x05", "at byte 0: ")
	f("a 1\n", "at byte 0: ")

	unknownType := append([]byte{}, "\x0a\x01a\x18\x63\x22\x00"...)
	f(length(uint64(len(unknownType)))+string(unknownType), `metric "a": its type (99) cannot be translated to OTLP`)
	notUTF8 := append([]byte{}, "\x0a\x01\xff\x22\x00"...)
	f(length(uint64(len(notUTF8)))+string(notUTF8), `metric name "\xff" is not valid`)
}

// FuzzDecode looks for panics, and for errors that are not a SyntaxError or are too long for a user.
func FuzzDecode(f *testing.F) {
	for _, tc := range textCases {
		f.Add(tc.body, false)
	}
	for _, tc := range badTextCases {
		f.Add(tc.body, false)
	}
	for _, tc := range protobufCases {
		f.Add(delimited(f, tc.families...), true)
	}
	for _, tc := range badProtobufCases {
		f.Add(delimited(f, tc.family), true)
	}
	f.Fuzz(func(t *testing.T, body string, isProtobuf bool) {
		format := Text
		if isProtobuf {
			format = Protobuf
		}
		_, err := decode(body, format)
		if err != nil {
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			assert.Less(t, len(err.Error()), 1000)
		}
	})
}

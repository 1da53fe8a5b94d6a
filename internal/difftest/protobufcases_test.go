package difftest

import (
	"encoding/binary"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// acceptedProtobuf are bodies of protobuf that client_model and we accept. They are seeds of FuzzProtobuf too.
var acceptedProtobuf = []protobufCase{
	{"an empty body is an empty push", nil},
	{"a family without points", []string{`name:"a" type:GAUGE`}},
	{"a family without points whose help is not UTF-8", []string{`name:"a" help:"\377"`}},
	{"counter with all that it can have", []string{`name:"a" help:"A." unit:"bytes" type:COUNTER metric:{label:{name:"l" value:"v"}
		timestamp_ms:1700000000123 counter:{value:1 created_timestamp:{seconds:1600000000 nanos:5}
		exemplar:{label:{name:"trace_id" value:"x"} value:0.5 timestamp:{seconds:1600000001}}}}`}},
	{"type that is not set", []string{`name:"a" metric:{counter:{value:1}}`}},
	{"families in any order", []string{`name:"b" type:UNTYPED metric:{untyped:{value:1}}`, `name:"a" type:GAUGE metric:{gauge:{}}`}},
	{"a family in several messages", []string{`name:"a" type:GAUGE metric:{gauge:{value:1}}`, `name:"b" metric:{counter:{}}`,
		`name:"a" type:GAUGE metric:{gauge:{value:2}}`, `name:"a" type:GAUGE help:"x" metric:{gauge:{value:3}}`}},
	{"help and unit in later messages", []string{`name:"a" metric:{counter:{}}`, `name:"a" help:"x" metric:{counter:{}}`,
		`name:"b" metric:{counter:{}}`, `name:"a" help:"y" unit:"z" metric:{counter:{}}`}},
	{"special values", []string{`name:"a" type:GAUGE metric:{gauge:{value:nan}} metric:{gauge:{value:inf}} metric:{gauge:{value:-inf}}
		metric:{gauge:{value:-0.0}} metric:{gauge:{value:5e-324}}`}},
	{"UTF-8 names", []string{`name:"ä b" metric:{label:{name:"ö" value:"\"\n"} counter:{}}`}},
	{"empty label values", []string{`name:"a" metric:{label:{name:"l"} label:{name:"m" value:""} counter:{}}`}},
	{"labels in any order and number", []string{`name:"a" metric:{label:{name:"b" value:"1"} label:{name:"a" value:"2"} counter:{}}
		metric:{label:{name:"a" value:"1"} label:{name:"b"} counter:{}} metric:{counter:{}} metric:{label:{name:"b"} counter:{}}`}},
	{"values of several types", []string{`name:"a" type:UNTYPED metric:{gauge:{value:1} counter:{value:2} untyped:{value:3}
		summary:{sample_sum:4} histogram:{sample_sum:5}}`}},
	{"a gauge beside a counter with a created timestamp", []string{`name:"a" type:GAUGE metric:{gauge:{} counter:{created_timestamp:{seconds:5}}}`}},
	{"summary", []string{`name:"s" type:SUMMARY metric:{summary:{sample_count:3 sample_sum:4 quantile:{quantile:0.5 value:2}
		quantile:{} created_timestamp:{seconds:1}}} metric:{summary:{}}`}},
	{"classic histogram", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:3 sample_sum:4 bucket:{upper_bound:1 cumulative_count:2
		exemplar:{value:0.5}} bucket:{upper_bound:inf cumulative_count:3} bucket:{} created_timestamp:{nanos:1}}}`}},
	{"histogram without count", []string{`name:"h" type:HISTOGRAM metric:{histogram:{}} metric:{histogram:{bucket:{upper_bound:inf cumulative_count:3}}}
		metric:{histogram:{bucket:{upper_bound:1 cumulative_count:3}}}`}},
	{"histogram with bounds in any order, and NaN", []string{`name:"h" type:HISTOGRAM metric:{histogram:{bucket:{upper_bound:2 cumulative_count:5}
		bucket:{upper_bound:nan cumulative_count:3} bucket:{upper_bound:1}}}`}},
	{"whole float counts", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count_float:7 bucket:{upper_bound:1}
		bucket:{upper_bound:2 cumulative_count_float:4} bucket:{upper_bound:3 cumulative_count:5}}}`}},
	{"float counts of zero", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 sample_count_float:0
		bucket:{upper_bound:1 cumulative_count:4 cumulative_count_float:0}}}`}},
	{"native histogram", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:300 sample_sum:4 schema:-4 zero_threshold:0.001 zero_count:1
		positive_span:{offset:-2 length:2} positive_delta:1 positive_delta:-1 negative_span:{offset:1000 length:1}
		negative_span:{length:1} negative_delta:500 negative_delta:-400 exemplars:{value:1} exemplars:{value:2 label:{name:"l"}}}}`}},
	{"native and classic histogram", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:3 schema:3 positive_span:{length:1} positive_delta:3
		bucket:{upper_bound:1 cumulative_count:2 exemplar:{value:0.5}}}}`}},
	{"native histogram without observations", []string{`name:"h" type:HISTOGRAM metric:{histogram:{schema:3 positive_span:{}}}
		metric:{histogram:{schema:3 zero_threshold:1}} metric:{histogram:{schema:3}}`}},
	{"native, then classic histogram", []string{`name:"h" type:HISTOGRAM metric:{histogram:{schema:3 zero_count:1 sample_count:1}}
		metric:{histogram:{sample_count:1 bucket:{upper_bound:1 cumulative_count:1}}}`}},
	{"custom buckets beside classic ones", []string{`name:"h" type:HISTOGRAM metric:{histogram:{sample_count:7 schema:-53 positive_span:{length:1}
		positive_delta:7 bucket:{upper_bound:1 cumulative_count:7}}}`}},
	{"more labels than a metric should have", []string{`name:"a" metric:{` + protoLabels(260) + ` counter:{}}`}},
}

// refusedProtobuf are bodies of protobuf that neither client_model nor we accept. They are seeds of FuzzProtobuf too.
var refusedProtobuf = []protobufCase{
	{"empty metric name", []string{`type:GAUGE metric:{gauge:{}}`}},
	{"a message without a field", []string{``}},
	{"metric name that is not UTF-8", []string{`name:"\377" metric:{counter:{}}`}},
	{"empty label name", []string{`name:"a" metric:{counter:{} label:{value:"v"}}`}},
	{"label name that is not UTF-8", []string{`name:"a" metric:{counter:{} label:{name:"\377"}}`}},
	{"label value that is not UTF-8", []string{`name:"a" metric:{counter:{} label:{name:"l" value:"\377"}}`}},
	{"help that is not UTF-8", []string{`name:"a" help:"\377" metric:{counter:{}}`}},
	{"unit that is not UTF-8", []string{`name:"a" unit:"\377" metric:{counter:{}}`}},
	{"exemplar label without a name", []string{`name:"a" metric:{counter:{exemplar:{label:{value:"v"}}}}`}},
	{"exemplar label that is not UTF-8", []string{`name:"a" type:HISTOGRAM metric:{histogram:{bucket:{exemplar:{label:{name:"l" value:"\377"}}}}}`}},
	{"gauge histogram", []string{`name:"a" type:GAUGE_HISTOGRAM metric:{}`}},
	{"gauge histogram without points", []string{`name:"a" type:GAUGE_HISTOGRAM`}},
	{"value of another type", []string{`name:"a" type:GAUGE metric:{counter:{}}`}},
	{"no value", []string{`name:"a" type:HISTOGRAM metric:{}`}},
	{"no value in the second point", []string{`name:"a" type:SUMMARY metric:{summary:{}} metric:{}`}},
	{"a family of two types", []string{`name:"a" type:GAUGE metric:{gauge:{}}`, `name:"a" metric:{counter:{}}`}},
	{"float native histogram", []string{`name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:1.5 positive_span:{length:1} positive_count:1.5}}`}},
	{"float zero bucket", []string{`name:"a" type:HISTOGRAM metric:{histogram:{zero_count_float:1}}`}},
	{"fractional count", []string{`name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:1.5}}`}},
	{"fractional bucket", []string{`name:"a" type:HISTOGRAM metric:{histogram:{bucket:{cumulative_count_float:1.5}}}`}},
	{"count that is NaN", []string{`name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:nan}}`}},
	{"huge count", []string{`name:"a" type:HISTOGRAM metric:{histogram:{sample_count_float:18446744073709551616}}`}},
	{"custom buckets without bounds", []string{`name:"a" type:HISTOGRAM metric:{histogram:{schema:-53 positive_span:{length:1} positive_delta:7}}`}},
	{"timestamp zero", []string{`name:"a" metric:{timestamp_ms:0 counter:{}}`}},
	{"timestamp before 1970", []string{`name:"a" metric:{timestamp_ms:-1 counter:{}}`}},
	{"timestamp after 2262", []string{`name:"a" metric:{timestamp_ms:9223372036855 counter:{}}`}},
	{"created with negative nanoseconds", []string{`name:"a" metric:{counter:{created_timestamp:{seconds:1 nanos:-5}}}`}},
	{"created with a second of nanoseconds", []string{`name:"a" metric:{counter:{created_timestamp:{nanos:1000000000}}}`}},
	{"created after 2262", []string{`name:"a" metric:{counter:{created_timestamp:{seconds:9223372036}}}`}},
	{"created before 1970, of another type", []string{`name:"a" type:GAUGE metric:{gauge:{} counter:{created_timestamp:{seconds:-1}}}`}},
	{"exemplar after 2262", []string{`name:"a" metric:{counter:{exemplar:{timestamp:{seconds:9223372036}}}}`}},
}

// differingProtobuf are bodies that client_model accepts and we refuse: at least one for each of protobufDifferences.
var differingProtobuf = []protobufCase{
	{"label twice", []string{`name:"a" metric:{counter:{} label:{name:"l" value:"1"} label:{name:"l" value:"2"}}`}},
	{"label twice behind a good point", []string{`name:"a" metric:{counter:{} label:{name:"l"} label:{name:"m"}}
		metric:{counter:{} label:{name:"l"} label:{name:"m"} label:{name:"l"}}`}},
	{"label twice without a name before", []string{`name:"a" metric:{counter:{} label:{name:"l"} label:{name:"m"}}
		metric:{counter:{} label:{name:"l"}} metric:{counter:{} label:{name:"l"} label:{name:"l"}}`}},
	{"family with the name of a sum", []string{`name:"a" type:SUMMARY metric:{summary:{}}`, `name:"a_sum" metric:{counter:{}}`}},
	{"family with the name of a bucket", []string{`name:"a_bucket" metric:{counter:{}}`, `name:"a" type:HISTOGRAM metric:{histogram:{}}`}},
}

func protoLabels(n int) string {
	var b strings.Builder
	for _, l := range strings.Split(strings.TrimSuffix(manyLabels(n), ","), ",") {
		b.WriteString(`label:{name:"` + l[:strings.IndexByte(l, '=')] + `"} `)
	}
	return b.String()
}

// message returns a message with its length in front.
func protoMessage(fields ...string) string { return lengthOf(strings.Join(fields, "")) }

func lengthOf(s string) string { return string(binary.AppendUvarint(nil, uint64(len(s)))) + s }

// bytesField, varintField and doubleField return fields of a message.
func bytesField(number protowire.Number, parts ...string) string {
	return string(protowire.AppendTag(nil, number, protowire.BytesType)) + lengthOf(strings.Join(parts, ""))
}

func varintField(number protowire.Number, v uint64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v))
}

func doubleField(number protowire.Number, v float64) string {
	return string(protowire.AppendFixed64(protowire.AppendTag(nil, number, protowire.Fixed64Type), math.Float64bits(v)))
}

package protocol

import (
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const gaugeType = dto.MetricType_GAUGE

func family(name string, metricType dto.MetricType, metrics ...*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: proto.String(name), Type: metricType.Enum(), Metric: metrics}
}

func gauge(v float64, labels ...*dto.LabelPair) *dto.Metric {
	return &dto.Metric{Label: labels, Gauge: &dto.Gauge{Value: proto.Float64(v)}}
}

func pair(name, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)}
}

func bucket(bound float64, count uint64) *dto.Bucket {
	return &dto.Bucket{UpperBound: proto.Float64(bound), CumulativeCount: proto.Uint64(count)}
}

func protobufCases(t *testing.T) []protocolCase {
	pushed := func(body string) string {
		return push("/metrics/job/x/l/v", body, "Content-Type: "+testbed.ProtobufType)
	}
	page := func(families ...*dto.MetricFamily) string { return pushed(testbed.Protobuf(t, families...)) }
	const unknownType = dto.MetricType(17)
	m := family("m", gaugeType, gauge(1))
	untyped := &dto.MetricFamily{Name: proto.String("m"), Metric: []*dto.Metric{{Counter: &dto.Counter{Value: proto.Float64(1)}}}}
	helped := family("m", gaugeType, gauge(1))
	helped.Help = proto.String("help\xff")
	stamped := gauge(1)
	stamped.TimestampMs = proto.Int64(1_700_000_000_000)
	histogram := &dto.Histogram{SampleCount: proto.Uint64(3), SampleSum: proto.Float64(2), Bucket: []*dto.Bucket{bucket(1, 1), bucket(2, 2)}}
	falling := &dto.Histogram{SampleCount: proto.Uint64(3), SampleSum: proto.Float64(2), Bucket: []*dto.Bucket{bucket(1, 2), bucket(2, 1)}}
	summary := &dto.Summary{SampleCount: proto.Uint64(3), SampleSum: proto.Float64(2),
		Quantile: []*dto.Quantile{{Quantile: proto.Float64(0.5), Value: proto.Float64(1)}}}
	strange := &dto.Summary{SampleCount: proto.Uint64(3), Quantile: []*dto.Quantile{{Quantile: proto.Float64(1.5), Value: proto.Float64(1)}}}
	return []protocolCase{
		{name: "a gauge", request: page(m), want: taken(`m{job="x",l="v"} 1`)},
		{name: "labels", request: page(family("m", gaugeType, gauge(1, pair("b", "1"), pair("a", "2")))),
			want: taken(`m{a="2",b="1",job="x",l="v"} 1`)},
		{name: "labels that the path replaces",
			request: page(family("m", gaugeType, gauge(1, pair("job", "y"), pair("l", "w"), pair("e", "")))), want: taken(`m{job="x",l="v"} 1`)},
		{name: "a label twice", request: page(family("m", gaugeType, gauge(1, pair("a", "1"), pair("a", "2")))),
			want: refused(), says: `"a"`},
		{name: "a reserved label", request: page(family("m", gaugeType, gauge(1, pair("__a", "1")))), want: refused(), says: "reserved"},
		{name: "series twice", request: page(family("m", gaugeType, gauge(1), gauge(2))), want: refused(), says: "twice"},
		{name: "a timestamp", request: page(family("m", gaugeType, stamped)), to: closest, want: refused(), says: "timestamp"},
		{name: "a timestamp, kept", request: page(family("m", gaugeType, stamped)), because: timestamps,
			want: refused(), here: taken(`m{job="x",l="v"} 1`)},
		{name: "no type is a counter", request: page(untyped), want: taken(`m{job="x",l="v"} 1`)},
		{name: "a histogram without a bucket +Inf", request: page(family("m", dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: histogram})),
			want: taken(`m_bucket{job="x",l="v",le="1"} 1`, `m_bucket{job="x",l="v",le="2"} 2`,
				`m_bucket{job="x",l="v",le="+Inf"} 3`, `m_sum{job="x",l="v"} 2`, `m_count{job="x",l="v"} 3`)},
		{name: "a histogram whose counts fall", request: page(family("m", dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: falling})),
			because: gaps,
			want:    status(200), here: refused(), says: "bucket"},
		{name: "a summary", request: page(family("m", dto.MetricType_SUMMARY, &dto.Metric{Summary: summary})),
			want: taken(`m{job="x",l="v",quantile="0.5"} 1`, `m_sum{job="x",l="v"} 2`, `m_count{job="x",l="v"} 3`)},
		{name: "a summary with a quantile of 1.5", request: page(family("m", dto.MetricType_SUMMARY, &dto.Metric{Summary: strange})),
			because: gaps,
			want:    status(200), here: refused(), says: "quantile"},
		{name: "a gauge histogram", request: page(family("m", dto.MetricType_GAUGE_HISTOGRAM, &dto.Metric{Histogram: histogram})),
			because: gaps,
			want:    status(200), here: refused(), says: "cannot be translated", breaks: true},
		{name: "a name with a dot", request: page(family("a.b", gaugeType, gauge(1))), to: closest, because: protobufNames,
			want: brokenPage(200), here: refused(), says: `"a.b"`, breaks: true},
		{name: "a name with a dot, in UTF-8 names", request: page(family("a.b", gaugeType, gauge(1))), because: protobufNames,
			want: brokenPage(200), here: taken(`a.b{job="x",l="v"} 1`), breaks: true},
		{name: "an empty name", request: page(family("", gaugeType, gauge(1))), because: protobufNames,
			want: nothingArrives(), here: refused(), says: `metric name ""`, breaks: true},
		{name: "a name that is not UTF-8", request: page(family("m\xff", gaugeType, gauge(1))), because: protobufNames,
			want: brokenPage(200), here: refused(), says: `"m\xff" is not valid`, breaks: true},
		{name: "a label name with a dot", request: page(family("m", gaugeType, gauge(1, pair("a.b", "c")))), to: closest,
			want: refused(), says: `"a.b"`},
		{name: "an empty label name", request: page(family("m", gaugeType, gauge(1, pair("", "c")))), want: refused(), says: "label name"},
		{name: "a label value that is not UTF-8", request: page(family("m", gaugeType, gauge(1, pair("a", "\xff")))),
			want: refused(), says: `UTF-8`},
		{name: "a help text that is not UTF-8", request: page(helped), because: helpNotUTF8,
			want: taken(`m{job="x",l="v"} 1`), here: refused(), says: "UTF-8"},
		{name: "an unknown type", request: page(family("m", unknownType, gauge(1))), because: protobufNames,
			want: status(200), here: refused(), says: "17", breaks: true},
		{name: "a family without metrics", request: page(family("m", gaugeType)), want: nothingArrives()},
		{name: "a metric without a value", request: page(family("m", gaugeType, &dto.Metric{})), want: refused(), says: "gauge"},
		{name: "a metric with the value of another type", request: page(family("m", dto.MetricType_COUNTER, gauge(1))),
			want: refused(), says: "counter"},
		{name: "two families of one name", request: page(m, family("m", gaugeType, gauge(2, pair("a", "b")))), because: familiesOfName,
			want: taken(`m{a="b",job="x",l="v"} 2`), here: taken(`m{job="x",l="v"} 1`, `m{a="b",job="x",l="v"} 2`)},
		{name: "two families of one name, with one series", request: page(m, m), because: familiesOfName,
			want: taken(`m{job="x",l="v"} 1`), here: refused(), says: "twice"},
		{name: "two families of one name and two types", request: page(untyped, m), because: familiesOfName,
			want: taken(`m{job="x",l="v"} 1`), here: refused(), says: "it is a counter, and a gauge"},
		{name: "nothing", request: pushed(""), want: nothingArrives()},
		{name: "a message that is cut", request: pushed(testbed.Protobuf(t, m)[:5]), want: refused(), says: "at byte 0"},
		{name: "a length that is cut", request: pushed("\xff"), want: refused(), debian: nothingArrives(), says: "at byte 0"},
		{name: "a good message and a cut one", request: pushed(testbed.Protobuf(t, m) + "\x05a"), want: refused(), says: "at byte "},
		{name: "a message without length", request: pushed(testbed.Protobuf(t, m)[1:]), want: refused(), says: "cannot decode protobuf"},
		// 1.11.3 panics here, and drops the connection without an answer.
		{name: "a length of 2^62", request: pushed(string(protowire.AppendVarint(nil, 1<<62)) + "x"), breaks: true,
			want: refused(), says: "at byte 0"},
		{name: "text", request: pushed("m 1\n"), want: refused(), says: "cannot decode protobuf"},
	}
}

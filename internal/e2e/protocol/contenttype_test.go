package protocol

import (
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
	counterPage     = "# TYPE m counter\nm_total 1\n# EOF\n"
)

// protobufTypes are read as protobuf.
var protobufTypes = []string{
	testbed.ProtobufType,
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
	"application/vnd.google.protobuf; encoding=delimited; proto=io.prometheus.client.MetricFamily",
	`application/vnd.google.protobuf; proto="io.prometheus.client.MetricFamily"; encoding="delimited"`,
	"Application/VND.Google.Protobuf; Proto=io.prometheus.client.MetricFamily; ENCODING=delimited",
	"  application/vnd.google.protobuf ;  proto=io.prometheus.client.MetricFamily ;  encoding=delimited  ",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores; q=0.5",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited;",
	"application/vnd.google.protobuf\t;proto=io.prometheus.client.MetricFamily;\tencoding=delimited",
}

// textTypes are read as text, be it because that is what is read if nothing else is said.
var textTypes = []string{
	"", "text/plain", "text/plain; version=0.0.4", "text/plain; version=0.0.4; charset=utf-8", "text/plain; charset=latin1", "TEXT/PLAIN",
	"text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8", "text/plain;", "text/plain; version", ";", "/", "*/*", "nonsense",
	"text/plain, text/plain",
	"application/x-www-form-urlencoded", "application/json", "application/octet-stream", "multipart/form-data; boundary=x", "text/html",
	"application/vnd.google.protobuf",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily",
	"application/vnd.google.protobuf; encoding=delimited",
	"application/vnd.google.protobuf; proto=io.prometheus.client.metricfamily; encoding=delimited",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=Delimited",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=compact-text",
	"application/vnd.google.protobuf; proto=io.prometheus.client.Metric; encoding=delimited",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily, encoding=delimited",
	"application/x-protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
	"application/openmetrics-text2", "text/openmetrics-text",
}

// openMetricsTypes are read as OpenMetrics by this receiver.
var openMetricsTypes = []string{
	openMetricsType, "application/openmetrics-text", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text; version=2.0.0",
	"Application/OpenMetrics-Text; Version=1.0.0",
	" application/openmetrics-text ; charset=utf-8", "application/openmetrics-text; version", "application/openmetrics-text;",
}

func contentTypeCases(t *testing.T) []protocolCase {
	page := testbed.Protobuf(t, family("m", dto.MetricType_COUNTER, &dto.Metric{Counter: &dto.Counter{Value: proto.Float64(1)}}))
	var cases []protocolCase
	for _, contentType := range protobufTypes {
		cases = append(cases, protocolCase{name: "protobuf as " + contentType,
			request: push("/metrics/job/x", page, "Content-Type: "+contentType), want: taken(`m{job="x"} 1`)},
			protocolCase{name: "text as " + contentType, request: push("/metrics/job/x", "m 1\n", "Content-Type: "+contentType),
				want: refused(), says: "cannot decode protobuf"})
	}
	for _, contentType := range textTypes {
		cases = append(cases, protocolCase{name: "text as " + contentType,
			request: push("/metrics/job/x", "m 1\n", "Content-Type: "+contentType), want: taken(`m{job="x"} 1`)},
			protocolCase{name: "protobuf as " + contentType, request: push("/metrics/job/x", page, "Content-Type: "+contentType),
				want: refused(), says: "cannot decode text"})
	}
	for _, contentType := range openMetricsTypes {
		cases = append(cases, protocolCase{name: "OpenMetrics as " + contentType,
			request: push("/metrics/job/x", counterPage, "Content-Type: "+contentType),
			because: openMetrics, want: taken(`m_total{job="x"} 1`), here: taken(`m_total{job="x"} 1`)},
			protocolCase{name: "text as " + contentType, request: push("/metrics/job/x", "m 1\n", "Content-Type: "+contentType),
				because: openMetrics, want: taken(`m{job="x"} 1`), here: refused(), says: "# EOF"})
	}
	return append(cases, []protocolCase{
		// Go takes a parameter that is repeated with the same value since 1.20, so the Pushgateway's releases differ.
		{name: "a parameter twice", request: push("/metrics/job/x", page, "Content-Type: "+testbed.ProtobufType+"; encoding=delimited"),
			want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "a parameter twice, with two values", request: push("/metrics/job/x", page, "Content-Type: "+testbed.ProtobufType+"; encoding=text"),
			want: refused(), says: "cannot decode text"},
		{name: "no type", request: push("/metrics/job/x", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "no type, protobuf", request: push("/metrics/job/x", page), want: refused(), says: "cannot decode text"},
		{name: "no type, OpenMetrics", request: push("/metrics/job/x", counterPage), want: taken(`m_total{job="x"} 1`)},
		{name: "two types: the first counts",
			request: push("/metrics/job/x", page, "Content-Type: "+testbed.ProtobufType, "Content-Type: text/plain"), want: taken(`m{job="x"} 1`)},
		{name: "two types: the second does not count",
			request: push("/metrics/job/x", "m 1\n", "Content-Type: text/plain", "Content-Type: "+testbed.ProtobufType), want: taken(`m{job="x"} 1`)},
		{name: "the header in small letters", request: push("/metrics/job/x", page, "content-type: "+testbed.ProtobufType),
			want: taken(`m{job="x"} 1`)},
		{name: "Accept says nothing", request: push("/metrics/job/x", "m 1\n", "Accept: "+testbed.ProtobufType), want: taken(`m{job="x"} 1`)},
	}...)
}

package exposition

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFormatOf(t *testing.T) {
	f := func(contentType string, want Format) {
		t.Helper()
		assert.Equal(t, want, FormatOf(contentType), contentType)
	}
	f("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", Protobuf)
	f(`Application/Vnd.Google.Protobuf;ENCODING="delimited";Proto=io.prometheus.client.MetricFamily`, Protobuf)
	f("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=values", Protobuf)
	f("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text", Text)
	f("application/vnd.google.protobuf; proto=io.prometheus.client.metricfamily; encoding=delimited", Text)
	f("application/vnd.google.protobuf", Text)
	f("text/plain; version=0.0.4; charset=utf-8", Text)
	f("application/x-www-form-urlencoded", Text)
	f("application/json", Text)
	f("no media type; at all;;", Text)
	f("", Text)
}

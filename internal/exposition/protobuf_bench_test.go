package exposition

import (
	"fmt"
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"
)

// BenchmarkProtobuf decodes bodies like those of a page of metrics into a sink that does nothing:
//
//	go test ./internal/exposition -run '^$' -bench BenchmarkProtobuf
func BenchmarkProtobuf(b *testing.B) {
	f := func(name string, families ...*dto.MetricFamily) {
		b.Run(name, func(b *testing.B) { benchmarkProtobuf(b, families) })
	}
	var simple []*dto.MetricFamily
	for i := range 150 {
		simple = append(simple, benchFamily(i, dto.MetricType_GAUGE, 4, 3), benchFamily(i, dto.MetricType_COUNTER, 4, 3))
	}
	var histograms []*dto.MetricFamily
	for i := range 30 {
		histograms = append(histograms, benchFamily(i, dto.MetricType_HISTOGRAM, 3, 3))
	}
	f("simple", simple...)
	f("histograms", histograms...)
	f("summaries", benchFamily(0, dto.MetricType_SUMMARY, 100, 3))
	f("page", append(simple, histograms...)...)
	f("one family of 4 labels", benchFamily(0, dto.MetricType_COUNTER, 10_000, 4))
}

func benchmarkProtobuf(b *testing.B, families []*dto.MetricFamily) {
	var body strings.Builder
	metrics := 0
	for _, family := range families {
		_, err := protodelim.MarshalTo(&body, family)
		require.NoError(b, err)
		metrics += len(family.Metric)
	}
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	o := Options{Format: Protobuf, NameValidation: model.UTF8Validation}
	for b.Loop() {
		if err := Decode(body.String(), o, nopSink{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*metrics), "ns/metric")
}

func benchFamily(number int, t dto.MetricType, metrics, labels int) *dto.MetricFamily {
	family := &dto.MetricFamily{
		Name: proto.String(fmt.Sprintf("service_%s_%d_total", strings.ToLower(t.String()), number)),
		Help: proto.String("The number of things that were done since the process began."),
		Type: t.Enum(),
	}
	for i := range metrics {
		m := &dto.Metric{}
		for j := range labels {
			name := [...]string{"code", "handler", "method", "zone"}[j]
			m.Label = append(m.Label, &dto.LabelPair{Name: &name, Value: proto.String(fmt.Sprintf("value-%d-%d", j, i))})
		}
		value := proto.Float64(float64(number) * 1.5)
		switch t {
		case dto.MetricType_GAUGE:
			m.Gauge = &dto.Gauge{Value: value}
		case dto.MetricType_COUNTER:
			m.Counter = &dto.Counter{Value: value}
		case dto.MetricType_SUMMARY:
			m.Summary = &dto.Summary{SampleCount: proto.Uint64(1000), SampleSum: value}
			for _, q := range []float64{0.5, 0.9, 0.99} {
				m.Summary.Quantile = append(m.Summary.Quantile, &dto.Quantile{Quantile: proto.Float64(q), Value: value})
			}
		case dto.MetricType_HISTOGRAM:
			m.Histogram = &dto.Histogram{SampleCount: proto.Uint64(1000), SampleSum: value}
			for j := range 12 {
				m.Histogram.Bucket = append(m.Histogram.Bucket, &dto.Bucket{
					UpperBound: proto.Float64(math.Ldexp(0.005, j)), CumulativeCount: proto.Uint64(uint64(80 * j)),
				})
			}
		}
		family.Metric = append(family.Metric, m)
	}
	return family
}

type nopSink struct{}

func (nopSink) Family(*Family) error { return nil }

func (nopSink) Point(*Point) error { return nil }

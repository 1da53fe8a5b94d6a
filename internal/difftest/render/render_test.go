package render_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/difftest/render"
)

const (
	second   = pcommon.Timestamp(1_000_000_000)
	received = 1_750_000_000*second + second/4
)

// TestLines has one metric of each kind, in an order that is not that of the lines.
func TestLines(t *testing.T) {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	resource.Resource().Attributes().PutStr("k8s.pod.name", "p")
	resource.Resource().Attributes().PutStr("a", `"`)
	scope := resource.ScopeMetrics().AppendEmpty()
	scope.Scope().SetName("lib")
	scope.Scope().SetVersion("1.0")
	addSummary(scope.Metrics().AppendEmpty())
	addSum(scope.Metrics().AppendEmpty())
	addHistograms(scope.Metrics())
	addGauges(scope.Metrics())
	want := `
resource {a="\"",k8s.pod.name="p"}
scope "lib" "1.0" {}
# c_total sum monotonic cumulative unit="s" metadata={prometheus.type="counter"} description="two\nlines"
c_total{a="1",b="2"} start=1750000000.25 at=1 value=5 exemplars=[{l="v"} at=2.5 trace=01000000000000000000000000000000 span=0200000000000000 value=3]
# e exponential-histogram cumulative unit="" metadata={} description=""
e{} count=4 sum=1.5 scale=3 zero=1 threshold=0.25 positive=-2:[1 0 2]
# g gauge unit="" metadata={} description=""
g{i="0"} int=-1
g{i="1"} value=NaN
g{i="2"} no-recorded-value
# h histogram cumulative unit="" metadata={} description=""
h{} count=3 bounds=[0.5 1] counts=[0 1 2]
# s summary unit="" metadata={} description=""
s{} count=2 sum=3 quantiles=[0.5:1 0.99:+Inf]
`
	assert.Equal(t, strings.TrimPrefix(want, "\n"), render.Lines(metrics))
}

func addSum(m pmetric.Metric) {
	m.SetName("c_total")
	m.SetUnit("s")
	m.SetDescription("two\nlines")
	m.Metadata().PutStr("prometheus.type", "counter")
	m.SetEmptySum().SetIsMonotonic(true)
	m.Sum().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	dp := m.Sum().DataPoints().AppendEmpty()
	dp.Attributes().PutStr("b", "2")
	dp.Attributes().PutStr("a", "1")
	dp.SetStartTimestamp(received)
	dp.SetTimestamp(second)
	dp.SetDoubleValue(5)
	e := dp.Exemplars().AppendEmpty()
	e.FilteredAttributes().PutStr("l", "v")
	e.SetTimestamp(second * 5 / 2)
	e.SetTraceID(pcommon.TraceID{1})
	e.SetSpanID(pcommon.SpanID{2})
	e.SetDoubleValue(3)
}

func addSummary(m pmetric.Metric) {
	m.SetName("s")
	dp := m.SetEmptySummary().DataPoints().AppendEmpty()
	dp.SetCount(2)
	dp.SetSum(3)
	dp.QuantileValues().AppendEmpty().SetQuantile(0.5)
	dp.QuantileValues().At(0).SetValue(1)
	dp.QuantileValues().AppendEmpty().SetQuantile(0.99)
	dp.QuantileValues().At(1).SetValue(math.Inf(1))
}

func addHistograms(metrics pmetric.MetricSlice) {
	m := metrics.AppendEmpty()
	m.SetName("h")
	m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	h := m.Histogram().DataPoints().AppendEmpty()
	h.SetCount(3)
	h.ExplicitBounds().FromRaw([]float64{0.5, 1})
	h.BucketCounts().FromRaw([]uint64{0, 1, 2})

	m = metrics.AppendEmpty()
	m.SetName("e")
	m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	e := m.ExponentialHistogram().DataPoints().AppendEmpty()
	e.SetCount(4)
	e.SetSum(1.5)
	e.SetScale(3)
	e.SetZeroCount(1)
	e.SetZeroThreshold(0.25)
	e.Positive().SetOffset(-2)
	e.Positive().BucketCounts().FromRaw([]uint64{1, 0, 2})
	e.Negative().SetOffset(7) // without counts it says nothing
}

// addGauges adds two metrics that differ in nothing but their datapoints.
func addGauges(metrics pmetric.MetricSlice) {
	m := metrics.AppendEmpty()
	m.SetName("g")
	stale := m.SetEmptyGauge().DataPoints().AppendEmpty()
	stale.Attributes().PutStr("i", "2")
	stale.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))

	m = metrics.AppendEmpty()
	m.SetName("g")
	float := m.SetEmptyGauge().DataPoints().AppendEmpty()
	float.Attributes().PutStr("i", "1")
	float.SetDoubleValue(math.NaN())
	integer := m.Gauge().DataPoints().AppendEmpty()
	integer.Attributes().PutStr("i", "0")
	integer.SetIntValue(-1)
}

func TestNormalize(t *testing.T) {
	metrics := pmetric.NewMetrics()
	for _, job := range []string{"x", "other"} {
		resource := metrics.ResourceMetrics().AppendEmpty()
		resource.Resource().Attributes().PutStr("service.name", job)
		resource.Resource().Attributes().PutStr("service.instance.id", job+"-1")
		scope := resource.ScopeMetrics().AppendEmpty()
		scope.Scope().SetName("ours")
		scope.Scope().SetVersion("1")
		m := scope.Metrics().AppendEmpty()
		m.SetName("c")
		m.SetEmptySum()
		for i, at := range []pcommon.Timestamp{received, received + second} {
			dp := m.Sum().DataPoints().AppendEmpty()
			dp.Attributes().PutInt("i", int64(i))
			dp.SetTimestamp(at)
			dp.SetStartTimestamp(second + 1_999_990) // what floats make of 1.002
			dp.Exemplars().AppendEmpty().SetTimestamp(at)
		}
	}
	render.Normalize(metrics, render.Origin{Job: "x", Instance: "x-1", Scope: "ours", Received: received})
	c := `# c sum non-monotonic unspecified unit="" metadata={} description=""
c{i="0"} start=1.002 exemplars=[{}]
c{i="1"} start=1.002 at=1750000001.25 exemplars=[{} at=1750000001.25]
`
	assert.Equal(t, c+`resource {service.instance.id="other-1",service.name="other"}`+"\n"+c, render.Lines(metrics))
}

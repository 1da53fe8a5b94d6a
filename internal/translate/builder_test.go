package translate_test

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// attributes returns the attributes of the resource and of the first datapoint, which must be that of a gauge.
func attributes(t *testing.T, metrics pmetric.Metrics) (resource, datapoint map[string]any) {
	require.Positive(t, metrics.DataPointCount())
	return metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw(), firstGauge(metrics).Attributes().AsRaw()
}

func firstGauge(metrics pmetric.Metrics) pmetric.NumberDataPoint {
	return firstMetric(metrics).Gauge().DataPoints().At(0)
}

func firstMetric(metrics pmetric.Metrics) pmetric.Metric {
	return metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
}

func TestGroupingLabels(t *testing.T) {
	const path = "job/x/instance/i/l/path/m@base64/="
	const body = `a{job="body",instance="body",l="body",m="body",n="body"} 1` + "\n"
	f := func(placement translate.Placement, wantResource, wantDatapoint map[string]any) {
		t.Helper()
		o := defaults()
		o.GroupingLabels = placement
		metrics, err := build(body, exposition.Text, path, o)
		require.NoError(t, err)
		resource, datapoint := attributes(t, metrics)
		assert.Equal(t, wantResource, resource)
		assert.Equal(t, wantDatapoint, datapoint)
	}
	f(translate.OnBoth,
		map[string]any{"service.name": "x", "service.instance.id": "i", "l": "path"}, map[string]any{"l": "path", "n": "body"})
	f(translate.OnResource,
		map[string]any{"service.name": "x", "service.instance.id": "i", "l": "path"}, map[string]any{"n": "body"})
	f(translate.OnDatapoints,
		map[string]any{"service.name": "x", "service.instance.id": "i"}, map[string]any{"l": "path", "n": "body"})
}

func TestInstance(t *testing.T) {
	f := func(path string, wantResource, wantDatapoint map[string]any) {
		t.Helper()
		metrics, err := build("a{instance=\"body\"} 1\n", exposition.Text, path, defaults())
		require.NoError(t, err)
		resource, datapoint := attributes(t, metrics)
		assert.Equal(t, wantResource, resource)
		assert.Equal(t, wantDatapoint, datapoint)
	}
	f("job/x", map[string]any{"service.name": "x"}, map[string]any{"instance": "body"})
	f("job/x/instance/i", map[string]any{"service.name": "x", "service.instance.id": "i"}, map[string]any{})
	f("job/x/instance@base64/=", map[string]any{"service.name": "x"}, map[string]any{}) // the path says that there is none
}

func TestTargetInfoLosesAgainstThePath(t *testing.T) {
	o := defaults()
	o.GroupingLabels = translate.OnDatapoints
	metrics, err := build("target_info{l=\"body\",n=\"body\"} 1\na 1\n", exposition.Text, "job/x/l/path", o)
	require.NoError(t, err)
	resource, datapoint := attributes(t, metrics)
	assert.Equal(t, map[string]any{"service.name": "x", "n": "body"}, resource)
	assert.Equal(t, map[string]any{"l": "path"}, datapoint)
	assert.Equal(t, 1, metrics.MetricCount(), "target_info itself is not forwarded")
}

// A label may have the name of a resource attribute that exporters make job or instance of.
func TestJobAndInstanceComeFromThePathAlone(t *testing.T) {
	body := `{"target_info","service.name"="t","service.namespace"="t","service.instance.id"="t",n="t"} 1` + "\na 1\n"
	for _, placement := range []translate.Placement{translate.OnBoth, translate.OnResource, translate.OnDatapoints} {
		o := defaults()
		o.GroupingLabels = placement
		path := "job/x/service.name/l/service.namespace/l/service.instance.id/l"
		metrics, err := build(body, exposition.Text, path, o)
		require.NoError(t, err)
		resource, datapoint := attributes(t, metrics)
		assert.Equal(t, map[string]any{"service.name": "x", "n": "t"}, resource)
		assert.Equal(t, map[string]any{"service.name": "l", "service.namespace": "l", "service.instance.id": "l"}, datapoint)
	}
}

func TestTargetInfoOfOpenMetrics(t *testing.T) {
	metrics, err := build("# TYPE target info\ntarget_info{n=\"v\"} 1\n# TYPE a gauge\na 1\n# EOF\n", exposition.OpenMetrics, "job/x", defaults())
	require.NoError(t, err)
	resource, _ := attributes(t, metrics)
	assert.Equal(t, map[string]any{"service.name": "x", "n": "v"}, resource)
	assert.Equal(t, 1, metrics.MetricCount())
}

func TestTargetInfoIsChecked(t *testing.T) {
	o := defaults()
	o.Timestamps = translate.RejectTimestamps
	f := func(body, want string) {
		t.Helper()
		_, err := build(body, exposition.Text, "job/x", o)
		require.ErrorContains(t, err, want)
	}
	f("# TYPE target_info histogram\ntarget_info_count 3\n", "target_info: it must be a gauge or an info")
	f("# TYPE target_info counter\ntarget_info 3\n", "target_info: it must be a gauge or an info")
	f("target_info 1\ntarget_info 1\n", "target_info: it stands in it twice, but a push is of one target (line 2)")
	f("target_info{a=\"b\"} 1\ntarget_info{a=\"c\"} 1\n", `target_info{a="c"}: it stands in it twice, but a push is of one target`)
	f("target_info 1 1000\n", "target_info: pushed metrics must not have timestamps")
}

func TestScopeOfTheGroupingKey(t *testing.T) {
	metrics, err := build("a{otel_scope_name=\"body\"} 1\n", exposition.Text, "job/x/otel_scope_name/path", defaults())
	require.NoError(t, err)
	resource, datapoint := attributes(t, metrics)
	assert.Equal(t, map[string]any{"service.name": "x"}, resource)
	assert.Empty(t, datapoint)
	assert.Equal(t, "path", metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().Name())
}

func TestTimestamps(t *testing.T) {
	o := defaults()
	pushed := func() pcommon.Timestamp { return firstGauge(buildText(t, "a 1 1700000000123\n", o)).Timestamp() }
	assert.Equal(t, pcommon.Timestamp(1_700_000_000_123_000_000), pushed())
	o.Timestamps = translate.IgnoreTimestamps
	assert.Equal(t, pcommon.NewTimestampFromTime(received), pushed())
	o.Timestamps = translate.RejectTimestamps
	_, err := build("a{l=\"v\"} 1 1\n", exposition.Text, "job/x", o)
	require.EqualError(t, err, `pushed metrics are invalid or inconsistent: a{l="v"}: pushed metrics must not have timestamps (timestamps is reject) (line 1)`)
}

func TestTrimMetricSuffixes(t *testing.T) {
	o := defaults()
	o.TrimMetricSuffixes = true
	body := delimited(t, `name:"a_bytes_total" unit:"bytes" metric:{counter:{}}`, `name:"b_total" type:GAUGE metric:{gauge:{}}`)
	metrics, err := build(body, exposition.Protobuf, "job/x", o)
	require.NoError(t, err)
	all := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	assert.Equal(t, "a", all.At(0).Name())
	assert.Equal(t, "By", all.At(0).Unit())
	assert.Equal(t, "b_total", all.At(1).Name(), "a gauge has no type suffix")
}

func TestPushTimeSeconds(t *testing.T) {
	o := defaults()
	o.PushTimeMetrics = true
	metrics := buildText(t, "# TYPE push_time_seconds counter\npush_time_seconds 1\npush_failure_time_seconds 2\n", o)
	require.Equal(t, 1, metrics.DataPointCount(), "what was pushed under these names is replaced")
	m := firstMetric(metrics)
	assert.Equal(t, "push_time_seconds", m.Name())
	assert.Equal(t, "s", m.Unit())
	resource, datapoint := attributes(t, metrics)
	assert.Equal(t, map[string]any{"service.name": "x", "l": "v"}, resource)
	assert.Equal(t, map[string]any{"l": "v"}, datapoint)
	assert.InDelta(t, 1_750_000_000.25, firstGauge(metrics).DoubleValue(), 1e-6)
	assert.Equal(t, pcommon.NewTimestampFromTime(received), firstGauge(metrics).Timestamp())

	assert.Equal(t, 1, buildText(t, "# TYPE push_time_seconds summary\npush_time_seconds_count 1\n", o).DataPointCount())

	o.PushTimeMetrics = false
	metrics = buildText(t, "push_time_seconds 1\npush_failure_time_seconds 2\n", o)
	assert.Equal(t, 2, metrics.DataPointCount(), "they are ordinary metrics")
}

func TestPushFailure(t *testing.T) {
	key, err := groupingkey.Parse("job/x/l/v", groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(t, err)
	metrics := translate.PushFailure(key, received, defaults())
	require.Equal(t, 1, metrics.DataPointCount())
	assert.Equal(t, "push_failure_time_seconds", firstMetric(metrics).Name())
	assert.InDelta(t, 1_750_000_000.25, firstGauge(metrics).DoubleValue(), 1e-6)
	resource, datapoint := attributes(t, metrics)
	assert.Equal(t, map[string]any{"service.name": "x", "l": "v"}, resource)
	assert.Equal(t, map[string]any{"l": "v"}, datapoint)
}

func TestEmptyPushHasNoDatapoints(t *testing.T) {
	assert.Equal(t, 0, buildText(t, "", defaults()).DataPointCount())
	assert.Equal(t, 0, buildText(t, "target_info{a=\"b\"} 1\n", defaults()).DataPointCount())
}

const twice = "the same series (after the grouping labels have replaced those of the body) stands in it twice"

// inconsistentCases serve TestInconsistentPushes and TestRedactedErrorsHaveNothingOfTheBody.
var inconsistentCases = []struct{ name, body, want string }{
	{"a series twice", "a 1\na 2\n", "a: " + twice},
	{"a series twice with labels in another order", "a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n", `a{c="2",b="1"}: ` + twice},
	{"a series twice with different timestamps", "a 1 1\na 1 2\n", "a: " + twice},
	{"an empty label is no label", "a 1\na{m=\"\"} 2\n", "a: " + twice},
	{"series that the path makes the same", "a{l=\"1\"} 1\na{l=\"2\"} 2\n", "a: " + twice},
	{"a scope twice", "a{otel_scope_name=\"s\"} 1\na{otel_scope_name=\"s\"} 1\n", "a: " + twice},
	{"a reserved label", "a{__m=\"1\"} 1\n", `a{__m="1"}: label name "__m": names with __ in front are reserved`},
	{"summary without count", "# TYPE s summary\ns_sum 1\n", "s: the summary has no _count"},
	{"quantile out of range", "# TYPE s summary\ns{quantile=\"2\"} 1\ns_count 1\n", "s: quantile 2 is not between 0 and 1"},
	{"quantile twice", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.50\"} 1\ns_count 1\n", "s: quantile 0.5 stands in it twice"},
	{"histogram without count", "# TYPE h histogram\nh_bucket{a=\"b\",le=\"1\"} 1\n", `h{a="b"}: the histogram has neither a _count nor a +Inf bucket`},
}

func TestInconsistentPushes(t *testing.T) {
	const prefix = "pushed metrics are invalid or inconsistent: "
	for _, tc := range inconsistentCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := build(tc.body, exposition.Text, "job/x/l/v", defaults())
			var e *translate.InconsistentError
			require.ErrorAs(t, err, &e)
			require.EqualError(t, e, prefix+tc.want)
			if !strings.HasSuffix(tc.want, twice) { // that is known at the end only
				require.ErrorContains(t, err, prefix+tc.want+" (line ")
			}
		})
	}
}

func TestInconsistentProtobuf(t *testing.T) {
	f := func(want string, families ...string) {
		t.Helper()
		_, err := build(delimited(t, families...), exposition.Protobuf, "job/x/le/1", defaults())
		require.ErrorContains(t, err, want)
	}
	f(`metric "a": it is a counter, and a gauge`, `name:"a" metric:{counter:{}}`, `name:"a" type:GAUGE metric:{gauge:{}}`)
	f("stands in it twice", `name:"a" metric:{counter:{}}`, `name:"a" metric:{counter:{}}`)
	f(`it has label "m" twice`, `name:"a" metric:{label:{name:"m"} label:{name:"m"} counter:{}}`)
	f("a histogram cannot be pushed with a grouping label le", `name:"h" type:HISTOGRAM metric:{histogram:{}}`)
	_, err := build(delimited(t, `name:"h" type:HISTOGRAM metric:{histogram:{}}`), exposition.Protobuf, "job/x/le@base64/=", defaults())
	require.NoError(t, err, "an empty grouping label is none")
	f("a summary cannot have a label quantile of its own",
		`name:"s" type:SUMMARY metric:{label:{name:"quantile" value:"1"} summary:{}}`)
	f("label name \"__name__\": names with __ in front are reserved", `name:"a" metric:{label:{name:"__name__" value:"b"} counter:{}}`)
}

func TestTheSameFamilyTwiceIsOneMetric(t *testing.T) {
	body := delimited(t, `name:"a" metric:{label:{name:"m" value:"1"} counter:{}}`, `name:"a" help:"A." metric:{counter:{}}`)
	metrics, err := build(body, exposition.Protobuf, "job/x", defaults())
	require.NoError(t, err)
	assert.Equal(t, 1, metrics.MetricCount())
	assert.Equal(t, 2, metrics.DataPointCount())
	assert.Equal(t, "A.", firstMetric(metrics).Description())
}

func TestSeriesInMessagesIsCut(t *testing.T) {
	long := strings.Repeat("a", 1<<16)
	_, err := build(long+" 1\n"+long+" 1\n", exposition.Text, "job/x", defaults())
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 500)
}

// A Builder keeps strings, but must not keep the point or its slices: decoders reuse them.
func TestPointsAreNotKept(t *testing.T) {
	b := translate.NewBuilder(groupingkey.Key{Job: "x"}, defaults(), nil)
	require.NoError(t, b.Family(&exposition.Family{Name: "a"}))
	p := &exposition.Point{Labels: []exposition.Label{{Name: "z", Value: "1"}, {Name: "y", Value: "2"}}, Value: 1}
	require.NoError(t, b.Point(p))
	assert.Equal(t, "z", p.Labels[0].Name, "the input is not sorted in place")
	p.Labels[0], p.Labels[1], p.Value = exposition.Label{}, exposition.Label{}, 2
	require.NoError(t, b.Check())
	metrics := b.Metrics(received)
	assert.Equal(t, map[string]any{"z": "1", "y": "2"}, firstGauge(metrics).Attributes().AsRaw())
	assert.InDelta(t, 1, firstGauge(metrics).DoubleValue(), 0)
}

func TestInfoAndStateSetAreSumsThatAreNotMonotonic(t *testing.T) {
	for _, kind := range []exposition.Type{exposition.TypeInfo, exposition.TypeStateSet} {
		b := translate.NewBuilder(groupingkey.Key{Job: "x"}, defaults(), nil)
		require.NoError(t, b.Family(&exposition.Family{Name: "a", Type: kind}))
		require.NoError(t, b.Point(&exposition.Point{Value: 1}))
		require.NoError(t, b.Check())
		metrics := b.Metrics(received)
		m := firstMetric(metrics)
		require.Equal(t, pmetric.MetricTypeSum, m.Type())
		assert.False(t, m.Sum().IsMonotonic())
		metadata, _ := m.Metadata().Get("prometheus.type")
		assert.Equal(t, kind.String(), metadata.Str())
	}
}

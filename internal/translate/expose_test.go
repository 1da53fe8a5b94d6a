package translate_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// exposed returns what is exposed of a push, a line for each series, and the help text behind the name.
func exposed(t *testing.T, body string, format exposition.Format, path string, o translate.Options) []string {
	t.Helper()
	key, err := groupingkey.Parse(path, groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(t, err)
	b := translate.NewBuilder(key, o, nil)
	require.NoError(t, exposition.Decode(body, exposition.Options{Format: format, NameValidation: model.UTF8Validation}, b))
	require.NoError(t, b.Check())
	families, err := b.Families()
	require.NoError(t, err)
	var lines []string
	for i := range families {
		e, err := translate.Expose(&families[i], key)
		require.NoError(t, err)
		for s := range e.Samples() {
			lines = append(lines, fmt.Sprintf("%s %s %s%s %s", families[i].Type, e.Help, families[i].Name, labelsOf(s), valueOf(families[i].Type, s)))
		}
	}
	return lines
}

func labelsOf(s *translate.Sample) string {
	var labels []string
	for _, l := range s.Labels {
		labels = append(labels, fmt.Sprintf("%s=%q", l.Name, l.Value))
	}
	slices.Sort(labels)
	return "{" + strings.Join(labels, ",") + "}"
}

func valueOf(t exposition.Type, s *translate.Sample) string {
	sum := "none"
	if s.HasSum {
		sum = fmt.Sprint(s.Sum)
	}
	switch {
	case t == exposition.TypeSummary:
		return fmt.Sprint(s.Count, " ", sum, " ", s.Quantiles)
	case t == exposition.TypeHistogram && s.IsNative:
		return fmt.Sprint(s.Count, " ", sum, " ", s.Native)
	case t == exposition.TypeHistogram:
		return fmt.Sprint(s.Count, " ", sum, " ", s.Buckets)
	default:
		return fmt.Sprint(s.Value)
	}
}

func TestExpose(t *testing.T) {
	f := func(name, body string, format exposition.Format, path string, want ...string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			for _, placement := range []translate.Placement{translate.OnBoth, translate.OnResource, translate.OnDatapoints} {
				o := defaults()
				o.GroupingLabels, o.PushTimeMetrics, o.TrimMetricSuffixes = placement, true, true
				assert.Equal(t, want, exposed(t, body, format, path, o), "placement %d", placement)
			}
		})
	}
	const bare = `{instance="",job="x"} `
	f("types", "# HELP c_total Help.\n# TYPE c_total counter\nc_total 1\n# TYPE g gauge\ng NaN\nu +Inf\n", exposition.Text, "job/x",
		"counter Help. c_total"+bare+"1", "gauge  g"+bare+"NaN", "unknown  u"+bare+"+Inf")
	f("labels", "a{l=\"other\",m=\"1\",e=\"\",instance=\"other\"} 1\n", exposition.Text, "job/x/l/v/k/",
		`unknown  a{instance="other",job="x",k="",l="v",m="1"} 1`)
	f("instance", "a{instance=\"other\"} 1\n", exposition.Text, "job/x/instance/i", `unknown  a{instance="i",job="x"} 1`)
	f("scopes", "a{otel_scope_name=\"s\",otel_scope_version=\"1\",otel_scope_schema_url=\"u\",otel_scope_k=\"2\"} 1\na 2\n", exposition.Text, "job/x",
		`unknown  a{instance="",job="x",otel_scope_k="2",otel_scope_name="s",otel_scope_schema_url="u",otel_scope_version="1"} 1`, "unknown  a"+bare+"2")
	f("a scope in the path", "a 1\n", exposition.Text, "job/x/otel_scope_name/s", `unknown  a{instance="",job="x",otel_scope_name="s"} 1`)
	f("target", "target_info{version=\"1\"} 1\n", exposition.Text, "job/x", `unknown  target_info{instance="",job="x",version="1"} 1`)
	f("push times are ours", "push_time_seconds 1\n", exposition.Text, "job/x", nil...)
	f("a histogram", "# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"1\"} 1\nh_count 3\n", exposition.Text, "job/x",
		"histogram  h"+bare+"3 none [{0.5 1} {1 1} {+Inf 3}]")
	f("a summary", "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns_sum 3\ns_count 2\n", exposition.Text, "job/x", "summary  s"+bare+"2 3 [{0.5 NaN}]")
	f("an info and a state set", "# TYPE b info\nb_info{v=\"1\"} 1\n# TYPE p stateset\np{p=\"a\"} 1\n# EOF\n", exposition.OpenMetrics, "job/x",
		`info  b{instance="",job="x",v="1"} 1`, `stateset  p{instance="",job="x",p="a"} 1`)
	// The bounds are those that the Pushgateway 1.11.3 says.
	f("a native histogram", delimited(t, `name: "n" type: HISTOGRAM metric: {histogram: {
		sample_count: 9 sample_sum: 3.5 schema: 1 zero_threshold: 0.001 zero_count: 1
		positive_span: {offset: -2 length: 2} positive_span: {offset: 3 length: 1} positive_delta: 1 positive_delta: 1 positive_delta: -1
		negative_span: {offset: 0 length: 2} negative_delta: 3 negative_delta: -2}}`), exposition.Protobuf, "job/x",
		"histogram  n"+bare+"9 3.5 [{-1.414213562373095 -1 true false 1} {-1 -0.7071067811865475 true false 3} {-0.001 0.001 true true 1} "+
			"{0.35355339059327373 0.5 false true 1} {0.5 0.7071067811865475 false true 2} {2 2.82842712474619 false true 1}]")
}

func TestExposeStalenessMarkers(t *testing.T) {
	b := translate.NewBuilder(groupingkey.Key{Job: "x"}, defaults(), nil)
	for i, p := range []struct {
		t     exposition.Type
		point exposition.Point
	}{
		{exposition.TypeGauge, exposition.Point{}},
		{exposition.TypeSummary, exposition.Point{Summary: &exposition.Summary{Quantiles: []exposition.Quantile{{Quantile: 0.5}}}}},
		{exposition.TypeHistogram, exposition.Point{Histogram: &exposition.Histogram{Buckets: buckets(1, 2)}}},
	} {
		require.NoError(t, b.Family(&exposition.Family{Name: fmt.Sprint("m", i), Type: p.t, Index: i}))
		p.point.Stale = true
		require.NoError(t, b.Point(&p.point))
	}
	families, err := b.Families()
	require.NoError(t, err)
	var values []string
	for i := range families {
		e, err := translate.Expose(&families[i], groupingkey.Key{Job: "x"})
		require.NoError(t, err)
		for s := range e.Samples() {
			values = append(values, valueOf(families[i].Type, s))
		}
	}
	assert.Equal(t, []string{"NaN", "0 NaN [{0.5 NaN}]", "0 NaN [{1 0} {+Inf 0}]"}, values)
}

// The bounds of buckets have no error that is more than rounding, and no bucket ends in infinity.
func TestBoundsOfNativeBuckets(t *testing.T) {
	f := func(schema int32, index int64, lower, upper float64) {
		t.Helper()
		b := translate.NewBuilder(groupingkey.Key{Job: "x"}, defaults(), nil)
		require.NoError(t, b.Family(&exposition.Family{Name: "n", Type: exposition.TypeHistogram}))
		require.NoError(t, b.Point(&exposition.Point{Histogram: &exposition.Histogram{Count: 1, Native: &exposition.Native{
			Schema: schema, Positive: exposition.SparseBuckets{Spans: spans(index, 1), Deltas: []int64{1}},
		}}}))
		families, err := b.Families()
		require.NoError(t, err)
		e, err := translate.Expose(&families[0], groupingkey.Key{Job: "x"})
		require.NoError(t, err)
		for s := range e.Samples() {
			require.Len(t, s.Native, 1)
			assert.InEpsilon(t, lower, s.Native[0].Lower, 1e-15)
			assert.InEpsilon(t, upper, s.Native[0].Upper, 1e-15)
		}
	}
	f(0, 0, 0.5, 1)
	f(0, -3, 0.0625, 0.125)
	f(0, 1024, math.Ldexp(1, 1023), math.MaxFloat64)
	f(-4, 1, 1, 65536)
	f(-4, 64, math.Ldexp(1, 1008), math.MaxFloat64)
	f(3, 9, 2, math.Exp2(1.125))
	f(8, 1024<<8, math.Ldexp(math.Exp2(255.0/256), 1023), math.MaxFloat64)
	f(8, -255, math.Exp2(-1), math.Exp2(-255.0/256))
}

func TestDataThatCannotBeExposed(t *testing.T) {
	_, err := translate.Expose(&groups.Family{Name: "x", Data: []byte("x")}, groupingkey.Key{})
	require.Error(t, err)
}

func TestPushTimesOfAGroup(t *testing.T) {
	g := &groups.Group{Key: groupingkey.Key{Job: "x", Labels: []groupingkey.Label{{Name: "l", Value: "v"}}}, LastPush: time.Unix(1, 500_000_000)}
	times := translate.PushTimes(g)
	assert.Equal(t, `push_time_seconds{instance="",job="x",l="v"} 1.5`, times[0].Name+labelsOf(&times[0].Sample)+" "+valueOf(0, &times[0].Sample))
	assert.Equal(t, "push_failure_time_seconds 0", times[1].Name+" "+valueOf(0, &times[1].Sample))
	assert.NotEmpty(t, times[0].Help)
}

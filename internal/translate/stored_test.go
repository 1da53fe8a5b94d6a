package translate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// What is in a storage may be of somebody else.
func TestStoredFamiliesThatAreNone(t *testing.T) {
	f := func(want string, fill func(pmetric.Metrics, pmetric.Metric)) {
		t.Helper()
		metrics := pmetric.NewMetrics()
		fill(metrics, metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty())
		data, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(metrics)
		require.NoError(t, err)
		stored := &groups.Group{Key: groupingkey.Key{Job: "j"}, Families: []groups.Family{{Name: "x", Data: data}}}
		require.EqualError(t, translate.SetSeries(stored), want)
	}
	f("it has no data", func(pmetric.Metrics, pmetric.Metric) {})
	f("it is of 2 resources", func(all pmetric.Metrics, m pmetric.Metric) {
		m.SetEmptyGauge()
		all.ResourceMetrics().AppendEmpty()
	})
	f("its scale is -2147483648", func(_ pmetric.Metrics, m pmetric.Metric) {
		m.SetEmptyExponentialHistogram().DataPoints().AppendEmpty().SetScale(-1 << 31)
	})
	require.Error(t, translate.SetSeries(&groups.Group{Families: []groups.Family{{Data: []byte("no protobuf")}}}))
}

// Two datapoints are of one series if Prometheus sees the same name and labels, wherever they come from.
func TestSeries(t *testing.T) {
	hashes := func(path, body string, o translate.Options) map[uint64]bool {
		g, _ := hold(t, body, exposition.Text, path, o)
		all := map[uint64]bool{}
		for _, f := range g.Families {
			for _, s := range f.Series {
				all[s.Hash] = true
			}
		}
		return all
	}
	o := defaults()
	want := hashes("job/x/l/v/instance/i", `a{k="1"} 1`+"\n", o)
	onResource := defaults()
	onResource.GroupingLabels = translate.OnResource
	assert.Equal(t, want, hashes("job/x/instance/i", `a{l="v",k="1"} 1`+"\n", o))
	assert.Equal(t, want, hashes("job/x/k/1", `a{instance="i",l="v"} 1`+"\n", o))
	assert.Equal(t, want, hashes("job/x/l/v/instance/i/e/", `a{k="1",f=""} 2`+"\n", onResource))
	assert.Equal(t, hashes("job/x/otel_scope_name/s", "a 1\n", o), hashes("job/x", `a{otel_scope_name="s"} 1`+"\n", o))
	assert.NotEqual(t, want, hashes("job/x/l/v/instance/i", `a{k="2"} 1`+"\n", o))
	assert.NotEqual(t, want, hashes("job/y/l/v/instance/i", `a{k="1"} 1`+"\n", o))
	assert.NotEqual(t, want, hashes("job/x/l/v/instance/i", `b{k="1"} 1`+"\n", o))
}

// A series is of another shape if exporters make other series of it, and of the same if they do not.
func TestShapes(t *testing.T) {
	shape := func(body string, o translate.Options) uint64 {
		g, _ := hold(t, body, exposition.OpenMetrics, "job/x/l/v", o)
		return g.Families[0].Series[0].Shape
	}
	const summary = "# TYPE s summary\ns{quantile=\"0.5\"} 7\ns{quantile=\"0.9\"} 8\ns_sum 3\ns_count 2\n# EOF\n"
	const reversed = "# TYPE s summary\ns{quantile=\"0.9\"} 8\ns{quantile=\"0.5\"} 7\ns_sum 3\ns_count 2\n# EOF\n"
	assert.Equal(t, shape(summary, defaults()), shape(reversed, defaults()))
	const plain, withUnit = "# TYPE a_seconds gauge\na_seconds 1\n# EOF\n", "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n"
	onResource, trimmed := defaults(), defaults()
	onResource.GroupingLabels, trimmed.TrimMetricSuffixes = translate.OnResource, true
	assert.NotEqual(t, shape(plain, defaults()), shape(withUnit, defaults()))
	assert.NotEqual(t, shape(plain, defaults()), shape(plain, onResource), "the configuration may have been another")
	assert.NotEqual(t, shape(withUnit, defaults()), shape(withUnit, trimmed))
}

// The markers of series that hold much are sent in several batches, too.
func TestMarkersOfLargeSeries(t *testing.T) {
	large := make([]byte, 1<<20)
	for i := range large {
		large[i] = 'x'
	}
	body := ""
	for _, k := range []string{"1", "2", "3", "4", "5", "6"} {
		body += "m{k=\"" + k + string(large) + "\"} 1\n"
	}
	g, _ := hold(t, body, exposition.Text, "job/x", defaults())
	batch, calls := translate.NewBatch(defaults()), 0
	require.NoError(t, batch.AddMarkers(g, []groups.Left{{Family: &g.Families[0], Places: []int{0, 1, 2, 3, 4, 5}}}, received, func() error {
		calls++
		assert.Equal(t, 3, batch.Take().DataPointCount())
		return nil
	}))
	assert.Equal(t, 1, calls)
	assert.Equal(t, 3, batch.Points())
}

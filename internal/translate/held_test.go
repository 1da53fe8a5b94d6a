package translate_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// hold lets a push become a group, which was empty before.
func hold(t testing.TB, body string, format exposition.Format, path string, o translate.Options) (*groups.Group, pmetric.Metrics) {
	key, err := groupingkey.Parse(path, groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(t, err)
	b := translate.NewBuilder(key, o, nil)
	require.NoError(t, exposition.Decode(body, exposition.Options{Format: format, NameValidation: model.UTF8Validation}, b))
	require.NoError(t, b.Check())
	families, err := b.Families()
	require.NoError(t, err)
	g := &groups.Group{ID: 1, Key: key, Families: families, LastPush: received}
	batch := translate.NewBatch(o)
	require.NoError(t, batch.AddPush(b, g))
	return g, batch.Take()
}

func eachInput(t *testing.T, f func(t *testing.T, body string, format exposition.Format)) {
	inputs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "*.in"))
	require.NoError(t, err)
	require.NotEmpty(t, inputs)
	for _, path := range inputs {
		body, format := readBody(t, path)
		if _, err := build(body, format, goldenKey, defaults()); err != nil {
			continue // there are inputs that are to be refused
		}
		t.Run(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), func(t *testing.T) { f(t, body, format) })
	}
}

func TestHeldGroups(t *testing.T) {
	eachInput(t, func(t *testing.T, body string, format exposition.Format) { checkHeld(t, body, format) })
}

// checkHeld compares what is made of a held group with what is made of its push.
func checkHeld(t *testing.T, body string, format exposition.Format) {
	o := defaults()
	o.Timestamps = translate.IgnoreTimestamps
	want, err := build(body, format, goldenKey, o)
	require.NoError(t, err)
	g, push := hold(t, body, format, goldenKey, o)
	require.Equal(t, marshal(t, want), marshal(t, push), "that it is held does not change the push")
	again := *g
	again.Families = slices.Clone(g.Families)
	for i := range again.Families {
		again.Families[i].Series, again.Families[i].Samples = nil, 0
	}
	require.NoError(t, translate.SetSeries(&again))
	require.Equal(t, g, &again)
	require.Equal(t, push.DataPointCount(), g.Points())

	batch, at := translate.NewBatch(o), received.Add(time.Minute)
	require.NoError(t, batch.AddValues(g, at))
	values := batch.Take()
	dropExemplars(push)
	require.Equal(t, flatten(t, push, at), flatten(t, values, at))

	left := make([]groups.Left, len(g.Families))
	for i := range g.Families {
		left[i].Family = &g.Families[i]
		for place := range g.Families[i].Series {
			left[i].Places = append(left[i].Places, place)
		}
	}
	require.NoError(t, batch.AddMarkers(g, left, at, nil))
	checkMarkers(t, values, batch.Take())
}

// checkMarkers wants a marker for each datapoint, alone in its metric.
func checkMarkers(t *testing.T, values, markers pmetric.Metrics) {
	require.Equal(t, values.DataPointCount(), markers.DataPointCount())
	require.Equal(t, values.DataPointCount(), markers.MetricCount())
	for _, rm := range values.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				toMarkers(m)
			}
		}
	}
	at := received.Add(time.Minute)
	require.Equal(t, flatten(t, values, at), flatten(t, markers, at))
}

// toMarkers takes from each datapoint what is not in its marker.
func toMarkers(m pmetric.Metric) {
	flags := pmetric.DefaultDataPointFlags.WithNoRecordedValue(true)
	number := func(points pmetric.NumberDataPointSlice) {
		for _, dp := range points.All() {
			marker := pmetric.NewNumberDataPoint()
			dp.Attributes().CopyTo(marker.Attributes())
			marker.SetTimestamp(dp.Timestamp())
			marker.SetFlags(flags)
			marker.MoveTo(dp)
		}
	}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		number(m.Gauge().DataPoints())
	case pmetric.MetricTypeSum:
		number(m.Sum().DataPoints())
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			dp.SetCount(0)
			dp.SetSum(0)
			dp.SetStartTimestamp(0)
			dp.SetFlags(flags)
			for _, q := range dp.QuantileValues().All() {
				q.SetValue(0)
			}
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			dp.SetCount(0)
			dp.SetStartTimestamp(0)
			dp.SetFlags(flags)
			if dp.HasSum() {
				dp.SetSum(0)
			}
			dp.BucketCounts().FromRaw(make([]uint64, dp.BucketCounts().Len()))
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			marker := pmetric.NewExponentialHistogramDataPoint()
			dp.Attributes().CopyTo(marker.Attributes())
			marker.SetTimestamp(dp.Timestamp())
			marker.SetScale(dp.Scale())
			marker.SetFlags(flags)
			if dp.HasSum() {
				marker.SetSum(0)
			}
			marker.MoveTo(dp)
		}
	}
}

func dropExemplars(metrics pmetric.Metrics) {
	for _, sm := range metrics.ResourceMetrics().At(0).ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			switch m.Type() {
			case pmetric.MetricTypeGauge:
				dropOf(m.Gauge().DataPoints().All())
			case pmetric.MetricTypeSum:
				dropOf(m.Sum().DataPoints().All())
			case pmetric.MetricTypeHistogram:
				dropOf(m.Histogram().DataPoints().All())
			case pmetric.MetricTypeExponentialHistogram:
				dropOf(m.ExponentialHistogram().DataPoints().All())
			}
		}
	}
}

func dropOf[D interface{ Exemplars() pmetric.ExemplarSlice }](points func(func(int, D) bool)) {
	for _, dp := range points {
		dp.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
	}
}

// flatten counts datapoints by all that is known of each, with that time.
func flatten(t *testing.T, metrics pmetric.Metrics, at time.Time) map[string]int {
	flat := map[string]int{}
	for _, rm := range metrics.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				eachAlone(m, func(alone pmetric.Metric) {
					one := pmetric.NewMetrics()
					setTime(alone, pcommon.NewTimestampFromTime(at))
					rmOne := one.ResourceMetrics().AppendEmpty()
					smOne := rmOne.ScopeMetrics().AppendEmpty()
					sm.Scope().CopyTo(smOne.Scope())
					smOne.SetSchemaUrl(sm.SchemaUrl())
					alone.MoveTo(smOne.Metrics().AppendEmpty())
					resource, err := json.Marshal(rm.Resource().Attributes().AsRaw()) // in the order of the names
					require.NoError(t, err)
					flat[fmt.Sprintf("%s %s", resource, marshal(t, one))]++
				})
			}
		}
	}
	return flat
}

func eachAlone(m pmetric.Metric, f func(pmetric.Metric)) {
	var keep func(dest pmetric.Metric, i int)
	points := 0
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		points = m.Gauge().DataPoints().Len()
		keep = func(dest pmetric.Metric, i int) { keepOne(dest.Gauge().DataPoints().RemoveIf, i) }
	case pmetric.MetricTypeSum:
		points = m.Sum().DataPoints().Len()
		keep = func(dest pmetric.Metric, i int) { keepOne(dest.Sum().DataPoints().RemoveIf, i) }
	case pmetric.MetricTypeSummary:
		points = m.Summary().DataPoints().Len()
		keep = func(dest pmetric.Metric, i int) { keepOne(dest.Summary().DataPoints().RemoveIf, i) }
	case pmetric.MetricTypeHistogram:
		points = m.Histogram().DataPoints().Len()
		keep = func(dest pmetric.Metric, i int) { keepOne(dest.Histogram().DataPoints().RemoveIf, i) }
	case pmetric.MetricTypeExponentialHistogram:
		points = m.ExponentialHistogram().DataPoints().Len()
		keep = func(dest pmetric.Metric, i int) { keepOne(dest.ExponentialHistogram().DataPoints().RemoveIf, i) }
	}
	for i := range points {
		alone := pmetric.NewMetric()
		m.CopyTo(alone)
		keep(alone, i)
		f(alone)
	}
}

func keepOne[D any](removeIf func(func(D) bool), kept int) {
	i := -1
	removeIf(func(D) bool {
		i++
		return i != kept
	})
}

func setTime(m pmetric.Metric, at pcommon.Timestamp) {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		m.Gauge().DataPoints().At(0).SetTimestamp(at)
	case pmetric.MetricTypeSum:
		m.Sum().DataPoints().At(0).SetTimestamp(at)
	case pmetric.MetricTypeSummary:
		m.Summary().DataPoints().At(0).SetTimestamp(at)
	case pmetric.MetricTypeHistogram:
		m.Histogram().DataPoints().At(0).SetTimestamp(at)
	case pmetric.MetricTypeExponentialHistogram:
		m.ExponentialHistogram().DataPoints().At(0).SetTimestamp(at)
	}
}

// More markers than a batch may have go in several.
func TestManyMarkers(t *testing.T) {
	body := ""
	for i := range 2*translate.MaxPoints + 1 {
		body += fmt.Sprintf("m%d{l=\"%d\"} 1\n", i%100, i)
	}
	o := defaults()
	o.PushTimeMetrics = true
	g, _ := hold(t, body, exposition.Text, "job/x", o)
	left := make([]groups.Left, len(g.Families))
	for i := range g.Families {
		left[i].Family = &g.Families[i]
		for place := range g.Families[i].Series {
			left[i].Places = append(left[i].Places, place)
		}
	}
	batch := translate.NewBatch(o)
	var sizes []int
	require.NoError(t, batch.AddMarkers(g, left, received, func() error {
		metrics := batch.Take()
		assert.Equal(t, "x", metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw()["service.name"])
		sizes = append(sizes, metrics.DataPointCount())
		return nil
	}))
	require.NoError(t, batch.AddEnd(g, received))
	assert.Equal(t, []int{translate.MaxPoints, translate.MaxPoints}, sizes)
	assert.Equal(t, 3, batch.Points())
	assert.Equal(t, 3, batch.Take().DataPointCount())
}

// A push without a target_info is of the target that an earlier one has named.
func TestTargetOfAGroup(t *testing.T) {
	o := defaults()
	g, _ := hold(t, "target_info{k=\"1\",l=\"body\"} 1\n", exposition.Text, "job/x/l/v", o)
	require.Len(t, g.Families, 1)
	b := translate.NewBuilder(g.Key, o, nil)
	require.NoError(t, exposition.Decode("a 1\n", exposition.Options{NameValidation: model.UTF8Validation}, b))
	families, err := b.Families()
	require.NoError(t, err)
	g.Families = append(g.Families, families...)
	want := map[string]any{"service.name": "x", "l": "v", "k": "1"}
	batch := translate.NewBatch(o)
	require.NoError(t, batch.AddPush(b, g))
	require.NoError(t, batch.AddValues(g, received))
	require.NoError(t, batch.AddMarkers(g, []groups.Left{{Family: &g.Families[1], Places: []int{0}}}, received, nil))
	metrics := batch.Take()
	require.Equal(t, 3, metrics.ResourceMetrics().Len())
	for _, rm := range metrics.ResourceMetrics().All() {
		assert.Equal(t, want, rm.Resource().Attributes().AsRaw())
	}
}

func TestFamiliesNeedMemory(t *testing.T) {
	key := groupingkey.Key{Job: "x"}
	left := 1 << 20
	b := translate.NewBuilder(key, defaults(), func(n int) error { return room(left)(n) })
	require.NoError(t, exposition.Decode("a 1\n", exposition.Options{NameValidation: model.UTF8Validation}, b))
	left = 10
	_, err := b.Families()
	require.ErrorIs(t, err, errNoRoom)
}

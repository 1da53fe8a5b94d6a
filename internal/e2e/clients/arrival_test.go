package clients

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// An arrival is what there is of a job.
type arrival struct {
	series testbed.Series
	types  testbed.Types // by the name of the series
}

// newArrival leaves out what was not pushed, and the times at which Python's metrics were made.
func newArrival(series testbed.Series, types testbed.Types) arrival {
	a := arrival{series: testbed.Series{}, types: testbed.Types{}}
	for key, value := range series {
		name, _, _ := strings.Cut(key, "{")
		switch {
		case slices.Contains([]string{"push_time_seconds", "push_failure_time_seconds", "target_info"}, name):
			continue
		case strings.HasSuffix(name, "_created"):
			value = "a time"
		}
		a.series[key] = value
		a.types[name] = types[name]
	}
	return a
}

// onPage returns what a page of the Pushgateway shows of a job. Like Prometheus over OTLP it knows no untyped metrics, but
// gauges.
func onPage(t *testing.T, page, job string) arrival {
	t.Helper()
	var ofJob strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "# TYPE") || strings.Contains(line, "job="+strconv.Quote(job)) {
			ofJob.WriteString(line)
		}
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(ofJob.String()))
	require.NoError(t, err)
	types := testbed.Types{}
	for name, family := range families {
		metricType := strings.Replace(strings.ToLower(family.GetType().String()), "untyped", "gauge", 1)
		types[name] = metricType
		if family.GetType() == dto.MetricType_HISTOGRAM {
			types[name+"_bucket"], types[name+"_count"], types[name+"_sum"] = metricType, metricType, metricType
		}
	}
	return newArrival(testbed.SeriesOf(t, ofJob.String(), nil), types)
}

// sizeName is the metric that all clients push, with a label disk and this value.
const (
	sizeName  = "backup_size_bytes"
	sizeValue = "4096"
)

// grouping returns the grouping labels other than the job, as in path="a",run="7"; "nothing" if there is no series.
func (a arrival) grouping(t *testing.T) string {
	t.Helper()
	for key, value := range a.series {
		if !strings.HasPrefix(key, sizeName+"{") {
			continue
		}
		require.Equal(t, sizeValue, value, key)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(key + " 0\n"))
		require.NoError(t, err)
		labels := testbed.Labels{}
		for _, pair := range families[sizeName].Metric[0].Label {
			labels[pair.GetName()] = pair.GetValue()
		}
		maps.DeleteFunc(labels, func(name, _ string) bool { return name == "job" || name == "disk" })
		return testbed.SeriesName(labels)
	}
	require.Empty(t, a.series)
	return "nothing"
}

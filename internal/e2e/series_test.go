package e2e

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// series are values by the name of their series, as in x{a="b"}, with the labels sorted.
type series map[string]string

// types are the types of metrics by their names.
type types map[string]string

// labels are a grouping key, job included.
type labels map[string]string

func seriesName(l labels) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if name == model.MetricNameLabel || l[name] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s=%q", name, l[name])
	}
	return l[model.MetricNameLabel] + "{" + b.String() + "}"
}

// with returns the labels and some more: names and values in turn.
func (l labels) with(more ...string) labels {
	result := maps.Clone(l)
	for i := 0; i < len(more); i += 2 {
		result[more[i]] = more[i+1]
	}
	return result
}

func formatValue(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// formatBound writes the value of le and quantile as Prometheus does for OTLP, and the remote write exporter too.
func formatBound(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// seriesOf reads a text page with expfmt, and returns its series with the group's labels added.
func seriesOf(t *testing.T, page string, group labels) series {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	require.NoError(t, err)
	result := series{}
	for _, family := range families {
		for _, m := range family.Metric {
			own := labels{}
			for _, pair := range m.Label {
				own[pair.GetName()] = pair.GetValue()
			}
			maps.Copy(own, group)
			result.addMetric(family, m, own)
		}
	}
	return result
}

func (s series) add(name string, l labels, v float64) {
	s[seriesName(l.with(model.MetricNameLabel, name))] = formatValue(v)
}

func (s series) addMetric(family *dto.MetricFamily, m *dto.Metric, l labels) {
	name := family.GetName()
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		s.add(name, l, m.Counter.GetValue())
	case dto.MetricType_GAUGE:
		s.add(name, l, m.Gauge.GetValue())
	case dto.MetricType_UNTYPED:
		s.add(name, l, m.Untyped.GetValue())
	case dto.MetricType_SUMMARY:
		for _, q := range m.Summary.Quantile {
			s.add(name, l.with(model.QuantileLabel, formatBound(q.GetQuantile())), q.GetValue())
		}
		s.add(name+"_count", l, float64(m.Summary.GetSampleCount()))
		s.add(name+"_sum", l, m.Summary.GetSampleSum())
	default:
		for _, bucket := range m.Histogram.Bucket {
			s.add(name+"_bucket", l.with(model.BucketLabel, formatBound(bucket.GetUpperBound())), float64(bucket.GetCumulativeCount()))
		}
		s.add(name+"_bucket", l.with(model.BucketLabel, formatBound(math.Inf(1))), float64(m.Histogram.GetSampleCount()))
		s.add(name+"_count", l, float64(m.Histogram.GetSampleCount()))
		s.add(name+"_sum", l, m.Histogram.GetSampleSum())
	}
}

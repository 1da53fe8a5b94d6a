package testbed

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

// Series are values by the name of their series, as in x{a="b"}, with the labels sorted.
type Series map[string]string

// Types are the types of metrics by their names.
type Types map[string]string

// Labels are a grouping key, job included.
type Labels map[string]string

// SeriesName writes the name of a series, without labels that are empty.
func SeriesName(l Labels) string {
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

// With returns the labels and some more: names and values in turn.
func (l Labels) With(more ...string) Labels {
	result := maps.Clone(l)
	for i := 0; i < len(more); i += 2 {
		result[more[i]] = more[i+1]
	}
	return result
}

// FormatValue writes a value as it is in Series.
func FormatValue(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// FormatBound writes the value of le and quantile as Prometheus does for OTLP, and the remote write exporter too.
func FormatBound(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// SeriesOf reads a text page with expfmt, and returns its series with the group's labels added.
func SeriesOf(t *testing.T, page string, group Labels) Series {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	require.NoError(t, err)
	result := Series{}
	for _, family := range families {
		for _, m := range family.Metric {
			own := Labels{}
			for _, pair := range m.Label {
				own[pair.GetName()] = pair.GetValue()
			}
			maps.Copy(own, group)
			result.addMetric(family, m, own)
		}
	}
	return result
}

func (s Series) add(name string, l Labels, v float64) {
	s[SeriesName(l.With(model.MetricNameLabel, name))] = FormatValue(v)
}

func (s Series) addMetric(family *dto.MetricFamily, m *dto.Metric, l Labels) {
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
			s.add(name, l.With(model.QuantileLabel, FormatBound(q.GetQuantile())), q.GetValue())
		}
		s.add(name+"_count", l, float64(m.Summary.GetSampleCount()))
		s.add(name+"_sum", l, m.Summary.GetSampleSum())
	default:
		for _, bucket := range m.Histogram.Bucket {
			s.add(name+"_bucket", l.With(model.BucketLabel, FormatBound(bucket.GetUpperBound())), float64(bucket.GetCumulativeCount()))
		}
		s.add(name+"_bucket", l.With(model.BucketLabel, FormatBound(math.Inf(1))), float64(m.Histogram.GetSampleCount()))
		s.add(name+"_count", l, float64(m.Histogram.GetSampleCount()))
		s.add(name+"_sum", l, m.Histogram.GetSampleSum())
	}
}

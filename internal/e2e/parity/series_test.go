package parity

import (
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A series is one of a database, with its latest sample and the metadata of its metric.
type series struct {
	labels     testbed.Labels // with __name__, without __type__ and __unit__
	value      string         // as the query API writes it; JSON if it is a native histogram
	metricType string         // as exposition formats name it; unknown if Prometheus has none
	unit, help string
}

const unknown = "unknown"

// The metrics that rules name.
const (
	pushTime        = "push_time_seconds"
	pushFailureTime = "push_failure_time_seconds"
	targetInfo      = "target_info"
)

func (s series) metric() string { return s.labels[model.MetricNameLabel] }

func (s series) job() string { return s.labels[model.JobLabel] }

func (s series) name() string { return testbed.SeriesName(s.labels) }

// String writes all of the series.
func (s series) String() string {
	return s.name() + " " + s.value + " type=" + s.metricType + " unit=" + strconv.Quote(s.unit) + " help=" + strconv.Quote(s.help)
}

// families returns the names that the metric family of the series may have.
func (s series) families() []string {
	names := []string{s.metric()}
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if family, ok := strings.CutSuffix(s.metric(), suffix); ok {
			names = append(names, family)
		}
	}
	return names
}

func (s series) isTimeOfPush() bool { return s.metric() == pushTime || s.metric() == pushFailureTime }

func (s series) isNative() bool { return strings.HasPrefix(s.value, "{") }

// without returns the series without some labels.
func (s series) without(leaveOut func(label string) bool) series {
	s.labels = maps.Clone(s.labels)
	maps.DeleteFunc(s.labels, func(name, _ string) bool { return leaveOut(name) })
	return s
}

// withLabels returns the series with other names of its labels.
func (s series) withLabels(rename func(string) string) series {
	renamed := testbed.Labels{model.MetricNameLabel: s.metric()}
	for name, value := range s.labels {
		if name != model.MetricNameLabel {
			renamed[rename(name)] = value
		}
	}
	s.labels = renamed
	return s
}

// withBounds returns a series of a histogram or summary with its bound or quantile written as a number of OTLP is.
func (s series) withBounds() series {
	label := map[string]string{"histogram": model.BucketLabel, "summary": model.QuantileLabel}[s.metricType]
	if bound, err := strconv.ParseFloat(s.labels[label], 64); err == nil {
		s.labels = s.labels.With(label, testbed.FormatBound(bound))
	}
	return s
}

// seconds is how far two times are apart.
func seconds(x, y series) float64 {
	xv, errX := strconv.ParseFloat(x.value, 64)
	yv, errY := strconv.ParseFloat(y.value, 64)
	if errX != nil || errY != nil {
		return math.Inf(1)
	}
	return math.Abs(xv - yv)
}

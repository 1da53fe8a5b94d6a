package render

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// datapoint is what the datapoints of all kinds have in common.
type datapoint interface {
	Attributes() pcommon.Map
	Timestamp() pcommon.Timestamp
	StartTimestamp() pcommon.Timestamp
	Flags() pmetric.DataPointFlags
}

func datapoints(m pmetric.Metric) []string {
	var lines []string
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		for _, dp := range m.Gauge().DataPoints().All() {
			lines = append(lines, numberLine(m.Name(), dp))
		}
	case pmetric.MetricTypeSum:
		for _, dp := range m.Sum().DataPoints().All() {
			lines = append(lines, numberLine(m.Name(), dp))
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			lines = append(lines, histogramLine(m.Name(), dp))
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			lines = append(lines, exponentialLine(m.Name(), dp))
		}
	case pmetric.MetricTypeSummary:
		for _, dp := range m.Summary().DataPoints().All() {
			lines = append(lines, summaryLine(m.Name(), dp))
		}
	}
	return lines
}

// A line is a datapoint in the making: its name and attributes, then fields.
type line struct{ text string }

func newLine(name string, dp datapoint) *line {
	l := &line{name + "{" + attributes(dp.Attributes()) + "}"}
	if t := dp.StartTimestamp(); t != 0 {
		l.field("start", seconds(t))
	}
	if t := dp.Timestamp(); t != 0 {
		l.field("at", seconds(t))
	}
	if dp.Flags().NoRecordedValue() {
		l.text += " no-recorded-value"
	}
	return l
}

func (l *line) field(name, value string) { l.text += " " + name + "=" + value }

func (l *line) end() string { return l.text + "\n" }

func numberLine(name string, dp pmetric.NumberDataPoint) string {
	l := newLine(name, dp)
	switch dp.ValueType() {
	case pmetric.NumberDataPointValueTypeDouble:
		l.field("value", number(dp.DoubleValue()))
	case pmetric.NumberDataPointValueTypeInt:
		l.field("int", strconv.FormatInt(dp.IntValue(), 10))
	}
	l.exemplars(dp.Exemplars())
	return l.end()
}

func summaryLine(name string, dp pmetric.SummaryDataPoint) string {
	l := newLine(name, dp)
	l.field("count", strconv.FormatUint(dp.Count(), 10))
	l.field("sum", number(dp.Sum()))
	quantiles := make([]string, 0, dp.QuantileValues().Len())
	for _, q := range dp.QuantileValues().All() {
		quantiles = append(quantiles, number(q.Quantile())+":"+number(q.Value()))
	}
	l.field("quantiles", list(quantiles))
	return l.end()
}

func histogramLine(name string, dp pmetric.HistogramDataPoint) string {
	l := newLine(name, dp)
	l.total(dp.Count(), dp.HasSum(), dp.Sum())
	l.field("bounds", list(texts(dp.ExplicitBounds().All(), number)))
	l.field("counts", list(texts(dp.BucketCounts().All(), count)))
	l.exemplars(dp.Exemplars())
	return l.end()
}

func exponentialLine(name string, dp pmetric.ExponentialHistogramDataPoint) string {
	l := newLine(name, dp)
	l.total(dp.Count(), dp.HasSum(), dp.Sum())
	l.field("scale", strconv.Itoa(int(dp.Scale())))
	l.field("zero", count(dp.ZeroCount()))
	l.field("threshold", number(dp.ZeroThreshold()))
	l.buckets("positive", dp.Positive())
	l.buckets("negative", dp.Negative())
	l.exemplars(dp.Exemplars())
	return l.end()
}

func (l *line) total(n uint64, hasSum bool, sum float64) {
	l.field("count", count(n))
	if hasSum {
		l.field("sum", number(sum))
	}
}

// buckets writes the offset and the counts from there on. Without counts there is nothing to say: the offset means
// nothing then.
func (l *line) buckets(name string, b pmetric.ExponentialHistogramDataPointBuckets) {
	if b.BucketCounts().Len() > 0 {
		l.field(name, strconv.Itoa(int(b.Offset()))+":"+list(texts(b.BucketCounts().All(), count)))
	}
}

// exemplars writes them sorted: OTLP gives their order no meaning.
func (l *line) exemplars(exemplars pmetric.ExemplarSlice) {
	if exemplars.Len() == 0 {
		return
	}
	all := make([]string, 0, exemplars.Len())
	for _, e := range exemplars.All() {
		all = append(all, exemplarText(e))
	}
	slices.Sort(all)
	l.field("exemplars", list(all))
}

func exemplarText(e pmetric.Exemplar) string {
	l := &line{"{" + attributes(e.FilteredAttributes()) + "}"}
	if t := e.Timestamp(); t != 0 {
		l.field("at", seconds(t))
	}
	if id := e.TraceID(); !id.IsEmpty() {
		l.field("trace", id.String())
	}
	if id := e.SpanID(); !id.IsEmpty() {
		l.field("span", id.String())
	}
	switch e.ValueType() {
	case pmetric.ExemplarValueTypeDouble:
		l.field("value", number(e.DoubleValue()))
	case pmetric.ExemplarValueTypeInt:
		l.field("int", strconv.FormatInt(e.IntValue(), 10))
	}
	return l.text
}

func count(n uint64) string { return strconv.FormatUint(n, 10) }

func list(elements []string) string { return "[" + strings.Join(elements, " ") + "]" }

func texts[T any](elements iter.Seq2[int, T], text func(T) string) []string {
	var all []string
	for _, e := range elements {
		all = append(all, text(e))
	}
	return all
}

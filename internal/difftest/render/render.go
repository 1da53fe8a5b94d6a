// Package render writes metrics as lines of text, so that two translations of one page can be compared, and read.
//
// A line stands for itself: one says what a metric is, and one more for each of its datapoints what it holds.
//
//	resource {k8s.pod.name="p"}
//	scope "lib" "1.0" {}
//	# requests_total sum monotonic cumulative unit="" metadata={prometheus.type="counter"} description="All requests."
//	requests_total{code="200"} start=1750000000 value=5
//
// What is not set is left out, times are seconds since 1970, and the order is always the same: resources, scopes,
// metrics and datapoints are sorted. Metrics that are the same but for their datapoints are one.
package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Lines returns the metrics as lines, each with its newline.
func Lines(metrics pmetric.Metrics) string {
	groups := map[string]map[string][]string{} // resource and scope -> metric -> datapoints
	for _, resource := range metrics.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			head := headOf(resource.Resource(), scope.Scope())
			if groups[head] == nil {
				groups[head] = map[string][]string{}
			}
			for _, m := range scope.Metrics().All() {
				line := metricLine(m)
				groups[head][line] = append(groups[head][line], datapoints(m)...)
			}
		}
	}
	var b strings.Builder
	for _, head := range slices.Sorted(maps.Keys(groups)) {
		b.WriteString(head)
		for _, metric := range slices.Sorted(maps.Keys(groups[head])) {
			b.WriteString(metric)
			for _, datapoint := range slices.Sorted(slices.Values(groups[head][metric])) {
				b.WriteString(datapoint)
			}
		}
	}
	return b.String()
}

// headOf returns the lines above the metrics of a resource and scope: none if nothing is known of them.
func headOf(resource pcommon.Resource, scope pcommon.InstrumentationScope) string {
	var head string
	if resource.Attributes().Len() > 0 {
		head = fmt.Sprintf("resource {%s}\n", attributes(resource.Attributes()))
	}
	if scope.Name() != "" || scope.Version() != "" || scope.Attributes().Len() > 0 {
		head += fmt.Sprintf("scope %q %q {%s}\n", scope.Name(), scope.Version(), attributes(scope.Attributes()))
	}
	return head
}

func metricLine(m pmetric.Metric) string {
	return fmt.Sprintf("# %s %s unit=%q metadata={%s} description=%q\n",
		m.Name(), kind(m), m.Unit(), attributes(m.Metadata()), m.Description())
}

func kind(m pmetric.Metric) string {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return "gauge"
	case pmetric.MetricTypeSum:
		monotonic := "non-monotonic"
		if m.Sum().IsMonotonic() {
			monotonic = "monotonic"
		}
		return "sum " + monotonic + " " + temporality(m.Sum().AggregationTemporality())
	case pmetric.MetricTypeHistogram:
		return "histogram " + temporality(m.Histogram().AggregationTemporality())
	case pmetric.MetricTypeExponentialHistogram:
		return "exponential-histogram " + temporality(m.ExponentialHistogram().AggregationTemporality())
	case pmetric.MetricTypeSummary:
		return "summary"
	default:
		return "empty"
	}
}

func temporality(t pmetric.AggregationTemporality) string { return strings.ToLower(t.String()) }

// attributes writes attributes in the order of their keys. Values other than strings do not come from pages.
func attributes(attributes pcommon.Map) string {
	pairs := make([]string, 0, attributes.Len())
	for key, value := range attributes.All() {
		pairs = append(pairs, key+"="+strconv.Quote(value.AsString()))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// seconds writes a time without rounding it.
func seconds(t pcommon.Timestamp) string {
	const perSecond = 1_000_000_000
	if t%perSecond == 0 {
		return strconv.FormatUint(uint64(t/perSecond), 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%09d", t/perSecond, t%perSecond), "0")
}

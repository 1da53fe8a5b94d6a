package render

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// An Origin is what a translation adds to a page: it says where and when the page was taken, and by whom.
type Origin struct {
	Job      string // service.name, if it does not come from the page
	Instance string // service.instance.id, likewise
	Scope    string // the name of the scope that is the translation's own
	Received pcommon.Timestamp
}

// Normalize removes the origin from metrics, so that what is left follows from the page alone: the same attributes and
// scopes are dropped, and datapoints and exemplars that took the time of their reception have none. Start times
// and the times of exemplars are cut to milliseconds, as prometheusreceiver knows no finer ones.
func Normalize(metrics pmetric.Metrics, o Origin) {
	for _, resource := range metrics.ResourceMetrics().All() {
		removeAttribute(resource.Resource().Attributes(), "service.name", o.Job)
		removeAttribute(resource.Resource().Attributes(), "service.instance.id", o.Instance)
		for _, scope := range resource.ScopeMetrics().All() {
			if scope.Scope().Name() == o.Scope {
				scope.Scope().SetName("")
				scope.Scope().SetVersion("")
			}
			for _, m := range scope.Metrics().All() {
				o.removeTimes(m)
			}
		}
	}
}

func removeAttribute(attributes pcommon.Map, key, value string) {
	if v, ok := attributes.Get(key); ok && v.AsString() == value {
		attributes.Remove(key)
	}
}

func (o Origin) removeTimes(m pmetric.Metric) {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		removeTimes(o, m.Gauge().DataPoints().All())
		removeExemplarTimes(o, m.Gauge().DataPoints().All())
	case pmetric.MetricTypeSum:
		removeTimes(o, m.Sum().DataPoints().All())
		removeExemplarTimes(o, m.Sum().DataPoints().All())
	case pmetric.MetricTypeHistogram:
		removeTimes(o, m.Histogram().DataPoints().All())
		removeExemplarTimes(o, m.Histogram().DataPoints().All())
	case pmetric.MetricTypeExponentialHistogram:
		removeTimes(o, m.ExponentialHistogram().DataPoints().All())
		removeExemplarTimes(o, m.ExponentialHistogram().DataPoints().All())
	case pmetric.MetricTypeSummary: // has no exemplars
		removeTimes(o, m.Summary().DataPoints().All())
	}
}

type timed interface {
	datapoint
	SetTimestamp(pcommon.Timestamp)
	SetStartTimestamp(pcommon.Timestamp)
}

func removeTimes[D timed](o Origin, all iter.Seq2[int, D]) {
	for _, dp := range all {
		dp.SetTimestamp(o.withoutReception(dp.Timestamp()))
		dp.SetStartTimestamp(milliseconds(dp.StartTimestamp()))
	}
}

func removeExemplarTimes[D interface{ Exemplars() pmetric.ExemplarSlice }](o Origin, all iter.Seq2[int, D]) {
	for _, dp := range all {
		for _, e := range dp.Exemplars().All() {
			e.SetTimestamp(milliseconds(o.withoutReception(e.Timestamp())))
		}
	}
}

func (o Origin) withoutReception(t pcommon.Timestamp) pcommon.Timestamp {
	if t == o.Received {
		return 0
	}
	return t
}

// milliseconds cuts a time to milliseconds. prometheusreceiver calculates start times with floats, by which they may
// come out some hundred nanoseconds too early: that must not become a millisecond.
func milliseconds(t pcommon.Timestamp) pcommon.Timestamp {
	const perMillisecond, floatError = 1_000_000, 1_000
	return (t + floatError) / perMillisecond * perMillisecond
}

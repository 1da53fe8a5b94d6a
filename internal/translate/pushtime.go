package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// The gauges by which the Pushgateway says when a group was pushed:
// https://github.com/prometheus/pushgateway#about-metric-inconsistencies.
var (
	pushTimeSeconds = exposition.Family{
		Name: "push_time_seconds", Type: exposition.TypeGauge, Unit: "seconds",
		Help: "Unix time at which the last push of this group was accepted.",
	}
	pushFailureTimeSeconds = exposition.Family{
		Name: "push_failure_time_seconds", Type: exposition.TypeGauge, Unit: "seconds",
		Help: "Unix time at which the last push of this group was refused.",
	}
)

func isPushTime(name string) bool {
	return name == pushTimeSeconds.Name || name == pushFailureTimeSeconds.Name
}

// PushFailure returns the push_failure_time_seconds of a refused push, and nothing else: without memory of earlier
// pushes, a zero for the push time would overwrite an earlier success.
func PushFailure(key groupingkey.Key, received time.Time, o Options) pmetric.Metrics {
	b := NewBuilder(key, o, nil)
	b.addPushTime(pushFailureTimeSeconds, received)
	return b.finish(received)
}

// addPushTimes adds both gauges of a group that is held. Never is 0, as in the Pushgateway.
func (b *Builder) addPushTimes(g *groups.Group) {
	if b.options.PushTimeMetrics {
		b.addPushTime(pushTimeSeconds, g.LastPush)
		b.addPushTime(pushFailureTimeSeconds, g.LastFailure)
	}
}

// addPushTime adds one of the gauges, in place of what may have been pushed under its name.
func (b *Builder) addPushTime(f exposition.Family, at time.Time) {
	b.addFamily(&f)
	b.labels, b.scopeLabels = nil, nil
	number, _ := b.metric(pmetric.MetricTypeGauge, false) // it has nothing to ask for
	b.setNumber(b.numbered[number].numbers.AppendEmpty(), &exposition.Point{Value: seconds(at)})
}

// seconds is 0 for never.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixNano()) / float64(time.Second)
}

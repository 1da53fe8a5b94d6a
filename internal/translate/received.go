package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// setReceived gives the time of the push to all that has no time of its own. It is known last: a push gets its time when it is
// its turn.
func (b *Builder) setReceived(received pcommon.Timestamp) {
	for i := range b.numbered {
		m := &b.numbered[i]
		switch m.Type() {
		case pmetric.MetricTypeSummary:
			for _, dp := range m.Summary().DataPoints().All() {
				setMissing(dp, received)
			}
		case pmetric.MetricTypeExponentialHistogram:
			for _, dp := range m.ExponentialHistogram().DataPoints().All() {
				setMissing(dp, received)
				setMissingOf(dp.Exemplars(), dp.Timestamp())
			}
		case pmetric.MetricTypeHistogram:
			for _, dp := range m.Histogram().DataPoints().All() {
				setMissing(dp, received)
				setMissingOf(dp.Exemplars(), dp.Timestamp())
			}
		default:
			for _, dp := range m.numbers.All() {
				setMissing(dp, received)
				setMissingOf(dp.Exemplars(), dp.Timestamp())
			}
		}
	}
}

// timed is what has a time.
type timed interface {
	Timestamp() pcommon.Timestamp
	SetTimestamp(pcommon.Timestamp)
}

func setMissing[T timed](x T, t pcommon.Timestamp) {
	if x.Timestamp() == 0 {
		x.SetTimestamp(t)
	}
}

// setMissingOf gives exemplars the time of their point, as in a scrape.
func setMissingOf(exemplars pmetric.ExemplarSlice, t pcommon.Timestamp) {
	for i := range exemplars.Len() {
		setMissing(exemplars.At(i), t)
	}
}

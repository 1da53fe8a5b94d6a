package translate

import (
	"encoding/hex"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// datapoint is what the datapoints of all kinds have in common.
type datapoint interface {
	Attributes() pcommon.Map
	SetTimestamp(pcommon.Timestamp)
	SetStartTimestamp(pcommon.Timestamp)
	SetFlags(pmetric.DataPointFlags)
}

// setHead sets everything but the value of a histogram or summary.
func setHead[D datapoint](b *Builder, dp D, p *exposition.Point) {
	dp.SetTimestamp(b.timestamp(p))
	if p.Created != 0 {
		dp.SetStartTimestamp(pcommon.Timestamp(p.Created)) //nolint:gosec // Created is not negative
	}
	if p.Stale {
		dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
	b.setAttributes(dp.Attributes())
}

func (b *Builder) setAttributes(attributes pcommon.Map) {
	attributes.EnsureCapacity(len(b.labels) + len(b.keyAttributes))
	for i := range b.labels {
		attributes.PutStr(b.labels[i].Name, b.labels[i].Value)
	}
	for i := range b.keyAttributes {
		attributes.PutStr(b.keyAttributes[i].Name, b.keyAttributes[i].Value)
	}
}

// timestamp returns the point's own time, or 0, which setReceived replaces: no point has that one, as OTLP takes it for none.
func (b *Builder) timestamp(p *exposition.Point) pcommon.Timestamp {
	if p.HasTimestamp && b.options.Timestamps == HonorTimestamps {
		return pcommon.Timestamp(p.Timestamp) //nolint:gosec // Timestamp is not negative
	}
	return 0
}

// setNumber is setHead and the value, written out, because nearly all datapoints are numbers.
func (b *Builder) setNumber(dp pmetric.NumberDataPoint, p *exposition.Point) {
	dp.SetTimestamp(b.timestamp(p))
	if p.Created != 0 && b.family.Type == exposition.TypeCounter {
		dp.SetStartTimestamp(pcommon.Timestamp(p.Created)) //nolint:gosec // Created is not negative
	}
	if p.Stale {
		dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	} else {
		dp.SetDoubleValue(p.Value)
	}
	b.setAttributes(dp.Attributes())
	if len(p.Exemplars) > 0 {
		b.setExemplars(dp.Exemplars(), p)
	}
}

func (b *Builder) setSummary(dp pmetric.SummaryDataPoint, p *exposition.Point) error {
	setHead(b, dp, p)
	s := p.Summary
	if !s.HasCount && !p.Stale {
		return exposition.Errorf("the summary has no _count")
	}
	if !p.Stale {
		dp.SetCount(s.Count)
		dp.SetSum(s.Sum)
	}
	dp.QuantileValues().EnsureCapacity(len(s.Quantiles))
	seen := make(map[float64]struct{}, len(s.Quantiles))
	for _, q := range s.Quantiles {
		if !(q.Quantile >= 0 && q.Quantile <= 1) {
			return exposition.Errorf("quantile %v is not between 0 and 1", q.Quantile)
		}
		if _, ok := seen[q.Quantile]; ok {
			return exposition.Errorf("quantile %v stands in it twice", q.Quantile)
		}
		seen[q.Quantile] = struct{}{}
		v := dp.QuantileValues().AppendEmpty()
		v.SetQuantile(q.Quantile)
		if !p.Stale {
			v.SetValue(q.Value)
		}
	}
	return nil
}

// setExemplars adds the point's exemplars. A trace_id and a span_id become ids if they are well-formed, and are
// attributes like any other label if they are not. An exemplar without a time gets that of its point, as in a scrape.
func (b *Builder) setExemplars(dest pmetric.ExemplarSlice, p *exposition.Point) {
	dest.EnsureCapacity(len(p.Exemplars))
	for _, source := range p.Exemplars {
		e := dest.AppendEmpty()
		e.SetDoubleValue(source.Value)
		if source.HasTimestamp {
			e.SetTimestamp(pcommon.Timestamp(source.Timestamp)) //nolint:gosec // Timestamp is not negative
		}
		e.FilteredAttributes().EnsureCapacity(len(source.Labels))
		for _, l := range source.Labels {
			if l.Value != "" && !setID(e, l) {
				e.FilteredAttributes().PutStr(l.Name, l.Value)
			}
		}
	}
}

// setID sets the id that the label says, and reports whether it is one. Names are compared as prometheusreceiver does.
func setID(e pmetric.Exemplar, l exposition.Label) bool {
	switch strings.ToLower(l.Name) {
	case prometheus.ExemplarTraceIDKey:
		var id pcommon.TraceID
		if !decodeID(id[:], l.Value) {
			return false
		}
		e.SetTraceID(id)
		return true
	case prometheus.ExemplarSpanIDKey:
		var id pcommon.SpanID
		if !decodeID(id[:], l.Value) {
			return false
		}
		e.SetSpanID(id)
		return true
	}
	return false
}

// decodeID decodes an id of exactly that many bytes, which is invalid if all are zero.
func decodeID(id []byte, s string) bool {
	if len(s) != hex.EncodedLen(len(id)) {
		return false
	}
	if _, err := hex.Decode(id, []byte(s)); err != nil {
		return false
	}
	for _, c := range id {
		if c != 0 {
			return true
		}
	}
	return false
}

package difftest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// WalkFamilies makes a tree of families, as expfmt and client_model have it, an event source like any decoder: each
// family is announced and its points follow, in the order of the tree. It refuses, with an *exposition.SyntaxError,
// names that are not valid, values that are not UTF-8, and what an exposition.Point cannot say.
func WalkFamilies(families []*dto.MetricFamily, names model.ValidationScheme, sink exposition.Sink) error {
	w := walker{names: names, sink: sink, heads: map[string]*exposition.Family{}}
	for _, family := range families {
		if err := w.family(family); err != nil {
			return err
		}
	}
	return nil
}

// A walker reuses the labels of one point for all.
type walker struct {
	names  model.ValidationScheme
	sink   exposition.Sink
	heads  map[string]*exposition.Family // of the families that were announced
	labels []exposition.Label
}

func (w *walker) family(family *dto.MetricFamily) error {
	f, err := w.head(family)
	if err != nil {
		return &exposition.SyntaxError{Err: fmt.Errorf("metric %s: %w", exposition.Quote(family.GetName()), err)}
	}
	if f.Points == 0 {
		return nil
	}
	if err := w.sink.Family(f); err != nil {
		return err
	}
	for _, m := range family.GetMetric() {
		p, err := w.pointOf(m, f.Type)
		if err != nil {
			return &exposition.SyntaxError{Err: fmt.Errorf("%s: %w", exposition.SeriesName(f.Name, p.Labels), err)}
		}
		if err := w.sink.Point(&p); err != nil {
			return err
		}
	}
	return nil
}

// head returns the head of the family, with what an earlier part of it has said.
func (w *walker) head(family *dto.MetricFamily) (*exposition.Family, error) {
	name := family.GetName()
	if !w.names.IsValidMetricName(name) {
		return nil, fmt.Errorf("its name is not valid (name_validation is %s)", w.names)
	}
	t, ok := familyTypes[family.GetType()]
	if !ok {
		return nil, fmt.Errorf("its type (%s) cannot be translated to OTLP", family.GetType())
	}
	if len(family.GetMetric()) == 0 {
		return &exposition.Family{}, nil
	}
	if !utf8.ValidString(family.GetHelp()) || !utf8.ValidString(family.GetUnit()) {
		return nil, errors.New("its help text or unit is not UTF-8")
	}
	f := w.heads[name]
	if f == nil {
		f = &exposition.Family{Name: name, Type: t, Index: len(w.heads)}
		w.heads[name] = f
	}
	if f.Type != t {
		return nil, fmt.Errorf("it is a %s, and a %s", f.Type, t)
	}
	f.Help, f.Unit, f.Points = cmp.Or(f.Help, family.GetHelp()), cmp.Or(f.Unit, family.GetUnit()), len(family.GetMetric())
	return f, nil
}

// familyTypes has no gauge histogram: see exposition.TypeGaugeHistogram.
var familyTypes = map[dto.MetricType]exposition.Type{
	dto.MetricType_COUNTER:   exposition.TypeCounter,
	dto.MetricType_GAUGE:     exposition.TypeGauge,
	dto.MetricType_UNTYPED:   exposition.TypeUnknown,
	dto.MetricType_HISTOGRAM: exposition.TypeHistogram,
	dto.MetricType_SUMMARY:   exposition.TypeSummary,
}

func (w *walker) pointOf(m *dto.Metric, t exposition.Type) (exposition.Point, error) {
	p := exposition.Point{}
	var err error
	if w.labels, err = appendLabels(w.labels[:0], m.GetLabel(), w.names); err != nil {
		return p, err
	}
	p.Labels = w.labels
	if m.TimestampMs != nil {
		p.HasTimestamp = true
		if p.Timestamp, err = nanosOfMillis(m.GetTimestampMs()); err != nil {
			return p, err
		}
	}
	if err = setValue(&p, m, t); err != nil {
		return p, err
	}
	if created := createdOf(m); created != nil {
		p.Created, err = nanosOf(created)
	}
	return p, err
}

// setValue takes over the value, which must be of the family's type.
func setValue(p *exposition.Point, m *dto.Metric, t exposition.Type) (err error) {
	switch {
	case t == exposition.TypeCounter && m.Counter != nil:
		p.Value = m.Counter.GetValue()
		p.Exemplars, err = exemplars(m.Counter.GetExemplar())
	case t == exposition.TypeGauge && m.Gauge != nil:
		p.Value = m.Gauge.GetValue()
	case t == exposition.TypeUnknown && m.Untyped != nil:
		p.Value = m.Untyped.GetValue()
	case t == exposition.TypeSummary && m.Summary != nil:
		setSummary(p, m.Summary)
		return nil
	case t == exposition.TypeHistogram && m.Histogram != nil:
		return setHistogram(p, m.Histogram)
	default:
		return fmt.Errorf("it is a %s, but a point of it has no %s value", t, t)
	}
	p.Stale = isStale(p.Value)
	return err
}

func setSummary(p *exposition.Point, s *dto.Summary) {
	p.Stale = isStale(s.GetSampleSum())
	p.Summary = &exposition.Summary{Count: s.GetSampleCount(), HasCount: s.SampleCount != nil, Sum: s.GetSampleSum()}
	for _, q := range s.GetQuantile() {
		p.Summary.Quantiles = append(p.Summary.Quantiles,
			exposition.Quantile{Quantile: q.GetQuantile(), Value: q.GetValue()})
	}
}

// staleNaN is the value of a staleness marker.
// See https://github.com/prometheus/prometheus/blob/main/model/value/value.go.
const staleNaN = 0x7ff0000000000002

func isStale(v float64) bool { return math.Float64bits(v) == staleNaN }

// createdOf returns when the series began. A gauge has no beginning.
func createdOf(m *dto.Metric) *timestamppb.Timestamp {
	switch {
	case m.Counter != nil:
		return m.Counter.GetCreatedTimestamp()
	case m.Summary != nil:
		return m.Summary.GetCreatedTimestamp()
	default:
		return m.GetHistogram().GetCreatedTimestamp()
	}
}

func appendLabels(
	labels []exposition.Label, pairs []*dto.LabelPair, names model.ValidationScheme,
) ([]exposition.Label, error) {
	for _, pair := range pairs {
		l := exposition.Label{Name: pair.GetName(), Value: pair.GetValue()}
		if !names.IsValidLabelName(l.Name) {
			return nil, fmt.Errorf("label name %s is not valid (name_validation is %s)", exposition.Quote(l.Name), names)
		}
		if !utf8.ValidString(l.Value) {
			return nil, fmt.Errorf("the value of label %s is not UTF-8", exposition.Quote(l.Name))
		}
		labels = append(labels, l)
	}
	return labels, nil
}

func exemplars(all ...*dto.Exemplar) ([]exposition.Exemplar, error) {
	var result []exposition.Exemplar
	for _, e := range all {
		if e == nil {
			continue
		}
		// Exemplar labels are no series labels: any UTF-8 name will do.
		labels, err := appendLabels(nil, e.GetLabel(), model.UTF8Validation)
		if err != nil {
			return nil, fmt.Errorf("exemplar: %w", err)
		}
		x := exposition.Exemplar{Labels: labels, Value: e.GetValue(), HasTimestamp: e.Timestamp != nil}
		if x.HasTimestamp {
			if x.Timestamp, err = nanosOf(e.GetTimestamp()); err != nil {
				return nil, fmt.Errorf("exemplar: %w", err)
			}
		}
		result = append(result, x)
	}
	return result, nil
}

// nanosOfMillis converts a timestamp of the text format. OTLP counts nanoseconds from 1970 on, and 0 means none.
func nanosOfMillis(ms int64) (int64, error) {
	if ms <= 0 || ms > math.MaxInt64/int64(time.Millisecond) {
		return 0, fmt.Errorf("timestamp %d ms is outside the years 1970 to 2262, which OTLP can express", ms)
	}
	return ms * int64(time.Millisecond), nil
}

// nanosOf converts a timestamp of protobuf; there 0 means none, too.
func nanosOf(t *timestamppb.Timestamp) (int64, error) {
	if err := t.CheckValid(); err != nil {
		return 0, fmt.Errorf("timestamp is not valid: %w", err)
	}
	if t.GetSeconds() < 0 || t.GetSeconds() >= math.MaxInt64/int64(time.Second) {
		return 0, fmt.Errorf("timestamp %d s is outside the years 1970 to 2262, which OTLP can express", t.GetSeconds())
	}
	return t.AsTime().UnixNano(), nil
}

package exposition

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// walkFamilies makes a tree of families, as expfmt and client_model have it, an event source like any decoder: each
// family is announced once and its points follow, in the order of the tree. It refuses, with a *SyntaxError, names that
// are not valid, values that are not UTF-8, and what a Point cannot say: see setValue and setHistogram.
func walkFamilies(families []*dto.MetricFamily, names model.ValidationScheme, sink Sink) error {
	w := walker{names: names, sink: sink}
	for _, family := range families {
		if err := w.family(family); err != nil {
			return err
		}
	}
	return nil
}

// A walker reuses the parts of one point for all.
type walker struct {
	names  model.ValidationScheme
	sink   Sink
	labels []Label
}

func (w *walker) family(family *dto.MetricFamily) error {
	name := family.GetName()
	if !w.names.IsValidMetricName(name) {
		return &SyntaxError{Err: fmt.Errorf("metric name %s is not valid (name_validation is %s)", Quote(name), w.names)}
	}
	t, ok := familyTypes[family.GetType()]
	if !ok {
		return &SyntaxError{Err: fmt.Errorf("metric %s: its type (%s) cannot be translated to OTLP", Quote(name), family.GetType())}
	}
	if len(family.GetMetric()) == 0 {
		return nil
	}
	if !utf8.ValidString(family.GetHelp()) || !utf8.ValidString(family.GetUnit()) {
		return &SyntaxError{Err: fmt.Errorf("metric %s: its help text or unit is not UTF-8", Quote(name))}
	}
	if err := w.sink.Family(Family{Name: name, Type: t, Help: family.GetHelp(), Unit: family.GetUnit()}); err != nil {
		return err
	}
	for _, m := range family.GetMetric() {
		p, err := w.pointOf(m, t)
		if err != nil {
			return &SyntaxError{Err: fmt.Errorf("%s: %w", SeriesName(name, p.Labels), err)}
		}
		if err := w.sink.Point(&p); err != nil {
			return err
		}
	}
	return nil
}

// familyTypes has no gauge histogram: OTLP has no place for it, and the specification says that it must not be sent on.
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#dropped-types
var familyTypes = map[dto.MetricType]Type{
	dto.MetricType_COUNTER:   TypeCounter,
	dto.MetricType_GAUGE:     TypeGauge,
	dto.MetricType_UNTYPED:   TypeUnknown,
	dto.MetricType_HISTOGRAM: TypeHistogram,
	dto.MetricType_SUMMARY:   TypeSummary,
}

func (w *walker) pointOf(m *dto.Metric, t Type) (Point, error) {
	p := Point{}
	var err error
	w.labels, err = appendLabels(w.labels[:0], m.GetLabel(), w.names)
	if err != nil {
		return p, err
	}
	p.Labels = w.labels
	if m.TimestampMs != nil {
		p.HasTimestamp = true
		if p.Timestamp, err = nanosOfMillis(m.GetTimestampMs()); err != nil {
			return p, err
		}
	}
	if err = p.setValue(m, t); err != nil {
		return p, err
	}
	if created := createdOf(m); created != nil {
		p.Created, err = nanosOf(created)
	}
	return p, err
}

// setValue takes over the value, which must be of the family's type.
func (p *Point) setValue(m *dto.Metric, t Type) (err error) {
	switch {
	case t == TypeCounter && m.Counter != nil:
		p.Value = m.Counter.GetValue()
		p.Exemplars, err = exemplars(m.Counter.GetExemplar())
	case t == TypeGauge && m.Gauge != nil:
		p.Value = m.Gauge.GetValue()
	case t == TypeUnknown && m.Untyped != nil:
		p.Value = m.Untyped.GetValue()
	case t == TypeSummary && m.Summary != nil:
		p.setSummary(m.Summary)
		return nil
	case t == TypeHistogram && m.Histogram != nil:
		return p.setHistogram(m.Histogram)
	default:
		return fmt.Errorf("it is a %s, but a point of it has no %s value", t, t)
	}
	p.Stale = isStale(p.Value)
	return err
}

func (p *Point) setSummary(s *dto.Summary) {
	p.Stale = isStale(s.GetSampleSum())
	p.Summary = &Summary{Count: s.GetSampleCount(), HasCount: s.SampleCount != nil, Sum: s.GetSampleSum()}
	for _, q := range s.GetQuantile() {
		p.Summary.Quantiles = append(p.Summary.Quantiles, Quantile{Quantile: q.GetQuantile(), Value: q.GetValue()})
	}
}

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

func appendLabels(labels []Label, pairs []*dto.LabelPair, names model.ValidationScheme) ([]Label, error) {
	if len(pairs) > maxLabels {
		return nil, errTooManyLabels
	}
	for _, pair := range pairs {
		l := Label{Name: pair.GetName(), Value: pair.GetValue()}
		if !names.IsValidLabelName(l.Name) {
			return nil, fmt.Errorf("label name %s is not valid (name_validation is %s)", Quote(l.Name), names)
		}
		if !utf8.ValidString(l.Value) {
			return nil, fmt.Errorf("the value of label %s is not UTF-8: %s", Quote(l.Name), Quote(l.Value))
		}
		labels = append(labels, l)
	}
	return labels, nil
}

func exemplars(all ...*dto.Exemplar) ([]Exemplar, error) {
	var result []Exemplar
	for _, e := range all {
		if e == nil {
			continue
		}
		// Exemplar labels are no series labels: any UTF-8 name will do.
		labels, err := appendLabels(nil, e.GetLabel(), model.UTF8Validation)
		if err != nil {
			return nil, fmt.Errorf("exemplar: %w", err)
		}
		x := Exemplar{Labels: labels, Value: e.GetValue(), HasTimestamp: e.Timestamp != nil}
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
	if t.Seconds < 0 || t.Seconds >= math.MaxInt64/int64(time.Second) {
		return 0, fmt.Errorf("timestamp %d s is outside the years 1970 to 2262, which OTLP can express", t.GetSeconds())
	}
	return t.AsTime().UnixNano(), nil
}

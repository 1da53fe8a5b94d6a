package exposition

import (
	"github.com/prometheus/common/model"
)

// setPoint makes the point of the metric that was read, and refuses what a Point cannot say.
func (d *protobufDecoder) setPoint(t Type) error {
	m, p := &d.metric, &d.point
	*p = Point{}
	if err := checkLabels(d.labels, d.same, d.names, &d.limits); err != nil {
		return err
	}
	p.Labels = d.labels
	if d.same < len(d.labels) {
		if err := unique(d.labels); err != nil {
			return err
		}
	}
	d.checked = len(d.labels)
	var err error
	if m.hasTimestamp {
		p.HasTimestamp = true
		if p.Timestamp, err = nanosOfMillis(m.timestamp); err != nil {
			return err
		}
	}
	if err = d.setValue(t); err != nil {
		return err
	}
	p.Created, err = d.created()
	return err
}

// checkLabels checks names and values. The names of so many labels in front are known to be valid.
func checkLabels(labels []Label, known int, names model.ValidationScheme, limits *Limits) error {
	if err := limits.checkLabels(len(labels)); err != nil {
		return err
	}
	for i := range labels {
		l := &labels[i]
		if i >= known && !names.IsValidLabelName(l.Name) {
			return errLabelName(l.Name, names)
		}
		if !validUTF8(l.Value) {
			return Errorf("the value of label %s is not UTF-8: %s", Quote(l.Name), Quote(l.Value))
		}
		if err := limits.checkLabel(l, i < known); err != nil {
			return err
		}
	}
	return nil
}

// setValue takes over the value, which must be of the family's type.
func (d *protobufDecoder) setValue(t Type) (err error) {
	m, p := &d.metric, &d.point
	switch {
	case t == TypeCounter && m.counter:
		p.Value = m.counterValue
		p.Exemplars, err = d.exemplars.checked(&d.limits)
	case t == TypeGauge && m.gauge:
		p.Value = m.gaugeValue
	case t == TypeUnknown && m.untyped:
		p.Value = m.untypedValue
	case t == TypeSummary && m.summary:
		p.Summary = &d.summary
		p.Stale = isStale(d.summary.Sum)
		return nil
	case t == TypeHistogram && m.histogram:
		return d.setHistogram()
	default:
		return Errorf("it is a %s, but a point of it has no %s value", t, t)
	}
	p.Stale = isStale(p.Value)
	return err
}

// created returns when the series began. A gauge has no beginning.
func (d *protobufDecoder) created() (int64, error) {
	switch m := &d.metric; {
	case m.counter:
		return m.counterCreated.unixNano()
	case m.summary:
		return m.summaryCreated.unixNano()
	case m.histogram:
		return d.histogram.created.unixNano()
	default:
		return 0, nil
	}
}

package exposition

// Limits are what a body may have of what takes memory or time out of proportion. 0 is no limit.
type Limits struct {
	// Labels is how many a sample or an exemplar may have. To add an attribute takes the longer the more there are.
	Labels int
	// MetricName, LabelName and LabelValue are how many bytes these may have.
	MetricName, LabelName, LabelValue int
}

func beyond(actual, limit int) bool { return limit > 0 && actual > limit }

func (l *Limits) checkMetricName(name string) error {
	if !beyond(len(name), l.MetricName) {
		return nil
	}
	return &LimitError{What: "bytes in metric name", Name: Quote(name), Actual: len(name), Limit: l.MetricName, Setting: "metric_name_length"}
}

func (l *Limits) checkLabelName(name string) error {
	if !beyond(len(name), l.LabelName) {
		return nil
	}
	return &LimitError{What: "bytes in label name", Name: Quote(name), Actual: len(name), Limit: l.LabelName, Setting: "label_name_length"}
}

// checkLabel checks a label whose name may be known to be within the limit.
func (l *Limits) checkLabel(label *Label, knownName bool) error {
	if !knownName {
		if err := l.checkLabelName(label.Name); err != nil {
			return err
		}
	}
	return l.checkLabelValue(label)
}

func (l *Limits) checkLabelValue(label *Label) error {
	if !beyond(len(label.Value), l.LabelValue) {
		return nil
	}
	return &LimitError{What: "bytes in the value of label", Name: Quote(label.Name), Actual: len(label.Value), Limit: l.LabelValue,
		Setting: "label_value_length"}
}

func (l *Limits) checkLabels(n int) error {
	if !beyond(n, l.Labels) {
		return nil
	}
	return &LimitError{What: "labels", Actual: n, Limit: l.Labels, Setting: "labels_per_sample"}
}

// What the decoders take of memory, in bytes: at least what it is, with the room that slices and maps have to spare.
const (
	familyMemory   = 288 // with its place in the index of names
	pointMemory    = 320 // of a histogram or summary that is not complete yet
	labelMemory    = 64
	bucketMemory   = 16 // a Bucket or a Quantile
	exemplarMemory = 128
)

// A meter asks for memory before it is taken.
type meter struct {
	grow func(bytes int) error // nil: without a limit
	err  error                 // the last answer that was no
}

func (m *meter) need(bytes int) error {
	if m == nil || m.grow == nil {
		return nil
	}
	m.err = m.grow(bytes)
	return m.err
}

// appendOne is append for one element of that size, and says whether there is the memory for the room that append makes.
func appendOne[T any](m *meter, to []T, v T, size int) ([]T, bool) {
	if n := len(to); n == cap(to) && m.need(size*(n+4)) != nil {
		return to, false
	}
	return append(to, v), true
}

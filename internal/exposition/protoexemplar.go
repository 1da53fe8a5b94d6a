package exposition

import (
	"github.com/prometheus/common/model"
)

// A protoTime is a google.protobuf.Timestamp.
type protoTime struct {
	seconds int64
	nanos   int32
	present bool
}

// The fields of a Timestamp.
const (
	tagTimeSeconds = 1<<3 | wireVarint
	tagTimeNanos   = 2<<3 | wireVarint
)

func (t *protoTime) read(message string) bool {
	t.present = true
	for rest := message; rest != ""; {
		tag, number, _, after := nextField(rest)
		rest = after
		switch tag {
		case tagTimeSeconds:
			t.seconds = asInt64(number)
		case tagTimeNanos:
			t.nanos = asInt32(number)
		case tagBroken:
			return false
		}
	}
	return true
}

// unixNano returns 0 for a time that is not there.
func (t *protoTime) unixNano() (int64, error) {
	if !t.present {
		return 0, nil
	}
	return nanosOf(t.seconds, int64(t.nanos))
}

// A protoExemplars has the exemplars of a counter, of the buckets of a histogram, or of a native histogram.
type protoExemplars struct {
	meter *meter
	all   []Exemplar  // still without their timestamps; the room for labels is used again
	times []protoTime // of the exemplar at the same place
}

func (e *protoExemplars) reset() { e.all, e.times = e.all[:0], e.times[:0] }

// release makes room for those of another body.
func (e *protoExemplars) release() {
	room, all := 0, e.all[:cap(e.all)]
	for i := range all {
		labels := all[i].Labels[:cap(all[i].Labels)]
		room += len(labels)
		clear(labels)
	}
	if max(room, len(all), cap(e.times)) > maxKept {
		*e = protoExemplars{meter: e.meter}
	}
	e.reset()
}

// add adds an exemplar that says nothing yet, and says whether there is the memory for it.
func (e *protoExemplars) add() (fits bool) {
	e.times = append(e.times, protoTime{})
	n := len(e.all)
	if n < cap(e.all) {
		e.all = e.all[:n+1]
		e.all[n] = Exemplar{Labels: e.all[n].Labels[:0]}
		return true
	}
	e.all, fits = appendOne(e.meter, e.all, Exemplar{}, exemplarMemory)
	return fits
}

// The fields of an Exemplar.
const (
	tagExemplarLabel = 1<<3 | wireBytes
	tagExemplarValue = 2<<3 | wireFixed64
	tagExemplarTime  = 3<<3 | wireBytes
)

// readLast reads an Exemplar into the last one.
func (e *protoExemplars) readLast(message string) bool {
	x, t := &e.all[len(e.all)-1], &e.times[len(e.times)-1]
	ok := true
	for rest := message; ok && rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagExemplarLabel:
			var l Label
			ok = readLabelPair(bytes, &l)
			x.Labels = append(x.Labels, l)
		case tagExemplarValue:
			x.Value = asDouble(number)
		case tagExemplarTime:
			ok = t.read(bytes)
		case tagBroken:
			ok = false
		}
	}
	return ok
}

// checked returns the exemplars, complete.
func (e *protoExemplars) checked(limits *Limits) ([]Exemplar, error) {
	for i := range e.all {
		x := &e.all[i]
		// Exemplar labels are no series labels: any UTF-8 name will do.
		if err := checkLabels(x.Labels, 0, model.UTF8Validation, limits); err != nil {
			return nil, Errorf("exemplar: %w", err)
		}
		var err error
		x.HasTimestamp = e.times[i].present
		if x.Timestamp, err = e.times[i].unixNano(); err != nil {
			return nil, Errorf("exemplar: %w", err)
		}
	}
	return e.all, nil
}

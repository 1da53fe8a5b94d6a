package exposition

// The fields of a Metric.
const (
	tagMetricLabel     = 1<<3 | wireBytes
	tagMetricGauge     = 2<<3 | wireBytes
	tagMetricCounter   = 3<<3 | wireBytes
	tagMetricSummary   = 4<<3 | wireBytes
	tagMetricUntyped   = 5<<3 | wireBytes
	tagMetricTimestamp = 6<<3 | wireVarint
	tagMetricHistogram = 7<<3 | wireBytes
)

// A protoMetric has what a Metric says, except of its labels and histogram. It may have values of several types: all
// are read, because all must be well-formed.
type protoMetric struct {
	gauge, counter, untyped, summary, histogram bool // whether it has that value

	gaugeValue, counterValue, untypedValue float64

	counterCreated, summaryCreated protoTime

	hasTimestamp bool
	timestamp    int64 // in milliseconds
}

// messageMemory is how much room a byte of a Metric may take: two bytes are a label, a bucket or two deltas, and slices have
// room to spare. Exemplars take more: see protoExemplars.
const messageMemory = 32

// readMetric reads a Metric. Nothing is checked but its form: see setPoint.
func (d *protobufDecoder) readMetric(message string) bool {
	if n := len(message); n > d.largest { // what smaller ones take is there
		if d.meter.need(messageMemory*(n-d.largest)) != nil {
			return false
		}
		d.largest = n
	}
	d.labels, d.same = d.labels[:0], 0
	d.metric = protoMetric{}
	m := &d.metric
	ok := true
	for rest := message; ok && rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagMetricLabel:
			ok = d.readLabel(bytes)
		case tagMetricGauge:
			m.gauge = true
			ok = readValue(bytes, &m.gaugeValue)
		case tagMetricCounter:
			ok = d.readCounter(bytes)
		case tagMetricSummary:
			ok = d.readSummary(bytes)
		case tagMetricUntyped:
			m.untyped = true
			ok = readValue(bytes, &m.untypedValue)
		case tagMetricTimestamp:
			m.hasTimestamp, m.timestamp = true, asInt64(number)
		case tagMetricHistogram:
			if !m.histogram {
				m.histogram = true
				d.histogram.reset()
			}
			ok = d.histogram.read(bytes)
		case tagBroken:
			ok = false
		}
	}
	return ok
}

// The fields of a LabelPair.
const (
	tagLabelName  = 1<<3 | wireBytes
	tagLabelValue = 2<<3 | wireBytes
)

// readLabel reads a label of a metric. The metrics of a family have mostly the same label names, in the same order, so
// it compares with those of the metric before: what was checked there need not be checked again.
func (d *protobufDecoder) readLabel(message string) bool {
	var l Label
	if !readLabelPair(message, &l) {
		return false
	}
	n := len(d.labels)
	if d.same == n && n < d.checked && d.labels[:d.checked][n].Name == l.Name {
		d.same++
	}
	d.labels = append(d.labels, l)
	return true
}

func readLabelPair(message string, l *Label) bool {
	if readShortLabelPair(message, l) {
		return true
	}
	for rest := message; rest != ""; {
		tag, _, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagLabelName:
			l.Name = bytes
		case tagLabelValue:
			l.Value = bytes
		case tagBroken:
			return false
		}
	}
	return true
}

// readShortLabelPair reads a LabelPair as nearly all are: the name, then the value, and each shorter than 128 bytes.
// It takes a fifth off the time of a metric with four labels.
func readShortLabelPair(s string, l *Label) bool {
	if len(s) < 4 || s[0] != tagLabelName {
		return false
	}
	end := 2 + int(s[1])
	if len(s) < end+2 || s[end] != tagLabelValue || s[1]|s[end+1] >= 0x80 || int(s[end+1]) != len(s)-end-2 {
		return false
	}
	l.Name, l.Value = s[2:end], s[end+2:]
	return true
}

// The fields of a Gauge, an Untyped, and a Counter.
const (
	tagValue           = 1<<3 | wireFixed64
	tagCounterExemplar = 2<<3 | wireBytes
	tagCounterCreated  = 3<<3 | wireBytes
)

// readValue reads a Gauge or an Untyped.
func readValue(message string, v *float64) bool {
	for rest := message; rest != ""; {
		tag, number, _, after := nextField(rest)
		rest = after
		switch tag {
		case tagValue:
			*v = asDouble(number)
		case tagBroken:
			return false
		}
	}
	return true
}

func (d *protobufDecoder) readCounter(message string) bool {
	m := &d.metric
	if !m.counter {
		m.counter = true
		d.exemplars.reset()
	}
	ok := true
	for rest := message; ok && rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagValue:
			m.counterValue = asDouble(number)
		case tagCounterExemplar:
			ok = len(d.exemplars.all) > 0 || d.exemplars.add()
			ok = ok && d.exemplars.readLast(bytes)
		case tagCounterCreated:
			ok = m.counterCreated.read(bytes)
		case tagBroken:
			ok = false
		}
	}
	return ok
}

// The fields of a Summary, and of its Quantile.
const (
	tagSummaryCount    = 1<<3 | wireVarint
	tagSummarySum      = 2<<3 | wireFixed64
	tagSummaryQuantile = 3<<3 | wireBytes
	tagSummaryCreated  = 4<<3 | wireBytes

	tagQuantile      = 1<<3 | wireFixed64
	tagQuantileValue = 2<<3 | wireFixed64
)

func (d *protobufDecoder) readSummary(message string) bool {
	s := &d.summary
	if !d.metric.summary {
		d.metric.summary = true
		// A writer may leave out a count that is 0, so there always is one.
		*s = Summary{HasCount: true, Quantiles: s.Quantiles[:0]}
	}
	ok := true
	for rest := message; ok && rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagSummaryCount:
			s.Count = number
		case tagSummarySum:
			s.Sum = asDouble(number)
		case tagSummaryQuantile:
			var q Quantile
			ok = readQuantile(bytes, &q)
			s.Quantiles = append(s.Quantiles, q)
		case tagSummaryCreated:
			ok = d.metric.summaryCreated.read(bytes)
		case tagBroken:
			ok = false
		}
	}
	return ok
}

func readQuantile(message string, q *Quantile) bool {
	for rest := message; rest != ""; {
		tag, number, _, after := nextField(rest)
		rest = after
		switch tag {
		case tagQuantile:
			q.Quantile = asDouble(number)
		case tagQuantileValue:
			q.Value = asDouble(number)
		case tagBroken:
			return false
		}
	}
	return true
}

package exposition

import (
	"sync"
)

// decodeOpenMetrics decodes OpenMetrics text 1.0:
//
//	body     = { family } "# EOF" [ LF ]
//	family   = { "# TYPE" name type LF | "# UNIT" name unit LF | "# HELP" name text LF } { sample LF }
//	sample   = series " " value [ " " timestamp ] [ exemplar ]
//	exemplar = " # " labels " " value [ " " timestamp ]
//
// See https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md. There are no other spaces than
// these and the one behind each of the first three words. A timestamp is in seconds. The samples of a family stand
// together, and so do those of one counter.
func decodeOpenMetrics(body string, o Options, sink Sink) error {
	d := openMetricsDecoders.Get().(*openMetricsDecoder)
	body, rest := splitBody(body)
	d.begin(body, o, sink)
	err := d.decode(rest)
	d.end()
	openMetricsDecoders.Put(d)
	return err
}

// openMetricsDecoder is reused from body to body.
type openMetricsDecoder struct {
	lines
	ended   bool      // there was the # EOF
	samples bool      // there were samples of the current family
	bases   nameIndex // the families by their bases
	counter pendingCounter

	exemplarReader labelReader
	exemplar       Exemplar // of the current sample
	hasExemplar    bool
	exemplars      [1]Exemplar // of the counter that is delivered
}

var openMetricsDecoders = sync.Pool{New: func() any {
	d := &openMetricsDecoder{lines: newLines(OpenMetrics, openMetricsSuffixes), bases: nameIndex{byBase: true}}
	d.resolve = d.resolveName
	return d
}}

func (d *openMetricsDecoder) end() {
	d.lines.end()
	d.exemplarReader.forget()
	d.bases.forget()
	d.counter = d.counter.forget()
	d.exemplar, d.exemplars, d.ended = Exemplar{}, [1]Exemplar{}, false
}

const wordEOF = "# EOF"

var (
	errNoEOF     = Errorf("the body does not end with # EOF: part of it may be missing")
	errBehindEOF = Errorf("there is something behind # EOF")
)

func (d *openMetricsDecoder) decode(rest string) error {
	for d.pos < len(d.body) {
		d.line = d.pos
		if err := d.readLine(); err != nil {
			return d.fail(err)
		}
	}
	switch {
	case d.ended && rest != "":
		return d.failAtEnd(rest, errBehindEOF)
	case !d.ended && rest != wordEOF:
		return d.failAtEnd(rest, errNoEOF)
	}
	if err := d.endFamily(); err != nil {
		return d.fail(err)
	}
	return d.finish()
}

func (d *openMetricsDecoder) readLine() error {
	switch {
	case d.ended:
		return errBehindEOF
	case d.take('#'):
		return d.metadata()
	default:
		return d.sample()
	}
}

// sample reads a sample to the end of its line.
func (d *openMetricsDecoder) sample() error {
	begin := d.pos
	own, next := d.takePrefix()
	if !next {
		if err := d.series(); err != nil {
			return err
		}
	}
	if !d.samples {
		d.samples = true
		if err := d.settle(); err != nil {
			return err
		}
	}
	f := d.family
	if f.Type == TypeGaugeHistogram {
		return Errorf("metric %s: its type (%s) cannot be translated to OTLP", Quote(f.base), f.Type)
	}
	value, created, err := d.value()
	if err != nil {
		return err
	}
	if err := d.endOfSample(); err != nil {
		return err
	}
	switch f.Type {
	case TypeHistogram, TypeSummary:
		var p *assembled
		if next {
			p, err = d.assembleNext(own, value)
		} else {
			p, err = d.assemble(begin, value, created)
		}
		if err == nil && d.hasExemplar {
			err = d.meter.need(exemplarMemory + len(d.exemplar.Labels)*labelMemory)
		}
		if err == nil && d.hasExemplar {
			d.exemplar.Labels = d.keep(d.exemplar.Labels)
			p.exemplars = append(p.exemplars, d.exemplar)
		}
		return err
	case TypeCounter:
		return d.addToCounter(value, created)
	case TypeStateSet:
		if !hasLabel(d.labels, f.base) {
			return Errorf("a sample of a stateset must have a label of the metric's name, %s", Quote(f.base))
		}
	}
	d.point.Labels, d.point.Value = d.labels, value
	return d.emit(f, &d.point)
}

// value reads a value, and that of a _created in nanoseconds.
func (d *openMetricsDecoder) value() (value float64, created int64, err error) {
	if !d.take(' ') {
		return 0, 0, unexpected(&d.scanner, "one space before the value")
	}
	if d.part == partCreated {
		created, err = d.nanos()
		return 0, created, err
	}
	value, err = d.float()
	return value, 0, err
}

// endOfSample reads what may stand behind a value: a timestamp and an exemplar.
func (d *openMetricsDecoder) endOfSample() (err error) {
	p := &d.point
	p.HasTimestamp, d.hasExemplar = false, false
	if d.take('\n') {
		return nil
	}
	if !d.take(' ') {
		return unexpected(&d.scanner, "one space or the end of the line behind the value")
	}
	if d.peek() != '#' {
		p.HasTimestamp = true
		if p.Timestamp, err = d.nanos(); err != nil {
			return err
		}
		if p.Timestamp == 0 {
			return errTimeZero
		}
		if d.take('\n') {
			return nil
		}
		if !d.take(' ') {
			return unexpected(&d.scanner, "the end of the line or an exemplar behind the timestamp")
		}
	}
	if err := d.readExemplar(); err != nil {
		return Errorf("exemplar: %w", err)
	}
	return nil
}

func hasLabel(labels []Label, name string) bool {
	for i := range labels {
		if labels[i].Name == name {
			return true
		}
	}
	return false
}

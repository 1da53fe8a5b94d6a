package exposition

import (
	"cmp"
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/encoding/protowire"
)

// decodeProtobuf decodes a sequence of io.prometheus.client.MetricFamily messages, each behind its length as a varint:
// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto. What counts as such a
// message, and what it says, is as in proto.Unmarshal: fields come in any order, of a field that is there twice the
// last one wins or, if it is a message, the two are merged, and unknown fields are passed over. Nothing is allocated
// because a length says so, so a false one costs no memory.
func decodeProtobuf(body string, o Options, sink Sink) error {
	d := protobufDecoders.Get().(*protobufDecoder)
	d.names, d.limits, d.ignoreNative = o.NameValidation, o.Limits, o.IgnoreNative
	d.meter.grow = o.Grow
	d.exemplars.meter, d.histogram.bucketExemplars.meter, d.histogram.exemplars.meter = &d.meter, &d.meter, &d.meter
	d.families.sink, d.families.meter = sink, &d.meter
	err := d.decode(body)
	d.reset()
	protobufDecoders.Put(d)
	return err
}

var protobufDecoders = sync.Pool{New: func() any { return &protobufDecoder{families: newFamilies(classicSuffixes)} }}

// A protobufDecoder has what is known of the current body, family and metric, and keeps the room for it from body to
// body.
type protobufDecoder struct {
	names        model.ValidationScheme
	limits       Limits
	ignoreNative bool
	meter        meter
	families     families
	largest      int // metric so far, in bytes
	offset       int // where the current family begins

	metric    protoMetric
	labels    []Label
	checked   int // so many of the labels of the metric before have names that are valid, none of them twice
	same      int // so many labels have the name that the one at that place of the metric before has
	exemplars protoExemplars
	histogram protoHistogram

	// What the sink gets.
	point   Point
	summary Summary
	result  Histogram
	native  Native
}

// maxKept is how many labels, buckets and so on there is room for from body to body: more than sane metrics have.
const maxKept = 1024

// kept returns s without its elements, and without its room if that is too much to keep.
func kept[T any](s []T) []T {
	if cap(s) > maxKept {
		return nil
	}
	clear(s[:cap(s)])
	return s[:0]
}

// reset makes the decoder ready for another body. No string of the last one may stay behind: it would keep all of that
// alive.
func (d *protobufDecoder) reset() {
	d.families.reset()
	d.exemplars.release()
	d.histogram.release()
	*d = protobufDecoder{
		families:  d.families,
		labels:    kept(d.labels),
		exemplars: d.exemplars,
		histogram: d.histogram,
		summary:   Summary{Quantiles: kept(d.summary.Quantiles)},
	}
}

func (d *protobufDecoder) decode(body string) error {
	for rest := body; rest != ""; {
		d.offset = len(body) - len(rest)
		message, n := protowire.ConsumeBytes(bytesOf(rest))
		switch err := protowire.ParseError(n); {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return d.syntaxError(errBodyEnds)
		case err != nil:
			return d.syntaxError(errLength)
		}
		if err := d.family(rest[n-len(message) : n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if err := d.families.complete(); err != nil {
		return err
	}
	f, err := d.families.checkNames()
	if err != nil {
		d.offset = f.offset
		return d.syntaxError(err)
	}
	return nil
}

var (
	errLength   = Errorf("the length of the message is not a number")
	errBodyEnds = Errorf("the body ends before the message does")
)

func (d *protobufDecoder) syntaxError(err error) error {
	return &SyntaxError{Format: Protobuf, Offset: int64(d.offset), Err: err}
}

// The fields of a MetricFamily.
const (
	tagFamilyName   = 1<<3 | wireBytes
	tagFamilyHelp   = 2<<3 | wireBytes
	tagFamilyType   = 3<<3 | wireVarint
	tagFamilyMetric = 4<<3 | wireBytes
	tagFamilyUnit   = 5<<3 | wireBytes
)

// A protoFamily is a MetricFamily without what its metrics say.
type protoFamily struct {
	name, help, unit string
	number           int32 // of its type
	points           int
}

// read reads a family's head. It may stand before, between and behind the metrics.
func (p *protoFamily) read(message string) bool {
	for rest := message; rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagFamilyName:
			p.name = bytes
		case tagFamilyHelp:
			p.help = bytes
		case tagFamilyType:
			p.number = asInt32(number)
		case tagFamilyMetric:
			p.points++
		case tagFamilyUnit:
			p.unit = bytes
		case tagBroken:
			return false
		}
	}
	return true
}

// family delivers the family that the message has, and its points.
func (d *protobufDecoder) family(message string) error {
	var head protoFamily
	if !head.read(message) {
		return d.syntaxError(errBrokenMessage)
	}
	if err := d.checkHead(&head); err != nil {
		return d.syntaxError(err)
	}
	if head.points == 0 {
		return nil
	}
	f, err := d.known(&head)
	if err != nil {
		return d.syntaxError(err)
	}
	if err := d.families.announce(f); err != nil {
		return err
	}
	err = d.points(message, f)
	f.Points = 0 // should it be announced again
	return err
}

func (d *protobufDecoder) checkHead(head *protoFamily) error {
	if !d.names.IsValidMetricName(head.name) {
		return errMetricName(head.name, d.names)
	}
	if head.number < 0 || int(head.number) >= len(protoTypes) {
		t := protoTypeName(head.number)
		return Errorf("metric %s: its type (%s) cannot be translated to OTLP", Quote(head.name), t)
	}
	return d.limits.checkMetricName(head.name)
}

// known returns the family that the points belong to: a body may have several messages of one family.
func (d *protobufDecoder) known(head *protoFamily) (*family, error) {
	if !validUTF8(head.help) || !validUTF8(head.unit) {
		return nil, Errorf("metric %s: its help text or unit is not UTF-8", Quote(head.name))
	}
	t := protoTypes[head.number]
	f, ok := d.families.names.find(head.name)
	if !ok {
		var err error
		if f, err = d.families.add(head.name); err != nil {
			return nil, err
		}
		f.Type, f.hasType, f.offset = t, true, d.offset
	}
	if f.Type != t {
		return nil, Errorf("metric %s: it is a %s, and a %s", Quote(head.name), f.Type, t)
	}
	if f.Help == "" && head.help != "" {
		d.families.setHelp(f, head.help)
	}
	if f.Unit == "" && head.unit != "" {
		d.families.setUnit(f, head.unit)
	}
	f.Points = head.points
	return f, nil
}

// points delivers the points of f that the message has.
func (d *protobufDecoder) points(message string, f *family) error {
	for rest := message; rest != ""; {
		tag, _, metric, after := nextField(rest)
		rest = after
		if tag != tagFamilyMetric {
			continue
		}
		if !d.readMetric(metric) {
			return d.syntaxError(cmp.Or(d.meter.err, errBrokenMessage))
		}
		if err := d.setPoint(f.Type); err != nil {
			return d.syntaxError(Errorf("%s: %w", SeriesName(f.Name, d.point.Labels), err))
		}
		if err := d.families.sink.Point(&d.point); err != nil {
			return err
		}
	}
	return nil
}

// protoTypes are the types by their number in a message, of which 0 is also what an absent one means.
var protoTypes = [...]Type{TypeCounter, TypeGauge, TypeSummary, TypeUnknown, TypeHistogram}

// protoGaugeHistogram is a type that OTLP has no place for, and the specification says that it must not be sent on.
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#dropped-types
const protoGaugeHistogram = 5

func protoTypeName(number int32) Literal {
	if number == protoGaugeHistogram {
		return "GAUGE_HISTOGRAM"
	}
	return Literal(strconv.Itoa(int(number)))
}

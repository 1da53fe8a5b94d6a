package exposition

import (
	"strconv"
	"strings"
	"sync"
)

// decodeText decodes the text format 0.0.4:
//
//	body   = { line LF }
//	line   = [ sample | "# HELP" name text | "# TYPE" name type | "#" text ]
//	sample = series value [ timestamp ]
//
// The grammar is that of expfmt; see https://prometheus.io/docs/instrumenting/exposition_formats/. Spaces and tabs may
// stand between tokens, but not at the end of a line. A timestamp is in milliseconds. The samples of a histogram or
// summary may stand anywhere in the body, so these are delivered last.
func decodeText(body string, o Options, sink Sink) error {
	d := textDecoders.Get().(*textDecoder)
	body, rest := splitBody(body)
	d.begin(body, o, sink)
	err := d.decode()
	if err == nil && strings.Trim(rest, " \t") != "" {
		err = d.failAtEnd(rest, d.unterminated())
	}
	d.end()
	textDecoders.Put(d)
	return err
}

type textDecoder struct{ lines }

var textDecoders = sync.Pool{New: func() any {
	d := &textDecoder{lines: newLines(Text, classicSuffixes)}
	d.resolve = d.resolveName
	return d
}}

func (d *textDecoder) decode() error {
	for d.pos < len(d.body) {
		d.line = d.pos
		if err := d.readLine(); err != nil {
			return d.fail(err)
		}
	}
	if err := d.flush(); err != nil {
		return d.fail(err)
	}
	return d.finish()
}

func (d *textDecoder) readLine() error {
	switch c := d.peek(); {
	case c > '#':
		return d.sample()
	case c == ' ' || c == '\t':
		d.skipBlanks()
	}
	switch d.peek() {
	case '\n':
		d.pos++
		return nil
	case '#':
		d.pos++
		return d.comment()
	default:
		return d.sample()
	}
}

// comment reads what stands behind a "#". A line that ends early says nothing, but is no error.
func (d *textDecoder) comment() error {
	d.prefix = ""
	keyword := ""
	if rest := d.body[d.pos:]; strings.HasPrefix(rest, " HELP ") || strings.HasPrefix(rest, " TYPE ") {
		keyword = rest[1:5]
		d.pos += 6
	} else {
		d.skipBlanks()
		keyword = d.token()
	}
	if keyword != "HELP" && keyword != "TYPE" {
		d.rest()
		d.pos++
		return nil
	}
	d.skipBlanks()
	if d.take('\n') {
		return nil
	}
	if !d.takeLastName(' ') {
		quoted := d.peek() == '"'
		name, err := d.name(metricWord)
		if err != nil {
			return err
		}
		if d.take('\n') {
			return nil
		}
		if name == "" || classes[d.peek()]&space == 0 {
			return unexpected(&d.scanner, "a metric name and a blank behind it")
		}
		if err := d.resolve(name, !quoted); err != nil {
			return err
		}
		d.setLastName(name, quoted)
	}
	d.skipBlanks()
	text := d.rest()
	d.pos++
	switch {
	case text == "":
		return nil
	case keyword == "HELP":
		return d.help(text)
	default:
		return d.typeOf(text)
	}
}

func (d *textDecoder) help(text string) error {
	if d.family.hasHelp {
		return Errorf("a second HELP line for metric %s", Quote(d.family.Name))
	}
	text, err := d.helpText(text)
	if err != nil {
		return err
	}
	d.families.setHelp(d.family, text)
	return nil
}

func (d *textDecoder) typeOf(text string) error {
	if d.family.hasType {
		return Errorf("a second TYPE line for metric %s, or one behind its samples", Quote(d.family.Name))
	}
	t, ok := textType(text)
	if !ok {
		if t, ok = textType(strings.ToUpper(text)); !ok {
			return Errorf("unknown metric type %s", Quote(text))
		}
	}
	f := d.family
	f.Type, f.hasType = t, true
	f.unique = !d.families.hasAny(f.base, classicSuffixes[t])
	return nil
}

// textType returns the type of the text format that has this name, in lower or in upper case. Like expfmt, it knows the
// gauge histogram, though the format has none.
func textType(name string) (t Type, ok bool) {
	switch name {
	case "counter", "COUNTER":
		return TypeCounter, true
	case "gauge", "GAUGE":
		return TypeGauge, true
	case "histogram", "HISTOGRAM":
		return TypeHistogram, true
	case "summary", "SUMMARY":
		return TypeSummary, true
	case "untyped", "UNTYPED":
		return TypeUnknown, true
	case "GAUGEHISTOGRAM", "GAUGE_HISTOGRAM":
		return TypeGaugeHistogram, true
	default:
		return 0, false
	}
}

// resolveName finds the family and the part of it that has this name, or makes a family of it.
func (d *textDecoder) resolveName(name string, word bool) error {
	if f := d.family; f != nil && f.unique && strings.HasPrefix(name, f.base) {
		if part, ok := partOf(name[len(f.base):], f.Type); ok {
			d.part = part
			return nil
		}
	}
	if f, ok := d.families.names.find(name); ok {
		d.family, d.part = f, partValue
		return nil
	}
	if err := d.checkMetricName(name, word); err != nil {
		return err
	}
	if i := strings.LastIndexByte(name, '_'); i > 0 && isSuffix(name[i:]) {
		if f, ok := d.families.names.find(name[:i]); ok {
			if part, ok := partOf(name[i:], f.Type); ok {
				d.family, d.part = f, part
				return nil
			}
		}
	}
	f, err := d.families.add(name)
	if err != nil {
		return err
	}
	f.offset = d.line
	d.family, d.part = f, partValue
	return nil
}

func isSuffix(s string) bool { return s == "_bucket" || s == "_sum" || s == "_count" }

// partOf returns the part of a histogram or summary whose samples have this at the end of their names.
func partOf(suffix string, t Type) (part, bool) {
	isHistogram := t == TypeHistogram || t == TypeGaugeHistogram
	switch {
	case suffix == "_bucket" && isHistogram:
		return partBucket, true
	case suffix == "_sum" && (isHistogram || t == TypeSummary):
		return partSum, true
	case suffix == "_count" && (isHistogram || t == TypeSummary):
		return partCount, true
	}
	return 0, false
}

// sample reads a sample to the end of its line.
func (d *textDecoder) sample() error {
	begin := d.pos
	own, next := d.takePrefix()
	if !next {
		if err := d.series(); err != nil {
			return err
		}
	}
	f := d.family
	f.hasType = true
	d.skipBlanks()
	value, err := d.float()
	if err != nil {
		return err
	}
	p := &d.point
	p.HasTimestamp = false
	if !d.take('\n') {
		if err := d.timestamp(); err != nil {
			return err
		}
	}
	switch f.Type {
	case TypeHistogram, TypeSummary:
		if next {
			_, err = d.assembleNext(own, value)
		} else {
			_, err = d.assemble(begin, value, 0)
		}
		return err
	case TypeGaugeHistogram:
		return Errorf("metric %s: its type (%s) cannot be translated to OTLP", Quote(f.Name), f.Type)
	}
	p.Labels, p.Value = d.labels, value
	return d.emit(f, p)
}

// timestamp reads a timestamp in milliseconds, at the end of the line.
func (d *textDecoder) timestamp() error {
	d.skipBlanks()
	token := d.token()
	ms, err := strconv.ParseInt(token, 10, 64)
	if err != nil {
		return Errorf("expected a whole number as timestamp, got %s", Quote(token))
	}
	if !d.take('\n') {
		return unexpected(&d.scanner, "the end of the line behind the timestamp")
	}
	d.point.Timestamp, err = nanosOfMillis(ms)
	d.point.HasTimestamp = true
	return err
}

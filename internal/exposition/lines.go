package exposition

import (
	"errors"
	"strings"

	"github.com/prometheus/common/model"
)

// lines is what the decoders of the two text formats have in common. It is reused from body to body.
type lines struct {
	scanner
	labelReader
	assembler
	families families
	format   Format
	// resolve sets family and part to what has this name. It is the format's. A word is a name that was not quoted, so it is
	// valid.
	resolve func(name string, word bool) error

	// What the last sample was of: the next one is often of the same. lastName is empty if it was quoted.
	lastName string
	family   *family
	part     part
	// prefix is how the last line began, up to the value of its le or quantile, if that was the last of its labels. A line
	// that begins in the same way is of the same point.
	prefix  string
	ownText int // where the value of the last label begins

	point Point
}

// part says what a sample is of its point.
type part uint8

const (
	partValue   part = iota // the value; of a histogram nothing, of a summary a quantile
	partBucket              // of a histogram
	partCount               // of a histogram or summary
	partSum                 // of a histogram or summary
	partCreated             // of a counter, histogram or summary in OpenMetrics
)

func newLines(format Format, suffixes typeSuffixes) lines {
	return lines{format: format, families: newFamilies(suffixes), assembler: newAssembler()}
}

func (d *lines) begin(body string, o Options, sink Sink) {
	d.scanner = scanner{body: body, lenient: o.Lenient, meter: meter{grow: o.Grow}}
	if d.format == Text {
		d.blank = space
	} else {
		d.strict = true
	}
	d.names, d.limits = o.NameValidation, o.Limits
	d.families.sink, d.families.meter = sink, &d.meter
}

// end forgets the body, whose strings must not be kept alive.
func (d *lines) end() {
	d.scanner = scanner{}
	d.labelReader.forget()
	d.assembler.forget()
	d.families.reset()
	d.lastName, d.prefix, d.family, d.point = "", "", nil, Point{}
}

// takeLastName moves behind the metric name if it is that of the last sample, and c or a space follows.
func (d *lines) takeLastName(c byte) bool {
	i := d.pos + len(d.lastName)
	if d.lastName == "" || i >= len(d.body) {
		return false
	}
	if d.body[i] != c && d.body[i] != ' ' {
		return false // the name goes on, or there is something odd
	}
	if d.body[d.pos:i] != d.lastName {
		return false
	}
	d.pos = i
	return true
}

// takePrefix moves behind the labels of a line that begins as the last one, and returns its le or quantile.
func (d *lines) takePrefix() (text string, ok bool) {
	body, begin := d.body, d.pos+len(d.prefix)
	if d.prefix == "" || begin >= len(body) || body[d.pos:begin] != d.prefix {
		return "", false
	}
	i := begin
	for classes[body[i]]&plain != 0 {
		i++
	}
	if body[i] != '"' || body[i+1] != '}' {
		return "", false
	}
	d.pos = i + 2
	return body[begin:i], true
}

// setLastName remembers a name that the next sample may have too. A quoted one looks different from its name.
func (d *lines) setLastName(name string, quoted bool) {
	d.lastName = name
	if quoted {
		d.lastName = ""
	}
}

// series reads a metric name and labels, and finds out what they are of:
//
//	series = name [ labels ] | "{" name [ "," label { "," label } [ "," ] ] "}"
func (d *lines) series() error {
	d.prefix = ""
	if d.peek() == '{' {
		return d.seriesInBraces()
	}
	if !d.takeLastName('{') {
		quoted := d.peek() == '"'
		name, err := d.name(metricWord)
		if err != nil {
			return err
		}
		if name == "" {
			return unexpected(&d.scanner, "a metric name")
		}
		if err := d.resolve(name, !quoted); err != nil {
			return err
		}
		if quoted && d.strict {
			return Errorf("the quoted metric name %s must stand in the braces", Quote(name))
		}
		d.setLastName(name, quoted)
	}
	d.skipBlanks()
	if !d.take('{') {
		d.labels = d.labels[:0]
		return nil
	}
	metric, err := d.read(&d.scanner)
	d.ownText = d.last
	if metric != "" && err == nil {
		return Errorf("expected = behind label name %s", Quote(metric))
	}
	return err
}

func (d *lines) seriesInBraces() error {
	d.take('{')
	metric, err := d.read(&d.scanner)
	d.ownText = d.last
	if err != nil {
		return err
	}
	if metric == "" {
		return Errorf("the sample has no metric name")
	}
	d.lastName = ""
	return d.resolve(metric, false)
}

// checkMetricName checks a name that is new. One that was not quoted is a word, which is always valid.
func (d *lines) checkMetricName(name string, word bool) error {
	if !word && !d.names.IsValidMetricName(name) {
		return errMetricName(name, d.names)
	}
	return d.limits.checkMetricName(name)
}

func errMetricName(name string, names model.ValidationScheme) error {
	return Errorf("metric name %s is not valid (name_validation is %s)", Quote(name), names)
}

// emit delivers a point.
func (d *lines) emit(f *family, p *Point) error {
	if d.families.current != f {
		if err := d.families.announce(f); err != nil {
			return &PointError{Err: err}
		}
	}
	if err := d.families.sink.Point(p); err != nil {
		return &PointError{Err: err}
	}
	return nil
}

// flush delivers all points that are assembled.
func (d *lines) flush() error {
	line := d.line
	for i := range d.assembled {
		p := &d.assembled[i]
		d.line = p.line
		if err := d.emit(p.family, d.pointOf(p)); err != nil {
			return err
		}
	}
	d.line = line
	d.empty()
	return nil
}

// finish ends a body that is without errors so far.
func (d *lines) finish() error {
	if err := d.families.complete(); err != nil {
		return &PointError{Err: err}
	}
	f, err := d.families.checkNames()
	if err != nil {
		d.line = f.offset
		return d.fail(err)
	}
	return nil
}

// fail makes an error one of the current line.
func (d *lines) fail(err error) error {
	var refused *PointError
	if errors.As(err, &refused) {
		refused.Line = d.lineNumber(d.line)
		return err
	}
	return d.scanner.fail(d.format, err)
}

// failAtEnd makes an error one of the last line, which has no newline.
func (d *lines) failAtEnd(line string, err error) error {
	d.line = len(d.body)
	return d.failIn(line, d.format, err)
}

// helpText checks the text of a HELP line and replaces its escapes, which are those of a quoted string.
func (d *lines) helpText(text string) (string, error) {
	if !validUTF8(text) {
		return "", Errorf("the help text is not UTF-8")
	}
	i := strings.IndexByte(text, '\\')
	if i < 0 {
		return text, nil
	}
	for ; i < len(text) && !d.strict; i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; i == len(text) || !isEscape(text[i]) {
			return "", badEscape(text[i-1:])
		}
	}
	return d.unescape(text)
}

// splitBody cuts a body behind its last line feed.
func splitBody(body string) (lines, rest string) {
	i := strings.LastIndexByte(body, '\n') + 1
	return body[:i], body[i:]
}

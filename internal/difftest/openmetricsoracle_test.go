package difftest

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A page is what textparse finds in an OpenMetrics body: line by line, without a look at how the lines fit together.
type page struct {
	entries  []*entry
	families []*pageFamily
}

// An entry is a line of a page, or more than one if there is a line feed in a quoted name.
type entry struct {
	kind   textparse.Entry
	line   int // counted from 1
	family *pageFamily
	name   string
	raw    string // the name of a HELP, TYPE or UNIT line, or a sample's name and labels, as they are written
	text   string // of a HELP, TYPE or UNIT line

	labels   []exposition.Label // of a sample
	value    float64
	time     *int64 // in milliseconds
	timeText string // as it is written
	exemplar *pageExemplar
}

type pageExemplar struct {
	labels []exposition.Label
	value  float64
	time   *int64 // in milliseconds
}

// newTextparse returns textparse's parser, which is not told to leave out the _created samples.
func newTextparse(body []byte) textparse.Parser {
	return textparse.NewOpenMetricsParser(body, labels.NewSymbolTable())
}

// parsePage reads a body with textparse.
func parsePage(body string) (*page, error) {
	b := []byte(body)
	b = b[:len(b):len(b)]
	parser := newTextparse(b)
	p := &page{}
	line, counted := 1, 0 // the number of the line at which what is counted so far ends
	for {
		kind, err := parser.Next()
		if errors.Is(err, io.EOF) {
			p.makeFamilies()
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		e := &entry{kind: kind}
		at := e.read(parser)
		// What textparse returns are parts of the body: their capacity goes to its end, and so says where they begin.
		begin := len(b) - cap(at)
		line += bytes.Count(b[counted:begin], []byte("\n"))
		e.line, counted = line, begin
		if e.time != nil {
			e.timeText = timeText(body[begin+len(at):])
		}
		p.entries = append(p.entries, e)
	}
}

// timeText returns the timestamp from what stands behind the labels of a sample.
func timeText(rest string) string {
	rest, _, _ = strings.Cut(rest, "\n")
	return strings.SplitN(rest, " ", 4)[2] // nothing stands before the first space, and the value before the second
}

// read takes over the current line of the parser. It returns a part of the body, which begins in that line.
func (e *entry) read(parser textparse.Parser) (at []byte) {
	var text []byte
	switch e.kind {
	case textparse.EntrySeries:
		at, e.time, e.value = parser.Series()
		e.raw = string(at)
		e.readLabels(parser)
		return at
	case textparse.EntryHelp:
		at, text = parser.Help()
	case textparse.EntryUnit:
		at, text = parser.Unit()
	case textparse.EntryType:
		var t model.MetricType
		at, t = parser.Type()
		text = []byte(t)
	}
	e.raw, e.text = string(at), string(text)
	e.name = unescape(e.raw) // textparse leaves that to its caller
	return at
}

// readLabels takes over the labels of a sample, and its exemplar.
func (e *entry) readLabels(parser textparse.Parser) {
	var x exemplar.Exemplar
	if parser.Exemplar(&x) {
		e.exemplar = &pageExemplar{value: x.Value}
		if x.HasTs {
			e.exemplar.time = &x.Ts
		}
		x.Labels.Range(func(l labels.Label) { // textparse leaves the escapes to its caller
			e.exemplar.labels = append(e.exemplar.labels, exposition.Label{Name: unescape(l.Name), Value: unescape(l.Value)})
		})
	}
	if strings.Contains(e.raw, model.BucketLabel) || strings.Contains(e.raw, model.QuantileLabel) {
		// textparse rewrites these labels of all samples behind the TYPE line of a histogram or summary, be they of that or
		// not. A parser that sees this sample alone does not.
		parser = newTextparse([]byte(e.raw + " 0\n# EOF\n"))
		_, _ = parser.Next()
	}
	var all labels.Labels
	parser.Labels(&all)
	named := false
	all.Range(func(l labels.Label) {
		if l.Name == model.MetricNameLabel && !named {
			e.name, named = l.Value, true
			return
		}
		e.labels = append(e.labels, exposition.Label{Name: l.Name, Value: l.Value})
	})
}

// escapes are those of OpenMetrics. A backslash before another byte stays.
var escapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")

func unescape(s string) string { return escapes.Replace(s) }

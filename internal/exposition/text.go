package exposition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// decodeText decodes the text format 0.0.4 through expfmt, family by family in the order of their names (expfmt
// forgets the order of the input).
//
//	body   = { line LF }
//	line   = [ sample | "# HELP" name text | "# TYPE" name type | "#" text ]
//	sample = name [ "{" label { "," label } "}" ] value [ timestamp ]
//	       | "{" quoted-name { "," label } "}" value [ timestamp ]
func decodeText(body string, o Options, sink Sink) error {
	lines, err := countSampleLines(body)
	if err != nil {
		return err
	}
	parser := expfmt.NewTextParser(o.NameValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		return textError(body, err)
	}
	if err := checkSampleLines(body, families); err != nil {
		return err
	}
	sorted := make([]*dto.MetricFamily, 0, len(families))
	for _, name := range slices.Sorted(maps.Keys(families)) {
		sorted = append(sorted, families[name])
	}
	if samples := countSamples(sorted); lines != samples {
		return &SyntaxError{Format: Text, Err: fmt.Errorf("%d of %d samples say nothing about the histogram or summary that "+
			"they belong to: a repeated _sum or _count, or a NaN as le or quantile", lines-samples, lines)}
	}
	return walkFamilies(sorted, o.NameValidation, sink)
}

// textError adds to an error of expfmt what a user needs to find and mend the line.
func textError(body string, err error) *SyntaxError {
	e := &SyntaxError{Format: Text, Err: err}
	var parseError expfmt.ParseError
	if !errors.As(err, &parseError) {
		return e
	}
	e.Line = parseError.Line
	line, offset := lineOf(body, e.Line)
	e.Offset, e.Text = int64(offset), line
	e.Err = errors.New(parseError.Msg)
	switch {
	case strings.HasSuffix(line, "\r"):
		e.Err = fmt.Errorf("%w (the line ends in CR LF; lines must end in LF alone)", e.Err)
	case offset+len(line) == len(body):
		e.Err = fmt.Errorf("%w (the last line has no line feed at its end)", e.Err)
	}
	return e
}

// lineOf returns the line of that number, counted from 1, without its line feed, and where it begins.
func lineOf(body string, number int) (line string, offset int) {
	for ; number > 1; number-- {
		i := strings.IndexByte(body[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	line, _, _ = strings.Cut(body[offset:], "\n")
	return line, offset
}

// countSamples counts the samples that made it into the families: expfmt passes over a sample of a histogram or summary
// that it can make nothing of, and lets a repeated one overwrite the first. Fewer than there are lines: some was lost.
func countSamples(families []*dto.MetricFamily) int {
	n := 0
	for _, family := range families {
		for _, m := range family.Metric {
			switch {
			case m.Histogram != nil:
				h := m.Histogram
				n += len(h.Bucket) + count(h.SampleCount != nil || h.SampleCountFloat != nil) + count(h.SampleSum != nil)
			case m.Summary != nil:
				s := m.Summary
				n += len(s.Quantile) + count(s.SampleCount != nil) + count(s.SampleSum != nil)
			default:
				n++
			}
		}
	}
	return n
}

func count(present bool) int {
	if present {
		return 1
	}
	return 0
}

package exposition

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// sampleLines calls yield with each line that is neither blank nor a comment, without leading blanks. The error of
// yield ends it, and comes back with the place.
func sampleLines(body string, yield func(line string) error) error {
	number, offset := 0, 0
	for raw := range strings.Lines(body) {
		number++
		line := strings.TrimLeft(raw, " \t")
		if line != "" && line[0] != '\n' && line[0] != '#' {
			if err := yield(line); err != nil {
				text := strings.TrimSuffix(raw, "\n")
				return &SyntaxError{Format: Text, Line: number, Offset: int64(offset), Text: text, Err: err}
			}
		}
		offset += len(raw)
	}
	return nil
}

// countSampleLines counts the samples, and refuses one with too many labels before expfmt sees it: expfmt compares
// each label with all before it.
func countSampleLines(body string) (int, error) {
	samples := 0
	err := sampleLines(body, func(line string) error {
		samples++
		if len(line) > maxLabels && splitSample(line, "").labels > maxLabels {
			return errTooManyLabels
		}
		return nil
	})
	return samples, err
}

// checkSampleLines refuses samples that expfmt accepts but gets wrong. It expects a body that expfmt has accepted.
//
//   - A quoted metric name that is not the first in the braces: expfmt treats the labels before it as if they were
//     those of the metric of the line before.
//   - A sample of a histogram or summary with an le or quantile too many, or without one: expfmt passes over it.
//   - A summary's count that is not a whole number: expfmt makes some whole number of it.
func checkSampleLines(body string, families map[string]*dto.MetricFamily) error {
	return sampleLines(body, func(line string) error {
		name, ok := sampleName(line)
		if !ok {
			return errors.New("the metric name must come first in the braces")
		}
		family, suffix := familyOf(name, families)
		switch family.GetType() {
		case dto.MetricType_HISTOGRAM:
			if suffix == "" {
				return fmt.Errorf("%s is no sample of a histogram: it has no _bucket, _sum or _count at its end", Quote(name))
			}
			return checkOwnLabel(line, "le", name, suffix == "_bucket")
		case dto.MetricType_SUMMARY:
			if err := checkOwnLabel(line, "quantile", name, suffix == ""); err != nil {
				return err
			}
			if suffix == "_count" {
				return checkCount(splitSample(line, "").value)
			}
		}
		return nil
	})
}

// checkOwnLabel checks that the label by which the samples of one point are told apart is there, if it is wanted, and is
// there once.
func checkOwnLabel(line, own, name string, wanted bool) error {
	n := splitSample(line, own).own
	switch {
	case wanted && n != 1:
		return fmt.Errorf("%s must have one label %s, but has %d", Quote(name), own, n)
	case !wanted && n != 0:
		return fmt.Errorf("%s cannot have a label %s", Quote(name), own)
	}
	return nil
}

func checkCount(value string) error {
	v, _ := strconv.ParseFloat(value, 64) // expfmt has parsed it, so it is a number
	if _, err := wholeCount(v); err != nil {
		return fmt.Errorf("the count %w", err)
	}
	return nil
}

// familyOf returns the family that expfmt adds a sample to, and what the sample's name has more than the family's.
func familyOf(name string, families map[string]*dto.MetricFamily) (*dto.MetricFamily, string) {
	if family, ok := families[name]; ok {
		return family, ""
	}
	for _, suffix := range []string{"_count", "_sum", "_bucket"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			return families[base], suffix
		}
	}
	return nil, ""
}

// sampleName returns the metric name of a sample, and whether it stands before all labels.
func sampleName(line string) (string, bool) {
	if line[0] != '{' {
		name, _ := nameToken(line)
		return name, true
	}
	name, rest := nameToken(strings.TrimLeft(line[1:], " \t"))
	return name, !strings.HasPrefix(strings.TrimLeft(rest, " \t"), "=")
}

// nameToken returns the name at the beginning of s, without quotes and escapes, and what follows it. As in expfmt,
// quotes may begin anywhere in a name.
func nameToken(s string) (string, string) {
	var name strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(s):
			i++
			if s[i] == 'n' {
				name.WriteByte('\n')
			} else {
				name.WriteByte(s[i])
			}
		case !quoted && strings.IndexByte("{}=, \t", c) >= 0:
			return name.String(), s[i:]
		default:
			name.WriteByte(c)
		}
	}
	return name.String(), ""
}

// sampleParts is what is to be known of a sample beside its name.
type sampleParts struct {
	labels int    // how many there are
	own    int    // how many of them have the name that was asked for
	value  string // what follows the labels, up to the timestamp
}

// splitSample looks at a line without checking its syntax. The equals signs outside of quotes are those of labels.
func splitSample(line, own string) sampleParts {
	p := sampleParts{}
	quoted, begin := false, 0 // begin: of the current name or of the value
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case quoted:
		case c == '=':
			p.labels++
			if strings.Trim(line[begin:i], " \t\"") == own {
				p.own++
			}
		case c == '{' || c == ',' || c == '}' || (begin == 0 && (c == ' ' || c == '\t')):
			begin = i + 1
		}
	}
	if fields := strings.Fields(line[begin:]); len(fields) > 0 {
		p.value = fields[0]
	}
	return p
}

package exposition

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// A labelReader reads the labels of one sample after the other.
type labelReader struct {
	names  model.ValidationScheme
	limits Limits
	// labels are those of the last sample: they lend the next one their names, which have been checked then.
	labels []Label
	// lent is how many may be lent: none, if one of the names was quoted, and more than there are labels, if there were
	// more before.
	lent int
	left int // labels beyond the limit, which are counted only
}

// read reads a label set from behind its brace to behind the closing one:
//
//	labels = "{" [ label { "," label } [ "," ] ] "}"
//	label  = name "=" quoted
//
// Blanks may stand between all of these. It returns a metric name that stands first in the braces, as
//
//	"{" name [ "," label { "," label } [ "," ] ] "}"
func (r *labelReader) read(s *scanner) (metric string, err error) {
	known := r.labels[:r.lent]
	n := 0
	for n < len(known) && s.takeName(known[n].Name) {
		if known[n].Value, err = s.quoted(); err != nil {
			return "", err
		}
		if err := r.limits.checkLabelValue(&known[n]); err != nil {
			return "", err
		}
		n++
		if c := s.body[s.pos]; c == ',' {
			s.pos++
		} else if c == '}' {
			s.pos++
			r.labels = known[:n]
			return "", nil
		} else if err := r.separate(s); err != nil {
			return "", err
		}
	}
	r.labels, r.lent = known[:n], 0
	words := true
	r.left = 0
	for {
		s.skipBlanks()
		if s.take('}') {
			break
		}
		words = words && s.peek() != '"'
		name, err := r.label(s)
		if err != nil {
			return "", err
		}
		if name != "" {
			if metric != "" || len(r.labels) > 0 {
				return "", Errorf("label %s has no value; the metric name must come first in the braces", Quote(name))
			}
			metric = name
		}
		if s.peek() == '}' {
			continue
		}
		if err := r.separate(s); err != nil {
			return "", err
		}
	}
	if r.left > 0 {
		return "", r.limits.checkLabels(len(r.labels) + r.left)
	}
	if words {
		r.lent = len(r.labels)
	}
	return metric, unique(r.labels)
}

// separate reads what stands between labels, or moves to the brace behind the last one.
func (r *labelReader) separate(s *scanner) error {
	s.skipBlanks()
	if s.peek() != '}' && !s.take(',') {
		return unexpected(s, ", or } behind a label value")
	}
	return nil
}

// label reads a label, or a name without a value, which it returns, and the blanks behind it.
func (r *labelReader) label(s *scanner) (metric string, err error) {
	quoted := s.peek() == '"'
	name, err := s.name(labelWord)
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", unexpected(s, "a label name")
	}
	s.skipBlanks()
	if !s.take('=') {
		if c := s.peek(); c != ',' && c != '}' {
			return "", unexpected(s, "= behind a label name")
		}
		if s.strict && !quoted {
			return "", Errorf("the metric name %s in braces must be quoted", Quote(name))
		}
		return name, nil
	}
	if err := r.check(name, quoted); err != nil {
		return "", err
	}
	s.skipBlanks()
	if s.peek() != '"' {
		return "", unexpected(s, "a quote before a label value")
	}
	value, err := s.quoted()
	if err != nil {
		return "", err
	}
	s.skipBlanks()
	if beyond(len(r.labels)+1, r.limits.Labels) {
		r.left++
		return "", nil
	}
	r.labels = append(r.labels, Label{Name: name, Value: value})
	return "", r.limits.checkLabelValue(&r.labels[len(r.labels)-1])
}

// takeName moves to the quote behind a label name, an equals sign and a quote, if these are next.
func (s *scanner) takeName(name string) bool {
	i := s.pos + len(name)
	if i+1 >= len(s.body) || s.body[i] != '=' || s.body[i+1] != '"' || s.body[s.pos:i] != name {
		return false
	}
	s.pos = i + 1
	return true
}

// forget lets go of the body.
func (r *labelReader) forget() {
	clear(r.labels[:cap(r.labels)])
	r.labels, r.lent = r.labels[:0], 0
}

// check checks a label name. One that was not quoted is a word, which is always valid.
func (r *labelReader) check(name string, quoted bool) error {
	if name == model.MetricNameLabel {
		return Errorf("label name %s is reserved", Quote(name))
	}
	if quoted && !r.names.IsValidLabelName(name) {
		return errLabelName(name, r.names)
	}
	return r.limits.checkLabelName(name)
}

func errLabelName(name string, names model.ValidationScheme) error {
	return Errorf("label name %s is not valid (name_validation is %s)", Quote(name), names)
}

// unexpected is the error for a byte that cannot stand where it does.
func unexpected(s *scanner, expected Literal) error {
	line, _, _ := strings.Cut(s.body[s.pos:], "\n")
	if line == "" {
		return Errorf("expected %s, but the line ends", expected)
	}
	return Errorf("expected %s, got %s", expected, Quote(firstRune(line)))
}

// firstRune returns the first character of s, or the first byte if it is not UTF-8.
func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// fewLabels is up to how many it is fastest to compare each with each.
const fewLabels = 16

// unique refuses a label name that is there twice.
func unique(labels []Label) error {
	if len(labels) <= fewLabels {
		for i := range labels {
			for j := range labels[:i] {
				if labels[i].Name == labels[j].Name {
					return errTwice(labels[i].Name)
				}
			}
		}
		return nil
	}
	sorted := slices.Clone(labels)
	slices.SortFunc(sorted, func(x, y Label) int { return strings.Compare(x.Name, y.Name) })
	for i := range sorted[1:] {
		if sorted[i].Name == sorted[i+1].Name {
			return errTwice(sorted[i].Name)
		}
	}
	return nil
}

func errTwice(name string) error { return Errorf("it has label %s twice", Quote(name)) }

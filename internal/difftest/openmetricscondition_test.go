package difftest

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// onPage makes a condition of what an error says, and of the lines that textparse finds.
func onPage(text string, condition func(p *page) bool) func(string, error) bool {
	return func(body string, err error) bool {
		if !says(text)(body, err) {
			return false
		}
		p, parseErr := parsePage(body)
		return parseErr == nil && condition(p)
	}
}

// inLine makes a condition of what an error says, and of what textparse finds in the line that it names.
func inLine(text string, condition func(e *entry) bool) func(string, error) bool {
	return func(body string, err error) bool {
		return onPage(text, func(p *page) bool {
			e := p.inLine(lineOf(err))
			return e != nil && condition(e)
		})(body, err)
	}
}

// lineOf returns the line that our error names.
func lineOf(err error) int {
	var syntaxError *exposition.SyntaxError
	var pointError *exposition.PointError
	switch {
	case errors.As(err, &syntaxError):
		return syntaxError.Line
	case errors.As(err, &pointError):
		return pointError.Line
	default:
		return 0
	}
}

func (p *page) inLine(line int) *entry {
	for _, e := range p.entries {
		if e.line == line {
			return e
		}
	}
	return nil
}

// hasTwoPlaces says whether there are two families of one name, other than a counter and one of another type.
func (p *page) hasTwoPlaces() bool {
	return p.hasPair(func(f, other *pageFamily) bool {
		return f.name == other.name && !f.isAnother(other) || f.fullName() == other.fullName()
	})
}

// fullName is the name with the _total of a counter.
func (f *pageFamily) fullName() string {
	if f.typeName() == "counter" {
		return f.name + "_total"
	}
	return f.name
}

// hasClash says whether two families have samples, and a name for samples in common.
func (p *page) hasClash() bool {
	return p.hasPair(func(f, other *pageFamily) bool {
		return len(f.samples) > 0 && len(other.samples) > 0 &&
			slices.ContainsFunc(append(f.names(), f.fullName()), func(name string) bool {
				return slices.Contains(append(other.names(), other.fullName()), name)
			})
	})
}

func (p *page) hasPair(condition func(f, other *pageFamily) bool) bool {
	for i, f := range p.families {
		if slices.ContainsFunc(p.families[:i], func(other *pageFamily) bool { return condition(f, other) }) {
			return true
		}
	}
	return false
}

// hasEarlier says whether there is such an entry of the same kind in the same family before this one.
func (e *entry) hasEarlier(condition func(other *entry) bool) bool {
	return slices.ContainsFunc(e.family.entries[:slices.Index(e.family.entries, e)], func(other *entry) bool {
		return other.kind == e.kind && condition(other)
	})
}

func ofType(name string) func(e *entry) bool {
	return func(e *entry) bool { return e.family.typeName() == name }
}

// has says whether the sample or its exemplar has a label of that name.
func (e *entry) has(label string) bool {
	return slices.ContainsFunc(e.allLabels(), func(l exposition.Label) bool { return l.Name == label })
}

func (e *entry) allLabels() []exposition.Label {
	if e.exemplar == nil {
		return e.labels
	}
	return slices.Concat(e.labels, e.exemplar.labels)
}

// isBareName says whether the sample has the name of the family before it, where that needs a suffix.
func (e *entry) isBareName() bool {
	before := e.family.before
	return before != nil && before.name == e.name && !before.has(e)
}

// isLonelyCreated says whether neither of its neighbours is the _total of the same counter.
func (e *entry) isLonelyCreated() bool {
	if e.family.typeName() != "counter" || e.suffix() != "_created" {
		return false
	}
	i := slices.Index(e.family.entries, e)
	for _, j := range []int{i - 1, i + 1} {
		if j < 0 || j >= len(e.family.entries) {
			continue
		}
		if other := e.family.entries[j]; other.suffix() == "_total" && other.point() == e.point() {
			return false
		}
	}
	return true
}

// isBound says whether the sample is one that needs le or quantile.
func (e *entry) isBound() bool {
	switch e.family.ownLabel() {
	case model.BucketLabel:
		return e.suffix() == "_bucket"
	case model.QuantileLabel:
		return e.suffix() == ""
	default:
		return false
	}
}

// hasNumber says whether its le or quantile is a decimal number.
func (e *entry) hasNumber() bool {
	for _, l := range e.labels {
		if l.Name == e.family.ownLabel() {
			v, err := strconv.ParseFloat(l.Value, 64)
			return err == nil && !math.IsNaN(v) && !strings.ContainsAny(l.Value, "pP_")
		}
	}
	return false
}

func (e *entry) isFractionalCount() bool {
	if e.family.ownLabel() == "" || e.suffix() != "_count" && e.suffix() != "_bucket" {
		return false
	}
	return !(e.value >= 0 && e.value < 1<<64 && e.value == math.Trunc(e.value))
}

// hasOddTime says whether there is a time that is outside the years 1970 to 2262, or may be by less than a millisecond.
func (e *entry) hasOddTime() bool {
	const lastSecond = math.MaxInt64 / 1_000_000_000
	isOdd := func(ms *int64) bool { return ms != nil && (*ms <= 0 || *ms >= lastSecond*1000) }
	if isOdd(e.time) || e.exemplar != nil && isOdd(e.exemplar.time) {
		return true
	}
	return e.suffix() == "_created" && !(e.value >= 0 && e.value < lastSecond) // NaN is neither
}

// hasTimeZero says whether the timestamp is that of the beginning of 1970.
func (e *entry) hasTimeZero() bool { return e.time != nil && *e.time == 0 }

func (e *entry) hasLabelTwice() bool {
	twice := func(labels []exposition.Label) bool {
		names := map[string]bool{}
		for _, l := range labels {
			names[l.Name] = true
		}
		return len(names) < len(labels)
	}
	return twice(e.labels) || e.exemplar != nil && twice(e.exemplar.labels)
}

// sameTime says whether both have the same timestamp, or none.
func sameTime(x, y *entry) bool {
	if x.time == nil || y.time == nil {
		return x.time == y.time
	}
	if hasLongExponent(x.timeText) || hasLongExponent(y.timeText) {
		return *x.time == *y.time // they would take math/big a long time
	}
	exact, ok := new(big.Rat).SetString(x.timeText)
	other, otherOK := new(big.Rat).SetString(y.timeText)
	return ok && otherOK && exact.Cmp(other) == 0
}

var hasLongExponent = has(`[eE][+-]?\d{4}`)

// mayHaveExemplar says whether the sample is one to which the specification lets an exemplar be attached.
func (e *entry) mayHaveExemplar() bool {
	return ofType("counter")(e) && e.suffix() == "_total" || ofType("histogram")(e) && e.suffix() == "_bucket"
}

// anyName says whether one of the names is such.
func (e *entry) anyName(condition func(name string) bool) bool {
	return condition(e.name) || slices.ContainsFunc(e.allLabels(), func(l exposition.Label) bool { return condition(l.Name) })
}

// invalidName says whether the line has the name that the error says is not valid.
func invalidName(body string, err error) bool {
	for _, names := range namings {
		found := inLine("is not valid (name_validation is "+names.String()+")", func(e *entry) bool {
			if !names.IsValidMetricName(e.name) {
				return true
			}
			return slices.ContainsFunc(e.labels, func(l exposition.Label) bool { return !names.IsValidLabelName(l.Name) })
		})
		if found(body, err) {
			return true
		}
	}
	return false
}

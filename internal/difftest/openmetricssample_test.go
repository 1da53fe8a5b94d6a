package difftest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A flatSample is a sample or an exemplar, in a form that textparse's lines and our points can be brought into. Or it
// says no more than that there is a point.
type flatSample struct {
	series  string // the head of its family, its name and labels
	value   float64
	isTime  bool // the value is a time in seconds
	time    float64
	hasTime bool // time is in milliseconds
}

func (s flatSample) String() string {
	text := fmt.Sprintf("%s %v", s.series, s.value)
	if s.hasTime {
		text += fmt.Sprintf(" at=%f", s.time)
	}
	return text
}

// equals says whether both are the same. textparse has times in milliseconds.
func (s flatSample) equals(other flatSample) bool {
	const millisecond = 1e-3
	sameValue := math.Float64bits(s.value) == math.Float64bits(other.value) || math.IsNaN(s.value) && math.IsNaN(other.value)
	if s.isTime {
		sameValue = math.Abs(s.value-other.value) <= millisecond
	}
	return s.series == other.series && s.isTime == other.isTime && sameValue &&
		s.hasTime == other.hasTime && (!s.hasTime || math.Abs(s.time-other.time) <= 1)
}

// isNoTime says whether it is a _created of 0 ns, which OTLP takes for none.
func (s flatSample) isNoTime() bool { return s.isTime && s.value >= 0 && s.value < 1e-9 }

// differentSamples compares two lists, and returns what is different. The order of samples matters for those of one
// series.
func differentSamples(oracle, ours []flatSample) string {
	bySeries := func(x, y flatSample) int { return cmp.Compare(x.series, y.series) }
	slices.SortStableFunc(oracle, bySeries)
	slices.SortStableFunc(ours, bySeries)
	for i := range max(len(oracle), len(ours)) {
		switch {
		case i >= len(oracle):
			return fmt.Sprintf("only we have %s", ours[i])
		case i >= len(ours):
			return fmt.Sprintf("only the oracle has %s", oracle[i])
		case !oracle[i].equals(ours[i]):
			return fmt.Sprintf("the oracle has\n%s\nand we have\n%s", oracle[i], ours[i])
		}
	}
	return ""
}

// headOf writes the head of a family.
func headOf(typeName, name, unit, help string) string {
	return fmt.Sprintf("%s %q unit=%q help=%q ", typeName, name, unit, help)
}

// boundText writes a bound so that two texts are equal if the numbers are.
func boundText(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// samples returns the samples of a page.
func (p *page) samples() []flatSample {
	var all []flatSample
	for _, f := range p.families {
		for _, e := range f.samples {
			if s := e.flat(); !s.isNoTime() {
				all = append(all, s)
			}
			if e.exemplar != nil {
				all = append(all, e.flatExemplar())
			}
		}
		all = append(all, f.points()...)
	}
	return all
}

func (f *pageFamily) head() string {
	return headOf(f.typeName(), f.name, f.heads[textparse.EntryUnit], f.heads[textparse.EntryHelp])
}

func (e *entry) flat() flatSample {
	s := flatSample{value: e.value}
	labels := slices.Clone(e.labels)
	for i, l := range labels {
		if bound, err := strconv.ParseFloat(l.Value, 64); l.Name == e.family.ownLabel() && err == nil {
			labels[i].Value = boundText(bound)
		}
	}
	s.series = e.family.head() + e.name + labelsOf(labels)
	s.setTime(e.time)
	switch t := e.family.typeName(); {
	case t == "unknown" || t == "gauge":
	case e.suffix() == "_created":
		s.isTime = true
	case t != "counter" && (e.suffix() == "_bucket" || e.suffix() == "_count"):
		s.value += 0 // a count has no -0
	}
	return s
}

func (s *flatSample) setTime(ms *int64) {
	if ms != nil {
		s.time, s.hasTime = float64(*ms), true
	}
}

// flatExemplar returns the exemplar. Our points do not say to which bucket one belongs.
func (e *entry) flatExemplar() flatSample {
	s := flatSample{value: e.exemplar.value}
	s.series = e.family.head() + "exemplar " + labelsOf(without(e.labels, e.family.ownLabel())) + labelsOf(e.exemplar.labels)
	s.setTime(e.exemplar.time)
	return s
}

// points returns a sample for each point of a histogram or summary, and for each summary without a sum one of 0: our
// summaries always have a sum.
func (f *pageFamily) points() []flatSample {
	if f.ownLabel() == "" {
		return nil
	}
	var all []flatSample
	hasSum := map[string]bool{}
	for _, e := range f.samples {
		if e.suffix() == "_sum" {
			hasSum[e.point()] = true
		}
	}
	done := map[string]bool{}
	for _, e := range f.samples {
		if done[e.point()] {
			continue
		}
		done[e.point()] = true
		labels := labelsOf(without(e.labels, f.ownLabel()))
		all = append(all, flatSample{series: f.head() + "point " + labels})
		if f.typeName() == "summary" && !hasSum[e.point()] {
			sum := flatSample{series: f.head() + f.name + "_sum" + labels}
			sum.setTime(e.time)
			all = append(all, sum)
		}
	}
	return all
}

// without returns the labels but those of that name.
func without(labels []exposition.Label, name string) []exposition.Label {
	return slices.DeleteFunc(slices.Clone(labels), func(l exposition.Label) bool { return l.Name == name })
}

// A flattener is a Sink that makes samples of the points again.
type flattener struct {
	samples []flatSample
	head    string
	name    string // of the family, without _total
	family  exposition.Type
}

func (s *flattener) Family(f *exposition.Family) error {
	s.family, s.name = f.Type, f.Name
	if f.Type == exposition.TypeCounter {
		s.name = strings.TrimSuffix(f.Name, "_total")
	}
	s.head = headOf(f.Type.String(), s.name, f.Unit, f.Help)
	return nil
}

func (s *flattener) Point(p *exposition.Point) error {
	if p.Histogram != nil || p.Summary != nil {
		s.samples = append(s.samples, flatSample{series: s.head + "point " + labelsOf(p.Labels)})
	}
	switch {
	case p.Histogram != nil:
		for _, b := range p.Histogram.Buckets {
			s.add(p, "_bucket", float64(b.CumulativeCount), exposition.Label{Name: model.BucketLabel, Value: boundText(b.UpperBound)})
		}
		if p.Histogram.HasCount {
			s.add(p, "_count", float64(p.Histogram.Count))
		}
		if p.Histogram.HasSum {
			s.add(p, "_sum", p.Histogram.Sum)
		}
	case p.Summary != nil:
		for _, q := range p.Summary.Quantiles {
			s.add(p, "", q.Value, exposition.Label{Name: model.QuantileLabel, Value: boundText(q.Quantile)})
		}
		if p.Summary.HasCount {
			s.add(p, "_count", float64(p.Summary.Count))
		}
		s.add(p, "_sum", p.Summary.Sum)
	default:
		s.add(p, map[exposition.Type]string{exposition.TypeCounter: "_total", exposition.TypeInfo: "_info"}[s.family], p.Value)
	}
	if p.Created != 0 {
		s.add(p, "_created", float64(p.Created)/1e9)
		s.samples[len(s.samples)-1].isTime = true
	}
	for _, e := range p.Exemplars {
		x := flatSample{series: s.head + "exemplar " + labelsOf(p.Labels) + labelsOf(e.Labels), value: e.Value}
		x.time, x.hasTime = float64(e.Timestamp)/1e6, e.HasTimestamp
		s.samples = append(s.samples, x)
	}
	return nil
}

// add adds a sample of the point.
func (s *flattener) add(p *exposition.Point, suffix string, value float64, own ...exposition.Label) {
	x := flatSample{value: value, time: float64(p.Timestamp) / 1e6, hasTime: p.HasTimestamp}
	x.series = s.head + s.name + suffix + labelsOf(append(slices.Clone(p.Labels), own...))
	s.samples = append(s.samples, x)
}

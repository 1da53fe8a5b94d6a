package difftest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A recorder is a Sink that writes down what it receives, so that two recordings are equal if they say the same: the
// order of families, of points, and of the labels of a point does not matter. It also sees to it that the decoder keeps
// to what Sink says.
type recorder struct {
	families map[string]*recordedFamily
	current  *recordedFamily
	toCome   int // points of the current family, if their number was announced
	// sameNaN makes every NaN the same, except for staleness markers: no text can tell one from another.
	sameNaN bool
	// points are called with each point, if that is set.
	points func(f *exposition.Family, p *exposition.Point)
	broken []string // promises
}

type recordedFamily struct {
	exposition.Family
	lines []string
}

func (r *recorder) Family(f *exposition.Family) error {
	if r.current == nil || r.current.Name != f.Name {
		r.endFamily()
		r.toCome = 0
	}
	r.toCome += f.Points
	known := r.families[f.Name]
	if known == nil {
		if r.families == nil {
			r.families = map[string]*recordedFamily{}
		}
		if f.Index != len(r.families) {
			r.breaks("family %q has index %d, and %d families are known", f.Name, f.Index, len(r.families))
		}
		known = &recordedFamily{}
		r.families[f.Name] = known
	} else if f.Index != known.Index || f.Type != known.Type {
		r.breaks("family %q was %d, a %s, and is %d, a %s", f.Name, known.Index, known.Type, f.Index, f.Type)
	}
	known.Family = *f
	r.current = known
	return nil
}

func (r *recorder) endFamily() {
	if r.current != nil && r.toCome > 0 {
		r.breaks("of the %d points of family %q, %d did not come", r.current.Points, r.current.Name, r.toCome)
	}
}

func (r *recorder) Point(p *exposition.Point) error {
	if r.current == nil {
		r.breaks("a point without a family")
		return nil
	}
	r.toCome--
	r.checkPoint(p)
	if r.points != nil {
		r.points(&r.current.Family, p)
	}
	r.current.lines = append(r.current.lines, r.line(p))
	return nil
}

func (r *recorder) checkPoint(p *exposition.Point) {
	f := &r.current.Family
	if (p.Histogram != nil) != (f.Type == exposition.TypeHistogram) || (p.Summary != nil) != (f.Type == exposition.TypeSummary) {
		r.breaks("a point of family %q is none of a %s", f.Name, f.Type)
	}
	names := map[string]bool{}
	for _, l := range p.Labels {
		if names[l.Name] {
			r.breaks("a point of family %q has label %q twice", f.Name, l.Name)
		}
		names[l.Name] = true
	}
	if p.Timestamp < 0 || p.Created < 0 {
		r.breaks("a point of family %q has a negative time", f.Name)
	}
}

func (r *recorder) breaks(format string, args ...any) {
	r.broken = append(r.broken, "broken promise: "+fmt.Sprintf(format, args...))
}

// line returns a point as a line.
func (r *recorder) line(p *exposition.Point) string {
	var b strings.Builder
	b.WriteString(labelsOf(p.Labels))
	if p.HasTimestamp {
		fmt.Fprintf(&b, " at=%d", p.Timestamp)
	}
	h := p.Histogram
	if p.Stale {
		b.WriteString(" stale")
		if h != nil && h.Native == nil {
			for _, bucket := range h.Buckets {
				fmt.Fprintf(&b, " le=%s", r.float(bucket.UpperBound))
			}
		}
		return b.String()
	}
	switch {
	case h != nil:
		r.histogram(&b, h)
	case p.Summary != nil:
		r.summary(&b, p.Summary)
	default:
		fmt.Fprintf(&b, " value=%s", r.float(p.Value))
	}
	if p.Created != 0 {
		fmt.Fprintf(&b, " created=%d", p.Created)
	}
	for _, e := range p.Exemplars {
		fmt.Fprintf(&b, " exemplar=%s %s", labelsOf(e.Labels), r.float(e.Value))
		if e.HasTimestamp {
			fmt.Fprintf(&b, " at=%d", e.Timestamp)
		}
	}
	return b.String()
}

func (r *recorder) histogram(b *strings.Builder, h *exposition.Histogram) {
	if h.HasCount {
		fmt.Fprintf(b, " count=%d", h.Count)
	}
	if h.HasSum {
		fmt.Fprintf(b, " sum=%s", r.float(h.Sum))
	}
	if n := h.Native; n != nil {
		fmt.Fprintf(b, " schema=%d zero=%s:%d positive=%v%v negative=%v%v", n.Schema, r.float(n.ZeroThreshold), n.ZeroCount,
			n.Positive.Spans, n.Positive.Deltas, n.Negative.Spans, n.Negative.Deltas)
		for _, bound := range n.CustomBounds {
			fmt.Fprintf(b, " bound=%s", r.float(bound))
		}
		return
	}
	for _, bucket := range h.Buckets {
		fmt.Fprintf(b, " le=%s:%d", r.float(bucket.UpperBound), bucket.CumulativeCount)
	}
}

func (r *recorder) summary(b *strings.Builder, s *exposition.Summary) {
	if s.HasCount {
		fmt.Fprintf(b, " count=%d", s.Count)
	}
	fmt.Fprintf(b, " sum=%s", r.float(s.Sum))
	for _, q := range s.Quantiles {
		fmt.Fprintf(b, " quantile=%s:%s", r.float(q.Quantile), r.float(q.Value))
	}
}

// float returns the value, and for one that is not written the same as another, its bits.
func (r *recorder) float(v float64) string {
	switch {
	case v == 0 && math.Signbit(v):
		return "-0"
	case math.IsNaN(v) && (!r.sameNaN || isStale(v)):
		return fmt.Sprintf("NaN(%x)", math.Float64bits(v))
	default:
		return fmt.Sprint(v) // the shortest text that no other float has
	}
}

// labelsOf writes labels in the order of their names.
func labelsOf(labels []exposition.Label) string {
	sorted := slices.Clone(labels)
	slices.SortStableFunc(sorted, func(x, y exposition.Label) int { return strings.Compare(x.Name, y.Name) })
	var b strings.Builder
	b.WriteByte('{')
	for _, l := range sorted {
		fmt.Fprintf(&b, "%q=%q,", l.Name, l.Value)
	}
	b.WriteByte('}')
	return b.String()
}

// String returns all that was recorded.
func (r *recorder) String() string {
	r.endFamily()
	r.current = nil
	lines := slices.Clone(r.broken)
	for _, name := range slices.Sorted(maps.Keys(r.families)) {
		f := r.families[name]
		lines = append(lines, fmt.Sprintf("# %q %s unit=%q help=%q", f.Name, f.Type, f.Unit, f.Help))
		lines = append(lines, slices.Sorted(slices.Values(f.lines))...)
	}
	return strings.Join(lines, "\n")
}

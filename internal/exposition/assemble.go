package exposition

import (
	"math"

	"github.com/prometheus/common/model"
)

// An assembler makes points of the samples of histograms and summaries. It is the only place that knows how these are
// spread over several samples. It is reused from body to body.
type assembler struct {
	assembled []assembled
	current   int            // the point of the last sample; -1: there is none
	byHash    map[uint64]int // the last point with that hash
	room      []Label        // for labels of points
	buckets   []Bucket       // room for buckets of points
	filled    int            // how many buckets there are
	reserved  int            // how many were made room for
	// bounds are the upper bounds or quantiles of the last point: the next one often has the same.
	bounds []bound

	others    []Label // the labels of a sample but its own: reused
	point     Point   // the parts of pointOf: reused
	histogram Histogram
	summary   Summary
}

// assembled is a point whose samples may not all be there yet.
type assembled struct {
	family       *family
	line         int // where its first sample stands
	next         int // point of the same hash; -1: there is none
	labels       []Label
	hasTimestamp bool
	hasCount     bool
	hasSum       bool
	hasCreated   bool
	timestamp    int64
	created      int64
	count        uint64
	sum          float64
	buckets      []Bucket // of a histogram
	quantiles    []Quantile
	exemplars    []Exemplar
}

type bound struct {
	text  string
	value float64
}

// How much room a pooled assembler may have, half a megabyte of each at most.
const (
	maxKeptPoints  = 1 << 11
	maxKeptLabels  = 1 << 14
	maxKeptBuckets = 1 << 15
)

func newAssembler() assembler { return assembler{current: -1, byHash: map[uint64]int{}} }

// empty forgets all points.
func (a *assembler) empty() {
	a.current = -1
	a.assembled, a.room, a.buckets, a.filled, a.reserved = a.assembled[:0], a.room[:0], a.buckets[:0], 0, 0
	clear(a.byHash)
}

// forget is what must happen to all that refers to the body at its end.
func (a *assembler) forget() {
	if cap(a.assembled) > maxKeptPoints || cap(a.room) > maxKeptLabels || cap(a.buckets) > maxKeptBuckets ||
		cap(a.bounds) > maxKeptLabels {
		*a = newAssembler()
		return
	}
	a.empty()
	clear(a.assembled[:cap(a.assembled)])
	clear(a.room[:cap(a.room)])
	clear(a.bounds[:cap(a.bounds)])
	clear(a.others[:cap(a.others)])
	a.bounds = a.bounds[:0]
	a.point, a.histogram, a.summary = Point{}, Histogram{}, Summary{}
}

// assemble adds the current sample, which begins there, to its point, and returns that.
func (d *lines) assemble(begin int, value float64, created int64) (*assembled, error) {
	f := d.family
	own := ownLabel(f.Type)
	labels, text, at := d.without(own)
	wanted := d.part == partBucket || (d.part == partValue && f.Type == TypeSummary)
	switch {
	case d.part == partValue && f.Type == TypeHistogram:
		return nil, Errorf("%s is no sample of a histogram: it has no _bucket, _sum or _count at its end", Quote(f.Name))
	case wanted && at < 0:
		return nil, Errorf("the sample of a %s must have a label %s", f.Type, Literal(own))
	case !wanted && at >= 0:
		return nil, Errorf("only the buckets or quantiles of a %s can have a label %s", f.Type, Literal(own))
	}
	p, err := d.find(f, labels)
	if err != nil {
		return nil, err
	}
	if wanted {
		if at == len(d.labels)-1 {
			d.prefix = d.body[begin:d.ownText]
		}
		return d.assembleNext(text, value)
	}
	if !p.isAt(&d.point) {
		return nil, errTimestampsDiffer(f)
	}
	switch d.part {
	case partCount:
		return p, p.setCount(value)
	case partSum:
		return p, p.setSum(value)
	default:
		return p, p.setCreated(created)
	}
}

// assembleNext adds a bucket or quantile to the current point.
func (d *lines) assembleNext(text string, value float64) (*assembled, error) {
	p := &d.assembled[d.current]
	if !p.isAt(&d.point) {
		return nil, errTimestampsDiffer(p.family)
	}
	bound, err := d.bound(p.family.Type, text, max(len(p.buckets), len(p.quantiles)))
	if err != nil {
		return nil, err
	}
	var fits bool
	if p.family.Type == TypeSummary {
		if p.quantiles, fits = appendOne(&d.meter, p.quantiles, Quantile{Quantile: bound, Value: value}, bucketMemory); !fits {
			return nil, d.meter.err
		}
		return p, nil
	}
	count, err := wholeCount(value)
	if err != nil {
		return nil, Errorf("the count %w", err)
	}
	if p.buckets, fits = appendOne(&d.meter, p.buckets, Bucket{UpperBound: bound, CumulativeCount: count}, bucketMemory); !fits {
		return nil, d.meter.err
	}
	d.filled++
	return p, nil
}

// isAt says whether a sample has the time of the point.
func (p *assembled) isAt(sample *Point) bool {
	return p.hasTimestamp == sample.HasTimestamp && (!p.hasTimestamp || p.timestamp == sample.Timestamp)
}

func errTimestampsDiffer(f *family) error {
	return Errorf("the samples of one %s have different timestamps", f.Type)
}

// ownLabel is the label by which a type tells the samples of one point apart.
func ownLabel(t Type) string {
	if t == TypeSummary {
		return model.QuantileLabel
	}
	return model.BucketLabel
}

// without returns the labels of the current sample without that one, the value of that one, and its place; -1 if there
// is none.
func (d *lines) without(name string) (labels []Label, value string, at int) {
	last := len(d.labels) - 1
	for i := last; i >= 0; i-- {
		if d.labels[i].Name != name {
			continue
		}
		value = d.labels[i].Value
		if i == last {
			return d.labels[:last], value, i
		}
		d.others = append(append(d.others[:0], d.labels[:i]...), d.labels[i+1:]...)
		return d.others, value, i
	}
	return d.labels, "", -1
}

// find returns the point of the current sample, whose labels are these; it is new if there was none.
func (d *lines) find(f *family, labels []Label) (*assembled, error) {
	a := &d.assembler
	if a.current >= 0 {
		if p := &a.assembled[a.current]; p.family == f && sameLabels(p.labels, labels) {
			return p, nil
		}
	}
	if f.hash == 0 {
		f.hash = HashName(f.base)
	}
	hash := f.hash ^ HashLabels(labels)
	next := -1
	if i, ok := a.byHash[hash]; ok {
		next = i
		for ; i >= 0; i = a.assembled[i].next {
			if p := &a.assembled[i]; p.family == f && equalLabels(p.labels, labels) {
				a.current = i
				return p, nil
			}
		}
	}
	buckets := 0
	if a.current >= 0 {
		buckets = len(a.assembled[a.current].buckets)
	}
	if a.reserved+buckets > 2*a.filled {
		buckets = 0 // what the point before has says nothing about this one
	}
	if err := d.meter.need(pointMemory + len(labels)*labelMemory + buckets*bucketMemory); err != nil {
		return nil, err
	}
	a.reserved += buckets
	a.current = len(a.assembled)
	a.byHash[hash] = a.current
	a.assembled = append(a.assembled, assembled{
		family: f, line: d.line, next: next, labels: a.keep(labels), buckets: a.bucketRoom(buckets),
		hasTimestamp: d.point.HasTimestamp, timestamp: d.point.Timestamp,
	})
	return &a.assembled[a.current], nil
}

// roomFor is how many labels or buckets room is made for at once, at least.
const roomFor = 64

// keep returns a copy of labels.
func (a *assembler) keep(labels []Label) []Label {
	n := len(a.room)
	if n+len(labels) > cap(a.room) {
		a.room = make([]Label, 0, max(roomFor, 2*cap(a.room), len(labels)))
		n = 0
	}
	a.room = append(a.room, labels...)
	return a.room[n:len(a.room):len(a.room)]
}

// bucketRoom returns room for n buckets, which is what the point before had.
func (a *assembler) bucketRoom(n int) []Bucket {
	used := len(a.buckets)
	if used+n > cap(a.buckets) {
		a.buckets = make([]Bucket, 0, max(roomFor, 2*cap(a.buckets), n))
		used = 0
	}
	a.buckets = a.buckets[:used+n]
	return a.buckets[used : used : used+n]
}

// bound returns the number that le or quantile says, for bucket or quantile i of its point.
func (a *assembler) bound(t Type, text string, i int) (float64, error) {
	if i < len(a.bounds) && a.bounds[i].text == text {
		return a.bounds[i].value, nil
	}
	v, err := parseFloat(text)
	if err != nil || math.IsNaN(v) {
		return 0, Errorf("expected a number as value of label %s, got %s", Literal(ownLabel(t)), Quote(text))
	}
	if i == len(a.bounds) {
		a.bounds = append(a.bounds, bound{})
	}
	if i < len(a.bounds) {
		a.bounds[i] = bound{text: text, value: v}
	}
	return v, nil
}

func (p *assembled) setCount(value float64) (err error) {
	if p.hasCount {
		return Errorf("the %s has a second _count", p.family.Type)
	}
	p.hasCount = true
	if p.count, err = wholeCount(value); err != nil {
		return Errorf("the count %w", err)
	}
	return nil
}

func (p *assembled) setSum(value float64) error {
	if p.hasSum {
		return Errorf("the %s has a second _sum", p.family.Type)
	}
	p.hasSum, p.sum = true, value
	return nil
}

func (p *assembled) setCreated(created int64) error {
	if p.hasCreated {
		return Errorf("the %s has a second _created", p.family.Type)
	}
	p.hasCreated, p.created = true, created
	return nil
}

// pointOf returns p as a Point, which is valid until the next call.
func (a *assembler) pointOf(p *assembled) *Point {
	a.point = Point{Labels: p.labels, HasTimestamp: p.hasTimestamp, Timestamp: p.timestamp, Created: p.created, Exemplars: p.exemplars}
	if p.family.Type == TypeSummary {
		a.summary = Summary{Count: p.count, HasCount: p.hasCount, Sum: p.sum, Quantiles: p.quantiles}
		a.point.Summary = &a.summary
		return &a.point
	}
	a.histogram = Histogram{Count: p.count, HasCount: p.hasCount, Sum: p.sum, HasSum: p.hasSum, Buckets: p.buckets}
	a.point.Histogram = &a.histogram
	return &a.point
}

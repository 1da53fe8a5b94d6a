package translate

import (
	"cmp"
	"math"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// setHistogram translates a classic histogram, or a native one with custom buckets.
func (b *Builder) setHistogram(dp pmetric.HistogramDataPoint, p *exposition.Point) error {
	setHead(b, dp, p)
	if len(p.Exemplars) > 0 {
		b.setExemplars(dp.Exemplars(), p)
	}
	h := p.Histogram
	if h.HasSum && !p.Stale {
		dp.SetSum(h.Sum)
	}
	if h.Native != nil {
		return setCustomBuckets(dp, p)
	}
	return b.setBuckets(dp, p)
}

// setBuckets translates cumulative buckets to the counts between bounds. OTLP does not name the last bound, +Inf.
func (b *Builder) setBuckets(dp pmetric.HistogramDataPoint, p *exposition.Point) error {
	buckets := inOrder(p.Histogram.Buckets)
	bounds := b.bounds[:0]
	for i := range buckets {
		bounds = append(bounds, buckets[i].UpperBound)
	}
	b.bounds = bounds
	if err := increasing(bounds); err != nil {
		return err
	}
	total, err := totalCount(p.Histogram, buckets)
	if err != nil && !p.Stale {
		return err
	}
	if last := len(bounds) - 1; last >= 0 && math.IsInf(bounds[last], 1) {
		bounds, buckets = bounds[:last], buckets[:last]
	}
	dp.ExplicitBounds().FromRaw(bounds)
	if p.Stale { // the counts mean nothing, but there must be as many as ever
		dp.BucketCounts().FromRaw(make([]uint64, len(bounds)+1))
		return nil
	}
	counts, below := b.counts[:0], uint64(0)
	for _, bucket := range buckets {
		if bucket.CumulativeCount < below {
			return exposition.Errorf("its bucket counts fall: le=\"%v\" has %d after %d", bucket.UpperBound, bucket.CumulativeCount, below)
		}
		counts = append(counts, bucket.CumulativeCount-below)
		below = bucket.CumulativeCount
	}
	if total < below {
		return exposition.Errorf("its bucket counts fall: le=\"+Inf\" has %d after %d", total, below)
	}
	counts = append(counts, total-below)
	b.counts = counts
	dp.BucketCounts().FromRaw(counts)
	dp.SetCount(total)
	return nil
}

// inOrder returns the buckets in the order of their bounds.
func inOrder(buckets []exposition.Bucket) []exposition.Bucket {
	byBound := func(x, y exposition.Bucket) int { return cmp.Compare(x.UpperBound, y.UpperBound) }
	if slices.IsSortedFunc(buckets, byBound) {
		return buckets
	}
	buckets = slices.Clone(buckets)
	slices.SortStableFunc(buckets, byBound)
	return buckets
}

// increasing says whether bounds are numbers in strictly ascending order.
func increasing(bounds []float64) error {
	for i, bound := range bounds {
		if math.IsNaN(bound) {
			return exposition.Errorf("a bucket has NaN as its bound")
		}
		if i > 0 && bound <= bounds[i-1] {
			return exposition.Errorf("bucket le=\"%v\" stands in it twice or out of order", bound)
		}
	}
	return nil
}

// totalCount returns the count of a classic histogram with buckets in order: its _count, or its +Inf bucket. If both
// are there they must agree.
func totalCount(h *exposition.Histogram, buckets []exposition.Bucket) (uint64, error) {
	last := len(buckets) - 1
	hasInf := last >= 0 && math.IsInf(buckets[last].UpperBound, 1)
	switch {
	case !hasInf && !h.HasCount:
		return 0, exposition.Errorf("the histogram has neither a _count nor a +Inf bucket")
	case !hasInf:
		return h.Count, nil
	case h.HasCount && h.Count != buckets[last].CumulativeCount:
		return 0, exposition.Errorf("its _count is %d, but its +Inf bucket has %d", h.Count, buckets[last].CumulativeCount)
	default:
		return buckets[last].CumulativeCount, nil
	}
}

// setCustomBuckets translates a native histogram whose bounds are listed (schema -53). Index i is the bucket that
// ends at bound i, the last is that of +Inf.
func setCustomBuckets(dp pmetric.HistogramDataPoint, p *exposition.Point) error {
	n := p.Histogram.Native
	if err := increasing(n.CustomBounds); err != nil {
		return err
	}
	if last := len(n.CustomBounds) - 1; last >= 0 && math.IsInf(n.CustomBounds[last], 1) {
		return exposition.Errorf("its last custom bound is +Inf, which must not be listed")
	}
	if len(n.Negative.Spans) > 0 || len(n.Negative.Deltas) > 0 || n.ZeroCount > 0 {
		return exposition.Errorf("a native histogram with custom buckets cannot have negative or zero buckets")
	}
	counts := make([]uint64, len(n.CustomBounds)+1)
	dp.ExplicitBounds().FromRaw(n.CustomBounds)
	if p.Stale {
		dp.BucketCounts().FromRaw(counts)
		return nil
	}
	total := uint64(0)
	err := walkBuckets(n.Positive, func(index int64, c uint64) error {
		if index < 0 || index >= int64(len(counts)) {
			return exposition.Errorf("its span reaches bucket %d, but it has %d custom bounds", index, len(n.CustomBounds))
		}
		counts[index] = c
		return addTo(&total, c)
	})
	if err != nil {
		return err
	}
	dp.BucketCounts().FromRaw(counts)
	dp.SetCount(total)
	return checkTotal(p.Histogram, total)
}

// Schemas of native histograms that have a scale in OTLP.
const minSchema, maxSchema = -4, 8

// setExponential translates a native histogram with a standard schema.
func (b *Builder) setExponential(dp pmetric.ExponentialHistogramDataPoint, p *exposition.Point) error {
	setHead(b, dp, p)
	if len(p.Exemplars) > 0 {
		b.setExemplars(dp.Exemplars(), p)
	}
	h, n := p.Histogram, p.Histogram.Native
	if n.Schema < minSchema || n.Schema > maxSchema {
		return exposition.Errorf("its schema is %d; OTLP can express %d to %d", n.Schema, minSchema, maxSchema)
	}
	if !(n.ZeroThreshold >= 0) || math.IsInf(n.ZeroThreshold, 1) { // NaN is not above 0
		return exposition.Errorf("its zero threshold is %v; it must be a number from 0 on", n.ZeroThreshold)
	}
	dp.SetScale(n.Schema)
	if p.Stale {
		return nil
	}
	if h.HasSum {
		dp.SetSum(h.Sum)
	}
	dp.SetZeroThreshold(n.ZeroThreshold)
	dp.SetZeroCount(n.ZeroCount)
	d := dense{total: n.ZeroCount, overflow: overflowIndex(n.Schema), need: b.need}
	if err := d.set(dp.Positive(), n.Positive); err != nil {
		return err
	}
	if err := d.set(dp.Negative(), n.Negative); err != nil {
		return err
	}
	dp.SetCount(d.total)
	if err := addTo(&d.dropped, d.total); err != nil {
		return err
	}
	return checkTotal(h, d.dropped)
}

// dense makes a list of all buckets from one with gaps.
type dense struct {
	total    uint64 // observations in all buckets of the datapoint so far
	dropped  uint64 // observations of infinity
	overflow int64
	need     func(bytes int) error
}

// set fills one half of the datapoint. A Prometheus bucket is known by its upper bound, one of OTLP by its lower,
// hence the offset of one. The bucket beyond the largest float, where Prometheus counts infinity, has no place in
// OTLP: it is left out and the count is less, as the specification says.
func (d *dense) set(dest pmetric.ExponentialHistogramDataPointBuckets, source exposition.SparseBuckets) error {
	counts := dest.BucketCounts()
	counts.EnsureCapacity(len(source.Deltas))
	next := int64(0)
	return walkBuckets(source, func(index int64, c uint64) error {
		switch {
		case index > d.overflow || index-1 < math.MinInt32:
			return exposition.Errorf("its bucket %d lies outside of what a float can be", index)
		case index == d.overflow:
			return addTo(&d.dropped, c)
		case counts.Len() == 0:
			dest.SetOffset(int32(index - 1)) //nolint:gosec // checked above
		default:
			if err := d.fill(counts, index-next); err != nil {
				return err
			}
		}
		counts.Append(c)
		next = index + 1
		return addTo(&d.total, c)
	})
}

// fill adds empty buckets: OTLP lists all of them, so a few bytes can ask for gigabytes.
func (d *dense) fill(counts pcommon.UInt64Slice, gap int64) error {
	if err := d.need(int(gap) * emptyBucketMemory); err != nil {
		return exposition.Errorf("a gap of %d buckets between its spans: %w", gap, err)
	}
	counts.EnsureCapacity(counts.Len() + int(gap))
	for range gap {
		counts.Append(0)
	}
	return nil
}

// overflowIndex is the index of the bucket whose lower bound is infinity: the largest float lies just below 2^1024.
func overflowIndex(schema int32) int64 {
	if schema < 0 {
		return 1024>>-schema + 1
	}
	return 1024<<schema + 1
}

// walkBuckets calls yield with the index and the count of each bucket, in ascending order.
func walkBuckets(s exposition.SparseBuckets, yield func(index int64, count uint64) error) error {
	lengths := uint64(0)
	for _, span := range s.Spans {
		lengths += uint64(span.Length)
	}
	if lengths != uint64(len(s.Deltas)) {
		return exposition.Errorf("its spans have %d buckets, but %d counts are there", lengths, len(s.Deltas))
	}
	index, count, deltas := int64(0), int64(0), s.Deltas
	for i, span := range s.Spans {
		if i > 0 && span.Offset < 0 {
			return exposition.Errorf("its span %d begins %d buckets before the end of the one before it", i+1, -int64(span.Offset))
		}
		index += int64(span.Offset)
		for _, delta := range deltas[:span.Length] {
			count += delta
			if count < 0 || (delta > 0 && count < delta) { // the latter: it wrapped around
				return exposition.Errorf("the count of its bucket %d is negative or too large", index)
			}
			if err := yield(index, uint64(count)); err != nil {
				return err
			}
			index++
		}
		deltas = deltas[span.Length:]
	}
	return nil
}

// addTo adds and refuses to wrap around.
func addTo(total *uint64, c uint64) error {
	if *total+c < *total {
		return exposition.Errorf("the sum of its bucket counts is too large")
	}
	*total += c
	return nil
}

// checkTotal compares a native histogram's count with its buckets. Only observations of NaN, which make the sum NaN,
// are in none of them. See https://prometheus.io/docs/specs/native_histograms/#data-model.
func checkTotal(h *exposition.Histogram, inBuckets uint64) error {
	if h.Count == inBuckets || (math.IsNaN(h.Sum) && h.Count > inBuckets) {
		return nil
	}
	return exposition.Errorf("its count is %d, but its buckets have %d", h.Count, inBuckets)
}

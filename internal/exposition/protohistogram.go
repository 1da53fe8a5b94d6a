package exposition

import (
	"math"
	"slices"
)

// A protoHistogram is a Histogram: a classic one, a native one, or both. What is not in it is 0, as in protobuf.
type protoHistogram struct {
	histogramNumbers

	buckets         []Bucket
	bucketFloats    []bucketFloat
	bucketExemplars protoExemplars

	positive, negative SparseBuckets
	exemplars          protoExemplars // of a native histogram
}

type histogramNumbers struct {
	count      uint64
	countFloat float64
	hasCount   bool // one of the two
	sum        float64
	created    protoTime

	schema          int32
	zeroThreshold   float64
	zeroCount       uint64
	zeroCountFloat  float64
	hasFloatBuckets bool
}

// A bucketFloat is the count of a bucket, if it is written as a float and not 0.
type bucketFloat struct {
	bucket int
	count  float64
}

func (h *protoHistogram) reset() {
	h.histogramNumbers = histogramNumbers{}
	h.buckets, h.bucketFloats = h.buckets[:0], h.bucketFloats[:0]
	h.bucketExemplars.reset()
	h.positive.Spans, h.positive.Deltas = h.positive.Spans[:0], h.positive.Deltas[:0]
	h.negative.Spans, h.negative.Deltas = h.negative.Spans[:0], h.negative.Deltas[:0]
	h.exemplars.reset()
}

// release makes room for those of another body.
func (h *protoHistogram) release() {
	h.buckets, h.bucketFloats = kept(h.buckets), kept(h.bucketFloats)
	h.bucketExemplars.release()
	h.exemplars.release()
	for _, s := range [...]*SparseBuckets{&h.positive, &h.negative} {
		s.Spans, s.Deltas = kept(s.Spans), kept(s.Deltas)
	}
	h.reset()
}

// The fields of a Histogram. The numbers of a list may each be a field or, packed, all in one.
const (
	tagHistogramCount          = 1<<3 | wireVarint
	tagHistogramSum            = 2<<3 | wireFixed64
	tagHistogramBucket         = 3<<3 | wireBytes
	tagHistogramCountFloat     = 4<<3 | wireFixed64
	tagHistogramSchema         = 5<<3 | wireVarint
	tagHistogramZeroThreshold  = 6<<3 | wireFixed64
	tagHistogramZeroCount      = 7<<3 | wireVarint
	tagHistogramZeroFloat      = 8<<3 | wireFixed64
	tagHistogramNegativeSpan   = 9<<3 | wireBytes
	tagHistogramNegativeDelta  = 10<<3 | wireVarint
	tagHistogramNegativeDeltas = 10<<3 | wireBytes
	tagHistogramNegativeCount  = 11<<3 | wireFixed64
	tagHistogramNegativeCounts = 11<<3 | wireBytes
	tagHistogramPositiveSpan   = 12<<3 | wireBytes
	tagHistogramPositiveDelta  = 13<<3 | wireVarint
	tagHistogramPositiveDeltas = 13<<3 | wireBytes
	tagHistogramPositiveCount  = 14<<3 | wireFixed64
	tagHistogramPositiveCounts = 14<<3 | wireBytes
	tagHistogramCreated        = 15<<3 | wireBytes
	tagHistogramExemplar       = 16<<3 | wireBytes
)

func (h *protoHistogram) read(message string) bool {
	ok := true
	for rest := message; ok && rest != ""; {
		tag, number, bytes, after := nextField(rest)
		rest = after
		switch tag {
		case tagHistogramCount:
			h.count, h.hasCount = number, true
		case tagHistogramCountFloat:
			h.countFloat, h.hasCount = asDouble(number), true
		case tagHistogramSum:
			h.sum = asDouble(number)
		case tagHistogramBucket:
			ok = h.readBucket(bytes)
		case tagHistogramCreated:
			ok = h.created.read(bytes)
		case tagBroken:
			ok = false
		default:
			ok = h.readNative(tag, number, bytes)
		}
	}
	return ok
}

// readNative reads the current field, which is one of native histograms only, or unknown.
func (h *protoHistogram) readNative(tag, number uint64, bytes string) (ok bool) {
	ok = true
	switch tag {
	case tagHistogramSchema:
		h.schema = asSint32(number)
	case tagHistogramZeroThreshold:
		h.zeroThreshold = asDouble(number)
	case tagHistogramZeroCount:
		h.zeroCount = number
	case tagHistogramZeroFloat:
		h.zeroCountFloat = asDouble(number)
	case tagHistogramPositiveSpan:
		ok = h.positive.readSpan(bytes)
	case tagHistogramPositiveDelta:
		h.positive.Deltas = append(h.positive.Deltas, asSint64(number))
	case tagHistogramPositiveDeltas:
		ok = h.positive.readDeltas(bytes)
	case tagHistogramNegativeSpan:
		ok = h.negative.readSpan(bytes)
	case tagHistogramNegativeDelta:
		h.negative.Deltas = append(h.negative.Deltas, asSint64(number))
	case tagHistogramNegativeDeltas:
		ok = h.negative.readDeltas(bytes)
	case tagHistogramPositiveCount, tagHistogramNegativeCount:
		h.hasFloatBuckets = true
	case tagHistogramPositiveCounts, tagHistogramNegativeCounts:
		ok = len(bytes)%8 == 0
		h.hasFloatBuckets = h.hasFloatBuckets || bytes != ""
	case tagHistogramExemplar:
		ok = h.exemplars.add() && h.exemplars.readLast(bytes)
	}
	return ok
}

// setHistogram takes over a classic or a native histogram; of a metric with both, the native one unless that is to be
// ignored. It refuses fractional and negative counts, which OTLP has no place for, and so every native histogram with float
// counts.
//
// A writer may leave out what is 0: an absent sum is 0, and so is an absent count, unless there is a +Inf bucket to
// stand for it.
func (d *protobufDecoder) setHistogram() (err error) {
	h, p := &d.histogram, &d.point
	d.result = Histogram{Count: h.count, HasCount: h.hasCount || !h.hasInfBucket(), Sum: h.sum, HasSum: true}
	p.Histogram = &d.result
	p.Stale = isStale(h.sum) || isStale(h.countFloat)
	if h.isNative() && !d.ignoreNative {
		return d.setNative()
	}
	if h.countFloat != 0 && !p.Stale { // a float of 0 does not replace the integer
		if d.result.Count, err = wholeCount(h.countFloat); err != nil {
			return Errorf("its count %w", err)
		}
	}
	if !p.Stale {
		if err = h.setBucketFloats(); err != nil {
			return err
		}
	}
	d.result.Buckets = h.buckets
	p.Exemplars, err = h.bucketExemplars.checked(&d.limits)
	return err
}

func (h *protoHistogram) hasInfBucket() bool {
	return slices.ContainsFunc(h.buckets, func(b Bucket) bool { return math.IsInf(b.UpperBound, 1) })
}

func (h *protoHistogram) setBucketFloats() (err error) {
	for _, f := range h.bucketFloats {
		b := &h.buckets[f.bucket]
		if b.CumulativeCount, err = wholeCount(f.count); err != nil {
			return Errorf("its bucket le=\"%v\" %w", b.UpperBound, err)
		}
	}
	return nil
}

// isNative tells a native histogram as Prometheus does; client_golang adds an empty span to one without observations.
// A native histogram with custom buckets counts as classic if it is classic too, because the message has no field for
// the custom bounds.
func (h *protoHistogram) isNative() bool {
	if h.schema == SchemaCustomBuckets && len(h.buckets) > 0 {
		return false
	}
	return len(h.positive.Spans) > 0 || len(h.negative.Spans) > 0 ||
		h.zeroThreshold > 0 || h.zeroCount > 0 || h.zeroCountFloat > 0
}

func (d *protobufDecoder) setNative() (err error) {
	h, p := &d.histogram, &d.point
	isFloat := h.countFloat > 0 || h.zeroCountFloat > 0 || h.hasFloatBuckets
	if isFloat && !p.Stale {
		return Errorf("it is a native histogram with float counts; OTLP has integer counts only")
	}
	if h.schema == SchemaCustomBuckets {
		return Errorf("it is a native histogram with custom buckets, whose bounds this format does not have")
	}
	d.native = Native{
		Schema:        h.schema,
		ZeroThreshold: h.zeroThreshold,
		ZeroCount:     h.zeroCount,
		Positive:      h.positive,
		Negative:      h.negative,
	}
	d.result.Native = &d.native
	exemplars := &h.exemplars
	if len(exemplars.all) == 0 { // a point that is classic too may have its exemplars there alone
		exemplars = &h.bucketExemplars
	}
	p.Exemplars, err = exemplars.checked(&d.limits)
	return err
}

package difftest

import (
	"errors"
	"fmt"
	"math"

	dto "github.com/prometheus/client_model/go"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// setHistogram takes over a classic or a native histogram; of a point with both, the native one. It refuses fractional
// and negative counts, which OTLP has no place for, and so every native histogram with float counts.
func setHistogram(p *exposition.Point, h *dto.Histogram) error {
	p.Histogram = &exposition.Histogram{
		Count: h.GetSampleCount(), HasCount: h.SampleCount != nil || h.SampleCountFloat != nil,
		Sum: h.GetSampleSum(), HasSum: h.SampleSum != nil,
	}
	p.Stale = isStale(h.GetSampleSum()) || isStale(h.GetSampleCountFloat())
	if isNative(h) {
		return setNative(p, h)
	}
	var err error
	if f := h.GetSampleCountFloat(); f != 0 && !p.Stale { // a float of 0 does not replace the integer
		if p.Histogram.Count, err = wholeCount(f); err != nil {
			return fmt.Errorf("its count %w", err)
		}
	}
	if p.Histogram.Buckets, err = buckets(h.GetBucket(), p.Stale); err != nil {
		return err
	}
	p.Exemplars, err = bucketExemplars(h)
	return err
}

// isNative tells a native histogram as Prometheus does; client_golang adds an empty span to one without observations.
// A native histogram with custom buckets counts as classic if it is classic too, because client_model has no field for
// the custom bounds.
func isNative(h *dto.Histogram) bool {
	if h.GetSchema() == exposition.SchemaCustomBuckets && len(h.GetBucket()) > 0 {
		return false
	}
	return len(h.GetPositiveSpan()) > 0 || len(h.GetNegativeSpan()) > 0 ||
		h.GetZeroThreshold() > 0 || h.GetZeroCount() > 0 || h.GetZeroCountFloat() > 0
}

func setNative(p *exposition.Point, h *dto.Histogram) error {
	isFloat := h.GetSampleCountFloat() > 0 || h.GetZeroCountFloat() > 0 ||
		len(h.GetPositiveCount()) > 0 || len(h.GetNegativeCount()) > 0
	if isFloat && !p.Stale {
		return errors.New("it is a native histogram with float counts; OTLP has integer counts only")
	}
	if h.GetSchema() == exposition.SchemaCustomBuckets {
		return errors.New("it is a native histogram with custom buckets, whose bounds this format does not have")
	}
	p.Histogram.Native = &exposition.Native{
		Schema:        h.GetSchema(),
		ZeroThreshold: h.GetZeroThreshold(),
		ZeroCount:     h.GetZeroCount(),
		Positive:      sparseBuckets(h.GetPositiveSpan(), h.GetPositiveDelta()),
		Negative:      sparseBuckets(h.GetNegativeSpan(), h.GetNegativeDelta()),
	}
	var err error
	if p.Exemplars, err = exemplars(h.GetExemplars()...); err != nil || len(p.Exemplars) > 0 {
		return err
	}
	// A point that is classic too may have its exemplars there alone.
	p.Exemplars, err = bucketExemplars(h)
	return err
}

func sparseBuckets(spans []*dto.BucketSpan, deltas []int64) exposition.SparseBuckets {
	s := exposition.SparseBuckets{Deltas: deltas}
	for _, span := range spans {
		s.Spans = append(s.Spans, exposition.Span{Offset: span.GetOffset(), Length: span.GetLength()})
	}
	return s
}

func buckets(all []*dto.Bucket, stale bool) ([]exposition.Bucket, error) {
	result := make([]exposition.Bucket, len(all))
	for i, b := range all {
		result[i] = exposition.Bucket{UpperBound: b.GetUpperBound(), CumulativeCount: b.GetCumulativeCount()}
		f := b.GetCumulativeCountFloat()
		if f == 0 || stale {
			continue
		}
		var err error
		if result[i].CumulativeCount, err = wholeCount(f); err != nil {
			return nil, fmt.Errorf("its bucket le=\"%v\" %w", b.GetUpperBound(), err)
		}
	}
	return result, nil
}

func bucketExemplars(h *dto.Histogram) ([]exposition.Exemplar, error) {
	all := make([]*dto.Exemplar, 0, len(h.GetBucket()))
	for _, b := range h.GetBucket() {
		all = append(all, b.GetExemplar())
	}
	return exemplars(all...)
}

func hasInfBucket(h *dto.Histogram) bool {
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			return true
		}
	}
	return false
}

// wholeCount returns a count that is written as a float. 2^64 is the first one that an OTLP count cannot hold.
func wholeCount(v float64) (uint64, error) {
	if v < 0 || v != math.Trunc(v) || v >= 1<<64 { // NaN is not equal to itself
		return 0, fmt.Errorf("is %v; it must be a whole number from 0 to 2^64", v)
	}
	return uint64(v), nil
}

// Package exposition decodes the exposition formats of Prometheus: bytes become families and points, which go to a
// Sink.
//
// Strings that a Sink receives may alias the body, so a body must be a string that is never reused.
package exposition

import "math"

// Type is the type of a metric family.
type Type uint8

// The types of a metric family. Unknown is what text calls untyped, and what a family without a TYPE line has.
const (
	TypeUnknown Type = iota
	TypeCounter
	TypeGauge
	TypeHistogram
	TypeSummary
	TypeInfo
	TypeStateSet
	// TypeGaugeHistogram is announced to no sink: OTLP has no place for it, and the specification says that it must not be
	// sent on. https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#dropped-types
	TypeGaugeHistogram
)

// String returns the type as OpenMetrics writes it, which is also the value of the prometheus.type metadata.
func (t Type) String() string { return typeNames[t] }

var typeNames = [...]string{"unknown", "counter", "gauge", "histogram", "summary", "info", "stateset", "gaugehistogram"}

// A Sink receives what a decoder finds: this is where all exposition formats meet.
//
// A decoder announces a family, then delivers its points. It may announce a family again: to return to it (text may
// interleave families), or because there is now a Help or a Unit that it did not have before (they may stand behind the
// samples). An error of the sink ends the decoding and is returned as it is, or wrapped with the place.
type Sink interface {
	// Family says which family the points that follow belong to. f is valid until Family returns, its strings for good.
	Family(f *Family) error
	// Point delivers one complete point. The point and everything that it refers to must not be changed and, except its
	// strings, are valid only until Point returns.
	Point(p *Point) error
}

// A Family is the head of a metric family.
type Family struct {
	// Name is the family's name in the format: without _bucket, _sum, _count. A counter of the text format keeps its
	// _total, one of OpenMetrics gets it back.
	Name string
	Type Type
	Help string
	Unit string // the Prometheus word, as in "seconds"
	// Index is the family's number: 0 for the first that is announced, and one more for each further name.
	Index int
	// Points is how many points there are to come, if the format says so, otherwise 0.
	Points int
}

// A Label is a pair of the Prometheus side.
type Label struct{ Name, Value string }

// A Point is one value of one series, at one time.
type Point struct {
	// Labels has no metric name; that of a histogram has no le, that of a summary no quantile. The order is that of the
	// input. No name is there twice; values may be empty, if the input has it so.
	Labels []Label
	// Value is the value of every type but histogram and summary.
	Value float64
	// Histogram is set for TypeHistogram, Summary for TypeSummary.
	Histogram *Histogram
	Summary   *Summary
	// Stale says that this is a staleness marker: only the labels, the time and the bounds mean anything.
	Stale bool
	// Timestamp is the sample's own time in nanoseconds since 1970, if HasTimestamp; it is not negative.
	Timestamp    int64
	HasTimestamp bool
	// Created is when the series began, in nanoseconds since 1970; 0 if that is not known.
	Created   int64
	Exemplars []Exemplar
}

// A Histogram is one point of a classic or of a native histogram.
type Histogram struct {
	Count    uint64
	HasCount bool // false: the input has none, and the +Inf bucket stands for it
	Sum      float64
	HasSum   bool
	// Buckets are those of a classic histogram, in the order of the input, with or without the +Inf bucket.
	Buckets []Bucket
	// Native, if set, makes this a native histogram; Buckets are then without meaning.
	Native *Native
}

// A Bucket counts the observations up to and including its upper bound.
type Bucket struct {
	UpperBound      float64
	CumulativeCount uint64
}

// SchemaCustomBuckets is the schema of a native histogram whose bounds are listed.
// See https://prometheus.io/docs/specs/native_histograms/#schema.
const SchemaCustomBuckets = -53

// Native is the part of a native histogram with integer counts that a classic one does not have.
type Native struct {
	Schema        int32
	ZeroThreshold float64
	ZeroCount     uint64
	Positive      SparseBuckets
	Negative      SparseBuckets
	CustomBounds  []float64 // with SchemaCustomBuckets, ascending upper bounds without +Inf
}

// SparseBuckets are runs of buckets; the count of the first is Deltas[0], that of every other one its predecessor's
// plus its delta.
type SparseBuckets struct {
	Spans  []Span
	Deltas []int64
}

// A Span is a run of Length buckets, Offset after the end of the span before it; the first span's Offset is an index.
type Span struct {
	Offset int32
	Length uint32
}

// A Summary is one point of a summary.
type Summary struct {
	Count     uint64
	HasCount  bool
	Sum       float64
	Quantiles []Quantile // in the order of the input
}

// A Quantile is a value of a summary: Quantile is between 0 and 1.
type Quantile struct{ Quantile, Value float64 }

// An Exemplar is an observation that stands for others.
type Exemplar struct {
	Labels       []Label
	Value        float64
	Timestamp    int64 // nanoseconds since 1970, if HasTimestamp
	HasTimestamp bool
}

// staleNaN is the value of a staleness marker: one NaN among many, so it is compared by its bits.
// See https://github.com/prometheus/prometheus/blob/main/model/value/value.go.
const staleNaN = 0x7ff0000000000002

func isStale(v float64) bool { return math.Float64bits(v) == staleNaN }

package translate

import "github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"

// What the translation takes of memory, in bytes: at least what pdata and the builder have of it, with the room that slices have
// to spare.
const (
	metricMemory      = 448 // with the family, and its place in the scope
	scopeMemory       = 256
	datapointMemory   = 208 // of any type, with its place in its metric and in the set of series
	attributeMemory   = 64
	bucketMemory      = 48 // its bound and its count, here and in the builder
	quantileMemory    = 64
	deltaMemory       = 16
	emptyBucketMemory = 16
	exemplarMemory    = 192
)

// need asks for memory before it is taken.
func (b *Builder) need(bytes int) error {
	if b.grow == nil {
		return nil
	}
	return b.grow(bytes)
}

// metricNeed returns what one more Metric takes, and its scope, if either is new.
func (b *Builder) metricNeed(key metricKey) int {
	memory := 0
	if len(key.family.metrics) > 0 { // the first one came with the family
		memory = metricMemory
	}
	if _, ok := b.scopes[key.scope]; !ok && key.scope != "" {
		memory += scopeMemory + 2*len(key.scope)
	}
	return memory
}

// memoryOf returns what a datapoint takes, without its metric and the empty buckets of a native histogram.
func (b *Builder) memoryOf(p *exposition.Point) int {
	memory := datapointMemory + attributeMemory*(len(p.Labels)+len(b.keyAttributes))
	for i := range p.Exemplars {
		memory += exemplarMemory + attributeMemory*len(p.Exemplars[i].Labels)
	}
	switch {
	case p.Summary != nil:
		memory += quantileMemory * len(p.Summary.Quantiles)
	case p.Histogram != nil:
		memory += bucketMemory * len(p.Histogram.Buckets)
		if n := p.Histogram.Native; n != nil {
			memory += deltaMemory * (len(n.Positive.Deltas) + len(n.Negative.Deltas) + len(n.CustomBounds))
		}
	}
	return memory
}

// samplesOf returns how many lines of text the point stands for. A native histogram is one sample in Prometheus.
func samplesOf(p *exposition.Point) int {
	switch {
	case p.Summary != nil:
		return len(p.Summary.Quantiles) + 2 // _count and _sum
	case p.Histogram != nil && p.Histogram.Native == nil:
		return len(p.Histogram.Buckets) + 2
	default:
		return 1
	}
}

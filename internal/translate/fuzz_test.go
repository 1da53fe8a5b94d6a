package translate_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// FuzzBuild looks for panics, for datapoints that OTLP does not allow, and for bodies that translate differently the
// second time, or when they are held.
func FuzzBuild(f *testing.F) {
	inputs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "*.in"))
	require.NoError(f, err)
	require.NotEmpty(f, inputs)
	for _, path := range inputs {
		body, format := readBody(f, path)
		f.Add(body, format == exposition.Protobuf)
	}
	f.Fuzz(func(t *testing.T, body string, isProtobuf bool) {
		format := exposition.Text
		if isProtobuf {
			format = exposition.Protobuf
		}
		metrics, err := build(body, format, goldenKey, defaults())
		if err != nil {
			assert.Less(t, len(err.Error()), 1000)
			return
		}
		checkHistograms(t, metrics)
		again, err := build(body, format, goldenKey, defaults())
		require.NoError(t, err)
		assert.Equal(t, marshal(t, metrics), marshal(t, again))
		checkHeld(t, body, format)
	})
}

// checkHistograms checks what https://github.com/open-telemetry/opentelemetry-proto demands of the counts.
func checkHistograms(t *testing.T, metrics pmetric.Metrics) {
	sum := func(start uint64, all ...[]uint64) uint64 {
		for _, counts := range all {
			for _, c := range counts {
				start += c
			}
		}
		return start
	}
	for _, sm := range metrics.ResourceMetrics().At(0).ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			switch m.Type() {
			case pmetric.MetricTypeHistogram:
				for _, dp := range m.Histogram().DataPoints().All() {
					assert.Equal(t, dp.ExplicitBounds().Len()+1, dp.BucketCounts().Len())
					assert.Equal(t, dp.Count(), sum(0, dp.BucketCounts().AsRaw()))
				}
			case pmetric.MetricTypeExponentialHistogram:
				for _, dp := range m.ExponentialHistogram().DataPoints().All() {
					assert.Equal(t, dp.Count(), sum(dp.ZeroCount(), dp.Positive().BucketCounts().AsRaw(), dp.Negative().BucketCounts().AsRaw()))
				}
			}
		}
	}
}

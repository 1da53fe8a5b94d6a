package translate

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// All series have the same hash here, or a part of it.
func TestSeriesWithTheSameHash(t *testing.T) {
	const each = 50
	types := []exposition.Type{exposition.TypeCounter, exposition.TypeGauge, exposition.TypeHistogram, exposition.TypeSummary}
	push := func(mask uint64, more ...[]exposition.Label) error {
		b := NewBuilder(groupingkey.Key{Job: "x", Labels: []groupingkey.Label{{Name: "k", Value: "v"}}}, Options{}, nil)
		b.hashMask = mask
		for index, kind := range types {
			require.NoError(t, b.Family(&exposition.Family{Name: kind.String(), Type: kind, Index: index}))
			for i := range each {
				more = append(more, []exposition.Label{{Name: "m", Value: "1"}, {Name: "l", Value: fmt.Sprint(i)}})
			}
			for _, labels := range more {
				require.NoError(t, b.Point(&exposition.Point{
					Labels: labels, Histogram: &exposition.Histogram{HasCount: true}, Summary: &exposition.Summary{HasCount: true},
				}))
			}
			more = nil
		}
		err := b.Check()
		if err == nil {
			assert.Equal(t, len(types)*each, b.Metrics(time.Now()).DataPointCount())
		}
		return err
	}
	for _, mask := range []uint64{0, 1, upperHalf, 0xff} {
		require.NoError(t, push(mask))
		err := push(mask, []exposition.Label{{Name: "l", Value: "7"}, {Name: "m", Value: "1"}, {Name: "n", Value: ""}})
		require.ErrorIs(t, err, errDuplicateSeries, "the order of labels is not part of a series")
		require.ErrorContains(t, err, `counter{m="1",l="7"}: the same series`)
	}
}

func TestScopesArePartOfASeries(t *testing.T) {
	push := func(scopes ...string) error {
		b := NewBuilder(groupingkey.Key{Job: "x"}, Options{}, nil)
		require.NoError(t, b.Family(&exposition.Family{Name: "a"}))
		for _, scope := range scopes {
			require.NoError(t, b.Point(&exposition.Point{Labels: []exposition.Label{{Name: "otel_scope_name", Value: scope}}}))
		}
		return b.Check()
	}
	require.NoError(t, push("", "x", "y"))
	require.ErrorIs(t, push("x", "y", "x"), errDuplicateSeries)
	require.ErrorIs(t, push("", "x", ""), errDuplicateSeries)
}

// What a builder keeps for the next push must be nothing of this one.
func TestBuildersAreReused(t *testing.T) {
	key := groupingkey.Key{Job: "x", Labels: []groupingkey.Label{{Name: "instance", Value: "i"}, {Name: "otel_scope_name", Value: "s"}, {Name: "l", Value: "v"}}}
	push := func(key groupingkey.Key, family string, series int) int {
		b := NewBuilder(key, Options{PushTimeMetrics: true}, nil)
		require.NoError(t, b.Family(&exposition.Family{Name: family, Help: family}))
		for i := range series {
			require.NoError(t, b.Point(&exposition.Point{Labels: []exposition.Label{{Name: family, Value: fmt.Sprint(i)}}}))
		}
		require.NoError(t, b.Check())
		metrics := b.Metrics(time.Now())
		assert.Equal(t, family, metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Description())
		return metrics.ResourceMetrics().At(0).Resource().Attributes().Len()
	}
	for _, series := range []int{1, fewSeries, 1000, maxKeptSeries + 1, 10} {
		assert.Equal(t, 3, push(key, "a", series))
		assert.Equal(t, 1, push(groupingkey.Key{Job: "y"}, "b", series))
	}
}

func TestHeadsThatAreCompletedLate(t *testing.T) {
	b := NewBuilder(groupingkey.Key{Job: "x"}, Options{TrimMetricSuffixes: true}, nil)
	a := exposition.Family{Name: "a_seconds", Type: exposition.TypeGauge}
	require.NoError(t, b.Family(&a))
	require.NoError(t, b.Point(&exposition.Point{}))
	require.NoError(t, b.Point(&exposition.Point{Labels: []exposition.Label{{Name: "otel_scope_name", Value: "s"}}}))
	a.Help, a.Unit = "A.", "seconds"
	require.NoError(t, b.Family(&a))
	require.NoError(t, b.Check())
	metrics := b.Metrics(time.Now())
	scopes := metrics.ResourceMetrics().At(0).ScopeMetrics()
	require.Equal(t, 2, scopes.Len())
	for _, scope := range scopes.All() {
		assert.Equal(t, "A.", scope.Metrics().At(0).Description())
		assert.Equal(t, "s", scope.Metrics().At(0).Unit())
		assert.Equal(t, "a", scope.Metrics().At(0).Name())
	}
}

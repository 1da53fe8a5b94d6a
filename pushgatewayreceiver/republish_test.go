package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

func TestGroupsAreRepublished(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(func(g *Groups) { g.RepublishInterval = 200 * time.Millisecond }))
	r.send(t, 200, http.MethodPut, groupA, "x 1\ntarget_info{k=\"v\"} 1\n")
	r.send(t, 200, http.MethodPut, groupB, "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n")
	pushed := d.get("x{job=a}").at
	later := func(series string, than time.Time) func() bool {
		return func() bool { return d.get(series).at.After(than) }
	}
	for range 3 {
		for _, series := range []string{"x{job=a}", "h/1{job=b,l=v}", "push_time_seconds{job=a}", "push_failure_time_seconds{job=b,l=v}"} {
			require.Eventually(t, later(series, d.get(series).at), 5*time.Second, time.Millisecond, series)
		}
	}
	d.requireVisible("h/1{job=b,l=v} 1", "x{job=a} 1")
	assert.Greater(t, time.Since(pushed), 200*time.Millisecond)
	r.send(t, 202, http.MethodDelete, groupA, "")
	gone := d.get("x{job=a}").at
	require.Never(t, later("x{job=a}", gone), 500*time.Millisecond, 10*time.Millisecond, "it was deleted")
}

// What is refused is not sent again before the next round, and the pipeline is asked once in a tick. Groups of one slot go in batches.
func TestRepublicationsThatAreRefused(t *testing.T) {
	d := newDatabase(t)
	m := startMeasured(t, d, holding(func(g *Groups) { g.RepublishInterval = 100 * time.Millisecond })) // two slots
	var body strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&body, "x{k=\"%d\"} 1\n", i)
	}
	for i := range 12 {
		m.send(t, 200, http.MethodPut, fmt.Sprintf("/metrics/job/x/i/%d", i), body.String())
	}
	d.refuseAll(errors.New("too much"))
	begin, calls := time.Now(), d.called()
	time.Sleep(time.Second)
	calls = d.called() - calls
	assert.LessOrEqual(t, calls, int(time.Since(begin)/(50*time.Millisecond))+2)
	assert.Positive(t, calls)
	d.refuseAll(nil)
	assert.NotZero(t, m.logs.FilterMessage("Groups were not republished").Len())
	at := time.Now()
	for i := range 12 {
		series := fmt.Sprintf("x{i=%d,job=x,k=7}", i)
		require.Eventually(t, func() bool { return d.get(series).at.After(at) }, 20*time.Second, 5*time.Millisecond)
	}
	for _, outcome := range []string{republished, notTaken, passedOver} {
		assert.Positive(t, m.republishedGroups(t, outcome), outcome)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	assert.LessOrEqual(t, d.largest, translate.MaxPoints)
	assert.Greater(t, d.largest, 4000, "two groups fit")
}

// republishedGroups returns how many groups were counted with an outcome.
func (m measured) republishedGroups(t *testing.T, outcome string) int64 {
	metric, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_republished_groups")
	require.NoError(t, err)
	for _, p := range metric.Data.(metricdata.Sum[int64]).DataPoints {
		if got, _ := p.Attributes.Value("outcome"); got.AsString() == outcome {
			return p.Value
		}
	}
	return 0
}

// A group whose end the pipeline does not take does not keep the others from being republished, nor their pushes from being taken.
func TestGroupsThatCannotExpire(t *testing.T) {
	d := newDatabase(t)
	m := startMeasured(t, d, holding(func(g *Groups) { g.TTL, g.RepublishInterval = time.Second, 100*time.Millisecond }))
	d.refuseMarkers(errors.New("no ends"))
	for i := range 20 {
		m.send(t, 200, http.MethodPut, fmt.Sprintf("/metrics/job/old/i/%d", i), "x 1\n")
	}
	time.Sleep(time.Second)
	for i := range 20 {
		path, series := fmt.Sprintf("/metrics/job/new/i/%d", i), fmt.Sprintf("x{i=%d,job=new}", i)
		m.send(t, 200, http.MethodPut, path, "x 1\n")
		pushed := d.get(series).at
		require.Eventually(t, func() bool { return d.get(series).at.After(pushed) }, 900*time.Millisecond, time.Millisecond)
	}
	d.refuseAll(nil)
	require.Eventually(t, func() bool { return m.held.store.Totals().Groups == 0 }, 20*time.Second, time.Millisecond)
	d.requireVisible()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		metric, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_removed_groups")
		require.NoError(c, err)
		metricdatatest.AssertEqual(t, m.pushed(40, "cause", "expired"), metric.Data.(metricdata.Sum[int64]).DataPoints[0],
			metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
	}, time.Second, 10*time.Millisecond)
}

// A pipeline that hangs does not keep the receiver from shutting down.
func TestShutdownDuringARepublication(t *testing.T) {
	hangs, release := atomic.Bool{}, make(chan struct{})
	defer close(release)
	next := consumerFunc(t, func(context.Context) error {
		if hangs.Load() {
			<-release
		}
		return nil
	})
	r, _ := startHolding(t, next, newTestStorage(), func(g *Groups) { g.RepublishInterval = 100 * time.Millisecond })
	r.send(t, 200, http.MethodPut, groupA, "x 1\n")
	hangs.Store(true)
	time.Sleep(300 * time.Millisecond)
	http.DefaultClient.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	require.ErrorIs(t, r.Shutdown(ctx), context.DeadlineExceeded)
	assert.Less(t, time.Since(begin), 3*time.Second)
}

func TestVisits(t *testing.T) {
	f := func(g Groups, wantSlots int, wantTick time.Duration) {
		t.Helper()
		slots, tick := g.visits()
		assert.Equal(t, wantSlots, slots)
		assert.Equal(t, wantTick, tick)
	}
	f(Groups{RepublishInterval: time.Minute, TTL: time.Hour}, 60, time.Second)
	f(Groups{RepublishInterval: time.Hour}, 3600, time.Second)
	f(Groups{RepublishInterval: 1000 * time.Hour}, 3600, 1000*time.Second)
	f(Groups{RepublishInterval: 6 * time.Second}, 60, 100*time.Millisecond)
	f(Groups{RepublishInterval: 100 * time.Millisecond}, 2, 50*time.Millisecond)
	f(Groups{TTL: time.Second}, 2, 50*time.Millisecond)
	f(Groups{TTL: time.Hour}, 60, time.Second)
	f(Groups{}, 60, time.Second)
}

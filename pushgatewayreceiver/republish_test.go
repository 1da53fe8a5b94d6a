package pushgatewayreceiver

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// A pipeline that refuses is not asked again before the next round, and then gets what is there by then.
func TestRepublicationsThatAreRefused(t *testing.T) {
	d := newDatabase(t)
	m := startMeasured(t, d, holding(func(g *Groups) { g.RepublishInterval = time.Second }))
	for i := range 200 {
		m.send(t, 200, http.MethodPut, fmt.Sprintf("/metrics/job/x/i/%d", i), "x 1\n")
	}
	d.refuseAll(errors.New("too much"))
	time.Sleep(3 * time.Second)
	d.refuseAll(nil)
	assert.Less(t, d.calls, 200+4*60)
	at := time.Now()
	require.Eventually(t, func() bool { return d.get("x{i=7,job=x}").at.After(at) }, 5*time.Second, 5*time.Millisecond)
	assert.NotZero(t, m.logs.FilterMessage("Groups were not republished").Len())
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
	f(Groups{TTL: time.Second}, 20, 50*time.Millisecond)
	f(Groups{TTL: time.Hour}, 60, time.Second)
	f(Groups{}, 60, time.Second)
}

package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadatatest"
)

// holding returns a configuration with groups that are visited so seldom that they are not within a test.
func holding(change func(*Groups)) func(*Config) {
	return func(c *Config) {
		held := defaultGroups()
		held.TTL, held.RepublishInterval = 0, 0
		if change != nil {
			change(&held)
		}
		c.Settings.Groups = configoptional.Some(held)
		c.Settings.Timestamps = timestampsReject
	}
}

// startHolding starts a receiver with a storage, and returns what stops it.
func startHolding(t *testing.T, d consumer.Metrics, s component.Component, change func(*Groups), more ...func(*Config)) (r running, stop func()) {
	core, logs := observer.New(zapcore.DebugLevel)
	set := receivertest.NewNopSettings(typ)
	set.Logger = zap.New(core)
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = freeAddress(t)
	holding(func(g *Groups) {
		g.Storage = &storageID
		if change != nil {
			change(g)
		}
	})(cfg)
	for _, change := range more {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	receiver, err := newReceiver(cfg, set, d)
	require.NoError(t, err)
	require.NoError(t, receiver.Start(t.Context(), storageHost{s}))
	stop = func() {
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, receiver.Shutdown(context.Background()))
	}
	return running{pushgatewayReceiver: receiver, url: "http://" + cfg.ServerConfig.NetAddr.Endpoint, logs: logs}, stop
}

type storageHost struct{ component.Component }

func (h storageHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: h.Component, component.MustNewID("other"): nobody{}}
}

// send sends a request that must be answered with that status.
func (r running) send(t *testing.T, status int, method, path, body string) string {
	t.Helper()
	res := r.do(t, method, path, body)
	require.Equal(t, status, res.StatusCode, res.body)
	return res.body
}

const groupA, groupB = "/metrics/job/a", "/metrics/job/b/l/v"

func TestGroupsChange(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(nil))
	r.send(t, 200, http.MethodPut, groupA, "x 1\ny{k=\"1\"} 1\ny{k=\"2\"} 2\n")
	r.send(t, 200, http.MethodPost, groupB, "x 3\n")
	d.requireVisible("x{job=a} 1", "x{job=b,l=v} 3", "y{job=a,k=1} 1", "y{job=a,k=2} 2")

	r.send(t, 200, http.MethodPost, groupA, "y{k=\"2\"} 4\n")
	d.requireVisible("x{job=a} 1", "x{job=b,l=v} 3", "y{job=a,k=2} 4")

	r.send(t, 200, http.MethodPut, groupA, "z 5\n")
	d.requireVisible("x{job=b,l=v} 3", "z{job=a} 5")

	r.send(t, 200, http.MethodPost, groupA, "")
	d.requireVisible("x{job=b,l=v} 3", "z{job=a} 5")
	r.send(t, 200, http.MethodPut, groupA, "")
	d.requireVisible("x{job=b,l=v} 3")
	assert.NotEqual(t, "stale", d.get("push_time_seconds{job=a}").value)
	assert.Equal(t, "0", d.get("push_failure_time_seconds{job=a}").value)

	r.send(t, 202, http.MethodDelete, groupB, "")
	r.send(t, 202, http.MethodDelete, groupB, "")
	r.send(t, 202, http.MethodDelete, "/metrics/job/unknown", "")
	d.requireVisible()
	assert.Equal(t, "stale", d.get("push_time_seconds{job=b,l=v}").value)
	assert.Equal(t, "stale", d.get("push_failure_time_seconds{job=b,l=v}").value)
	assert.EqualValues(t, 1, r.held.store.Totals().Groups)
}

// What exporters make of a histogram depends on its bounds, so other bounds are other series.
func TestShapesOfSeriesChange(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(nil))
	const histogram = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
	const summary = "# TYPE s summary\ns{quantile=\"0.5\"} 7\ns_sum 3\ns_count 2\n"
	r.send(t, 200, http.MethodPut, groupA, histogram+summary+"# TYPE c counter\nc 1\n")
	d.requireVisible("c{job=a} 1", "h/1{job=a} 1", "s/0.5{job=a} 7")
	r.send(t, 200, http.MethodPut, groupA, strings.ReplaceAll(histogram, `"1"`, `"4"`)+strings.ReplaceAll(summary, "0.5", "0.9")+"# TYPE c gauge\nc 2\n")
	d.requireVisible("c{job=a} 2", "h/4{job=a} 1", "s/0.9{job=a} 7")
	assert.Equal(t, "stale", d.get("h/1{job=a}").value)
	assert.Equal(t, "stale", d.get("s/0.5{job=a}").value)
	r.send(t, 202, http.MethodDelete, groupA, "")
	d.requireVisible()
}

func TestPushesMustAgreeWithWhatIsHeld(t *testing.T) {
	const histogram = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
	f := func(name, held, path, push, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			d := newDatabase(t)
			r := start(t, d, holding(nil))
			r.send(t, 200, http.MethodPut, groupA, held)
			before := d.visible()
			answer := r.send(t, 400, http.MethodPost, path, push)
			assert.Contains(t, answer, want)
			assert.Equal(t, before, d.visible())
			assert.NotEqual(t, "0", d.get("push_failure_time_seconds{job=b,l=v}").value)
			r.send(t, 202, http.MethodDelete, groupA, "")
			time.Sleep(2 * time.Millisecond) // another group may have the same series only in another millisecond
			r.send(t, 200, http.MethodPost, path, push)
		})
	}
	const inA = `, in group {job="a"}`
	f("type", "# TYPE x counter\nx 1\n", groupB, "# TYPE x gauge\nx 1\n", `"x" has the type gauge, but is held with the type counter`+inA)
	f("no type", "# TYPE x counter\nx 1\n", groupB, "x 1\n", `"x" has the type unknown, but is held with the type counter`+inA)
	f("a part of what is held", histogram, groupB, "h_count 1\n", `"h_count" has the name of a series of a histogram, ending in _count`+inA)
	f("what is held is a part", "h_count 1\n", groupB, histogram, `"h" is a histogram, which has a series of the name that ends in _count, but there is a metric of that name`+inA)
	f("a type that others hold too", "# TYPE x counter\nx 1\n", groupB, "# TYPE x gauge\nx 1\n", inA)
	f("the same series", "x{l=\"v\"} 1\n", "/metrics/job/a/l/v", "x 1\n", `"x" has a series with the same labels`+inA)
}

// The answer names a group that has what is in the way, and not one that had it.
func TestTheOtherGroupIsNamed(t *testing.T) {
	r := start(t, newDatabase(t), holding(nil))
	const gauge, counter = "# TYPE x gauge\nx 1\n", "# TYPE x counter\nx 1\n"
	for _, path := range []string{groupB, groupA, "/metrics/job/c"} {
		r.send(t, 200, http.MethodPut, path, gauge)
	}
	r.send(t, 200, http.MethodPut, "/metrics/job/c", "y 1\n")
	assert.Contains(t, r.send(t, 400, http.MethodPut, groupA, counter), `in group {job="b",l="v"}`)
	r.send(t, 202, http.MethodDelete, "/metrics/job/c", "")
	assert.Contains(t, r.send(t, 400, http.MethodPut, groupA, counter), `in group {job="b",l="v"}`)
	r.send(t, 202, http.MethodDelete, groupB, "")
	r.send(t, 200, http.MethodPut, groupA, counter)
}

// In one group a metric may change its type, and what was a part may become one of a whole.
func TestAGroupMayContradictWhatItWas(t *testing.T) {
	r := start(t, newDatabase(t), holding(nil))
	r.send(t, 200, http.MethodPut, groupA, "# TYPE x counter\nx 1\nh_count 1\n")
	r.send(t, 200, http.MethodPost, groupA, "# TYPE x gauge\nx 1\n")
	r.send(t, 400, http.MethodPost, groupA, "# TYPE h summary\nh_sum 3\nh_count 2\n")
	r.send(t, 200, http.MethodPut, groupA, "# TYPE h summary\nh_sum 3\nh_count 2\n")
	r.send(t, 200, http.MethodPut, groupB, "# TYPE x counter\nx 1\n")
}

func TestFailuresAreOfTheGroup(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(nil))
	r.send(t, 400, http.MethodPut, groupA, "x\n")
	assert.Equal(t, "0", d.get("push_time_seconds{job=a}").value)
	failed := d.get("push_failure_time_seconds{job=a}").value
	assert.NotEqual(t, "0", failed)
	r.send(t, 200, http.MethodPut, groupA, "x 1\n")
	assert.NotEqual(t, "0", d.get("push_time_seconds{job=a}").value)
	assert.Equal(t, failed, d.get("push_failure_time_seconds{job=a}").value)
	r.send(t, 400, http.MethodPut, groupA, "x 1 1700000000000\n") // with groups, timestamps are refused
	assert.NotEqual(t, failed, d.get("push_failure_time_seconds{job=a}").value)
	d.requireVisible("x{job=a} 1")
	d.refuseAll(errors.New("away"))
	before := time.Now()
	r.send(t, 400, http.MethodPut, groupA, "x\n")
	d.refuseAll(nil)
	assert.True(t, r.held.store.All()[0].LastFailure.After(before), "it goes with the next republication")
	r.send(t, 202, http.MethodDelete, groupA, "")
	assert.Equal(t, "stale", d.get("push_failure_time_seconds{job=a}").value)
}

// What the pipeline refuses has not happened.
func TestChangesThatThePipelineRefuses(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(nil))
	r.send(t, 200, http.MethodPut, groupA, "x 1\n")
	d.refuseAll(errors.New("away"))
	r.send(t, 503, http.MethodPut, groupA, "# TYPE x counter\nx 2\ny 2\n")
	r.send(t, 503, http.MethodPut, groupB, "z 1\n")
	r.send(t, 503, http.MethodDelete, groupA, "")
	d.refuseAll(nil)
	assert.EqualValues(t, 1, r.held.store.Totals().Groups)
	r.send(t, 200, http.MethodPut, groupB, "# TYPE z counter\nz 1\n")
	r.send(t, 200, http.MethodPost, groupA, "y 2\n")
	d.requireVisible("x{job=a} 1", "y{job=a} 2", "z{job=b,l=v} 1")
	r.send(t, 202, http.MethodDelete, groupA, "")
	d.requireVisible("z{job=b,l=v} 1")
}

func TestBoundsOfGroups(t *testing.T) {
	f := func(reason, want string, change func(*Groups)) {
		t.Helper()
		t.Run(reason, func(t *testing.T) {
			m := startMeasured(t, newDatabase(t), holding(change))
			m.send(t, 200, http.MethodPut, groupA, "x 1\n")
			res := m.do(t, http.MethodPut, groupB, "x 1\ny 1\n")
			assert.Equal(t, http.StatusTooManyRequests, res.StatusCode)
			assert.Equal(t, "60", res.Header.Get("Retry-After"))
			assert.Contains(t, res.body, want)
			m.requireRefused(t, reason, 1)
			m.send(t, 400, http.MethodPut, groupB, "x")
			m.send(t, 200, http.MethodPut, groupA, "x 2\ny 2\n")
			m.send(t, 202, http.MethodDelete, groupA, "")
			m.send(t, 202, http.MethodDelete, groupB, "")
			assert.Zero(t, m.held.store.Totals())
		})
	}
	f("max_groups", "with it, 2 groups were held, but groups.max_groups is 1", func(g *Groups) { g.MaxGroups = 1 })
	f("max_series", "with it, 3 series were held, but groups.max_series is 1", func(g *Groups) { g.MaxSeries = 1 })
}

// Groups that are held may grow, but not without end.
func TestHeldGroupsGrowToTwiceTheBound(t *testing.T) {
	r := start(t, newDatabase(t), holding(func(g *Groups) { g.MaxSeries = 2 }))
	r.send(t, 200, http.MethodPost, groupA, "a 1\nb 1\n")
	r.send(t, 200, http.MethodPost, groupA, "c 1\nd 1\n")
	assert.Contains(t, r.send(t, 429, http.MethodPost, groupA, "e 1\n"), "groups.max_series is 2")
	r.send(t, 200, http.MethodPost, groupA, "d 2\n")
	r.send(t, 200, http.MethodPut, groupA, "e 1\n")
}

// Groups whose last push is long ago expire, also if the process was away meanwhile.
func TestGroupsExpire(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil)
	r.send(t, 200, http.MethodPut, groupA, "x 1\n")
	stop()
	time.Sleep(2 * time.Second)
	r, stop = startHolding(t, d, s, func(g *Groups) { g.TTL = 3 * time.Second })
	defer stop()
	r.send(t, 200, http.MethodPut, groupB, "x 1\n")
	d.requireVisible("x{job=a} 1", "x{job=b,l=v} 1")
	assert.Eventually(t, func() bool { return d.visible() == "x{job=b,l=v} 1" }, 5*time.Second, 5*time.Millisecond)
	assert.Eventually(t, func() bool { return d.visible() == "" && s.len() == 0 }, 5*time.Second, 5*time.Millisecond)
}

// A group with more series than a batch has is replaced and deleted in several, one group at a time.
func TestGroupsWithVeryManySeries(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holding(nil))
	var body strings.Builder
	for i := range 3 * translate.MaxPoints {
		fmt.Fprintf(&body, "x{k=\"%d\"} 1\n", i)
	}
	for _, path := range []string{groupA, groupB} {
		r.send(t, 200, http.MethodPut, path, body.String())
	}
	r.send(t, 200, http.MethodPut, groupA, "x{k=\"7\"} 2\n")
	calls := d.calls
	r.send(t, 202, http.MethodDelete, groupB, "")
	assert.Equal(t, calls+3, d.calls, "the last one has the push times, too")
	d.requireVisible("x{job=a,k=7} 2")
	assert.Zero(t, r.budget.inFlight())
}

// A group can always be deleted, however little memory there is for pushes.
func TestLargeGroupsCanBeDeleted(t *testing.T) {
	r := start(t, newDatabase(t), func(c *Config) {
		holding(nil)(c)
		c.Settings.Limits.InFlightMiB = 6
	})
	var body strings.Builder
	for i := range 4900 {
		fmt.Fprintf(&body, "x{k=\"%d\"} 1\n", i)
	}
	r.send(t, 200, http.MethodPut, groupA, body.String())
	r.send(t, 200, http.MethodPut, groupA, "")
	r.send(t, 200, http.MethodPut, groupA, body.String())
	r.send(t, 202, http.MethodDelete, groupA, "")
	assert.Zero(t, r.budget.inFlight())
}

// A path can have characters that separate labels elsewhere.
func TestKeysThatLookAlike(t *testing.T) {
	for _, paths := range [][2]string{
		{"/metrics/job/a/l/v", "/metrics/job/a%00l%00v"},
		{"/metrics/job/a/b/c", "/metrics/job/a%2Fb%2Fc"},
		{"/metrics/job/j/a/b/c/d", "/metrics/job/j/a%3D%22b%22%2Cc/d"},
	} {
		s := newTestStorage()
		r, stop := startHolding(t, newDatabase(t), s, nil)
		r.send(t, 200, http.MethodPut, paths[0], "x 1\n")
		r.send(t, 202, http.MethodDelete, paths[1], "")
		r.send(t, 200, http.MethodPut, paths[1], "y 1\n")
		assert.EqualValues(t, 2, r.held.store.Totals().Groups)
		assert.Equal(t, 2, s.len())
		stop()
	}
}

func TestMetricsOfHeldGroups(t *testing.T) {
	m := startMeasured(t, newDatabase(t), holding(nil))
	m.send(t, 200, http.MethodPut, groupA, "x 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n")
	m.send(t, 200, http.MethodPut, groupB, "x 1\n")
	options := []metricdatatest.Option{metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars()}
	one := func(value int64, attributes ...string) []metricdata.DataPoint[int64] {
		return []metricdata.DataPoint[int64]{m.pushed(value, attributes...)}
	}
	metadatatest.AssertEqualPushgatewayReceiverHeldGroups(t, m.metrics, one(2), options...)
	metadatatest.AssertEqualPushgatewayReceiverHeldSeries(t, m.metrics, one(6), options...)
	metadatatest.AssertEqualPushgatewayReceiverHeldBytes(t, m.metrics, one(m.held.store.Totals().Bytes), options...)
	m.send(t, 202, http.MethodDelete, groupA, "")
	metadatatest.AssertEqualPushgatewayReceiverRemovedGroups(t, m.metrics, one(1, "cause", "deleted"), options...)
	metadatatest.AssertEqualPushgatewayReceiverHeldSeries(t, m.metrics, one(1), options...)
}

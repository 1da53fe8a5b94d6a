package overload

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// connections is how many jobs there are at once, each with a connection of its own.
const connections = 1000

// They end at the same second, and push again if they are refused.
func TestThousandConnections(t *testing.T) {
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, "")
	begin := time.Now()
	every, last := untilAccepted(connections, c.URL, page(20))
	took := rounded(time.Since(begin))
	peak := peakMiB(t, c)
	t.Logf("%d connections at once: %v; all accepted after %v; peak memory %.0f MiB", connections, every, took, peak)
	every.requireAnswered(t, patience)
	assert.Equal(t, connections, last.count(http.StatusOK))
	b.requireArrived(t, last.accepted(), 20)
	assert.Less(t, peak, float64(maxMemory)/mebibyte)
}

// They all wait for a backend that hangs, and come again.
func TestThousandConnectionsWait(t *testing.T) {
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, "receivers: {pushgateway: {"+timeouts+"}}\n")
	b.SetMood(testbed.Hangs)
	var all outcomes
	for range 2 {
		some := atOnce(connections, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), page(20)) })
		all.all = append(all.all, some.all...)
	}
	peak := peakMiB(t, c)
	b.SetMood(testbed.Accepts)
	took := recovers(t, c)
	t.Logf("%d connections at once, and again, backend hangs: %v; peak memory %.0f MiB; recovered after %v", connections, &all, peak, took)
	all.requireAnswered(t, patience)
	assert.Zero(t, all.count(http.StatusOK))
	assert.Less(t, peak, float64(maxMemory)/mebibyte)
}

// They have pushed, and stay.
func TestIdleConnections(t *testing.T) {
	c := testbed.StartCollectorWith(t, testbed.NopConfig)
	opened := keepOpen(t, c, connections/10) // so that what the first ones take is not counted
	before := c.Memory(t, "VmRSS")
	files := c.OpenFiles(t)
	opened = append(opened, keepOpen(t, c, connections)...)
	after := c.Memory(t, "VmRSS")
	assert.Equal(t, connections, c.OpenFiles(t)-files)
	honest := atOnce(20, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), page(100)) })
	perConnection := float64(after-before) / connections / 1024
	t.Logf("%d idle connections: %.0f KiB of memory each; honest pushes meanwhile: %v", connections, perConnection, honest)
	honest.requireAnswered(t, soon)
	assert.Equal(t, 20, honest.count(http.StatusOK))
	assert.Less(t, perConnection, 64.0)
	for _, client := range opened {
		o := send(client, c.URL, "/job/idle", "m 1\n")
		require.Equal(t, http.StatusOK, o.status, "the connection is as good as before")
	}
	assert.Equal(t, connections, c.OpenFiles(t)-files)
}

// keepOpen pushes over so many connections, one after the other, and returns a client for each.
func keepOpen(t *testing.T, c *testbed.Collector, n int) []*http.Client {
	t.Helper()
	clients := make([]*http.Client, n)
	for i := range clients {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		clients[i] = &http.Client{Timeout: impatient, Transport: transport}
		require.Equal(t, http.StatusOK, send(clients[i], c.URL, "/job/idle", "m 1\n").status)
	}
	return clients
}

// More medium pushes come at once than there is memory for.
func TestBurstBeyondTheBudget(t *testing.T) {
	const pushes, series = 60, 4000
	b := startBackend(t)
	b.slowDown(500 * time.Millisecond)
	overlay, metrics := testbed.ShowOwnMetrics(t)
	config := testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/otlp.yaml", OwnMetrics: true, Env: []string{"OTLP_ENDPOINT=" + b.URL},
		Overlay: overlay + "receivers: {pushgateway: {limits: {in_flight_mib: 16}}}\n",
	}
	c := testbed.StartCollector(t, config)
	body := page(series)
	all := atOnce(pushes, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), body) })
	peak := peakMiB(t, c)
	b.slowDown(0)
	took := recovers(t, c)
	t.Logf("a burst of %d MiB, of 16: %v; peak memory %.0f MiB; recovered after %v", 2*pushes, all, peak, took)
	all.requireAnswered(t, writeTimeout)
	assert.GreaterOrEqual(t, all.count(http.StatusOK), 5)
	assert.Positive(t, all.count(http.StatusTooManyRequests))
	assert.Zero(t, all.count(http.StatusServiceUnavailable))
	assert.Less(t, peak, float64(maxMemory)/mebibyte)
	b.requireArrived(t, all.accepted(), series)
	refused := value(t, metrics, `otelcol_pushgateway_receiver_refused_requests(?:_total)?\{.*\breason="in_flight_mib".*\}`)
	assert.Equal(t, all.count(http.StatusTooManyRequests), refused, "refused_requests")
	assert.Zero(t, value(t, metrics, `otelcol_pushgateway_receiver_in_flight_bytes(?:\{.*\})?`), "in_flight_bytes")
}

// A job that pushes too often harms no other one.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	const rate, pushes = 5, 50
	c := testbed.StartCollectorWith(t, strings.Replace(testbed.NopConfig, "exporters:\n", fmt.Sprintf("    limits: {pushes_per_second_per_job: %d}\nexporters:\n", rate), 1))
	all := atOnce(pushes, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), page(1)) })
	others := atOnce(pushes, func(i int) outcome { return send(oneShot, c.URL, fmt.Sprintf("/job/other%d", i), page(1)) })
	time.Sleep(time.Second)
	later := send(oneShot, c.URL, groupPath(0), page(1))
	t.Logf("%d pushes a second: %v; other jobs: %v; a second later: %d", rate, all, others, later.status)
	all.requireAnswered(t, soon)
	assert.GreaterOrEqual(t, all.count(http.StatusOK), rate)
	assert.Less(t, all.count(http.StatusOK), 4*rate, "a busy machine may take some seconds")
	for _, o := range all.all {
		if o.status != http.StatusOK {
			assert.Equal(t, http.StatusTooManyRequests, o.status)
			assert.Equal(t, time.Second, o.retryAfter)
		}
	}
	others.requireAnswered(t, soon)
	assert.Equal(t, pushes, others.count(http.StatusOK))
	assert.Equal(t, http.StatusOK, later.status)
}

package e2e

import (
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// patience is how long a client may have to wait for its answer, whatever the backend does.
const patience = 30 * time.Second

// forwards are the examples that answer when the backend has answered, and how they are led to one.
var forwards = []struct{ name, example, variable, path string }{
	{name: "OTLP", example: "otlp.yaml", variable: "OTLP_ENDPOINT", path: "/api/v1/otlp"},
	{name: "remote write", example: "remote-write.yaml", variable: "REMOTE_WRITE_ENDPOINT", path: "/api/v1/write"},
}

// These tests wait most of the time, so they do it side by side.
func TestBackendAway(t *testing.T) {
	for _, f := range forwards {
		start := func(t *testing.T, backendURL string) *testbed.Collector {
			return testbed.StartCollector(t, testbed.CollectorSettings{Config: testbed.Repository + "/examples/" + f.example, Env: []string{f.variable + "=" + backendURL + f.path}})
		}
		t.Run(f.name+": nothing listens there", func(t *testing.T) {
			t.Parallel()
			requirePushAgain(t, start(t, "http://"+testbed.FreeAddress(t)))
		})
		t.Run(f.name+": it takes the connection and never answers", func(t *testing.T) {
			t.Parallel()
			requirePushAgain(t, start(t, startSilentServer(t)))
		})
		t.Run(f.name+": it is stopped and comes back", func(t *testing.T) {
			t.Parallel()
			address, dir := testbed.FreeAddress(t), t.TempDir()
			p := testbed.StartPrometheusAt(t, address, dir)
			c := start(t, p.URL)
			require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+"/metrics/job/away", "m 1\n").Status)
			p.Stop(t)
			requirePushAgain(t, c)
			p = testbed.StartPrometheusAt(t, address, dir)
			require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+"/metrics/job/away", "m 3\n").Status)
			p.RequireSeries(t, `m{job="away"}`, testbed.Series{`m{job="away"}`: "3"})
		})
	}
	t.Run("with a queue the push is answered at once and arrives later", testQueue)
}

func testQueue(t *testing.T) {
	t.Parallel()
	address, dir := testbed.FreeAddress(t), t.TempDir()
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: testbed.Repository + "/examples/sidecar.yaml", Env: []string{"OTLP_ENDPOINT=http://" + address + "/api/v1/otlp"}})
	before := time.Now()
	require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+"/metrics/job/queued", "m 1\n").Status)
	require.Less(t, time.Since(before), 2*time.Second)
	p := testbed.StartPrometheusAt(t, address, dir)
	p.RequireSeries(t, `m{job="queued"}`, testbed.Series{`m{job="queued"}`: "1"})
}

// Prometheus takes no samples that are much older than those it has.
func TestBackendRefusesForGood(t *testing.T) {
	p := testbed.StartPrometheus(t)
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: testbed.Repository + "/examples/otlp.yaml", Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL()}})
	require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+"/metrics/job/old", "m 1\n").Status)
	before := time.Now()
	a := testbed.Post(t, c.Client, c.URL+"/metrics/job/old", "m 2 1000000000000\n")
	assert.Contains(t, []int{http.StatusBadRequest, http.StatusInternalServerError}, a.Status, a.Body)
	assert.Empty(t, a.RetryAfter, "it is of no use to push that again")
	assert.Less(t, time.Since(before), 5*time.Second)
	t.Logf("%d: %s", a.Status, a.Body)
}

// Prometheus takes all of a request or nothing, and so pushes that are batched share their fate.
func TestOneBadPushSpoilsTheBatch(t *testing.T) {
	p := testbed.StartPrometheus(t)
	c := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/confirmed.yaml", Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL()},
		Overlay: "receivers: {pushgateway: {timestamps: honor}}\nexporters: {otlp_http: {sending_queue: {batch: {flush_timeout: 2s}}}}\n",
	})
	require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+"/metrics/job/old", "m 1\n").Status)
	good := make(chan testbed.Answer)
	go func() { good <- testbed.Post(t, c.Client, c.URL+"/metrics/job/good", "m 1\n") }()
	bad := testbed.Post(t, c.Client, c.URL+"/metrics/job/old", "m 2 1000000000000\n")
	assert.Equal(t, http.StatusBadRequest, bad.Status, bad.Body)
	a := <-good
	assert.Equal(t, bad, a)
	got, _ := p.Query(t, `{job="good"}`)
	assert.Empty(t, got, "the good push is not there, and its job was told so")
}

// requirePushAgain pushes and requires that the client is told, in time, to push again, and that the collector goes on.
func requirePushAgain(t *testing.T, c *testbed.Collector) {
	t.Helper()
	client := &http.Client{Timeout: patience + 10*time.Second}
	before := time.Now()
	a := testbed.Post(t, client, c.URL+"/metrics/job/away", "m 2\n")
	took := time.Since(before)
	require.Equal(t, http.StatusServiceUnavailable, a.Status, a.Body)
	assert.Less(t, took, patience)
	assert.Contains(t, a.Body, "push it again")
	seconds, err := strconv.Atoi(a.RetryAfter)
	require.NoError(t, err, "Retry-After")
	assert.Positive(t, seconds)
	t.Logf("503 after %v", took.Round(10*time.Millisecond))

	c.RequireAlive(t)
	require.True(t, testbed.AnswersOK(client, c.URL+"/-/ready"))
	require.Equal(t, http.StatusBadRequest, testbed.Post(t, client, c.URL+"/metrics/job/%FF", "m 2\n").Status)
}

// startSilentServer returns the URL of a server that takes connections and says nothing.
func startSilentServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		var kept []net.Conn // a connection without an owner would be closed
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			kept = append(kept, conn)
		}
		for _, conn := range kept {
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

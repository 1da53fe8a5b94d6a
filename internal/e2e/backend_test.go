package e2e

import (
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		start := func(t *testing.T, backendURL string) *collector {
			return startCollector(t, collectorSettings{config: repository + "/examples/" + f.example, env: []string{f.variable + "=" + backendURL + f.path}})
		}
		t.Run(f.name+": nothing listens there", func(t *testing.T) {
			t.Parallel()
			requirePushAgain(t, start(t, "http://"+freeAddress(t)))
		})
		t.Run(f.name+": it takes the connection and never answers", func(t *testing.T) {
			t.Parallel()
			requirePushAgain(t, start(t, startSilentServer(t)))
		})
		t.Run(f.name+": it is stopped and comes back", func(t *testing.T) {
			t.Parallel()
			address, dir := freeAddress(t), t.TempDir()
			p := startPrometheusAt(t, address, dir)
			c := start(t, p.url)
			require.Equal(t, http.StatusOK, post(t, c.client, c.url+"/metrics/job/away", "m 1\n").status)
			p.stop(t)
			requirePushAgain(t, c)
			p = startPrometheusAt(t, address, dir)
			require.Equal(t, http.StatusOK, post(t, c.client, c.url+"/metrics/job/away", "m 3\n").status)
			p.requireSeries(t, `m{job="away"}`, series{`m{job="away"}`: "3"})
		})
	}
	t.Run("with a queue the push is answered at once and arrives later", testQueue)
}

func testQueue(t *testing.T) {
	t.Parallel()
	address, dir := freeAddress(t), t.TempDir()
	c := startCollector(t, collectorSettings{config: repository + "/examples/sidecar.yaml", env: []string{"OTLP_ENDPOINT=http://" + address + "/api/v1/otlp"}})
	before := time.Now()
	require.Equal(t, http.StatusOK, post(t, c.client, c.url+"/metrics/job/queued", "m 1\n").status)
	require.Less(t, time.Since(before), 2*time.Second)
	p := startPrometheusAt(t, address, dir)
	p.requireSeries(t, `m{job="queued"}`, series{`m{job="queued"}`: "1"})
}

// Prometheus takes no samples that are much older than those it has.
func TestBackendRefusesForGood(t *testing.T) {
	p := startPrometheus(t)
	c := startCollector(t, collectorSettings{config: repository + "/examples/otlp.yaml", env: []string{"OTLP_ENDPOINT=" + p.otlpURL()}})
	require.Equal(t, http.StatusOK, post(t, c.client, c.url+"/metrics/job/old", "m 1\n").status)
	before := time.Now()
	a := post(t, c.client, c.url+"/metrics/job/old", "m 2 1000000000000\n")
	assert.Contains(t, []int{http.StatusBadRequest, http.StatusInternalServerError}, a.status, a.body)
	assert.Empty(t, a.retryAfter, "it is of no use to push that again")
	assert.Less(t, time.Since(before), 5*time.Second)
	t.Logf("%d: %s", a.status, a.body)
}

// requirePushAgain pushes and requires that the client is told, in time, to push again, and that the collector goes on.
func requirePushAgain(t *testing.T, c *collector) {
	t.Helper()
	client := &http.Client{Timeout: patience + 10*time.Second}
	before := time.Now()
	a := post(t, client, c.url+"/metrics/job/away", "m 2\n")
	took := time.Since(before)
	require.Equal(t, http.StatusServiceUnavailable, a.status, a.body)
	assert.Less(t, took, patience)
	assert.Contains(t, a.body, "push it again")
	seconds, err := strconv.Atoi(a.retryAfter)
	require.NoError(t, err, "Retry-After")
	assert.Positive(t, seconds)
	t.Logf("503 after %v", took.Round(10*time.Millisecond))

	c.requireAlive(t)
	require.True(t, answersOK(client, c.url+"/-/ready"))
	require.Equal(t, http.StatusBadRequest, post(t, client, c.url+"/metrics/job/%FF", "m 2\n").status)
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

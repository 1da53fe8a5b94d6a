package overload

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	// stormers push one after the other, until nobody listens any more.
	stormers = 20
	// stormSeries are in each of their pushes.
	stormSeries = 5
	// slowInstance is that of a push in flight. Those of stormers are below.
	slowInstance = 1_000_000
)

// Nothing is kept: what was answered 200 is at the backend.
func TestTerminatedWithoutQueue(t *testing.T) {
	t.Parallel()
	b := startBackend(t)
	b.slowDown(100 * time.Millisecond)
	c := start(t, "otlp.yaml", b.URL, "receivers: {pushgateway: {"+timeouts+"}}\n")
	s := startStorm(c.URL)
	time.Sleep(time.Second)
	large := startSlowPush(t, c, time.Second)

	f := terminate(t, c, s, large)
	assert.Equal(t, http.StatusOK, f.slow.status, "the push that was in flight")
	t.Logf("without a queue: %v", f)
	assert.Empty(t, b.missing(s.accepted(), stormSeries), "answered 200 and lost")
	b.requireUnknown(t, s.cut())
}

// What was answered 200 is on the disk, and at the backend after a restart.
func TestTerminatedWithQueueOnDisk(t *testing.T) {
	t.Parallel()
	b := startBackend(t)
	b.slowDown(300 * time.Millisecond)
	storage := "STORAGE_DIRECTORY=" + t.TempDir()
	overlay := "receivers: {pushgateway: {" + timeouts + "}}\n"
	c := start(t, "durable.yaml", b.URL, overlay, storage)
	s := startStorm(c.URL)
	time.Sleep(time.Second)
	large := startSlowPush(t, c, time.Second)

	f := terminate(t, c, s, large)
	assert.Equal(t, http.StatusOK, f.slow.status, "the push that was in flight")
	queued := len(b.missing(s.accepted(), stormSeries))
	assert.Positive(t, queued, "the queue was empty")
	b.slowDown(0)
	begin := time.Now()
	start(t, "durable.yaml", b.URL, overlay, storage)
	b.requireArrived(t, append(s.accepted(), slowInstance), stormSeries)
	b.requireUnknown(t, s.cut())
	t.Logf("with a queue on disk: %v; %d were in the queue, and arrived %v after the restart", f, queued, rounded(time.Since(begin)))
}

// Pushes that wait for a backend that hangs are told to come again.
func TestTerminatedWhileBackendHangs(t *testing.T) {
	t.Parallel()
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, "receivers: {pushgateway: {"+timeouts+"}}\n")
	s := startStorm(c.URL)
	time.Sleep(500 * time.Millisecond)
	b.SetMood(testbed.Hangs)
	time.Sleep(500 * time.Millisecond) // all wait
	f := terminate(t, c, s, startSlowPush(t, c, time.Second))
	t.Logf("while the backend hangs: %v", f)
	assert.Equal(t, http.StatusServiceUnavailable, f.slow.status)
	assert.Equal(t, stormers, s.count(http.StatusServiceUnavailable))
	assert.Empty(t, s.cut())
	assert.Empty(t, b.missing(s.accepted(), stormSeries), "answered 200 and lost")
}

// A body that never comes to its end keeps nobody waiting for long.
func TestTerminatedWithBodyThatStops(t *testing.T) {
	t.Parallel()
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, "receivers: {pushgateway: {"+timeouts+"}}\n")
	f := terminate(t, c, startStorm(c.URL), startSlowPush(t, c, time.Hour))
	t.Logf("with a body that stops: %v", f)
	assert.Equal(t, http.StatusRequestTimeout, f.slow.status)
}

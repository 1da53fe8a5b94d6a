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

// Pushes pile up at a backend that hangs, until the memory limiter refuses them. It goes on to refuse until the garbage is
// collected, which it asks for every ten seconds by default if memory is only a little short.
func TestMemoryLimiter(t *testing.T) {
	t.Parallel()
	const limit = 40 // MiB
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, fmt.Sprintf(`
receivers: {pushgateway: {%s}}
processors: {memory_limiter: {check_interval: 100ms, limit_mib: %d, spike_limit_mib: 16, min_gc_interval_when_soft_limited: 1s}}
`, timeouts, limit))
	b.SetMood(testbed.Hangs)
	body := page(4000)
	held := make(chan *outcomes)
	go func() { held <- atOnce(15, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), body) }) }()
	require.Eventually(t, func() bool { return strings.Contains(c.Written(), "Refusing data") }, soon, 10*time.Millisecond)
	refused := atOnce(20, func(i int) outcome { return send(oneShot, c.URL, groupPath(100+i), page(1)) })
	piledUp := <-held
	peak := peakMiB(t, c)
	b.SetMood(testbed.Accepts)
	took := recovers(t, c)
	t.Logf("memory limiter of %d MiB: %v; those that pile up: %v; peak memory %.0f MiB; recovered after %v", limit, refused, piledUp, peak, took)
	refused.requireAnswered(t, soon)
	piledUp.requireAnswered(t, writeTimeout)
	assert.Zero(t, refused.count(http.StatusOK)+piledUp.count(http.StatusOK))
	assert.Less(t, peak, 2.0*limit+60, "what the garbage collector leaves lying, and the program itself")
}

func TestFullQueue(t *testing.T) {
	t.Parallel()
	const size, consumers, pushes = 3, 1, 100
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, fmt.Sprintf(`
exporters:
  otlp_http:
    sending_queue: {enabled: true, queue_size: %d, num_consumers: %d}
    retry_on_failure: {initial_interval: 100ms, max_interval: 200ms}
`, size, consumers))
	b.SetMood(testbed.Hangs)
	all := atOnce(pushes, func(i int) outcome { return send(oneShot, c.URL, groupPath(i), page(1)) })
	b.SetMood(testbed.Accepts)
	took := recovers(t, c)
	t.Logf("queue of %d: %v; recovered after %v", size, all, took)
	all.requireAnswered(t, soon)
	assert.InDelta(t, size+consumers, all.count(http.StatusOK), 1)
	b.requireArrived(t, all.accepted(), 1)
}

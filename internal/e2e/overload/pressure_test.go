package overload

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// Pushes pile up at a backend that hangs, until the memory limiter refuses them. It goes on to refuse until the garbage is
// collected, which it asks for every ten seconds by default if memory is only a little short.
func TestMemoryLimiter(t *testing.T) {
	t.Parallel()
	const limit = 48 // MiB
	b := startBackend(t)
	c := start(t, "otlp.yaml", b.URL, fmt.Sprintf(`
receivers: {pushgateway: {%s}}
processors: {memory_limiter: {check_interval: 100ms, limit_mib: %d, spike_limit_mib: 16, min_gc_interval_when_soft_limited: 1s}}
`, timeouts, limit))
	b.SetMood(testbed.Hangs)
	body := page(4000)
	var all outcomes
	for wave := range 4 {
		some := atOnce(15, func(i int) outcome { return send(oneShot, c.URL, groupPath(100*wave+i), body) })
		all.all = append(all.all, some.all...)
	}
	peak := inMiB(t, c, "VmHWM")
	b.SetMood(testbed.Accepts)
	took := recovers(t, c)
	t.Logf("memory limiter of %d MiB: %v; peak memory %.0f MiB; recovered after %v", limit, &all, peak, took)
	all.requireAnswered(t, writeTimeout)
	assert.Zero(t, all.count(http.StatusOK))
	assert.Contains(t, c.Written(), "data refused due to high memory usage")
	assert.Less(t, peak, 2.0*limit+40, "what the garbage collector leaves lying, and the program itself")
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

package overload

import (
	"fmt"
	"net/http"
	"sync"
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
receivers: {pushgateway: {%s, limits: {in_flight_mib: 256}}}
processors:
  memory_limiter:
    check_interval: %v
    limit_mib: %d
    spike_limit_mib: 16
    # Each check counts what is in use, and no garbage.
    min_gc_interval_when_soft_limited: 0s
    max_gc_interval_when_soft_limited: 0s
`, timeouts, limiterInterval, limit))
	b.SetMood(testbed.Hangs)
	held := pileUp(t, b, c)
	refused := atOnce(20, func(i int) outcome { return send(oneShot, c.URL, groupPath(100+i), page(1)) })
	piledUp := held()
	peak := peakMiB(t, c)
	b.SetMood(testbed.Accepts)
	took := recovers(t, c)
	t.Logf("memory limiter of %d MiB: %v; those that pile up: %v; peak memory %.0f MiB; recovered after %v", limit, refused, piledUp, peak, took)
	refused.requireAnswered(t, soon)
	piledUp.requireAnswered(t, writeTimeout)
	assert.Zero(t, refused.count(http.StatusOK)+piledUp.count(http.StatusOK))
	assert.Less(t, peak, 2.0*limit+60, "what the garbage collector leaves lying, and the program itself")
}

const limiterInterval = 50 * time.Millisecond

// pileUp pushes until the memory limiter refuses, for what waits for the backend and not for what is being decoded: that would end
// by itself. It returns a function that waits for the answers.
func pileUp(t *testing.T, b *backend, c *testbed.Collector) func() *outcomes {
	t.Helper()
	var held outcomes
	var pushing sync.WaitGroup
	body := page(20_000)
	for i := 0; i == 0 || !refuses(t, b, c, 200+i); i++ {
		hanging, answered := b.Hanging(), make(chan struct{})
		pushing.Go(func() {
			held.add(send(oneShot, c.URL, groupPath(i), body))
			close(answered)
		})
		for waits := true; waits && b.Hanging() <= hanging; {
			select {
			case <-answered:
				waits = false
			case <-time.After(10 * time.Millisecond):
			}
		}
		time.Sleep(6 * limiterInterval) // pools keep what they have for two collections of garbage
	}
	return func() *outcomes {
		pushing.Wait()
		return &held
	}
}

// refuses says whether the collector refuses a push of an instance at once.
func refuses(t *testing.T, b *backend, c *testbed.Collector, instance int) bool {
	t.Helper()
	hanging := b.Hanging()
	hasty := &http.Client{Timeout: 2 * limiterInterval, Transport: oneShot.Transport}
	o := send(hasty, c.URL, groupPath(instance), page(1))
	require.Eventually(t, func() bool { return b.Hanging() <= hanging }, soon, 10*time.Millisecond)
	return o.isRefused()
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

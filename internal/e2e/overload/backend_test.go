package overload

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// pushers push at the same time to a backend that is slow or dead.
const pushers = 60

// paths are those of pushes that wait for nobody, and of pushes that wait for each other.
var paths = []struct {
	name string
	of   func(instance int) string
}{
	{name: "groups of their own", of: groupPath},
	{name: "one group", of: func(int) string { return groupPath(0) }},
}

func TestSlowBackend(t *testing.T) {
	t.Parallel()
	const pause = 200 * time.Millisecond
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			t.Parallel()
			b := startBackend(t)
			b.slowDown(pause)
			c := start(t, "otlp.yaml", b.URL, "receivers: {pushgateway: {"+timeouts+"}}\n")
			all := atOnce(pushers, func(i int) outcome { return send(oneShot, c.URL, path.of(i), page(10)) })
			b.slowDown(0)
			took := recovers(t, c)
			t.Logf("%d pushes of %s, %v each: %v; recovered after %v", pushers, path.name, pause, all, took)
			all.requireAnswered(t, writeTimeout)
			expected := pushers
			if path.of(1) == path.of(0) {
				expected = 10 // one after the other, until their time is over
				assert.Equal(t, pushers, all.count(http.StatusOK)+all.count(http.StatusServiceUnavailable))
			}
			assert.GreaterOrEqual(t, all.count(http.StatusOK), expected)
		})
	}
}

func TestDeadBackend(t *testing.T) {
	t.Parallel()
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			t.Parallel()
			address := testbed.FreeAddress(t)
			c := start(t, "otlp.yaml", "http://"+address, "receivers: {pushgateway: {"+timeouts+"}}\n")
			all := atOnce(pushers, func(i int) outcome { return send(oneShot, c.URL, path.of(i), page(10)) })
			startBackendAt(t, address)
			took := recovers(t, c)
			t.Logf("%d pushes of %s: %v; recovered after %v", pushers, path.name, all, took)
			all.requireAnswered(t, writeTimeout)
			assert.Equal(t, pushers, all.count(http.StatusServiceUnavailable))
		})
	}
}

// Clients that push again when Retry-After says so, while the backend comes back, are all served in the end.
func TestBackendComesBackInAStorm(t *testing.T) {
	t.Parallel()
	const clients, away = 200, 4 * time.Second
	address := testbed.FreeAddress(t)
	c := start(t, "otlp.yaml", "http://"+address, "receivers: {pushgateway: {"+timeouts+"}}\n")
	comesBack := make(chan *backend)
	begin := time.Now()
	go func() {
		time.Sleep(away)
		comesBack <- startBackendAt(t, address)
	}()
	every, last := untilAccepted(clients, c.URL, page(10))
	took := rounded(time.Since(begin) - away)
	t.Logf("%d clients, backend away for %v: %v; all accepted %v after it came back", clients, away, every, took)
	every.requireAnswered(t, writeTimeout)
	assert.Equal(t, clients, last.count(http.StatusOK))
	(<-comesBack).requireArrived(t, last.accepted(), 10)
}

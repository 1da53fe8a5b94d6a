package attack

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	// attackers push at the same time, each on a connection of its own.
	attackers = 64
	// maxMemory is what the collector may take, whatever is sent.
	maxMemory = 256 << 20
	// maxWait is what nearly all honest pushes are answered within.
	maxWait = time.Second
)

// duration is how long each attack goes on: ATTACK_DURATION, or the short form.
func duration(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("ATTACK_DURATION")
	if text == "" {
		return 2 * time.Second
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

func TestAttacks(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(backend.Close)
	c := testbed.StartCollectorWith(t, testbed.OTLPConfig(backend.URL))
	all := attacks()
	for i := range all {
		t.Run(all[i].name, func(t *testing.T) { withstand(t, c, all[i:i+1]) })
	}
	t.Run("all of them at once", func(t *testing.T) { withstand(t, c, all) })
}

// withstand lets the attackers loose, who share the attacks among them, and looks after the collector and an honest client.
func withstand(t *testing.T, c *testbed.Collector, all []attack) {
	for i := range all {
		all[i].prepare()
	}
	runtime.GC() // of this program, which shares the processors
	c.ResetPeak(t)
	stop := make(chan struct{})
	var answers tally
	var attacking sync.WaitGroup
	for i := range attackers {
		attacking.Go(func() {
			a := all[i%len(all)]
			for {
				select {
				case <-stop:
					return
				default:
					answers.add(a.send(strings.TrimPrefix(c.URL, "http://"), stop))
				}
			}
		})
	}
	honest := pushHonestly(t, c, time.Now().Add(duration(t)))
	close(stop)
	attacking.Wait()
	peak := c.Memory(t, "VmHWM")
	t.Logf("peak memory %.0f MiB; %d honest pushes, %d refused, p99 %v, longest %v; attackers: %v", float64(peak)/(1<<20),
		len(honest.took), honest.refused, honest.percentile(99).Round(time.Millisecond), honest.percentile(100).Round(time.Millisecond), &answers)
	c.RequireAlive(t)
	assert.Less(t, peak, int64(maxMemory))
	assert.Less(t, honest.percentile(99), maxWait)
	assert.LessOrEqual(t, honest.refused, len(honest.took)/100)
	assert.Greater(t, len(honest.took), 2)
}

// A tally counts answers by their status, or what went wrong instead.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[what]++
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.counts)
}

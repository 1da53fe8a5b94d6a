package overload

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	mebibyte = 1 << 20
	// maxMemory is what the collector may take with its default limits.
	maxMemory = 256 * mebibyte
	// writeTimeout is far shorter than the default, and so are the tests. The pipeline gets five sixths of it.
	writeTimeout = 6 * time.Second
	readTimeout  = 4 * time.Second
	// soon is what an answer may take on a busy machine if there is nothing to wait for.
	soon = 2 * time.Second
	// patience is what a client may have to wait at most, connecting to a busy server included.
	patience = 30 * time.Second
	// toRecover is what a collector may take to accept pushes when the pressure ends.
	toRecover = 10 * time.Second
)

// timeouts are settings of the receiver.
var timeouts = fmt.Sprintf("read_timeout: %v, write_timeout: %v", readTimeout, writeTimeout)

// start runs a collector that forwards to the URL as an example does, but for the overlay.
func start(t *testing.T, example, url, overlay string, env ...string) *testbed.Collector {
	t.Helper()
	return testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/" + example, Overlay: overlay, Env: append(env, "OTLP_ENDPOINT="+url),
	})
}

// recovers pushes until it is answered 200, and returns how long that took.
func recovers(t *testing.T, c *testbed.Collector) time.Duration {
	t.Helper()
	begin := time.Now()
	for time.Since(begin) < toRecover {
		if o := send(oneShot, c.URL, "/job/recovered", "m 1\n"); o.status == http.StatusOK {
			return rounded(time.Since(begin))
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("no push is answered 200 %v after the pressure ended", toRecover)
	return toRecover
}

// peakMiB returns the most memory that the collector has had.
func peakMiB(t *testing.T, c *testbed.Collector) float64 {
	t.Helper()
	return float64(c.Memory(t, "VmHWM")) / mebibyte
}

// value returns that of the series that the expression finds, or 0: a counter is not there before it counts.
func value(t *testing.T, metrics testbed.OwnMetrics, series string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + series + ` (\S+)$`).FindStringSubmatch(metrics.Page(t))
	if found == nil {
		return 0
	}
	v, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	return int(v)
}

// metric is the name of all series that are pushed to a backend.
const metric = "overload_files"

// A backend counts the datapoints that arrive, by the instance that pushed them.
type backend struct {
	*testbed.OTLPSink

	mu      sync.Mutex
	pause   time.Duration // before it takes something
	arrived map[string]int
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	return startBackendAt(t, "127.0.0.1:0")
}

func startBackendAt(t *testing.T, address string) *backend {
	t.Helper()
	b := &backend{arrived: map[string]int{}}
	b.OTLPSink = testbed.StartOTLPSinkAt(t, address, b.take)
	return b
}

// slowDown is for all that comes from now on.
func (b *backend) slowDown(pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause = pause
}

func (b *backend) take(e testbed.Export) {
	b.mu.Lock()
	pause := b.pause
	b.mu.Unlock()
	time.Sleep(pause)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, resource := range e.Metrics.ResourceMetrics().All() {
		instance, _ := resource.Resource().Attributes().Get("service.instance.id")
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				if m.Name() == metric {
					b.arrived[instance.Str()] += m.Gauge().DataPoints().Len()
				}
			}
		}
	}
}

// missing returns the instances of which fewer than so many datapoints arrived.
func (b *backend) missing(instances []int, datapoints int) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	var missing []int
	for _, i := range instances {
		if b.arrived[strconv.Itoa(i)] < datapoints {
			missing = append(missing, i)
		}
	}
	return missing
}

// requireArrived waits until all datapoints of the instances are there.
func (b *backend) requireArrived(t *testing.T, instances []int, datapoints int) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.Empty(c, b.missing(instances, datapoints), "answered 200 and lost")
	}, 20*time.Second, 50*time.Millisecond)
}

// requireUnknown requires that nothing of the instances arrived: the server had not taken their connections when it closed them.
func (b *backend) requireUnknown(t *testing.T, instances []int) {
	t.Helper()
	assert.Len(t, b.missing(instances, 1), len(instances), "cut, and taken all the same")
}

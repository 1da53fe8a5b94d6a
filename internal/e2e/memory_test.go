package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const mebibyte = 1 << 20

// A proxy keeps nothing, so it does not matter how many groups there are.
func TestManyGroupsTakeNoMemory(t *testing.T) {
	const first, all = 100, 10_000
	c := testbed.StartCollectorWith(t, testbed.NopConfig)
	pushGroups(t, c, 0, first)
	before := c.Memory(t, "VmRSS")
	pushGroups(t, c, first, all)
	after := c.Memory(t, "VmRSS")
	t.Logf("resident memory: %.1f MiB after %d groups, %.1f MiB after %d", inMiB(before), first, inMiB(after), all)
	assert.Less(t, inMiB(after-before), 20.0)
}

// pushGroups pushes the groups from one number to another, each once, over eight connections that stay open.
func pushGroups(t *testing.T, c *testbed.Collector, from, to int) {
	t.Helper()
	const connections = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var pushing sync.WaitGroup
	for i := range connections {
		pushing.Go(func() {
			for group := from + i; group < to; group += connections {
				url := fmt.Sprintf("%s/metrics/job/memory/instance/%d/run/%d", c.URL, group, group)
				a := testbed.Post(t, client, url, textBody)
				if !assert.Equal(t, http.StatusOK, a.Status, a.Body) {
					return
				}
			}
		})
	}
	pushing.Wait()
	require.False(t, t.Failed())
}

func inMiB(bytes int64) float64 { return float64(bytes) / mebibyte }

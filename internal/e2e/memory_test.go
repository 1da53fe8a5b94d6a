package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mebibyte = 1 << 20

// A proxy keeps nothing, so it does not matter how many groups there are.
func TestManyGroupsTakeNoMemory(t *testing.T) {
	const first, all = 100, 10_000
	c := startCollectorWith(t, nopConfig)
	pushGroups(t, c, 0, first)
	before := c.memory(t, "VmRSS")
	pushGroups(t, c, first, all)
	after := c.memory(t, "VmRSS")
	t.Logf("resident memory: %.1f MiB after %d groups, %.1f MiB after %d", inMiB(before), first, inMiB(after), all)
	assert.Less(t, inMiB(after-before), 20.0)
}

// pushGroups pushes the groups from one number to another, each once, over eight connections that stay open.
func pushGroups(t *testing.T, c *collector, from, to int) {
	t.Helper()
	const connections = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var pushing sync.WaitGroup
	for i := range connections {
		pushing.Go(func() {
			for group := from + i; group < to; group += connections {
				url := fmt.Sprintf("%s/metrics/job/memory/instance/%d/run/%d", c.url, group, group)
				a := post(t, client, url, textBody)
				if !assert.Equal(t, http.StatusOK, a.status, a.body) {
					return
				}
			}
		})
	}
	pushing.Wait()
	require.False(t, t.Failed())
}

// memory returns a figure of /proc/<pid>/status in bytes.
func (p *process) memory(t *testing.T, name string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), name+":")
	require.True(t, found, name)
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kib << 10
}

func inMiB(bytes int64) float64 { return float64(bytes) / mebibyte }

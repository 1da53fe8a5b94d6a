package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// The status page answers fast, and takes no more memory than docs/status-page.md says, however much was pushed.
func TestStatusPageOfManyGroups(t *testing.T) {
	const rounds, groups = 5, 20_000
	config := strings.Replace(testbed.NopConfig, "    endpoint: ${env:PUSHGATEWAY_ENDPOINT}\n",
		"    endpoint: ${env:PUSHGATEWAY_ENDPOINT}\n    limits: {pushes_per_second_per_job: 0}\n", 1)
	without := testbed.StartCollectorWith(t, config)
	with := testbed.StartCollectorWith(t, strings.Replace(config, "limits:", "status_page:\n    limits:", 1))
	for range rounds {
		pushGroups(t, without, 0, groups)
		pushGroups(t, with, 0, groups)
	}
	more := with.Memory(t, "VmRSS") - without.Memory(t, "VmRSS")
	t.Logf("after %d pushes of %d groups: %.1f MiB of resident memory more than without", rounds*groups, groups, inMiB(more))
	assert.Less(t, more, int64(groups*2048))
	for _, path := range []string{"/", "/?page=200", "/?job=memory&page=100", "/?job=nothing", "/api/v1/pushes?limit=1000", "/api/v1/status"} {
		var times []time.Duration
		size := 0
		for range 5 {
			begin := time.Now()
			size = len(testbed.Get(t, http.DefaultClient, with.URL+path))
			times = append(times, time.Since(begin))
		}
		t.Logf("%s: %d bytes in %v to %v", path, size, slices.Min(times), slices.Max(times))
		slices.Sort(times)
		assert.Less(t, times[len(times)/2], 100*time.Millisecond, path)
	}
	assert.Contains(t, testbed.Get(t, http.DefaultClient, with.URL+"/api/v1/status"), `"accepted":100000`)
}

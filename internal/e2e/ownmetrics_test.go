package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// Several receivers may run in a Collector, and its own metrics tell which of them took what.
func TestOwnMetricsOfTwoReceivers(t *testing.T) {
	overlay, metrics := testbed.ShowOwnMetrics(t)
	second := testbed.FreeAddress(t)
	c := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/otlp.yaml", OwnMetrics: true,
		Env: []string{"OTLP_ENDPOINT=" + testbed.StartOTLPRecorder(t).URL},
		Overlay: overlay + fmt.Sprintf("receivers: {pushgateway/second: {endpoint: %q, status_page: }}\n", second) +
			"service::pipelines::metrics::receivers: [pushgateway, pushgateway/second]\n",
	})
	assert.Equal(t, 200, testbed.Post(t, c.Client, c.URL+"/metrics/job/x", "a 1\n").Status)
	assert.Equal(t, 400, testbed.Post(t, c.Client, "http://"+second+"/metrics/job/x", "a\n").Status)
	page := metrics.Page(t)
	series := func(name, labels string) {
		t.Helper()
		assert.Regexp(t, `(?m)^otelcol_pushgateway_receiver_`+name+`(_total)?\{[^}]*`+labels+`[^}]*\} `, page)
	}
	series("pushes", `outcome="accepted"[^}]*receiver="pushgateway"`)
	series("pushes", `outcome="refused"[^}]*reason="syntax",receiver="pushgateway/second"`)
	series("refused_requests", `receiver="pushgateway/second"`)
	for _, gauge := range []string{"in_flight_pushes", "in_flight_bytes", "recent_groups"} {
		series(gauge, `receiver="pushgateway"`)
		series(gauge, `receiver="pushgateway/second"`)
	}
	for _, histogram := range []string{"push_samples", "push_compressed_bytes", "push_uncompressed_bytes", "push_duration_seconds"} {
		series(histogram+"_bucket", `receiver="pushgateway"`)
	}
	assert.Contains(t, testbed.Get(t, c.Client, "http://"+second+"/"), "pushgateway/second")
}

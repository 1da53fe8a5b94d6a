package parity

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

func startLastingOTLP(t *testing.T) *lasting {
	t.Helper()
	p := testbed.StartPrometheus(t)
	return startLasting(t, p, "groups.yaml", "OTLP_ENDPOINT="+p.OTLPURL())
}

func startLastingRemoteWrite(t *testing.T) *lasting {
	t.Helper()
	p := testbed.StartPrometheus(t)
	return startLasting(t, p, "remote-write.yaml", "REMOTE_WRITE_ENDPOINT="+p.RemoteWriteURL())
}

// lastingOverlay has two receivers with groups, which share a storage.
const lastingOverlay = `
extensions: {file_storage: {directory: %[1]q, create_directory: true, fsync: true}}
receivers:
  pushgateway: {groups: {republish_interval: 1s, storage: file_storage}}
  pushgateway/expiring: {endpoint: %[2]q, groups: {republish_interval: 1s, ttl: %[3]v, storage: file_storage}}
service:
  extensions: [file_storage]
  pipelines: {metrics: {receivers: [pushgateway, pushgateway/expiring]}}
`

// startLasting starts an example with groups, in front of a Prometheus.
func startLasting(t *testing.T, p *testbed.Prometheus, example, endpoint string) *lasting {
	t.Helper()
	expiring := testbed.FreeAddress(t)
	settings := testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/" + example, Env: []string{endpoint}, Address: testbed.FreeAddress(t),
		Overlay: fmt.Sprintf(lastingOverlay, t.TempDir(), expiring, expiringTTL),
	}
	c := testbed.StartCollector(t, settings)
	return &lasting{
		backend: backend{prometheus: p, gateway: c.URL}, expiring: "http://" + expiring,
		restart: func(t *testing.T) {
			t.Helper()
			c.Kill()
			c = testbed.StartCollector(t, settings)
		},
	}
}

// requireSameAPI compares what the API tells of the groups.
func (l *lifetime) requireSameAPI(t *testing.T, step string) {
	t.Helper()
	there := heldGroups(t, l.there.gateway)
	for w, b := range l.here {
		here := heldGroups(t, b.gateway)
		if b.expiring != b.gateway {
			maps.Copy(here, heldGroups(t, b.expiring))
		}
		require.Equalf(t, there, here, "%s: the API %s", step, w)
	}
}

// heldGroups returns the families of the groups that the API has, each by the group's labels.
func heldGroups(t *testing.T, url string) map[string]any {
	t.Helper()
	groups := map[string]any{}
	for _, fields := range testbed.PushedMetrics(t, http.DefaultClient, url) {
		var labels testbed.Labels
		require.NoError(t, json.Unmarshal(fields["labels"], &labels))
		group := map[string]any{}
		for name, field := range fields {
			var v any
			require.NoError(t, json.Unmarshal(field, &v))
			if family, ok := v.(map[string]any); ok && name != "labels" {
				v = settled(t, name, family)
			}
			group[name] = v
		}
		groups[testbed.SeriesName(labels)] = group
	}
	return groups
}

// settled returns a family of the API without what may differ: times, their help, the order of metrics, and native buckets, which
// Pushgateway 1.5.1 does not know.
func settled(t *testing.T, name string, family map[string]any) map[string]any {
	t.Helper()
	pushed, err := time.Parse(time.RFC3339Nano, fmt.Sprint(family["time_stamp"]))
	require.NoError(t, err)
	assert.WithinRange(t, pushed, time.Now().Add(-3*time.Minute), time.Now())
	delete(family, "time_stamp")
	metrics := family["metrics"].([]any)
	for _, m := range metrics {
		fields := m.(map[string]any)
		switch name {
		case pushTime, pushFailureTime:
			seconds, err := strconv.ParseFloat(fields["value"].(string), 64)
			require.NoError(t, err)
			fields["value"] = seconds > 0
			delete(family, "help")
		case nativeMetric:
			delete(fields, "buckets")
		}
	}
	slices.SortFunc(metrics, func(x, y any) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	return family
}

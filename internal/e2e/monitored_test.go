package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// toShow is what it may take until all is to be seen: some scrapes, and the rules after them.
const toShow = 90 * time.Second

// monitored are Collectors that Prometheus watches.
type monitored struct {
	*testbed.Prometheus
	url     string // where pushes arrive
	trouble string // where they do not
	groups  string // where they are held
}

// trouble is a Collector with a queue that is full because its backend hangs, and one before a backend that refuses.
const trouble = `
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
exporters:
  otlp_http/hanging:
    endpoint: ${env:HANGING}
    sending_queue: {queue_size: 1, num_consumers: 1}
  otlp_http/refusing:
    endpoint: ${env:REFUSING}
    retry_on_failure: {enabled: false}
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [otlp_http/refusing, otlp_http/hanging]
`

func startMonitored(t *testing.T, telemetry, scraping string) *monitored {
	t.Helper()
	first, second, third := testbed.FreeAddress(t), testbed.FreeAddress(t), testbed.FreeAddress(t)
	require.Contains(t, scraping, `["localhost:8888"]`)
	scraping = strings.Replace(scraping, `["localhost:8888"]`, fmt.Sprintf("[%q, %q, %q]", first, second, third), 1)
	scraping += "  - jobs.yaml\n" // what the documentation leaves to the reader
	for _, name := range []string{"rules.yaml", "alerts.yaml", "jobs.yaml"} {
		require.Contains(t, scraping, "  - "+name+"\n")
		scraping = strings.Replace(scraping, "  - "+name, "  - "+testbed.Repository+"/deploy/prometheus/"+name, 1)
	}
	p := testbed.StartPrometheusWith(t, "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"+
		"otlp: {translation_strategy: NoTranslation}\n"+scraping)

	hanging, refusing := startSink(t, testbed.Hangs), startSink(t, testbed.Refuses)
	inTrouble := writeFile(t, "trouble.yaml", trouble)
	holding := writeFile(t, "groups.yaml", testbed.OTLPConfig(p.OTLPURL(), fmt.Sprintf("groups: {republish_interval: 1s, max_groups: %d}", heldAtMost)))
	m := &monitored{
		Prometheus: p,
		url:        startScraped(t, testbed.Repository+"/examples/otlp.yaml", telemetry, first, "OTLP_ENDPOINT="+p.OTLPURL()),
		trouble:    startScraped(t, inTrouble, telemetry, second, "HANGING="+hanging.URL, "REFUSING="+refusing.URL),
		groups:     startScraped(t, holding, telemetry, third),
	}
	// As long as it hangs, the collector would wait for it when it is stopped.
	t.Cleanup(func() { hanging.SetMood(testbed.Accepts) })
	return m
}

// heldAtMost is how many groups there is room for.
const heldAtMost = 2

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// startSink is a backend in trouble.
func startSink(t *testing.T, mood testbed.Mood) *testbed.OTLPSink {
	t.Helper()
	sink := testbed.StartOTLPSink(t, func(testbed.Export) {})
	sink.SetMood(mood)
	return sink
}

// startScraped returns the URL of a collector that shows its own metrics at an address, as the documentation says.
func startScraped(t *testing.T, config, telemetry, address string, env ...string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	require.Contains(t, telemetry, "host: 0.0.0.0")
	require.Contains(t, telemetry, "port: 8888")
	telemetry = strings.NewReplacer("host: 0.0.0.0", "host: "+host, "port: 8888", "port: "+port).Replace(telemetry)
	return testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Overlay: telemetry, OwnMetrics: true, Env: env}).URL
}

// pushUntilNone pushes, and gets refused, until nothing is wrong.
func (m *monitored) pushUntilNone(t *testing.T, what string, wrong func(*testing.T) []string) {
	t.Helper()
	for deadline := time.Now().Add(toShow); ; time.Sleep(time.Second) {
		m.push(t)
		found := wrong(t)
		if len(found) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s, after %v:\n%s", what, toShow, strings.Join(found, "\n"))
		}
	}
}

// push is what goes on: pushes in all formats, pushes that are refused for several reasons, and pushes that fail.
func (m *monitored) push(t *testing.T) {
	t.Helper()
	byCurl("/metrics/job/text/instance/i", "files 1\n")(t, m.url)
	byCurl("/metrics/job/openmetrics", "# TYPE files gauge\nfiles 1\n# EOF\n", "-H", "Content-Type: application/openmetrics-text; version=1.0.0")(t, m.url)
	files := prometheus.NewGauge(prometheus.GaugeOpts{Name: "files", Help: "An example."})
	byClient("protobuf", []prometheus.Collector{files}, (*push.Pusher).Push)(t, m.url)

	for _, refused := range []struct {
		status, path string
		args         []string
	}{
		{status: "400", path: "/metrics/job/refused"}, // the body is no metric
		{status: "400", path: "/metrics/job/%FF"},
		{status: "415", path: "/metrics/job/refused", args: []string{"-H", "Content-Encoding: br"}},
		{status: "404", path: "/nothing"},
	} {
		status, answer := testbed.Curl(t, "files one\n", append(refused.args, "--data-binary", "@-", m.url+refused.path)...)
		require.Equalf(t, refused.status, status, "%s %s", refused.path, answer)
	}
	// The first of them find room in the queue.
	status, answer := testbed.Curl(t, "files 1\n", "--data-binary", "@-", m.trouble+"/metrics/job/failed")
	require.Contains(t, []string{"200", "503"}, status, answer)
	m.pushGroups(t)
}

// pushGroups fills the collector that holds groups, and makes room in it again.
func (m *monitored) pushGroups(t *testing.T) {
	t.Helper()
	for i := range heldAtMost {
		byCurl(fmt.Sprintf("/metrics/job/held/instance/%d", i), "files 1\n")(t, m.groups)
	}
	status, answer := testbed.Curl(t, "files 1\n", "--data-binary", "@-", m.groups+"/metrics/job/held/instance/more")
	require.Equal(t, "429", status, answer)
	status, answer = testbed.Curl(t, "", "-X", "DELETE", m.groups+"/metrics/job/held/instance/0")
	require.Equal(t, "202", status, answer)
}

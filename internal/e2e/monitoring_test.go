package e2e

import (
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// TestMonitoring follows docs/monitoring.md: a Prometheus gets pushes as in examples/otlp.yaml, scrapes the collector, and has
// the rules and alerts. Then there is all sorts of trouble, and every query of the dashboards has to find something.
func TestMonitoring(t *testing.T) {
	blocks := monitoringBlocks(t)
	readers := map[string]string{
		"as documented": "",
		"with _total":   "without_type_suffix: false, without_units: false, without_scope_info: false",
	}
	for name, settings := range readers {
		t.Run(name, func(t *testing.T) {
			m := startMonitored(t, withReader(t, blocks["telemetry"], settings), blocks["scraping"])
			m.pushUntilNone(t, "queries without a number", m.unanswered(t))
			m.pushUntilNone(t, "recording rules without a series", m.unrecorded)
			m.pushUntilNone(t, "alerts that do not fire, or should not", m.wrongAlerts)
			counter, _ := m.Query(t, "{__name__=~'otelcol_pushgateway_receiver_pushes_total'}")
			assert.Equal(t, settings != "", len(counter) > 0)
		})
	}
}

func monitoringBlocks(t *testing.T) map[string]string {
	t.Helper()
	return documentedBlocks(t, "docs/monitoring.md", "telemetry", "scraping", "tracing", "logging")
}

// Each refused push is in the log, if it is configured as documented.
func TestMonitoringByTheLog(t *testing.T) {
	c := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/otlp.yaml", Overlay: monitoringBlocks(t)["logging"],
	})
	const pushes = 30 // more than the Collector writes of a kind in a time
	for range pushes {
		a := testbed.Post(t, c.Client, c.URL+"/metrics/job/backup", "a 1\nb hunter2\n")
		assert.Equal(t, 400, a.Status)
	}
	line := regexp.MustCompile(`Refused a request.*"client": "127\.0\.0\.1:\d+".*"status": 400, "reason": "syntax", "job": "backup", "line": 2`)
	logged := func() int { return len(line.FindAllString(c.Written(), -1)) }
	require.Eventually(t, func() bool { return logged() >= pushes }, 10*time.Second, 10*time.Millisecond, "the log has not each of them")
	assert.Equal(t, pushes, logged())
	assert.NotContains(t, c.Written(), "hunter2")
}

// withReader returns documented telemetry with more settings of its reader.
func withReader(t *testing.T, telemetry, settings string) string {
	t.Helper()
	const indent = "\n                "
	require.Contains(t, telemetry, indent+"port: 8888")
	return strings.Replace(telemetry, indent+"port: 8888", indent+"port: 8888"+indent+strings.ReplaceAll(settings, ", ", indent), 1)
}

// toShow is what it may take until all is to be seen: some scrapes, and the rules after them.
const toShow = 90 * time.Second

// monitored are Collectors that Prometheus watches.
type monitored struct {
	*testbed.Prometheus
	url     string // where pushes arrive
	trouble string // where they do not
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
	first, second := testbed.FreeAddress(t), testbed.FreeAddress(t)
	require.Contains(t, scraping, `["localhost:8888"]`)
	scraping = strings.Replace(scraping, `["localhost:8888"]`, fmt.Sprintf("[%q, %q]", first, second), 1)
	scraping += "  - jobs.yaml\n" // what the documentation leaves to the reader
	for _, name := range []string{"rules.yaml", "alerts.yaml", "jobs.yaml"} {
		require.Contains(t, scraping, "  - "+name+"\n")
		scraping = strings.Replace(scraping, "  - "+name, "  - "+testbed.Repository+"/deploy/prometheus/"+name, 1)
	}
	p := testbed.StartPrometheusWith(t, "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"+
		"otlp: {translation_strategy: NoTranslation}\n"+scraping)

	hanging, refusing := startSink(t, testbed.Hangs), startSink(t, testbed.Refuses)
	config := filepath.Join(t.TempDir(), "trouble.yaml")
	require.NoError(t, os.WriteFile(config, []byte(trouble), 0o600))
	m := &monitored{
		Prometheus: p,
		url:        startScraped(t, testbed.Repository+"/examples/otlp.yaml", telemetry, first, "OTLP_ENDPOINT="+p.OTLPURL()),
		trouble:    startScraped(t, config, telemetry, second, "HANGING="+hanging.URL, "REFUSING="+refusing.URL),
	}
	// As long as it hangs, the collector would wait for it when it is stopped.
	t.Cleanup(func() { hanging.SetMood(testbed.Accepts) })
	return m
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
}

// unanswered returns a function that returns which queries of the dashboards find no number; the others it does not ask again.
func (m *monitored) unanswered(t *testing.T) func(*testing.T) []string {
	t.Helper()
	missing := map[dashboardQuery]bool{}
	for _, d := range dashboards(t) {
		for _, q := range d.queries() {
			missing[q] = true
		}
	}
	require.Greater(t, len(missing), 30)
	return func(t *testing.T) []string {
		var names []string
		for q := range missing {
			if m.finds(t, q.promQL) {
				delete(missing, q)
			} else {
				names = append(names, q.place+": "+q.promQL)
			}
		}
		return names
	}
}

// finds says whether a query finds a number.
func (m *monitored) finds(t *testing.T, promQL string) bool {
	for _, r := range m.Results(t, promQL) {
		v, err := strconv.ParseFloat(r.Text(t), 64)
		require.NoError(t, err, promQL)
		if !math.IsNaN(v) {
			return true
		}
	}
	return false
}

// A rule is one as Prometheus' API has it.
type rule struct {
	Name, Query, Type, Health, LastError, State string
	Labels                                      map[string]string
}

func (m *monitored) rules(t *testing.T) []rule {
	var data struct {
		Groups []struct{ Rules []rule }
	}
	m.Ask(t, "/api/v1/rules", &data)
	var all []rule
	for _, g := range data.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// unrecorded returns the recording rules that have no series, and requires that no rule has an error.
func (m *monitored) unrecorded(t *testing.T) []string {
	var missing []string
	all := m.rules(t)
	require.NotEmpty(t, all)
	for _, r := range all {
		require.NotEqualf(t, "err", r.Health, "%s: %s", r.Name, r.LastError)
		if r.Health != "ok" { // not evaluated yet
			missing = append(missing, r.Name)
			continue
		}
		if strings.Contains(r.Query, "weekly_") { // no job is called so
			continue
		}
		if r.Type == "recording" && !m.finds(t, testbed.SeriesName(testbed.Labels(r.Labels).With("__name__", r.Name))) {
			missing = append(missing, r.Name)
		}
	}
	return missing
}

// wrongAlerts returns the alerts that should fire by now and do not, and those that fire and should not.
func (m *monitored) wrongAlerts(t *testing.T) []string {
	expected := map[string]bool{
		"PushedJobRefused": true, "PushgatewayRefusalsRising": true, "PushgatewayPushesFailing": true,
		"PushgatewayExporterFailing": true, "PushgatewayQueueFull": true,
		// These wait for minutes, or for a day.
		"PushgatewayExporterStuck": false, "PushgatewayQueueFilling": false, "PushedJobMissing": false,
		// No job is late, and the receiver is there.
		"PushedJobLate": false, "PushedInstanceLate": false, "PushgatewayReceiverGone": false,
	}
	var wrong []string
	seen := 0
	for _, r := range m.rules(t) {
		if r.Type != "alerting" {
			continue
		}
		seen++
		fires, known := expected[r.Name]
		require.Truef(t, known, "%s is new", r.Name)
		if fires != (r.State == "firing") {
			wrong = append(wrong, r.Name+" is "+r.State)
		}
	}
	require.Len(t, expected, seen)
	return wrong
}

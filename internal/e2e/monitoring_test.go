package e2e

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

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
		"PushgatewayExporterFailing": true, "PushgatewayQueueFull": true, "PushgatewayGroupsFull": true,
		// These wait for minutes, or for a day.
		"PushgatewayExporterStuck": false, "PushgatewayQueueFilling": false, "PushedJobMissing": false,
		// No job is late, the receiver is there, and groups are republished. There is no storage.
		"PushedJobLate": false, "PushedInstanceLate": false, "PushgatewayReceiverGone": false,
		"PushgatewayRepublishingFailing": false, "PushgatewayStorageFailing": false,
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

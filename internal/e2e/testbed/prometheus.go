package testbed

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prometheusConfig keeps the names as they come over OTLP. Nothing is scraped: all that Prometheus has was pushed.
const prometheusConfig = `
otlp:
  translation_strategy: NoTranslation
`

// outOfOrderConfig takes samples late too, as what comes from a queue may be.
const outOfOrderConfig = prometheusConfig + `
storage:
  tsdb:
    out_of_order_time_window: 1h
`

// A Prometheus is a running Prometheus that takes OTLP and remote write.
type Prometheus struct {
	*Process
	URL string
}

// OTLPURL is where an otlp_http exporter sends to.
func (p *Prometheus) OTLPURL() string { return p.URL + "/api/v1/otlp" }

// RemoteWriteURL is where a prometheus_remote_write exporter sends to.
func (p *Prometheus) RemoteWriteURL() string { return p.URL + "/api/v1/write" }

// StartPrometheus runs a Prometheus without data.
func StartPrometheus(t *testing.T) *Prometheus {
	t.Helper()
	return StartPrometheusAt(t, FreeAddress(t), t.TempDir())
}

// StartPrometheusAt runs Prometheus with its data in dir, which may have been that of an earlier one.
func StartPrometheusAt(t *testing.T, address, dir string) *Prometheus {
	t.Helper()
	return startPrometheus(t, address, dir, prometheusConfig)
}

// StartPrometheusOutOfOrderAt is StartPrometheusAt with a Prometheus that takes samples in any order.
func StartPrometheusOutOfOrderAt(t *testing.T, address, dir string) *Prometheus {
	t.Helper()
	return startPrometheus(t, address, dir, outOfOrderConfig)
}

// StartPrometheusWith runs a Prometheus without data with the text of a configuration.
func StartPrometheusWith(t *testing.T, config string) *Prometheus {
	t.Helper()
	return startPrometheus(t, FreeAddress(t), t.TempDir(), config)
}

// StartPrometheusLookingBack is StartPrometheus with how far an instant query looks back for a sample.
func StartPrometheusLookingBack(t *testing.T, lookback time.Duration) *Prometheus {
	t.Helper()
	return startPrometheus(t, FreeAddress(t), t.TempDir(), prometheusConfig, "--query.lookback-delta="+lookback.String())
}

func startPrometheus(t *testing.T, address, dir, configuration string, flags ...string) *Prometheus {
	t.Helper()
	config := filepath.Join(dir, "prometheus.yaml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	p := &Prometheus{URL: "http://" + address}
	p.Process = StartProcess(t, exec.Command(Program(t, "PROMETHEUS"), append(flags,
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address,
		"--log.level=warn",
		"--web.enable-otlp-receiver", "--web.enable-remote-write-receiver",
		// The metadata API knows what was scraped only. This makes the type of what comes over OTLP a label.
		"--enable-feature=type-and-unit-labels")...))
	WaitUntilReady(t, p.Process, http.DefaultClient, p.URL+"/-/ready", ToStart)
	return p
}

// The labels that Prometheus makes of metadata with the feature type-and-unit-labels.
const (
	TypeLabel = "__type__"
	UnitLabel = "__unit__"
)

// A Result is a series as the query API has it. Value and Histogram are a time and a value each, and one of them is there.
type Result struct {
	Metric    map[string]string
	Value     [2]json.RawMessage
	Histogram [2]json.RawMessage
}

// Text returns the value as the query API writes it: a number, or JSON if it is a native histogram.
func (r Result) Text(t require.TestingT) string {
	if r.IsHistogram() {
		return string(r.Histogram[1])
	}
	var value string
	require.NoError(t, json.Unmarshal(r.Value[1], &value))
	return value
}

// IsHistogram says whether the value is a native histogram.
func (r Result) IsHistogram() bool { return r.Histogram[1] != nil }

// Ask reads the data of an answer of Prometheus' API.
func (p *Prometheus) Ask(t require.TestingT, path string, data any) {
	res, err := http.Get(p.URL + path)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, answer.Error)
}

// Results returns what an instant query yields.
func (p *Prometheus) Results(t require.TestingT, promQL string) []Result {
	var data struct{ Result []Result }
	p.Ask(t, "/api/v1/query?query="+url.QueryEscape(promQL), &data)
	return data.Result
}

// Query returns the series that an instant query yields, and their types as far as Prometheus was told.
func (p *Prometheus) Query(t require.TestingT, promQL string) (Series, Types) {
	found, known := Series{}, Types{}
	for _, r := range p.Results(t, promQL) {
		if metricType := r.Metric[TypeLabel]; metricType != "" {
			known[r.Metric["__name__"]] = metricType
		}
		delete(r.Metric, TypeLabel)
		delete(r.Metric, UnitLabel)
		name := SeriesName(r.Metric)
		require.NotContains(t, found, name, "the series is there twice, with different types or units")
		found[name] = r.Text(t)
		if !r.IsHistogram() {
			v, err := strconv.ParseFloat(found[name], 64)
			require.NoError(t, err)
			found[name] = FormatValue(v)
		}
	}
	return found, known
}

// RequireSeries waits until the series of these names are there, for the answer to a push may come from a queue.
func (p *Prometheus) RequireSeries(t *testing.T, promQL string, want Series) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		got, _ := p.Query(c, promQL)
		assert.Equal(c, want, got)
	}, 20*time.Second, 100*time.Millisecond)
}

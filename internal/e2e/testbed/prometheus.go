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

// StartPrometheusWith runs a Prometheus without data with the text of a configuration.
func StartPrometheusWith(t *testing.T, config string) *Prometheus {
	t.Helper()
	return startPrometheus(t, FreeAddress(t), t.TempDir(), config)
}

func startPrometheus(t *testing.T, address, dir, configuration string) *Prometheus {
	t.Helper()
	config := filepath.Join(dir, "prometheus.yaml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	p := &Prometheus{URL: "http://" + address}
	p.Process = StartProcess(t, exec.Command(Program(t, "PROMETHEUS"),
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address,
		"--log.level=warn",
		"--web.enable-otlp-receiver", "--web.enable-remote-write-receiver",
		// The metadata API knows what was scraped only. This makes the type of what comes over OTLP a label.
		"--enable-feature=type-and-unit-labels"))
	WaitUntilReady(t, p.Process, http.DefaultClient, p.URL+"/-/ready", ToStart)
	return p
}

// Query returns the series that an instant query yields, and their types as far as Prometheus was told.
func (p *Prometheus) Query(t require.TestingT, promQL string) (Series, Types) {
	res, err := http.Get(p.URL + "/api/v1/query?query=" + url.QueryEscape(promQL))
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Status string
		Error  string
		Data   struct {
			Result []struct {
				Metric    map[string]string
				Value     []any
				Histogram []json.RawMessage
			}
		}
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, answer.Error)
	found, known := Series{}, Types{}
	for _, r := range answer.Data.Result {
		if metricType := r.Metric["__type__"]; metricType != "" {
			known[r.Metric["__name__"]] = metricType
		}
		delete(r.Metric, "__type__")
		delete(r.Metric, "__unit__")
		name := SeriesName(r.Metric)
		require.NotContains(t, found, name, "the series is there twice, with different types or units")
		if len(r.Histogram) == 2 {
			found[name] = string(r.Histogram[1])
			continue
		}
		v, err := strconv.ParseFloat(r.Value[1].(string), 64)
		require.NoError(t, err)
		found[name] = FormatValue(v)
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

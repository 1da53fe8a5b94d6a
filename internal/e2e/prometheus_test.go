package e2e

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

// A prometheusServer is a running Prometheus that takes OTLP and remote write.
type prometheusServer struct {
	*process
	url string
}

func (p *prometheusServer) otlpURL() string        { return p.url + "/api/v1/otlp" }
func (p *prometheusServer) remoteWriteURL() string { return p.url + "/api/v1/write" }

func startPrometheus(t *testing.T) *prometheusServer {
	t.Helper()
	return startPrometheusAt(t, freeAddress(t), t.TempDir())
}

// startPrometheusAt runs Prometheus with its data in dir, which may have been that of an earlier one.
func startPrometheusAt(t *testing.T, address, dir string) *prometheusServer {
	t.Helper()
	config := filepath.Join(dir, "prometheus.yaml")
	require.NoError(t, os.WriteFile(config, []byte(prometheusConfig), 0o600))
	p := &prometheusServer{url: "http://" + address}
	p.process = startProcess(t, exec.Command(program(t, "PROMETHEUS"),
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address,
		"--log.level=warn",
		"--web.enable-otlp-receiver", "--web.enable-remote-write-receiver",
		// The metadata API knows what was scraped only. This makes the type of what comes over OTLP a label.
		"--enable-feature=type-and-unit-labels"))
	waitUntilReady(t, p.process, http.DefaultClient, p.url+"/-/ready", toStart)
	return p
}

// query returns the series that an instant query yields, and their types as far as Prometheus was told.
func (p *prometheusServer) query(t require.TestingT, promQL string) (series, types) {
	res, err := http.Get(p.url + "/api/v1/query?query=" + url.QueryEscape(promQL))
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
	found, known := series{}, types{}
	for _, r := range answer.Data.Result {
		if metricType := r.Metric["__type__"]; metricType != "" {
			known[r.Metric["__name__"]] = metricType
		}
		delete(r.Metric, "__type__")
		delete(r.Metric, "__unit__")
		name := seriesName(r.Metric)
		require.NotContains(t, found, name, "the series is there twice, with different types or units")
		if len(r.Histogram) == 2 {
			found[name] = string(r.Histogram[1])
			continue
		}
		v, err := strconv.ParseFloat(r.Value[1].(string), 64)
		require.NoError(t, err)
		found[name] = formatValue(v)
	}
	return found, known
}

// requireSeries waits until the series of these names are there, for the answer to a push may come from a queue.
func (p *prometheusServer) requireSeries(t *testing.T, promQL string, want series) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		got, _ := p.query(c, promQL)
		assert.Equal(c, want, got)
	}, 20*time.Second, 100*time.Millisecond)
}

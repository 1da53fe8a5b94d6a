package e2e

import (
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exampleTests starts every example and pushes to it.
var exampleTests = map[string]func(t *testing.T, config string){
	"gateway.yaml":      testGateway,
	"otlp.yaml":         testForwards("OTLP_ENDPOINT", (*prometheusServer).otlpURL),
	"quickstart.yaml":   testQuickstart,
	"remote-write.yaml": testForwards("REMOTE_WRITE_ENDPOINT", (*prometheusServer).remoteWriteURL),
	"sidecar.yaml":      testForwards("OTLP_ENDPOINT", (*prometheusServer).otlpURL),
}

func TestExamples(t *testing.T) {
	examples, err := filepath.Glob(repository + "/examples/*.yaml")
	require.NoError(t, err)
	for _, example := range examples {
		t.Run(filepath.Base(example), func(t *testing.T) {
			test := exampleTests[filepath.Base(example)]
			require.NotNil(t, test, "there is no test of this example")
			test(t, example)
		})
	}
	assert.Len(t, examples, len(exampleTests), "a test is there for an example that is not")
}

// testForwards tests an example that forwards to the URL in an environment variable.
func testForwards(variable string, endpoint func(*prometheusServer) string) func(*testing.T, string) {
	return func(t *testing.T, config string) {
		p := startPrometheus(t)
		c := startCollector(t, collectorSettings{config: config, env: []string{variable + "=" + endpoint(p)}})
		byCurl("/pushgateway/metrics/job/example/l/v", "# TYPE m counter\nm{a=\"b\"} 42\n")(t, c.url)
		p.requireSeries(t, `m{job="example"}`, series{`m{a="b",job="example",l="v"}`: "42"})
	}
}

// testQuickstart needs the ports of the example.
func testQuickstart(t *testing.T, config string) {
	c := startCollector(t, collectorSettings{config: config, defaultEndpoint: true})
	byCurl("/metrics/job/quickstart", "# HELP m An example.\n# TYPE m counter\nm 42\n")(t, c.url)
	page := get(t, c.client, quickstartPage)
	assert.Contains(t, page, "# HELP m An example.\n# TYPE m counter\nm{job=\"quickstart\"} 42\n")
}

const quickstartPage = "http://localhost:8889/metrics"

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	res, err := client.Get(url)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	return string(body)
}

package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// exampleTests starts every example and pushes to it.
var exampleTests = map[string]func(t *testing.T, config string){
	"confirmed.yaml":    testForwards("OTLP_ENDPOINT", (*testbed.Prometheus).OTLPURL),
	"durable.yaml":      testDurable,
	"gateway.yaml":      testGateway,
	"groups.yaml":       testKept,
	"otlp.yaml":         testForwards("OTLP_ENDPOINT", (*testbed.Prometheus).OTLPURL),
	"quickstart.yaml":   testQuickstart,
	"remote-write.yaml": testForwards("REMOTE_WRITE_ENDPOINT", (*testbed.Prometheus).RemoteWriteURL),
	"sidecar.yaml":      testForwards("OTLP_ENDPOINT", (*testbed.Prometheus).OTLPURL),
	"tenants.yaml":      testTenants,
}

func TestExamples(t *testing.T) {
	examples, err := filepath.Glob(testbed.Repository + "/examples/*.yaml")
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
func testForwards(variable string, endpoint func(*testbed.Prometheus) string) func(*testing.T, string) {
	return func(t *testing.T, config string) {
		p := testbed.StartPrometheus(t)
		c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Env: []string{variable + "=" + endpoint(p)}})
		byCurl("/pushgateway/metrics/job/example/l/v", "# TYPE m counter\nm{a=\"b\"} 42\n")(t, c.URL)
		p.RequireSeries(t, `m{job="example"}`, testbed.Series{`m{a="b",job="example",l="v"}`: "42"})
	}
}

// testDurable kills the collector between the answer to a push and the start of the backend.
func testDurable(t *testing.T, config string) {
	address := testbed.FreeAddress(t)
	settings := testbed.CollectorSettings{Config: config, Env: []string{
		"OTLP_ENDPOINT=http://" + address + "/api/v1/otlp", "STORAGE_DIRECTORY=" + t.TempDir(),
	}}
	c := testbed.StartCollector(t, settings)
	byCurl("/pushgateway/metrics/job/example/l/v", "# TYPE m counter\nm{a=\"b\"} 42\n")(t, c.URL)
	c.Kill()
	p := testbed.StartPrometheusAt(t, address, t.TempDir())
	testbed.StartCollector(t, settings)
	p.RequireSeries(t, `m{job="example"}`, testbed.Series{`m{a="b",job="example",l="v"}`: "42"})
}

// testKept kills the collector after a push, and deletes what was pushed.
func testKept(t *testing.T, config string) {
	p := testbed.StartPrometheus(t)
	settings := testbed.CollectorSettings{Config: config, Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL(), "STORAGE_DIRECTORY=" + t.TempDir()}}
	c := testbed.StartCollector(t, settings)
	byCurl("/pushgateway/metrics/job/example/l/v", "# TYPE m counter\nm{a=\"b\"} 42\n")(t, c.URL)
	p.RequireSeries(t, `m{job="example"}`, testbed.Series{`m{a="b",job="example",l="v"}`: "42"})
	c.Kill()
	c = testbed.StartCollector(t, settings)
	assert.Equal(t, []testbed.Labels{{"job": "example", "l": "v"}}, c.HeldGroups(t))
	status, answer := testbed.Curl(t, "", "-X", "DELETE", c.URL+"/metrics/job/example/l/v")
	assert.Equal(t, "202", status, answer)
	p.RequireSeries(t, `m{job="example"}`, testbed.Series{})
}

// testQuickstart needs the ports of the example.
func testQuickstart(t *testing.T, config string) {
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, DefaultEndpoint: true})
	byCurl("/metrics/job/quickstart", "# HELP m An example.\n# TYPE m counter\nm 42\n")(t, c.URL)
	page := testbed.Get(t, c.Client, quickstartPage)
	assert.Contains(t, page, "# HELP m An example.\n# TYPE m counter\nm{job=\"quickstart\"} 42\n")
}

const quickstartPage = "http://localhost:8889/metrics"

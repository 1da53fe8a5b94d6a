package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A collector is a running collector, with the receiver under test at url.
type collector struct {
	*process
	url    string
	client *http.Client
}

// collectorSettings say how to start a collector.
type collectorSettings struct {
	config string   // path of the configuration
	env    []string // in addition to PUSHGATEWAY_ENDPOINT
	// defaultEndpoint leaves the endpoint as it is configured. It is localhost:9091 then.
	defaultEndpoint bool
	// ownMetrics leaves the collector's own metrics as they are configured. They are on localhost:8888 then.
	ownMetrics bool
	client     *http.Client // nil: without TLS
}

// startCollector runs a collector that serves at a free address, given to it as PUSHGATEWAY_ENDPOINT, and waits until
// it is ready.
func startCollector(t *testing.T, s collectorSettings) *collector {
	t.Helper()
	address := freeAddress(t)
	if s.defaultEndpoint {
		address = "localhost:9091"
		requireFree(t, address)
	} else {
		s.env = append(s.env, "PUSHGATEWAY_ENDPOINT="+address)
	}
	args := []string{"--config", s.config}
	if !s.ownMetrics {
		args = append(args, "--set", "service.telemetry.metrics.level=none")
	}
	cmd := exec.Command(program(t, "COLLECTOR"), args...)
	cmd.Env = append(os.Environ(), s.env...)
	c := &collector{process: startProcess(t, cmd), url: "http://" + address, client: http.DefaultClient}
	if s.client != nil {
		c.url, c.client = "https://"+address, s.client
	}
	waitUntilReady(t, c.process, c.client, c.url+"/-/ready", toStart)
	return c
}

// startCollectorWith is startCollector with the text of a configuration.
func startCollectorWith(t *testing.T, config string) *collector {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	return startCollector(t, collectorSettings{config: path})
}

// nopConfig is a collector that takes pushes and forgets them.
const nopConfig = `
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
exporters:
  nop:
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [nop]
`

// toStart is what a program may take to be ready, and is far more than one takes.
const toStart = 30 * time.Second

// waitUntilReady returns when the URL answers 200.
func waitUntilReady(t *testing.T, p *process, client *http.Client, url string, within time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); {
		if answersOK(client, url) {
			return
		}
		if p.waitFor(50 * time.Millisecond) {
			t.Fatalf("%s ended before it was ready: %v", p.name, p.exit)
		}
	}
	t.Fatalf("%s is not ready after %v: no 200 from %s", p.name, within, url)
}

func answersOK(client *http.Client, url string) bool {
	res, err := client.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

package testbed

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Collector is a running collector, with the receiver under test at URL.
type Collector struct {
	*Process
	URL    string
	Client *http.Client
}

// CollectorSettings say how to start a collector.
type CollectorSettings struct {
	Config string // path of the configuration
	// Overlay is the text of a configuration whose values replace those of the other.
	Overlay string
	Env     []string // in addition to PUSHGATEWAY_ENDPOINT
	// Address is where to serve, as an earlier one did. Empty: at a free address.
	Address string
	// DefaultEndpoint leaves the endpoint as it is configured. It is localhost:9091 then.
	DefaultEndpoint bool
	// OwnMetrics leaves the collector's own metrics as they are configured. They are on localhost:8888 then.
	OwnMetrics bool
	Client     *http.Client // nil: without TLS
}

// StartCollector runs a collector that serves at an address that is given to it as PUSHGATEWAY_ENDPOINT, and waits until
// it is ready.
func StartCollector(t *testing.T, s CollectorSettings) *Collector {
	t.Helper()
	c := LaunchCollector(t, s)
	WaitUntilReady(t, c.Process, c.Client, c.URL+"/-/ready", ToStart)
	return c
}

// LaunchCollector is StartCollector without the waiting.
func LaunchCollector(t *testing.T, s CollectorSettings) *Collector {
	t.Helper()
	address := s.Address
	if address == "" {
		address = FreeAddress(t)
	}
	if s.DefaultEndpoint {
		address = "localhost:9091"
		RequireFree(t, address)
	} else {
		s.Env = append(s.Env, "PUSHGATEWAY_ENDPOINT="+address)
	}
	args := []string{"--config", s.Config}
	if s.Overlay != "" {
		args = append(args, "--config", writeConfig(t, s.Overlay))
	}
	if !s.OwnMetrics {
		args = append(args, "--set", "service.telemetry.metrics.level=none")
	}
	cmd := exec.Command(Program(t, "COLLECTOR"), args...)
	cmd.Env = append(os.Environ(), s.Env...)
	c := &Collector{Process: StartProcess(t, cmd), URL: "http://" + address, Client: http.DefaultClient}
	if s.Client != nil {
		c.URL, c.Client = "https://"+address, s.Client
	}
	return c
}

// StartCollectorWith is StartCollector with the text of a configuration.
func StartCollectorWith(t *testing.T, config string) *Collector {
	t.Helper()
	return StartCollector(t, CollectorSettings{Config: writeConfig(t, config)})
}

func writeConfig(t *testing.T, config string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	return path
}

// NopConfig is a collector that takes pushes and forgets them.
const NopConfig = `
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

// OTLPConfig is a collector that forwards pushes to the URL before it answers. The settings are the receiver's own.
func OTLPConfig(url string, settings ...string) string {
	return fmt.Sprintf(`
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    %s
exporters:
  otlp_http:
    endpoint: %s
    sending_queue:
      enabled: false
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [otlp_http]
`, strings.Join(settings, "\n    "), url)
}

// StartOTLP runs a Prometheus, and a collector that forwards to it as examples/otlp.yaml does.
func StartOTLP(t *testing.T) (*Prometheus, *Collector) {
	t.Helper()
	p := StartPrometheus(t)
	return p, StartCollector(t, CollectorSettings{
		Config: Repository + "/examples/otlp.yaml", Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL()},
	})
}

// StartRemoteWrite runs a Prometheus, and a collector that forwards to it as examples/remote-write.yaml does. The tap is in
// between.
func StartRemoteWrite(t *testing.T) (*Prometheus, *Collector, *MetadataTap) {
	t.Helper()
	p := StartPrometheus(t)
	tap := StartMetadataTap(t, p.URL)
	url := strings.Replace(p.RemoteWriteURL(), p.URL, tap.URL, 1)
	return p, StartCollector(t, CollectorSettings{
		Config: Repository + "/examples/remote-write.yaml", Env: []string{"REMOTE_WRITE_ENDPOINT=" + url},
	}), tap
}

// ToStart is what a program may take to be ready, and is far more than one takes.
const ToStart = 30 * time.Second

// WaitUntilReady returns when the URL answers 200.
func WaitUntilReady(t *testing.T, p *Process, client *http.Client, url string, within time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); {
		if AnswersOK(client, url) {
			return
		}
		if p.WaitFor(50 * time.Millisecond) {
			t.Fatalf("%s ended before it was ready: %v", p.name, p.Exit)
		}
	}
	t.Fatalf("%s is not ready after %v: no 200 from %s", p.name, within, url)
}

// AnswersOK says whether a GET of the URL is answered with 200.
func AnswersOK(client *http.Client, url string) bool {
	res, err := client.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

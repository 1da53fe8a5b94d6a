package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// collectorConfig is a Collector with one receiver, which takes metrics and forgets them. It has its own metrics on, as
// they are by default, on a port that is free.
const collectorConfig = `
receivers:
%s
exporters:
  nop:
service:
  pipelines:
    metrics:
      receivers: [%s]
      exporters: [nop]
  telemetry:
    metrics:
      level: normal
      readers:
        - pull:
            exporter:
              prometheus:
                host: %s
                port: %s
`

// The timeouts are those of the clients: eight large pushes at once may take longer than the defaults on a busy
// machine.
const (
	oursConfig = `
  pushgateway:
    endpoint: %s
    read_timeout: 110s
    write_timeout: 120s
    limits:
      in_flight_mib: 1024 # of pushes like the largest ones two would not fit into the default
      pushes_per_second_per_job: 0
`
	pageConfig = oursConfig + "    status_page:\n"
	otlpConfig = `
  otlp:
    protocols:
      http:
        endpoint: %s
        read_timeout: 110s
        write_timeout: 120s
`
)

func startOurs(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	return startPushgatewayReceiver(ctx, s, dir, oursConfig, w)
}

func startPage(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	return startPushgatewayReceiver(ctx, s, dir, pageConfig, w)
}

func startPushgatewayReceiver(ctx context.Context, s settings, dir, config string, w *workload) (*server, error) {
	c, err := startCollector(ctx, s.collector, dir, "pushgateway", config, "/-/ready")
	if err != nil {
		return nil, err
	}
	c.request = w.push.request(c.address, pushPath)
	return c, nil
}

func startOTLP(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	const path = "/v1/metrics"
	c, err := startCollector(ctx, s.collector, dir, "otlp", otlpConfig, path)
	if err != nil {
		return nil, err
	}
	c.request = w.otlp.request(c.address, path)
	return c, nil
}

// startCollector runs a Collector with one receiver; receiverConfig has a verb for its endpoint.
func startCollector(ctx context.Context, path, dir, receiver, receiverConfig, health string) (*server, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	ownMetrics, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	config, err := writeConfig(dir, receiver, fmt.Sprintf(receiverConfig, address), ownMetrics)
	if err != nil {
		return nil, err
	}
	return launch(ctx, dir, address, health, path, "--config", config)
}

// writeConfig returns the path of the configuration of a Collector with one receiver, which has its own metrics at the address.
func writeConfig(dir, receiver, receiverConfig, ownMetrics string) (string, error) {
	host, port, err := net.SplitHostPort(ownMetrics)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf(collectorConfig, receiverConfig, receiver, host, port)
	return path, os.WriteFile(path, []byte(text), 0o600) //nolint:gosec // the path is this program's own
}

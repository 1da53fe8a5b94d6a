package pushgatewayreceiver

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadata"
)

const (
	// defaultEndpoint has the Pushgateway's port, but on this machine only.
	defaultEndpoint   = "localhost:9091"
	defaultPathPrefix = "/pushgateway"
	// defaultReadTimeout is well below confighttp's write_timeout of 30 s, in which the answer must be written, and
	// keeps a client that stops in the middle of a body from holding a connection, or a shutdown, for good.
	defaultReadTimeout = 20 * time.Second
	// defaultReadHeaderTimeout is more than any client takes for a head, and short for one that sends it byte by byte.
	defaultReadHeaderTimeout = 10 * time.Second
)

// NewFactory returns the factory of the pushgateway receiver.
func NewFactory() receiver.Factory {
	return receiver.NewFactory(metadata.Type, createDefaultConfig,
		receiver.WithMetrics(createMetrics, metadata.MetricsStability))
}

func createDefaultConfig() component.Config {
	server := confighttp.NewDefaultServerConfig()
	server.NetAddr.Endpoint = defaultEndpoint
	server.ReadTimeout = defaultReadTimeout
	server.ReadHeaderTimeout = defaultReadHeaderTimeout
	return &Config{
		ServerConfig: server,
		Settings: Settings{
			PathPrefix:       defaultPathPrefix,
			GroupingLabels:   groupingLabelsBoth,
			Timestamps:       timestampsHonor,
			NativeHistograms: nativeHistogramsHonor,
			NameValidation:   nameValidationUTF8,
			PushTimeMetrics:  true,
			OnDelete:         onDeleteReject,
			Limits:           defaultLimits(),
			Groups:           configoptional.Default(defaultGroups()),
			StatusPage:       configoptional.Default(defaultStatusPage()),
		},
	}
}

func createMetrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	return newReceiver(cfg.(*Config), set, next)
}

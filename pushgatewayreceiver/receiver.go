package pushgatewayreceiver

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadata"
)

// pushgatewayReceiver is an HTTP server in front of a pipeline. Without groups it keeps nothing of a push but the time of its arrival,
// and for the status page what became of it.
type pushgatewayReceiver struct {
	serverConfig confighttp.ServerConfig
	settings     component.TelemetrySettings
	logger       *zap.Logger
	obsrep       *receiverhelper.ObsReport
	reporter     *reporter
	next         consumer.Metrics

	router     router
	keyOptions groupingkey.Options
	rates      *rates
	budget     *budget
	bodies     bodyReader
	decoding   exposition.Options // but for the format and the memory
	options    translate.Options
	turns      *turns
	held       *heldGroups   // nil: nothing is held
	answerIn   time.Duration // 0: without a limit
	// challenge goes with a 401. Some clients send a password only when they are asked for it.
	challenge string

	endpoint     *endpoint   // nil before Start
	page         *statusPage // nil: there is none
	shuttingDown atomic.Bool
}

func newReceiver(cfg *Config, set receiver.Settings, next consumer.Metrics) (*pushgatewayReceiver, error) {
	obsrep, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID:             set.ID,
		Transport:              "http",
		ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	reporter, err := newReporter(&cfg.Settings, set)
	if err != nil {
		return nil, err
	}
	r := &pushgatewayReceiver{
		serverConfig: cfg.ServerConfig,
		settings:     set.TelemetrySettings,
		logger:       set.Logger,
		obsrep:       obsrep,
		reporter:     reporter,
		next:         next,
		router:       newRouter(&cfg.Settings),
		keyOptions:   cfg.Settings.keyOptions(),
		rates:        newRates(cfg.Settings.Limits.PushesPerSecondPerJob),
		budget:       newBudget(int64(cfg.Settings.Limits.InFlightMiB)<<20, cfg.Settings.Limits.InFlightWait),
		bodies:       bodyReader{encodings: cfg.encodings()},
		decoding:     cfg.Settings.decodeOptions(),
		options:      cfg.Settings.translateOptions(metadata.ScopeName),
		turns:        newTurns(),
		challenge:    challengeOf(&cfg.ServerConfig),
		answerIn:     cfg.ServerConfig.WriteTimeout * 5 / 6,
	}
	r.held = newHeldGroups(cfg.Settings.Groups.Get(), r, set.ID)
	r.page = newStatusPage(cfg, r, set)
	return r, nil
}

// Start listens and serves until Shutdown.
func (r *pushgatewayReceiver) Start(ctx context.Context, host component.Host) error {
	r.serverConfig.CompressionAlgorithms = []string{} // see decompress.go
	server, err := r.serverConfig.ToServer(ctx, host.GetExtensions(), r.settings, http.HandlerFunc(r.serve),
		confighttp.WithErrorHandler(r.serveUnauthorized))
	if err != nil {
		return err
	}
	r.bodies.limit = r.serverConfig.MaxRequestBodySize // ToServer has filled in the default
	server.Handler = r.beforeConfigHTTP(server.Handler)
	(&headRefusals{count: func() { r.reporter.requestRefused(context.Background(), "http") }}).watch(server)
	if err := r.reporter.start(r.budget); err != nil {
		return err
	}
	if err := r.held.start(ctx, host); err != nil {
		return errors.Join(err, r.Shutdown(ctx))
	}
	if r.endpoint, err = startEndpoint(ctx, host, &r.serverConfig, server, r.logger); err != nil {
		return errors.Join(err, r.Shutdown(ctx))
	}
	r.logger.Info("Listening for pushes", zap.Stringer("address", r.endpoint.listener.Addr()))
	if err := r.page.start(ctx, host, r.settings); err != nil {
		return errors.Join(err, r.Shutdown(ctx))
	}
	return nil
}

// Shutdown stops listening, lets the pushes in flight end, and returns when all are answered, or when ctx ends.
func (r *pushgatewayReceiver) Shutdown(ctx context.Context) error {
	r.shuttingDown.Store(true)
	defer r.reporter.shutdown()
	return errors.Join(r.endpoint.shutdown(ctx), r.page.shutdown(ctx), r.held.shutdown(ctx))
}

package pushgatewayreceiver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
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

// pushgatewayReceiver is an HTTP server in front of a pipeline. It keeps nothing of a push but the time of
// its arrival.
type pushgatewayReceiver struct {
	serverConfig confighttp.ServerConfig
	telemetry    component.TelemetrySettings
	logger       *zap.Logger
	obsrep       *receiverhelper.ObsReport
	metrics      *metadata.TelemetryBuilder
	next         consumer.Metrics

	router     router
	keyOptions groupingkey.Options
	rates      *rates
	budget     *budget
	bodies     bodyReader
	decoding   exposition.Options // but for the format and the memory
	options    translate.Options
	turns      *turns
	answerIn   time.Duration // 0: without a limit
	// challenge goes with a 401. Some clients send a password only when they are asked for it.
	challenge string

	listener     net.Listener
	server       *http.Server
	serving      sync.WaitGroup
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
	metrics, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &pushgatewayReceiver{
		serverConfig: cfg.ServerConfig,
		telemetry:    set.TelemetrySettings,
		logger:       set.Logger,
		obsrep:       obsrep,
		metrics:      metrics,
		next:         next,
		router:       newRouter(&cfg.Settings),
		keyOptions:   cfg.Settings.keyOptions(),
		rates:        newRates(cfg.Settings.Limits.PushesPerSecondPerJob),
		budget:       newBudget(int64(cfg.Settings.Limits.InFlightMiB)<<20, cfg.Settings.Limits.InFlightWait),
		bodies:       bodyReader{encodings: cfg.encodings()},
		decoding:     cfg.Settings.decodeOptions(),
		options:      cfg.Settings.translateOptions(metadata.ScopeName),
		turns:        newTurns(),
		challenge:    cfg.challenge(),
		answerIn:     cfg.ServerConfig.WriteTimeout * 5 / 6,
	}, nil
}

// Start listens and serves until Shutdown.
func (r *pushgatewayReceiver) Start(ctx context.Context, host component.Host) error {
	r.serverConfig.CompressionAlgorithms = []string{} // see decompress.go
	server, err := r.serverConfig.ToServer(ctx, host.GetExtensions(), r.telemetry, http.HandlerFunc(r.serve),
		confighttp.WithErrorHandler(r.serveUnauthorized))
	if err != nil {
		return err
	}
	r.bodies.limit = r.serverConfig.MaxRequestBodySize // ToServer has filled in the default
	server.Handler = r.beforeConfigHTTP(server.Handler)
	server.ErrorLog = newServerLog(r.logger)
	server.DisableGeneralOptionsHandler = true // a handler that is not asked looks as if the request were refused
	server.MaxHeaderBytes = maxHeaderBytes
	server.HTTP2 = &http.HTTP2Config{
		MaxConcurrentStreams:          maxStreams,
		MaxReceiveBufferPerConnection: maxReceiveBuffer,
		MaxReceiveBufferPerStream:     maxReceiveBuffer,
	}
	(&headRefusals{metrics: r.metrics}).watch(server)
	if err := r.observe(); err != nil {
		return err
	}
	r.listener, err = r.serverConfig.ToListener(ctx)
	if err != nil {
		return err
	}
	r.server = server
	r.logger.Info("Listening for pushes", zap.Stringer("address", r.listener.Addr()))
	r.serving.Go(func() {
		if err := server.Serve(r.listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return nil
}

// What a connection may take of memory outside of the budget.
const (
	// maxHeaderBytes is what a head may have: a header of two bytes takes a hundred, so the megabyte that net/http allows may
	// become many. Paths are part of it; proxies commonly allow 8 KiB.
	maxHeaderBytes = 32 << 10
	// maxStreams and maxReceiveBuffer are for HTTP/2, which may come with TLS. A client that pushes has one stream.
	maxStreams       = 16
	maxReceiveBuffer = 64 << 10 // the smallest there can be
)

// Shutdown stops listening, lets the pushes in flight end, and returns when all are answered, or when ctx ends.
func (r *pushgatewayReceiver) Shutdown(ctx context.Context) error {
	r.metrics.Shutdown()
	if r.server == nil {
		return nil
	}
	r.shuttingDown.Store(true)
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, r.server.Close())
	}
	r.serving.Wait()
	return err
}

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
	next         consumer.Metrics

	router   router
	decoding exposition.Options // but for the format
	options  translate.Options
	turns    *turns
	answerIn time.Duration // 0: without a limit
	// challenge goes with a 401. Some clients send a password only when they are asked for it.
	challenge string

	encodings    []string // set by Start: the Content-Encodings that are decoded
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
	return &pushgatewayReceiver{
		serverConfig: cfg.ServerConfig,
		telemetry:    set.TelemetrySettings,
		logger:       set.Logger,
		obsrep:       obsrep,
		next:         next,
		router:       newRouter(&cfg.Settings),
		decoding:     cfg.Settings.decodeOptions(),
		options:      cfg.Settings.translateOptions(metadata.ScopeName),
		turns:        newTurns(),
		challenge:    cfg.challenge(),
		answerIn:     cfg.ServerConfig.WriteTimeout * 5 / 6,
	}, nil
}

// Start listens and serves until Shutdown.
func (r *pushgatewayReceiver) Start(ctx context.Context, host component.Host) error {
	options := append(decoders(r.serverConfig.CompressionAlgorithms, r.maxBodySize),
		confighttp.WithErrorHandler(r.serveConfigHTTPError))
	server, err := r.serverConfig.ToServer(ctx, host.GetExtensions(), r.telemetry, http.HandlerFunc(r.serve), options...)
	if err != nil {
		return err
	}
	r.encodings = r.serverConfig.CompressionAlgorithms // ToServer has filled in the default
	server.Handler = r.beforeConfigHTTP(server.Handler)
	server.ErrorLog = newServerLog(r.logger)
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

// maxBodySize is known when ToServer has filled in the default.
func (r *pushgatewayReceiver) maxBodySize() int64 { return r.serverConfig.MaxRequestBodySize }

// Shutdown stops listening, lets the pushes in flight end, and returns when all are answered, or when ctx ends.
func (r *pushgatewayReceiver) Shutdown(ctx context.Context) error {
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

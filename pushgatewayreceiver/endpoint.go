package pushgatewayreceiver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.uber.org/zap"
)

// An endpoint is an HTTP server that runs.
type endpoint struct {
	server   *http.Server
	listener net.Listener
	serving  sync.WaitGroup
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

// startEndpoint listens and serves until shutdown. That the server ends before is a fatal error for the host.
func startEndpoint(ctx context.Context, host component.Host, config *confighttp.ServerConfig, server *http.Server, logger *zap.Logger) (*endpoint, error) {
	server.ErrorLog = newServerLog(logger)
	server.DisableGeneralOptionsHandler = true // a handler that is not asked looks as if the request were refused
	server.MaxHeaderBytes = maxHeaderBytes
	server.HTTP2 = &http.HTTP2Config{
		MaxConcurrentStreams:          maxStreams,
		MaxReceiveBufferPerConnection: maxReceiveBuffer,
		MaxReceiveBufferPerStream:     maxReceiveBuffer,
	}
	listener, err := config.ToListener(ctx)
	if err != nil {
		return nil, err
	}
	e := &endpoint{server: server, listener: listener}
	e.serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return e, nil
}

// shutdown stops listening, and returns when all requests are answered, or when ctx ends. nil is an endpoint that never started.
func (e *endpoint) shutdown(ctx context.Context) error {
	if e == nil {
		return nil
	}
	err := e.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, e.server.Close())
	}
	e.serving.Wait()
	return err
}

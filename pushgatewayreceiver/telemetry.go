package pushgatewayreceiver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadata"
)

// observe shows what is in flight while the receiver runs.
func (r *pushgatewayReceiver) observe() error {
	return r.metrics.RegisterPushgatewayReceiverInFlightBytesCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(r.budget.inFlight())
		return nil
	})
}

// countRefused counts a refused request by its reason.
func countRefused(ctx context.Context, metrics *metadata.TelemetryBuilder, reason string) {
	metrics.PushgatewayReceiverRefusedRequests.Add(ctx, 1, metric.WithAttributes(attribute.String("reason", reason)))
}

// headRefusals finds requests that net/http refuses by itself, before there is a handler to ask: malformed ones, heads that are
// too large, and heads that do not come to their end. The connection becomes active, and is closed, or idle again, before a handler
// began. A malformed head behind a request on the same connection is not found if it comes in one piece: net/http has read it by
// then, and does not call the connection active.
type headRefusals struct {
	metrics *metadata.TelemetryBuilder
	conns   sync.Map // net.Conn -> *watchedConn
}

// A watchedConn is what is known of a connection.
type watchedConn struct {
	unasked atomic.Bool // no handler began since the connection became active
	opened  atomic.Bool // it has been idle
}

// connKey is the key of the context for the *watchedConn.
type connKey struct{}

// watch must be called before the server serves.
func (h *headRefusals) watch(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		watched := new(watchedConn)
		h.conns.Store(conn, watched)
		return context.WithValue(ctx, connKey{}, watched)
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if watched, ok := h.conns.Load(conn); ok {
			h.changed(conn, watched.(*watchedConn), state)
		}
	}
}

func (h *headRefusals) changed(conn net.Conn, watched *watchedConn, state http.ConnState) {
	switch state {
	case http.StateActive:
		watched.unasked.Store(true)
	case http.StateIdle:
		unasked := watched.unasked.Swap(false)
		if again := watched.opened.Swap(true); unasked && again { // HTTP/2 begins with active and idle
			h.count()
		}
	case http.StateClosed, http.StateHijacked:
		h.conns.Delete(conn)
		if watched.unasked.Load() {
			h.count()
		}
	}
}

func (h *headRefusals) count() { countRefused(context.Background(), h.metrics, "http") }

// handlerBegins says that the request is not refused by net/http.
func handlerBegins(ctx context.Context) {
	if watched, ok := ctx.Value(connKey{}).(*watchedConn); ok {
		watched.unasked.Store(false)
	}
}

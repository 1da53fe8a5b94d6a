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
// too large, and heads that do not come to their end. The connection becomes active, and is closed before a handler began.
type headRefusals struct {
	metrics *metadata.TelemetryBuilder
	unasked sync.Map // net.Conn -> *atomic.Bool: no handler began since the connection became active
}

// connKey is the key of the context for the *atomic.Bool of the connection.
type connKey struct{}

// watch must be called before the server serves.
func (h *headRefusals) watch(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		unasked := new(atomic.Bool)
		h.unasked.Store(conn, unasked)
		return context.WithValue(ctx, connKey{}, unasked)
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		unasked, ok := h.unasked.Load(conn)
		switch {
		case !ok:
		case state == http.StateActive:
			unasked.(*atomic.Bool).Store(true)
		case state == http.StateClosed || state == http.StateHijacked:
			h.unasked.Delete(conn)
			if unasked.(*atomic.Bool).Load() {
				countRefused(context.Background(), h.metrics, "http")
			}
		}
	}
}

// handlerBegins says that the request is not refused by net/http.
func handlerBegins(ctx context.Context) {
	if unasked, ok := ctx.Value(connKey{}).(*atomic.Bool); ok {
		unasked.Store(false)
	}
}

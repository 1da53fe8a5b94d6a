package pushgatewayreceiver

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// running is a started receiver, its address and what it logs.
type running struct {
	*pushgatewayReceiver
	url  string
	logs *observer.ObservedLogs
}

// start starts a receiver with the given changes to its default configuration, and stops it at the end of the test.
func start(t testing.TB, next consumer.Metrics, change func(*Config)) running {
	core, logs := observer.New(zapcore.DebugLevel)
	set := receivertest.NewNopSettings(typ)
	set.Logger = zap.New(core)
	return startWith(t, set, logs, next, change)
}

func startWith(t testing.TB, set receiver.Settings, logs *observer.ObservedLogs, next consumer.Metrics, change func(*Config)) running {
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = freeAddress(t)
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	r, err := createMetrics(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), host{}))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		assert.NoError(t, r.Shutdown(context.Background())) // the test's own context has ended
	})
	return running{pushgatewayReceiver: r.(*pushgatewayReceiver), url: "http://" + cfg.ServerConfig.NetAddr.Endpoint, logs: logs}
}

func freeAddress(t testing.TB) string {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// answered is a response with its body read.
type answered struct {
	*http.Response
	body string
}

func (r running) do(t *testing.T, method, path, body string, header ...string) answered {
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req) // does not follow redirects
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answered{Response: res, body: string(b)}
}

func noPushTime(c *Config) { c.Settings.PushTimeMetrics = false }

func TestLifecycle(t *testing.T) {
	t.Run("an address that is taken is an error of Start", func(t *testing.T) {
		r := start(t, consumertest.NewNop(), nil)
		cfg := createDefaultConfig().(*Config)
		cfg.ServerConfig.NetAddr.Endpoint = strings.TrimPrefix(r.url, "http://")
		second, err := createMetrics(t.Context(), receivertest.NewNopSettings(typ), cfg, consumertest.NewNop())
		require.NoError(t, err)
		require.Error(t, second.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, second.Shutdown(t.Context()))
	})
	t.Run("an authenticator that is missing is an error of Start", func(t *testing.T) {
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, cfg.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "missing"}})))
		r, err := createMetrics(t.Context(), receivertest.NewNopSettings(typ), cfg, consumertest.NewNop())
		require.NoError(t, err)
		require.ErrorContains(t, r.Start(t.Context(), componenttest.NewNopHost()), "missing")
	})
	t.Run("a server that ends by itself is a fatal error", func(t *testing.T) {
		events := make(chan *componentstatus.Event, 1)
		cfg := createDefaultConfig().(*Config)
		cfg.ServerConfig.NetAddr.Endpoint = freeAddress(t)
		r, err := newReceiver(cfg, receivertest.NewNopSettings(typ), consumertest.NewNop())
		require.NoError(t, err)
		require.NoError(t, r.Start(t.Context(), statusHost{events: events}))
		require.NoError(t, r.endpoint.listener.Close())
		event := <-events
		assert.Equal(t, componentstatus.StatusFatalError, event.Status())
		require.NoError(t, r.Shutdown(t.Context()))
	})
}

// statusHost is a host that collects status events.
type statusHost struct {
	component.Host
	events chan<- *componentstatus.Event
}

func (statusHost) GetExtensions() map[component.ID]component.Component { return nil }
func (h statusHost) Report(e *componentstatus.Event)                   { h.events <- e }

func TestShutdownWaitsForPushesInFlight(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	r := start(t, consumerFunc(t, func(context.Context) error {
		close(entered)
		<-leave
		return nil
	}), nil)
	var wg sync.WaitGroup
	wg.Go(func() { assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/x", "a 1\n").StatusCode) })
	<-entered
	wg.Go(func() { assert.NoError(t, r.Shutdown(t.Context())) })
	require.Eventually(t, r.shuttingDown.Load, 5*time.Second, time.Millisecond)
	// The listener is closed, so ask the handler itself, as a connection that is still open would.
	w := newResponse()
	r.endpoint.server.Handler.ServeHTTP(w, newRequest(t, "GET", "/-/ready"))
	assert.Equal(t, 503, w.Code)
	w = newResponse()
	r.endpoint.server.Handler.ServeHTTP(w, newRequest(t, "GET", "/-/healthy"))
	assert.Equal(t, 200, w.Code)
	close(leave)
	wg.Wait()
}

// consumerFunc returns a consumer of which the context and the error are all that matters.
func consumerFunc(t *testing.T, consume func(context.Context) error) consumer.Metrics {
	t.Helper()
	next, err := consumer.NewMetrics(func(ctx context.Context, _ pmetric.Metrics) error { return consume(ctx) })
	require.NoError(t, err)
	return next
}

// hangingConsumer returns a consumer that gives up when its context ends, and a channel that is closed when it is
// called, which it may be once.
func hangingConsumer(t *testing.T) (consumer.Metrics, <-chan struct{}) {
	entered := make(chan struct{})
	return consumerFunc(t, func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}), entered
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	next, entered := hangingConsumer(t)
	r := start(t, next, nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		res, err := http.Post(r.url+"/metrics/job/x", "", strings.NewReader("a 1\n"))
		if err == nil {
			res.Body.Close()
		}
	})
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Shutdown(ctx), context.DeadlineExceeded)
	wg.Wait()
}

func TestPipelineErrors(t *testing.T) {
	secret := errors.New("secret of the backend")
	f := func(consumeErr error, wantStatus int, wantLevel zapcore.Level) {
		t.Helper()
		r := start(t, consumertest.NewErr(consumeErr), nil)
		res := r.do(t, "PUT", "/metrics/job/x", "a 1\n")
		assert.Equal(t, wantStatus, res.StatusCode)
		assert.Equal(t, wantStatus == 503, res.Header.Get("Retry-After") != "")
		assert.NotContains(t, res.body, "secret")
		refused := r.logs.FilterMessage("Refused a request").All()
		require.Len(t, refused, 1)
		assert.Equal(t, wantLevel, refused[0].Level)
		assert.Contains(t, refused[0].ContextMap()["error"], "secret", "the operator sees all of it")
	}
	f(secret, 503, zapcore.WarnLevel)
	f(consumererror.NewPermanent(secret), 500, zapcore.WarnLevel)
}

func TestPipelineThatHangsIsCutBeforeTheConnectionIs(t *testing.T) {
	next, _ := hangingConsumer(t)
	r := start(t, next, func(c *Config) { c.ServerConfig.WriteTimeout = 1200 * time.Millisecond })
	res := r.do(t, "PUT", "/metrics/job/x", "a 1\n")
	assert.Equal(t, 503, res.StatusCode)
	assert.NotEmpty(t, res.Header.Get("Retry-After"))
}

func TestWithoutWriteTimeoutThereIsNoDeadline(t *testing.T) {
	next := consumerFunc(t, func(ctx context.Context) error {
		_, ok := ctx.Deadline()
		assert.False(t, ok)
		return nil
	})
	r := start(t, next, func(c *Config) { c.ServerConfig.WriteTimeout = 0 })
	assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/x", "a 1\n").StatusCode)
}

func TestObsreport(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(t.Context())) }()
	set := receivertest.NewNopSettings(typ)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	r := startWith(t, set, nil, consumertest.NewNop(), noPushTime)
	assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/x", "a 1\nb 2\n").StatusCode)
	assert.Equal(t, 400, r.do(t, "PUT", "/metrics/job/x", "a\n").StatusCode)
	m, err := telemetry.GetMetric("otelcol_receiver_accepted_metric_points")
	require.NoError(t, err)
	assert.Contains(t, marshalMetric(t, m), `"Value":2`)
}

package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadatatest"
)

// measured is a running receiver and its own metrics.
type measured struct {
	running
	metrics  *componenttest.Telemetry
	receiver attribute.KeyValue // is an attribute of all of them
}

func startMeasured(t *testing.T, next consumer.Metrics, change func(*Config)) measured {
	metrics := componenttest.NewTelemetry()
	t.Cleanup(func() { assert.NoError(t, metrics.Shutdown(context.Background())) })
	core, logs := observer.New(zap.DebugLevel)
	set := metadatatest.NewSettings(metrics)
	set.Logger = zap.New(core)
	return measured{
		running: startWith(t, set, logs, next, change), metrics: metrics, receiver: attribute.String("receiver", set.ID.String()),
	}
}

// requireRefused requires that so many requests have been refused, all for this reason. They may have been answered before they
// are counted.
func (m measured) requireRefused(t *testing.T, reason string, want int64) {
	t.Helper()
	require.Eventually(t, func() bool { return m.refused(t) >= want }, 5*time.Second, time.Millisecond, "nothing is counted as %s", reason)
	metadatatest.AssertEqualPushgatewayReceiverRefusedRequests(t, m.metrics, []metricdata.DataPoint[int64]{
		{Value: want, Attributes: attribute.NewSet(m.receiver, attribute.String("reason", reason))},
	}, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}

// refused returns how many requests were refused, for whatever reason.
func (m measured) refused(t *testing.T) (all int64) {
	metric, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_refused_requests")
	if err != nil {
		return 0 // it is not there before it counts something
	}
	sum, ok := metric.Data.(metricdata.Sum[int64])
	require.True(t, ok)
	for _, p := range sum.DataPoints {
		all += p.Value
	}
	return all
}

// pushed is a datapoint of the metric of pushes.
func (m measured) pushed(value int64, attributes ...string) metricdata.DataPoint[int64] {
	set := []attribute.KeyValue{m.receiver}
	for i := 0; i < len(attributes); i += 2 {
		set = append(set, attribute.String(attributes[i], attributes[i+1]))
	}
	return metricdata.DataPoint[int64]{Value: value, Attributes: attribute.NewSet(set...)}
}

func (m measured) requirePushes(t *testing.T, want ...metricdata.DataPoint[int64]) {
	t.Helper()
	metadatatest.AssertEqualPushgatewayReceiverPushes(t, m.metrics, want, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}

func TestPushesAreCounted(t *testing.T) {
	next := consumertest.NewNop()
	m := startMeasured(t, next, nil)
	m.do(t, "PUT", "/metrics/job/x", "a 1\n")
	m.do(t, "POST", "/metrics/job/x", "a 1\n")
	m.do(t, "POST", "/metrics/job/y", "a 1\n")
	m.do(t, "POST", "/metrics/job/x", "", "Content-Type", fuzzContentTypes["protobuf"])
	m.do(t, "PUT", "/metrics/job/x", "a 1\n# EOF\n", "Content-Type", "application/openmetrics-text")
	m.do(t, "PUT", "/metrics/job/x", "a\n")
	m.do(t, "PUT", "/metrics/job/x/l", "a 1\n")
	m.do(t, "PUT", "/metrics/jobs", "a 1\n") // no push
	m.do(t, "DELETE", "/metrics/job/x", "")  // no push
	m.requirePushes(t,
		m.pushed(1, "method", "PUT", "format", "text", "outcome", "accepted"),
		m.pushed(2, "method", "POST", "format", "text", "outcome", "accepted"),
		m.pushed(1, "method", "POST", "format", "protobuf", "outcome", "accepted"),
		m.pushed(1, "method", "PUT", "format", "openmetrics", "outcome", "accepted"),
		m.pushed(1, "method", "PUT", "format", "text", "outcome", "refused", "reason", "syntax"),
		m.pushed(1, "method", "PUT", "format", "text", "outcome", "refused", "reason", "grouping_key"),
	)
	assert.Equal(t, int64(4), m.refused(t), "requests that are no pushes are counted as refused, too")
}

func TestPushesThatFail(t *testing.T) {
	m := startMeasured(t, consumertest.NewErr(errors.New("away")), nil)
	m.do(t, "PUT", "/metrics/job/x", "a 1\n")
	m.requirePushes(t, m.pushed(1, "method", "PUT", "format", "text", "outcome", "failed", "reason", "pipeline_unavailable"))
}

// histogram returns count and sum of a metric for each set of attributes, without that of the receiver.
func histogram[N int64 | float64](t *testing.T, m measured, name string) map[string]metricdata.HistogramDataPoint[N] {
	t.Helper()
	metric, err := m.metrics.GetMetric(name)
	require.NoError(t, err)
	data, ok := metric.Data.(metricdata.Histogram[N])
	require.True(t, ok)
	points := map[string]metricdata.HistogramDataPoint[N]{}
	for _, p := range data.DataPoints {
		points[strings.TrimSuffix(p.Attributes.Encoded(attribute.DefaultEncoder()), ",receiver="+m.receiver.Value.String())] = p
	}
	return points
}

func TestSizesOfPushes(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), nil)
	body := "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n"
	body += strings.Repeat("#\n", 5000) + "g 1\n"
	zipped := gzipped(body)
	m.do(t, "PUT", "/metrics/job/x", zipped, "Content-Encoding", "gzip")
	m.do(t, "PUT", "/metrics/job/x", "a 1\n")
	m.do(t, "PUT", "/metrics/job/x", "a\n") // has no size: it is refused
	samples := histogram[int64](t, m, "otelcol_pushgateway_receiver_push_samples")["format=text"]
	assert.Equal(t, uint64(2), samples.Count)
	assert.Equal(t, int64(5+1), samples.Sum)
	assert.Equal(t, int64(len(zipped)+4), histogram[int64](t, m, "otelcol_pushgateway_receiver_push_compressed_bytes")["format=text"].Sum)
	assert.Equal(t, int64(len(body)+4), histogram[int64](t, m, "otelcol_pushgateway_receiver_push_uncompressed_bytes")["format=text"].Sum)
}

func TestDurationsOfPhases(t *testing.T) {
	const slow = 20 * time.Millisecond
	m := startMeasured(t, consumerFunc(t, func(context.Context) error {
		time.Sleep(slow)
		return errors.New("away")
	}), noPushTime)
	m.do(t, "PUT", "/metrics/job/x", "a 1\n")
	m.do(t, "PUT", "/metrics/job/x", "a\n")
	m.do(t, "PUT", "/metrics/job/x/l", "a\n")
	took := histogram[float64](t, m, "otelcol_pushgateway_receiver_push_duration_seconds")
	assert.Equal(t, uint64(2), took["phase=receive"].Count)
	assert.Equal(t, uint64(2), took["phase=decode"].Count)
	assert.Equal(t, uint64(1), took["phase=consume"].Count)
	assert.GreaterOrEqual(t, took["phase=consume"].Sum, slow.Seconds())
}

func TestWhatIsHereNow(t *testing.T) {
	next, entered := hangingConsumer(t)
	m := startMeasured(t, next, nil)
	here := func(pushes, groups int64) {
		t.Helper()
		point := func(value int64) []metricdata.DataPoint[int64] { return []metricdata.DataPoint[int64]{m.pushed(value)} }
		metadatatest.AssertEqualPushgatewayReceiverInFlightPushes(t, m.metrics, point(pushes), metricdatatest.IgnoreTimestamp())
		metadatatest.AssertEqualPushgatewayReceiverRecentGroups(t, m.metrics, point(groups), metricdatatest.IgnoreTimestamp())
		bytes, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_in_flight_bytes")
		require.NoError(t, err)
		held := bytes.Data.(metricdata.Sum[int64]).DataPoints[0].Value
		assert.Equal(t, pushes > 0, held > 0, "%d bytes", held)
	}
	here(0, 0)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	push := newRequest(t, "PUT", "/metrics/job/x").WithContext(ctx)
	push.Body = io.NopCloser(strings.NewReader("a 1\n"))
	push.ContentLength = 4
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.endpoint.server.Handler.ServeHTTP(newResponse(), push)
	}()
	<-entered
	here(1, 0)
	leave()
	<-ended
	here(0, 1)
}

func TestJobNames(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), func(c *Config) { c.Settings.Telemetry.JobNames = 2 })
	long := strings.Repeat("l", 200)
	for _, job := range []string{"a", "b", "a", long, "c", "_other"} {
		m.do(t, "PUT", "/metrics/job/"+job, "a 1\n")
	}
	m.do(t, "PUT", "/metrics/job/b", "a\n")
	m.do(t, "PUT", "/metrics/job/b/x", "a 1\n") // no job: the path is no key
	accepted := func(value int64, job string) metricdata.DataPoint[int64] {
		return m.pushed(value, "outcome", "accepted", "pushed_job", job)
	}
	m.requireJobPushes(t, accepted(2, "a"), accepted(1, "b"), accepted(3, "_other"),
		m.pushed(1, "outcome", "refused", "reason", "syntax", "pushed_job", "b"))
	m.requirePushes(t,
		m.pushed(6, "method", "PUT", "format", "text", "outcome", "accepted"),
		m.pushed(1, "method", "PUT", "format", "text", "outcome", "refused", "reason", "syntax"),
		m.pushed(1, "method", "PUT", "format", "text", "outcome", "refused", "reason", "grouping_key"),
	)
}

func (m measured) requireJobPushes(t *testing.T, want ...metricdata.DataPoint[int64]) {
	t.Helper()
	metadatatest.AssertEqualPushgatewayReceiverJobPushes(t, m.metrics, want, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}

// Who is not let in must not take the names of others.
func TestJobNamesAreNotForStrangers(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), func(c *Config) {
		c.Settings.Telemetry.JobNames = 2
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "nobody"}})))
	})
	assert.Equal(t, 401, m.do(t, "PUT", "/metrics/job/a", "a 1\n").StatusCode)
	m.requirePushes(t, m.pushed(1, "method", "PUT", "format", "text", "outcome", "refused", "reason", "unauthenticated"))
	_, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_job_pushes")
	assert.Error(t, err, "no job has pushed")
}

// The SDK makes one set of all beyond 2,000, without an outcome: the pushes of that would be lost from sight.
func TestManyJobNames(t *testing.T) {
	var failing atomic.Bool
	m := startMeasured(t, consumerFunc(t, func(context.Context) error {
		if failing.Load() {
			return errors.New("away")
		}
		return nil
	}), func(c *Config) { c.Settings.Telemetry.JobNames = maxJobNames })
	const jobs = maxJobNames + 100
	for i := range jobs {
		m.do(t, "PUT", fmt.Sprint("/metrics/job/", i), "a\n")
		m.do(t, "PUT", fmt.Sprint("/metrics/job/", i), "a 1\n")
	}
	failing.Store(true)
	for i := range jobs {
		m.do(t, "PUT", fmt.Sprint("/metrics/job/", i), "a 1\n")
	}
	metric, err := m.metrics.GetMetric("otelcol_pushgateway_receiver_job_pushes")
	require.NoError(t, err)
	points := metric.Data.(metricdata.Sum[int64]).DataPoints
	assert.Less(t, len(points), 2000)
	counted := map[string]int64{}
	for _, p := range points {
		outcome, _ := p.Attributes.Value("outcome")
		counted[outcome.AsString()] += p.Value
	}
	assert.Equal(t, map[string]int64{"accepted": jobs, "refused": jobs, "failed": jobs}, counted)
}

func TestSpanOfAPush(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), nil)
	m.do(t, "PUT", "/metrics/job/x/instance/y", "a 1\nb 2\n")
	m.do(t, "POST", "/metrics/job/x", "a 1\nb\n")
	m.do(t, "GET", "/nothing", "")
	spans := map[string][]attribute.KeyValue{}
	for _, span := range m.metrics.SpanRecorder.Ended() {
		spans[span.Name()] = span.Attributes()
	}
	put := spans["PUT /metrics/job/{job}"]
	for _, want := range []attribute.KeyValue{
		attribute.String("pushgateway.job", "x"), attribute.String("pushgateway.format", "text"),
		attribute.Int("pushgateway.samples", 2), attribute.String("pushgateway.outcome", "accepted"),
		attribute.String("http.route", "/metrics/job/{job}"),
	} {
		assert.Contains(t, put, want)
	}
	post := spans["POST /metrics/job/{job}"]
	for _, want := range []attribute.KeyValue{
		attribute.String("pushgateway.outcome", "refused"), attribute.String("pushgateway.reason", "syntax"), attribute.Int("pushgateway.line", 2),
	} {
		assert.Contains(t, post, want)
	}
	assert.Contains(t, spans, "GET", "what is no path of ours is in no name")
}

func TestRefusedPushesAreLogged(t *testing.T) {
	r := start(t, consumertest.NewNop(), nil)
	r.do(t, "PUT", "/metrics/job/x/instance/y", "a 1\nb\n")
	logged := r.logs.FilterMessage("Refused a request").All()
	require.Len(t, logged, 1)
	assert.Equal(t, zap.DebugLevel, logged[0].Level)
	fields := logged[0].ContextMap()
	assert.Regexp(t, `^127\.0\.0\.1:\d+$`, fields["client"])
	delete(fields, "client")
	delete(fields, "error")
	assert.Equal(t, map[string]any{
		"method": "PUT", "path": "/metrics/job/x/instance/y", "job": "x", "status": int64(400), "reason": "syntax", "line": int64(2),
	}, fields)
}

// A backend that is away must not fill the disk.
func TestWarningsAreLimited(t *testing.T) {
	m := startMeasured(t, consumertest.NewErr(errors.New("away")), nil)
	for range 3 * warningsAtOnce {
		assert.Equal(t, 503, m.do(t, "PUT", "/metrics/job/x", "a 1\n").StatusCode)
	}
	assert.Equal(t, warningsAtOnce, m.logs.FilterMessage("Refused a request").Len())
	m.requireRefused(t, "pipeline_unavailable", 3*warningsAtOnce)
}

// go test ./pushgatewayreceiver -run '^$' -bench Accepted -benchmem
func BenchmarkAccepted(b *testing.B) {
	telemetry := componenttest.NewTelemetry(componenttest.WithTraceOptions(sdktrace.WithSampler(sdktrace.NeverSample())))
	defer func() { require.NoError(b, telemetry.Shutdown(context.Background())) }()
	for name, change := range map[string]func(*Config){"metrics": func(*Config) {}, "metrics and page": withPage()} {
		b.Run(name, func(b *testing.B) {
			cfg := createDefaultConfig().(*Config)
			change(cfg)
			r, err := newReporter(&cfg.Settings, metadatatest.NewSettings(telemetry))
			require.NoError(b, err)
			defer r.shutdown()
			now := time.Now()
			p := pushRecord{method: "PUT", group: 1, begin: now, received: now.Add(1), decoded: now.Add(2), turn: now.Add(3), consumed: now.Add(4)}
			p.key.Job = "job"
			b.ReportAllocs()
			for b.Loop() {
				r.accepted(b.Context(), &p)
			}
		})
	}
}

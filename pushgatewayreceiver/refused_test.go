package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/persistence"
)

// A refusalCase is a request that is refused for the reason.
type refusalCase struct {
	reason string
	change func(*Config)
	next   consumer.Metrics // default: takes everything
	send   func(t *testing.T, r running)
}

// pushing sends one push, which must be refused.
func pushing(path, body string, headers ...string) func(t *testing.T, r running) {
	return func(t *testing.T, r running) {
		assert.GreaterOrEqual(t, r.do(t, http.MethodPut, path, body, headers...).StatusCode, http.StatusBadRequest)
	}
}

func withLimits(change func(*Limits)) func(*Config) {
	return func(c *Config) { change(&c.Settings.Limits) }
}

func refusalCases(t *testing.T) []refusalCase {
	const path, head = "/metrics/job/x", "POST /metrics/job/x HTTP/1.1\r\nHost: x\r\n"
	good := pushing(path, "m 1\n") // it is another than the push that is to blame
	hanging, entered := hangingConsumer(t)
	return append(limitCases(),
		refusalCase{reason: "not_found", send: pushing("/metrics/x", "m 1\n")},
		refusalCase{reason: "method", send: func(t *testing.T, r running) { r.do(t, http.MethodDelete, path, "") }},
		refusalCase{reason: "unauthenticated", send: good, change: func(c *Config) {
			require.NoError(t, c.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "nobody"}})))
		}},
		refusalCase{reason: "http", send: func(t *testing.T, r running) { r.sendRaw(t, head+"nonsense\r\n\r\n", false) }},
		refusalCase{reason: "grouping_key", send: pushing(path+"/l", "m 1\n")},
		refusalCase{reason: "content_encoding", send: pushing(path, "m 1\n", "Content-Encoding", "br")},
		refusalCase{reason: "unreadable_body", send: func(t *testing.T, r running) {
			assert.Contains(t, r.sendRaw(t, head+"Content-Length: 5\r\n\r\nm 1\n", true), "unexpected EOF")
		}},
		refusalCase{reason: "slow_body", change: func(c *Config) { c.ServerConfig.ReadTimeout = 100 * time.Millisecond },
			send: func(t *testing.T, r running) {
				assert.Contains(t, r.sendRaw(t, head+"Content-Length: 5\r\n\r\nm 1\n", false), "HTTP/1.1 408 ")
			}},
		refusalCase{reason: "syntax", send: pushing(path, "m\n")},
		refusalCase{reason: "inconsistent", send: pushing(path, "m 1\nm 2\n")},
		refusalCase{reason: "storage", change: holding(nil), send: func(t *testing.T, r running) {
			failing := newTestStorage()
			var err error
			r.held.storage, err = persistence.Open(failing)
			require.NoError(t, err)
			failing.fail(true)
			good(t, r)
			failing.fail(false)
		}},
		refusalCase{reason: "pipeline_unavailable", next: consumertest.NewErr(errors.New("away")), send: good},
		refusalCase{reason: "pipeline_busy", next: consumertest.NewErr(status.Error(codes.ResourceExhausted, "full")), send: good},
		refusalCase{reason: "pipeline_refused", next: consumertest.NewErr(consumererror.NewPermanent(errors.New("no"))), send: good},
		refusalCase{reason: "client_gone", next: hanging, send: func(t *testing.T, r running) {
			conn, err := net.Dial("tcp", r.address())
			require.NoError(t, err)
			_, err = io.WriteString(conn, head+"Content-Length: 4\r\n\r\nm 1\n")
			require.NoError(t, err)
			<-entered
			require.NoError(t, conn.Close())
		}},
		// No request is known that leads to it: it is for errors that nobody thought of.
		refusalCase{reason: "internal", send: func(t *testing.T, r running) {
			r.refuse(httptest.NewRecorder(), newRequest(t, http.MethodPut, path), nil, errors.New("unknown"))
		}},
	)
}

func limitCases() []refusalCase {
	const path = "/metrics/job/x"
	long := strings.Repeat("l", 33)
	return []refusalCase{
		{reason: "max_request_body_size", send: pushing(path, "m 1\n"), change: func(c *Config) { c.ServerConfig.MaxRequestBodySize = 3 }},
		{reason: "samples_per_push", send: pushing(path, "m 1\nn 1\n"), change: withLimits(func(l *Limits) { l.SamplesPerPush = 1 })},
		{reason: "labels_per_sample", send: pushing(path, `m{a="1",b="2"} 1`+"\n"), change: withLimits(func(l *Limits) { l.LabelsPerSample = 1 })},
		{reason: "metric_name_length", send: pushing(path, long+" 1\n"), change: withLimits(func(l *Limits) { l.MetricNameLength = 32 })},
		{reason: "label_name_length", send: pushing(path, "m{"+long+"=\"\"} 1\n"), change: withLimits(func(l *Limits) { l.LabelNameLength = 32 })},
		{reason: "label_value_length", send: pushing(path, "m{a=\""+long+"\"} 1\n"), change: withLimits(func(l *Limits) { l.LabelValueLength = 32 })},
		{reason: "grouping_labels_per_key", send: pushing(path+"/a/1/b/2", "m 1\n"), change: withLimits(func(l *Limits) { l.GroupingLabelsPerKey = 1 })},
		{reason: "memory_per_push", send: pushing(path, strings.Repeat("#\n", 500_000)), change: withLimits(func(l *Limits) { l.InFlightMiB = 1 })},
		{reason: "in_flight_mib",
			change: withLimits(func(l *Limits) { l.InFlightMiB, l.InFlightWait = 1, 0 }),
			send: func(t *testing.T, r running) {
				another := enter(t, r.budget)
				defer another.leave()
				require.NoError(t, another.take(600<<10))
				pushing(path, strings.Repeat("#\n", 250_000))(t, r)
			}},
		{reason: "max_groups", send: fill, change: holding(func(g *Groups) { g.MaxGroups = 1 })},
		{reason: "max_series", send: fill, change: holding(func(g *Groups) { g.MaxSeries = 1 })},
		{reason: "max_mib", change: holding(func(g *Groups) { g.MaxMiB = 1 }), send: func(t *testing.T, r running) {
			var body strings.Builder
			for i := range 100 {
				fmt.Fprintf(&body, "m{a=\"%d%s\"} 1\n", i, strings.Repeat("x", 15_000))
			}
			pushing(path, body.String())(t, r)
		}},
		{reason: "pushes_per_second_per_job", change: withLimits(func(l *Limits) { l.PushesPerSecondPerJob = 1 }),
			send: func(t *testing.T, r running) {
				assert.Equal(t, http.StatusOK, r.do(t, http.MethodPut, path, "m 1\n").StatusCode)
				pushing(path, "m 1\n")(t, r)
			}},
	}
}

// fill pushes to two groups, of which the second must be refused.
func fill(t *testing.T, r running) {
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPut, "/metrics/job/x", "m 1\n").StatusCode)
	pushing("/metrics/job/y", "m 1\n")(t, r)
}

// Every reason that metadata.yaml lists is one for which a request is refused, and is counted once for it.
func TestRefusedRequestsAreCountedByReason(t *testing.T) {
	var tested []string
	for _, tc := range refusalCases(t) {
		tested = append(tested, tc.reason)
		t.Run(tc.reason, func(t *testing.T) {
			next := tc.next
			if next == nil {
				next = consumertest.NewNop()
			}
			m := startMeasured(t, next, tc.change)
			tc.send(t, m.running)
			m.requireRefused(t, tc.reason, 1)
		})
	}
	assert.ElementsMatch(t, knownReasons(t), tested, "each reason of metadata.yaml has a case, and no other")
}

// nobody is an authenticator that lets nobody in.
type nobody struct {
	component.StartFunc
	component.ShutdownFunc
}

func (nobody) Authenticate(ctx context.Context, _ map[string][]string) (context.Context, error) {
	return ctx, errors.New("nobody may come in")
}

// host is a host with the authenticator.
type host struct{}

func (host) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("nobody"): nobody{}}
}

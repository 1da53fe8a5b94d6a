package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A traceSink takes the collector's own spans.
type traceSink struct {
	url string

	mu    sync.Mutex
	spans []ptrace.Span
}

func startTraceSink(t *testing.T) *traceSink {
	t.Helper()
	s := &traceSink{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		request := ptraceotlp.NewExportRequest()
		if err == nil {
			err = request.UnmarshalProto(body)
		}
		if err != nil {
			t.Errorf("cannot read the collector's spans: %v", err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, resource := range request.Traces().ResourceSpans().All() {
			for _, scope := range resource.ScopeSpans().All() {
				for _, span := range scope.Spans().All() {
					s.spans = append(s.spans, span)
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// find waits for a span with that name, or one that begins so.
func (s *traceSink) find(t *testing.T, prefix string) ptrace.Span {
	t.Helper()
	var found ptrace.Span
	var names []string
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		names = nil
		for _, span := range s.spans {
			names = append(names, span.Name())
			if strings.HasPrefix(span.Name(), prefix) {
				found = span
				return true
			}
		}
		return false
	}, 10*time.Second, 20*time.Millisecond, "there is no span %s: %q", prefix, &names)
	return found
}

// isBelow says whether the span has the other one among its parents.
func (s *traceSink) isBelow(span, above ptrace.Span) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for parent := span.ParentSpanID(); !parent.IsEmpty(); {
		if parent == above.SpanID() {
			return span.TraceID() == above.TraceID()
		}
		next := ptrace.NewSpan()
		for _, candidate := range s.spans {
			if candidate.SpanID() == parent {
				next = candidate
			}
		}
		parent = next.ParentSpanID()
	}
	return false
}

// The span of a push says what was pushed, is part of the job's trace if there is one, and has that of the exporter below it: also
// through a queue.
func TestSpansOfAPush(t *testing.T) {
	for _, queue := range []string{"false", "true"} {
		t.Run("queue "+queue, func(t *testing.T) {
			traces, backend := startTraceSink(t), testbed.StartOTLPRecorder(t)
			// The batch would come after some seconds.
			tracing := strings.NewReplacer("http://localhost:4318", traces.url, "batch:", "simple:").Replace(monitoringBlocks(t)["tracing"])
			c := testbed.StartCollector(t, testbed.CollectorSettings{
				Config: testbed.Repository + "/examples/otlp.yaml", Env: []string{"OTLP_ENDPOINT=" + backend.URL},
				Overlay: "exporters: {otlp_http: {sending_queue: {enabled: " + queue + "}}}\n" + tracing,
			})
			status, answer := testbed.Curl(t, "a 1\nb 2\n", "--data-binary", "@-", c.URL+"/metrics/job/backup/instance/db1",
				"-H", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
			require.Equal(t, "200", status, answer)
			push := traces.find(t, "POST /metrics/job/{job}")
			assert.Equal(t, "0af7651916cd43dd8448eb211c80319c", push.TraceID().String())
			assert.Equal(t, "b7ad6b7169203331", push.ParentSpanID().String())
			attributes := push.Attributes().AsRaw()
			assert.Equal(t, "backup", attributes["pushgateway.job"])
			assert.Equal(t, "text", attributes["pushgateway.format"])
			assert.Equal(t, int64(2), attributes["pushgateway.samples"])
			assert.Equal(t, "accepted", attributes["pushgateway.outcome"])
			exported := traces.find(t, "exporter/otlp_http/")
			assert.True(t, traces.isBelow(exported, push), "the exporter's span is below that of the push")
		})
	}
}

package hostile

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A server is a collector, and the jobs whose pushes it has forwarded.
type server struct {
	*testbed.Collector
	address string
	sink    *sink
}

// startServer runs a collector with these settings of the receiver.
func startServer(t *testing.T, settings ...string) *server {
	t.Helper()
	s := &server{sink: startSink(t)}
	s.Collector = testbed.StartCollectorWith(t, fmt.Sprintf(`
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    push_time_metrics: false
    %s
exporters:
  otlp_http:
    endpoint: %s
    compression: none
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [otlp_http]
`, strings.Join(settings, "\n    "), s.sink.url))
	s.address = strings.TrimPrefix(s.URL, "http://")
	return s
}

// A sink is where the pipeline ends.
type sink struct {
	url string

	mu   sync.Mutex
	jobs []string
}

func startSink(t *testing.T) *sink {
	t.Helper()
	s := new(sink)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		request := pmetricotlp.NewExportRequest()
		if err == nil {
			err = request.UnmarshalProto(body)
		}
		if err != nil {
			t.Errorf("cannot read what the collector sends: %v", err)
		}
		s.add(request)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *sink) add(request pmetricotlp.ExportRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range request.Metrics().ResourceMetrics().All() {
		job, _ := resource.Resource().Attributes().Get("service.name")
		s.jobs = append(s.jobs, job.Str())
	}
}

// take returns the jobs of the pushes that arrived since it was called last.
func (s *sink) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs := s.jobs
	s.jobs = nil
	return jobs
}

// requireGood requires that an honest client can push.
func (s *server) requireGood(t *testing.T) {
	t.Helper()
	s.RequireAlive(t)
	a := testbed.Post(t, s.Client, s.URL+"/metrics/job/good", "m 1\n")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	require.Contains(t, s.sink.take(), "good")
}

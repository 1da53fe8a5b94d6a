package hostile

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A server is a collector, and the jobs whose pushes it has forwarded.
type server struct {
	*testbed.Collector
	address string
	sink    *testbed.OTLPRecorder
}

// startServer runs a collector with these settings of the receiver.
func startServer(t *testing.T, settings ...string) *server {
	t.Helper()
	s := &server{sink: testbed.StartOTLPRecorder(t)}
	s.Collector = testbed.StartCollectorWith(t, testbed.OTLPConfig(s.sink.URL, append(settings, "push_time_metrics: false")...))
	s.address = strings.TrimPrefix(s.URL, "http://")
	return s
}

// takeJobs returns the jobs of the pushes that arrived since it was called last.
func (s *server) takeJobs() []string {
	var jobs []string
	for _, e := range s.sink.Take() {
		jobs = append(jobs, e.ResourceAttributes("service.name")...)
	}
	return jobs
}

// requireGood requires that an honest client can push.
func (s *server) requireGood(t *testing.T) {
	t.Helper()
	s.RequireAlive(t)
	a := testbed.Post(t, s.Client, s.URL+"/metrics/job/good", "m 1\n")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	require.Contains(t, s.takeJobs(), "good")
}

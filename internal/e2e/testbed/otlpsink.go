package testbed

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// An OTLPSink is a backend that takes OTLP over HTTP, plain or with gzip, and keeps it for the test to look at.
type OTLPSink struct {
	URL string

	mu      sync.Mutex
	exports []Export
}

// An Export is what an exporter sent in one request.
type Export struct {
	Header  http.Header
	Metrics pmetric.Metrics
}

// StartOTLPSink runs a sink that has nothing.
func StartOTLPSink(t *testing.T) *OTLPSink {
	t.Helper()
	s := &OTLPSink{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		metrics, err := readExport(req)
		if err != nil {
			t.Errorf("cannot read what the collector sends: %v", err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.exports = append(s.exports, Export{Header: req.Header, Metrics: metrics})
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func readExport(req *http.Request) (pmetric.Metrics, error) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return pmetric.Metrics{}, err
		}
		body = unzipped
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return pmetric.Metrics{}, err
	}
	request := pmetricotlp.NewExportRequest()
	err = request.UnmarshalProto(text)
	return request.Metrics(), err
}

// Take returns what arrived since it was called last.
func (s *OTLPSink) Take() []Export {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.exports
	s.exports = nil
	return taken
}

// ResourceAttributes returns an attribute of each resource in the export, empty where it is not there.
func (e Export) ResourceAttributes(name string) []string {
	var values []string
	for _, resource := range e.Metrics.ResourceMetrics().All() {
		value, _ := resource.Resource().Attributes().Get(name)
		values = append(values, value.Str())
	}
	return values
}

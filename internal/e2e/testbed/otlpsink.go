package testbed

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// A Mood is what a sink does with a request.
type Mood int32

// The moods of a sink.
const (
	Accepts Mood = iota
	Refuses      // it answers 503 and takes nothing
	Hangs        // it says nothing until it is in another mood, then cuts the connection and has taken nothing
	Cuts         // it takes the metrics and cuts the connection instead of answering
)

// An OTLPSink is a backend for an otlp_http exporter.
type OTLPSink struct {
	URL  string
	mood atomic.Int32
	take func(pmetric.Metrics)
}

// StartOTLPSink starts a sink that hands what it takes to the function, several requests at the same time.
func StartOTLPSink(t *testing.T, take func(pmetric.Metrics)) *OTLPSink {
	t.Helper()
	s := &OTLPSink{take: take}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.SetMood(Accepts)
		server.Close()
	})
	s.URL = server.URL
	return s
}

// SetMood is for all requests from now on, and ends those that hang.
func (s *OTLPSink) SetMood(m Mood) { s.mood.Store(int32(m)) }

func (s *OTLPSink) serve(w http.ResponseWriter, req *http.Request) {
	mood := Mood(s.mood.Load())
	if mood == Refuses {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	metrics, err := readOTLP(req)
	for mood == Hangs && Mood(s.mood.Load()) == Hangs && req.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if err == nil && mood != Hangs {
		s.take(metrics)
	}
	// An error is that the exporter was killed in the middle of its request, or is broken, and then metrics will be missing.
	if err != nil || mood != Accepts {
		panic(http.ErrAbortHandler) // net/http's way to cut the connection
	}
}

func readOTLP(req *http.Request) (pmetric.Metrics, error) {
	request := pmetricotlp.NewExportRequest()
	reader := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if reader, err = gzip.NewReader(req.Body); err != nil {
			return request.Metrics(), err
		}
	}
	body, err := io.ReadAll(reader)
	if err == nil {
		err = request.UnmarshalProto(body)
	}
	return request.Metrics(), err
}

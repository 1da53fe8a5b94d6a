package testbed

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

// An OTLPSink is a backend for an otlp_http exporter. It takes OTLP over HTTP, plain or with gzip.
type OTLPSink struct {
	URL    string
	server *httptest.Server
	mood   atomic.Int32
	hang   atomic.Int32 // requests that do
	take   func(Export)
}

// An Export is what an exporter sent in one request.
type Export struct {
	Header  http.Header
	Metrics pmetric.Metrics
}

// StartOTLPSink starts a sink that hands what it takes to the function, several requests at the same time.
func StartOTLPSink(t *testing.T, take func(Export)) *OTLPSink {
	t.Helper()
	return StartOTLPSinkAt(t, "127.0.0.1:0", take)
}

// StartOTLPSinkAt is StartOTLPSink with an address.
func StartOTLPSinkAt(t *testing.T, address string, take func(Export)) *OTLPSink {
	t.Helper()
	s := &OTLPSink{take: take}
	s.listen(t, address)
	s.URL = s.server.URL
	t.Cleanup(s.stop)
	return s
}

func (s *OTLPSink) listen(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(s.serve)}}
	s.server.Start()
}

func (s *OTLPSink) stop() {
	s.SetMood(Accepts) // so that nothing hangs
	s.server.CloseClientConnections()
	s.server.Close()
}

// Restart stops the sink, so that connections are cut and then refused, and starts it again after a time.
func (s *OTLPSink) Restart(t *testing.T, away time.Duration) {
	t.Helper()
	address := s.server.Listener.Addr().String()
	s.stop()
	time.Sleep(away)
	s.listen(t, address)
}

// SetMood is for all requests from now on, and ends those that hang.
func (s *OTLPSink) SetMood(m Mood) { s.mood.Store(int32(m)) }

// Hanging returns how many requests have come as a whole, and hang.
func (s *OTLPSink) Hanging() int { return int(s.hang.Load()) }

func (s *OTLPSink) serve(w http.ResponseWriter, req *http.Request) {
	mood := Mood(s.mood.Load())
	if mood == Refuses {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	metrics, err := readOTLP(req)
	if mood == Hangs {
		s.hang.Add(1)
		for Mood(s.mood.Load()) == Hangs && req.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		s.hang.Add(-1)
	}
	if err == nil && mood != Hangs {
		s.take(Export{Header: req.Header, Metrics: metrics})
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

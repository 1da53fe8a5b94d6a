package testbed

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// A MetadataTap stands between a remote write exporter and Prometheus and keeps the types that pass: Prometheus takes
// them, but has no way to show them.
type MetadataTap struct {
	URL string

	mu    sync.Mutex
	types Types
}

// StartMetadataTap stands before the Prometheus at the target.
func StartMetadataTap(t *testing.T, target string) *MetadataTap {
	t.Helper()
	targetURL, err := url.Parse(target)
	require.NoError(t, err)
	tap := &MetadataTap{types: Types{}}
	proxy := httputil.NewSingleHostReverseProxy(targetURL)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = tap.keep(body)
		}
		if err != nil {
			t.Errorf("cannot read what the exporter sends: %v", err)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	tap.URL = server.URL
	return tap
}

// Take returns the types that passed since it was called last.
func (tap *MetadataTap) Take() Types {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	taken := tap.types
	tap.types = Types{}
	return taken
}

// Numbers of https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto and types.proto.
const (
	metadataField   = 3 // of WriteRequest
	metricTypeField = 1 // of MetricMetadata
	familyNameField = 2 // of MetricMetadata
)

var metricTypes = [...]string{"unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"}

func (tap *MetadataTap) keep(compressed []byte) error {
	request, err := snappy.Decode(nil, compressed)
	if err != nil {
		return err
	}
	tap.mu.Lock()
	defer tap.mu.Unlock()
	return walkFields(request, func(number protowire.Number, _ uint64, metadata []byte) error {
		if number != metadataField {
			return nil
		}
		name, metricType := "", metricTypes[0]
		err := walkFields(metadata, func(number protowire.Number, v uint64, data []byte) error {
			switch number {
			case metricTypeField:
				metricType = metricTypes[v%uint64(len(metricTypes))]
			case familyNameField:
				name = string(data)
			}
			return nil
		})
		tap.types[name] = metricType
		return err
	})
}

// walkFields yields the fields of a message that are numbers, strings or messages.
func walkFields(message []byte, yield func(number protowire.Number, v uint64, data []byte) error) error {
	for len(message) > 0 {
		number, wireType, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var v uint64
		var data []byte
		switch wireType {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, wireType, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := yield(number, v, data); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}

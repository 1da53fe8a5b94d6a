package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

func TestRequest(t *testing.T) {
	for _, encoding := range []string{plain, gzipped} {
		for _, set := range dataset.Some([]string{"2-samples", "node_exporter-protobuf"}) {
			w, err := newWorkload(set, encoding)
			require.NoError(t, err)
			t.Run(w.String(), func(t *testing.T) {
				body := readRequest(t, w.push, set.ContentType)
				assert.Equal(t, set.Body, string(body))

				body = readRequest(t, w.otlp, "application/x-protobuf")
				request := pmetricotlp.NewExportRequest()
				require.NoError(t, request.UnmarshalProto(body))
				assert.Positive(t, request.Metrics().DataPointCount())
			})
		}
	}
}

// readRequest reads the request as a server does, and returns its body without compression.
func readRequest(t *testing.T, p payload, contentType string) []byte {
	t.Helper()
	const address, path = "127.0.0.1:9091", "/metrics/job/bench"
	r := bufio.NewReader(bytes.NewReader(p.request(address, path)))
	req, err := http.ReadRequest(r)
	require.NoError(t, err)
	assert.Equal(t, http.MethodPost, req.Method)
	assert.Equal(t, address, req.Host)
	assert.Equal(t, path, req.URL.Path)
	assert.Equal(t, contentType, req.Header.Get("Content-Type"))
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	_, err = r.ReadByte()
	require.ErrorIs(t, err, io.EOF, "nothing comes behind the request")
	if req.Header.Get("Content-Encoding") == "gzip" {
		uncompressed, err := gzip.NewReader(bytes.NewReader(body))
		require.NoError(t, err)
		body, err = io.ReadAll(uncompressed)
		require.NoError(t, err)
	}
	return body
}

// The receiver makes of two samples two metrics, and adds push_time_seconds.
func TestToOTLP(t *testing.T) {
	body, err := toOTLP(dataset.Some([]string{"2-samples"})[0])
	require.NoError(t, err)
	request := pmetricotlp.NewExportRequest()
	require.NoError(t, request.UnmarshalProto(body))
	assert.Equal(t, 3, request.Metrics().DataPointCount())

	_, err = toOTLP(dataset.Set{ContentType: dataset.TextType, Body: "no metric"})
	require.Error(t, err)
}

package pushgatewayreceiver

import (
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

// What is wrong with one body must not show in the next one that the same decompressor reads.
func TestDecompressorsAreReused(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := start(t, sink, noPushTime)
	good := gzipped("a 1\n")
	zlibbed := compress(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, "a 1\n")
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for range 25 {
				push := func(encoding, body string) int {
					return r.do(t, http.MethodPost, "/metrics/job/x", body, "Content-Encoding", encoding).StatusCode
				}
				assert.Equal(t, http.StatusOK, push("gzip", good+gzipped("b 1\n")))
				assert.Equal(t, http.StatusBadRequest, push("gzip", "a 1\n"))
				assert.Equal(t, http.StatusBadRequest, push("gzip", good[:len(good)-3]))
				assert.Equal(t, http.StatusBadRequest, push("gzip", ""))
				assert.Equal(t, http.StatusBadRequest, push("deflate", flip(zlibbed, -1)))
				assert.Equal(t, http.StatusBadRequest, push("deflate", zlibbed+zlibbed))
				assert.Equal(t, http.StatusOK, push("deflate", zlibbed))
				assert.Equal(t, http.StatusOK, push("zlib", zlibbed))
				assert.Equal(t, http.StatusOK, push("", "a 1\n"))
			}
		})
	}
	clients.Wait()
	assert.Len(t, sink.AllMetrics(), 8*25*4)
}

// Decoders of our own must not bring back what compression_algorithms leaves out.
func TestDecodersThatAreNotEnabled(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.CompressionAlgorithms = []string{"", "zlib"} })
	status := func(encoding, body string) int {
		return r.do(t, http.MethodPost, "/metrics/job/x", body, "Content-Encoding", encoding).StatusCode
	}
	assert.Equal(t, http.StatusUnsupportedMediaType, status("gzip", gzipped("a 1\n")))
	assert.Equal(t, http.StatusUnsupportedMediaType, status("deflate", ""))
	assert.Equal(t, http.StatusOK, status("zlib", compress(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, "a 1\n")))
}

func TestNoDecoderIsEnabled(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := start(t, sink, func(c *Config) { c.ServerConfig.CompressionAlgorithms = []string{} })
	a := r.do(t, http.MethodPost, "/metrics/job/x", gzipped("a 1\n"), "Content-Encoding", "gzip")
	assert.Equal(t, http.StatusUnsupportedMediaType, a.StatusCode)
	assert.Equal(t, "cannot decode Content-Encoding \"gzip\"; it may be one of identity\n", a.body)
	assert.Empty(t, sink.AllMetrics())
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, "/metrics/job/x", "a 1\n", "Content-Encoding", "identity").StatusCode)
}

func TestADecoderCannotBeReadAfterItIsClosed(t *testing.T) {
	body, err := pooledDecoders["gzip"](io.NopCloser(strings.NewReader(gzipped("a 1\n"))))
	require.NoError(t, err)
	require.NoError(t, body.Close())
	require.NoError(t, body.Close())
	_, err = body.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

// A body of whatever length, known beforehand or not, arrives as it is.
func TestReadBody(t *testing.T) {
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, 3*chunkSize + 1, maxReserved + 1, maxKeptBody + 1} {
		want := strings.Repeat("x", size)
		for _, length := range []int64{int64(size), -1} {
			req := newRequest(t, http.MethodPost, "/")
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(want)), length
			got, err := readBody(req)
			require.NoError(t, err)
			assert.Equal(t, want, got, "size %d, length %d", size, length)
		}
	}
}

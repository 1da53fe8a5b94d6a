package pushgatewayreceiver

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
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
	r := start(t, sink, func(c *Config) {
		c.ServerConfig.CompressionAlgorithms = []string{}
		noPushTime(c)
	})
	a := r.do(t, http.MethodPost, "/metrics/job/x", gzipped("a 1\n"), "Content-Encoding", "gzip")
	assert.Equal(t, http.StatusUnsupportedMediaType, a.StatusCode)
	assert.Equal(t, "cannot decode Content-Encoding \"gzip\"; it may be one of identity\n", a.body)
	assert.Empty(t, sink.AllMetrics())
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, "/metrics/job/x", "a 1\n", "Content-Encoding", "identity").StatusCode)
}

func TestSnappy(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.MaxRequestBodySize = 1000 })
	f := func(body string, status int, says string) {
		t.Helper()
		a := r.do(t, http.MethodPost, "/metrics/job/x", body, "Content-Encoding", "snappy")
		assert.Equal(t, status, a.StatusCode, a.body)
		assert.Contains(t, a.body, says)
	}
	block := func(text string) string { return string(snappy.Encode(nil, []byte(text))) }
	framed := func(text string) string {
		return compress(func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) }, text)
	}
	const tooLarge = "larger than max_request_body_size, 1000 bytes"
	f("", http.StatusOK, "")
	f("\x00", http.StatusOK, "")
	f(block("a 1\n"), http.StatusOK, "")
	f(block(strings.Repeat("#\n", 499)+"\n\n"), http.StatusOK, "")
	f(framed("a 1\n"), http.StatusOK, "")
	f(block(strings.Repeat("#\n", 501)), http.StatusRequestEntityTooLarge, tooLarge)
	f(framed(strings.Repeat("#\n", 501)), http.StatusRequestEntityTooLarge, tooLarge)
	f("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", http.StatusBadRequest, "cannot read body: snappy: corrupt input")
	f(block("a 1\n")[:3], http.StatusBadRequest, "cannot read body: snappy: corrupt input")
	f(framed("a 1\n")[:12], http.StatusBadRequest, "cannot read body: ")
	f(flip(framed("a 1\n"), -1), http.StatusBadRequest, "cannot read body: snappy: corrupt input")
}

// A body of whatever length, known beforehand or not, arrives as it is, and the share pays for it alone at the end.
func TestReadBody(t *testing.T) {
	for _, size := range []int{0, 1, minReserved, chunkSize - 1, chunkSize, 3*chunkSize + 1, maxReserved + 1, 5 * maxReserved} {
		want := strings.Repeat("x", size)
		for _, length := range []int64{int64(size), -1} {
			req := newRequest(t, http.MethodPost, "/")
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(want)), length
			memory := enter(t, newBudget(64<<20, 0))
			got, _, err := (&bodyReader{encodings: allEncodings, limit: 20 << 20}).read(req, encodingOf(req), memory)
			require.NoError(t, err)
			assert.Equal(t, want, got, "size %d, length %d", size, length)
			assert.GreaterOrEqual(t, memory.used, int64(pushMemory+size))
			assert.LessOrEqual(t, memory.used, int64(pushMemory+max(minReserved, 2*size)))
		}
	}
}

func enter(t *testing.T, b *budget) *share {
	t.Helper()
	s, err := b.enter(t.Context())
	require.NoError(t, err)
	return s
}

// compressors write what the decompressors read.
var compressors = map[string]func(io.Writer) io.WriteCloser{
	"gzip":            func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"zlib":            func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	"deflate":         func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	"lz4":             func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) },
	"snappy":          func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) },
	"x-snappy-framed": func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) },
	"zstd": func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			panic(err)
		}
		return z
	},
}

// Bodies at the limit are read, whatever the encoding, and larger ones refused; of the budget nothing is left behind.
func TestDecompress(t *testing.T) {
	const limit = 3 << 20
	for encoding := range decompressors {
		for _, size := range []int{0, 1, 5000, 1 << 20, limit - 1, limit, limit + 1, 5 * limit} {
			want := strings.Repeat("text that is a bit longer", 1+size/25)[:size]
			compressed := compress(compressors[encoding], want)
			b := newBudget(64<<20, 0)
			memory := enter(t, b)
			wire := &text{share: memory, limit: limit}
			require.NoError(t, wire.readFrom(strings.NewReader(compressed)))
			got, err := decompress(wire, encoding)
			if size > limit {
				var tooLarge *tooLargeError
				require.ErrorAs(t, err, &tooLarge, encoding)
			} else {
				require.NoError(t, err, "%s %d", encoding, size)
				assert.Equal(t, want, got.String(), encoding)
				most := max(minReserved, 2*size)
				if encoding == "gzip" {
					most = size // it says how much there is
				}
				assert.LessOrEqual(t, memory.used, int64(pushMemory+most), encoding)
			}
			memory.leave()
			assert.Zero(t, b.inFlight())
		}
	}
}

// What a body says of its size costs no memory that the share does not pay for.
func TestPromisesOfCompressedBodies(t *testing.T) {
	const limit = 20 << 20
	for name, body := range map[string]string{
		"snappy block of 16 MiB":     "snappy:\x80\x80\x80\x08\xff\xff",
		"zstd frame of 16 MiB":       "zstd:\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x01\x01\x00\x00",
		"zstd window of 512 MiB":     "zstd:\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00",
		"zstd window of terabytes":   "zstd:\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00",
		"lz4 with blocks of 4 MiB":   "lz4:\x04\x22\x4d\x18\x60\x70\x73\xff",
		"nothing but gzip's headers": "gzip:" + strings.Repeat(gzipped(""), 5000),
		"gzip of 4 GiB":              "gzip:" + strings.TrimSuffix(gzipped(""), "\x00\x00\x00\x00") + "\xff\xff\xff\xff",
		"gzip of 0 bytes":            "gzip:" + gzipped(strings.Repeat("\n", 1<<20)) + gzipped(""),
	} {
		encoding, body, _ := strings.Cut(body, ":")
		memory := enter(t, newBudget(64<<20, 0))
		wire := &text{share: memory, limit: limit}
		require.NoError(t, wire.readFrom(strings.NewReader(body)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		_, err := decompress(wire, encoding)
		runtime.ReadMemStats(&after)
		t.Logf("%s: %v, %d KiB, the share holds %d KiB", name, err, (after.TotalAlloc-before.TotalAlloc)>>10, memory.held>>10)
		assert.LessOrEqual(t, int64(after.TotalAlloc-before.TotalAlloc), 2*memory.held, name)
		assert.Less(t, time.Since(begin), 2*time.Second, name)
	}

	// Nothing is refused that is a snappy block, however well it is compressed.
	want := strings.Repeat("\n", 1<<20)
	got := &text{share: enter(t, newBudget(64<<20, 0)), limit: limit}
	require.NoError(t, unsnappy(got, string(snappy.Encode(nil, []byte(want)))))
	assert.Equal(t, want, got.String())
}

package pushgatewayreceiver

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oracles decompress as the libraries do it by themselves: anew for each body, without a pool, and with all the memory they want.
var oracles = map[string]func(compressed *bytes.Reader) (io.Reader, error){
	"gzip":            func(r *bytes.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	"zlib":            func(r *bytes.Reader) (io.Reader, error) { return zlib.NewReader(r) },
	"deflate":         func(r *bytes.Reader) (io.Reader, error) { return zlib.NewReader(r) },
	"lz4":             func(r *bytes.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
	"x-snappy-framed": func(r *bytes.Reader) (io.Reader, error) { return snappy.NewReader(r), nil },
	"snappy":          snappyOracle,
	"zstd": func(r *bytes.Reader) (io.Reader, error) {
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	},
}

func snappyOracle(r *bytes.Reader) (io.Reader, error) {
	compressed, _ := io.ReadAll(r) // it is in memory
	if len(compressed) == 0 || bytes.HasPrefix(compressed, []byte(snappyMagic)) {
		return snappy.NewReader(bytes.NewReader(compressed)), nil
	}
	if size, err := snappy.DecodedLen(compressed); err != nil || size > fuzzBodySize {
		return io.LimitReader(zeros{}, int64(size)), err
	}
	text, err := snappy.Decode(nil, compressed)
	return bytes.NewReader(text), err
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// ask returns what the oracle makes of a body. It gives up behind the limit.
func ask(encoding, compressed string) (string, error) {
	in := bytes.NewReader([]byte(compressed))
	out, err := oracles[encoding](in)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(out, fuzzBodySize+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > fuzzBodySize:
		return "", &tooLargeError{limit: fuzzBodySize}
	case in.Len() > 0:
		return "", errBehindEnd
	}
	return string(text), nil
}

// gzipMagic is how a member of gzip begins; the flags come next.
const gzipMagic = "\x1f\x8b\x08"

// stricter says whether we refuse a body on purpose that a library reads.
func stricter(encoding, compressed string, err error) bool {
	// Go's own gzip passes over the flags that RFC 1952, section 2.3.1.2 reserves: "a compliant decompressor must give an error
	// indication if any reserved bit is non-zero".
	reserved := func(behindMagic string) bool { return behindMagic != "" && behindMagic[0] >= 1<<5 }
	members := strings.Split(compressed, gzipMagic)[1:]
	return encoding == "gzip" && errors.Is(err, gzip.ErrHeader) && slices.ContainsFunc(members, reserved)
}

// FuzzDecompress looks for bodies that are read in another way than the libraries read them, or that take more memory than they
// pay for.
func FuzzDecompress(f *testing.F) {
	encodings := slices.Sorted(maps.Keys(decompressors))
	for i, encoding := range encodings {
		f.Add(uint8(i), "")
		for _, size := range []int{1, 100, 10_000, fuzzBodySize, fuzzBodySize + 1} {
			compressed := compress(compressors[encoding], strings.Repeat("text that is a bit longer", 1+size/25)[:size])
			for _, seed := range []string{
				compressed, compressed + compressed, compressed + "behind", flip(compressed, -1), compressed[:len(compressed)/2],
				string(snappy.Encode(nil, make([]byte, size))),
			} {
				f.Add(uint8(i), seed)
			}
		}
	}
	f.Add(uint8(slices.Index(encodings, "gzip")), strings.Replace(gzipped("a 1\n"), gzipMagic+"\x00", gzipMagic+"\xe0", 1))
	f.Add(uint8(slices.Index(encodings, "gzip")), gzipped("a 1\n")+gzipMagic+"\x10name that has no end")
	f.Fuzz(func(t *testing.T, which uint8, compressed string) {
		encoding := encodings[int(which)%len(encodings)]
		if len(compressed) > fuzzBodySize {
			return // it is refused before it is decompressed
		}
		got, err := decompressWatched(t, encoding, compressed)
		want, oracleErr := ask(encoding, compressed)
		if oracleErr == nil && stricter(encoding, compressed, err) {
			return
		}
		assert.Equal(t, oracleErr == nil, err == nil, "%s: the library says %v, the receiver %v", encoding, oracleErr, err)
		if oracleErr == nil && err == nil {
			assert.Equal(t, want, got, encoding)
		}
	})
}

// decompressWatched decompresses a body, and watches the time and the memory.
func decompressWatched(t *testing.T, encoding, compressed string) (string, error) {
	t.Helper()
	b := newBudget(fuzzBudgetMiB<<20, 0)
	memory := enter(t, b)
	wire := &text{share: memory, limit: fuzzBodySize}
	if err := wire.readFrom(strings.NewReader(compressed)); err != nil {
		return "", err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	body, err := decompress(wire, encoding)
	assert.Less(t, time.Since(begin), fuzzTime, encoding)
	runtime.ReadMemStats(&after)
	assert.LessOrEqual(t, int64(after.TotalAlloc-before.TotalAlloc), 2*memory.held+1<<20, "%s takes more than it pays for", encoding)
	memory.leave()
	require.Zero(t, b.inFlight())
	if err != nil {
		return "", err
	}
	return body.String(), nil
}

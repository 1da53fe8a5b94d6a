package pushgatewayreceiver

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The decompression is not confighttp's. That can neither be told to take memory from a budget, nor how much: a zstd frame of a
// few bytes may ask for a window of 512 MiB. And it makes most decompressors anew for each body, which takes longer than to read a
// small one.

// allEncodings are those that confighttp accepts by default.
var allEncodings = []string{"", "gzip", "zstd", "zlib", "snappy", "deflate", "lz4", "x-snappy-framed"}

// decompressors append what they make of compressed bytes.
var decompressors = map[string]func(to *text, compressed string) error{
	"gzip":            ungzip,
	"zlib":            stream(gzipMemory, func() decompressor { return new(zlibReader) }),
	"deflate":         stream(gzipMemory, func() decompressor { return new(zlibReader) }), // as in RFC 9110, section 8.4.1.2
	"lz4":             stream(lz4Memory, func() decompressor { return &resettable[*lz4.Reader]{lz4.NewReader(nil)} }),
	"x-snappy-framed": unframeSnappy,
	"snappy":          unsnappy,
	"zstd":            unzstd,
}

// What the decompressors take beside the text, in bytes.
const (
	gzipMemory   = 64 << 10
	snappyMemory = 160 << 10
	lz4Memory    = 17 << 20 // two blocks, which each frame may make as large as 8 MiB
)

// decompress returns the text decompressed, in place of the compressed one.
func decompress(compressed *text, encoding string) (*text, error) {
	body := &text{share: compressed.share, limit: compressed.limit}
	if err := decompressors[encoding](body, compressed.String()); err != nil {
		return nil, err
	}
	compressed.drop()
	return body, nil
}

// A decompressor can be used for one body after the other.
type decompressor interface {
	io.Reader
	Reset(compressed io.Reader) error
}

// stream returns a function that decompresses with one of a pool of decompressors, which take so much memory each.
func stream(memory int, newDecompressor func() decompressor) func(to *text, compressed string) error {
	pool := &sync.Pool{New: func() any { return &pooledDecompressor{out: newDecompressor()} }}
	return func(to *text, compressed string) error {
		if err := to.share.take(memory); err != nil {
			return err
		}
		defer to.share.putBack(memory)
		d := pool.Get().(*pooledDecompressor)
		defer pool.Put(d)
		return d.decompress(to, compressed)
	}
}

// A pooledDecompressor keeps its input, so that the body can be let go of.
type pooledDecompressor struct {
	in  strings.Reader
	out decompressor
}

func (d *pooledDecompressor) decompress(to *text, compressed string) error {
	d.in.Reset(compressed)
	defer d.in.Reset("")
	if err := d.out.Reset(&d.in); err != nil {
		return err
	}
	if err := to.readFrom(d.out); err != nil {
		return err
	}
	if d.in.Len() > 0 { // nothing must be lost silently
		return errBehindEnd
	}
	return nil
}

var errBehindEnd = errors.New("there is something behind the end of the compressed data")

// resettable is a decompressor whose Reset cannot fail.
type resettable[R interface {
	io.Reader
	Reset(io.Reader)
}] struct{ reader R }

func (r *resettable[R]) Read(p []byte) (int, error) { return r.reader.Read(p) }

func (r *resettable[R]) Reset(compressed io.Reader) error {
	r.reader.Reset(compressed)
	return nil
}

var readGzip = stream(gzipMemory, func() decompressor { return new(gzipReader) })

// ungzip expects the size that stands at the end of the last member, though it need not be true: RFC 1952, section 2.3.1.
func ungzip(to *text, compressed string) error {
	const sizeBytes = 4
	if behind := len(compressed) - sizeBytes; behind >= 0 {
		to.expected = int64(binary.LittleEndian.Uint32([]byte(compressed[behind:])))
	}
	return readGzip(to, compressed)
}

// gzipReader reads the members of gzip one by one. Left alone, the library takes one that is cut in its header for the end.
type gzipReader struct {
	member gzip.Reader
	in     *strings.Reader
}

// Reset reads the first header, so its error may be that of the body.
func (g *gzipReader) Reset(compressed io.Reader) error {
	g.in = compressed.(*strings.Reader)
	return g.next()
}

func (g *gzipReader) next() error {
	err := g.member.Reset(g.in)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	g.member.Multistream(false)
	return err
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.member.Read(p)
	if errors.Is(err, io.EOF) && g.in.Len() > 0 {
		err = g.next()
	}
	return n, err
}

// zlibReader is a zlib reader that need not have anything to read yet.
type zlibReader struct{ io.Reader }

// Reset reads the header, so its error may be that of the body.
func (z *zlibReader) Reset(compressed io.Reader) (err error) {
	if z.Reader == nil {
		z.Reader, err = zlib.NewReader(compressed)
		return err
	}
	return z.Reader.(zlib.Resetter).Reset(compressed, nil)
}

var unframeSnappy = stream(snappyMemory, func() decompressor { return &resettable[*snappy.Reader]{snappy.NewReader(nil)} })

const (
	// snappyMagic is how the framing format begins:
	// https://github.com/google/snappy/blob/main/framing_format.txt, section 4.1.
	snappyMagic = "\xff\x06\x00\x00sNaPpY"
	// maxSnappyRatio is how much a byte of a block can stand for at most: a copy has 3 bytes, and stands for 64.
	maxSnappyRatio = 22
)

// unsnappy reads both formats of snappy: the framing format, which the Pushgateway means by this name, and a block, which remote
// write means by it.
func unsnappy(to *text, compressed string) error {
	if compressed == "" || strings.HasPrefix(compressed, snappyMagic) {
		return unframeSnappy(to, compressed)
	}
	head := compressed[:min(len(compressed), binary.MaxVarintLen64)]
	size, _ := binary.Uvarint([]byte(head)) // if it is none, Decode will say so
	if size > uint64(to.limit) {            //nolint:gosec // the limit is positive
		return &tooLargeError{limit: to.limit}
	}
	if size > maxSnappyRatio*uint64(len(compressed)) {
		return snappy.ErrCorrupt // Decode would make room for all that before it finds out
	}
	memory := len(compressed) + int(size) //nolint:gosec // it is within the limit
	if err := to.share.take(memory); err != nil {
		return err
	}
	defer to.share.putBack(memory)
	decoded, err := snappy.Decode(nil, []byte(compressed))
	if err != nil {
		return err
	}
	to.expected = int64(len(decoded))
	return to.write(decoded)
}

// maxZstdBlock is how much a block can stand for: RFC 8878, section 3.1.1.2.4.
const maxZstdBlock = 128 << 10

// unzstd decompresses into one piece of memory, so it needs no window. If that does not suffice, it begins anew with twice as
// much: what a frame says of its size is not to be trusted.
func unzstd(to *text, compressed string) error {
	if err := to.share.take(len(compressed)); err != nil {
		return err
	}
	defer to.share.putBack(len(compressed))
	in := []byte(compressed)
	for size := min(4*len(in), int(to.limit)); ; size = min(2*size+maxZstdBlock, int(to.limit)) {
		memory := size + maxZstdBlock
		if err := to.share.take(memory); err != nil {
			return err
		}
		out, err := decodeZstd(in, memory)
		if err == nil {
			defer to.share.putBack(memory)
			to.expected = int64(len(out))
			return to.write(out)
		}
		to.share.putBack(memory)
		// The decoder does not always say that the memory is too small. But it cannot be if there is room for a block.
		tooSmall := errors.Is(err, zstd.ErrDecoderSizeExceeded) || memory-len(out) < maxZstdBlock
		switch {
		case !tooSmall:
			return err
		case int64(size) == to.limit:
			return &tooLargeError{limit: to.limit}
		}
	}
}

// zstdDecoders are for DecodeAll alone.
var zstdDecoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err) // the options are wrong
	}
	return d
}}

// decodeZstd decompresses into so many bytes at most. A decoder does not let go of its last output, so it is kept after a small
// one only.
func decodeZstd(in []byte, memory int) ([]byte, error) {
	d := zstdDecoders.Get().(*zstd.Decoder)
	out, err := d.DecodeAll(in, make([]byte, 0, memory))
	if memory <= 2*maxZstdBlock {
		zstdDecoders.Put(d)
	}
	return out, err
}

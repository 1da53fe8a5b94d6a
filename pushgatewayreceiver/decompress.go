package pushgatewayreceiver

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"go.opentelemetry.io/collector/config/confighttp"
)

// pooledDecoders take the place of those of confighttp that make a new decompressor for every request. To make one takes
// longer than to read a small body.
var pooledDecoders = map[string]func(io.ReadCloser) (io.ReadCloser, error){
	"gzip":    pooled(func() decompressor { return new(gzip.Reader) }),
	"zlib":    pooled(func() decompressor { return new(zlibReader) }),
	"deflate": pooled(func() decompressor { return new(zlibReader) }), // as in confighttp, and in RFC 9110, section 8.4.1.2
}

// decoders returns our decoders of the algorithms that are enabled; nil is confighttp's default, which has all. The limit
// is known when there are requests.
func decoders(enabled []string, limit func() int64) []confighttp.ToServerOption {
	all := maps.Clone(pooledDecoders)
	all["snappy"] = func(body io.ReadCloser) (io.ReadCloser, error) {
		return newSnappyReader(body, limit()), nil
	}
	var options []confighttp.ToServerOption
	for name, decoder := range all {
		if enabled == nil || slices.Contains(enabled, name) {
			options = append(options, confighttp.WithDecoder(name, decoder))
		}
	}
	return options
}

// A decompressor can be used for one body after the other.
type decompressor interface {
	io.Reader
	Reset(compressed io.Reader) error
}

// zlibReader is a zlib reader that need not have anything to read yet.
type zlibReader struct {
	out io.Reader
	in  io.Reader
}

// Reset reads the header, so its error may be that of the body.
func (z *zlibReader) Reset(compressed io.Reader) (err error) {
	z.in = compressed
	if z.out == nil {
		z.out, err = zlib.NewReader(compressed)
		return err
	}
	return z.out.(zlib.Resetter).Reset(compressed, nil)
}

// Read complains about what it would otherwise leave unread, so that nothing is lost silently.
func (z *zlibReader) Read(p []byte) (int, error) {
	n, err := z.out.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	more, err := z.in.Read(make([]byte, 1))
	if more > 0 {
		err = errBehindZlib
	}
	return n, err
}

var errBehindZlib = errors.New("zlib: there is something behind the end of the compressed data")

// A pooledDecompressor has a buffer of its own, which it would otherwise make for every body.
type pooledDecompressor struct {
	in  *bufio.Reader
	out decompressor
}

// pooled returns a decoder for confighttp.
func pooled(newDecompressor func() decompressor) func(io.ReadCloser) (io.ReadCloser, error) {
	pool := &sync.Pool{New: func() any {
		return &pooledDecompressor{in: bufio.NewReader(nil), out: newDecompressor()}
	}}
	return func(body io.ReadCloser) (io.ReadCloser, error) {
		d := &decoder{body: body, pool: pool, pooledDecompressor: pool.Get().(*pooledDecompressor)}
		d.in.Reset(body)
		if err := d.out.Reset(d.in); err != nil {
			d.release()
			return nil, err
		}
		return d, nil
	}
}

// decoder is the body of one request.
type decoder struct {
	*pooledDecompressor // nil after Close
	body                io.Closer
	pool                *sync.Pool
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.pooledDecompressor == nil {
		return 0, io.ErrClosedPipe
	}
	return d.out.Read(p)
}

func (d *decoder) Close() error {
	if d.pooledDecompressor == nil {
		return nil
	}
	d.release()
	return d.body.Close()
}

func (d *decoder) release() {
	d.in.Reset(nil) // the pool must not keep the connection alive
	d.pool.Put(d.pooledDecompressor)
	d.pooledDecompressor = nil
}

package pushgatewayreceiver

import (
	"bufio"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"go.opentelemetry.io/collector/config/confighttp"
)

// decoders take the place of those of confighttp that make a new decompressor for every request. To make one takes longer
// than to read a small body.
var decoders = map[string]func(io.ReadCloser) (io.ReadCloser, error){
	"gzip":    pooled(func() decompressor { return new(gzip.Reader) }),
	"zlib":    pooled(func() decompressor { return new(zlibReader) }),
	"deflate": pooled(func() decompressor { return new(zlibReader) }), // as in confighttp, and in RFC 9110, section 8.4.1.2
}

// pooledDecoders returns the decoders of the algorithms that are enabled; nil is confighttp's default, which has all.
func pooledDecoders(enabled []string) []confighttp.ToServerOption {
	var options []confighttp.ToServerOption
	for name, decoder := range decoders {
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
type zlibReader struct{ io.Reader }

// Reset reads the header, so its error may be that of the body.
func (z *zlibReader) Reset(compressed io.Reader) (err error) {
	if z.Reader == nil {
		z.Reader, err = zlib.NewReader(compressed)
		return err
	}
	return z.Reader.(zlib.Resetter).Reset(compressed, nil)
}

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

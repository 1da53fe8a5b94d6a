package pushgatewayreceiver

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

const (
	// maxReserved is how much memory is set aside on the word of a Content-Length.
	maxReserved = 1 << 20
	// maxKeptBody is how large a buffer may be that is kept for another body.
	maxKeptBody = 4 << 20
	// chunkSize is how much of a body is read at once.
	chunkSize = 32 << 10
)

var (
	chunks  = sync.Pool{New: func() any { return new([chunkSize]byte) }}
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// readBody returns the decompressed body as one string, which is copied once. An error is a *bodyError.
func readBody(req *http.Request) (body string, err error) {
	if req.ContentLength >= 0 {
		body, err = readSized(req.Body, req.ContentLength)
	} else {
		body, err = readUnsized(req.Body)
	}
	if err != nil {
		return "", &bodyError{err: err}
	}
	return body, nil
}

func readSized(r io.Reader, size int64) (string, error) {
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	var b strings.Builder
	b.Grow(int(min(size, maxReserved)))
	_, err := io.CopyBuffer(&b, r, chunk[:])
	return b.String(), err
}

// readUnsized is for compressed and for chunked bodies.
func readUnsized(r io.Reader) (string, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= maxKeptBody {
			b.Reset()
			buffers.Put(b)
		}
	}()
	_, err := b.ReadFrom(r)
	return b.String(), err
}

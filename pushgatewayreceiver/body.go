package pushgatewayreceiver

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
)

const (
	// maxReserved is how much memory is set aside on the word of a Content-Length.
	maxReserved = 1 << 20
	// minReserved is what most bodies fit in.
	minReserved = 4 << 10
	// chunkSize is how much of a body is read at once.
	chunkSize = 32 << 10
)

var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// A bodyReader reads the bodies of pushes.
type bodyReader struct {
	encodings []string // that are accepted; the empty one stands for none
	limit     int64    // of a body in bytes, as it comes and decompressed
}

// read returns the body in that encoding as one string, decompressed, and how large it was as it came. It is read to its end before it is
// decompressed, so that a client that is slow holds no decompressor. An error is a *bodyError, an *encodingError, or of the share.
func (r *bodyReader) read(req *http.Request, encoding string, s *share) (decompressed string, size int, err error) {
	if !r.accepts(encoding) {
		return "", 0, &encodingError{encoding: encoding, accepted: acceptedEncodings(r.encodings)}
	}
	if req.ContentLength > r.limit {
		return "", 0, &bodyError{err: &tooLargeError{size: req.ContentLength, limit: r.limit}}
	}
	body := &text{share: s, limit: r.limit, expected: req.ContentLength}
	err = body.readFrom(req.Body)
	size = body.b.Len()
	if err == nil && encoding != "" {
		body, err = decompress(body, encoding)
	}
	if err != nil {
		return "", 0, &bodyError{err: err}
	}
	return body.String(), size, nil
}

func (r *bodyReader) accepts(encoding string) bool {
	return slices.Contains(r.encodings, encoding) || (encoding == "" && len(r.encodings) == 0)
}

const contentEncoding = "Content-Encoding"

// encodingOf returns the Content-Encoding in one spelling; it is empty if there is none.
func encodingOf(req *http.Request) string {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(req.Header.Values(contentEncoding), ", ")))
	switch encoding {
	case "identity":
		return ""
	case "x-gzip": // RFC 9110, section 8.4.1.3
		return "gzip"
	default:
		return encoding
	}
}

// acceptedEncodings lists encodings for a message; the empty one, which stands for none, is called identity.
func acceptedEncodings(encodings []string) string {
	if len(encodings) == 0 {
		return "identity"
	}
	names := slices.Clone(encodings)
	for i, name := range names {
		if name == "" {
			names[i] = "identity"
		}
	}
	return strings.Join(names, ", ")
}

// A text is a string that grows as it is read. It takes the memory of the share before it takes that of the machine.
type text struct {
	share    *share
	limit    int64 // in bytes
	expected int64 // bytes, if that is known

	b        strings.Builder
	reserved int
}

func (t *text) String() string { return t.b.String() }

// readFrom reads all that there is. An error is that of the reader, a *tooLargeError, or of the share.
func (t *text) readFrom(from io.Reader) error {
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for {
		n, err := from.Read(chunk[:])
		if err := t.write(chunk[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		runtime.Gosched() // let small pushes pass: many large bodies would keep the processors for long
	}
}

// discard reads what is left of a body and forgets it.
func discard(body io.Reader) {
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for {
		if _, err := body.Read(chunk[:]); err != nil {
			return
		}
		runtime.Gosched() // as above
	}
}

func (t *text) write(piece []byte) error {
	need := t.b.Len() + len(piece)
	if int64(need) > t.limit {
		return &tooLargeError{limit: t.limit}
	}
	if need > t.reserved {
		if err := t.reserve(t.room(need)); err != nil {
			return err
		}
	}
	t.b.Write(piece)
	return nil
}

// room returns how much to reserve if so much is needed.
func (t *text) room(need int) int {
	room := int64(max(need, 2*t.reserved, minReserved))
	if t.expected >= int64(need) {
		room = t.expected
		if need < maxReserved {
			room = min(room, maxReserved)
		}
	}
	return int(min(room, t.limit))
}

func (t *text) reserve(bytes int) error {
	if err := t.share.take(bytes); err != nil {
		return err
	}
	so := t.b.String()
	t.b = strings.Builder{}
	t.b.Grow(bytes)
	t.b.WriteString(so)
	t.share.putBack(t.reserved)
	t.reserved = bytes
	return nil
}

// drop gives up the text.
func (t *text) drop() {
	t.b = strings.Builder{}
	t.share.putBack(t.reserved)
	t.reserved = 0
}

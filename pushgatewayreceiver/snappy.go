package pushgatewayreceiver

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"

	"github.com/golang/snappy"
)

// snappyMagic is how the framing format begins:
// https://github.com/google/snappy/blob/main/framing_format.txt, section 4.1.
const snappyMagic = "\xff\x06\x00\x00sNaPpY"

// maxSnappyRatio is how much a byte of a block can stand for at most: a copy has 3 bytes, and stands for 64.
const maxSnappyRatio = 22

// A snappyReader reads both formats of snappy: the framing format, which the Pushgateway means by this name, and a block,
// which remote write means by it. So does confighttp's; but that has text alone for a block that is too large, and an error
// for a body that is empty, as the framing format makes it of nothing.
type snappyReader struct {
	io.Closer
	in    *bufio.Reader
	limit int64     // of a block
	out   io.Reader // nil before the first Read
}

func newSnappyReader(body io.ReadCloser, limit int64) *snappyReader {
	return &snappyReader{Closer: body, in: bufio.NewReader(body), limit: limit}
}

func (s *snappyReader) Read(p []byte) (int, error) {
	if s.out == nil {
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	return s.out.Read(p)
}

func (s *snappyReader) open() error {
	begin, err := s.in.Peek(len(snappyMagic)) // a block has no more in front than its length
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case len(begin) == 0:
		s.out = s.in
		return nil
	case string(begin) == snappyMagic:
		s.out = snappy.NewReader(s.in)
		return nil
	}
	size, _ := binary.Uvarint(begin) // if it is none, Decode will say so
	if size > uint64(s.limit) {      //nolint:gosec // the limit is positive
		return &http.MaxBytesError{Limit: s.limit}
	}
	block, err := io.ReadAll(s.in)
	if err != nil {
		return err
	}
	if size > maxSnappyRatio*uint64(len(block)) {
		return snappy.ErrCorrupt // Decode would make room for all that before it finds out
	}
	decoded, err := snappy.Decode(nil, block)
	s.out = bytes.NewReader(decoded)
	return err
}
